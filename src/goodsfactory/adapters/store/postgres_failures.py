"""What an error of PostgreSQL means to the caller. Needs no driver: errors tell their SQLSTATE."""

import re
from typing import Any

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from goodsfactory.domain.errors import Bug, Conflict, GoodsFactoryError, Unavailable, UserError

_IDLE_TOO_LONG = "25P03"
_SENTENCES = {
    "53100": "The disk of the database server is full: free some space there.",
    "53300": "The database server takes no more connections: end some, or raise its max_connections.",
    "25006": "The database server only lets us read: connect to the primary, or end its read-only mode.",
    _IDLE_TOO_LONG: "This process paused inside a transaction for so long that the database ended it.",
    "55P03": "Other daemons kept the database busy for too long: ask again.",
    "57014": "The database took too long over one statement: ask again.",
}
# Connection (08), concurrency (40), resources (53), operator (57), disk (58), damage (XX), missing table.
_PASSING = re.compile(r"08|40|53|57|58|XX|42P01|25006|25P03|55P03")

# When a connection is refused the server sends words only.
_OPENING = (
    (
        r"password authentication failed|no password supplied|role \".*\" does not exist"
        r"|no pg_hba.conf entry|pg_hba.conf rejects|authentication failed",
        "the server refuses {user} ({reason}): check user and password"
        " (the password may stand in ~/.pgpass or PGPASSWORD).",
    ),
    (r"failed to resolve host|could not translate host name", "this host is not known: check the URL."),
    (
        r"too many (clients|connections)|connection slots are reserved",
        "the server takes no more connections ({reason}): end some, or raise its max_connections.",
    ),
    (
        r"starting up|shutting down|recovery mode|not accepting connections",
        "the server is not ready ({reason}): try again in a moment.",
    ),
    (
        r"Connection refused|No such file or directory|timeout|timed out|No route|unreachable"
        r"|server closed the connection",
        "no PostgreSQL answers there ({reason}): start it, or check host and port.",
    ),
)
_OPENING_STATES = {
    "53100": "the disk of the server is full: free some space there.",
    "25006": "the server only lets us read: connect to the primary, or end its read-only mode.",
    "42501": "{user} may not create tables there: make {user} the owner of the database.",
    "55P03": "another daemon keeps the database busy: try again in a moment.",
}


def transaction_failed(origin: Any, *, committing: bool) -> GoodsFactoryError:
    """The meaning of the driver's own error; see ``failures.transaction_failed``."""
    state = origin.sqlstate
    reason = _reason(origin)
    if state is None and type(origin).__name__ == "OperationalError":
        return _lost(reason, committing)
    if state is None:
        return Bug(f"A statement was wrong ({reason}); nothing was kept.")
    if state.startswith("23"):
        return Conflict(f"The database refused the change ({reason}); nothing was kept.")
    if state.startswith(("08", "57P")):
        return _lost(reason, committing)
    if state in _SENTENCES:
        return Unavailable(_SENTENCES[state])
    if _PASSING.match(state):
        return Unavailable(f"The database cannot be written now ({reason}).")
    return Bug(f"A statement was wrong ({reason}); nothing was kept.")


def opening_failed(error: Exception, url: URL) -> UserError:
    """The sentence for a database that cannot be opened."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    reason = _reason(origin)
    sentence = _OPENING_STATES.get(getattr(origin, "sqlstate", None) or "")
    if sentence is None:
        found = (sentence for pattern, sentence in _OPENING if re.search(pattern, str(origin)))
        sentence = next(found, "the database cannot be opened ({reason}): check the URL and the server.")
    sentence = sentence.format(reason=reason, user=url.username or "the user")
    return UserError(f"{where_is(url)}: {sentence}", kind="precondition")


def is_missing_database(error: Exception, name: str) -> bool:
    return f'database "{name}" does not exist' in str(getattr(error, "orig", error))


def cannot_create(url: URL) -> str:
    user = url.username or "the user"
    return (
        f"this database does not exist and {user} may not create it: let an administrator run"
        f" createdb --owner={user} {url.database}, or name another one."
    )


def where_is(url: URL) -> str:
    """The database in words, without a password and without what the query of the URL may hide."""
    host = url.host or "the local server"
    return f"PostgreSQL database {url.database or url.username or ''} at {host}" + (
        f":{url.port}" if url.port else ""
    )


def _lost(reason: str, committing: bool) -> Unavailable:
    if committing:
        return Unavailable(
            f"The connection to the database was lost while a change was being kept ({reason}):"
            " whether it was is not known.",
            maybe_done=True,
        )
    return Unavailable(f"The database does not answer ({reason}).")


def _reason(origin: Any) -> str:
    """One line, without the values that the detail of an error may show."""
    said = getattr(getattr(origin, "diag", None), "message_primary", None) or str(origin)
    return re.sub(r"^.*?\bfailed: (?:FATAL: +)?", "", said.strip().splitlines()[0].strip()) if said else "?"
