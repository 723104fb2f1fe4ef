"""One transaction at a time: all of it is kept, or nothing; watchers wake after the commit."""

import asyncio
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.adapters.store import SqlStore, open_store
from goodsfactory.adapters.store.database import open_database
from goodsfactory.adapters.store.foreign_keys import driver_of
from goodsfactory.domain.errors import Bug, Unavailable, UserError
from goodsfactory.domain.player import Balance, Player

UNIVERSE = "2026-11-15"


@pytest.fixture(params=["inline", "writer thread"])
def ways(request: pytest.FixtureRequest, database_url: str) -> Any:
    """How to open a store: inline or with its writer thread, on each kind of database."""
    return {"url_or_path": database_url, "universe": UNIVERSE, "inline": request.param == "inline"}


def test_failed_work_keeps_nothing_and_wakes_nobody(ways: Any, rows: Rows) -> None:
    """What a transaction wrote before it failed is gone, and no watcher hears of it."""

    async def scenario() -> None:
        store = await open_store(**ways)
        player = await store.transact(rows.player)

        def work(t: Any) -> None:
            t.ships.save(player.id, [rows.ship()])
            t.claims.claim(rows.claim(player.id))
            t.events.append(rows.event(player.id))
            raise UserError("no")

        changed = store.changed()
        with pytest.raises(UserError, match="no"):
            await store.transact(work)
        assert not changed.is_set()
        assert store.changed() is changed
        assert await store.transact(lambda t: t.ships.of_player(player.id)) == []
        assert await store.transact(lambda t: t.claims.of_player(player.id)) == []
        assert await store.transact(lambda t: t.events.last_seq()) == 0
        await store.close()

    asyncio.run(scenario())


def test_watchers_wake_after_the_commit(ways: Any, rows: Rows) -> None:
    """Whoever waits wakes once the events can be read, not while the transaction is still open."""

    async def scenario() -> None:
        store = await open_store(**ways)
        player = await store.transact(rows.player)
        read = []

        async def watch() -> None:
            changed = store.changed()
            await changed.wait()
            read.extend(await store.transact(lambda t: t.events.after(0)))

        watchers = [asyncio.create_task(watch()) for _ in range(2)]
        await asyncio.sleep(0)
        changed = store.changed()

        def work(t: Any) -> Any:
            t.events.append(rows.event(player.id))
            return changed.is_set()

        assert await store.transact(work) is False
        assert changed.is_set()
        await asyncio.gather(*watchers)
        assert [event.seq for event in read] == [1, 1]
        await store.close()

    asyncio.run(scenario())


def test_each_wait_asks_anew(ways: Any, rows: Rows) -> None:
    """After a commit ``changed`` gives an event for the next one; no commit between is missed."""

    async def scenario() -> None:
        store = await open_store(**ways)
        player = await store.transact(rows.player)
        before = store.changed()
        await store.transact(lambda t: t.events.append(rows.event(player.id)))
        after = store.changed()
        assert before.is_set()
        assert not after.is_set()
        await store.transact(lambda t: t.events.append(rows.event(player.id)))
        assert after.is_set()
        await store.close()

    asyncio.run(scenario())


def test_commit_without_events_wakes_nobody(ways: Any, rows: Rows) -> None:
    """A heartbeat or a price is no news to watchers."""

    async def scenario() -> None:
        store = await open_store(**ways)
        changed = store.changed()
        await store.transact(rows.player)
        await store.transact(lambda t: t.players.all())
        assert not changed.is_set()
        await store.close()

    asyncio.run(scenario())


def test_news_are_told_once(ways: Any, rows: Rows) -> None:
    """A quiet commit after one with events wakes nobody a second time."""

    async def scenario() -> None:
        store = await open_store(**ways)
        player = await store.transact(rows.player)
        await store.transact(lambda t: t.events.append(rows.event(player.id)))
        changed = store.changed()
        await store.transact(lambda t: t.players.all())
        assert not changed.is_set()
        await store.close()

    asyncio.run(scenario())


