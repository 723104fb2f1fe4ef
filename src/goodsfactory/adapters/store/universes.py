"""Universes: which servers this database has rows of, and which of their resets."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from goodsfactory.adapters.store.tables import UNIVERSES
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


def _universe(row: Row[Any]) -> Universe:
    return Universe(row.server, row.reset_date, row.first_seen, row.number, row.told_id, row.ended_at)


class SqlUniverses(Universes):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._save = upsert(connection, UNIVERSES, keep=("first_seen",))

    def get(self, universe: str) -> Universe | None:
        row = self._connection.execute(_BY_ID, {"this": universe}).first()
        return None if row is None else _universe(row)

    def of_server(self, server: str) -> list[Universe]:
        rows = self._connection.execute(_OF_SERVER, {"address": server_name(server)})
        return [_universe(row) for row in rows]

    def save(self, universe: Universe) -> None:
        row = {**vars(universe), "id": universe.id, "server": server_name(universe.server)}
        self._connection.execute(self._save, row)
