"""Totals of the legs that are over, kept up in the transaction that ends a leg."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.tables import LEG_TOTALS
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals

Edge = tuple[Good, Good | None, bool]

_T = LEG_TOTALS.c
_OF_FACTORY = (
    select(LEG_TOTALS).where(_T.factory_id == bindparam("factory")).order_by(_T.good, _T.feeds, _T.clears)
)


def edge_of(one: Leg | LegTotals) -> Edge:
    """Which totals a leg belongs to, or which these are."""
    return one.good, one.feeds, one.clears


def _totals(row: Row[Any]) -> LegTotals:
    fields = {name: value for name, value in row._mapping.items() if name not in ("factory_id", "player_id")}
    fields["feeds"] = row.feeds or None
    fields["ships"] = _moments(row.ships)
    fields["taken"] = _moments(row.taken)
    return LegTotals(**fields)


def _moments(text: str) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(moment) for name, moment in json.loads(text).items()}


def _text(moments: Mapping[str, datetime]) -> str:
    return json.dumps({name: moment.isoformat() for name, moment in moments.items()})


class SqlLegTotals:
    def __init__(self, connection: Connection, kept: KeptReads) -> None:
        self._connection = connection
        self._kept = kept
        self._save = upsert(connection, LEG_TOTALS)

    def of_factory(self, factory_id: str) -> dict[Edge, LegTotals]:
        def read() -> dict[Edge, LegTotals]:
            rows = self._connection.execute(_OF_FACTORY, {"factory": factory_id})
            return {edge_of(one): one for one in map(_totals, rows)}

        return self._kept.read(("leg totals", factory_id), read)

    def of(self, leg: Leg) -> LegTotals:
        """Those a leg belongs to; empty ones where none was folded yet."""
        return self.of_factory(leg.factory_id).get(edge_of(leg), LegTotals(*edge_of(leg)))

    def save(self, leg: Leg, totals: LegTotals) -> None:
        """Keep the totals that ``leg`` belongs to."""
        row = {
            **vars(totals),
            "feeds": totals.feeds or "",
            "factory_id": leg.factory_id,
            "player_id": leg.player_id,
            "ships": _text(totals.ships),
            "taken": _text(totals.taken),
        }
        self._connection.execute(self._save, row)
        known = self._kept.kept(("leg totals", leg.factory_id))
        if isinstance(known, dict):
            known[edge_of(leg)] = totals
