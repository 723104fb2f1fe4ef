"""One connection to SQLite: the only place that knows what it needs."""

import os
import sqlite3
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from goodsfactory.adapters.store import schema
from goodsfactory.adapters.store.column_types import as_it_is
from goodsfactory.adapters.store.failures import NotSynced, opening_failed
from goodsfactory.adapters.store.foreign_keys import driver_of
from goodsfactory.domain.errors import UserError

MEMORY = ":memory:"
_BUSY_SECONDS = 5


def open_sqlite(url: URL) -> Connection:
    """Open a file with the newest schema, creating it (mode 0600) and its folder where missing.

    Raises UserError with the reason where it cannot be used.
    """
    file = None if url.database in (None, "", MEMORY) else Path(str(url.database)).absolute()
    try:
        if file is not None:
            _prepare(file)
        connection = connect(url)
        try:
            schema.bring_up_to_date(connection)
        except BaseException:
            connection.close()
            raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise opening_failed(error, file) from error
    except UserError as error:
        raise UserError(f"{file or MEMORY}: {error}", kind=error.kind) from None
    return connection


def connect(url: URL) -> Connection:
    """A connection whose transactions are real ones, whatever schema it finds.

    Raises UserError where the disk keeps no write-ahead log, which ``sync`` needs.
    """
    return _engine(url).connect()


# What was compiled for a database serves whoever opens it again; for one in memory, whoever opens another.
@lru_cache(maxsize=4)
def _engine(url: URL) -> Engine:
    engine = create_engine(url.set(drivername=_DRIVER), poolclass=NullPool, json_serializer=as_it_is)
    event.listen(engine, "connect", _set_up)
    return engine


def data_version(connection: Connection) -> int:
    """Changes with every commit of another connection, and with none of this one's."""
    (version,) = driver_of(connection).execute("PRAGMA data_version").fetchone()
    return int(version)


def written(connection: Connection) -> int:
    """Rows that this connection has changed since it was opened."""
    return driver_of(connection).total_changes


def sync(connection: Connection) -> None:
    """What ``synchronous = FULL`` does at every commit, for one that has just been made.

    SQLite cannot change its level inside a transaction, and which one writes money shows only then. The file
    beside the database carries none of SQLite's locks: it may be opened and closed here. Raises NotSynced.
    """
    file = connection.engine.url.database
    if file in (None, "", MEMORY):
        return
    try:
        log = os.open(f"{file}-wal", os.O_RDWR)
        try:
            os.fsync(log)
        finally:
            os.close(log)
    except OSError as error:
        raise NotSynced(error.strerror or str(error)) from error


def _prepare(file: Path) -> None:
    if file.is_dir():
        raise UserError("this is a folder: give the path of a file.")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite would create it with the mode of the umask; its side files take the mode of this one.
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def _set_up(connection: sqlite3.Connection, record: Any) -> None:
    # The driver's own transactions begin late and end before DDL: take them over, see Immediate.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    (journal,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if journal not in ("wal", "memory"):  # some network disks cannot
        raise UserError(
            "SQLite cannot keep a write-ahead log there: put the database on a local disk.",
            kind="precondition",
        )
    # What credits depend on is synced by itself, see sync: for all commits that would cost 40 times as much.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


class Immediate(SQLiteDialect_pysqlite):
    """The usual dialect, whose transactions begin with the right to write.

    One that reads first and then writes must not find that another process wrote. An event for it would cost
    every statement a look for those who listen.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        dbapi_connection.execute("BEGIN IMMEDIATE")


_DRIVER = "sqlite+immediate"
registry.register("sqlite.immediate", __name__, Immediate.__name__)
