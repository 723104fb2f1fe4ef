"""Sensors: systems, waypoints and ships around a ship (api-facts §17)."""

from dataclasses import dataclass
from datetime import datetime
from math import floor, hypot

from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.fleets import Fleets
from goodsfactory.sandbox.reactor import require_rested, rest_after
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.universe import System, Universe, Waypoint


@dataclass(frozen=True, slots=True)
class Sighting:
    """A system and how far away it is, in units of the galactic map."""

    system: System
    distance: int


class Scanning:
    """What sensor arrays see in one universe. Every scan refuses 4214, 4000, 4215."""

    def __init__(self, universe: Universe, fleets: Fleets, parameters: ShipParameters) -> None:
        self._universe = universe
        self._fleets = fleets
        self._parameters = parameters

    def systems(self, ship: Ship, now: datetime) -> list[Sighting]:
        """The nearest other systems, nearest first."""
        self._scan(ship, now)
        here = self._universe.systems[ship.system]
        others = [
            (floor(hypot(x - here.x, y - here.y) + 0.5), symbol)
            for symbol, (x, y) in self._universe.positions().items()
            if symbol != here.symbol
        ]
        nearest = sorted(others)[: self._parameters.scan_reach]
        return [Sighting(self._universe.systems[symbol], distance) for distance, symbol in nearest]

    def waypoints(self, ship: Ship, now: datetime) -> list[Waypoint]:
        """The nearest waypoints of the ship's system; their traits are seen even where nobody charted."""
        self._scan(ship, now)
        system = self._universe.systems[ship.system]
        here = system.waypoints[ship.waypoint]

        def far(waypoint: Waypoint) -> tuple[float, str]:
            return hypot(waypoint.x - here.x, waypoint.y - here.y), waypoint.symbol

        return sorted(system.waypoints.values(), key=far)[: self._parameters.scan_reach]

    def ships(self, ship: Ship, now: datetime) -> list[Ship]:
        """Other ships at or on the way to a place of the same system, by symbol."""
        self._scan(ship, now)
        near = (other for other in self._fleets if other.system == ship.system and other is not ship)
        return sorted(near, key=lambda other: other.symbol)[: self._parameters.scan_reach]

    def _scan(self, ship: Ship, now: datetime) -> None:
        ship.require_arrived(now)
        require_rested(ship, now)
        sensors = [mount for mount in ship.type.mounts if mount.symbol.startswith("MOUNT_SENSOR_ARRAY")]
        if not sensors:
            raise Refusal(
                ErrorCode.SHIP_MISSING_SENSOR_ARRAYS,
                f"Ship {ship.symbol} has no sensor array.",
                {"shipSymbol": ship.symbol},
            )
        rest_after(ship, sensors, self._parameters, now)
