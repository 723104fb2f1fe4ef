"""One voyage as a machine of steps: go to the source, buy, go to the destination, sell or keep.

It is pure and remembers nothing: the leg, the ship and the last look say how far a voyage got. Whoever flies
one asks for the next step, does it and asks again; after a crash he only asks again. Workers fly voyages in
the game, orders by hand begin with a LADEN leg, and the replays of a quote fly them in a model.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.errors import SpendRefused, SpendRule
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import HandOver, Leg, LegState
from goodsfactory.domain.market import Listing, MarketSnapshot, TradeType
from goodsfactory.domain.ship import NavStatus, Ship
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.market.loading import Purse, ceiling_of, decide_tranche
from goodsfactory.planning.market.spreading import NextMarket, next_market
from goodsfactory.planning.policy import Policy


@dataclass(frozen=True)
class Sight:
    """``markets`` as they were last seen, by waypoint, and the open ``legs`` of the agent.

    ``looked`` is True where the last step was a look: the ship is still there and has not traded since.
    """

    looked: bool
    markets: Mapping[str, MarketSnapshot]
    chart: Chart
    legs: Collection[Leg] = ()

    def listing(self, waypoint: str, good: Good, now: datetime, policy: Policy) -> Listing | None:
        """The price of a good, fresh enough to trade at; None where there is none such."""
        market, window = self.markets.get(waypoint), timedelta(seconds=policy.price_window / 2)
        return market.listing(good) if market is not None and market.is_fresh(now, window) else None


@dataclass(frozen=True)
class Go:
    """Be docked at ``waypoint``."""

    waypoint: str


@dataclass(frozen=True)
class Look:
    """Read the market where the ship is."""

    waypoint: str


@dataclass(frozen=True)
class Buy:
    """Buy a tranche; ``ceiling`` is the highest ask to accept, where there is one."""

    units: int
    ceiling: int | None = None


@dataclass(frozen=True)
class Carry:
    """Loading is over: the leg is LADEN."""

    reason: str


@dataclass(frozen=True)
class Divert:
    """The rest of the load is sold elsewhere: ``waypoint`` is the leg's destination."""

    waypoint: str
    reason: str


@dataclass(frozen=True)
class Sell:
    """Sell a tranche."""

    units: int


@dataclass(frozen=True)
class Keep:
    """The load stays in the hold: the leg is DONE."""

    reason: str


@dataclass(frozen=True)
class Wait:
    """Ship and cargo stay together and try again later."""

    reason: str
    rule: SpendRule


@dataclass(frozen=True)
class GiveBack:
    """Nothing is aboard, and money or a price may allow a purchase later: leg and ship part."""

    reason: str
    rule: SpendRule


@dataclass(frozen=True)
class End:
    """The leg is over: DONE, CANCELLED or FAILED."""

    state: LegState
    reason: str


Step = Go | Look | Buy | Carry | Divert | Sell | Keep | Wait | GiveBack | End


def next_step(leg: Leg, ship: Ship, sight: Sight, purse: Purse, now: datetime, policy: Policy) -> Step:
    """What the voyage of a flying leg does next: the first line whose condition holds."""
    source, sink, hold = leg.source, leg.destination, ship.hold
    if leg.state is LegState.LOADING:
        if leg.clears:
            return _loaded(leg, ship, f"{leg.aboard} {leg.good} were left aboard")
        if _is_full(leg, ship) and not _is_docked(ship, source):
            return _loaded(leg, ship, f"{leg.aboard} {leg.good} were aboard already")
        if hold.free == 0 and leg.bought == 0:
            full = f"{hold.units} of {hold.capacity} units are full"
            return End(LegState.FAILED, f"{ship.symbol} has no cargo space: {full}.")
        if purse.held is not None and leg.bought == 0:
            # No ship flies, and burns fuel, to buy what it may not.
            return GiveBack(purse.held, SpendRule.LEDGER)
        if not _is_docked(ship, source):
            return Go(source)
        if not sight.looked:
            # Others trade here too: a source that was rich a minute ago may be drained by now.
            return Look(source)
        return _buy(leg, ship, sight, purse, now, policy)
    if sink is None:
        return Keep(f"{leg.bought} {leg.good} are in the hold of {ship.symbol}")
    left = _left(leg, ship)
    if left == 0 and leg.delivered == 0:
        return End(LegState.FAILED, f"{ship.symbol} should carry {leg.good} and carries none.")
    if not _is_docked(ship, sink):
        return Go(sink)
    unpriced = sight.listing(sink, leg.good, now, policy) is None
    if not sight.looked and (leg.feeds is None or unpriced or left == 0):
        # Each tranche of an output has moved its bid; and planners see at once what a delivery did.
        return Look(sink)
    if left == 0:
        sold = f"{leg.delivered} {leg.good} to {sink} for {leg.revenue:,}"
        return End(LegState.DONE, f"{ship.symbol} delivered {sold}")
    return _sell(leg, ship, sink, sight, now, policy)


