"""Opening a database of PostgreSQL: what is created, and the sentence for everything that can go wrong."""

import asyncio
import os
import socket
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url
from tests.postgres import LOCKED, PostgresServer, plain
from tests.store.conftest import NEWEST

import goodsfactory.adapters.store
from goodsfactory.adapters.store import open_store, schema
from goodsfactory.adapters.store.database import close, open_database
from goodsfactory.domain.errors import UserError

SECRET = "hunter2"


def refusal(url: Any) -> str:
    """The sentence that opening gives; with its whole traceback it shows no password."""
    with pytest.raises(UserError) as refused:
        asyncio.run(open_store(url, universe="2026-11-15", inline=True))
    assert refused.value.kind == "precondition"
    assert SECRET not in "".join(traceback.format_exception(refused.value))
    return str(refused.value)


def changed(url: Any, **changes: Any) -> Any:
    return make_url(url).set(**changes).render_as_string(hide_password=False)


def administrator(url: Any, statement: Any) -> Any:
    with psycopg.connect(plain(url), autocommit=True) as connection:
        return connection.execute(statement)


@contextmanager
def role(url: Any, name: Any = None, options: str = "") -> Iterator[Any]:
    """A role that may log in, for as long as the context lasts."""
    name = name or f"gf_guest_{os.getpid()}"
    administrator(url, f"CREATE ROLE {name} LOGIN {options}")
    try:
        yield name
    finally:
        administrator(url, f"DROP OWNED BY {name}; DROP ROLE {name}")


@pytest.fixture
def password_needed(postgres: PostgresServer, new_postgres_url: str) -> Iterator[Any]:
    """The URL of a database whose user must know the password."""
    with role(new_postgres_url, LOCKED, f"SUPERUSER PASSWORD '{SECRET}:/@%'"):
        yield changed(new_postgres_url, username=LOCKED, password=f"{SECRET}:/@%")


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_every_spelling_opens_the_same_database(new_postgres_url: str, scheme: str) -> None:
    """The kind may be written with the driver or in the short form that hosts hand out."""
    for _ in range(2):
        connection = open_database(new_postgres_url.replace("postgresql+psycopg", scheme))
        assert schema.revision(connection) == NEWEST
        close(connection)


def test_password_with_special_characters(password_needed: Any) -> None:
    """A password written with percent signs is understood."""
    close(open_database(password_needed))


def test_wrong_password(password_needed: Any) -> None:
    """The sentence names the user, where the password may stand, and never the password."""
    sentence = refusal(changed(password_needed, password=SECRET))
    url = make_url(password_needed)
    assert sentence == (
        f"PostgreSQL database {url.database} at 127.0.0.1:{url.port}: the database server refuses us"
        f' (password authentication failed for user "{LOCKED}"): check user and password'
        " (the password may stand in ~/.pgpass or PGPASSWORD)."
    )


