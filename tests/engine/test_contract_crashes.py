"""What every engine promises of bodies with bugs: they harm nobody else (L9)."""

import itertools

import pytest
from tests.daemon.stage import in_virtual_time
from tests.engine.bodies import Crasher, OpenYard, ended, engine_with

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Fenced
from goodsfactory.ports.engine import ContainerFailed


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
