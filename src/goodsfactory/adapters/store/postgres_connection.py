"""One connection to PostgreSQL: shared with other daemons, one transaction at a time (ADR 0010).

Needs psycopg, the extra ``postgres``; nothing else imports it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.pq import Conninfo, TransactionStatus
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from goodsfactory.adapters.store import schema
from goodsfactory.adapters.store.column_types import as_it_is
from goodsfactory.adapters.store.postgres_failures import (
    cannot_create,
    is_missing_database,
    opening_failed,
    where_is,
)
from goodsfactory.domain.errors import Bug, UserError

# Any number does that no other user of advisory locks in this database has chosen.
_TURN = int.from_bytes(b"goodsfac")
# One round trip. Every later statement sees what was committed before the turn came.
_BEGIN = f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({_TURN})"

_CONNECTION = {
    # Seconds; a server that vanished without a word is noticed after about 11.
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "client_encoding": "utf8",
    "application_name": "goods-factory",
}
_SESSION = {
    "TimeZone": "UTC",
    # A commit that was answered outlives a power cut, whatever the server's own habit is.
    "synchronous_commit": "on",
    # A daemon that was frozen inside a transaction loses it, so that the others go on.
    "idle_in_transaction_session_timeout": "3s",
    "lock_timeout": "10s",
    "statement_timeout": "15s",
    # The same for one that was frozen while the server sends to it, or whose machine is gone.
    "tcp_user_timeout": "10s",
}
_PATIENTLY = (
    "SET lock_timeout = '2min'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = '1min'"
)
_AS_EVER = "RESET lock_timeout; RESET statement_timeout; RESET idle_in_transaction_session_timeout"
# Text is ordered by code point and kept in UTF-8, whatever the server's own habit is.
_CREATE = sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
_ALWAYS_THERE = "postgres"
_ENCODINGS = ("UTF8", "SQL_ASCII")


def open_postgresql(url: URL) -> Connection:
    """Connect with the newest schema, creating the database where it is missing and the user may.

    Raises UserError with the reason where it cannot be used.
    """
    try:
        connection = _connect_or_create(url)
        try:
            _bring_up_to_date(connection, url)
        except BaseException:
            connection.close()
            raise
    except (SQLAlchemyError, psycopg.Error) as error:
        raise opening_failed(error, url) from error
    return connection


def connect(url: URL) -> Connection:
    """A connection whose transactions take turns with those of all others to the same database.

    It survives the server: what ran when it was lost fails, and the next transaction connects anew.
    """
    engine = create_engine(
        _with_settings(url),
        poolclass=NullPool,
        # A connection is never handed on, and what it left open ends with it.
        pool_reset_on_return=None,
        use_native_hstore=False,
        json_serializer=as_it_is,
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "commit", _refuse_aborted)
    return engine.connect()


def _with_settings(url: URL) -> URL:
    """Ours, overruled by what the URL says itself."""
    if unknown := set(url.query) - {option.keyword.decode() for option in Conninfo.get_defaults()}:
        raise UserError(
            f"{where_is(url)}: the URL has the parameter {min(unknown)}, which PostgreSQL does not know:"
            " leave it out.",
            kind="precondition",
        )
    theirs = url.query.get("options", "")
    options = [f"-c {name}={value}" for name, value in _SESSION.items()]
    options += [theirs] if isinstance(theirs, str) else theirs
    return url.set(query={**_CONNECTION, **url.query, "options": " ".join(options).strip()})


def _connect_or_create(url: URL) -> Connection:
    try:
        return connect(url)
    except SQLAlchemyError as error:
        if url.database is None or not is_missing_database(error, url.database):
            raise
    _create(url, url.database)
    return connect(url)


def _create(url: URL, name: str) -> None:
    try:
        with connect(url.set(database=_ALWAYS_THERE)) as server, _patience(server):
            _driver_of(server).execute(_CREATE.format(sql.Identifier(name)))
    except (errors.DuplicateDatabase, errors.UniqueViolation):
        # Another daemon that started at the same time was quicker.
        return
    except (SQLAlchemyError, errors.InsufficientPrivilege):
        raise cannot_create(url) from None


def _bring_up_to_date(connection: Connection, url: URL) -> None:
    try:
        encoding = _driver_of(connection).info.parameter_status("server_encoding")
        if encoding not in _ENCODINGS:
            raise UserError(
                f"it keeps text as {encoding}: create it with ENCODING 'UTF8'.", kind="precondition"
            )
        with _patience(connection):
            schema.bring_up_to_date(connection)
    except UserError as error:
        raise UserError(f"{where_is(url)}: {error}", kind=error.kind) from None


@contextmanager
def _patience(connection: Connection) -> Iterator[None]:
    """Wait for another daemon that migrates, and let a migration of our own take its time."""
    driver = _driver_of(connection)
    driver.execute(_PATIENTLY, prepare=False)
    try:
        yield
    finally:
        with suppress(psycopg.Error):
            driver.execute(_AS_EVER, prepare=False)


def _set_up(driver: psycopg.Connection[Any], record: Any) -> None:
    # The driver's own BEGIN would be a round trip of its own: take it over, see _begin.
    driver.autocommit = True
    # Each statement is kept per combination of types, and a NULL has a type of its own.
    driver.prepared_max = 1000


def _begin(connection: Connection) -> None:
    seemed_alive = not connection.invalidated
    try:
        _take_turn(connection)
    except psycopg.Error:
        if not (seemed_alive and connection.invalidated):
            raise
        # It died since the last transaction, before this one began: nothing is lost by another attempt.
        _take_turn(connection)


def _take_turn(connection: Connection) -> None:
    driver = _driver_of(connection)
    try:
        driver.execute(_BEGIN, prepare=False)
    except psycopg.Error as error:
        if driver.closed:
            connection.invalidate(error)
        else:
            driver.rollback()
        raise


def _refuse_aborted(connection: Connection) -> None:
    # The server would answer COMMIT with a rollback and no error.
    driver = _driver_of(connection)
    if driver.info.transaction_status is TransactionStatus.INERROR:
        driver.rollback()
        raise Bug("A statement failed, and its error was not passed on: nothing of the transaction was kept.")


def _driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """The driver's own connection; a new one where the last was lost."""
    driver = connection.connection.dbapi_connection
    if not isinstance(driver, psycopg.Connection):
        raise Bug("This is not a connection to PostgreSQL.")
    return driver
