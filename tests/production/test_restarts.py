"""Laws L2 and L6: stopped or killed anywhere, a factory goes on, and nothing is lost or bought twice."""

import asyncio

import pytest
from tests.daemon.stage import Fate, Stage, check_books, check_nothing_leaks, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.player import Player

GOOD = "ELECTRONICS"


RESUMED = (ContainerStatus.PENDING, ContainerStatus.RUNNING)


async def goes_on(one: Stage, player: Player, factory: str) -> None:
    """A new application resumes all of it and finishes the factory; the books and the ships are in order."""
    application = await one.open()
    rows = await application.store.transact(lambda tx: tx.containers.find())
    assert {row.status for row in rows} <= {*RESUMED, ContainerStatus.COMPLETED}
    recovery, complaints = await application.start()
    unfinished = sum(row.status in RESUMED for row in rows)
    assert (recovery.resumed, recovery.lost, complaints) == (unfinished, 0, [])
    report = await one.until_over(player, factory)
    assert report.factory.status is FactoryStatus.COMPLETED
    assert report.factory.quantity_acquired > 0
    await check_books(one, player)
    await check_nothing_leaks(one, player, factory)
    planners = await application.store.transact(lambda tx: tx.containers.find(types=(ContainerType.PLANNER,)))
    assert len(planners) == 1


@pytest.mark.parametrize("event", [3, 12, 21, 29, 36, 44, 52, 58, 64, 71, 78, 83])
@in_virtual_time
async def test_stopped_after_any_event_the_factory_goes_on(clock: VirtualClock, event: int) -> None:
    """A clean stop leaves the rows RUNNING; the next start resumes all of them and completes."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until_event(event)
        await one.application.stop()
        await goes_on(one, player, factory)


@pytest.mark.parametrize("event", [4, 26, 39, 50, 66, 81])
@in_virtual_time
async def test_killed_after_any_event_the_factory_goes_on(clock: VirtualClock, event: int) -> None:
    """Killed without a word, and found again after an hour: all resumes and completes."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until_event(event)
        await one.kill()
        await clock.sleep(3600)
        await goes_on(one, player, factory)


@pytest.mark.parametrize(
    ("pattern", "fate"),
    [
        ("/navigate$", Fate.FREEZES_BEFORE),
        ("/navigate$", Fate.FREEZES_AFTER),
        ("/dock$", Fate.FREEZES_AFTER),
        ("/orbit$", Fate.FREEZES_AFTER),
        ("/market$", Fate.FREEZES_BEFORE),
        ("GET /v2/my/ships/", Fate.FREEZES_BEFORE),
    ],
)
@in_virtual_time
async def test_killed_in_the_middle_of_any_request_the_factory_goes_on(
    clock: VirtualClock, pattern: str, fate: Fate
) -> None:
    """Whatever was on the wire: what the game did is read again, what it did not is done."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        one.line.disturb(pattern, fate, nth=4)
        await one.line.frozen.wait()
        await one.kill()
        await goes_on(one, player, factory)


@in_virtual_time
async def test_killed_again_and_again_the_factory_still_completes(clock: VirtualClock) -> None:
    """Five lives of one factory: each dies some events after it began."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        for _ in range(4):
            start = await one.application.store.transact(lambda tx: tx.events.last_seq())
            await one.until_event(start + 13)
            await one.kill()
            await (await one.open()).start()
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)


@in_virtual_time
async def test_a_restart_after_the_end_finds_only_the_planner(clock: VirtualClock) -> None:
    """A factory that is over is not touched again."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        before = await one.until_over(player, factory)
        await one.until(EventKind.CONTAINER_ENDED, container_id=coordinator_of(await one.events()))
        await clock.sleep(600)
        await one.application.stop()
        application = await one.open()
        recovery, _ = await application.start()
        assert (recovery.resumed, recovery.lost) == (1, 0)
        assert (await application.factory(player.id, factory)).factory == before.factory


def coordinator_of(events: list[Event]) -> str:
    """The container that ran the factory."""
    return next(
        str(event.container_id)
        for event in events
        if event.kind is EventKind.CONTAINER_STARTED and event.data["type"] == ContainerType.COORDINATOR
    )


@in_virtual_time
async def test_a_restarted_worker_has_a_new_epoch_and_its_old_ship(clock: VirtualClock) -> None:
    """The claim follows the container into its next epoch, so that the old body could do nothing more."""
    async with stage(clock) as one:
        player = await one.begin()
        await one.produce(player, GOOD)
        assigned = await one.until(EventKind.LEG_ASSIGNED)
        await clock.sleep(5)
        await one.kill()
        application = await one.open()
        await application.start()
        await clock.sleep(1)
        worker = await application.container(str(assigned.container_id))
        claim = await application.store.transact(lambda tx: tx.claims.of_ship(str(assigned.ship)))
        assert claim is not None
        assert (claim.container_id, claim.epoch) == (worker.id, worker.epoch)
        assert (worker.epoch, worker.restart_count) == (2, 1)


@in_virtual_time
async def test_killed_in_the_middle_of_an_order_by_hand_the_ship_is_free_again(clock: VirtualClock) -> None:
    """The claim of an order has no container that could be resumed: the next start releases it (L2)."""
    async with stage(clock) as one:
        player = await one.begin()
        one.line.disturb("/orbit$", Fate.FREEZES_AFTER)
        order = asyncio.create_task(one.application.orbit(player.id, "FACTORY-1"))
        await one.line.frozen.wait()
        await one.kill()
        assert order.done()
        application = await one.open()
        await application.start()
        assert [claim for _, claim in await application.ships(player.id) if claim] == []
        assert (await application.dock(player.id, "FACTORY-1")).waypoint == one.world.universe.headquarters


@in_virtual_time
async def test_killed_in_the_middle_of_a_refuelling_by_hand_it_is_settled(clock: VirtualClock) -> None:
    """Nobody resumes an order by hand: the start itself looks whether its money was spent (L1)."""
    async with stage(clock) as one:
        player = await one.begin()
        next(iter(one.world.fleets)).fuel -= 150
        one.line.disturb("/refuel$", Fate.FREEZES_AFTER)
        order = asyncio.create_task(one.application.refuel(player.id, "FACTORY-1"))
        await one.line.frozen.wait()
        await one.kill()
        assert order.done()
        await (await one.open()).start()
        assert len(one.trades.all) == 1
        await check_books(one, player)
