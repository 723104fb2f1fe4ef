"""Retention: rows of details are removed once they are old, a bounded number at a time.

Rows are numbered in the order of time. A mark says for each table up to which number it was gone through, so
that no row is looked at twice, and a restart goes on where the last one ended.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Delete, and_, bindparam, delete, exists, func, or_, select

from goodsfactory.adapters.store.halving import first_from, last_before
from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.tables import (
    CONTAINER_LOGS,
    CONTAINERS,
    EVENTS,
    HISTORY_MARKS,
    INTENTS,
    LEGS,
    MARKET_HISTORY,
    PLAYERS,
)
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.events import KEPT
from goodsfactory.ports.store import History

_OVER = [status.value for status in ContainerStatus if status.is_over]
_NEWER = LEGS.alias("newer")
_LOADED_SINCE = exists().where(
    _NEWER.c.ship == LEGS.c.ship,
    _NEWER.c.good == LEGS.c.good,
    _NEWER.c.bought > 0,
    _NEWER.c.updated_at > LEGS.c.updated_at,
)


def _old(column: Column[Any]) -> Any:
    return column < bindparam("before", type_=column.type)


@dataclass(frozen=True)
class _Numbered:
    """A table whose rows are gone through by ``number``, and which of them are removed."""

    name: str
    number: Column[int]
    at: Column[Any]
    removed: Delete | None = None
    """None: of those that are alike but for the minute the last stays, see ``SqlHistory._roll_up``"""

    def between(self, removed: Delete) -> Delete:
        return removed.where(self.number > bindparam("after"), self.number <= bindparam("upto"))


_TABLES = (
    _Numbered("events", EVENTS.c.seq, EVENTS.c.at, delete(EVENTS).where(EVENTS.c.kind.not_in(sorted(KEPT)))),
    _Numbered("container logs", CONTAINER_LOGS.c.number, CONTAINER_LOGS.c.at, delete(CONTAINER_LOGS)),
    _Numbered(
        "legs",
        LEGS.c.number,
        LEGS.c.created_at,
        # What a ship may still have aboard is known by the leg that loaded such a good last.
        delete(LEGS).where(
            LEGS.c.at_hand.is_(False), _old(LEGS.c.updated_at), or_(LEGS.c.bought == 0, _LOADED_SINCE)
        ),
    ),
    _Numbered(
        "containers",
        CONTAINERS.c.number,
        CONTAINERS.c.created_at,
        delete(CONTAINERS).where(CONTAINERS.c.status.in_(_OVER), _old(CONTAINERS.c.updated_at)),
    ),
)
_SEEN = MARKET_HISTORY.c
_LOOKS = _Numbered("sightings", _SEEN.number, _SEEN.observed_at)
_HOURS = _Numbered("sightings of hours", _SEEN.number, _SEEN.observed_at, delete(MARKET_HISTORY))
_DELETES = {one.name: one.between(one.removed) for one in (*_TABLES, _HOURS) if one.removed is not None}
_EVERY = (*_TABLES, _LOOKS, _HOURS)
_LAST = {one.name: select(func.coalesce(func.max(one.number), 0)) for one in _EVERY}
_AT_OR_AFTER = {one.name: first_from(one.number, one.at) for one in _EVERY}
_KEY = ("universe", "waypoint", "good")
_LOOKED = select(_SEEN.number, *(_SEEN[name] for name in _KEY), _SEEN.observed_at).where(
    _SEEN.number > bindparam("after"), _SEEN.number <= bindparam("upto")
)
_LATER = MARKET_HISTORY.alias("later")
_FORGET_LOOK = delete(MARKET_HISTORY).where(
    _SEEN.number == bindparam("this"),
    exists().where(
        *(_LATER.c[name] == bindparam(f"its_{name}") for name in _KEY),
        _LATER.c.observed_at > bindparam("its_moment", type_=_SEEN.observed_at.type),
        _LATER.c.observed_at < bindparam("hour_ends", type_=_SEEN.observed_at.type),
    ),
)
_SETTLED = (
    select(INTENTS.c.id)
    .where(and_(INTENTS.c.settled_at.is_not(None), _old(INTENTS.c.settled_at)))
    .order_by(INTENTS.c.settled_at)
    .limit(bindparam("most"))
)
_FORGET_INTENTS = delete(INTENTS).where(INTENTS.c.id.in_(_SETTLED))
_MARK = select(HISTORY_MARKS).where(HISTORY_MARKS.c.name == bindparam("which"))


class SqlHistory(History):
    def __init__(self, connection: Connection, kept: KeptReads) -> None:
        self._connection = connection
        self._kept = kept
        self._save = upsert(connection, HISTORY_MARKS)

    def thin(
        self,
        before: datetime,
        most: int,
        *,
        settled_before: datetime | None = None,
        looked_before: datetime | None = None,
    ) -> int:
        settled = {"before": settled_before or before, "most": most}
        done = self._connection.execute(_FORGET_INTENTS, settled).rowcount
        for table in _TABLES:
            done += self._go_through(table, before, most)
        looked = looked_before or before
        return (
            done
            + self._go_through(_LOOKS, looked, most)
            + self._go_through(_HOURS, min(before, looked), most)
        )

    def events_gone(self) -> tuple[int, datetime] | None:
        row = self._connection.execute(_MARK, {"which": "events"}).first()
        return None if row is None else (row.number, row.before)

    def _go_through(self, table: _Numbered, before: datetime, most: int) -> int:
        """How many numbers were passed; 0 where no row is old enough any more."""
        mark = self._connection.execute(_MARK, {"which": table.name}).first()
        after = 0 if mark is None else mark.number
        upto = min(after + most, self._last_before(table.name, before, after))
        if upto <= after:
            return 0
        values: dict[str, Any] = {"after": after, "upto": upto}
        if table is _LOOKS:
            self._roll_up(values)
        else:
            self._remove(table, values, before)
        self._connection.execute(self._save, {"name": table.name, "number": upto, "before": before})
        return upto - after

    def _roll_up(self, values: dict[str, Any]) -> None:
        """Of the sightings of a good at a market within an hour only the last stays."""
        looks = [
            {
                "this": row.number,
                **{f"its_{name}": row._mapping[name] for name in _KEY},
                "its_moment": row.observed_at,
                "hour_ends": row.observed_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1),
            }
            for row in self._connection.execute(_LOOKED, values)
        ]
        if looks:
            self._connection.execute(_FORGET_LOOK, looks)

    def _remove(self, table: _Numbered, values: dict[str, Any], before: datetime) -> None:
        if "before" in _DELETES[table.name].compile().params:
            values["before"] = before
        self._connection.execute(_DELETES[table.name], values)
        if table.number.table is CONTAINERS:
            players = self._connection.execute(select(PLAYERS.c.id)).scalars()
            self._kept.drop(*(("ended", player) for player in players))

    def _last_before(self, name: str, moment: datetime, low: int) -> int:
        """The number of the last row before ``moment``, found by halving; ``low`` where there is none."""
        high = int(self._connection.execute(_LAST[name]).scalar_one())
        return last_before(self._connection, _AT_OR_AFTER[name], moment, low, high)
