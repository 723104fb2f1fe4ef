"""What every engine promises (ports/engine.py), whatever adapter keeps the promise."""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.daemon.stage import in_virtual_time
from tests.engine.conftest import SHIP, Yard

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Fenced
from goodsfactory.domain.events import EventKind
from goodsfactory.ports.engine import Body, ContainerFailed, Engine

OpenYard = Callable[[VirtualClock], AbstractAsyncContextManager[Yard]]

NEVER = 10**9


class Sleeper:
    """A body that holds a ship and waits until it is taken down; it remembers how often it ran."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard
        self.starts: list[Container] = []
        self.running = 0

    async def __call__(self, container: Container) -> str | None:
        self.starts.append(container)
        await self.yard.claim(container)
        self.running += 1
        try:
            await self.yard.clock.sleep(NEVER)
        finally:
            self.running -= 1
        return None


class Crasher:
    """A body with a bug that shows ``times`` times; then it ends well."""

    def __init__(self, clock: VirtualClock, times: int) -> None:
        self.clock = clock
        self.times = times
        self.moments: list[float] = []

    async def __call__(self, container: Container) -> str | None:
        self.moments.append(self.clock.now().timestamp())
        await self.clock.sleep(1)
        if len(self.moments) <= self.times:
            raise ZeroDivisionError("a bug")
        return "it went well in the end"


def engine_with(yard: Yard, body: Body, *, restarts: int | None = 3) -> Engine:
    engine = yard.engine()
    engine.register(ContainerType.WORKER, body, restarts=restarts)
    return engine


async def ended(yard: Yard, name: str = "worker-1") -> Container:
    """The row of a container once it is over."""
    for _ in range(100_000):
        row = await yard.row(name)
        if row.status.is_over:
            return row
        await yard.clock.sleep(1)
    raise AssertionError(f"{name} never ended")


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
async def test_a_crash_restarts_with_a_growing_back_off(clock: VirtualClock, yard: OpenYard) -> None:
    """Every pause is at least as long as the one before, the bug is logged, and the work completes."""
    async with yard(clock) as one:
        body = Crasher(clock, times=3)
        await engine_with(one, body).start(one.container())
        row = await ended(one)
        assert row.status is ContainerStatus.COMPLETED
        pauses = [after - before for before, after in itertools.pairwise(body.moments)]
        assert len(pauses) == 3
        assert pauses == sorted(pauses)
        assert pauses[-1] > pauses[0] > 1
        assert (row.epoch, row.restart_count) == (4, 3)
        logs = await one.store.transact(lambda tx: tx.containers.logs("worker-1", level="ERROR"))
        assert [line.message for line in logs] == ["ZeroDivisionError: a bug"] * 3


@in_virtual_time
async def test_crashing_too_often_fails_and_tells(clock: VirtualClock, yard: OpenYard) -> None:
    """FAILED with the last bug, its ship free, and on_lost called once with row and reason."""
    async with yard(clock) as one:
        lost: list[tuple[str, str, str | None]] = []

        async def tell(container: Container, reason: str) -> None:
            lost.append((container.id, reason, await one.holder()))

        async def body(container: Container) -> None:
            await one.claim(container)
            raise ZeroDivisionError("a bug")

        engine = engine_with(one, body, restarts=2)
        engine.on_lost(tell)
        await engine.start(one.container())
        row = await ended(one)
        await clock.sleep(1)
        assert row.status is ContainerStatus.FAILED
        assert row.epoch == 3
        assert "ZeroDivisionError: a bug" in str(row.exit_reason)
        assert lost == [("worker-1", row.exit_reason, None)]


@in_virtual_time
async def test_without_a_limit_a_crasher_is_never_given_up(clock: VirtualClock, yard: OpenYard) -> None:
    """``restarts`` None means for ever, with a bounded pause."""
    async with yard(clock) as one:
        body = Crasher(clock, times=25)
        await engine_with(one, body, restarts=None).start(one.container())
        row = await ended(one)
        assert row.status is ContainerStatus.COMPLETED
        assert body.moments[-1] - body.moments[-2] <= 301


@in_virtual_time
async def test_a_body_that_gives_up_fails_without_a_restart(clock: VirtualClock, yard: OpenYard) -> None:
    """ContainerFailed ends FAILED at once with its text, frees the ship, and is nobody's loss."""
    async with yard(clock) as one:
        lost: list[str] = []

        async def tell(container: Container, reason: str) -> None:
            lost.append(reason)

        async def body(container: Container) -> None:
            await one.claim(container)
            raise ContainerFailed("the ship is gone")

        engine = engine_with(one, body)
        engine.on_lost(tell)
        await engine.start(one.container())
        row = await ended(one)
        assert (row.status, row.exit_reason, row.epoch) == (ContainerStatus.FAILED, "the ship is gone", 1)
        assert await one.holder() is None
        assert lost == []