def test_what_was_read_holds_until_it_is_acted_on(opened: OpenStore, rows: Rows, player: Player) -> None:
    """A transaction that has only read so far keeps other writers out: nobody decides from a passing state.

    Two processes share a purse of 10 credits and each spends what it reads there; without the turns both
    would read 10.
    """
    opened.run(lambda t: t.players.set_balance(player.id, Balance(10, rows.now)))
    read = threading.Event()

    def spend(t: Any) -> Any:
        credits = t.players.balance(player.id).credits
        read.set()
        time.sleep(0.2)
        t.players.set_balance(player.id, Balance(0, rows.now))
        return credits

    def other_process() -> Any:
        read.wait(30)
        with opened.another() as other:
            return other.run(spend)

    with ThreadPoolExecutor(1) as thread:
        second = thread.submit(other_process)
        first = opened.run(spend)
        assert [first, second.result(30)] == [10, 0]


def test_numbers_of_events_come_to_sight_in_their_order(
    opened: OpenStore, rows: Rows, player: Player
) -> None:
    """Whoever has read up to a number misses none below it: a lower one is never committed later."""
    begun = threading.Event()

    def slow(t: Any) -> Any:
        event = t.events.append(rows.event(player.id, "slow"))
        begun.set()
        time.sleep(0.2)
        return event.seq

    def quick_and_read() -> Any:
        begun.wait(30)
        with opened.another() as other:
            other.run(lambda t: t.events.append(rows.event(player.id, "quick")))
            return [event.message for event in other.run(lambda t: t.events.after(0))]

    with ThreadPoolExecutor(1) as thread:
        seen = thread.submit(quick_and_read)
        opened.run(slow)
        assert seen.result(30) == ["slow", "quick"]


def test_busy_database_is_unavailable(tmp_path: Path, rows: Rows) -> None:
    """A file that another process keeps locked is waited for, then given up with a sentence."""

    async def scenario() -> None:
        path = tmp_path / "store.db"
        connection = open_database(path)
        with connection.begin():
            connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        store = SqlStore(connection, universe=UNIVERSE)
        other = sqlite3.connect(path, timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=r"cannot be written now .*locked"):
            await store.transact(rows.player)
        other.execute("ROLLBACK")
        other.close()
        assert (await store.transact(rows.player)).id == 1
        await store.close()

    asyncio.run(scenario())


def test_closed_store_keeps_nothing(ways: Any, rows: Rows) -> None:
    """A transaction after the end is a mistake with a name; closing twice is none."""

    async def scenario() -> None:
        store = await open_store(**ways)
        await store.close()
        await store.close()
        with pytest.raises(Bug, match="store is closed"):
            await store.transact(rows.player)

    asyncio.run(scenario())


def test_inline_work_runs_on_the_calling_thread(database_url: str) -> None:
    """In virtual time no thread but the loop's own is used, so the clock never runs ahead."""

    async def scenario() -> None:
        store = await open_store(database_url, universe=UNIVERSE, inline=True)
        assert await store.transact(lambda t: threading.get_ident()) == threading.get_ident()
        await store.close()

    asyncio.run(scenario())


def test_all_work_runs_on_one_other_thread(database_url: str) -> None:
    """The loop is never blocked by the disk, and one thread alone owns the connection."""

    async def scenario() -> None:
        store = await open_store(database_url, universe=UNIVERSE)
        idents = await asyncio.gather(*(store.transact(lambda t: threading.get_ident()) for _ in range(5)))
        assert len(set(idents)) == 1
        assert threading.get_ident() not in idents
        await store.close()

    asyncio.run(scenario())


def test_cancelled_transaction_is_over_when_the_caller_leaves(database_url: str, rows: Rows) -> None:
    """Cancelling cannot half-do a step: the caller leaves only once the outcome is in the database."""

    async def scenario() -> None:
        store = await open_store(database_url, universe=UNIVERSE)
        loop = asyncio.get_running_loop()
        started, release = asyncio.Event(), threading.Event()

        def work(t: Any) -> Any:
            loop.call_soon_threadsafe(started.set)
            release.wait(30)
            return rows.player(t)

        task = asyncio.create_task(store.transact(work))
        await started.wait()
        task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        assert not task.done()
        release.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(await store.transact(lambda t: t.players.all())) == 1
        await store.close()

    asyncio.run(scenario())


