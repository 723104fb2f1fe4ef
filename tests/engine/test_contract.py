"""What every engine promises (ports/engine.py) of starts, ends and stops, whatever adapter keeps it."""

import asyncio
from datetime import datetime, timedelta

import pytest
from tests.engine.bodies import NEVER, Crasher, Sleeper
from tests.engine.stand import on_every_engine
from tests.engine.yard import SHIP, Yard

from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.events import EventKind
from goodsfactory.ports.engine import ContainerFailed


@on_every_engine()
async def test_a_body_that_returns_is_completed(one: Yard) -> None:
    """Its sentence is the exit reason, and nothing runs any more."""

    async def body(container: Container) -> str:
        await one.clock.sleep(5)
        return "all delivered"

    engine = await one.engine_with(body)
    await engine.start(one.container())
    assert engine.is_running("worker-1")
    row = await one.ended()
    assert (row.status, row.exit_reason) == (ContainerStatus.COMPLETED, "all delivered")
    await one.until(lambda: not engine.is_running("worker-1"))


@on_every_engine()
async def test_a_body_may_return_without_a_sentence(one: Yard) -> None:
    """None is a good end without a reason."""

    async def body(container: Container) -> None:
        return None

    engine = await one.engine_with(body)
    await engine.start(one.container())
    row = await one.ended()
    assert (row.status, row.exit_reason) == (ContainerStatus.COMPLETED, None)


@on_every_engine()
async def test_starting_twice_runs_one_body(one: Yard) -> None:
    """Start is idempotent while the container runs."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    for _ in range(3):
        await engine.start(one.container())
        await body.runs()
    await asyncio.gather(*(engine.start(one.container()) for _ in range(3)))
    await one.settle()
    assert len(body.starts) == 1
    assert (await one.row()).epoch == 1


@on_every_engine()
async def test_a_type_without_a_body_cannot_be_started(one: Yard) -> None:
    """Refused with the type's name, and no row is written."""
    engine = await one.engine()
    with pytest.raises(ContainerFailed, match="market_scout"):
        await engine.start(one.container("scout-1", ContainerType.SCOUT))
    assert await one.store.transact(lambda tx: tx.containers.get("scout-1")) is None


@on_every_engine()
async def test_the_body_sees_its_row_as_running(one: Yard) -> None:
    """Status, epoch and heartbeat are set before the first step."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    [seen] = body.starts
    assert (seen.status, seen.epoch, seen.restart_count) == (ContainerStatus.RUNNING, 1, 0)
    assert seen.heartbeat_at is not None


@on_every_engine()
async def test_stop_ends_the_body_and_then_frees_its_ship(one: Yard) -> None:
    """While the body still cleans up its ship is not free; when stop returns it is."""
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
    before = one.clock.now()
    assert await engine.stop("worker-1", reason="the user said so")
    assert seen == ["worker-1"]
    assert await one.holder() is None
    assert one.clock.now() - before >= timedelta(seconds=3)
    row = await one.row()
    assert (row.status, row.exit_reason) == (ContainerStatus.STOPPED, "the user said so")
    assert not engine.is_running("worker-1")


@on_every_engine()
async def test_stop_before_the_first_step_ends_the_row(one: Yard) -> None:
    """A container stopped in the moment of its start is STOPPED, not forgotten as PENDING."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    assert await engine.stop("worker-1", reason="changed my mind")
    assert (await one.row()).status is ContainerStatus.STOPPED
    await one.settle()
    assert body.starts == []
    assert not engine.is_running("worker-1")


@on_every_engine()
async def test_stopping_what_is_over_or_unknown_says_no(one: Yard) -> None:
    """False, and nothing changes."""
    engine = await one.engine_with(Sleeper(one))
    await engine.start(one.container())
    await engine.stop("worker-1", reason="first")
    assert not await engine.stop("worker-1", reason="second")
    assert not await engine.stop("worker-9", reason="who?")
    assert (await one.row()).exit_reason == "first"


@on_every_engine()
async def test_stopping_a_row_that_nobody_runs_ends_it(one: Yard) -> None:
    """A container of an earlier process can be stopped without being started."""
    await one.add(one.container(), ContainerStatus.RUNNING)
    engine = await one.engine_with(Sleeper(one))
    assert await engine.stop("worker-1", reason="not wanted")
    assert (await one.row()).status is ContainerStatus.STOPPED


