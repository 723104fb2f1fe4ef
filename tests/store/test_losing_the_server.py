"""PostgreSQL goes away, comes back, freezes or is frozen out: nothing is kept by half, nothing runs twice."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from tests.patience import patience
from tests.postgres import PostgresServer, plain
from tests.store.conftest import UNIVERSE, Rows, open_inline
from tests.store.lossy_proxy import LossyProxy

from goodsfactory.adapters.store import open_store
from goodsfactory.domain.errors import Bug, Unavailable


@pytest.fixture
def url(postgres_store_url: str) -> Any:
    return postgres_store_url


@pytest.fixture
def opened(url: Any) -> Iterator[Any]:
    with open_inline(url) as opened:
        yield opened


def setting(url: Any, **settings: Any) -> str:
    """The URL with settings of the session in it."""
    parsed = make_url(url)
    words = [
        str(parsed.query.get("options", "")),
        *(f"-c {name}={value}" for name, value in settings.items()),
    ]
    return parsed.update_query_dict({"options": " ".join(words)}).render_as_string(hide_password=False)


def administrator(url: Any, statement: Any) -> None:
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute(statement)


def cut_all(url: Any) -> None:
    """End every other connection to the database."""
    administrator(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


def agents(opened: Any) -> Any:
    return [player.agent_symbol for player in opened.run(lambda t: t.players.all())]


def test_server_that_crashes_and_comes_back(postgres: PostgresServer, url: Any, rows: Rows) -> None:
    """What ran is Unavailable and not kept; while the server is away all is; then work goes on by itself."""

    async def scenario() -> None:
        store = await open_store(url, universe=UNIVERSE)
        await store.transact(rows.player)
        runs: list[str] = []

        def work(t: Any) -> None:
            runs.append("work")
            rows.player(t, "LOST")
            postgres.stop(immediately=True)
            t.players.all()

        with pytest.raises(Unavailable, match="answers") as lost:
            await store.transact(work)
        assert not lost.value.maybe_done
        with pytest.raises(Unavailable, match=r"answers .Connection refused.: start it"):
            await store.transact(lambda t: runs.append("while away"))
        postgres.start()
        players = await store.transact(lambda t: t.players.all())
        assert [player.agent_symbol for player in players] == ["COSMIC"]
        assert runs == ["work"]
        # What can be read does not show that anything can be written.
        assert "Connection refused" in str(store.trouble)
        await store.transact(lambda t: rows.player(t, "SECOND"))
        assert store.trouble is None
        await store.close()

    asyncio.run(scenario())


def test_connection_that_died_between_transactions_is_not_noticed(opened: Any, url: Any, rows: Rows) -> None:
    """Nothing was under way, so nothing is lost: the next transaction connects anew and runs once."""
    opened.run(rows.player)
    cut_all(url)
    runs: list[str] = []

    def work(t: Any) -> Any:
        runs.append("work")
        return rows.player(t, "SECOND")

    opened.run(work)
    assert runs == ["work"]
    assert agents(opened) == ["COSMIC", "SECOND"]


def test_connection_lost_under_way(opened: Any, url: Any, rows: Rows) -> None:
    """A transaction whose connection is cut is Unavailable and wholly gone; the next one works."""

    def work(t: Any) -> Any:
        rows.player(t)
        cut_all(url)
        return t.players.all()

    with pytest.raises(Unavailable) as lost:
        opened.run(work)
    assert not lost.value.maybe_done
    assert agents(opened) == []


def test_work_that_fails_on_a_dead_connection_says_so(opened: Any, url: Any) -> None:
    """Work that gives up by itself after the connection was cut does not break the next transaction."""

    def work(t: Any) -> None:
        t.players.all()
        cut_all(url)
        raise RuntimeError("power cut")

    with pytest.raises((RuntimeError, Unavailable)):
        opened.run(work)
    assert agents(opened) == []


def test_commit_without_an_answer_was_perhaps_kept(url: Any, rows: Rows) -> None:
    """Here it was kept and the answer lost: the caller is told to look, and watchers wake later."""
    with LossyProxy(url) as proxy, open_inline(proxy.url) as opened:
        player = opened.run(rows.player)
        runs: list[str] = []

        def work(t: Any) -> None:
            runs.append("work")
            t.events.append(rows.event(player.id))

        changed = opened.store.changed()
        proxy.lose_next_commit()
        with pytest.raises(Unavailable, match="whether it was kept is not known") as lost:
            opened.run(work)
        assert lost.value.maybe_done
        assert runs == ["work"]
        assert not changed.is_set()
        assert len(opened.run(lambda t: t.events.after(0))) == 1
        assert changed.is_set()


def test_commit_cut_by_the_server_was_perhaps_not_kept(opened: Any, url: Any, rows: Rows) -> None:
    """Here the server ended the connection before it committed: the caller cannot tell, and is told so."""
    opened.execute(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
    )
    opened.execute(
        "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON players DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION cut()"
    )
    try:
        with pytest.raises(Unavailable) as lost:
            opened.run(rows.player)
        assert lost.value.maybe_done
        assert agents(opened) == []
    finally:
        opened.execute("DROP FUNCTION cut CASCADE")


@pytest.mark.parametrize("reads", [True, False])
def test_pause_inside_a_transaction_costs_the_transaction(url: Any, rows: Rows, reads: bool) -> None:
    """Whoever sleeps with the turn loses it, at the commit as well; this is certain."""

    def work(t: Any) -> None:
        rows.player(t)
        time.sleep(0.4)
        if reads:
            t.players.all()

    with open_inline(setting(url, idle_in_transaction_session_timeout=100)) as opened:
        with pytest.raises(Unavailable, match="paused inside a transaction") as lost:
            opened.run(work)
        assert not lost.value.maybe_done
        assert agents(opened) == []


def test_turn_that_does_not_come_is_unavailable(url: Any, rows: Rows) -> None:
    """A daemon that waits too long for its turn gives up with a sentence, and its work never began."""
    runs: list[str] = []
    with open_inline(url) as busy, open_inline(setting(url, lock_timeout=100)) as waiting:

        def work(t: Any) -> None:
            with pytest.raises(Unavailable, match="kept the database busy"):
                thread.submit(waiting.run, lambda t: runs.append("began")).result(patience(30))

        with ThreadPoolExecutor(1) as thread:
            busy.run(work)
            assert runs == []
            assert thread.submit(waiting.run, lambda t: t.players.all()).result(patience(30)) == []


FROZEN = """
import asyncio, sys
from goodsfactory.adapters.store import open_store
from goodsfactory.domain.errors import Unavailable
from datetime import datetime, UTC

