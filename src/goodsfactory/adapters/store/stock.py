"""Stock: one row for each good aboard a ship that belongs to no leg any more."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from goodsfactory.adapters.store.code_points import code_points
from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.tables import STOCK
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.goods import Good
from goodsfactory.domain.stock import StockKind, StockRow
from goodsfactory.ports.store import Stock

_COLUMNS = [column for column in STOCK.columns if column.name != "universe"]
_OF_UNIVERSE = STOCK.c.universe == bindparam("universe")
_THIS = (_OF_UNIVERSE, STOCK.c.ship == bindparam("this_ship"), STOCK.c.good == bindparam("cargo"))
_GET = select(*_COLUMNS).where(*_THIS)
_OF_PLAYER = (
    select(*_COLUMNS)
    .where(_OF_UNIVERSE, STOCK.c.player_id == bindparam("player"))
    .order_by(code_points(STOCK.c.ship), code_points(STOCK.c.good))
)
_REMOVE = delete(STOCK).where(*_THIS)


def _stock(row: Row[Any]) -> StockRow:
    fields = dict(row._mapping)
    fields["kind"] = StockKind(row.kind)
    return StockRow(**fields)


class SqlStock(Stock):
    def __init__(self, connection: Connection, universe: str, kept: KeptReads) -> None:
        self._connection = connection
        self._kept = kept
        self._universe = universe
        self._keep = upsert(connection, STOCK)

    def keep(self, row: StockRow) -> None:
        self._kept.drop(("stock", row.player_id), ("stock aboard", row.ship))
        if row.units < 1:
            self._connection.execute(_REMOVE, self._key(row.ship, row.good))
            return
        values = {**vars(row), "kind": row.kind.value, "universe": self._universe}
        self._connection.execute(self._keep, values)

    def get(self, ship: str, good: Good) -> StockRow | None:
        aboard: dict[Good, StockRow | None] = self._kept.read(("stock aboard", ship), dict)
        if good not in aboard:
            row = self._connection.execute(_GET, self._key(ship, good)).first()
            aboard[good] = None if row is None else _stock(row)
        return aboard[good]

    def of_player(self, player_id: int) -> list[StockRow]:
        def read() -> tuple[StockRow, ...]:
            values = {"universe": self._universe, "player": player_id}
            return tuple(_stock(row) for row in self._connection.execute(_OF_PLAYER, values))

        return list(self._kept.read(("stock", player_id), read))

    def _key(self, ship: str, good: Good) -> dict[str, Any]:
        return {"universe": self._universe, "this_ship": ship, "cargo": good}