@on_every_engine()
async def test_a_swallowed_cancellation_still_stops(one: Yard) -> None:
    """A body that answers the cancellation by returning is STOPPED for the reason given."""
    acts = asyncio.Event()

    async def body(container: Container) -> str:
        await one.claim(container)
        acts.set()
        try:
            await one.clock.sleep(NEVER)
        except asyncio.CancelledError:
            return "I end when I like"
        return "never"

    engine = await one.engine_with(body)
    await engine.start(one.container())
    await acts.wait()
    await engine.stop("worker-1", reason="the user said so")
    row = await one.row()
    assert (row.status, row.exit_reason) == (ContainerStatus.STOPPED, "the user said so")
    assert await one.holder() is None


@on_every_engine()
async def test_a_body_that_goes_on_after_its_cancellation_is_cancelled_again(one: Yard) -> None:
    """Stop returns although the first cancellation was swallowed in the middle of the work."""
    swallowed: list[datetime] = []
    acts = asyncio.Event()

    async def body(container: Container) -> None:
        acts.set()
        while len(swallowed) < 2:
            try:
                await one.clock.sleep(NEVER)
            except asyncio.CancelledError:
                swallowed.append(one.clock.now())
        await one.clock.sleep(NEVER)

    engine = await one.engine_with(body)
    await engine.start(one.container())
    await acts.wait()
    await engine.stop("worker-1", reason="enough")
    assert len(swallowed) == 2
    assert (await one.row()).status is ContainerStatus.STOPPED


@on_every_engine()
async def test_a_bug_in_the_clean_up_does_not_start_a_stopped_body_again(one: Yard) -> None:
    """An exception in answer to the cancellation is no crash to recover from."""
    starts = []

    async def body(container: Container) -> None:
        starts.append(container.epoch)
        try:
            await one.clock.sleep(NEVER)
        finally:
            raise ZeroDivisionError("a bug in the clean-up")

    engine = await one.engine_with(body)
    await engine.start(one.container())
    await one.until(lambda: starts == [1])
    await engine.stop("worker-1", reason="enough")
    await one.settle()
    assert starts == [1]
    assert (await one.row()).status is ContainerStatus.STOPPED


@on_every_engine()
async def test_stop_during_the_back_off_ends_it(one: Yard) -> None:
    """A container that waits to be started again is stopped like a running one."""
    body = Crasher(one.clock, times=100)
    engine = await one.engine_with(body, restarts=None)
    await engine.start(one.container())
    await one.until(lambda: len(body.moments) == 2)
    await one.clock.sleep(2)
    await engine.stop("worker-1", reason="enough")
    assert (await one.row()).status is ContainerStatus.STOPPED
    await one.clock.sleep(60)
    assert len(body.moments) == 2


@on_every_engine()
async def test_start_end_and_freed_ships_are_events(one: Yard) -> None:
    """Watchers see every start, every end with its status, and every ship that became free, in order."""

    async def body(container: Container) -> str:
        await one.claim(container)
        await one.claim(container, "COSMIC-2")
        await one.clock.sleep(2)
        return "done"

    engine = await one.engine_with(body)
    await engine.start(one.container())
    await one.ended()
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


@on_every_engine()
async def test_a_start_whose_caller_goes_away_is_a_start(one: Yard) -> None:
    """The row is kept by then: a client that hangs up leaves no container that nobody runs."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    one.store.answers.clear()
    starting = asyncio.create_task(engine.start(one.container()))
    while await one.store.sound.transact(lambda tx: tx.containers.get("worker-1")) is None:
        await one.clock.sleep(1)
    starting.cancel()
    await asyncio.wait([starting])
    assert starting.cancelled()
    one.store.answers.set()
    await body.runs()


@on_every_engine()
async def test_running_containers_are_counted_by_player(one: Yard) -> None:
    """Of one player or of all; what has ended does not count."""
    other = await one.add_player()
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container("worker-1"))
    await engine.start(one.container("worker-2"))
    await engine.start(one.container("worker-3", player_id=other))
    await body.runs(3)
    await engine.stop("worker-1", reason="enough")
    assert (engine.running(), engine.running(one.player_id), engine.running(other)) == (2, 1, 1)
    assert engine.running(99) == 0
