"""What every engine promises of its process ending and another one beginning (L6)."""

import asyncio
from dataclasses import replace

import pytest
from tests.engine.bodies import NEVER, Sleeper
from tests.engine.stand import on_every_engine
from tests.engine.yard import SHIP, Yard

from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.events import EventKind
from goodsfactory.ports.engine import ContainerFailed


@on_every_engine()
async def test_shutdown_leaves_the_rows_running(one: Yard) -> None:
    """Every body is gone and no row has ended: the next start resumes them. Their ships are free."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container("worker-1"))
    await engine.start(one.container("worker-2"))
    await body.runs(2)
    await engine.shutdown()
    assert body.running == 0
    assert engine.running() == 0
    assert {(await one.row(name)).status for name in ("worker-1", "worker-2")} == {ContainerStatus.RUNNING}
    assert await one.holder() is None
    assert await one.events(EventKind.CONTAINER_ENDED) == []
    await engine.shutdown()


@on_every_engine()
async def test_a_clean_up_at_shutdown_still_has_its_ship(one: Yard) -> None:
    """Ships are freed only once every body is gone."""
    seen: list[str | None] = []
    acts = asyncio.Event()

    async def body(container: Container) -> None:
        await one.claim(container)
        acts.set()
        try:
            await one.clock.sleep(NEVER)
        finally:
            await one.clock.sleep(3)
            seen.append(await one.holder())

    engine = await one.engine_with(body)
    await engine.start(one.container())
    await acts.wait()
    await engine.shutdown()
    assert seen == ["worker-1"]
    assert await one.holder() is None


@on_every_engine()
async def test_resume_holds_every_ship_before_any_body_runs(one: Yard) -> None:
    """The first body that runs again, a planner perhaps, sees no ship of the others as free."""
    seen: list[str | None] = []

    async def planner(container: Container) -> None:
        seen.append(await one.holder())

    async def worker(container: Container) -> None:
        await one.clock.sleep(NEVER)

    first = replace(one.container("first-1", ContainerType.COORDINATOR), metadata={})
    await one.add(first, ContainerStatus.RUNNING)
    await one.add(one.container("worker-1"), ContainerStatus.RUNNING)
    engine = await one.engine_with(worker)
    engine.register(ContainerType.COORDINATOR, planner, restarts=0)
    await engine.resume()
    await one.until(lambda: bool(seen))
    assert seen == ["worker-1"]


@pytest.mark.parametrize("answer", ["returns", "fails", "crashes"])
@on_every_engine()
async def test_a_body_that_answers_shutdown_is_resumed_all_the_same(one: Yard, answer: str) -> None:
    """Whatever a body makes of the cancellation, shutdown is no end of its work (L6)."""
    epochs: list[int] = []

    async def body(container: Container) -> str:
        epochs.append(container.epoch)
        try:
            await one.clock.sleep(NEVER)
        except asyncio.CancelledError:
            if answer == "fails":
                raise ContainerFailed("cancelled") from None
            if answer == "crashes":
                raise ZeroDivisionError("a bug") from None
        return "cancelled"

    engine = await one.engine_with(body)
    await engine.start(one.container())
    await one.until(lambda: epochs == [1])
    await engine.shutdown()
    assert not engine.is_running("worker-1")
    assert (await one.row()).status is ContainerStatus.RUNNING
    again = await one.engine_with(body)
    assert (await again.resume()).resumed == 1
    await one.until(lambda: epochs == [1, 2])


@on_every_engine()
async def test_resume_starts_what_was_running_or_pending_and_counts_it(one: Yard) -> None:
    """RUNNING and PENDING rows run again, ended ones do not; a row without a body is counted as lost."""
    await one.add(one.container("worker-1"), ContainerStatus.RUNNING)
    await one.add(one.container("worker-2"), ContainerStatus.PENDING)
    await one.add(one.container("worker-3"), ContainerStatus.COMPLETED)
    await one.add(one.container("worker-4"), ContainerStatus.FAILED)
    await one.add(one.container("scout-1", ContainerType.SCOUT), ContainerStatus.RUNNING)
    body = Sleeper(one)
    engine = await one.engine_with(body)
    recovery = await engine.resume()
    await body.runs(2)
    assert (recovery.resumed, recovery.lost) == (2, 1)
    assert {row.id: row.restart_count for row in body.starts} == {"worker-1": 1, "worker-2": 0}
    assert engine.is_running("worker-1")
    assert not engine.is_running("worker-3")


@on_every_engine()
async def test_every_start_is_a_new_epoch(one: Yard) -> None:
    """The epoch grows with each life, so that an older body has no right any more (L5)."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    for _ in range(3):
        await engine.shutdown()
        engine = await one.engine_with(body)
        await engine.resume()
        await body.runs()
    assert [row.epoch for row in body.starts] == [1, 2, 3, 4]
    claim = await one.store.transact(lambda tx: tx.claims.of_ship(SHIP))
    assert claim is not None
    assert claim.epoch == 4
    assert not await one.claim(body.starts[0])
