"""What every engine promises (ports/engine.py) of starts, ends and stops, whatever adapter keeps it."""

import asyncio
from datetime import timedelta

import pytest
from tests.daemon.stage import in_virtual_time
from tests.engine.bodies import NEVER, Crasher, OpenYard, Sleeper, ended, engine_with
from tests.engine.conftest import SHIP

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.events import EventKind
from goodsfactory.ports.engine import ContainerFailed


@in_virtual_time
async def test_a_body_that_returns_is_completed(clock: VirtualClock, yard: OpenYard) -> None:
    """Its sentence is the exit reason, and nothing runs any more."""

    async def body(container: Container) -> str:
        await clock.sleep(5)
        return "all delivered"

    async with yard(clock) as one:
        engine = engine_with(one, body)
        await engine.start(one.container())
        assert engine.is_running("worker-1")
        row = await ended(one)
        await clock.sleep(1)
        assert (row.status, row.exit_reason) == (ContainerStatus.COMPLETED, "all delivered")
        assert not engine.is_running("worker-1")


@in_virtual_time
async def test_a_body_may_return_without_a_sentence(clock: VirtualClock, yard: OpenYard) -> None:
    """None is a good end without a reason."""

    async def body(container: Container) -> None:
        return None

    async with yard(clock) as one:
        await engine_with(one, body).start(one.container())
        row = await ended(one)
        assert (row.status, row.exit_reason) == (ContainerStatus.COMPLETED, None)


@in_virtual_time
async def test_starting_twice_runs_one_body(clock: VirtualClock, yard: OpenYard) -> None:
    """Start is idempotent while the container runs."""
    async with yard(clock) as one:
        body = Sleeper(one)
        engine = engine_with(one, body)
        for _ in range(3):
            await engine.start(one.container())
            await clock.sleep(1)
        assert len(body.starts) == 1
        assert (await one.row()).epoch == 1


@in_virtual_time
async def test_a_type_without_a_body_cannot_be_started(clock: VirtualClock, yard: OpenYard) -> None:
    """Refused with the type's name, and no row is written."""
    async with yard(clock) as one:
        with pytest.raises(ContainerFailed, match="market_scout"):
            await one.engine().start(one.container("scout-1", ContainerType.SCOUT))
        assert await one.store.transact(lambda tx: tx.containers.get("scout-1")) is None


@in_virtual_time
async def test_the_body_sees_its_row_as_running(clock: VirtualClock, yard: OpenYard) -> None:
    """Status, epoch and heartbeat are set before the first step."""
    async with yard(clock) as one:
        body = Sleeper(one)
        await engine_with(one, body).start(one.container())
        await clock.sleep(1)
        [seen] = body.starts
        assert (seen.status, seen.epoch, seen.restart_count) == (ContainerStatus.RUNNING, 1, 0)
        assert seen.heartbeat_at is not None


@in_virtual_time
async def test_stop_ends_the_body_and_then_frees_its_ship(clock: VirtualClock, yard: OpenYard) -> None:
    """While the body still cleans up its ship is not free; when stop returns it is."""
    async with yard(clock) as one:
        seen: list[str | None] = []

        async def body(container: Container) -> None:
            await one.claim(container)
            try:
                await clock.sleep(NEVER)
            finally:
                await clock.sleep(3)
                seen.append(await one.holder())

        engine = engine_with(one, body)
        await engine.start(one.container())
        await clock.sleep(1)
        before = clock.now()
        assert await engine.stop("worker-1", reason="the user said so")
        assert seen == ["worker-1"]
        assert await one.holder() is None
        assert clock.now() - before == timedelta(seconds=3)
        row = await one.row()
        assert (row.status, row.exit_reason) == (ContainerStatus.STOPPED, "the user said so")
        assert not engine.is_running("worker-1")


@in_virtual_time
async def test_stop_before_the_first_step_ends_the_row(clock: VirtualClock, yard: OpenYard) -> None:
    """A container stopped in the moment of its start is STOPPED, not forgotten as PENDING."""
    async with yard(clock) as one:
        body = Sleeper(one)
        engine = engine_with(one, body)
        await engine.start(one.container())
        assert await engine.stop("worker-1", reason="changed my mind")
        assert (await one.row()).status is ContainerStatus.STOPPED
        assert body.starts == []


@in_virtual_time
async def test_stopping_what_is_over_or_unknown_says_no(clock: VirtualClock, yard: OpenYard) -> None:
    """False, and nothing changes."""
    async with yard(clock) as one:
        engine = engine_with(one, Sleeper(one))
        await engine.start(one.container())
        await engine.stop("worker-1", reason="first")
        assert not await engine.stop("worker-1", reason="second")
        assert not await engine.stop("worker-9", reason="who?")
        assert (await one.row()).exit_reason == "first"


