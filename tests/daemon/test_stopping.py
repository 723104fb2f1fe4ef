"""A stop works whatever the factory, its nodes and its ships are doing, and frees every ship (L2)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.daemon.stage import Fate, Stage, check_books, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.adapters.spacetraders.exchange import LONGEST_CALL
from goodsfactory.cli.daemons import STOP_SECONDS
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.reports import FactoryReport
from goodsfactory.daemon.takeover import LAST_PATIENCE
from goodsfactory.daemon.told_tokens import KEEP_AGAIN
from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.player import Player
from goodsfactory.domain.supply_chain import NodeState

Reach = Callable[[Stage, Player], Awaitable[str]]

ALIVE = (ContainerStatus.PENDING, ContainerStatus.RUNNING)


async def until_node_is(one: Stage, player: Player, factory: str, state: NodeState) -> None:
    for _ in range(2 * 3600):
        report = await one.application.factory(player.id, factory)
        assert not report.factory.status.is_over, report.to_json()
        if any(node.state is state for node in report.nodes.values()):
            return
        await one.clock.sleep(1)
    raise AssertionError(f"no node was ever {state}")


def node_is(state: NodeState, good: str = "IRON", **request: Any) -> Reach:
    async def reach(one: Stage, player: Player) -> str:
        factory = await one.produce(player, good, **request)
        await until_node_is(one, player, factory, state)
        return factory

    return reach


def after(kind: EventKind, seconds: float = 0, good: str = "IRON") -> Reach:
    async def reach(one: Stage, player: Player) -> str:
        factory = await one.produce(player, good)
        await one.until(kind)
        await one.clock.sleep(seconds)
        return factory

    return reach


async def just_created(one: Stage, player: Player) -> str:
    return await one.produce(player, "IRON")


async def without_ships(one: Stage, player: Player) -> str:
    haulers = tuple(ship.symbol for ship in one.world.fleets if ship.type.cargo_capacity)
    request: dict[str, Any] = {"ships": haulers[:1], "exclude": haulers[1:]}
    await one.application.orbit(player.id, haulers[0])
    next(ship for ship in one.world.fleets if ship.symbol == haulers[0]).load("DRUGS", 1)
    await one.application.dock(player.id, haulers[0])
    return await node_is(NodeState.WAITING_SHIP, **request)(one, player)


def hold_supply(one: Stage, good: str, trade: str, units: int) -> None:
    """Set what every market that exports or imports a good has of it: +900 is plenty, -600 is SCARCE."""
    for market in one.world.universe.markets.values():
        if good in getattr(market, trade):
            one.world.set_net_supply(market.waypoint, good, units)


async def unsaleable(one: Stage, player: Player) -> str:
    factory = await one.produce(player, "IRON", terminal=Terminal.SELL)
    await one.until(EventKind.LEG_ASSIGNED, good="IRON")
    hold_supply(one, "IRON", "imports", 900)
    await until_node_is(one, player, factory, NodeState.WAITING_PRICE)
    return factory


async def sold_out(one: Stage, player: Player) -> str:
    hold_supply(one, "IRON", "exports", -600)
    return await node_is(NodeState.PRODUCING)(one, player)


def open_intent(pattern: str, fate: Fate) -> Reach:
    async def reach(one: Stage, player: Player) -> str:
        factory = await one.produce(player, "IRON")
        one.line.disturb(pattern, fate)
        await one.line.frozen.wait()
        return factory

    return reach


async def paused(one: Stage, player: Player) -> str:
    factory = await one.produce(player, "IRON")
    await one.until(EventKind.LEG_LADEN)
    await one.application.pause_factory(player.id, factory)
    return factory


async def just_resumed(one: Stage, player: Player) -> str:
    factory = await one.produce(player, "IRON")
    await one.until(EventKind.LEG_LADEN)
    await one.application.stop()
    await (await one.open()).start()
    return factory


STATES: dict[str, tuple[Reach, dict[str, Any]]] = {
    "pending": (just_created, {}),
    "waiting for a source": (node_is(NodeState.WAITING_SOURCE), {}),
    "waiting for a ship": (without_ships, {}),
    "waiting for a price": (unsaleable, {}),
    "waiting for money": (
        node_is(NodeState.WAITING_BUDGET),
        {"credits": 6_000, "policy__credit_floor": 5_900},
    ),
    "in transit": (node_is(NodeState.IN_TRANSIT), {}),
    "producing": (sold_out, {}),
    "a ship under way to its source": (after(EventKind.LEG_ASSIGNED, 3), {}),
    "a ship loading": (after(EventKind.PURCHASED), {}),
    "a ship laden": (after(EventKind.LEG_LADEN, 5), {}),
    "a ship that has just delivered": (after(EventKind.LEG_DONE), {}),
    "a scout under way": (after(EventKind.SCOUT_SENT, 3), {}),
    "a purchase without answer": (open_intent("/purchase$", Fate.FREEZES_AFTER), {}),
    "a purchase that never arrives": (open_intent("/purchase$", Fate.FREEZES_BEFORE), {}),
    "a sale without answer": (open_intent("/sell$", Fate.FREEZES_AFTER), {}),
    "a flight order without answer": (open_intent("/navigate$", Fate.FREEZES_AFTER), {}),
    "paused": (paused, {}),
    "just resumed": (just_resumed, {}),
}


async def nothing_is_held(one: Stage, player: Player, report: FactoryReport) -> None:
    """The factory is over, and no ship, container or leg of it is left."""
    factory = report.factory
    assert factory.status is FactoryStatus.STOPPED
    assert factory.completed_at is not None
    assert [leg for leg in report.legs if leg.state.is_open] == []
    alive = await one.application.store.transact(lambda tx: tx.containers.find(statuses=ALIVE))
    assert {container.type for container in alive} <= {ContainerType.PLANNER}
    held = [claim for _, claim in await one.application.ships(player.id) if claim]
    assert held == []


async def nothing_more_happens(one: Stage, player: Player, stopped: int) -> None:
    """A quarter of an hour later no credit more was spent than at the stop, and the books are right."""
    await one.clock.sleep(900)
    assert len(one.trades.all) == stopped
    await check_books(one, player)
    legs = await one.events(EventKind.LEG_ASSIGNED)
    ends = await one.events(EventKind.FACTORY_STOPPED)
    assert all(leg.seq < ends[-1].seq for leg in legs)


@pytest.mark.parametrize("state", STATES)
@in_virtual_time
async def test_a_stop_frees_every_ship(clock: VirtualClock, state: str) -> None:
    """In every state: STOPPED, nothing held, nothing at work, nothing spent afterwards."""
    reach, flags = STATES[state]
    async with stage(clock, **flags) as one:
        player = await one.begin()
        factory = await reach(one, player)
        report = await one.application.stop_factory(player.id, factory)
        await nothing_is_held(one, player, report)
        await nothing_more_happens(one, player, len(one.trades.all))


@pytest.mark.parametrize("moment", [EventKind.LEG_ASSIGNED, EventKind.PURCHASED, EventKind.LEG_LADEN])
@in_virtual_time
async def test_a_stop_needs_no_server(clock: VirtualClock, moment: EventKind) -> None:
    """With the game unreachable the stop is done within seconds; the books are settled when it is back."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(moment)
        outage = one.line.disturb("/v2/", Fate.FAILS_BEFORE, on=True)
        await clock.sleep(60)
        asked = clock.now()
        report = await one.application.stop_factory(player.id, factory)
        assert (clock.now() - asked).total_seconds() <= 10
        await nothing_is_held(one, player, report)
        await clock.sleep(600)
        outage.fate = None
        await nothing_more_happens(one, player, len(one.trades.all))


