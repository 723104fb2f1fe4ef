"""What an error of PostgreSQL means to the caller. Needs no driver: errors tell their SQLSTATE."""

import re
from typing import Any

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from goodsfactory.domain.errors import Bug, Conflict, GoodsFactoryError, Unavailable, UserError

_TOO_MANY = "the database server takes no more connections ({reason}): end some, or raise its limit"
_BY_STATE = {
    "25006": "the database server only lets us read: connect to the primary, or end its read-only mode",
    "25P03": "this process paused inside a transaction for so long that the database ended it; ask again",
    "42501": "the user may not do this ({reason}): make the user the owner of the database",
    "53100": "the disk of the database server is full: free some space there",
    "53300": _TOO_MANY,
    "55P03": "other daemons kept the database busy for too long: ask again in a moment",
    "57014": "the database took too long over one statement: ask again",
}
# When a connection is refused the server sends words only.
_BY_WORDS = (
    (
        r"authentication failed|no password supplied|role \".*\" does not exist|pg_hba\.conf",
        "the database server refuses us ({reason}): check user and password"
        " (the password may stand in ~/.pgpass or PGPASSWORD)",
    ),
    (r"resolve host|translate host name", "the host is not known: check the database URL"),
    (r"too many (clients|connections)|connection slots are reserved", _TOO_MANY),
    (
        r"starting up|shutting down|recovery mode|not accepting connections",
        "the database server is not ready ({reason}): ask again in a moment",
    ),
    (
        r"Connection refused|No such file or directory|[Tt]imeout|timed out|[Nn]o route|unreachable"
        r"|closed the connection|terminating connection",
        "no database server answers ({reason}): start it, or check host and port of the database URL",
    ),
)
_REFUSED = re.compile(r"23")
# 08 and operator intervention: the connection is gone.
_LOST = re.compile(r"08|57P")
# Read-only, idle, concurrency, missing table, resources, locks, time-out, disk, damage: repeating may help.
_PASSING = re.compile(r"25006|25P03|40|42P01|53|55P03|57014|58|XX")


def transaction_failed(origin: Any, *, committing: bool) -> GoodsFactoryError:
    """The meaning of the driver's own error; see ``failures.transaction_failed``."""
    state = origin.sqlstate or ""
    # Without an SQLSTATE it is the connection's own error, or a mistake noticed before anything was sent.
    if _LOST.match(state) or (not state and type(origin).__name__ == "OperationalError"):
        if committing:
            return Unavailable(
                f"The connection to the database was lost during a commit ({_reason(origin)}):"
                " whether it was kept is not known.",
                maybe_done=True,
            )
        return Unavailable(_sentence(origin, "the database does not answer ({reason})"))
    if _PASSING.match(state):
        return Unavailable(_sentence(origin, "the database cannot be written now ({reason})"))
    if _REFUSED.match(state):
        return Conflict(f"The database refused the change ({_reason(origin)}); nothing was kept.")
    return Bug(f"A statement was wrong ({_reason(origin)}); nothing was kept.")


def opening_failed(error: Exception, url: URL) -> UserError:
    """The sentence for a database that cannot be opened."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    why = _clause(origin) or f"it cannot be opened ({_reason(origin)}): check the database URL and the server"
    return UserError(f"{where_is(url)}: {why}.", kind="precondition")


def is_missing_database(error: Exception, name: str) -> bool:
    return f'database "{name}" does not exist' in str(getattr(error, "orig", error))


def cannot_create(url: URL) -> UserError:
    owner = f" --owner={url.username}" if url.username else ""
    return UserError(
        f"{where_is(url)}: it does not exist and this user may not create it: let an administrator run"
        f" createdb{owner} {url.database}, or name another one.",
        kind="precondition",
    )


def where_is(url: URL) -> str:
    """The database in words, without the password and whatever else the URL says."""
    port = f":{url.port}" if url.port else ""
    return f"PostgreSQL database {url.database or url.username or '?'} at {url.host or 'this machine'}{port}"


def _sentence(origin: Any, otherwise: str) -> str:
    clause = _clause(origin) or otherwise.format(reason=_reason(origin))
    return f"{clause[0].upper()}{clause[1:]}."


def _clause(origin: Any) -> str | None:
    """What it means and what to do, where that is known."""
    known = _BY_STATE.get(getattr(origin, "sqlstate", None) or "")
    words = str(origin)
    found = known or next((clause for pattern, clause in _BY_WORDS if re.search(pattern, words)), None)
    return found and found.format(reason=_reason(origin))


def _reason(origin: Any) -> str:
    """One line, without the values that the detail of an error shows."""
    said = getattr(getattr(origin, "diag", None), "message_primary", None) or str(origin)
    line = said.strip().partition("\n")[0].strip()
    return re.sub(r"^.*\b(?:failed|bad|fe_sendauth): +(?:FATAL: +)?", "", line) or type(origin).__name__
