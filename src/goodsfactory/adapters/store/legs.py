"""Legs: durable demand for shiploads, in the order it was written down."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.tables import LEG_IS_OPEN, LEGS
from goodsfactory.domain.errors import Conflict
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegKind, LegState
from goodsfactory.ports.store import Legs

_COLUMNS = [column for column in LEGS.columns if column.name != "number"]
_BY_ID = select(*_COLUMNS).where(LEGS.c.id == bindparam("leg"))
_OF_FACTORY = select(*_COLUMNS).where(LEGS.c.factory_id == bindparam("factory")).order_by(LEGS.c.number)
_OPEN = select(*_COLUMNS).where(LEGS.c.player_id == bindparam("player"), LEG_IS_OPEN).order_by(LEGS.c.number)
_LAST_OF = (
    select(*_COLUMNS)
    .where(LEGS.c.ship == bindparam("this_ship"), LEGS.c.good == bindparam("cargo"), LEGS.c.bought > 0)
    .order_by(LEGS.c.updated_at.desc(), LEGS.c.number.desc())
    .limit(1)
)
_INSERT = LEGS.insert()
_UPDATE = LEGS.update().where(LEGS.c.id == bindparam("leg"))


def _leg(row: Row[Any]) -> Leg:
    fields = dict(row._mapping)
    fields["kind"] = LegKind(row.kind)
    fields["state"] = LegState(row.state)
    return Leg(**fields)


def _row(leg: Leg) -> dict[str, Any]:
    return {**vars(leg), "kind": leg.kind.value, "state": leg.state.value}


class SqlLegs(Legs):
    def __init__(self, connection: Connection, kept: KeptReads) -> None:
        self._connection = connection
        self._kept = kept

    def add(self, legs: Iterable[Leg]) -> None:
        for leg in legs:
            self._connection.execute(_INSERT, _row(leg))
            self._written(leg, None)

    def get(self, leg_id: str) -> Leg | None:
        row = self._connection.execute(_BY_ID, {"leg": leg_id}).first()
        return None if row is None else _leg(row)

    def update(self, leg: Leg) -> None:
        legs = self._kept.kept(("legs", leg.factory_id))
        before = legs.get(leg.id) if isinstance(legs, dict) else self.get(leg.id)
        row = _row(leg)
        if not self._connection.execute(_UPDATE, {**row, "leg": row.pop("id")}).rowcount:
            raise Conflict(f"There is no leg {leg.id} to update.")
        self._written(leg, before)

    def of_factory(self, factory_id: str) -> list[Leg]:
        def read() -> dict[str, Leg]:
            rows = self._connection.execute(_OF_FACTORY, {"factory": factory_id})
            return {row.id: _leg(row) for row in rows}

        return list(self._kept.read(("legs", factory_id), read).values())

    def open_of_player(self, player_id: int) -> list[Leg]:
        def read() -> dict[str, Leg]:
            rows = self._connection.execute(_OPEN, {"player": player_id})
            return {row.id: _leg(row) for row in rows}

        return list(self._kept.read(("open legs", player_id), read).values())

    def last_of(self, ship: str, good: Good) -> Leg | None:
        def read() -> Leg | None:
            row = self._connection.execute(_LAST_OF, {"this_ship": ship, "cargo": good}).first()
            return None if row is None else _leg(row)

        loads: dict[Good, Leg | None] = self._kept.read(("loads", ship), dict)
        if good not in loads:
            loads[good] = read()
        return loads[good]

    def _written(self, leg: Leg, before: Leg | None) -> None:
        """A factory may have thousands of legs, nearly all of them over: they are not read again."""
        legs = self._kept.kept(("legs", leg.factory_id))
        if isinstance(legs, dict):
            legs[leg.id] = leg
        self._kept.drop(("loads", leg.ship))
        if before is not None:
            self._kept.drop(("loads", before.ship))
        self._open(leg, new=before is None)

    def _open(self, leg: Leg, *, new: bool) -> None:
        scope = ("open legs", leg.player_id)
        legs = self._kept.kept(scope)
        if not isinstance(legs, dict):
            return
        if not leg.state.is_open:
            legs.pop(leg.id, None)
        elif new or leg.id in legs:
            legs[leg.id] = leg
        else:
            self._kept.drop(scope)  # opened anew: its place is among the others
