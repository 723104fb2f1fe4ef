"""How much a voyage loads: the next tranche must fit, be allowed, and pay at the other end."""

from collections.abc import Mapping
from dataclasses import dataclass

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.leg import HandOver, Leg
from goodsfactory.domain.market import Listing, MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.market.markup import least_margin
from goodsfactory.planning.market.spreading import bids_of, tranches_of
from goodsfactory.planning.market.tranches import TrancheDecision, ceiling_for, next_tranche
from goodsfactory.planning.policy import Policy

Markets = Mapping[str, MarketSnapshot]


@dataclass(frozen=True)
class Purse:
    """``free`` credits above reservations and floor; ``held`` says why nothing at all may be spent.

    What a ``continuous`` factory makes is bought only where its sale brings a margin.
    """

    free: int
    held: str | None = None
    continuous: bool = False


def decide_tranche(
    leg: Leg, ship: Ship, listing: Listing, markets: Markets, purse: Purse, policy: Policy
) -> TrancheDecision:
    """The next purchase at ``listing``, or 0 units with the reason to leave.

    The first tranche of a feed is what the edge was opened for; a further one, and all of an output that is
    to be sold, must not cost more than the destination is predicted to pay for it (economy.md §9.12).
    """
    decision = next_tranche(
        listing,
        wanted=leg.units - leg.bought,
        free=ship.hold.free,
        budget=purse.free,
        ceiling=ceiling_of(leg, markets, policy),
    )
    first_feed = leg.feeds is not None and leg.bought == 0
    if decision.units == 0 or leg.hand_over is HandOver.KEEP or first_feed:
        return decision
    bid = expected_bid(leg, ship, markets, decision.units)
    margin = least_margin(listing, policy) if purse.continuous and leg.is_lift else 0.0
    if bid is None or listing.ask * (1 + margin) <= bid:
        return decision
    reason = f"no longer pays: {leg.good} asks {listing.ask:,}, {leg.destination} would pay {bid:,}"
    return TrancheDecision(0, 0, reason, SpendRule.PRICE)


def ceiling_of(leg: Leg, markets: Markets, policy: Policy) -> int | None:
    """The highest ask to accept, measured by other healthy sources."""
    return ceiling_for(leg.good, list(markets.values()), exclude=leg.source, ratio=policy.ceiling_ratio)


def expected_bid(leg: Leg, ship: Ship, markets: Markets, units: int) -> int | None:
    """What the destination should pay for the next ``units`` once what is aboard is sold there."""
    market = markets.get(leg.destination or "")
    listing = market.listing(leg.good) if market is not None else None
    if listing is None:
        return None
    aboard = tranches_of(ship.hold.of(leg.good), listing)
    return bids_of(listing, [*aboard, min(units, listing.trade_volume)])[-1]
