"""Ships as the API shows them (official schema; newer fields of api-facts §14.1)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from goodsfactory.sandbox.http.good_views import good_view
from goodsfactory.sandbox.ship_parts import Module, Mount
from goodsfactory.sandbox.ship_types import SHIP_TYPES, ShipType
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.timestamps import Instant, Lapse
from goodsfactory.sandbox.universe import Universe

_INTACT: Mapping[str, float] = {"condition": 1, "integrity": 1}
_QUALITY: Mapping[str, int] = {
    "FRAME_PROBE": 1,
    "FRAME_DRONE": 1,
    "FRAME_SHUTTLE": 3,
    "FRAME_INTERCEPTOR": 3,
    "FRAME_FRIGATE": 4,
    "FRAME_MINER": 4,
    "FRAME_EXPLORER": 5,
    "FRAME_LIGHT_FREIGHTER": 5,
    "FRAME_HEAVY_FREIGHTER": 7,
    "FRAME_BULK_FREIGHTER": 7,
    "REACTOR_SOLAR_I": 1,
    "REACTOR_CHEMICAL_I": 3,
    "REACTOR_FISSION_I": 5,
    "REACTOR_FUSION_I": 7,
    "ENGINE_IMPULSE_DRIVE_I": 1,
    "ENGINE_ION_DRIVE_I": 3,
    "ENGINE_ION_DRIVE_II": 4,
}
"""As recorded from the live game, version 2.3.0; that of the bulk freighter is our choice."""


def ship_view(ship: Ship, universe: Universe, now: datetime) -> dict[str, object]:
    """A whole ship."""
    hull = hull_view(ship.type.symbol) if ship.as_built else _hull(ship.type, ship)
    return {
        "symbol": ship.symbol,
        "registration": {"name": ship.symbol, "factionSymbol": ship.faction, "role": ship.type.role},
        "nav": nav_view(ship, universe, now),
        "crew": _crew_view(ship.type),
        "frame": hull["frame"],
        "reactor": hull["reactor"],
        "engine": hull["engine"],
        "cooldown": cooldown_view(ship, now),
        "modules": hull["modules"],
        "mounts": hull["mounts"],
        "cargo": cargo_view(ship),
        "fuel": fuel_view(ship),
    }


def nav_view(ship: Ship, universe: Universe, now: datetime) -> dict[str, object]:
    """Where a ship is; in transit ``waypointSymbol`` is already the destination (api-facts §8.1)."""
    route = ship.route
    origin = _place(universe, route.origin)
    return {
        "systemSymbol": ship.system,
        "waypointSymbol": ship.waypoint,
        "route": {
            "origin": origin,
            "departure": origin,
            "destination": _place(universe, route.destination),
            "departureTime": Instant(route.departure),
            "arrival": Instant(route.arrival),
        },
        "status": ship.status(now),
        "flightMode": ship.flight_mode,
    }


def cargo_view(ship: Ship) -> dict[str, object]:
    """What is in the hold."""
    return {
        "capacity": ship.type.cargo_capacity,
        "units": ship.cargo_units,
        "inventory": [{**good_view(good), "units": units} for good, units in ship.hold.items()],
    }


def fuel_view(ship: Ship) -> dict[str, object]:
    """What is in the tank, and what the last departure burnt."""
    return {
        "current": ship.fuel,
        "capacity": ship.type.fuel_capacity,
        "consumed": {
            "amount": ship.fuel_consumed,
            "timestamp": Instant(ship.fuel_consumed_at or ship.route.departure),
        },
    }


def cooldown_view(ship: Ship, now: datetime) -> dict[str, object]:
    """The reactor's rest; without ``expiration`` when there is none (api-facts §13)."""
    until = ship.cooldown_until
    if until is None or now >= until:
        return {"shipSymbol": ship.symbol, "totalSeconds": 0, "remainingSeconds": 0}
    return {
        "shipSymbol": ship.symbol,
        "totalSeconds": Lapse(timedelta(seconds=ship.cooldown_seconds)),
        "remainingSeconds": Lapse(until - now),
        "expiration": Instant(until),
    }