@in_virtual_time
async def test_a_fenced_body_leaves_the_row_to_its_owner(clock: VirtualClock, yard: OpenYard) -> None:
    """A body that lost its right to act ends in silence: neither restarted nor ended."""
    async with yard(clock) as one:
        runs = []

        async def body(container: Container) -> None:
            runs.append(container.epoch)
            raise Fenced("somebody newer has it")

        engine = engine_with(one, body)
        await engine.start(one.container())
        await clock.sleep(1000)
        assert runs == [1]
        assert not engine.is_running("worker-1")
        assert (await one.row()).status is ContainerStatus.RUNNING


@in_virtual_time
async def test_one_crashing_container_harms_no_other(clock: VirtualClock, yard: OpenYard) -> None:
    """While one crashes to its end, the other works on undisturbed (L9)."""
    async with yard(clock) as one:
        ticks: list[float] = []

        async def steady(container: Container) -> str:
            for _ in range(200):
                await clock.sleep(1)
                ticks.append(clock.now().timestamp())
            return "steady"

        engine = engine_with(one, Crasher(clock, times=100))
        engine.register(ContainerType.COORDINATOR, steady, restarts=0)
        await engine.start(one.container("steady-1", ContainerType.COORDINATOR))
        for number in range(1, 4):
            await engine.start(one.container(f"worker-{number}"))
        assert (await ended(one, "steady-1")).status is ContainerStatus.COMPLETED
        assert {after - before for before, after in itertools.pairwise(ticks)} == {1.0}
        assert {(await one.row(f"worker-{n}")).status for n in (1, 2, 3)} == {ContainerStatus.FAILED}
        assert (await one.row("steady-1")).restart_count == 0


@in_virtual_time
async def test_shutdown_leaves_the_rows_running(clock: VirtualClock, yard: OpenYard) -> None:
    """Every body is gone and no row has ended: the next start resumes them. Their ships are free."""
    async with yard(clock) as one:
        body = Sleeper(one)
        engine = engine_with(one, body)
        await engine.start(one.container("worker-1"))
        await engine.start(one.container("worker-2"))
        await clock.sleep(1)
        await engine.shutdown()
        assert body.running == 0
        assert {(await one.row(name)).status for name in ("worker-1", "worker-2")} == {
            ContainerStatus.RUNNING
        }
        assert await one.holder() is None
        assert await one.events(EventKind.CONTAINER_ENDED) == []
        await engine.shutdown()


@in_virtual_time
async def test_a_clean_up_at_shutdown_still_has_its_ship(clock: VirtualClock, yard: OpenYard) -> None:
    """Ships are freed only once every body is gone."""
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
        await engine.shutdown()
        assert seen == ["worker-1"]
        assert await one.holder() is None


@in_virtual_time
async def test_resume_holds_every_ship_before_any_body_runs(clock: VirtualClock, yard: OpenYard) -> None:
    """The first body that runs again, a dispatcher perhaps, sees no ship of the others as free."""
    async with yard(clock) as one:
        seen: list[str | None] = []

        async def dispatcher(container: Container) -> None:
            seen.append(await one.holder())

        first = replace(one.container("first-1", ContainerType.COORDINATOR), metadata={})
        await one.add(first, ContainerStatus.RUNNING)
        await one.add(one.container("worker-1"), ContainerStatus.RUNNING)
        engine = engine_with(one, Sleeper(one))
        engine.register(ContainerType.COORDINATOR, dispatcher, restarts=0)
        await engine.resume()
        await clock.sleep(1)
        assert seen == ["worker-1"]