@in_virtual_time
async def test_a_stop_waits_only_seconds_for_a_purchase_that_cannot_be_looked_at(clock: VirtualClock) -> None:
    """The purchase happened, its answer was lost and the game is silent: the roll call settles it later."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        one.line.disturb("/purchase$", Fate.FREEZES_AFTER)
        await one.line.frozen.wait()
        outage = one.line.disturb("/v2/", Fate.FREEZES_BEFORE, on=True)
        asked = clock.now()
        report = await one.application.stop_factory(player.id, factory)
        assert (clock.now() - asked).total_seconds() == 10
        await nothing_is_held(one, player, report)
        assert [row["state"] for row in one.intents() if row["kind"] == "PURCHASE"] == ["OPEN"]
        [told] = await one.events(EventKind.NOT_SETTLED)
        assert told.message == "not settled yet: the game server does not answer in time"
        outage.fate = None
        await nothing_more_happens(one, player, len(one.trades.all))


@in_virtual_time
async def test_a_stop_while_the_daemon_starts_counts(clock: VirtualClock) -> None:
    """The factory is stopped while the fleet is still being read: its containers never come to life."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.LEG_LADEN)
        await one.application.stop()
        application = await one.open()
        one.line.disturb("/my/agent$", Fate.FAILS_BEFORE)
        starting = asyncio.create_task(application.start())
        await clock.sleep(0.1)
        assert not starting.done()
        report = await application.stop_factory(player.id, factory)
        assert report.factory.status is FactoryStatus.STOPPED
        await starting
        await clock.sleep(5)
        await nothing_is_held(one, player, await application.factory(player.id, factory))
        await nothing_more_happens(one, player, len(one.trades.all))


