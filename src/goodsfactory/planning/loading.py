"""How much a voyage loads: the next tranche must fit, be allowed, and pay at the other end."""

from collections.abc import Sequence
from dataclasses import dataclass

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.leg import HandOver, Leg
from goodsfactory.domain.market import Listing, MarketSnapshot
from goodsfactory.domain.pricing import sale_ladder
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.tranches import TrancheDecision, ceiling_for, next_tranche


@dataclass(frozen=True)
class LoadingView:
    """What the next tranche is decided from. ``budget`` is credits above reservations and floor.

    ``margin`` is the share of its ask that an output must bring on top of it where it is sold.
    """

    leg: Leg
    ship: Ship
    listing: Listing
    markets: Sequence[MarketSnapshot]
    budget: int
    margin: float = 0.0


def decide_tranche(view: LoadingView, policy: Policy) -> TrancheDecision:
    """The next purchase of a voyage, or 0 units with the reason to leave.

    The first tranche of a feed is what the edge was opened for; a further one, and all of an output that is
    to be sold, must not cost more than the destination is predicted to pay for it (economy.md §9.12).
    """
    leg = view.leg
    decision = next_tranche(
        view.listing,
        wanted=leg.units - leg.bought,
        free=view.ship.hold.free,
        budget=view.budget,
        ceiling=ceiling_of(view, policy),
    )
    first_feed = leg.feeds is not None and leg.bought == 0
    if decision.units == 0 or leg.hand_over is HandOver.KEEP or first_feed:
        return decision
    bid = expected_bid(view, decision.units)
    least = view.listing.ask * (1 + view.margin) if leg.is_lift else view.listing.ask
    if bid is not None and least > bid:
        return TrancheDecision(
            0,
            0,
            f"no longer pays: {leg.good} asks {view.listing.ask:,}, {leg.destination} would pay {bid:,}",
            SpendRule.PRICE,
        )
    return decision


def ceiling_of(view: LoadingView, policy: Policy) -> int | None:
    """The highest ask to accept, measured by other healthy sources."""
    return ceiling_for(view.leg.good, view.markets, exclude=view.leg.source, ratio=policy.ceiling_ratio)


def expected_bid(view: LoadingView, units: int) -> int | None:
    """What the destination should pay for the next ``units`` once what is aboard is sold there."""
    target = next((m for m in view.markets if m.waypoint == view.leg.destination), None)
    listing = target.listing(view.leg.good) if target else None
    if listing is None:
        return None
    aboard = view.ship.hold.of(view.leg.good)
    steps = [*_split(aboard, listing.trade_volume), min(units, listing.trade_volume)]
    ladder = sale_ladder(
        listing.type,
        listing.ask,
        listing.bid,
        listing.trade_volume,
        BASE_PRICES.get(view.leg.good),
        steps,
        supply=listing.supply,
        activity=listing.activity,
    )
    return ladder[-1]


def _split(units: int, trade_volume: int) -> list[int]:
    whole, rest = divmod(units, trade_volume)
    return [trade_volume] * whole + ([rest] if rest else [])
