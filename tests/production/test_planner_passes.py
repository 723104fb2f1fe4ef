"""What a pass of the planner must not be kept from, and what it must not do."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.daemon.stage import Fate, Stage, check_books, check_nothing_leaks, in_virtual_time, stage
from tests.treasury.deeds import SHIP

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.player import Player
from goodsfactory.domain.ship import NavStatus
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.sandbox.ships import Route


async def waits_at(one: Stage, player: Player, ship: str, place: str) -> None:
    """A ship has been at a market for a while, and the application knows it."""
    now = one.clock.now()
    found = next(own for own in one.world.fleets if own.symbol == ship)
    found.route, found.docked = Route(place, place, now, now, 0.0, now), True
    await one.application.orbit(player.id, ship)
    await one.application.dock(player.id, ship)


def sellers(one: Stage, good: str) -> list[str]:
    """Markets where a good can be bought."""
    return [
        market.waypoint
        for market in one.world.universe.markets.values()
        if good in (*market.exports, *market.exchange)
    ]


@in_virtual_time
async def test_a_market_that_never_answers_keeps_no_ship_from_another(clock: VirtualClock) -> None:
    """Ships wait where copper ore is sold. The planner looks there itself: one of the markets hangs at once.

    While that first look is still open the others are looked at, and ships are given to lots of theirs; the
    factory completes, though the market never answers. Guarded: with `await looks.over.wait()` in place of
    the wait for `_LOOKS_TAKE` in `Planner._pass`, or with looks that are taken one after the other, no ship
    is given to any lot before that look was given up.
    """
    async with stage(clock, policy__first_look_patience=0.0) as one:
        player = await one.begin()
        hanging, other = sorted(sellers(one, "COPPER_ORE"), reverse=True)
        factory = await one.produce(player, "ELECTRONICS")
        await one.application.pause_factory(player.id, factory)
        await waits_at(one, player, "FACTORY-1", hanging)
        await waits_at(one, player, "FACTORY-2", other)
        looks = one.line.disturb(rf"GET .*/{hanging}/market$", Fate.FREEZES_BEFORE, on=True)
        await one.application.resume_factory(player.id, factory)
        for good in ("COPPER_ORE", "SILICON_CRYSTALS"):
            await one.until(EventKind.LEG_ASSIGNED, good=good, hours=0.1)
        assert looks.seen == 1
        assert {leg.source for leg in await one.legs(factory)}.isdisjoint({hanging})
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)


async def next_body(one: Stage, player: Player) -> None:
    """Another body of the planner's container begins, as on a daemon that took the agent over."""
    [planner] = await one.application.store.transact(
        lambda tx: tx.containers.find(player_id=player.id, types=(ContainerType.PLANNER,))
    )
    now = one.clock.now()
    await one.application.store.transact(lambda tx: tx.containers.begin(planner.id, now, restarted=True))


async def goes_on_with_the_next(one: Stage, player: Player, factory: str) -> None:
    await one.application.stop()
    await (await one.open()).start()
    report = await one.until_over(player, factory)
    assert report.factory.status is FactoryStatus.COMPLETED
    await check_books(one, player)
    await check_nothing_leaks(one, player, factory)


@in_virtual_time
async def test_a_body_that_wakes_after_the_next_one_has_begun_writes_nothing(clock: VirtualClock) -> None:
    """It may have slept through a takeover: it gives no ship away, and says nothing of any node.

    Guarded: without `check_epoch` in `record` it tells of nodes.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.SCOUT_SENT)
        await next_body(one, player)
        told = len(await one.events(EventKind.NODE_STATE))
        await one.until(EventKind.MARKET_OBSERVED)
        await clock.sleep(3600)
        assert await one.legs(factory) == []
        assert len(await one.events(EventKind.NODE_STATE)) == told
        assert [claim for _, claim in await one.application.ships(player.id) if claim] == []
        await goes_on_with_the_next(one, player, factory)


class SleepyStore:
    """The store of a planner that sleeps once it has written down that a node is in ``state``.

    ``meanwhile`` is what happens until it wakes.
    """

    def __init__(
        self, store: Store, factory: str, state: NodeState, meanwhile: Callable[[], Awaitable[object]]
    ) -> None:
        self._store = store
        self._meanwhile = meanwhile
        self._factory = factory
        self._state = state

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def transact(self, work: Callable[[Transaction], Any]) -> Any:
        result = await self._store.transact(work)
        if isinstance(result, set):
            nodes = await self._store.transact(lambda tx: tx.factories.nodes(self._factory))
            if any(node.state is self._state for node in nodes):
                await self._meanwhile()
        return result


@pytest.mark.parametrize("state", [NodeState.WAITING_SOURCE, NodeState.WAITING_SHIP])
@in_virtual_time
async def test_a_body_that_sleeps_before_it_gives_ships_away_gives_none(
    clock: VirtualClock, state: NodeState
) -> None:
    """Neither to a look nor to a leg: the next body has given them away, perhaps.

    Guarded: without `check_epoch` in `Planner._send` a scout leaves, and without that in `_assign` a leg.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        planner = one.application.roster.crew(player.id).planner
        store = one.application.store
        vars(planner)["_store"] = SleepyStore(store, factory, state, lambda: next_body(one, player))
        await clock.sleep(3600)
        scouts = 0 if state is NodeState.WAITING_SOURCE else 2
        assert len(await one.events(EventKind.SCOUT_SENT)) == scouts
        assert await one.legs(factory) == []
        assert [claim for _, claim in await one.application.ships(player.id) if claim] == []
        await goes_on_with_the_next(one, player, factory)


