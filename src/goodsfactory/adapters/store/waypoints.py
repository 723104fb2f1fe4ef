"""Places of the current universe."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from goodsfactory.adapters.store.code_points import code_points
from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.row_memo import RowMemo
from goodsfactory.adapters.store.tables import WAYPOINTS
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.geography import Waypoint
from goodsfactory.ports.store import Waypoints

_IN_SYSTEM = (
    select(WAYPOINTS)
    .where(WAYPOINTS.c.universe == bindparam("universe"), WAYPOINTS.c.system_symbol == bindparam("system"))
    .order_by(code_points(WAYPOINTS.c.symbol))
)


def _waypoint(row: Row[Any]) -> Waypoint:
    return Waypoint(
        symbol=row.symbol,
        system=row.system_symbol,
        type=row.type,
        x=row.x,
        y=row.y,
        traits=frozenset(json.loads(row.traits)),
        orbits=row.orbits,
    )


class SqlWaypoints(Waypoints):
    def __init__(self, connection: Connection, universe: str, kept: KeptReads) -> None:
        self._connection = connection
        self._universe = universe
        self._save = upsert(connection, WAYPOINTS)
        self._memo = RowMemo(_waypoint)
        self._kept = kept

    def save(self, waypoints: Iterable[Waypoint]) -> None:
        rows = [
            {
                "universe": self._universe,
                "symbol": waypoint.symbol,
                "system_symbol": waypoint.system,
                "type": waypoint.type,
                "x": waypoint.x,
                "y": waypoint.y,
                "traits": json.dumps(sorted(waypoint.traits)),
                "orbits": waypoint.orbits,
            }
            for waypoint in waypoints
        ]
        if rows:
            self._connection.execute(self._save, rows)
            self._kept.drop(*{("waypoints", row["system_symbol"]) for row in rows})

    def in_system(self, system: str) -> list[Waypoint]:
        return list(self._kept.read(("waypoints", system), lambda: self._read(system)))

    def _read(self, system: str) -> list[Waypoint]:
        rows = self._connection.execute(_IN_SYSTEM, {"universe": self._universe, "system": system})
        return [self._memo.value(row.symbol, row) for row in rows]
