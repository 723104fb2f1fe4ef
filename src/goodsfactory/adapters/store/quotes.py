"""Quotes of factories: one row for each factory that was foretold."""

import json

from sqlalchemy import Connection, bindparam, select

from goodsfactory.adapters.store.tables import QUOTES
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.quote import Quote
from goodsfactory.ports.store import Quotes

_T = QUOTES.c
_THIS = (_T.factory_id == bindparam("factory"), _T.player_id == bindparam("player"))
_GET = select(_T.document).where(*_THIS)
_GET_REQUESTS = select(_T.requests).where(*_THIS)
_SET_REQUESTS = QUOTES.update().where(*_THIS)


class SqlQuotes(Quotes):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._save = upsert(connection, QUOTES, keep=("requests",))

    def save(self, factory_id: str, player_id: int, quote: Quote) -> None:
        row = {
            "factory_id": factory_id,
            "player_id": player_id,
            "taken_at": quote.taken_at,
            "document": json.dumps(quote.to_json()),
            "requests": None,
        }
        self._connection.execute(self._save, row)

    def of_factory(self, factory_id: str, player_id: int) -> Quote | None:
        row = self._connection.execute(_GET, {"factory": factory_id, "player": player_id}).first()
        return None if row is None else Quote.from_json(json.loads(row.document))

    def set_requests(self, factory_id: str, player_id: int, requests: int) -> None:
        key = {"factory": factory_id, "player": player_id}
        self._connection.execute(_SET_REQUESTS, {**key, "requests": requests})

    def requests(self, factory_id: str, player_id: int) -> int | None:
        found = self._connection.execute(_GET_REQUESTS, {"factory": factory_id, "player": player_id}).scalar()
        return None if found is None else int(found)