@pytest.mark.parametrize("wish", ["stop", "pause"])
@in_virtual_time
async def test_an_order_that_ends_while_the_planner_sleeps_gets_no_ship(
    clock: VirtualClock, wish: str
) -> None:
    """What was planned for it is not flown: nothing is bought for who wants nothing any more.

    Guarded: without the look at the factory in `Planner._assign` a leg is begun.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        application = one.application
        over = {"stop": application.stop_factory, "pause": application.pause_factory}[wish]
        done: list[object] = []

        async def once() -> None:
            if not done:
                done.append(await over(player.id, factory))

        planner = application.roster.crew(player.id).planner
        vars(planner)["_store"] = SleepyStore(application.store, factory, NodeState.WAITING_SHIP, once)
        await clock.sleep(3600)
        assert done
        assert await one.legs(factory) == []
        assert [trade for trade in one.trades.all if trade.good != "FUEL"] == []


@in_virtual_time
async def test_a_market_that_no_survey_can_read_keeps_no_order_waiting(clock: VirtualClock) -> None:
    """It is asked for again now and then; while it does not answer, what an order needs is seen to.

    Guarded: with `fill_gaps` awaited in `Planner.run` nobody is sent until that was given up.
    """
    async with stage(clock) as one:
        player = await one.begin()
        hanging = sellers(one, "COPPER_ORE")[0]
        asked = one.line.disturb(rf"GET .*/{hanging}/market$", Fate.FREEZES_BEFORE, on=True)
        factory = await one.produce(player, "IRON")
        await one.application.pause_factory(player.id, factory)
        surveyed = asked.seen
        while asked.seen == surveyed:
            await clock.sleep(10)
        await one.application.resume_factory(player.id, factory)
        await one.until(EventKind.SCOUT_SENT)
        assert asked.seen == surveyed + 1


@pytest.mark.parametrize("path", ["ships", "agent"])
@in_virtual_time
async def test_a_roll_call_that_hangs_keeps_no_order_waiting(clock: VirtualClock, path: str) -> None:
    """Neither the list of ships nor the balance: an order that comes meanwhile is seen to at once.

    Guarded: with `RollCall.call` awaited in `Planner.run` nobody is sent until that was given up.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.application.pause_factory(player.id, factory)
        asked = one.line.disturb(rf"GET .*/my/{path}$", Fate.FREEZES_BEFORE, on=True)
        while not asked.seen:
            await clock.sleep(1)
        await clock.sleep(5)
        await one.application.resume_factory(player.id, factory)
        resumed = clock.now()
        sent = await one.until(EventKind.SCOUT_SENT)
        assert (sent.at - resumed).total_seconds() < 5
        assert asked.seen == 1


