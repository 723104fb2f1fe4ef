"""One connection to one database, ready for use: SQLite by default, PostgreSQL by URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from goodsfactory.adapters.store import sqlite_connection
from goodsfactory.domain.errors import UserError

MEMORY = sqlite_connection.MEMORY

_SQLITE = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL = ("postgresql", "postgresql+psycopg", "postgres")


def open_database(url_or_path: str | Path) -> Connection:
    """Open a database and bring its schema up to date, creating it where it is missing and may be created.

    ``url_or_path`` is a path, ``:memory:``, a ``sqlite:`` or a ``postgresql:`` URL. The connection belongs to
    the calling thread. Raises UserError with the reason where the database cannot be used; no message
    shows a password.
    """
    url = database_url(url_or_path)
    if url.get_backend_name() == "sqlite":
        return sqlite_connection.open_sqlite(url)
    with _extra_needed():
        from goodsfactory.adapters.store import postgres_connection
    return postgres_connection.open_postgresql(url)


def connect(url: URL) -> Connection:
    """A connection whose transactions are real ones, whatever schema it finds."""
    if url.get_backend_name() == "sqlite":
        return sqlite_connection.connect(url)
    with _extra_needed():
        from goodsfactory.adapters.store import postgres_connection
    return postgres_connection.connect(url)


def version(connection: Connection) -> int | None:
    """A number that stays the same until another connection has committed; None where nothing tells."""
    if connection.dialect.name != "sqlite":
        return None
    return sqlite_connection.data_version(connection)


def written(connection: Connection) -> int:
    """A number that is another one once the transaction under way has written something."""
    if connection.dialect.name == "sqlite":
        return sqlite_connection.written(connection)
    # Whoever only reads gets no number of a transaction.
    return int(connection.exec_driver_sql("SELECT count(pg_current_xact_id_if_assigned())").scalar_one())


def sync(connection: Connection) -> None:
    """Return once everything committed so far outlives a power cut. Raises NotSynced where the disk fails."""
    if connection.dialect.name == "sqlite":
        sqlite_connection.sync(connection)
    # PostgreSQL has done so before it answered the commit (synchronous_commit).


def close(connection: Connection) -> None:
    engine: Engine = connection.engine
    connection.close()
    engine.dispose()


def database_url(url_or_path: str | Path) -> URL:
    """What a setting names. Raises UserError where it cannot be read; its text may hold a password."""
    text = str(url_or_path)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    # A port that is no number is a ValueError, and might be part of a password.
    except (ArgumentError, ValueError):
        raise _unreadable() from None
    if url.drivername in _SQLITE:
        return url
    if url.drivername not in _POSTGRESQL:
        raise UserError(
            f"Databases of the kind {url.drivername} are not supported: give the path of a file,"
            " or postgresql://…"
        )
    # With a second @ a part of the password would be taken for the host, and shown.
    if text.count("@") > 1:
        raise _unreadable()
    return url.set(drivername="postgresql+psycopg")


def is_on_server(url_or_path: str | Path) -> bool:
    """Whether other machines can reach it, and with it other daemons. Raises as database_url."""
    return database_url(url_or_path).get_backend_name() != "sqlite"


def shown(url_or_path: str | Path) -> str:
    """How it may be shown: without a password. Raises as database_url."""
    if "://" not in str(url_or_path):
        return str(url_or_path)
    return database_url(url_or_path).render_as_string(hide_password=True)


def file_of(url_or_path: str | Path) -> Path | None:
    """The file of a SQLite database; None where it is on a server, or in memory. Raises as database_url."""
    url = database_url(url_or_path)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", MEMORY):
        return None
    return Path(str(url.database))


def _unreadable() -> UserError:
    return UserError(
        "The database URL cannot be read: give a path, sqlite:///path, or postgresql://user@host/database"
        " (in a password write @ : / ? # % as %40 %3A %2F %3F %23 %25)."
    )


@contextmanager
def _extra_needed() -> Iterator[None]:
    # Whoever keeps to SQLite needs no driver of PostgreSQL.
    try:
        yield
    except ImportError as error:
        raise UserError(
            f"PostgreSQL needs the driver psycopg ({error}): install the program with its extra,"
            " goods-factory[postgres].",
            kind="precondition",
        ) from None
