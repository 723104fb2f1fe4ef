"""Daemons that share the database, and their rights to act for agents."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Float, Row, and_, bindparam, case, delete, or_, select

from goodsfactory.adapters.store.code_points import code_points
from goodsfactory.adapters.store.database_clock import database_now, seconds_since
from goodsfactory.adapters.store.tables import AGENT_OWNERS, DAEMONS
from goodsfactory.adapters.store.upsert import DialectInsert, insert_into
from goodsfactory.domain.daemon import DaemonRow, DaemonState, Ownership
from goodsfactory.ports.store import Daemons

_D = DAEMONS.c
_O = AGENT_OWNERS.c
_SAID = ("node_id", "host", "pid", "address", "version", "state")
_ALL = select(DAEMONS, seconds_since(_D.heartbeat_at).label("age")).order_by(code_points(_D.node_id))
_THIS = _D.node_id == bindparam("node")
_SET_STATE = DAEMONS.update().where(_THIS).values(state=bindparam("new_state"))
_REMOVE = delete(DAEMONS).where(_THIS)
_OWNERSHIPS = select(AGENT_OWNERS).order_by(_O.player_id)
_OWNER = select(AGENT_OWNERS).where(_O.player_id == bindparam("player"))
_OWNED_BY = _OWNERSHIPS.where(_O.node_id == bindparam("node"))
_RELEASE = (
    AGENT_OWNERS.update()
    .where(_O.player_id == bindparam("player"), _O.node_id == bindparam("node"))
    .values(node_id=None)
)


@cache
def _beat(dialect: str) -> DialectInsert:
    insert = insert_into(dialect, DAEMONS)
    said = {name: bindparam(f"new_{name}", type_=_D[name].type) for name in _SAID}
    same_process = and_(
        _D.host == insert.excluded.host,
        _D.pid == insert.excluded.pid,
        _D.state != DaemonState.DOWN.value,
    )
    return insert.values(
        **said, started_at=database_now(), heartbeat_at=database_now()
    ).on_conflict_do_update(
        index_elements=["node_id"],
        set_={
            **{name: insert.excluded[name] for name in _SAID if name != "node_id"},
            "started_at": case((same_process, _D.started_at), else_=insert.excluded.started_at),
            "heartbeat_at": insert.excluded.heartbeat_at,
        },
    )


@cache
def _acquire(dialect: str) -> Any:
    """One statement, so that two daemons can never both find the right free before either takes it."""
    insert = insert_into(dialect, AGENT_OWNERS)
    asked = insert.excluded
    ours = _O.node_id == asked.node_id
    # "Not in" rather than "not exists": a subquery of an INSERT is never correlated with its table, and
    # would ask whether the owner of any agent is alive.
    alive = _O.node_id.in_(
        select(_D.node_id).where(
            _D.state != DaemonState.DOWN.value,
            seconds_since(_D.heartbeat_at) <= bindparam("dead_after", type_=Float()),
        )
    )
    return (
        insert.values(
            player_id=bindparam("player"),
            node_id=bindparam("node"),
            epoch=1,
            acquired_at=database_now(),
        )
        .on_conflict_do_update(
            index_elements=["player_id"],
            set_={
                "node_id": asked.node_id,
                "epoch": case((ours, _O.epoch), else_=_O.epoch + 1),
                "acquired_at": case((ours, _O.acquired_at), else_=asked.acquired_at),
            },
            where=or_(_O.node_id.is_(None), ours, ~alive),
        )
        .returning(*AGENT_OWNERS.columns)
    )


def _row(row: Row[Any]) -> DaemonRow:
    return DaemonRow(**{**row._mapping, "state": DaemonState(row.state)})


def _ownership(row: Row[Any]) -> Ownership:
    return Ownership(**row._mapping)


class SqlDaemons(Daemons):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._beat = _beat(connection.dialect.name)
        self._acquire = _acquire(connection.dialect.name)

    def beat(self, node: DaemonRow) -> None:
        said = {f"new_{name}": getattr(node, name) for name in _SAID}
        self._connection.execute(self._beat, {**said, "new_state": node.state.value})

    def all(self) -> list[DaemonRow]:
        return [_row(row) for row in self._connection.execute(_ALL)]

    def set_state(self, node_id: str, state: DaemonState) -> bool:
        changed = self._connection.execute(_SET_STATE, {"node": node_id, "new_state": state.value})
        return changed.rowcount == 1

    def remove(self, node_id: str) -> None:
        self._connection.execute(_REMOVE, {"node": node_id})

    def owner(self, player_id: int) -> Ownership | None:
        row = self._connection.execute(_OWNER, {"player": player_id}).first()
        return None if row is None else _ownership(row)

    def owned_by(self, node_id: str) -> list[Ownership]:
        return [_ownership(row) for row in self._connection.execute(_OWNED_BY, {"node": node_id})]

    def ownerships(self) -> list[Ownership]:
        return [_ownership(row) for row in self._connection.execute(_OWNERSHIPS)]

    def acquire(self, player_id: int, node_id: str, dead_after: float) -> Ownership | None:
        """Raises Conflict where there is no such player."""
        asked = {"player": player_id, "node": node_id, "dead_after": dead_after}
        row = self._connection.execute(self._acquire, asked).first()
        return None if row is None else _ownership(row)

    def release(self, player_id: int, node_id: str) -> bool:
        released = self._connection.execute(_RELEASE, {"player": player_id, "node": node_id})
        return released.rowcount == 1