def after_refusal(step: Step, leg: Leg, ship: Ship, refusal: SpendRefused) -> Step:
    """What follows a ``step`` that the spend gate refused: a tranche, or the fuel to go."""
    if leg.state is LegState.LOADING and (leg.bought == 0 or isinstance(step, Buy)):
        rule = refusal.rule if isinstance(step, Buy) else _OF_THIS_SHIP.get(refusal.rule, refusal.rule)
        return _loaded(leg, ship, str(refusal), rule)
    return Wait(str(refusal), refusal.rule)


_OF_THIS_SHIP = {
    SpendRule.FLOOR: SpendRule.BALANCE,
    SpendRule.CEILING: SpendRule.PRICE,
    SpendRule.PRICE_UNKNOWN: SpendRule.PRICE_AGE,
}
"""What a refusal of fuel says of the load: another ship may need none, or find it elsewhere."""


def miscount(leg: Leg, ship: Ship) -> int:
    """Units aboard that the leg does not count and is to carry; below 0, units it counts that are gone.

    Its good was paid for once where it is aboard before a purchase: an input is all taken along, of what is
    to be sold no more than is wanted. What it makes to be kept may lie beside what was made before.
    """
    extra = ship.hold.of(leg.good) - leg.aboard
    takes = leg.state is LegState.LOADING and leg.bought == 0 and leg.hand_over is not HandOver.KEEP
    most = extra if leg.feeds else leg.units
    return min(extra, most) if extra < 0 or takes else 0


def try_again_at(now: datetime, policy: Policy) -> datetime:
    """When what a leg was to buy that is given back now may be tried again."""
    return now + timedelta(seconds=policy.retry_limit / 4)


def _buy(leg: Leg, ship: Ship, sight: Sight, purse: Purse, now: datetime, policy: Policy) -> Step:
    """The next tranche at the source, just looked at, or the end of loading."""
    market, listing = sight.markets.get(leg.source), sight.listing(leg.source, leg.good, now, policy)
    if market is None or market.type_of(leg.good) in (None, TradeType.IMPORT):
        none_sold = f"{leg.source} does not sell {leg.good}."
        return Carry(none_sold) if leg.bought else End(LegState.FAILED, none_sold)
    if listing is None:
        hidden = f"{leg.source} does not show its price of {leg.good}."
        return _loaded(leg, ship, hidden, SpendRule.PRICE_UNKNOWN)
    tranche = decide_tranche(leg, ship, listing, sight.markets, purse, policy)
    if tranche.units == 0:
        return _loaded(leg, ship, tranche.reason, tranche.rule)
    return Buy(tranche.units, ceiling_of(leg, sight.markets, policy))


def _loaded(leg: Leg, ship: Ship, reason: str, rule: SpendRule | None = None) -> Step:
    """Loading is over. With nothing bought, money comes back later; a drained source asks for other plans."""
    if leg.bought:
        return Carry(reason)
    if rule is not None:
        return GiveBack(reason, rule)
    return End(LegState.CANCELLED, f"{ship.symbol} bought nothing at {leg.source}: {reason}")


def _sell(leg: Leg, ship: Ship, sink: str, sight: Sight, now: datetime, policy: Policy) -> Step:
    """The next tranche at the destination, unless it pays better elsewhere or too little here."""
    market, listing = sight.markets.get(sink), sight.listing(sink, leg.good, now, policy)
    if listing is not None and leg.feeds is None:
        onward = _onward(leg, ship, listing, sight, policy)
        if onward is not None:
            return Divert(onward.waypoint, onward.reason)
    if market is None or market.type_of(leg.good) is None:
        return End(LegState.FAILED, f"{sink} does not take {leg.good}.")
    if listing is None:
        return Wait(f"{sink} does not show its price of {leg.good}.", SpendRule.PRICE_UNKNOWN)
    paid = leg.cost / leg.bought if leg.bought else 0.0
    if leg.is_lift and listing.bid < paid * policy.dump_ratio:
        sentence = f"price: {sink} pays {listing.bid:,} for {leg.good} that cost {paid:,.0f}"
        return Wait(f"{sentence}, the market is left to recover", SpendRule.PRICE)
    return Sell(min(_left(leg, ship), listing.trade_volume))


def _left(leg: Leg, ship: Ship) -> int:
    """Units to hand over yet: what lies beside the load is not the leg's."""
    return min(leg.aboard, ship.hold.of(leg.good))


def _onward(leg: Leg, ship: Ship, here: Listing, sight: Sight, policy: Policy) -> NextMarket | None:
    """Whether the rest sells better elsewhere: not where another leg sells it, nor where it was lifted."""
    others = [one for one in sight.legs if one.state.is_open and one.id != leg.id and one.good == leg.good]
    avoid = {one.destination for one in others if one.destination}
    if leg.is_lift:
        avoid.add(leg.source)
    markets = list(sight.markets.values())
    return next_market(
        leg.good, _left(leg, ship), ship, here, markets, sight.chart, avoid=avoid, policy=policy
    )


def _is_full(leg: Leg, ship: Ship) -> bool:
    return leg.bought >= leg.units or (leg.bought > 0 and ship.hold.free == 0)


def _is_docked(ship: Ship, waypoint: str) -> bool:
    return ship.nav.waypoint == waypoint and ship.nav.status is NavStatus.DOCKED