@pytest.mark.parametrize("answer", ["returns", "fails", "crashes"])
@in_virtual_time
async def test_a_body_that_answers_shutdown_is_resumed_all_the_same(
    clock: VirtualClock, yard: OpenYard, answer: str
) -> None:
    """Whatever a body makes of the cancellation, shutdown is no end of its work (L6)."""
    async with yard(clock) as one:

        async def body(container: Container) -> str:
            try:
                await clock.sleep(NEVER)
            except asyncio.CancelledError:
                if answer == "fails":
                    raise ContainerFailed("cancelled") from None
                if answer == "crashes":
                    raise ZeroDivisionError("a bug") from None
            return "cancelled"

        engine = engine_with(one, body)
        await engine.start(one.container())
        await clock.sleep(1)
        await engine.shutdown()
        assert not engine.is_running("worker-1")
        assert (await one.row()).status is ContainerStatus.RUNNING
        again = engine_with(one, body)
        assert (await again.resume()).resumed == 1


@in_virtual_time
async def test_resume_starts_what_was_running_or_pending_and_counts_it(
    clock: VirtualClock, yard: OpenYard
) -> None:
    """RUNNING and PENDING rows run again, ended ones do not; a row without a body is counted as lost."""
    async with yard(clock) as one:
        await one.add(one.container("worker-1"), ContainerStatus.RUNNING)
        await one.add(one.container("worker-2"), ContainerStatus.PENDING)
        await one.add(one.container("worker-3"), ContainerStatus.COMPLETED)
        await one.add(one.container("worker-4"), ContainerStatus.FAILED)
        await one.add(one.container("scout-1", ContainerType.SCOUT), ContainerStatus.RUNNING)
        body = Sleeper(one)
        engine = engine_with(one, body)
        recovery = await engine.resume()
        await clock.sleep(1)
        assert (recovery.resumed, recovery.lost) == (2, 1)
        assert [row.id for row in body.starts] == ["worker-1", "worker-2"]
        assert [row.restart_count for row in body.starts] == [1, 0]
        assert engine.is_running("worker-1")
        assert not engine.is_running("worker-3")


@in_virtual_time
async def test_every_start_is_a_new_epoch(clock: VirtualClock, yard: OpenYard) -> None:
    """The epoch grows with each life, so that an older body has no right any more (L5)."""
    async with yard(clock) as one:
        body = Sleeper(one)
        await engine_with(one, body).start(one.container())
        await clock.sleep(1)
        for _ in range(3):
            await one.engines[-1].shutdown()
            await engine_with(one, body).resume()
            await clock.sleep(1)
        assert [row.epoch for row in body.starts] == [1, 2, 3, 4]
        claim = await one.store.transact(lambda tx: tx.claims.of_ship(SHIP))
        assert claim is not None
        assert claim.epoch == 4
        assert not await one.claim(body.starts[0])


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


@pytest.mark.parametrize("step", ["begin", "log", "end"])
@in_virtual_time
async def test_a_store_that_fails_for_a_while_costs_time_and_no_container(
    clock: VirtualClock, yard: OpenYard, step: str
) -> None:
    """A full disk at the begin, the crash or the end of a body: it runs again once rows can be written."""
    async with yard(clock) as one:
        runs: list[int] = []

        async def body(container: Container) -> str:
            runs.append(container.epoch)
            if step == "log" and len(runs) == 1:
                one.store.fail(3)
                raise ZeroDivisionError("a bug")
            if step == "end" and len(runs) == 1:
                one.store.fail(3)
            return "done"

        engine = engine_with(one, body)
        await one.add(one.container())
        if step == "begin":
            one.store.fail(3, after=2)
        assert (await engine.resume()).resumed == 1
        await clock.sleep(600)
        row = await one.row()
        assert (row.status, row.exit_reason) == (ContainerStatus.COMPLETED, "done")
        assert one.store.failed == 3