@pytest.mark.parametrize("path", ["ships", f"ships/{SHIP}"])
@in_virtual_time
async def test_a_ship_moved_while_the_roll_is_called_is_where_it_was_moved(
    clock: VirtualClock, path: str
) -> None:
    """What was answered before an order by hand, of all ships or of one, says nothing of what the order did.

    Guarded: without the comparison with what was known before in `RollCall._keep`, and in `Pilot.observe`, it
    is docked again.
    """
    async with stage(clock) as one:
        player = await one.begin()
        await one.application.dock(player.id, SHIP)
        asked = one.line.disturb(f"GET .*/my/{path}$", Fate.ANSWERED_LATE)
        roll_call = one.application.roster.crew(player.id).roll_call
        calling = asyncio.create_task(roll_call.call() if path == "ships" else roll_call.look([SHIP]))
        while not asked.seen:
            await clock.sleep(1)
        await one.application.orbit(player.id, SHIP)
        await calling
        ships = {ship.symbol: ship for ship, _ in await one.application.ships(player.id)}
        assert ships[SHIP].nav.status is NavStatus.IN_ORBIT


@pytest.mark.parametrize("fate", [Fate.ARRIVES_LATE, Fate.ANSWERED_LATE])
@in_virtual_time
async def test_a_purchase_under_way_is_its_workers_to_settle(clock: VirtualClock, fate: Fate) -> None:
    """The roll call may look at a ship as often as it likes: what it sees aboard is no news to it.

    Guarded: with ``held`` true for everybody in `Pilot.observe` the purchase is called undone, or booked, by
    looks of the roll call, before its worker has the answer.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        purchase = one.line.disturb("POST .*/purchase$", fate)
        while not purchase.seen:
            await clock.sleep(1)
        [step] = await one.application.store.transact(lambda tx: tx.money.open_intents(player.id))
        roll_call = one.application.roster.crew(player.id).roll_call
        for _ in range(4):
            await roll_call.look([step.subject])
            await clock.sleep(4)
        again = await one.application.store.transact(lambda tx: tx.money.open_intents(player.id))
        assert [each.id for each in again] == [step.id]
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)


class HesitantStore:
    """The store of a planner, on which ``before`` or ``after`` its first assignment happens meanwhile."""

    def __init__(
        self,
        store: Store,
        *,
        before: Callable[[], Awaitable[object]] | None = None,
        after: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._store = store
        self._before = before
        self._after = after
        self.gave: Container | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def transact(self, work: Callable[[Transaction], Any]) -> Any:
        task = asyncio.current_task()
        if task is None or task.get_name() != "assignment":
            return await self._store.transact(work)
        if self._before is not None:
            await self._before()
        result = await self._store.transact(work)
        if self._after is not None and isinstance(result, Container) and result.type is ContainerType.WORKER:
            self.gave = result
            await self._after()
        return result


@in_virtual_time
async def test_a_leg_given_while_the_agent_is_let_go_is_given_up(clock: VirtualClock) -> None:
    """Nobody works for the agent when its worker begins: the leg fails, its ship is free, the next one flies.

    Guarded: where `Life` tells of crashes alone, the leg counts as flying though its worker is over.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        application = one.application

        async def let_go() -> None:
            await application._takeover._let_go([player.id])

        planner, store = application.roster.crew(player.id).planner, application.store
        hesitant = HesitantStore(store, after=let_go)
        vars(planner)["_store"] = hesitant
        await one.until(EventKind.LEG_FAILED)
        worker = hesitant.gave
        assert worker is not None
        leg, row, claim = await store.transact(
            lambda tx: (
                tx.legs.get(str(worker.metadata["leg_id"])),
                tx.containers.get(worker.id),
                tx.claims.of_ship(str(worker.metadata["ship"])),
            )
        )
        assert leg is not None
        assert row is not None
        assert (leg.state, row.status, claim) == (LegState.FAILED, ContainerStatus.FAILED, None)
        await goes_on_with_the_next(one, player, factory)


@in_virtual_time
async def test_a_planner_that_was_stopped_gives_nothing_away(clock: VirtualClock) -> None:
    """It is stopped between its plan and the writing of an assignment, which is not cut short.

    Guarded: without the look at the status in `check_epoch` a scout leaves for a planner that is over.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        store, engine = one.application.store, one.application.engine
        [container] = await store.transact(
            lambda tx: tx.containers.find(player_id=player.id, types=(ContainerType.PLANNER,))
        )
        stopped: list[bool] = []

        async def stop() -> None:
            stopped.append(await engine.stop(container.id, reason="stopped by a test"))

        planner = one.application.roster.crew(player.id).planner
        vars(planner)["_store"] = HesitantStore(store, before=stop)
        await clock.sleep(600)
        assert stopped == [True]
        assert await one.events(EventKind.SCOUT_SENT) == []
        assert [claim for _, claim in await one.application.ships(player.id) if claim] == []
        await goes_on_with_the_next(one, player, factory)
