"""Ships as the API last showed them, in the current universe."""

import json
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.tables import SHIPS
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.geography import FlightMode
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.ports.store import Ships

_THIS_SHIP = (SHIPS.c.universe == bindparam("universe"), SHIPS.c.symbol == bindparam("ship"))
_BY_SYMBOL = select(SHIPS).where(*_THIS_SHIP)
_OF_PLAYER = select(SHIPS).where(
    SHIPS.c.player_id == bindparam("player"), SHIPS.c.universe == bindparam("universe")
)
_REMOVE = delete(SHIPS).where(*_THIS_SHIP)


def fleet_order(symbol: str) -> tuple[str, int, str]:
    """Sort key of a ship symbol: the counter after the last dash is hexadecimal (api-facts §2)."""
    agent, dash, counter = symbol.rpartition("-")
    try:
        return (agent, int(counter, 16), symbol) if dash else (symbol, 0, symbol)
    except ValueError:
        return symbol, 0, symbol


def _ship(row: Row[Any]) -> Ship:
    return Ship(
        symbol=row.symbol,
        role=row.role,
        nav=Nav(
            system=row.system_symbol,
            waypoint=row.waypoint_symbol,
            status=NavStatus(row.nav_status),
            flight_mode=FlightMode(row.flight_mode),
            origin=row.origin,
            departed_at=row.departed_at,
            arrival=row.arrival,
        ),
        tank=Tank(row.fuel, row.fuel_capacity),
        hold=Hold(row.cargo_capacity, MappingProxyType(json.loads(row.cargo))),
        speed=row.speed,
        observed_at=row.observed_at,
        cooldown_until=row.cooldown_until,
        frame=row.frame,
    )


def _row(ship: Ship, player_id: int, universe: str) -> dict[str, Any]:
    return {
        "universe": universe,
        "symbol": ship.symbol,
        "player_id": player_id,
        "role": ship.role,
        "frame": ship.frame,
        "speed": ship.speed,
        "system_symbol": ship.nav.system,
        "waypoint_symbol": ship.nav.waypoint,
        "nav_status": ship.nav.status.value,
        "flight_mode": ship.nav.flight_mode.value,
        "origin": ship.nav.origin,
        "departed_at": ship.nav.departed_at,
        "arrival": ship.nav.arrival,
        "fuel": ship.tank.current,
        "fuel_capacity": ship.tank.capacity,
        "cargo": json.dumps(dict(ship.hold.inventory)),
        "cargo_capacity": ship.hold.capacity,
        "cooldown_until": ship.cooldown_until,
        "observed_at": ship.observed_at,
    }


class SqlShips(Ships):
    def __init__(self, connection: Connection, universe: str, kept: KeptReads) -> None:
        self._connection = connection
        self._universe = universe
        self._save = upsert(connection, SHIPS)
        self._kept = kept
        self._owners: dict[str, int] = {}
        """whose fleet, of those that are kept, a ship was last seen in"""

    def save(self, player_id: int, ships: Iterable[Ship]) -> None:
        for ship in ships:
            self._connection.execute(self._save, _row(ship, player_id, self._universe))
            self._keep(player_id, ship)

    def get(self, symbol: str) -> tuple[int, Ship] | None:
        owner = self._owners.get(symbol)
        fleet = None if owner is None else self._kept.kept(("ships", owner))
        if owner is not None and isinstance(fleet, dict) and symbol in fleet:
            return owner, fleet[symbol]
        row = self._connection.execute(_BY_SYMBOL, {"universe": self._universe, "ship": symbol}).first()
        return None if row is None else (row.player_id, _ship(row))

    def of_player(self, player_id: int) -> list[Ship]:
        return list(self._kept.read(("ships", player_id), lambda: self._read(player_id)).values())

    def _read(self, player_id: int) -> dict[str, Ship]:
        rows = self._connection.execute(_OF_PLAYER, {"player": player_id, "universe": self._universe})
        ships = sorted((_ship(row) for row in rows), key=lambda ship: fleet_order(ship.symbol))
        self._owners.update((ship.symbol, player_id) for ship in ships)
        return {ship.symbol: ship for ship in ships}

    def _keep(self, player_id: int, ship: Ship) -> None:
        """A fleet is observed ship by ship: the others are not read again."""
        scope = ("ships", player_id)
        fleet = self._kept.kept(scope)
        if isinstance(fleet, dict) and ship.symbol in fleet:
            fleet[ship.symbol] = ship
        else:
            self._kept.drop(scope, ("ships", self._owners.get(ship.symbol)))

    def remove(self, symbol: str) -> None:
        self._connection.execute(_REMOVE, {"universe": self._universe, "ship": symbol})
        self._kept.drop(("ships", self._owners.pop(symbol, None)))
