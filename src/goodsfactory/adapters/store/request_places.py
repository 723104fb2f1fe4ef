"""The places of request allowances that several daemons share."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from goodsfactory.adapters.store.tables import REQUEST_PLACES
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.ports.store import RequestPlaces

_T = REQUEST_PLACES.c
_KEPT = (
    select(_T.pool, _T.slot, _T.free_at).where(_T.scope == bindparam("this_scope")).order_by(_T.pool, _T.slot)
)


class SqlRequestPlaces(RequestPlaces):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._put = upsert(connection, REQUEST_PLACES)

    def kept(self, scope: str) -> list[tuple[int, int, datetime]]:
        rows = self._connection.execute(_KEPT, {"this_scope": scope})
        return [(row.pool, row.slot, row.free_at) for row in rows]

    def put(self, scope: str, pool: int, slot: int, free_at: datetime) -> None:
        self._connection.execute(self._put, {"scope": scope, "pool": pool, "slot": slot, "free_at": free_at})
