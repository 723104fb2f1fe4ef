"""Universes: which servers this database has rows of, and which of their resets."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, func, insert, select, update

from goodsfactory.adapters.store.database_clock import database_now
from goodsfactory.adapters.store.tables import HISTORY_MARKS, UNIVERSES
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.universe import Universe, server_name
from goodsfactory.ports.store import Universes

_U = UNIVERSES.c
_BY_ID = select(UNIVERSES).where(_U.id == bindparam("this"))
_OF_SERVER = (
    select(UNIVERSES)
    .where(_U.server == bindparam("address"))
    .order_by(_U.reset_date.desc(), _U.number.desc())
)
_LAST_PLAYED = (
    select(UNIVERSES)
    .where(_U.server == bindparam("address"))
    # One that has ended is marked after the one that is played then.
    .order_by(
        _U.ended_at.is_not(None), _U.played_at.desc().nulls_last(), _U.reset_date.desc(), _U.number.desc()
    )
    .limit(1)
)
_PLAY = update(UNIVERSES).where(_U.id == bindparam("this")).values(played_at=database_now())
_CLEAR = update(UNIVERSES).where(_U.id == bindparam("this")).values(played_at=None)
_REAL_NOW = select(database_now()).where(_U.id == bindparam("this"))
_LEFT = (
    select(_U.id)
    .where(_U.played_at < bindparam("since"), _U.id != bindparam("here"))
    .order_by(_U.played_at)
    .limit(1)
)
NOTHING_GONE = datetime(1970, 1, 1, tzinfo=UTC)
"""In place of the time before which details were removed, where none was yet."""

_MARKED = HISTORY_MARKS.alias("marked")
# It has no rows among those that others were gone through up to.
_BEGIN_MARKS = insert(HISTORY_MARKS).from_select(
    ("universe", "name", "number", "before"),
    select(
        bindparam("this"),
        HISTORY_MARKS.c.name,
        func.max(HISTORY_MARKS.c.number),
        bindparam("nothing", NOTHING_GONE, type_=HISTORY_MARKS.c.before.type),
    )
    .where(~exists().where(_MARKED.c.universe == bindparam("this")))
    .group_by(HISTORY_MARKS.c.name),
)


def _universe(row: Row[Any]) -> Universe:
    return Universe(row.server, row.reset_date, row.first_seen, row.number, row.told_id, row.ended_at)


class SqlUniverses(Universes):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._save = upsert(connection, UNIVERSES, keep=("first_seen", "played_at"))

    def get(self, universe: str) -> Universe | None:
        row = self._connection.execute(_BY_ID, {"this": universe}).first()
        return None if row is None else _universe(row)

    def of_server(self, server: str) -> list[Universe]:
        rows = self._connection.execute(_OF_SERVER, {"address": server_name(server)})
        return [_universe(row) for row in rows]

    def last_played(self, server: str) -> Universe | None:
        row = self._connection.execute(_LAST_PLAYED, {"address": server_name(server)}).first()
        return None if row is None else _universe(row)

    def save(self, universe: Universe) -> None:
        row = {**vars(universe), "id": universe.id, "server": server_name(universe.server)}
        if self.get(universe.id) is None:
            self._connection.execute(_BEGIN_MARKS, {"this": universe.id})
        self._connection.execute(self._save, row)
        self.play(universe.id)

    def play(self, universe: str) -> None:
        """It is played now."""
        self._connection.execute(_PLAY, {"this": universe})

    def left(self, here: str, ago: timedelta) -> str | None:
        """The universe that was left first, and so long ago in real time; None where there is none."""
        now = self._connection.execute(_REAL_NOW, {"this": here}).scalar()
        if now is None:
            return None
        return self._connection.execute(_LEFT, {"since": now - ago, "here": here}).scalar()

    def clear(self, universe: str) -> None:
        """Nothing is left of it that could go, until it is played again."""
        self._connection.execute(_CLEAR, {"this": universe})
