"""What every engine promises where several processes share the work."""

import asyncio

import pytest
from tests.engine.bodies import NEVER, Crasher, Sleeper
from tests.engine.stand import on_every_engine
from tests.engine.yard import SHIP, Yard

from goodsfactory.domain.container import Claim, Container, ContainerStatus
from goodsfactory.domain.events import EventKind
from goodsfactory.ports.engine import ContainerFailed


@on_every_engine()
async def test_letting_go_takes_the_bodies_down_and_touches_nothing_else(one: Yard) -> None:
    """Row, claim and events stay as they are: they are the next owner's."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    before = await one.row()
    await engine.let_go([one.player_id])
    assert body.running == 0
    assert not engine.is_running("worker-1")
    assert await one.row() == before
    assert await one.holder() == "worker-1"
    assert await one.events(EventKind.CONTAINER_ENDED, EventKind.SHIP_FREED) == []


@on_every_engine()
async def test_letting_go_of_one_player_leaves_the_others(one: Yard) -> None:
    """Their bodies are not even cancelled."""
    other = await one.add_player()
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container("worker-1"))
    await engine.start(one.container("worker-2", player_id=other))
    await body.runs(2)
    await engine.let_go([one.player_id])
    await one.settle()
    assert (body.running, engine.running(other), engine.is_running("worker-2")) == (1, 1, True)


@on_every_engine()
async def test_letting_go_returns_once_the_bodies_are_gone(one: Yard) -> None:
    """The next owner may act only when nothing here does: a clean-up is waited for."""
    gone: list[str] = []
    acts = asyncio.Event()

    async def body(container: Container) -> None:
        acts.set()
        try:
            await one.clock.sleep(NEVER)
        finally:
            await one.clock.sleep(3)
            gone.append(container.id)

    engine = await one.engine_with(body)
    await engine.start(one.container())
    await acts.wait()
    await engine.let_go([one.player_id])
    assert gone == ["worker-1"]


@on_every_engine()
async def test_letting_go_in_the_moment_of_a_start_keeps_the_body_from_running(one: Yard) -> None:
    """What was started and has not begun yet does not begin any more."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await engine.let_go([one.player_id])
    await one.settle()
    assert body.starts == []
    assert not engine.is_running("worker-1")
    assert (await one.row()).status is ContainerStatus.PENDING


@on_every_engine()
async def test_what_was_let_go_can_be_taken_back(one: Yard) -> None:
    """By ``resume``, in the next epoch, as often as it takes."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    for _ in range(2):
        await engine.let_go([one.player_id])
        assert (await engine.resume([one.player_id])).resumed == 1
        await body.runs()
    assert [row.epoch for row in body.starts] == [1, 2, 3]


@on_every_engine()
async def test_a_restart_runs_nothing_of_players_that_nobody_names(one: Yard) -> None:
    """They are waiting; their ships are not claimed in their name either."""
    other = await one.add_player()
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await engine.shutdown()
    again = await one.engine_with(body)
    recovery = await again.resume([other])
    await one.settle()
    assert (recovery.resumed, recovery.waiting) == (0, 1)
    assert (len(body.starts), again.running(), await one.holder()) == (1, 0, None)
    await again.resume([one.player_id])
    await body.runs()
    assert await one.holder() == "worker-1"


@pytest.mark.parametrize("end", ["returns", "fails"])
@on_every_engine()
async def test_the_end_of_an_old_body_is_not_the_end_of_the_container(one: Yard, end: str) -> None:
    """Another process has begun the container: its row runs on and keeps its ship."""
    taken = asyncio.Event()

    async def body(container: Container) -> str:
        await one.claim(container)
        await taken.wait()
        if end == "fails":
            raise ContainerFailed("the ship is gone")
        return "all delivered"

    engine = await one.engine_with(body)
    await engine.start(one.container())
    while await one.holder() is None:
        await one.clock.sleep(1)
    await one.taken_over()
    taken.set()
    await one.until(lambda: not engine.is_running("worker-1"))
    assert (await one.row()).status is ContainerStatus.RUNNING
    assert await one.holder() == "worker-1"
    assert await one.events(EventKind.CONTAINER_ENDED) == []


@on_every_engine()
async def test_an_old_body_is_not_started_again_after_a_crash(one: Yard) -> None:
    """While it waited to be started again another process has begun the container."""
    body = Crasher(one.clock, times=100)
    engine = await one.engine_with(body, restarts=None)
    await engine.start(one.container())
    await one.until(lambda: len(body.moments) == 1)
    await one.clock.sleep(2)
    await one.taken_over()
    await one.until(lambda: not engine.is_running("worker-1"))
    row = await one.row()
    assert (len(body.moments), row.epoch, row.status) == (1, 2, ContainerStatus.RUNNING)


@on_every_engine()
async def test_a_shutdown_frees_no_ship_that_somebody_else_works_with(one: Yard) -> None:
    """The claims of a container that another process has begun are that one's."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    await engine.start(one.container())
    await body.runs()
    await one.taken_over()
    newer = await one.row()
    assert await one.store.transact(
        lambda tx: tx.claims.claim(
            Claim(SHIP, one.player_id, "worker-1", "another process", newer.epoch, one.clock.now())
        )
    )
    await engine.shutdown()
    assert await one.holder() == "worker-1"
