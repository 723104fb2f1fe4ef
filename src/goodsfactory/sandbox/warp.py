"""Warp: flight to another system without a gate (api-facts §8.2, §10)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import floor, hypot

from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.navigation import Navigation, fuel_cost, travel_seconds
from goodsfactory.sandbox.ships import FlightMode, Route, Ship
from goodsfactory.sandbox.universe import Universe, Waypoint

WARP_MULTIPLIERS: Mapping[FlightMode, float] = {
    FlightMode.CRUISE: 50,
    FlightMode.BURN: 25,
    FlightMode.DRIFT: 300,
    FlightMode.STEALTH: 60,
}
"""Seconds per unit of distance at speed 1 (api-facts §8.2; all but CRUISE unconfirmed)."""


def warp(navigation: Navigation, ship: Ship, destination: str, now: datetime) -> None:
    """Depart to a waypoint of another system; fuel is paid at once.

    Refuses 4214, 4236, 4201 (no such waypoint), 4235 (same system), 4241 (no warp drive), 4203 (too little
    fuel, or farther than the drive reaches).
    """
    ship.require_orbit(now)
    universe = navigation.universe
    target = universe.waypoint(destination)
    if target is None:
        raise Refusal(
            ErrorCode.NAVIGATE_INVALID_DESTINATION,
            f"Warp failed. Destination {destination} does not exist.",
            {"waypointSymbol": destination},
        )
    if target.system == ship.system:
        raise Refusal(
            ErrorCode.WARP_INSIDE_SYSTEM,
            f"Warp failed. Waypoint {destination} is in the system of ship {ship.symbol}; navigate there.",
            {"waypointSymbol": destination, "systemSymbol": ship.system},
        )
    reach = max((module.range or 0 for module in ship.type.modules if _is_drive(module.symbol)), default=0)
    if not reach:
        message = f"Ship {ship.symbol} has no warp drive."
        raise Refusal(ErrorCode.SHIP_MISSING_WARP_DRIVE, message, {"shipSymbol": ship.symbol})
    way = _distance(universe, ship, target)
    cost = fuel_cost(ship.flight_mode, way)
    if way > reach:
        raise Refusal(
            ErrorCode.NAVIGATE_INSUFFICIENT_FUEL,
            f"Warp failed. {destination} is {way} away; the drive of {ship.symbol} reaches {reach}.",
            {"shipSymbol": ship.symbol, "fuelRequired": max(cost, way), "fuelAvailable": ship.fuel},
        )
    fuel = navigation.burn(ship, cost)
    ship.last_events = navigation.wear.work(ship, "flight")
    seconds = travel_seconds(way, WARP_MULTIPLIERS[ship.flight_mode], navigation.wear.speed(ship))
    ship.fuel_consumed, ship.fuel_consumed_at = fuel, now
    ship.route = Route(ship.waypoint, destination, now, now + timedelta(seconds=seconds), float(way), now)


def _is_drive(module: str) -> bool:
    return module.startswith("MODULE_WARP_DRIVE")


def _distance(universe: Universe, ship: Ship, target: Waypoint) -> int:
    here, there = universe.systems[ship.system], universe.systems[target.system]
    return max(1, floor(hypot(there.x - here.x, there.y - here.y) + 0.5))
