"""Shipyards of the current universe: the newest look at each."""

import json
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from goodsfactory.adapters.store.tables import SHIPYARDS
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.shipyard import ShipOffer, ShipyardSnapshot
from goodsfactory.ports.store import Shipyards

_IN_UNIVERSE = SHIPYARDS.c.universe == bindparam("universe")
_ONE = select(SHIPYARDS).where(_IN_UNIVERSE, SHIPYARDS.c.waypoint == bindparam("place"))
_IN_SYSTEM = (
    select(SHIPYARDS)
    .where(_IN_UNIVERSE, SHIPYARDS.c.system_symbol == bindparam("system"))
    .order_by(SHIPYARDS.c.waypoint)
)


def _snapshot(row: Row[Any]) -> ShipyardSnapshot:
    return ShipyardSnapshot(
        waypoint=row.waypoint,
        types=frozenset(json.loads(row.types)),
        offers=tuple(ShipOffer(type_, price) for type_, price in json.loads(row.offers)),
        observed_at=row.observed_at,
    )


class SqlShipyards(Shipyards):
    def __init__(self, connection: Connection, universe: str) -> None:
        self._connection = connection
        self._universe = universe
        self._save_prices = upsert(connection, SHIPYARDS)
        self._save_types = upsert(connection, SHIPYARDS, keep=("offers", "observed_at"))

    def save(self, snapshot: ShipyardSnapshot) -> None:
        priced = snapshot.observed_at is not None
        self._connection.execute(
            self._save_prices if priced else self._save_types,
            {
                "universe": self._universe,
                "waypoint": snapshot.waypoint,
                "system_symbol": system_of(snapshot.waypoint),
                "types": json.dumps(sorted(snapshot.types)),
                "offers": json.dumps([[offer.type, offer.price] for offer in snapshot.offers]),
                "observed_at": snapshot.observed_at,
            },
        )

    def get(self, waypoint: str) -> ShipyardSnapshot | None:
        row = self._connection.execute(_ONE, {"universe": self._universe, "place": waypoint}).first()
        return None if row is None else _snapshot(row)

    def in_system(self, system: str) -> list[ShipyardSnapshot]:
        rows = self._connection.execute(_IN_SYSTEM, {"universe": self._universe, "system": system})
        return [_snapshot(row) for row in rows]
