"""The baseline: ships that buy finished goods where they are cheap and sell them where they are dear.

A trader sees the whole market and, for each ship that is free, takes the deal that earns most for the time it
takes: one good, its best source, its best sink that nobody else is selling it at, as many units as pay by the
price law. It produces nothing. Voyages, prices, money, spending rules and scouting are the application's own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from goodsfactory.daemon.application import Application
from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.container import Container, ContainerType
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, GoodsFactory, Terminal
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.market import Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.domain.pricing import purchase_ladder, sale_ladder
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.chart.chart import Chart, chart_of
from goodsfactory.planning.matching import Match
from goodsfactory.ports.store import Transaction
from goodsfactory.production.dispatcher import Dispatcher

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


class GreedyDispatcher(Dispatcher):
    """Gives ships deals instead of legs that factories want."""

    def __init__(self, *parts: object, recipes: RecipeMap, exclude: frozenset[str]) -> None:
        super().__init__(*parts)  # type: ignore[arg-type]  # the parts of a Dispatcher, as they are
        self._made = frozenset(
            good for good in recipes.goods if recipes.inputs(good) and not recipes.is_raw(good)
        )
        self._exclude = exclude

    async def dispatch(self, player_id: int) -> tuple[str | None, float]:
        """One pass: a deal for every ship that is free, and looks at what is old."""
        taken_back = await self._store.transact(lambda tx: self._take_back(tx, player_id))
        deals = await self._store.transact(lambda tx: self._deals(tx, player_id))
        for leg, ship in deals:
            await self._store.transact(lambda tx: tx.legs.add([leg]))  # noqa: B023 - used at once
            await self._assign(Match(leg, ship, leg.value, leg.reason), player_id)
        await self._store.transact(lambda tx: self._want_looks(tx, player_id))
        looks, _ = await super().dispatch(player_id)
        effect = looks or (f"{len(deals)} deals" if deals or taken_back else None)
        return effect, self._policy.dispatcher_interval

    def _take_back(self, tx: Transaction, player_id: int) -> int:
        """A deal that was given back is no deal any more: another is looked for."""
        back = [leg for leg in tx.legs.open_of_player(player_id) if leg.state is LegState.READY]
        for leg in back:
            tx.legs.update(leg.cancel("given back", self._clock.now()))
        return len(back)

    def _deals(self, tx: Transaction, player_id: int) -> list[tuple[Leg, Ship]]:
        now = self._clock.now()
        claimed = {claim.ship for claim in tx.claims.of_player(player_id)}
        flying = tx.legs.open_of_player(player_id)
        taken = {(leg.good, leg.destination) for leg in flying if leg.destination}
        found: list[tuple[Leg, Ship]] = []
        for ship in tx.ships.of_player(player_id):
            idle = ship.symbol not in claimed and not ship.is_probe and ship.symbol not in self._exclude
            if not idle or ship.hold.units:
                continue
            system = ship.nav.system
            markets = tx.markets.in_system(system)
            chart = chart_of(tx.waypoints.in_system(system), markets)
            deal = best_deal(ship, markets, chart, self._made, taken)
            if deal is None:
                continue
            taken.add((deal.good, deal.sink))
            leg = Leg(
                id=self._new_id(),
                player_id=player_id,
                good=deal.good,
                hand_over=HandOver.SELL,
                feeds=None,
                pegs=(Peg(FACTORY, deal.units),),
                source=deal.source,
                destination=deal.sink,
                value=round(deal.profit),
                reason=f"{deal.profit:,.0f} credits for {deal.units} {deal.good}",
                created_at=now,
            )
            found.append((leg, ship))
        return found

    def _want_looks(self, tx: Transaction, player_id: int) -> None:
        """Whoever is idle looks at markets that were never seen, or not for long."""
        now = self._clock.now()
        factory = tx.factories.get(FACTORY, player_id)
        assert factory is not None
        old = [
            market.waypoint
            for market in tx.markets.in_system(factory.system_symbol)
            if (age := market.age(now)) is None or age > timedelta(seconds=self._policy.market_ttl)
        ]
        wish = NodeProgress(
            FACTORY, "ALL", NodeState.WAITING_SOURCE, "prices to trade by", now, look_at=tuple(old)
        )
        tx.factories.save_nodes([wish])


def trade_greedily(
    application: Application, new_id: Callable[[], str], recipes: RecipeMap, exclude: frozenset[str]
) -> None:
    """Let the dispatchers that start from now on trade instead of serving factories."""

    async def dispatch(container: Container) -> str | None:
        crew = application.roster.crew(container.player_id)
        parts = (
            application.store,
            application.clock,
            application.settings.policy,
            application.engine,
            crew.roll_call,
            new_id,
        )
        return await GreedyDispatcher(*parts, recipes=recipes, exclude=exclude).run(container)

    application.engine.register(ContainerType.DISPATCHER, dispatch, restarts=None)


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
