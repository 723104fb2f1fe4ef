"""Where DBOS keeps its workflows: a file beside the store's, or the PostgreSQL database of the store."""

import os
import sqlite3
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from goodsfactory.adapters.store import failures, postgres_failures
from goodsfactory.adapters.store.database import MEMORY, database_url
from goodsfactory.domain.errors import UserError

_BUSY_SECONDS = 30
_CONNECTION = {
    # Seconds; a server that vanished without a word is noticed after about 11.
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "application_name": "goods-factory-engine",
}
_SESSION = "-c idle_in_transaction_session_timeout=60s"


class SystemDatabase:
    """Connections for DBOS; ``close`` them after it. Raises UserError for a database it cannot use.

    ``database`` is the store's: a path, a ``sqlite:`` or a ``postgresql:`` URL. SQLite gets a file of its own
    beside it (``NAME-engine.sqlite``, mode 0600), because two writers of one file would wait for each other;
    PostgreSQL keeps the workflows in the same database, in the schema ``dbos``.
    """

    def __init__(self, database: str) -> None:
        url = database_url(database)
        self._file: Path | None = None
        if url.get_backend_name() == "sqlite":
            self._file = _beside(url.database)
            url = URL.create("sqlite", database=str(self._file))
        self._url = url
        self.url = url.render_as_string(hide_password=False)
        self.engine: Engine = _postgresql(url) if self._file is None else _sqlite(url)

    def prepare(self) -> None:
        """Create the file and its folder where they are missing; the side files take the mode of this one."""
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise failures.opening_failed(error, self._file) from error

    def refused(self, error: Exception) -> UserError:
        """The sentence for a database that could not be opened; it shows no password."""
        if self._file is not None:
            return failures.opening_failed(error, self._file)
        if isinstance(error, DBAPIError):
            return postgres_failures.opening_failed(error, self._url)
        where = postgres_failures.where_is(self._url)
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        return UserError(f"{where}: the engine cannot work there ({reason}).", kind="precondition")

    def close(self) -> None:
        """Close all connections. A thread that still wants one gives up instead of trying for ever."""
        event.listen(self.engine, "do_connect", _refuse)
        self.engine.dispose()


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, pool_size=20, max_overflow=0)
    event.listen(engine, "connect", _set_up)
    return engine


def _postgresql(url: URL) -> Engine:
    theirs = url.query.get("options", "")
    options = " ".join([_SESSION, *([theirs] if isinstance(theirs, str) else theirs)]).strip()
    url = url.set(query={**_CONNECTION, **url.query, "options": options})
    return create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True)


def _beside(database: str | None) -> Path:
    if database in (None, "", MEMORY):
        raise UserError(
            "The durable engine needs a database that outlives the process: give the path of a file."
        )
    file = Path(str(database)).absolute()
    return file.with_name(f"{file.stem}-engine.sqlite")


def _set_up(connection: sqlite3.Connection, record: Any) -> None:
    # What DBOS sets on connections of its own, and WAL: its default journal waits for the disk twice a write.
    connection.isolation_level = "IMMEDIATE"
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _refuse(*_: Any) -> NoReturn:
    raise RuntimeError("The engine is shut down.")
