"""Foreign keys of SQLite: enforced, but for the time of a migration."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from goodsfactory.domain.errors import Bug


@contextmanager
def suspended(connection: Connection) -> Iterator[None]:
    """Let tables be copied and dropped without their dependents.

    Altering a table of SQLite may mean copying it: with foreign keys on, dropping the old copy takes every
    dependent row along. Other databases alter in place, and nothing happens there.
    """
    if connection.in_transaction():
        raise Bug("Tables cannot be altered inside a transaction of somebody else.")
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = driver_of(connection)
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection, to speak without beginning a transaction."""
    driver = connection.connection.dbapi_connection
    if not isinstance(driver, sqlite3.Connection):
        raise Bug("This is not a connection to SQLite.")
    return driver
