"""What every engine promises of bodies with bugs: they harm nobody else (L9)."""

import itertools
from datetime import datetime, timedelta

import pytest
from tests.engine.bodies import Crasher
from tests.engine.stand import on_every_engine
from tests.engine.yard import SHIP, Yard

from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Fenced, Unavailable
from goodsfactory.domain.events import EventKind
from goodsfactory.ports.engine import ContainerFailed


@on_every_engine()
async def test_a_crash_restarts_with_a_growing_back_off(one: Yard) -> None:
    """Every pause is at least as long as the one before, the bug is logged, and the work completes."""
    body = Crasher(one.clock, times=3)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    row = await one.ended()
    assert row.status is ContainerStatus.COMPLETED
    pauses = [after - before for before, after in itertools.pairwise(body.moments)]
    assert len(pauses) == 3
    assert pauses == sorted(pauses)
    assert pauses[-1] > pauses[0] > 1
    assert (row.epoch, row.restart_count) == (4, 3)
    logs = await one.store.transact(lambda tx: tx.containers.logs("worker-1", level="ERROR"))
    assert [line.message for line in logs] == ["ZeroDivisionError: a bug"] * 3


@on_every_engine()
async def test_crashing_too_often_fails_and_tells(one: Yard) -> None:
    """FAILED with the last bug, its ship free, and on_lost called once with row and reason."""
    lost: list[tuple[str, str, str | None]] = []

    async def tell(container: Container, reason: str) -> None:
        lost.append((container.id, reason, await one.holder()))

    async def body(container: Container) -> None:
        await one.claim(container)
        raise ZeroDivisionError("a bug")

    engine = await one.engine_with(body, restarts=2)
    engine.on_lost(tell)
    await engine.start(one.container())
    row = await one.ended()
    await one.until(lambda: bool(lost))
    await one.settle()
    assert row.status is ContainerStatus.FAILED
    assert row.epoch == 3
    assert "ZeroDivisionError: a bug" in str(row.exit_reason)
    assert lost == [("worker-1", row.exit_reason, None)]


@on_every_engine(speed=10_000)
async def test_without_a_limit_a_crasher_is_never_given_up(one: Yard) -> None:
    """``restarts`` None means for ever, with a bounded pause."""
    body = Crasher(one.clock, times=25)
    engine = await one.engine_with(body, restarts=None)
    await engine.start(one.container())
    await body.finished.wait()
    row = await one.ended()
    assert row.status is ContainerStatus.COMPLETED
    pause = body.moments[-1] - body.moments[-2]
    assert pause <= 301 or not one.is_virtual


@on_every_engine()
async def test_a_body_that_gives_up_fails_without_a_restart(one: Yard) -> None:
    """ContainerFailed ends FAILED at once with its text, frees the ship, and then it is told once."""
    lost: list[tuple[str, str, str | None]] = []

    async def tell(container: Container, reason: str) -> None:
        lost.append((container.id, reason, await one.holder()))

    async def body(container: Container) -> None:
        await one.claim(container)
        raise ContainerFailed("the ship is gone")

    engine = await one.engine_with(body)
    engine.on_lost(tell)
    await engine.start(one.container())
    row = await one.ended()
    await one.until(lambda: bool(lost))
    await one.settle()
    assert (row.status, row.exit_reason, row.epoch) == (ContainerStatus.FAILED, "the ship is gone", 1)
    assert await one.holder() is None
    assert lost == [("worker-1", "the ship is gone", None)]


@on_every_engine()
async def test_a_fenced_body_leaves_the_row_to_its_owner(one: Yard) -> None:
    """A body that lost its right to act ends in silence: neither restarted nor ended."""
    runs = []

    async def body(container: Container) -> None:
        runs.append(container.epoch)
        raise Fenced("somebody newer has it")

    engine = await one.engine_with(body)
    await engine.start(one.container())
    await one.until(lambda: runs == [1] and not engine.is_running("worker-1"))
    await one.clock.sleep(60)
    assert runs == [1]
    assert (await one.row()).status is ContainerStatus.RUNNING


@on_every_engine()
async def test_one_crashing_container_harms_no_other(one: Yard) -> None:
    """While one crashes to its end, the other works on undisturbed (L9)."""
    ticks: list[float] = []

    async def steady(container: Container) -> str:
        for _ in range(60):
            await one.clock.sleep(1)
            ticks.append(one.clock.now().timestamp())
        return "steady"

    engine = await one.engine_with(Crasher(one.clock, times=100))
    engine.register(ContainerType.COORDINATOR, steady, restarts=0)
    await engine.start(one.container("steady-1", ContainerType.COORDINATOR))
    for number in range(1, 4):
        await engine.start(one.container(f"worker-{number}"))
    assert (await one.ended("steady-1")).status is ContainerStatus.COMPLETED
    late = [after - before for before, after in itertools.pairwise(ticks) if after - before > 1.0]
    assert not late or not one.is_virtual
    assert {(await one.ended(f"worker-{n}")).status for n in (1, 2, 3)} == {ContainerStatus.FAILED}
    assert (await one.row("steady-1")).restart_count == 0


