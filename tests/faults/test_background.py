"""What a daemon does beside its work goes on after any trouble, and is told in its log."""

import io
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from tests.daemon.stage import AGENT, Stage, in_virtual_time, logged, stage
from tests.faults.test_full_disk import pragma
from tests.faults.test_identity import REFUSED, Front, another_world, at_work, troubles

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.sandbox.http.app import create_app

DAY = 86_400


@contextmanager
def forbidden(one: Stage, change: str) -> Iterator[None]:
    """Every such change (``DELETE ON legs``) is wrong for a while: a bug, no weather."""
    execute = one.application.store._connection.connection.driver_connection.execute  # type: ignore[attr-defined]
    execute(f"CREATE TRIGGER forbidden BEFORE {change} BEGIN SELECT RAISE(ABORT, 'forbidden'); END")
    yield
    execute("DROP TRIGGER forbidden")


@contextmanager
def locked(one: Stage) -> Iterator[None]:
    """Somebody else writes into the file and does not come to an end."""
    pragma(one, "busy_timeout = 0")
    connection = sqlite3.connect(one.folder / "goodsfactory.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.rollback()
    connection.close()


@in_virtual_time
async def test_a_universe_is_noticed_after_a_bug_in_noticing(clock: VirtualClock) -> None:
    """The first look at a server that began anew fails with a bug: that is told, and the next works."""
    log = io.StringIO()
    async with stage(clock) as one:
        front = Front(one)
        player = await one.begin()
        async with logged(one.application, log):
            await clock.sleep(60)
            front.servers["sandbox"] = create_app(another_world(one), sleep=clock.sleep)
            with forbidden(one, "INSERT ON universes"):
                await clock.sleep(1800)
            await clock.sleep(1800)
        assert "parked" in str(one.application.roster.trouble(player.id))
        assert "trouble with" in log.getvalue()


@in_virtual_time
async def test_old_details_are_removed_after_a_bug_in_removing(clock: VirtualClock) -> None:
    """An instant in the file that is none fails some rounds, and not retention for good."""
    log = io.StringIO()
    async with stage(clock, history__keep=1) as one:
        player = await one.begin()
        await one.until_over(player, await one.produce(player, "COPPER", units=10))
        execute = one.application.store._connection.connection.driver_connection.execute  # type: ignore[attr-defined]
        first, at = execute("SELECT seq, at FROM events ORDER BY seq LIMIT 1").fetchone()
        async with logged(one.application, log):
            execute("UPDATE events SET at = 'never' WHERE seq = ?", (first,))
            await clock.sleep(0.5 * DAY)
            execute("UPDATE events SET at = ? WHERE seq = ?", (at, first))
            await clock.sleep(1 * DAY)
        assert await one.events(EventKind.LEG_DONE) == []
        assert "removing old details" in log.getvalue()


@in_virtual_time
async def test_a_locked_database_closes_nothing_for_good(clock: VirtualClock) -> None:
    """Another agent is tried again just then: once all is well nothing is said to be amiss any more."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        mine = front.tokens[-1][1]
        await one.application.register_player("RIVAL", "COSMIC")
        await one.application.stop()
        front.instead = lambda request, token: (401, REFUSED) if token == mine else None
        application = await one.open()
        await application.start()
        assert AGENT in await troubles(application)
        with locked(one):
            await clock.sleep(1800)
        front.instead = lambda request, token: None
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED
        assert await troubles(application) == ""
        await application.register_player("THIRD", "COSMIC")


@in_virtual_time
async def test_asking_whose_a_token_is_leaves_its_listener_in_place(clock: VirtualClock) -> None:
    """A player that is registered again, on a server without ids: a later refusal is noticed as ever."""
    async with stage(clock) as one:
        front = Front(one)
        front.tells_ids = False
        await at_work(one)
        await one.application.enrol_player(AGENT, "COSMIC")
        front.instead = lambda request, token: (401, REFUSED) if token else None
        await clock.sleep(900)
        assert len(await one.events(EventKind.TOKEN_REFUSED)) == 1


@in_virtual_time
async def test_a_token_that_is_refused_again_is_told_again(clock: VirtualClock) -> None:
    """The game takes it for an hour in between, with nobody's help."""
    async with stage(clock) as one:
        front = Front(one)
        await at_work(one)
        for times in (1, 2):
            front.instead = lambda request, token: (401, REFUSED) if token else None
            await clock.sleep(1800)
            assert len(await one.events(EventKind.TOKEN_REFUSED)) == times
            front.instead = lambda request, token: None
            await clock.sleep(3600)
            assert await troubles(one.application) == ""


@in_virtual_time
async def test_work_goes_on_where_the_token_that_is_added_is_the_one_at_work(clock: VirtualClock) -> None:
    """It was refused once and is taken again: no container is taken down for it."""
    async with stage(clock) as one:
        front = Front(one)
        player, _ = await at_work(one)
        front.instead = lambda request, token: (401, REFUSED) if token else None
        await clock.sleep(300)
        front.instead = lambda request, token: None
        await clock.sleep(1200)
        find = one.application.store.transact
        before = {row.id: row.epoch for row in await find(lambda tx: tx.containers.find(player_id=player.id))}
        await one.application.add_player(front.tokens[-1][1].removeprefix("Bearer "))
        after = {row.id: row.epoch for row in await find(lambda tx: tx.containers.find(player_id=player.id))}
        assert {name: after[name] for name in before} == before
