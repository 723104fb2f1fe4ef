"""What a database error means to the caller: the one boundary where foreign errors become ours."""

import errno
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from goodsfactory.adapters.store import postgres_failures
from goodsfactory.domain.errors import Bug, Conflict, GoodsFactoryError, Unavailable, UserError

_NO_ACCESS = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH)
_NO_DATABASE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


class NotSynced(Exception):
    """A commit was made, and the disk did not confirm that it keeps it."""


def opening_failed(error: Exception, file: Path | None) -> UserError:
    """The sentence for a SQLite file that cannot be opened. ``file`` is None for one in memory."""
    where = str(file) if file is not None else "The database in memory"
    code = _sqlite_code(error)
    if code == sqlite3.SQLITE_FULL or (isinstance(error, OSError) and error.errno in _DISK_FULL):
        sentence = f"The disk that holds {where} is full: free some space and start again."
    elif code in _NO_DATABASE:
        sentence = f"{where} is not a database of this program, or it is damaged: give another path."
    elif code in _IN_USE:
        sentence = f"{where} is in use by another process: stop that one, or give another path."
    elif code in _NO_ACCESS or isinstance(error, OSError):
        folder = file.parent if file is not None else where
        sentence = (
            f"The database {where} cannot be written: make {folder} writable for you, or give another path."
        )
    else:
        sentence = f"The database {where} cannot be opened ({_reason(error)}): give another path."
    return UserError(sentence, kind="precondition")


def transaction_failed(error: Exception, *, committing: bool = False) -> GoodsFactoryError:
    """What became of a transaction that the database refused: nothing of it was kept.

    The exception is Unavailable with ``maybe_done``: the connection was lost while ``committing``, or the
    commit was not synced.
    """
    if isinstance(error, NotSynced):
        return Unavailable(f"The disk that holds the database fails ({error}).", maybe_done=True)
    origin = getattr(error, "orig", None) or error
    if hasattr(origin, "sqlstate"):
        return postgres_failures.transaction_failed(origin, committing=committing)
    if isinstance(origin, sqlite3.IntegrityError):
        return Conflict(f"The database refused the change ({_reason(error)}); nothing was kept.")
    if isinstance(origin, sqlite3.OperationalError):
        code = _sqlite_code(error)
        if code == sqlite3.SQLITE_FULL:
            return Unavailable("The disk that holds the database is full: free some space.")
        if code == sqlite3.SQLITE_READONLY:
            return Unavailable("The database file is read-only: make it writable for you.")
        return Unavailable(f"The database cannot be written now ({_reason(error)}).")
    return Bug(f"A statement was wrong ({_reason(error)}); nothing was kept.")


def _sqlite_code(error: Exception) -> int | None:
    """The primary result code; the extended one carries more in its higher bytes."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(origin, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def _reason(error: Exception) -> str:
    # The whole text of SQLAlchemy's errors would carry every parameter into logs.
    origin = getattr(error, "orig", None) or error
    return str(origin)
