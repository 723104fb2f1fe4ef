"""Holds on spending: one row for each player who buys nothing for now."""

from sqlalchemy import Connection, bindparam, delete, select

from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.tables import SPENDING_HOLDS
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.money import SpendingHold
from goodsfactory.ports.store import SpendingHolds

_OF_PLAYER = SPENDING_HOLDS.c.player_id == bindparam("player")
_GET = select(SPENDING_HOLDS).where(_OF_PLAYER)
_LIFT = delete(SPENDING_HOLDS).where(_OF_PLAYER)


class SqlSpendingHolds(SpendingHolds):
    def __init__(self, connection: Connection, kept: KeptReads) -> None:
        self._connection = connection
        self._kept = kept
        self._place = upsert(connection, SPENDING_HOLDS)

    def place(self, hold: SpendingHold) -> None:
        self._connection.execute(self._place, vars(hold))
        self._kept.drop(("hold", hold.player_id))

    def of_player(self, player_id: int) -> SpendingHold | None:
        def read() -> SpendingHold | None:
            row = self._connection.execute(_GET, {"player": player_id}).first()
            return None if row is None else SpendingHold(**row._mapping)

        return self._kept.read(("hold", player_id), read)

    def lift(self, player_id: int) -> bool:
        self._kept.drop(("hold", player_id))
        return self._connection.execute(_LIFT, {"player": player_id}).rowcount == 1
