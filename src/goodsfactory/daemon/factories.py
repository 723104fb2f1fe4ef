"""Factories as users start, stop and read them."""

import asyncio
import random
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from goodsfactory.daemon.crew import Crew
from goodsfactory.daemon.reports import FactoryReport, Parked, last_heard, read_report, read_reports
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.scenes import read_fleet
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import CannotEver, NotFound, Refused, Unavailable, UserError
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, GoodsFactory
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.player import Player
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.chain.acquisition import stake_of
from goodsfactory.planning.chain.resolver import check_target, resolve
from goodsfactory.planning.chart.chart import chart_of
from goodsfactory.planning.decision import counted, in_words
from goodsfactory.planning.objections import objections, warnings
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Engine
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.pausing import pause, resume

SETTLE_PATIENCE = 10.0
"""Game seconds for which somebody who stops a factory waits for the game server."""


class Refuse(Enum):
    """Which factories are refused: all that something speaks against, or only what can never be; or none."""

    ALL = auto()
    IMPOSSIBLE = auto()
    NOTHING = auto()


@dataclass(frozen=True)
class Factories:
    """Factories by the rules of ``policy``. ``chance`` draws their ids; ``new_id`` names containers."""

    store: Store
    clock: Clock
    engine: Engine
    roster: Roster
    policy: Policy
    chance: random.Random
    new_id: Callable[[], str]

    async def plan(
        self, player_id: int, target: str, system: str | None, request: FactoryRequest
    ) -> GoodsFactory:
        """A factory as it would be started, which exists nowhere yet. Raises UserError where it cannot be."""
        crew = self.roster.crew(player_id)
        ships = await self.store.transact(lambda tx: tx.ships.of_player(player_id))
        _check_ships(request, ships)
        request = _with_lot_size(request, ships)
        system = system.upper() if system else default_system(crew.player, ships)
        markets = await self._markets(crew, system)
        good = check_target(target, crew.recipes, markets)
        places = await self.store.transact(lambda tx: tx.waypoints.in_system(system))
        try:
            tree = resolve(
                good,
                crew.recipes,
                markets,
                chart_of(places, markets),
                strategy=request.strategy,
                max_depth=request.max_depth,
                ceiling_ratio=self.policy.ceiling_ratio,
                stake=stake_of(self.policy, request.units, max((s.hold.capacity for s in ships), default=0)),
            )
        except CannotEver as never:
            raise UserError(_for_now(str(never), crew, system), kind="precondition") from None
        now = self.clock.now()
        return GoodsFactory(
            id=str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            player_id=player_id,
            target_good=good,
            system_symbol=system,
            created_at=now,
            updated_at=now,
            tree=tree,
            request=request,
            parallel_levels=tree.depth(),
        )

    async def start(
        self,
        player_id: int,
        target: str,
        system: str | None,
        request: FactoryRequest,
        *,
        refuse: Refuse = Refuse.ALL,
    ) -> FactoryReport:
        """Create a factory and its coordinator. Raises UserError, and changes nothing, where it cannot work.

        ``refuse`` says which objections count; the kind of the error names the first of them.
        """
        factory = await self.plan(player_id, target, system, request)
        now, tree = factory.created_at, factory.tree
        assert tree is not None
        waits_for = await self._object(factory, tree, refuse)
        container = Container(
            f"coordinator-{self.new_id()}",
            ContainerType.COORDINATOR,
            player_id,
            now,
            now,
            metadata={"factory_id": factory.id},
        )
        nodes = len(tree.flatten())

        def create(tx: Transaction) -> FactoryReport:
            tx.factories.add(factory)
            tx.containers.add(container)
            tx.events.append(
                Event(
                    player_id,
                    EventKind.FACTORY_CREATED,
                    now,
                    f"{factory.target_good} will be made in {factory.system_symbol} from "
                    f"{counted(nodes, 'good')} ({request.strategy})",
                    factory_id=factory.id,
                    data={"nodes": nodes, "tree": tree.to_json()},
                )
            )
            return read_report(tx, factory, now)

        report = await self.store.transact(create)
        await self.engine.start(container)
        return replace(report, warnings=tuple(waits_for))

    async def _object(self, factory: GoodsFactory, tree: SupplyChainNode, refuse: Refuse) -> list[str]:
        """What it will wait for. Raises UserError where it is refused."""
        now, system = factory.created_at, factory.system_symbol
        fleet, markets = await self.store.transact(
            lambda tx: (read_fleet(tx, factory, now), tx.markets.in_system(system))
        )
        for one in objections(factory.request, tree, system, fleet, markets):
            if refuse is Refuse.ALL or (refuse is Refuse.IMPOSSIBLE and one.refuses):
                raise UserError(one.reason, kind=one.kind.value)
        return warnings(fleet, tree)

    async def stop(self, player_id: int, factory_id: str) -> FactoryReport:
        """End a factory in whatever state it is and free its ships; cargo aboard stays aboard."""
        factory = await self._factory(player_id, factory_id)
        if factory.status.is_over:
            raise UserError(f"Factory {factory_id} is {factory.status} already.", kind="precondition")
        for container in await self.store.transact(lambda tx: self._close(tx, player_id, factory_id)):
            await self.engine.stop(container.id, reason="the factory was stopped")
        await self.settle(player_id)
        return await self.report(player_id, factory_id)

    async def pause(self, player_id: int, factory_id: str) -> FactoryReport:
        """Give out no new leg until it is resumed; what flies ends its voyage. Pausing twice changes nothing.

        Raises UserError where the factory is over, or not this player's.
        """
        return await self._change(
            player_id, factory_id, "paused", lambda tx, it, now: pause(tx, it, now, self.policy)
        )

    async def resume(self, player_id: int, factory_id: str) -> FactoryReport:
        """Let a paused factory go on. Resuming one that is not paused changes nothing.

        Raises UserError where the factory is over, or not this player's.
        """
        return await self._change(player_id, factory_id, "resumed", resume)

    async def _change(
        self,
        player_id: int,
        factory_id: str,
        wish: str,
        change: Callable[[Transaction, GoodsFactory, datetime], GoodsFactory],
    ) -> FactoryReport:
        await self._factory(player_id, factory_id)
        now = self.roster.game_time(player_id)

        def work(tx: Transaction) -> FactoryReport:
            factory = tx.factories.get(factory_id, player_id)
            if factory is None or factory.status.is_over:
                what = factory.status.value if factory else "gone"
                raise UserError(
                    f"Factory {factory_id} is {what} already and cannot be {wish}.", kind="precondition"
                )
            return read_report(tx, change(tx, factory, now or last_heard(tx, factory)), now)

        return await self.store.transact(work)

    async def settle(self, player_id: int) -> None:
        """Look at once at what a worker stopped between a purchase and its answer left open.

        Nobody who stops a factory waits long for a server that does not answer: the next roll call, or the
        next voyage of that ship, looks again.
        """
        over = asyncio.Event()
        looking = asyncio.create_task(self._look_at_open(player_id))
        looking.add_done_callback(lambda _: over.set())
        if not await self.clock.wait(over, SETTLE_PATIENCE):
            looking.cancel()
            await asyncio.wait([looking])
            await self._not_settled(player_id, "the game server does not answer in time")
        elif (trouble := looking.exception()) is not None:
            if not isinstance(trouble, Unavailable | Refused | UserError):
                raise trouble
            await self._not_settled(player_id, str(trouble))

    async def _look_at_open(self, player_id: int) -> None:
        await self.roster.crew(player_id).roll_call.settle()

    async def _not_settled(self, player_id: int, why: str) -> None:
        event = Event(player_id, EventKind.NOT_SETTLED, self.clock.now(), f"not settled yet: {why}")
        await self.store.transact(lambda tx: tx.events.append(event))

    def _close(self, tx: Transaction, player_id: int, factory_id: str) -> list[Container]:
        """End the factory and its legs; returns what still runs for it, the coordinator first.

        All in one transaction: a worker that is sent a moment later finds its leg over.
        """
        factory = tx.factories.get(factory_id, player_id)
        if factory is None or factory.status.is_over:
            return []
        now = self.roster.game_time(player_id) or last_heard(tx, factory)
        tx.factories.update(factory.stop(now))
        laden = []
        for leg in tx.legs.at_hand(factory_id):
            if leg.state.is_open:
                tx.legs.update(leg.cancel("stopped", now))
                if leg.aboard:
                    laden.append(f"{leg.ship} keeps {leg.aboard} {leg.good}")
        sentence = f"{factory.target_good} was stopped" + (f"; {', '.join(laden)}" if laden else "")
        tx.events.append(Event(player_id, EventKind.FACTORY_STOPPED, now, sentence, factory_id=factory_id))
        running = tx.containers.find(
            player_id=player_id, statuses=(ContainerStatus.PENDING, ContainerStatus.RUNNING)
        )
        ours = [container for container in running if container.metadata.get("factory_id") == factory_id]
        ours.sort(key=lambda container: container.type is not ContainerType.COORDINATOR)
        wanted = _wanted_looks(tx, player_id)
        scouts = [
            one for one in running if one.type is ContainerType.SCOUT and "factory_id" not in one.metadata
        ]
        return ours + [one for one in scouts if wanted.isdisjoint(one.metadata.get("waypoints", ()))]

    async def report(self, player_id: int, factory_id: str) -> FactoryReport:
        """Raises UserError where the player has no such factory, whoever else may have it."""
        factory = await self._factory(player_id, factory_id)
        now = self.roster.game_time(player_id)
        report = await self.store.transact(lambda tx: read_report(tx, factory, now))
        [report] = await self._as_it_stands(player_id, [report])
        return replace(report, trouble=self.roster.trouble(player_id), waiting=self._waiting(report.factory))

    async def _as_it_stands(self, player_id: int, reports: list[FactoryReport]) -> list[FactoryReport]:
        """What is written, and that nobody works for the player now, or what the server says to all."""
        why = await self.roster.why_unattended(player_id)
        if why is None:
            held_up = self.roster.refusal(player_id) or self.roster.outage(player_id)
            return [report.during(held_up) for report in reports]
        factories = [report.factory for report in reports]
        heard = await self.store.transact(lambda tx: [last_heard(tx, one) for one in factories])
        return [report.put_by(Parked(at, why)) for report, at in zip(reports, heard, strict=True)]

    def _waiting(self, factory: GoodsFactory) -> list[Lot]:
        """The lots that wait for a ship; none where nobody works for its player here."""
        if factory.status.is_over or factory.is_idle or not self.roster.is_at_work(factory.player_id):
            return []
        return self.roster.crew_at_work(factory.player_id).planner.waiting(factory.id)

    async def reports(
        self,
        player_id: int,
        statuses: Collection[FactoryStatus],
        limit: int,
        prefix: str,
        before: tuple[datetime, str] | None,
    ) -> list[FactoryReport]:
        """A page of them, as ``store.Factories.newest``, without their legs."""
        now = self.roster.game_time(player_id)

        def read(tx: Transaction) -> list[FactoryReport]:
            found = tx.factories.newest(player_id, limit, statuses=statuses, prefix=prefix, before=before)
            return read_reports(tx, found, now)

        return await self._as_it_stands(player_id, await self.store.transact(read))

    async def _factory(self, player_id: int, factory_id: str) -> GoodsFactory:
        factory = await self.store.transact(lambda tx: tx.factories.get(factory_id, player_id))
        if factory is None:
            raise UserError(
                f"This player has no factory {factory_id}; list them with `spacetraders goods list`.",
                kind="not-found",
            )
        return factory

    async def _markets(self, crew: Crew, system: str) -> list[MarketSnapshot]:
        try:
            await crew.scout.survey(system)
        except NotFound:
            raise UserError(f"There is no system {system}.", kind="not-found") from None
        markets = await self.store.transact(lambda tx: tx.markets.in_system(system))
        if not markets:
            sentence = f"{system} has no market: nothing can be made there."
            raise UserError(_for_now(sentence, crew, system), kind="precondition")
        return markets


