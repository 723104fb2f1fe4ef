"""What happened before, written into the database of a daemon: ended legs, and what each left behind."""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID


@dataclass(frozen=True)
class Past:
    """Ended legs, and the rows that each left: the shares are those of a SELL chain in the sandbox."""

    legs: int
    events_per_leg: int = 10
    ledger_rows_per_leg: int = 3
    intents_per_leg: int = 3
    sightings: int = 0


def open_database(file: Path, owners: Sequence[str]) -> sqlite3.Connection:
    """The database of a daemon; leg after leg will belong to the factories ``owners`` in turn."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.create_function("short_id", 1, lambda factory: UUID(factory).bytes, deterministic=True)
    connection.execute("CREATE TEMP TABLE owners (turn INTEGER PRIMARY KEY, id TEXT)")
    with connection:
        connection.executemany("INSERT INTO owners VALUES (?, ?)", enumerate(owners))
    return connection


def ended_factory(number: int) -> str:
    """The id of one of the factories that ``write_factories`` writes."""
    return f"{number * 2654435761 % 2**32:08x}-0000-4000-8000-{number:012x}"


def write_factories(
    connection: sqlite3.Connection, like: str, player: int, begin: datetime, apart: timedelta, count: int
) -> None:
    """Factories that are over, alike the one of id ``like``, each with its nodes and books."""
    values = {"like": like, "player": player, "begin": begin.timestamp(), "count": count}
    for statement in [text for name, text in _STATEMENTS.items() if name.startswith("factories")]:
        _write(connection, statement, values | {"step": apart.total_seconds()})


def write_totals(connection: sqlite3.Connection, player: int, begin: datetime, legs: int) -> None:
    """What the owners' ended legs come to, as it is folded when a leg ends."""
    values = {"player": player, "begin": begin.timestamp(), "step": 0, "legs": legs, "count": 1}
    _write(connection, _STATEMENTS["totals"], values)


def write_legs(
    connection: sqlite3.Connection,
    player: int,
    begin: datetime,
    length: timedelta,
    past: Past,
    first: int = 0,
) -> None:
    """Ended legs and what they left, spread over a time in the order in which it happened.

    ``first`` is the number of the first leg: as many were written before.
    """
    (owners,) = connection.execute("SELECT count(*) FROM owners").fetchone()
    row = connection.execute("SELECT player_sum FROM ledger ORDER BY number DESC LIMIT 1").fetchone()
    counts = {
        "legs": past.legs,
        "containers": past.legs,
        "container_logs": past.legs // 4,
        "events": past.legs * past.events_per_leg,
        "intents": past.legs * past.intents_per_leg,
        "ledger": past.legs * past.ledger_rows_per_leg // 3 * 3,
        "market_history": past.sightings,
    }
    for table, count in counts.items():
        if not count:
            continue
        values = {
            "player": player,
            "begin": begin.timestamp(),
            "step": length.total_seconds() / count,
            "count": count,
            "first": first * count // max(1, past.legs),
            "per": max(1, count // max(1, past.legs)),
            "owners": owners,
            "sum": row[0] if row else 0,
        }
        _write(connection, _STATEMENTS[table], values)


def _write(connection: sqlite3.Connection, statement: str, values: Mapping[str, object]) -> None:
    for name, text in (("@id", _ID), ("@of", _OF), ("@at", _AT)):
        statement = statement.replace(name, text)
    with connection:
        connection.execute(_NUMBERS + statement, values)


_STATEMENTS = {
    name: text.strip().rstrip(";")
    for name, text in re.findall(
        r"^-- (\w+(?: \d)?)\n(.*?;)$",
        Path(__file__).with_suffix(".sql").read_text(),
        re.MULTILINE | re.DOTALL,
    )
}
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count) "
_AT = "strftime('%Y-%m-%d %H:%M:%f', :begin + i * :step, 'unixepoch') || '000'"
_ID = "printf('%08x-0000-4000-8000-%012x', i * 2654435761 % 4294967296, i)"
_OF = "(SELECT id FROM owners WHERE turn = (:first + i) / :per % :owners)"
