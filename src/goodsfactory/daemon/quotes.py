"""Quotes: before a factory is started, beside one that runs, and against what it took."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

import structlog

from goodsfactory.daemon.factories import Factories
from goodsfactory.daemon.reports import last_heard
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.scenes import Knowledge, read_knowledge, ship_hours
from goodsfactory.domain.container import Container
from goodsfactory.domain.errors import Unavailable, UserError
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, GoodsFactory
from goodsfactory.domain.leg_totals import bought_of
from goodsfactory.domain.quote import Comparison, Quote, Taken, compare
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.objections import objections, warnings
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.quote.quoting import REPLAYS, SIMULATED_REPLAYS, Before, QuoteOrder, quote
from goodsfactory.planning.snapshot import FleetView
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.treasury.books import read_books

MOST_SHIPS = 200
"""A replay with more ships than anybody has says nothing."""

PATIENCE = 1800.0
"""Game seconds after its start at which a factory is quoted with what is known, however little."""

CHECKED = 10.0
"""Game seconds between two looks whether enough is known for the quote of a factory that runs."""

ENDLESS = "it goes on without end: this is the quote of one lot"

Result = TypeVar("Result")


class Aside(Protocol):
    """Runs what takes processor time so that the loop goes on meanwhile."""

    def __call__(self, work: Callable[[], Result], /) -> Awaitable[Result]: ...


@dataclass(frozen=True)
class QuoteReport:
    """A factory's quote, None where none was taken, and what the factory has taken until now or its end."""

    factory: GoodsFactory
    quote: Quote | None
    taken: Taken
    comparisons: tuple[Comparison, ...]
    differences: tuple[str, ...]
    lots: float | None = None
    """how many of the one lot quoted were made of what goes on without end; None of what ends"""

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; described in docs/reference/json.md."""
        taken = self.taken
        return {
            "factory_id": self.factory.id,
            "target_good": self.factory.target_good,
            "status": self.factory.status.value,
            "final": taken.final,
            "quote": self.quote.to_json() if self.quote else None,
            "lots": None if self.lots is None else round(self.lots, 2),
            "taken": {
                "seconds": None if taken.seconds is None else round(taken.seconds, 1),
                "credits": taken.credits,
                "requests": taken.requests,
                "ship_hours": None if taken.ship_hours is None else round(taken.ship_hours, 3),
                "units": taken.units,
                "bought": [
                    {"good": good, "units": units, "cost": cost}
                    for good, (units, cost) in taken.bought.items()
                ],
            },
            "comparisons": [one.to_json() for one in self.comparisons],
            "differences": list(self.differences),
        }


class Quotes:
    """``requests`` says how many requests were sent since the daemon began. ``beside_factories`` is False
    where factories that start are not quoted. With ``handed_over`` outputs are taken off their ships at once.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        roster: Roster,
        factories: Factories,
        policy: Policy,
        *,
        requests: Callable[[], int],
        aside: Aside,
        beside_factories: bool,
    ) -> None:
        self._store = store
        self._clock = clock
        self._roster = roster
        self._factories = factories
        self._policy = policy
        self._requests = requests
        self._aside = aside
        self.beside_factories = beside_factories
        self._running: set[str] = set()
        self._shared: set[str] = set()
        """Coordinators that had another one beside them: nobody can tell whose a request was."""
        self.handed_over = False

    async def quote(
        self,
        player_id: int,
        target: str,
        system: str | None,
        request: FactoryRequest,
        *,
        cargo_ships: int | None = None,
        simulate: bool = False,
    ) -> Quote:
        """What a factory would take if it were started now. Nothing is spent and no ship is claimed.

        ``cargo_ships`` counts as if the player had so many of its best one. Raises UserError for a wish in
        vain.
        """
        if cargo_ships is not None and not 1 <= cargo_ships <= MOST_SHIPS:
            raise UserError(f"A quote is for 1 to {MOST_SHIPS} ships, not {cargo_ships}.")
        factory = await self._factories.plan(player_id, target, system, request)
        recipes = self._roster.crew(player_id).recipes
        now = self._clock.now()
        known = await self._store.transact(lambda tx: read_knowledge(tx, factory, recipes, self._policy, now))
        if cargo_ships is not None:
            situation = replace(known.scene.situation, ships=_fleet_of(known, cargo_ships))
            known = replace(known, scene=replace(known.scene, situation=situation))
        found = await self._replayed(
            known, replays=SIMULATED_REPLAYS if simulate else REPLAYS, timeline=simulate
        )
        return replace(found, cautions=(*_refusals(known), *found.cautions))

    @asynccontextmanager
    async def beside(self, container: Container) -> AsyncIterator[None]:
        """Take the quote of a coordinator's factory while it works, once its first looks are done.

        Its requests are counted where no other factory of this daemon ran meanwhile: they are its own then.
        """
        if not self.beside_factories:
            yield
            return
        factory_id, player_id = str(container.metadata["factory_id"]), container.player_id
        fresh = container.iteration == 0
        if self._running:
            self._shared.update(self._running, {container.id})
        self._running.add(container.id)
        before = self._requests()
        taking = asyncio.create_task(self._take(factory_id, player_id, before), name="quote")
        try:
            yield
        finally:
            taking.cancel()
            self._running.discard(container.id)
            alone = container.id not in self._shared
            self._shared.discard(container.id)
            await asyncio.gather(taking, return_exceptions=True)
        if fresh and alone:
            sent = self._requests() - before
            with suppress(Unavailable):
                await self._store.transact(lambda tx: tx.quotes.set_requests(factory_id, player_id, sent))

    async def of_factory(self, player_id: int, factory_id: str) -> Quote | None:
        return await self._store.transact(lambda tx: tx.quotes.of_factory(factory_id, player_id))

    async def report(self, player_id: int, factory_id: str) -> QuoteReport:
        """Set quote against outcome. Raises UserError where the player has no such factory."""
        told = await self._factories.report(player_id, factory_id)
        factory = told.factory

        def read(tx: Transaction) -> tuple[Quote | None, Taken]:
            now = told.now or last_heard(tx, factory)
            return tx.quotes.of_factory(factory_id, player_id), _taken(tx, factory, now)

        found, taken = await self._store.transact(read)
        if found is None:
            return QuoteReport(factory, found, taken, (), ())
        lots = None
        if factory.request.continuous and found.made.expected > 0:
            lots = taken.units / found.made.expected
        comparisons, differences = compare(found, taken.each(lots) if lots else taken)
        return QuoteReport(factory, found, taken, comparisons, differences, lots)

    async def _take(self, factory_id: str, player_id: int, requests_before: int) -> None:
        """A forecast is never worth a factory: whatever goes wrong with it is told in the log alone."""
        try:
            with suppress(Unavailable):
                while await self._is_awaited(factory_id, player_id):
                    await self._clock.sleep(CHECKED)
                await self._keep(factory_id, player_id, requests_before)
        except Exception:
            log = structlog.stdlib.get_logger(__name__)
            log.exception("The quote of a factory could not be taken", factory=factory_id)

    async def _is_awaited(self, factory_id: str, player_id: int) -> bool:
        """False once the quote can be taken, or need not be."""
        now = self._clock.now()

        def read(tx: Transaction) -> bool:
            factory = tx.factories.get(factory_id, player_id)
            if factory is None or factory.tree is None or factory.status.is_over:
                return False
            if (now - factory.created_at).total_seconds() > PATIENCE:
                return False
            # A quote is worth more once the first looks are done.
            nodes, markets = tx.factories.nodes(factory_id), tx.markets.in_system(factory.system_symbol)
            wanted = {place for node in nodes for place in node.look_at}
            return not nodes or any(one.waypoint in wanted and one.observed_at is None for one in markets)

        return await self._store.transact(read)

    async def _keep(self, factory_id: str, player_id: int, requests_before: int) -> None:
        recipes = self._roster.crew(player_id).recipes
        now = self._clock.now()

        def read(tx: Transaction) -> tuple[Knowledge, Before] | None:
            factory = tx.factories.get(factory_id, player_id)
            if factory is None or factory.status.is_over or factory.is_idle:
                return None
            if tx.quotes.of_factory(factory_id, player_id) is not None:
                return None
            before = Before(
                seconds=factory.age(now) or 0.0,
                credits=read_books(tx, factory).net_cost,
                requests=self._requests() - requests_before,
                ship_hours=ship_hours(tx, factory, now),
            )
            return read_knowledge(tx, factory, recipes, self._policy, now), before

        read_ = await self._store.transact(read)
        if read_ is None:
            return
        known, before = read_
        taken = await self._replayed(known, before=before)
        await self._store.transact(lambda tx: tx.quotes.save(factory_id, player_id, taken))

    async def _replayed(
        self,
        known: Knowledge,
        *,
        before: Before | None = None,
        replays: int = REPLAYS,
        timeline: bool = False,
    ) -> Quote:
        scene, request = known.scene, known.scene.factory.request
        tree = scene.factory.tree
        assert tree is not None
        # What goes on without end is quoted for one lot.
        one_lot = replace(scene.asking(replace(request, continuous=False)), handed_over=self.handed_over)

        def work() -> Quote:
            production = known.learned()
            phases = {key: one.phase for key, one in production.items() if one.phase is not None}
            order = QuoteOrder(
                scene=one_lot.learning(phases),
                tree=tree,
                replays=replays,
                before=before or Before(),
                timeline=timeline,
                production=production,
            )
            return quote(order)

        found = await self._aside(work)
        if request.continuous:
            found = replace(found, cautions=(ENDLESS, *found.cautions))
        return found


