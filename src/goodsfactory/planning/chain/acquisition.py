"""Buy or fabricate: what a good costs either way, with the time it takes and the ships it needs.

Both ways pay the ask of an export in the end, since what is made is bought at the market that made it. They
differ in what feeding that market costs or earns, in how soon the market has enough, and in the ships that
feeding binds. So both are reckoned to credits: price and fuel by the price law, hours at what a factory
earns in an hour, ship-hours at what a ship earns in one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot
from goodsfactory.domain.supply_chain import Acquisition
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.decision import counted, duration
from goodsfactory.planning.market.siting import FactoryChoice
from goodsfactory.planning.market.sourcing import SourceChoice, choose_source
from goodsfactory.planning.market.spreading import asks_of, bids_of
from goodsfactory.planning.market.stock import PACE, TICK_SECONDS, loadable, pace, spare
from goodsfactory.planning.policy import Policy

MOST_TRANCHES = 40
"""Purchases beyond it cost what the last of them does: nobody buys so much at once."""


@dataclass(frozen=True)
class Stake:
    """What is wanted of the target, and what time is worth.

    ``units`` of the target, in holds of ``hold`` units. A node is made where that saves more than
    ``threshold`` credits; ``hour`` is what an hour of waiting costs, ``ship_hour`` an hour of one ship. A
    decision in force is kept unless the other way is better by ``hysteresis``.
    """

    units: int
    hold: int
    threshold: int = -5_000
    hour: int = 40_000
    ship_hour: int = 15_000
    hysteresis: int = 2_500


def stake_of(policy: Policy, units: int | None, hold: int) -> Stake:
    """What is at stake for ``units`` of the target (None: one hold) with holds of ``hold`` units."""
    hold = max(1, hold)
    return Stake(
        units or hold,
        hold,
        policy.profit_threshold,
        policy.hour_value,
        policy.ship_hour_value,
        policy.hysteresis,
    )


@dataclass(frozen=True)
class Cost:
    """What one way comes to. ``credits`` for goods and fuel, ``hours`` until there are enough, ``ship_hours``
    for feeding."""

    credits: float
    hours: float
    ship_hours: float = 0.0

    def total(self, stake: Stake) -> float:
        return self.credits + self.hours * stake.hour + self.ship_hours * stake.ship_hour

    def __str__(self) -> str:
        if self.hours == 0:
            return f"{self.credits:,.0f} credits at once"
        return f"{self.credits:,.0f} credits and {duration(self.hours * 3600)} of a market's production"


@dataclass(frozen=True)
class Weighing:
    """The decision for one node with its numbers in ``reason``; ``savings`` of making over buying, None where
    only one way is open."""

    acquisition: Acquisition
    reason: str
    savings: float | None = None


def weigh(
    need: int,
    others: int,
    source: SourceChoice,
    site: FactoryChoice,
    inputs: Sequence[Good],
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    stake: Stake,
    *,
    near: str | None,
    before: Acquisition | None,
) -> Weighing:
    """Choose how to come by ``need`` units. ``site`` must have a waypoint; ``near`` is where they go.

    ``others`` units of what ``source`` has are wanted by the player's other factories.

    Without a source there is nothing to weigh: it is made. What has not been seen yet is bought until it was
    looked at, since looking costs one visit.
    """
    if source.waypoint is None or source.listing is None:
        if source.unseen:
            return Weighing(Acquisition.BUY, "Bought, once its sellers were looked at")
        return Weighing(Acquisition.FABRICATE, f"Made because it cannot be bought ({source.reason})")
    if site.listing is None:
        return Weighing(Acquisition.BUY, f"Bought, since {site.waypoint}, where it is made, was not seen yet")
    if need + others <= _enough(source.listing, before):
        has = f"{source.waypoint} has enough for the {counted(need, 'unit')} wanted"
        cost = purchase(source.listing, need)
        return Weighing(Acquisition.BUY, f"Bought: {has}, for about {cost:,.0f} credits")
    buying = _buying(need, others, source.listing, source.waypoint, inputs, markets, chart, near, stake)
    making = _making(need, others, site, inputs, markets, chart, near, stake)
    savings = buying.total(stake) - making.total(stake)
    bar = float(stake.threshold)
    if before is not None:
        bar += stake.hysteresis * (-1 if before is Acquisition.FABRICATE else 1)
    chosen = Acquisition.FABRICATE if savings > bar else Acquisition.BUY
    word = "Made" if chosen is Acquisition.FABRICATE else "Bought"
    numbers = f"{counted(need, 'unit')} bought cost {buying}, made {making}"
    kept = ", as before" if before is chosen else ""
    verdict = f"{_gain(savings)}, time and ships counted; it is made where it {_bound(bar)}"
    return Weighing(chosen, f"{word}{kept}: {numbers}; making {verdict}", savings)


def _gain(savings: float) -> str:
    amount = round(savings)
    return f"saves {amount:,} credits" if amount >= 0 else f"costs {-amount:,} credits more"


def _bound(bar: float) -> str:
    return f"saves more than {bar:,.0f}" if bar >= 0 else f"costs less than {-bar:,.0f} more"


def _enough(listing: Listing, before: Acquisition | None) -> int:
    """Units that can be had without making any; a trade volume to and fro changes no decision in force."""
    leaning = {Acquisition.BUY: 1, Acquisition.FABRICATE: -1, None: 0}[before]
    return loadable(listing) + leaning * listing.trade_volume


def _buying(
    need: int,
    others: int,
    listing: Listing,
    waypoint: str,
    inputs: Sequence[Good],
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    near: str | None,
    stake: Stake,
) -> Cost:
    short = min(need, max(0, need + others - loadable(listing)))
    # The present pace lasts as long as the inputs that lie there: nobody brings more to where we only buy.
    lasting = min(short, _spare_inputs(waypoint, inputs, markets))
    unfed = min(pace(listing), PACE[Activity.WEAK] * listing.trade_volume * 3600 / TICK_SECONDS)
    hours = lasting / max(pace(listing), 0.01) + (short - lasting) / max(unfed, 0.01)
    trips = -(-need // stake.hold)
    return Cost(purchase(listing, need) + trips * chart.haul(waypoint, near).credits, hours)


def _spare_inputs(waypoint: str, inputs: Sequence[Good], markets: Sequence[MarketSnapshot]) -> int:
    """Units of the scarcest input that a market may use before it throttles (economy.md §6.3)."""
    market = next(market for market in markets if market.waypoint == waypoint)
    listed = [listing for good in inputs if (listing := market.listing(good)) is not None]
    return max(0, min((spare(listing) for listing in listed), default=0))


def _making(
    need: int,
    others: int,
    site: FactoryChoice,
    inputs: Sequence[Good],
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    near: str | None,
    stake: Stake,
) -> Cost:
    assert site.listing is not None
    assert site.waypoint is not None
    market = next(market for market in markets if market.waypoint == site.waypoint)
    short = min(need, max(0, need + others - loadable(site.listing)))
    trips = -(-need // stake.hold)
    credits = purchase(site.listing, need) + trips * chart.haul(site.waypoint, near).credits
    hours = short / max(pace(site.listing, fed=True), 0.01)
    ship_hours = late = 0.0
    for good in inputs:
        there = market.listing(good)
        units = max(stake.hold, short) - (max(0, spare(there)) if there else 0)
        if units <= 0:
            continue
        loads = -(-units // stake.hold)
        feed = choose_source(good, markets, chart, near=site.waypoint)
        fuel, trip_hours = chart.haul(feed.waypoint, site.waypoint)
        credits += loads * fuel
        ship_hours += 2 * loads * trip_hours
        if feed.listing is None or there is None:
            late = max(late, 2 * TICK_SECONDS / 3600)  # it must be made, or be looked at, first
            continue
        credits += purchase(feed.listing, units) - sale(there, units)
        missing = max(0, units - loadable(feed.listing))
        late = max(late, trip_hours, missing / max(pace(feed.listing), 0.01) if short else 0.0)
    return Cost(credits, hours + (late if short else 0.0), ship_hours)


@lru_cache(maxsize=8192)
def purchase(listing: Listing, units: int) -> float:
    """Credits for ``units``, tranche by tranche; what must be made first costs what the last did."""
    most = min(units, max(loadable(listing), listing.trade_volume))
    asks = asks_of(listing, _tranches(listing, most))
    return _paid(asks, listing.trade_volume, units)


@lru_cache(maxsize=8192)
def sale(listing: Listing, units: int) -> float:
    """Credits for ``units`` sold in loads over time: nobody sells below the bid of a full import, so no more
    than four trade volumes count as sold at once."""
    bids = bids_of(listing, _tranches(listing, min(units, 4 * listing.trade_volume)))
    bids = [max(1, bid) for bid in bids]
    average = sum(bids) / len(bids)
    return units * average


def _tranches(listing: Listing, units: int) -> list[int]:
    """Whole ones, enough for so many units, but no more than anybody trades at once."""
    return [listing.trade_volume] * min(MOST_TRANCHES, max(1, -(-units // listing.trade_volume)))


def _paid(prices: Sequence[int], volume: int, units: int) -> float:
    paid, left = 0.0, units
    for price in prices:
        taken = min(volume, left)
        paid += taken * price
        left -= taken
    return paid + left * prices[-1]