def _for_now(sentence: str, crew: Crew, system: str) -> str:
    """The sentence, with what could not be read yet and may make it untrue."""
    gaps = crew.scout.gaps(system)
    if not gaps:
        return sentence
    return (
        f"{sentence} This may be wrong, since not all of {system} could be read yet"
        f" ({'; '.join(gaps[:3])}); ask again in some minutes."
    )


def _wanted_looks(tx: Transaction, player_id: int) -> set[str]:
    """Markets that a factory at work wants to know: scouts belong to no factory."""
    at_work = tx.factories.find(player_id=player_id, statuses=(FactoryStatus.PENDING, FactoryStatus.ACTIVE))
    return {
        waypoint
        for factory in at_work
        for node in tx.factories.nodes(factory.id)
        for waypoint in node.look_at
    }


def default_system(player: Player, ships: list[Ship]) -> str:
    """Where the first ship that carries cargo is, else the home of the agent."""
    for ship in ships:
        if not ship.is_probe:
            return ship.nav.system
    return system_of(player.headquarters)


def _with_lot_size(request: FactoryRequest, ships: list[Ship]) -> FactoryRequest:
    """Lots whose size is left open are one shipload each. Raises UserError without a ship to measure by."""
    if not request.in_lots or request.units is not None:
        return request
    holds = [
        ship.hold.capacity
        for ship in ships
        if ship.symbol not in request.exclude and (not request.ships or ship.symbol in request.ships)
    ]
    largest = max(holds, default=0)
    if largest < 1:
        raise UserError("No ship of this factory has a hold to measure a lot by: give --units.")
    return replace(request, units=largest)


def _check_ships(request: FactoryRequest, ships: list[Ship]) -> None:
    own = {ship.symbol for ship in ships}
    strange = [symbol for symbol in (*request.ships, *request.exclude) if symbol not in own]
    if strange:
        raise UserError(
            f"{strange[0]} is not a ship of this player; it has {', '.join(sorted(own)) or 'none'}.",
            kind="not-found",
        )
    if request.ships and set(request.ships) <= set(request.exclude):
        left = in_words(request.ships)
        raise UserError(f"--exclude leaves out all that --ships names ({left}); take one of them off it.")