@in_virtual_time
async def test_stopping_a_row_that_nobody_runs_ends_it(clock: VirtualClock, yard: OpenYard) -> None:
    """A container of an earlier process can be stopped without being started."""
    async with yard(clock) as one:
        await one.add(one.container(), ContainerStatus.RUNNING)
        assert await engine_with(one, Sleeper(one)).stop("worker-1", reason="not wanted")
        assert (await one.row()).status is ContainerStatus.STOPPED


@in_virtual_time
async def test_a_swallowed_cancellation_still_stops(clock: VirtualClock, yard: OpenYard) -> None:
    """A body that answers the cancellation by returning is STOPPED for the reason given."""
    async with yard(clock) as one:

        async def body(container: Container) -> str:
            await one.claim(container)
            try:
                await clock.sleep(NEVER)
            except asyncio.CancelledError:
                return "I end when I like"
            return "never"

        engine = engine_with(one, body)
        await engine.start(one.container())
        await clock.sleep(1)
        await engine.stop("worker-1", reason="the user said so")
        row = await one.row()
        assert (row.status, row.exit_reason) == (ContainerStatus.STOPPED, "the user said so")
        assert await one.holder() is None


@in_virtual_time
async def test_a_body_that_goes_on_after_its_cancellation_is_cancelled_again(
    clock: VirtualClock, yard: OpenYard
) -> None:
    """Stop returns although the first cancellation was swallowed in the middle of the work."""
    async with yard(clock) as one:
        swallowed = []

        async def body(container: Container) -> None:
            while len(swallowed) < 2:
                try:
                    await clock.sleep(NEVER)
                except asyncio.CancelledError:
                    swallowed.append(clock.now())
            await clock.sleep(NEVER)

        engine = engine_with(one, body)
        await engine.start(one.container())
        await clock.sleep(1)
        await engine.stop("worker-1", reason="enough")
        assert len(swallowed) == 2
        assert (await one.row()).status is ContainerStatus.STOPPED


@in_virtual_time
async def test_a_bug_in_the_clean_up_does_not_start_a_stopped_body_again(
    clock: VirtualClock, yard: OpenYard
) -> None:
    """An exception in answer to the cancellation is no crash to recover from."""
    async with yard(clock) as one:
        starts = []

        async def body(container: Container) -> None:
            starts.append(container.epoch)
            try:
                await clock.sleep(NEVER)
            finally:
                raise ZeroDivisionError("a bug in the clean-up")

        engine = engine_with(one, body)
        await engine.start(one.container())
        await clock.sleep(1)
        await engine.stop("worker-1", reason="enough")
        assert starts == [1]
        assert (await one.row()).status is ContainerStatus.STOPPED


@in_virtual_time
async def test_stop_during_the_back_off_ends_it(clock: VirtualClock, yard: OpenYard) -> None:
    """A container that waits to be started again is stopped like a running one."""
    async with yard(clock) as one:
        body = Crasher(clock, times=100)
        engine = engine_with(one, body, restarts=None)
        await engine.start(one.container())
        await clock.sleep(3)
        await engine.stop("worker-1", reason="enough")
        assert (await one.row()).status is ContainerStatus.STOPPED
        runs = len(body.moments)
        await clock.sleep(1000)
        assert len(body.moments) == runs


@in_virtual_time
async def test_start_end_and_freed_ships_are_events(clock: VirtualClock, yard: OpenYard) -> None:
    """Watchers see every start, every end with its status, and every ship that became free, in order."""
    async with yard(clock) as one:

        async def body(container: Container) -> str:
            await one.claim(container)
            await one.claim(container, "COSMIC-2")
            await clock.sleep(2)
            return "done"

        await engine_with(one, body).start(one.container())
        await ended(one)
        kinds = (EventKind.CONTAINER_STARTED, EventKind.CONTAINER_ENDED, EventKind.SHIP_FREED)
        told = [(event.kind, event.ship, event.data.get("status")) for event in await one.events(*kinds)]
        assert told == [
            (EventKind.CONTAINER_STARTED, SHIP, None),
            (EventKind.CONTAINER_ENDED, SHIP, "COMPLETED"),
            (EventKind.SHIP_FREED, SHIP, None),
            (EventKind.SHIP_FREED, "COSMIC-2", None),
        ]
        events = await one.events(*kinds)
        assert {(event.container_id, event.player_id, event.data["type"]) for event in events} == {
            ("worker-1", one.player_id, "goods_factory_worker")
        }