def test_no_password(password_needed: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A password that is needed and not given is asked for; the sentence names the places for it."""
    without = make_url(password_needed)._replace(password=None).render_as_string()
    assert "refuses us (no password supplied): check user and password" in refusal(without)
    with monkeypatch.context() as environment:
        environment.setenv("PGPASSWORD", f"{SECRET}:/@%")
        close(open_database(without))
    file = tmp_path / "pgpass"
    file.write_text(f"*:*:*:{LOCKED}:{SECRET}\\:/@%\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    close(open_database(without))


def test_unknown_user(new_postgres_url: str) -> None:
    """A user the server does not know is refused like a wrong password."""
    sentence = refusal(changed(new_postgres_url, username="nobody", password=SECRET))
    assert 'refuses us (role "nobody" does not exist): check user and password' in sentence


def test_server_that_is_not_there() -> None:
    """Where nobody listens, the sentence names host and port."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        sentence = refusal(f"postgresql://me:{SECRET}@127.0.0.1:{port}/goods")
    assert sentence == (
        f"PostgreSQL database goods at 127.0.0.1:{port}: no database server answers (Connection refused):"
        " start it, or check host and port of the database URL."
    )


def test_server_that_does_not_answer() -> None:
    """Somebody who accepts and says nothing is given up after the time of the URL."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        sentence = refusal(f"postgresql://me:{SECRET}@127.0.0.1:{port}/goods?connect_timeout=2")
    assert "no database server answers" in sentence


def test_host_that_does_not_exist() -> None:
    """A host without an address is named."""
    sentence = refusal(f"postgresql://me:{SECRET}@nowhere.invalid/goods")
    assert sentence == (
        "PostgreSQL database goods at nowhere.invalid: the host is not known: check the database URL."
    )


@pytest.mark.parametrize("name", ["pasword", "prepare_threshold"])
def test_unknown_parameter(new_postgres_url: str, name: str) -> None:
    """A parameter that PostgreSQL does not know is named, without the value it has."""
    sentence = refusal(f"{new_postgres_url}?connect_timeout=4&{name}={SECRET}")
    assert f"the URL has the parameter {name}, which PostgreSQL does not know: leave it out." in sentence


def test_password_as_a_parameter(password_needed: Any) -> None:
    """What the server knows as parameters of a connection may stand there, and is not shown either."""
    url = make_url(password_needed)
    without = url._replace(password=None).render_as_string()
    close(open_database(f"{without}?password={SECRET}%3A%2F%40%25"))
    assert "password authentication failed" in refusal(f"{without}?password={SECRET}")


def test_server_that_takes_no_more_connections(new_postgres_url: str) -> None:
    """A full server says so."""
    with role(new_postgres_url, options="CONNECTION LIMIT 0") as guest:
        sentence = refusal(changed(new_postgres_url, username=guest))
    assert f'takes no more connections (too many connections for role "{guest}"): end some' in sentence


def test_missing_database_is_created(postgres: PostgresServer) -> None:
    """A user who may gets the database made: in UTF-8, sorted by code point; those who come together too."""
    url = changed(postgres.url, database=f'gf"new{os.getpid()}')
    try:
        with ThreadPoolExecutor(3) as threads:
            for connection in threads.map(open_database, [url] * 3):
                assert schema.revision(connection) == NEWEST
                close(connection)
        words = administrator(url, "SHOW server_encoding").fetchall()
        words += administrator(
            url, "SELECT datcollate FROM pg_database WHERE datname = current_database()"
        ).fetchall()
        assert words == [("UTF8",), ("C",)]
    finally:
        administrator(postgres.url, f'DROP DATABASE IF EXISTS "gf""new{os.getpid()}" WITH (FORCE)')


def test_missing_database_that_may_not_be_created(postgres: PostgresServer) -> None:
    """A user who may not is told what to ask an administrator for."""
    with role(postgres.url) as guest:
        sentence = refusal(changed(postgres.url, username=guest, password=SECRET, database="goods"))
    assert sentence.endswith(
        ": it does not exist and this user may not create it: let an administrator run"
        f" createdb --owner={guest} goods, or name another one."
    )


def test_database_without_the_right_to_create_tables(new_postgres_url: str) -> None:
    """A database of somebody else needs its owner's consent."""
    administrator(new_postgres_url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with role(new_postgres_url) as guest:
        sentence = refusal(changed(new_postgres_url, username=guest))
    assert "may not do this (permission denied for schema public): make the user the owner" in sentence


def test_database_in_another_encoding(postgres: PostgresServer) -> None:
    """Not every word of the game fits into Latin letters: the sentence says what to create instead."""
    url = postgres.fresh_database("TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    try:
        assert "it keeps text as LATIN1: create it with ENCODING 'UTF8'." in refusal(url)
    finally:
        postgres.drop(url)


def test_database_of_another_program(new_postgres_url: str) -> None:
    """A database with foreign tables is refused and left as it was."""
    administrator(new_postgres_url, "CREATE TABLE players (name TEXT)")
    assert "tables of another program: name another one" in refusal(new_postgres_url)
    tables = administrator(new_postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert tables.fetchall() == [("players",)]


def test_tables_in_another_schema_are_no_concern(new_postgres_url: str) -> None:
    """A schema of its own inside the database may be anybody's."""
    administrator(new_postgres_url, "CREATE SCHEMA other CREATE TABLE players (name TEXT)")
    close(open_database(new_postgres_url))


def test_database_of_a_newer_program(new_postgres_url: str) -> None:
    """A schema from the future is refused: the sentence says to install that version."""
    close(open_database(new_postgres_url))
    administrator(new_postgres_url, "UPDATE alembic_version SET version_num = '9999'")
    sentence = refusal(new_postgres_url)
    assert "newer version of this program (schema 9999): install that version" in sentence
    assert str(make_url(new_postgres_url).database) in sentence


def test_server_that_only_lets_read(new_postgres_url: str) -> None:
    """Tables cannot be made on a standby or a server in read-only mode."""
    sentence = refusal(f"{new_postgres_url}?options=-c%20default_transaction_read_only%3Don")
    assert "only lets us read: connect to the primary" in sentence


def test_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the extra the sentence says how to install it, and SQLite works all the same."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "goodsfactory.adapters.store.postgres_connection", raising=False)
    monkeypatch.delattr(goodsfactory.adapters.store, "postgres_connection", raising=False)
    sentence = refusal(f"postgresql://me:{SECRET}@server/goods")
    assert "needs the driver psycopg" in sentence
    assert "install the program with its extra, goods-factory[postgres]." in sentence
    close(open_database(tmp_path / "store.db"))


def test_sessions_protect_each_other_unless_the_url_says_otherwise(new_postgres_url: str) -> None:
    """A frozen daemon, a long wait and a lost machine end by themselves; the URL can say when."""
    names = ("idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout", "TimeZone")

    def settings(url: Any) -> Any:
        connection = open_database(url)
        try:
            with connection.begin():
                return [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]
        finally:
            close(connection)

    assert settings(new_postgres_url) == ["3s", "10s", "15s", "UTC"]
    assert settings(f"{new_postgres_url}?options=-c%20lock_timeout%3D1min") == ["3s", "1min", "15s", "UTC"]


def test_a_commit_outlives_a_power_cut_whatever_the_database_is_set_to(new_postgres_url: str) -> None:
    """Money must not be forgotten where somebody made commits faster and less durable."""
    name = make_url(new_postgres_url).database
    administrator(new_postgres_url, f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    connection = open_database(new_postgres_url)
    try:
        with connection.begin():
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    finally:
        close(connection)
