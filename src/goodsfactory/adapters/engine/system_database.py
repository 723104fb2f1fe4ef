"""Where DBOS keeps its workflows: a file beside the store's, or the PostgreSQL database of the store."""

import os
import sqlite3
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from goodsfactory.adapters.store.failures import opening_failed
from goodsfactory.domain.errors import UserError

_POSTGRES = "postgresql+psycopg"
_BUSY_SECONDS = 30
_CONNECT_SECONDS = 10
_IDLE_SECONDS = 60
"""After which PostgreSQL ends a session that stands still inside a transaction, and with it its locks."""


class SystemDatabase:
    """Connections for DBOS; ``close`` them after it. Raises UserError for a database it cannot use.

    ``database`` is the store's: a path, a ``sqlite:`` URL or a ``postgresql:`` URL. SQLite gets a file of its
    own beside it (``NAME-engine.sqlite``, mode 0600), because two writers of one file would wait for each
    other; PostgreSQL keeps the workflows in the same database, in the schema ``dbos``.
    """

    def __init__(self, database: str) -> None:
        url = _url(database)
        self.file: Path | None = None
        if url.get_backend_name() == "sqlite":
            self.file = _beside(url.database)
            url = URL.create("sqlite", database=str(self.file))
            self.engine = create_engine(url, pool_size=20, max_overflow=0)
            event.listen(self.engine, "connect", _set_up)
        else:
            url = url.set(drivername=_POSTGRES)
            options = f"-c idle_in_transaction_session_timeout={_IDLE_SECONDS * 1000}"
            words = {
                "connect_timeout": _CONNECT_SECONDS,
                "options": options,
                "application_name": "goodsfactory-engine",
            }
            self.engine = create_engine(
                url, pool_size=8, max_overflow=8, pool_pre_ping=True, connect_args=words
            )
        self.url = url.render_as_string(hide_password=False)

    def prepare(self) -> None:
        """Create the file and its folder where they are missing; the side files take the mode of this one."""
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise opening_failed(error, self.file) from error

    def refused(self, error: Exception) -> UserError:
        """The sentence for a database that could not be opened."""
        if self.file is not None:
            return opening_failed(error, self.file)
        where = make_url(self.url).render_as_string(hide_password=True)
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return UserError(
            f"The engine cannot use the database {where} ({reason}): check that it runs and that its user may"
            " create the schema dbos.",
            kind="precondition",
        )

    def close(self) -> None:
        """Close all connections. A thread that still wants one gives up instead of trying for ever."""
        event.listen(self.engine, "do_connect", _refuse)
        self.engine.dispose()


def _url(database: str) -> URL:
    if "://" not in database:
        return URL.create("sqlite", database=database)
    try:
        url = make_url(database)
    except ArgumentError:
        raise UserError("The database URL cannot be read: give a path, or postgresql://host/name.") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UserError(
            f"Databases of the kind {url.get_backend_name()} are not supported: give a path, or"
            " postgresql://host/name."
        )
    return url


def _beside(database: str | None) -> Path:
    if database in (None, "", ":memory:"):
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