def test_transaction_cancelled_in_the_queue_never_runs(database_url: str, rows: Rows) -> None:
    """Work that had not begun when its caller gave up is not done later."""

    async def scenario() -> None:
        store = await open_store(database_url, universe=UNIVERSE)
        loop = asyncio.get_running_loop()
        started, release = asyncio.Event(), threading.Event()

        def block(t: Any) -> None:
            loop.call_soon_threadsafe(started.set)
            release.wait(30)

        blocking = asyncio.create_task(store.transact(block))
        await started.wait()
        queued = asyncio.create_task(store.transact(rows.player))
        await asyncio.sleep(0)
        queued.cancel()
        with pytest.raises(asyncio.CancelledError):
            await queued
        release.set()
        await blocking
        assert await store.transact(lambda t: t.players.all()) == []
        await store.close()

    asyncio.run(scenario())


def test_closing_waits_for_the_transaction_under_way(database_url: str, rows: Rows) -> None:
    """A shutdown does not cut off what is being written."""

    async def scenario() -> None:
        store = await open_store(database_url, universe=UNIVERSE)
        loop = asyncio.get_running_loop()
        started, release = asyncio.Event(), threading.Event()

        def work(t: Any) -> Any:
            loop.call_soon_threadsafe(started.set)
            release.wait(30)
            return rows.player(t)

        writing = asyncio.create_task(store.transact(work))
        await started.wait()
        closing = asyncio.create_task(store.close())
        await asyncio.sleep(0)
        release.set()
        player = await writing
        await closing
        again = await open_store(database_url, universe=UNIVERSE)
        assert await again.transact(lambda t: t.players.all()) == [player]
        await again.close()

    asyncio.run(scenario())


def test_everything_is_there_after_reopening(database_url: str, rows: Rows) -> None:
    """A process that ends loses nothing it committed, and event numbers go on where they were."""

    async def scenario() -> None:
        store = await open_store(database_url, universe=UNIVERSE)
        player = await store.transact(rows.player)
        await store.transact(lambda t: t.factories.add(rows.factory(player.id)))
        await store.transact(lambda t: t.events.append(rows.event(player.id)))
        await store.close()
        store = await open_store(database_url, universe=UNIVERSE)
        assert await store.transact(lambda t: t.factories.find()) == [rows.factory(player.id)]
        assert (await store.transact(lambda t: t.events.append(rows.event(player.id)))).seq == 2
        await store.close()

    asyncio.run(scenario())


def test_full_disk_is_unavailable_and_passes(rows: Rows) -> None:
    """A disk that fills up refuses the transaction with a sentence; with space again, work goes on."""

    async def scenario() -> None:
        connection = open_database(":memory:")
        store = SqlStore(connection, universe=UNIVERSE)
        player = await store.transact(rows.player)

        def limit(pages: Any) -> None:
            with connection.begin():
                connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        limit(1)
        with pytest.raises(Unavailable, match="disk that holds the database is full: free some space"):
            await store.transact(lambda t: t.events.append(rows.event(player.id, "x" * 1_000_000)))
        assert await store.transact(lambda t: t.events.last_seq()) == 0
        limit(1_000_000)
        event = await store.transact(lambda t: t.events.append(rows.event(player.id, "x" * 1_000_000)))
        assert event.seq == 1
        await store.close()

    asyncio.run(scenario())


def test_read_only_file_is_unavailable_and_passes(rows: Rows) -> None:
    """A file that became read-only refuses the transaction with what to do; writable again, work goes on."""

    async def scenario() -> None:
        connection = open_database(":memory:")
        store = SqlStore(connection, universe=UNIVERSE)

        def only_reads(on: Any) -> None:
            driver_of(connection).execute(f"PRAGMA query_only = {on}")

        only_reads("ON")
        with pytest.raises(Unavailable, match="database file is read-only: make it writable"):
            await store.transact(rows.player)
        only_reads("OFF")
        assert (await store.transact(rows.player)).id == 1
        await store.close()

    asyncio.run(scenario())


def test_missing_table_is_unavailable_without_its_parameters(rows: Rows) -> None:
    """The sentence of a database error carries the reason but none of the values written."""

    async def scenario() -> None:
        connection = open_database(":memory:")
        store = SqlStore(connection, universe=UNIVERSE)
        with connection.begin():
            connection.exec_driver_sql("DROP TABLE players")
        with pytest.raises(Unavailable, match="no such table: players") as failure:
            await store.transact(rows.player)
        assert UNIVERSE not in str(failure.value)
        await store.close()

    asyncio.run(scenario())
