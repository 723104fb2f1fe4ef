"""How ships move: distance, fuel, time, and the rules of orbit, dock and navigate (api-facts §8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import floor, hypot

from goodsfactory.sandbox.errors import ErrorCode, Refusal, not_found
from goodsfactory.sandbox.ships import FlightMode, Route, Ship
from goodsfactory.sandbox.universe import Universe, Waypoint
from goodsfactory.sandbox.wear import Wear

_BASE_SECONDS = 15


def _standard_multipliers() -> Mapping[FlightMode, float]:
    return {FlightMode.CRUISE: 25, FlightMode.BURN: 12.5, FlightMode.DRIFT: 250, FlightMode.STEALTH: 30}


def distance(origin: Waypoint, destination: Waypoint) -> int:
    """Map units to fly, at least 1 even between a planet and its orbital (api-facts §8.3)."""
    exact = hypot(destination.x - origin.x, destination.y - origin.y)
    return max(1, _round(exact))


def fuel_cost(mode: FlightMode, units: float) -> int:
    """Ship fuel units for a way of ``units`` map units (api-facts §8.3)."""
    if mode is FlightMode.DRIFT:
        return 1
    return max(1, _round(units)) * (2 if mode is FlightMode.BURN else 1)


def travel_seconds(units: float, multiplier: float, speed: float) -> int:
    """Seconds of flight (api-facts §8.2): ``round(distance * multiplier / speed + 15)``."""
    return _round(max(1, _round(units)) * multiplier / speed + _BASE_SECONDS)


def _round(value: float) -> int:
    return floor(value + 0.5)


@dataclass(frozen=True)
class Navigation:
    """Moves ships of one universe. ``multipliers`` are seconds per map unit at speed 1 (api-facts §8.2).

    They have changed between resets, hence they are settable; the default is the published table.
    """

    universe: Universe
    multipliers: Mapping[FlightMode, float] = field(default_factory=_standard_multipliers)
    wear: Wear = field(default_factory=Wear)

    def orbit(self, ship: Ship, now: datetime) -> None:
        """Leave the dock; a ship already in orbit stays there. Refuses 4214."""
        ship.require_arrived(now)
        ship.docked = False

    def dock(self, ship: Ship, now: datetime) -> None:
        """Dock; a docked ship stays docked. Refuses 4214."""
        ship.require_arrived(now)
        ship.docked = True

    def navigate(self, ship: Ship, destination: str, now: datetime) -> None:
        """Depart to another waypoint of the system; fuel is paid at once.

        Refuses 4214, 4236, 4201, 4202, 4204, 4203.
        """
        ship.require_orbit(now)
        target = self._destination(ship, destination)
        here = self.universe.waypoint(ship.waypoint)
        if here is None:
            raise not_found("Waypoint", ship.waypoint)
        way = distance(here, target)
        fuel = self.burn(ship, fuel_cost(ship.flight_mode, way))
        ship.last_events = self.wear.work(ship, "flight")
        seconds = travel_seconds(way, self.multipliers[ship.flight_mode], self.wear.speed(ship))
        arrival = now + timedelta(seconds=seconds)
        ship.fuel_consumed, ship.fuel_consumed_at = fuel, now
        ship.route = Route(here.symbol, target.symbol, now, arrival, float(way), now)

    def set_flight_mode(self, ship: Ship, mode: FlightMode, now: datetime) -> None:
        """Choose how to fly; in transit only a faster mode, which costs more fuel and arrives earlier.

        Refuses 4269 (slower in transit) and 4203. How much a change under way costs is not established
        (api-facts §8.5): here the rest of the way is paid at the new mode, less what it has cost already.
        """
        if now < ship.route.arrival and mode is not ship.flight_mode:
            self._hurry(ship, mode, now)
        ship.flight_mode = mode

    def _hurry(self, ship: Ship, mode: FlightMode, now: datetime) -> None:
        old, new = self.multipliers[ship.flight_mode], self.multipliers[mode]
        if new > old:
            raise Refusal(
                ErrorCode.CANT_SLOW_DOWN_WHILE_IN_TRANSIT,
                f"Ship {ship.symbol} cannot slow down from {ship.flight_mode} to {mode} while in transit.",
                {"shipSymbol": ship.symbol, "flightMode": str(ship.flight_mode)},
            )
        route = ship.route
        left = (route.arrival - now) / (route.arrival - route.since)
        rest = route.distance * left
        extra = self.burn(ship, max(0, fuel_cost(mode, rest) - fuel_cost(ship.flight_mode, rest)))
        if extra:
            ship.fuel_consumed, ship.fuel_consumed_at = extra, now
        milliseconds = _round((route.arrival - now).total_seconds() * 1000 * new / old)
        arrival = now + timedelta(milliseconds=milliseconds)
        ship.route = Route(route.origin, route.destination, route.departure, arrival, rest, now)

    def _destination(self, ship: Ship, symbol: str) -> Waypoint:
        system = symbol.rpartition("-")[0]
        if system != ship.system and system in self.universe.systems:
            raise Refusal(
                ErrorCode.NAVIGATE_OUTSIDE_SYSTEM,
                f"Navigate request failed. Waypoint {symbol} is outside of system {ship.system}.",
                {"waypointSymbol": symbol, "systemSymbol": ship.system},
            )
        target = self.universe.waypoint(symbol)
        if target is None:
            raise Refusal(
                ErrorCode.NAVIGATE_INVALID_DESTINATION,
                f"Navigate request failed. Destination {symbol} does not exist.",
                {"waypointSymbol": symbol},
            )
        if symbol == ship.waypoint:
            raise Refusal(
                ErrorCode.NAVIGATE_SAME_DESTINATION,
                f"Navigate request failed. Ship {ship.symbol} is already at {symbol}.",
                {"shipSymbol": ship.symbol, "destinationSymbol": symbol},
            )
        return target

    def burn(self, ship: Ship, fuel: int) -> int:
        """Burn ``fuel`` and return what was burnt; a ship without a tank burns nothing. Refuses 4203."""
        if not ship.type.fuel_capacity:
            return 0
        if fuel > ship.fuel:
            raise Refusal(
                ErrorCode.NAVIGATE_INSUFFICIENT_FUEL,
                f"Navigate request failed. Ship {ship.symbol} needs {fuel} fuel and has {ship.fuel}.",
                {"shipSymbol": ship.symbol, "fuelRequired": fuel, "fuelAvailable": ship.fuel},
            )
        ship.fuel -= fuel
        return fuel