@on_every_engine()
async def test_a_crash_says_how_often_and_when_it_is_tried_again(one: Yard) -> None:
    """The ERROR line has traceback, count and next try; an event tells the same to whoever watches."""
    engine = await one.engine_with(Crasher(one.clock, times=9), restarts=1)
    await engine.start(one.container())
    await one.ended()
    lines = await one.store.transact(lambda tx: tx.containers.logs("worker-1", level="ERROR"))
    assert [line.metadata["crashes"] for line in lines] == [1, 2]
    assert "ZeroDivisionError" in lines[0].metadata["traceback"]
    assert datetime.fromisoformat(lines[0].metadata["next_try"]) == lines[0].at + timedelta(seconds=5)
    assert lines[1].metadata["next_try"] is None
    first, last = await one.events(EventKind.CONTAINER_CRASHED)
    told = "goods_factory_worker worker-1 met a bug (ZeroDivisionError: a bug), crash"
    assert first.message == f"{told} 1: it is started again in 5 s"
    assert last.message == f"{told} 2: it is given up"
    assert (first.container_id, first.ship) == ("worker-1", SHIP)


@on_every_engine(speed=10_000)
async def test_a_crash_after_a_calm_run_counts_as_the_first(one: Yard) -> None:
    """Bugs that lie far apart never add up to the end of a container, nor to a long back-off."""
    runs: list[int] = []

    async def body(container: Container) -> str:
        runs.append(container.epoch)
        await one.clock.sleep(900)
        if len(runs) <= 4:
            raise ZeroDivisionError("a rare bug")
        return "done"

    engine = await one.engine_with(body, restarts=2)
    await engine.start(one.container())
    assert (await one.ended()).status is ContainerStatus.COMPLETED
    told = await one.events(EventKind.CONTAINER_CRASHED)
    assert [event.data["crashes"] for event in told] == [1, 1, 1, 1]


@pytest.mark.parametrize("step", ["begin", "log", "end"])
@on_every_engine()
async def test_a_store_that_fails_for_a_while_costs_time_and_no_container(one: Yard, step: str) -> None:
    """A full disk at the begin, the crash or the end of a body: it runs again once rows can be written."""
    runs: list[int] = []

    async def body(container: Container) -> str:
        runs.append(container.epoch)
        if step == "log" and len(runs) == 1:
            one.store.fail(3)
            raise ZeroDivisionError("a bug")
        if step == "end" and len(runs) == 1:
            one.store.fail(3)
        return "done"

    engine = await one.engine_with(body)
    await one.add(one.container())
    if step == "begin":
        one.store.fail(3, after=2)
    assert (await engine.resume()).resumed == 1
    row = await one.ended()
    assert (row.status, row.exit_reason) == (ContainerStatus.COMPLETED, "done")
    assert one.store.failed == 3


@pytest.mark.parametrize("step", ["begin", "end"])
@on_every_engine()
async def test_a_write_whose_confirmation_was_lost_counts(one: Yard, step: str) -> None:
    """The row was begun or ended, only nobody heard: the body runs once, in the first epoch."""
    runs: list[int] = []

    async def body(container: Container) -> str:
        runs.append(container.epoch)
        if step == "end":
            one.store.fail(1, kept=True)
        return "done"

    engine = await one.engine_with(body)
    await one.add(one.container())
    if step == "begin":
        one.store.fail(1, after=2, kept=True)
    await engine.resume()
    row = await one.ended()
    await one.until(lambda: not engine.is_running("worker-1"))
    assert one.store.failed == 1
    assert (runs, row.epoch, row.status) == ([1], 1, ContainerStatus.COMPLETED)
    assert len(await one.events(EventKind.CONTAINER_STARTED)) == 1


@on_every_engine()
async def test_a_loss_is_told_again_until_it_is_heard(one: Yard) -> None:
    """Whoever releases the lost container's leg may find the store out of order for a while."""
    heard: list[str] = []

    async def tell(container: Container, reason: str) -> None:
        heard.append(reason)
        if len(heard) < 3:
            raise Unavailable("The disk is full.")

    engine = await one.engine_with(Crasher(one.clock, times=100), restarts=0)
    engine.on_lost(tell)
    await engine.start(one.container())
    await one.until(lambda: len(heard) == 3)
    await one.until(lambda: not engine.is_running("worker-1"))
    assert (await one.row()).epoch == 1


@on_every_engine()
async def test_a_listener_with_a_bug_keeps_no_other_from_hearing(
    one: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    """The container stays lost, the next listener is told, and the bug is in the log."""
    heard: list[str] = []

    async def careless(container: Container, reason: str) -> None:
        raise ZeroDivisionError("a bug in the listener")

    async def careful(container: Container, reason: str) -> None:
        heard.append(container.id)

    body = Crasher(one.clock, times=100)
    engine = await one.engine_with(body, restarts=0)
    engine.on_lost(careless)
    engine.on_lost(careful)
    await engine.start(one.container())
    await one.until(lambda: not engine.is_running("worker-1"))
    assert (heard, len(body.moments)) == (["worker-1"], 1)
    assert "a bug in the listener" in caplog.text