async def container_of(application: Application, type_: ContainerType) -> str:
    return next(
        container.id
        for container in await application.containers(None, ContainerStatus.RUNNING)
        if container.type is type_
    )


@pytest.mark.parametrize("moment", [EventKind.LEG_ASSIGNED, EventKind.PURCHASED, EventKind.LEG_LADEN])
@in_virtual_time
async def test_a_worker_that_is_stopped_frees_its_ship_and_its_leg_is_flown_anew(
    clock: VirtualClock, moment: EventKind
) -> None:
    """`containers stop` of a worker: what it bought is carried by the next leg, and the factory completes."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        event = await one.until(moment)
        stopped = await one.application.stop_container(str(event.container_id))
        assert stopped.status is ContainerStatus.STOPPED
        claim = await one.application.store.transact(lambda tx: tx.claims.of_ship(str(event.ship)))
        assert claim is None
        [leg] = [leg for leg in await one.legs(factory) if leg.container_id == event.container_id]
        assert (leg.state, leg.failure) == (LegState.FAILED, "its worker was stopped")
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)


@in_virtual_time
async def test_a_worker_stopped_in_its_purchase_leaves_no_open_intent(clock: VirtualClock) -> None:
    """What the stop cut short is looked at there and then."""
    async with stage(clock) as one:
        player = await one.begin()
        await one.produce(player, "IRON")
        one.line.disturb("/purchase$", Fate.FREEZES_AFTER)
        await one.line.frozen.wait()
        await one.application.stop_container(await container_of(one.application, ContainerType.WORKER))
        assert [row["state"] for row in one.intents() if row["kind"] == "PURCHASE"] == ["DONE"]


@in_virtual_time
async def test_a_scout_that_is_stopped_frees_its_ship(clock: VirtualClock) -> None:
    """Nobody waits for it: the markets it would have looked at are looked at by another."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        sent = await one.until(EventKind.SCOUT_SENT)
        await one.application.stop_container(str(sent.container_id))
        assert await one.application.store.transact(lambda tx: tx.claims.of_ship(str(sent.ship))) is None
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED


@in_virtual_time
async def test_a_coordinator_that_is_stopped_takes_its_factory_along(clock: VirtualClock) -> None:
    """There is no factory without somebody who works for it."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.LEG_LADEN)
        await one.application.stop_container(await container_of(one.application, ContainerType.COORDINATOR))
        await nothing_is_held(one, player, await one.application.factory(player.id, factory))


@in_virtual_time
async def test_a_planner_that_is_stopped_is_followed_by_another(clock: VirtualClock) -> None:
    """No factory of the player is left without anybody to give it ships."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await clock.sleep(1)
        first = await container_of(one.application, ContainerType.PLANNER)
        stopped = await one.application.stop_container(first)
        assert stopped.status is ContainerStatus.STOPPED
        await clock.sleep(1)
        assert await container_of(one.application, ContainerType.PLANNER) != first
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED


@in_virtual_time
async def test_a_container_that_is_over_is_not_stopped_again(clock: VirtualClock) -> None:
    """The sentence says what it is already."""
    async with stage(clock) as one:
        player = await one.begin()
        await one.produce(player, "IRON")
        sent = await one.until(EventKind.SCOUT_SENT)
        await one.application.stop_container(str(sent.container_id))
        with pytest.raises(UserError, match="is STOPPED already"):
            await one.application.stop_container(str(sent.container_id))


def test_a_stop_waits_for_longer_than_a_registration_may_take() -> None:
    """The game tells a token once: the end outlasts call and keeping, and `daemon stop` the end."""
    assert LONGEST_CALL + sum(KEEP_AGAIN) < LAST_PATIENCE < STOP_SECONDS
