"""The baseline: ships that buy finished goods where they are cheap and sell them where they are dear.

A trader sees the whole market and, for each ship that is free, takes the deal that earns most for the time it
takes: one good, its best source, its best sink that nobody else is selling it at, as many units as pay by the
price law. It produces nothing. Voyages, prices, money, spending rules and scouting are the application's own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from goodsfactory.daemon.application import Application
from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.container import Container, ContainerType
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, GoodsFactory, Terminal
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.market import Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.domain.pricing import purchase_ladder, sale_ladder
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.chain.current import Chains
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.dispatch.matching import Match
from goodsfactory.planning.plan import Plan, give_out
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.value import Worth
from goodsfactory.planning.situation import Situation
from goodsfactory.planning.snapshot import FactoryDecision, Verdict
from goodsfactory.production.planner import Planner

FACTORY = "greedy"
OVERHEAD = 60
"""Seconds a voyage takes beside its flights: docking, looking, a transaction for each tranche."""


@dataclass(frozen=True)
class Deal:
    """``units`` of a good from ``source`` to ``sink``, for ``profit`` credits by the price law."""

    good: str
    source: str
    sink: str
    units: int
    profit: float


def best_deal(
    ship: Ship,
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    goods: frozenset[str],
    taken: set[tuple[str, str]],
) -> Deal | None:
    """The deal that earns most for each second of its flights; None where none earns anything."""
    best: tuple[float, Deal] | None = None
    for good in sorted(goods):
        sellers = [one for one in _listed(good, markets) if _sells(one[1])]
        buyers = [
            one
            for one in _listed(good, markets)
            if one[1].type is not TradeType.EXPORT and (good, one[0]) not in taken
        ]
        if not sellers or not buyers:
            continue
        source, cheap = min(sellers, key=lambda one: (one[1].ask, one[0]))
        for sink, dear in buyers:
            if sink == source:
                continue
            units, profit = _worth(cheap, dear, ship.hold.capacity)
            if units == 0:
                continue
            seconds = OVERHEAD + (chart.flight(ship, ship.nav.waypoint, source) or 0)
            seconds += chart.flight(ship, source, sink) or 0
            deal = Deal(good, source, sink, units, profit)
            if best is None or profit / seconds > best[0]:
                best = (profit / seconds, deal)
    return None if best is None else best[1]


def _listed(good: str, markets: Sequence[MarketSnapshot]) -> Iterator[tuple[str, Listing]]:
    for market in markets:
        listing = market.listing(good)
        if listing is not None:
            yield market.waypoint, listing


def _sells(listing: Listing) -> bool:
    return listing.type is TradeType.EXPORT and listing.supply.at_least(Supply.LIMITED)


@lru_cache(maxsize=20_000)
def _worth(cheap: Listing, dear: Listing, hold: int) -> tuple[int, float]:
    """How many units pay, and what they earn together."""
    size = min(cheap.trade_volume, dear.trade_volume, hold)
    tranches = [size] * (hold // size)
    asks = purchase_ladder(
        cheap.type,
        cheap.ask,
        cheap.bid,
        cheap.trade_volume,
        BASE_PRICES.get(cheap.good),
        tranches,
        cheap.supply,
    )
    bids = sale_ladder(
        dear.type, dear.ask, dear.bid, dear.trade_volume, BASE_PRICES.get(dear.good), tranches, dear.supply
    )
    units, profit = 0, 0.0
    for ask, bid in zip(asks, bids, strict=True):
        if bid <= ask:
            break
        units, profit = units + size, profit + size * (bid - ask)
    return units, profit


def trade_greedily(
    application: Application, new_id: Callable[[], str], recipes: RecipeMap, exclude: frozenset[str]
) -> None:
    """Let the planners that start from now on trade instead of serving factories."""
    made = frozenset(good for good in recipes.goods if recipes.inputs(good) and not recipes.is_raw(good))

    def planned(situation: Situation, now: datetime, policy: Policy, _: Chains) -> Plan:
        decision = FactoryDecision(
            Verdict.CONTINUE, "deals are made", (_wanted_looks(situation, now, policy),)
        )
        deals = _deals(situation, now, made, exclude)
        busy = {match.ship.symbol for match in deals}
        rest = replace(situation, ships=[one for one in situation.ships if one.symbol not in busy])
        plan = give_out(rest, {FACTORY: decision}, {}, (), now, policy)
        return replace(plan, matches=[*deals, *plan.matches], pause=policy.planner_interval)

    async def run(container: Container) -> str | None:
        crew = application.roster.crew(container.player_id)
        planner = Planner(
            application.store,
            application.clock,
            application.settings.policy,
            application.engine,
            recipes,
            crew.scout,
            crew.roll_call,
            new_id,
            planned,
        )
        return await planner.run(container)

    application.engine.register(ContainerType.PLANNER, run, restarts=None)


def _deals(situation: Situation, now: datetime, made: frozenset[str], exclude: frozenset[str]) -> list[Match]:
    """A deal for every ship that is free and empty."""
    taken = {(leg.good, leg.destination) for leg in situation.flying if leg.destination}
    found: list[Match] = []
    for ship in situation.ships:
        idle = ship.symbol not in situation.claims and not ship.is_probe and ship.symbol not in exclude
        if not idle or ship.hold.units:
            continue
        here = [one for name, one in situation.markets.items() if system_of(name) == ship.nav.system]
        deal = best_deal(ship, here, situation.chart, made, taken)
        if deal is None:
            continue
        taken.add((deal.good, deal.sink))
        reason = f"{deal.profit:,.0f} credits for {deal.units} {deal.good}"
        lot = Lot(
            FACTORY,
            deal.good,
            None,
            deal.source,
            deal.sink,
            deal.units,
            Worth(round(deal.profit)),
            reason,
            now,
        )
        found.append(Match(lot, ship, lot.worth.gain, reason))
    return found


def _wanted_looks(situation: Situation, now: datetime, policy: Policy) -> NodeProgress:
    """Whoever is idle looks at markets that were never seen, or not for long."""
    old = [
        market.waypoint
        for market in situation.markets.values()
        if (age := market.age(now)) is None or age > timedelta(seconds=policy.market_ttl)
    ]
    return NodeProgress(
        FACTORY, "ALL", NodeState.WAITING_SOURCE, "prices to trade by", now, look_at=tuple(old)
    )


def trading_house(player_id: int, system: str, application: Application) -> GoodsFactory:
    """The row that the deals are booked to; no coordinator works for it."""
    now = application.clock.now()
    return GoodsFactory(
        FACTORY,
        player_id,
        "ALL",
        system,
        now,
        now,
        status=FactoryStatus.ACTIVE,
        started_at=now,
        request=FactoryRequest(terminal=Terminal.SELL),
    )
