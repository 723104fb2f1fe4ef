"""What every engine promises of its process ending and another one beginning (L6)."""

import asyncio
from dataclasses import replace

import pytest
from tests.daemon.stage import in_virtual_time
from tests.engine.bodies import NEVER, OpenYard, Sleeper, engine_with
from tests.engine.conftest import SHIP

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.events import EventKind
from goodsfactory.ports.engine import ContainerFailed


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