def work(t):
    day = "2026-11-15"
    t.players.add(
        "GHOST", universe=day, reset_date=day, base_url="", headquarters="", now=datetime.now(UTC)
    )
    print("inside", flush=True)
    sys.stdin.readline()

async def run():
    store = await open_store(sys.argv[1], universe="2026-11-15")
    try:
        await store.transact(work)
        print("kept")
    except Unavailable as lost:
        print(lost.maybe_done, lost)
    print(len(await store.transact(lambda t: t.players.all())))
    await store.close()

asyncio.run(run())
"""


def test_frozen_daemon_does_not_stop_the_others(opened: Any, url: Any, rows: Rows) -> None:
    """A process stopped inside a transaction loses its turn; woken, it hears so and has kept nothing (L5)."""
    frozen = subprocess.Popen(
        [sys.executable, "-c", FROZEN, setting(url, idle_in_transaction_session_timeout=300)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert frozen.stdout is not None
        assert frozen.stdout.readline() == "inside\n"
        frozen.send_signal(signal.SIGSTOP)
        opened.run(rows.player)
        frozen.send_signal(signal.SIGCONT)
        words, _ = frozen.communicate("\n", timeout=patience(30))
    finally:
        frozen.kill()
        frozen.wait()
    outcome, count = words.splitlines()
    assert outcome.startswith("False This process paused inside a transaction")
    assert count == "1"
    assert agents(opened) == ["COSMIC"]


def test_error_that_was_hushed_up_is_no_success(opened: Any, rows: Rows) -> None:
    """The server would answer the commit of a failed transaction politely, having kept nothing of it."""

    def work(t: Any) -> None:
        rows.player(t)
        with suppress(SQLAlchemyError):
            t.containers.add(rows.container(99))

    with pytest.raises(Bug, match="was not passed on"):
        opened.run(work)
    assert agents(opened) == []


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("53100", "The disk of the database server is full: free some space there."),
        ("40001", "The database cannot be written now (could not extend file)."),
    ],
)
def test_server_in_need_is_unavailable(opened: Any, rows: Rows, state: str, sentence: str) -> None:
    """A full disk at the server is named as such; with space again, work goes on."""
    opened.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$BEGIN RAISE 'could not extend file' USING ERRCODE = '{state}'; END$$"
    )
    opened.execute("CREATE TRIGGER refuse BEFORE INSERT ON players EXECUTE FUNCTION refuse()")
    try:
        with pytest.raises(Unavailable) as failure:
            opened.run(rows.player)
        assert str(failure.value) == sentence
        assert not failure.value.maybe_done
    finally:
        opened.execute("DROP FUNCTION refuse CASCADE")
    opened.run(rows.player)
    assert agents(opened) == ["COSMIC"]


def test_server_that_only_lets_read(url: Any, rows: Rows) -> None:
    """A standby, or a server put into read-only mode, refuses the transaction with what to do."""
    with open_inline(setting(url, default_transaction_read_only="on")) as opened:
        with pytest.raises(Unavailable, match="only lets us read: connect to the primary"):
            opened.run(rows.player)
        assert agents(opened) == []


def test_server_that_takes_no_more_connections(url: Any, rows: Rows) -> None:
    """A daemon that cannot connect anew is Unavailable with the reason, until it can."""
    role = f"gf_limited_{os.getpid()}"
    administrator(url, f"CREATE ROLE {role} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    try:
        with open_inline(make_url(url).set(username=role).render_as_string(hide_password=False)) as opened:
            administrator(url, f"ALTER ROLE {role} CONNECTION LIMIT 0")
            cut_all(url)
            with pytest.raises(Unavailable, match=r"takes no more connections \(too many .* for role"):
                opened.run(lambda t: t.players.all())
            administrator(url, f"ALTER ROLE {role} CONNECTION LIMIT 1")
            assert agents(opened) == []
    finally:
        administrator(url, f"DROP OWNED BY {role}; DROP ROLE {role}")
