"""Retention: rows of details are removed once they are old, a bounded number at a time.

Rows of one universe are numbered in the order of time; those of several, each with a clock of its own, stand
between each other. So each universe has marks: up to which number of a table it was gone through. A restart
goes on where the last one ended, and no clock judges the rows of another universe: those of the one that is
played go by its own, and all those of one that is left go once nobody has played it for as long in real time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Column, Connection, Delete, Select, and_, bindparam, delete, exists, or_, select

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
from goodsfactory.adapters.store.universes import NOTHING_GONE, SqlUniverses
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.events import KEPT
from goodsfactory.ports.store import History

_NO_END = datetime(9999, 12, 31, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)
_OVER = [status.value for status in ContainerStatus if status.is_over]
_NEWER = LEGS.alias("newer")
_LOADED_SINCE = exists().where(
    # A ship of the same symbol may be another player's, in another universe.
    _NEWER.c.player_id == LEGS.c.player_id,
    _NEWER.c.ship == LEGS.c.ship,
    _NEWER.c.good == LEGS.c.good,
    _NEWER.c.bought > 0,
    _NEWER.c.assigned_at > LEGS.c.assigned_at,
)


def _old(column: Column[Any]) -> Any:
    return column < bindparam("before", type_=column.type)


@dataclass(frozen=True)
class _Numbered:
    """A table whose rows are gone through by ``number``, and which of them are removed.

    ``owner`` tells whose a row is: a player's, or a universe's.
    """

    name: str
    number: Column[int]
    at: Column[Any]
    owner: Column[Any]
    removed: Delete | None = None
    """None: rolled up instead, see ``SqlHistory._roll_up``"""

    @property
    def following(self) -> Select[Any]:
        """The next rows, with their instants and owners."""
        rows = select(self.number.label("number"), self.at.label("at"), self.owner.label("owner"))
        if self.owner.table is not self.number.table:
            rows = rows.join_from(self.number.table, self.owner.table)
        return rows.where(self.number > bindparam("after")).order_by(self.number).limit(bindparam("most"))


def _these(number: Column[int]) -> Any:
    return number.in_(bindparam("numbers", expanding=True))


_TABLES = (
    _Numbered(
        "events",
        EVENTS.c.seq,
        EVENTS.c.at,
        EVENTS.c.player_id,
        delete(EVENTS).where(_these(EVENTS.c.seq), EVENTS.c.kind.not_in(sorted(KEPT))),
    ),
    _Numbered(
        "container logs",
        CONTAINER_LOGS.c.number,
        CONTAINER_LOGS.c.at,
        CONTAINERS.c.player_id,
        delete(CONTAINER_LOGS).where(_these(CONTAINER_LOGS.c.number)),
    ),
    _Numbered(
        "legs",
        LEGS.c.number,
        LEGS.c.created_at,
        LEGS.c.player_id,
        # What a ship may still have aboard is known by the leg that loaded such a good last.
        delete(LEGS).where(
            _these(LEGS.c.number),
            LEGS.c.at_hand.is_(False),
            _old(LEGS.c.ended_at),
            or_(LEGS.c.bought == 0, _LOADED_SINCE),
        ),
    ),
    _Numbered(
        "containers",
        CONTAINERS.c.number,
        CONTAINERS.c.created_at,
        CONTAINERS.c.player_id,
        delete(CONTAINERS).where(
            _these(CONTAINERS.c.number), CONTAINERS.c.status.in_(_OVER), _old(CONTAINERS.c.updated_at)
        ),
    ),
)
_SEEN = MARKET_HISTORY.c
_LOOKS = _Numbered("sightings", _SEEN.number, _SEEN.observed_at, _SEEN.universe)
_HOURS = _Numbered(
    "sightings of hours",
    _SEEN.number,
    _SEEN.observed_at,
    _SEEN.universe,
    delete(MARKET_HISTORY).where(_these(_SEEN.number)),
)
_FOLLOWING = {one.name: one.following for one in (*_TABLES, _LOOKS, _HOURS)}
_KEY = ("universe", "waypoint", "good")
_LOOKED = select(_SEEN.number, *(_SEEN[name] for name in _KEY), _SEEN.observed_at).where(_these(_SEEN.number))
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
    .where(
        and_(
            INTENTS.c.universe == bindparam("universe"),
            INTENTS.c.settled_at.is_not(None),
            _old(INTENTS.c.settled_at),
        )
    )
    .order_by(INTENTS.c.settled_at)
    .limit(bindparam("most"))
)
_FORGET_INTENTS = delete(INTENTS).where(INTENTS.c.id.in_(_SETTLED))
_MARK = select(HISTORY_MARKS).where(
    HISTORY_MARKS.c.universe == bindparam("universe"), HISTORY_MARKS.c.name == bindparam("which")
)
_EVENTS_GONE = (
    select(HISTORY_MARKS)
    .join(PLAYERS, PLAYERS.c.universe == HISTORY_MARKS.c.universe)
    .where(PLAYERS.c.id == bindparam("player"), HISTORY_MARKS.c.name == "events")
)
_PLAYERS = select(PLAYERS.c.id).where(PLAYERS.c.universe == bindparam("universe"))


@dataclass(frozen=True)
class _Ages:
    """As those of ``History.thin``; ``everything`` is old where a universe is left."""

    before: datetime
    settled_before: datetime
    looked_before: datetime
    now: datetime
    everything: bool = False

    def is_young(self, at: datetime, before: datetime) -> bool:
        """Later than ``now`` is what was written by a clock that is gone."""
        return not self.everything and before <= at <= self.now


_EVERYTHING = _Ages(_NO_END, _NO_END, _NO_END, _NO_END, everything=True)


class SqlHistory(History):
    def __init__(self, connection: Connection, universe: str, kept: KeptReads) -> None:
        self._connection = connection
        self._universe = universe
        self._universes = SqlUniverses(connection)
        self._kept = kept
        self._save = upsert(connection, HISTORY_MARKS)

    def thin(
        self, before: datetime, most: int, *, now: datetime, settled_before: datetime, looked_before: datetime
    ) -> int:
        self._universes.play(self._universe)
        ages = _Ages(before, settled_before, looked_before, now)
        return self._thin(self._universe, ages, most) or self._clear(now - before, most)

    def _thin(self, universe: str, ages: _Ages, most: int) -> int:
        settled = {"universe": universe, "before": ages.settled_before, "most": most}
        done = self._connection.execute(_FORGET_INTENTS, settled).rowcount
        players = set(self._connection.execute(_PLAYERS, {"universe": universe}).scalars())
        for table in _TABLES:
            done += self._go_through(table, universe, players, ages, ages.before, most)
        if not ages.everything:
            done += self._go_through(_LOOKS, universe, {universe}, ages, ages.looked_before, most)
        oldest = min(ages.before, ages.looked_before)
        return done + self._go_through(_HOURS, universe, {universe}, ages, oldest, most)

    def _clear(self, keep: timedelta, most: int) -> int:
        """Remove details of a universe that was left so long ago, whatever they say of their age."""
        left = self._universes.left(self._universe, keep)
        if left is None:
            return 0
        done = self._thin(left, _EVERYTHING, most)
        if not done:
            self._universes.clear(left)
        return done or 1

    def events_gone(self, player_id: int) -> tuple[int, datetime] | None:
        row = self._connection.execute(_EVENTS_GONE, {"player": player_id}).first()
        return None if row is None or row.before == NOTHING_GONE else (row.number, row.before)

    def _go_through(
        self,
        table: _Numbered,
        universe: str,
        owners: Collection[Any],
        ages: _Ages,
        before: datetime,
        most: int,
    ) -> int:
        """How many rows were passed; 0 where none is old enough any more."""
        mark = self._connection.execute(_MARK, {"universe": universe, "which": table.name}).first()
        after = 0 if mark is None else mark.number
        rows = self._connection.execute(_FOLLOWING[table.name], {"after": after, "most": most}).all()
        passed = list(
            takewhile(lambda row: not (row.owner in owners and ages.is_young(row.at, before)), rows)
        )
        if not passed:
            return 0
        removed = [row for row in passed if row.owner in owners and row.at < before]
        numbers = [row.number for row in removed]
        # A stretch of other universes alone takes nothing away that anybody could miss.
        gone = NOTHING_GONE if mark is None else mark.before
        if removed:
            # Of a universe that is left everything goes, also what its clock wrote ahead of all others.
            gone = max(gone, *(row.at + _INSTANT for row in removed)) if ages.everything else before
        if numbers and table is _LOOKS:
            self._roll_up(numbers)
        elif numbers:
            self._remove(table, owners, numbers, before)
        save = {"universe": universe, "name": table.name, "number": passed[-1].number, "before": gone}
        self._connection.execute(self._save, save)
        return len(passed)

    def _roll_up(self, numbers: list[int]) -> None:
        """Of the sightings of a good at a market within an hour only the last stays."""
        looks = [
            {
                "this": row.number,
                **{f"its_{name}": row._mapping[name] for name in _KEY},
                "its_moment": row.observed_at,
                "hour_ends": row.observed_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1),
            }
            for row in self._connection.execute(_LOOKED, {"numbers": numbers})
        ]
        if looks:
            self._connection.execute(_FORGET_LOOK, looks)

    def _remove(
        self, table: _Numbered, owners: Collection[Any], numbers: list[int], before: datetime
    ) -> None:
        assert table.removed is not None
        values: dict[str, Any] = {"numbers": numbers}
        if "before" in table.removed.compile().params:
            values["before"] = before
        self._connection.execute(table.removed, values)
        if table.number.table is CONTAINERS:
            self._kept.drop(*(("ended", player) for player in owners))