def _refusals(known: Knowledge) -> list[str]:
    """What would be said if the factory were started now with these ships."""
    seen, factory = known.scene.situation, known.scene.factory
    assert factory.tree is not None, "planned factories have a tree"
    request, system, markets = factory.request, factory.system_symbol, list(seen.markets.values())
    fleet = FleetView(seen.ships, seen.claims, request, system, seen.kept)
    against = objections(request, factory.tree, system, fleet, markets)
    return [*(f"it would be refused: {one.reason}" for one in against), *warnings(fleet, factory.tree)]


def _taken(tx: Transaction, factory: GoodsFactory, now: datetime) -> Taken:
    seconds = factory.age(now)
    return Taken(
        seconds=seconds,
        credits=read_books(tx, factory).net_cost,
        requests=tx.quotes.requests(factory.id, factory.player_id),
        ship_hours=None if seconds is None else ship_hours(tx, factory, now),
        units=factory.quantity_acquired,
        bought=bought_of([*tx.legs.totals(factory.id), *tx.legs.at_hand(factory.id)]),
        final=factory.status is FactoryStatus.COMPLETED,
    )


def _fleet_of(known: Knowledge, count: int) -> list[Ship]:
    """The probes, and as many of the best cargo ship as asked for: its own first, then copies of it.

    Raises UserError where the player has none to take as the pattern.
    """
    ships = known.scene.situation.ships
    probes = [ship for ship in ships if ship.is_probe]
    cargo = [ship for ship in ships if not ship.is_probe]
    if not cargo:
        raise UserError(
            "The player has no cargo ship to count with; buy one with `spacetraders ships buy`.",
            kind="precondition",
        )
    best = sorted(cargo, key=lambda ship: (-ship.hold.capacity, -ship.speed, ship.symbol))
    own = best[:count]
    pattern = replace(best[0], hold=replace(best[0].hold, inventory={}))
    copies = [
        replace(pattern, symbol=f"{best[0].symbol}-COPY-{number}")
        for number in range(1, count - len(own) + 1)
    ]
    return [*probes, *own, *copies]
