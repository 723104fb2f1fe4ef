"""Legs: shiploads that ships carry, in the order they were given out.

A leg that is over is folded into the totals of its edge and leaves what a pass reads. The newest failed ones
of an edge stay at hand for as long as they may speak against a source or a site.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.leg_totals import SqlLegTotals, edge_of
from goodsfactory.adapters.store.tables import (
    LEG_HAS_BOUGHT,
    LEG_IS_AT_HAND,
    LEG_IS_OPEN,
    LEGS,
    PLAYERS,
)
from goodsfactory.domain.errors import Conflict, SpendRule
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.ports.store import Legs

SETBACKS_AT_HAND = 20
"""Legs of one edge that failed, and as many that were given up, which stay at hand at most."""

SETBACKS_COUNT = timedelta(hours=6)
"""A setback older than this is folded with the next leg of its edge that goes well."""

LOADS_TOLD = 20
"""Loads of a ship that are read to tell whose its cargo is."""

_COLUMNS = [column for column in LEGS.columns if column.name not in ("number", "at_hand")]
_BY_ID = select(*_COLUMNS, LEGS.c.at_hand).where(LEGS.c.id == bindparam("leg"))
_OF_FACTORY = LEGS.c.factory_id == bindparam("factory")
_AT_HAND = select(*_COLUMNS).where(_OF_FACTORY, LEG_IS_AT_HAND).order_by(LEGS.c.number)
_NEWEST = select(*_COLUMNS).where(_OF_FACTORY).order_by(LEGS.c.number.desc()).limit(bindparam("most"))
_OPEN = select(*_COLUMNS).where(LEGS.c.player_id == bindparam("player"), LEG_IS_OPEN).order_by(LEGS.c.number)
_LOADS_OF = (
    select(*_COLUMNS)
    .join(PLAYERS, PLAYERS.c.id == LEGS.c.player_id)
    .where(LEGS.c.ship == bindparam("this_ship"), LEGS.c.good == bindparam("cargo"), LEG_HAS_BOUGHT)
    .where(PLAYERS.c.universe == bindparam("universe"))
    .order_by(LEGS.c.assigned_at.desc(), LEGS.c.number.desc())
    .limit(LOADS_TOLD)
)
_OF_PEG = ("factory_id", "units", "at_hand")
_INSERT = LEGS.insert()
_UPDATE = LEGS.update().where(LEGS.c.id == bindparam("leg"))
_PLACE = LEGS.update().where(LEGS.c.id == bindparam("leg")).values(at_hand=bindparam("stays"))


def _leg(row: Row[*tuple[Any, ...]]) -> Leg:
    fields = {name: value for name, value in row._mapping.items() if name not in _OF_PEG}
    fields["pegs"] = (Peg(row.factory_id, row.units),)
    fields["hand_over"] = HandOver(row.hand_over)
    fields["state"] = LegState(row.state)
    fields["rule"] = SpendRule(row.rule) if row.rule is not None else None
    return Leg(**fields)


def _row(leg: Leg) -> dict[str, Any]:
    [peg] = leg.pegs
    return {
        **{name: value for name, value in vars(leg).items() if name != "pegs"},
        "factory_id": peg.order_id,
        "units": peg.units,
        "hand_over": leg.hand_over.value,
        "state": leg.state.value,
        "rule": leg.rule.value if leg.rule is not None else None,
    }


class SqlLegs(Legs):
    def __init__(self, connection: Connection, universe: str, kept: KeptReads) -> None:
        self._connection = connection
        self._universe = universe
        self._kept = kept
        self._totals = SqlLegTotals(connection, kept)

    def add(self, legs: Iterable[Leg]) -> None:
        for leg in legs:
            self._connection.execute(_INSERT, _row(leg))
            self._written(leg, None)
            if not leg.state.is_open:
                self._over(leg)

    def get(self, leg_id: str) -> Leg | None:
        return self._found(leg_id)[0]

    def update(self, leg: Leg) -> None:
        legs = self._kept.kept(("legs", leg.factory_id))
        known = legs.get(leg.id) if isinstance(legs, dict) else None
        before, at_hand = (known, True) if known is not None else self._found(leg.id)
        row = _row(leg)
        if before is None or not self._connection.execute(_UPDATE, {**row, "leg": row.pop("id")}).rowcount:
            raise Conflict(f"There is no leg {leg.id} to update.")
        self._written(leg, before, at_hand=at_hand)
        if not at_hand:
            self._totals.save(leg, self._totals.of(leg).corrected(before, leg))
        elif before.state.is_open and not leg.state.is_open:
            self._over(leg)

    def at_hand(self, factory_id: str) -> list[Leg]:
        def read() -> dict[str, Leg]:
            rows = self._connection.execute(_AT_HAND, {"factory": factory_id})
            return {row.id: _leg(row) for row in rows}

        return list(self._kept.read(("legs", factory_id), read).values())

    def totals(self, factory_id: str) -> list[LegTotals]:
        return list(self._totals.of_factory(factory_id).values())

    def newest(self, factory_id: str, limit: int) -> list[Leg]:
        rows = self._connection.execute(_NEWEST, {"factory": factory_id, "most": limit}).all()
        return [_leg(row) for row in reversed(rows)]

    def open_of_player(self, player_id: int) -> list[Leg]:
        def read() -> dict[str, Leg]:
            rows = self._connection.execute(_OPEN, {"player": player_id})
            return {row.id: _leg(row) for row in rows}

        return list(self._kept.read(("open legs", player_id), read).values())

    def last_of(self, ship: str, good: Good) -> Leg | None:
        return next(iter(self.loads_of(ship, good)), None)

    def loads_of(self, ship: str, good: Good) -> Sequence[Leg]:
        loads: dict[Good, Sequence[Leg]] = self._kept.read(("loads", ship), dict)
        if good not in loads:
            asked = {"this_ship": ship, "cargo": good, "universe": self._universe}
            loads[good] = [_leg(row) for row in self._connection.execute(_LOADS_OF, asked)]
        return loads[good]

    def _found(self, leg_id: str) -> tuple[Leg | None, bool]:
        """The leg, and whether it is at hand."""
        known = self._kept.kept(("leg", leg_id))
        if isinstance(known, Leg):
            return known, True
        row = self._connection.execute(_BY_ID, {"leg": leg_id}).first()
        if row is None:
            return None, False
        leg = _leg(row)
        # Its ship reads it again and again; once it is over hardly anybody does.
        if leg.state.is_open and row.at_hand:
            self._kept.read(("leg", leg_id), lambda: leg)
        return leg, row.at_hand

    def _over(self, leg: Leg) -> None:
        """Fold what is history now that ``leg`` has ended: itself, or what it takes the place of."""
        if leg.state is LegState.FAILED or (leg.state is LegState.CANCELLED and leg.ship is not None):
            alike = [one for one in self._setbacks(leg) if one.state is leg.state]
            self._fold(alike[: max(0, len(alike) - SETBACKS_AT_HAND)])
            return
        self._fold([leg])
        if leg.state is LegState.DONE:
            since = (leg.ended_at or leg.created_at) - SETBACKS_COUNT
            self._fold([one for one in self._setbacks(leg) if (one.ended_at or one.created_at) < since])

    def _setbacks(self, leg: Leg) -> list[Leg]:
        """Legs of the same edge that are over and still at hand, oldest first."""
        at_hand = self.at_hand(leg.factory_id)
        return [one for one in at_hand if not one.state.is_open and edge_of(one) == edge_of(leg)]

    def _fold(self, legs: list[Leg]) -> None:
        for leg in legs:
            self._connection.execute(_PLACE, {"leg": leg.id, "stays": False})
            known = self._kept.kept(("legs", leg.factory_id))
            if isinstance(known, dict):
                known.pop(leg.id, None)
            self._totals.save(leg, self._totals.of(leg).plus(leg))

    def _written(self, leg: Leg, before: Leg | None, *, at_hand: bool = True) -> None:
        legs = self._kept.kept(("legs", leg.factory_id))
        if isinstance(legs, dict) and at_hand:
            legs[leg.id] = leg
        if leg.state.is_open and at_hand:
            self._kept.renew(("leg", leg.id), leg)
        else:
            self._kept.drop(("leg", leg.id))
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
