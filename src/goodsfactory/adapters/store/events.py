"""Events: every state change, numbered in the order it was committed."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select

from goodsfactory.adapters.store.halving import first_from, last_before
from goodsfactory.adapters.store.new_key import new_key
from goodsfactory.adapters.store.tables import EVENTS
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.ports.store import Events

_INSERT = EVENTS.insert()
_LAST = select(func.coalesce(func.max(EVENTS.c.seq), 0))
_AFTER = (
    select(EVENTS).where(EVENTS.c.seq > bindparam("after")).order_by(EVENTS.c.seq).limit(bindparam("most"))
)
_OF_PLAYER = EVENTS.c.player_id == bindparam("player")
_OF_FACTORY = EVENTS.c.factory_id == bindparam("factory")
# (of one player, of one factory) -> query
_QUERIES: dict[tuple[bool, bool], Select[Any]] = {
    (False, False): _AFTER,
    (True, False): _AFTER.where(_OF_PLAYER),
    (False, True): _AFTER.where(_OF_FACTORY),
    (True, True): _AFTER.where(_OF_PLAYER, _OF_FACTORY),
}
_AT_OR_AFTER = first_from(EVENTS.c.seq, EVENTS.c.at).where(_OF_PLAYER)
_NEWEST = select(EVENTS).order_by(EVENTS.c.seq.desc()).limit(bindparam("most"))
_NEWEST_OF_FACTORY = _NEWEST.where(_OF_FACTORY)
_NEWEST_OF_CONTAINER = _NEWEST.where(EVENTS.c.container_id == bindparam("container"))


def _event(row: Row[Any]) -> Event:
    return Event(
        player_id=row.player_id,
        kind=EventKind(row.kind),
        at=row.at,
        message=row.message,
        factory_id=row.factory_id,
        good=row.good,
        ship=row.ship,
        container_id=row.container_id,
        data=MappingProxyType(row.data),
        seq=row.seq,
    )


class SqlEvents(Events):
    """``appended`` tells the store whose watchers this transaction has news for: kinds by player."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.appended: defaultdict[int, set[EventKind]] = defaultdict(set)

    def append(self, event: Event) -> Event:
        result = self._connection.execute(
            _INSERT,
            {
                "player_id": event.player_id,
                "kind": event.kind.value,
                "at": event.at,
                "message": event.message,
                "factory_id": event.factory_id,
                "good": event.good,
                "ship": event.ship,
                "container_id": event.container_id,
                "data": dict(event.data),
            },
        )
        self.appended[event.player_id].add(event.kind)
        return replace(event, seq=new_key(result))

    def newest_of_factory(self, factory_id: str, limit: int) -> list[Event]:
        rows = self._connection.execute(_NEWEST_OF_FACTORY, {"factory": factory_id, "most": limit}).all()
        return [_event(row) for row in reversed(rows)]

    def newest_of_container(self, container_id: str, limit: int) -> list[Event]:
        found = {"container": container_id, "most": limit}
        rows = self._connection.execute(_NEWEST_OF_CONTAINER, found).all()
        return [_event(row) for row in reversed(rows)]

    def after(
        self, seq: int, *, player_id: int | None = None, factory_id: str | None = None, limit: int = 500
    ) -> list[Event]:
        values: dict[str, Any] = {"after": seq, "most": limit}
        if player_id is not None:
            values["player"] = player_id
        if factory_id is not None:
            values["factory"] = factory_id
        query = _QUERIES[player_id is not None, factory_id is not None]
        return [_event(row) for row in self._connection.execute(query, values)]

    def before(self, moment: datetime, player_id: int) -> int:
        return last_before(
            self._connection, _AT_OR_AFTER, moment, 0, self.last_seq(), values={"player": player_id}
        )

    def last_seq(self) -> int:
        return int(self._connection.execute(_LAST).scalar_one())
