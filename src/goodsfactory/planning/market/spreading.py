"""Selling one good over several markets: where each load goes, and when the rest of one goes on.

Every tranche lowers the bid, the more the fuller the market already is (economy.md §1.7), and it takes hours
to recover. So a load is sold where its whole ladder of tranches pays best, and what is left of it goes on as
soon as the next tranche would pay less than another market does, the flight there paid.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Listing, MarketSnapshot, TradeType
from goodsfactory.domain.pricing import purchase_ladder, sale_ladder
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.policy import Policy

WORTH_MOVING = 1.03
"""How much more another market must pay: bids that were not seen just now are not quite certain."""


@dataclass(frozen=True)
class NextMarket:
    """Take the rest of the load to ``waypoint``, for ``reason``."""

    waypoint: str
    reason: str


def next_market(
    good: Good,
    aboard: int,
    ship: Ship,
    here: Listing,
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    *,
    avoid: Collection[str],
    policy: Policy,
) -> NextMarket | None:
    """Where the ``aboard`` units left sell better than where the ship is (``here`` as seen just now), if
    anywhere.

    ``avoid`` are markets where somebody else is selling the good, and the one it was lifted at.
    """
    if aboard < 1:
        return None
    best: tuple[float, str, float] | None = None
    for market in markets:
        listing = market.listing(good)
        if listing is None or market.waypoint == ship.nav.waypoint or market.waypoint in avoid:
            continue
        cost = chart.flight_cost(ship, market.waypoint, policy.ship_hour_value)
        if listing.type is TradeType.EXPORT or cost is None:
            continue
        flight = cost / aboard
        pays = mean_bid(listing, min(aboard, 2 * listing.trade_volume)) - flight
        if best is None or (pays, market.waypoint) > best[:2]:
            best = (pays, market.waypoint, flight)
    if best is None or best[0] <= here.bid * WORTH_MOVING:
        return None
    pays, waypoint, flight = best
    return NextMarket(
        waypoint,
        f"{waypoint} is to pay {pays:,.0f} for {good}, the flight paid ({flight:,.0f} each); "
        f"{ship.nav.waypoint} pays {here.bid:,} by now",
    )


@lru_cache(maxsize=8192)
def mean_bid(listing: Listing, units: int) -> float:
    """Credits a unit brings when ``units`` are sold here in a row, by the price law; 0.0 for none."""
    tranches = tranches_of(units, listing)
    bids = bids_of(listing, tranches)
    return sum(bid * count for bid, count in zip(bids, tranches, strict=True)) / units if tranches else 0.0


def tranches_of(units: int, listing: Listing) -> list[int]:
    """Units of each transaction that trades so many here."""
    whole, rest = divmod(max(0, units), listing.trade_volume)
    return [listing.trade_volume] * whole + ([rest] if rest else [])


def asks_of(listing: Listing, tranches: Sequence[int]) -> list[int]:
    """The ask that each of the ``tranches`` meets, bought here in a row, by the price law."""
    return purchase_ladder(
        listing.type,
        listing.ask,
        listing.bid,
        listing.trade_volume,
        BASE_PRICES.get(listing.good),
        tranches,
        supply=listing.supply,
        activity=listing.activity,
    )


def bids_of(listing: Listing, tranches: Sequence[int]) -> list[int]:
    """The bid that each of the ``tranches`` meets, sold here in a row, by the price law."""
    return sale_ladder(
        listing.type,
        listing.ask,
        listing.bid,
        listing.trade_volume,
        BASE_PRICES.get(listing.good),
        tranches,
        supply=listing.supply,
        activity=listing.activity,
    )