@lru_cache(maxsize=len(SHIP_TYPES))
def hull_view(ship_type: str) -> Mapping[str, object]:
    """Frame, reactor, engine, modules and mounts of a type as it leaves the yard, encoded once."""
    views = _hull(SHIP_TYPES[ship_type], None)
    return {name: msgspec.Raw(msgspec.json.encode(view)) for name, view in views.items()}


def _hull(built: ShipType, ship: Ship | None) -> Mapping[str, object]:
    frame, reactor, engine = built.frame, built.reactor, built.engine
    return {
        "frame": {
            "symbol": frame.symbol,
            "name": frame.name,
            "description": frame.description,
            **_state(ship, "FRAME"),
            "moduleSlots": frame.module_slots,
            "mountingPoints": frame.mounting_points,
            "fuelCapacity": frame.fuel_capacity,
            "requirements": {"power": frame.power, "crew": frame.crew},
            "quality": _QUALITY[frame.symbol],
        },
        "reactor": {
            "symbol": reactor.symbol,
            "name": reactor.name,
            "description": reactor.description,
            **_state(ship, "REACTOR"),
            "powerOutput": reactor.power_output,
            "requirements": {"crew": reactor.crew},
            "quality": _QUALITY[reactor.symbol],
        },
        "engine": {
            "symbol": engine.symbol,
            "name": engine.name,
            "description": engine.description,
            **_state(ship, "ENGINE"),
            "speed": engine.speed,
            "requirements": {"power": engine.power, "crew": engine.crew},
            "quality": _QUALITY[engine.symbol],
        },
        "modules": modules_view(built),
        "mounts": mounts_view(built),
    }


def modules_view(built: ShipType) -> list[dict[str, object]]:
    """What is fitted inside a hull."""
    return [_module_view(module) for module in built.modules]


def mounts_view(built: ShipType) -> list[dict[str, object]]:
    """What is fitted outside a hull."""
    return [_mount_view(mount) for mount in built.mounts]


def _state(ship: Ship | None, component: str) -> Mapping[str, float]:
    if ship is None or component not in ship.worn:
        return _INTACT
    state = ship.worn[component]
    return {"condition": _number(state.condition), "integrity": _number(state.integrity)}


def _number(value: float) -> float:
    # The server's language writes a whole number without a fraction; older clients insist on that.
    return int(value) if value == int(value) else value


def _module_view(module: Module) -> dict[str, object]:
    view: dict[str, object] = {
        "symbol": module.symbol,
        "name": module.name,
        "description": module.description,
        "requirements": {"power": module.power, "crew": module.crew, "slots": module.slots},
    }
    if module.capacity is not None:
        view["capacity"] = module.capacity
    if module.range is not None:
        view["range"] = module.range
    return view


def _mount_view(mount: Mount) -> dict[str, object]:
    view: dict[str, object] = {
        "symbol": mount.symbol,
        "name": mount.name,
        "description": mount.description,
        "requirements": {"power": mount.power, "crew": mount.crew},
    }
    if mount.strength is not None:
        view["strength"] = mount.strength
    if mount.deposits:
        view["deposits"] = mount.deposits
    return view


def _crew_view(built: ShipType) -> dict[str, object]:
    required = max(0, built.crew_required)
    return {
        "current": required,
        "required": built.crew_required,
        "capacity": built.crew_capacity,
        "rotation": "STRICT",
        "morale": 100,
        "wages": 0,
    }


def _place(universe: Universe, symbol: str) -> dict[str, object]:
    waypoint = universe.waypoint(symbol)
    if waypoint is None:
        raise LookupError(f"a ship flies at {symbol}, which is not in the universe")
    return {
        "symbol": symbol,
        "type": waypoint.type,
        "systemSymbol": waypoint.system,
        "x": waypoint.x,
        "y": waypoint.y,
    }
