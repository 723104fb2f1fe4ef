"""Mounts and modules, fitted and removed at a shipyard (api-facts §13.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import ErrorCode, Refusal, unprocessable
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ship_parts import MODULES, MOUNTS, Module, Mount
from goodsfactory.sandbox.ship_types import ShipType
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.universe import Universe

_Part = TypeVar("_Part", Mount, Module)


@dataclass(frozen=True, slots=True)
class Modification:
    """A part fitted or removed for a fee in credits."""

    waypoint: str
    ship: str
    part: str
    price: int
    at: datetime


class Outfitting:
    """All refitting in one universe. A part comes from the hold, and goes back there."""

    def __init__(self, universe: Universe, parameters: ShipParameters) -> None:
        self._universe = universe
        self._parameters = parameters

    def fee(self, waypoint: str) -> int:
        """Credits a yard takes for a mount, or for each slot of a module."""
        return self._universe.modification_fees.get(waypoint, self._parameters.modifications_fee)

    def install_mount(self, agent: Agent, ship: Ship, symbol: str, now: datetime) -> Modification:
        """Fit a mount. Refuses 4214, 4244, 4246, 3001 (no such mount), 4218, 4219, 4249, 4251, 4252, 4248."""
        self._require_yard(ship, ErrorCode.SHIP_MOUNT_NO_SHIPYARD, now)
        mount = _aboard(ship, symbol, MOUNTS)
        refitted = replace(ship.type, mounts=(*ship.type.mounts, mount))
        _require_fit(ship, refitted)
        done = self._charge(agent, ship, symbol, 1, ErrorCode.SHIP_MOUNT_INSUFFICIENT_CREDITS, now)
        ship.unload(symbol, 1)
        ship.type = refitted
        return done

    def remove_mount(self, agent: Agent, ship: Ship, symbol: str, now: datetime) -> Modification:
        """Take a mount off. Refuses 4214, 4244, 4246, 4247, 4217, 4248."""
        self._require_yard(ship, ErrorCode.SHIP_MOUNT_NO_SHIPYARD, now)
        left = _without(ship, ship.type.mounts, symbol, ErrorCode.SHIP_MISSING_MOUNT)
        ship.require_room(1)
        done = self._charge(agent, ship, symbol, 1, ErrorCode.SHIP_MOUNT_INSUFFICIENT_CREDITS, now)
        ship.type = replace(ship.type, mounts=left)
        ship.load(symbol, 1)
        return done

    def install_module(self, agent: Agent, ship: Ship, symbol: str, now: datetime) -> Modification:
        """Fit a module. Refuses 4214, 4244, 4266, 3001, 4218, 4219, 4249, 4250, 4252, 4268."""
        self._require_yard(ship, ErrorCode.SHIP_MODULE_NO_SHIPYARD, now)
        module = _aboard(ship, symbol, MODULES)
        refitted = replace(ship.type, modules=(*ship.type.modules, module))
        _require_fit(ship, refitted)
        code = ErrorCode.SHIP_MODULE_INSUFFICIENT_CREDITS
        done = self._charge(agent, ship, symbol, module.slots, code, now)
        ship.unload(symbol, 1)
        ship.type = refitted
        return done

    def remove_module(self, agent: Agent, ship: Ship, symbol: str, now: datetime) -> Modification:
        """Take a module out. Refuses 4214, 4244, 4266, 4267, 4217 (hold too small then), 4252, 4268."""
        self._require_yard(ship, ErrorCode.SHIP_MODULE_NO_SHIPYARD, now)
        left = _without(ship, ship.type.modules, symbol, ErrorCode.SHIP_MODULE_NOT_INSTALLED)
        refitted = replace(ship.type, modules=left)
        if ship.cargo_units + 1 > refitted.cargo_capacity:
            raise Refusal(
                ErrorCode.SHIP_CARGO_EXCEEDS_LIMIT,
                f"Without {symbol} ship {ship.symbol} holds {refitted.cargo_capacity} units, too few for "
                "its cargo and the module.",
                {
                    "shipSymbol": ship.symbol,
                    "cargoCapacity": refitted.cargo_capacity,
                    "cargoUnits": ship.cargo_units,
                    "unitsToAdd": 1,
                },
            )
        _require_crew(ship, refitted)
        code = ErrorCode.SHIP_MODULE_INSUFFICIENT_CREDITS
        done = self._charge(agent, ship, symbol, MODULES[symbol].slots, code, now)
        ship.type = refitted
        ship.load(symbol, 1)
        return done

    def _require_yard(self, ship: Ship, code: ErrorCode, now: datetime) -> None:
        ship.require_docked(now)
        if ship.waypoint not in self._universe.shipyards:
            message = f"Ship {ship.symbol} is at {ship.waypoint}, where there is no shipyard."
            raise Refusal(code, message, {"waypointSymbol": ship.waypoint})

    def _charge(
        self, agent: Agent, ship: Ship, part: str, times: int, code: ErrorCode, now: datetime
    ) -> Modification:
        price = self.fee(ship.waypoint) * times
        if price > agent.credits:
            raise Refusal(
                code,
                f"Refitting costs {price} credits; agent {agent.symbol} has {agent.credits}.",
                {"agentCredits": agent.credits, "totalPrice": price, "tradeSymbol": part},
            )
        agent.pay(price)
        return Modification(ship.waypoint, ship.symbol, part, price, now)


def _aboard(ship: Ship, symbol: str, catalogue: Mapping[str, _Part]) -> _Part:
    part = catalogue.get(symbol)
    if part is None:
        raise unprocessable("invalid_enum_value", ["symbol"], f"{symbol!r} is no such part")
    ship.require_aboard(symbol, 1)
    return part


def _without(ship: Ship, fitted: Sequence[_Part], symbol: str, code: ErrorCode) -> tuple[_Part, ...]:
    places = [place for place, part in enumerate(fitted) if part.symbol == symbol]
    if not places:
        message = f"Ship {ship.symbol} has no {symbol} fitted."
        raise Refusal(code, message, {"shipSymbol": ship.symbol, "tradeSymbol": symbol})
    return tuple(part for place, part in enumerate(fitted) if place != places[0])


def _require_fit(ship: Ship, refitted: ShipType) -> None:
    frame = refitted.frame
    _require_within(ship, ErrorCode.SHIP_MISSING_POWER, "power", power_drawn(refitted), _power(refitted))
    slots = sum(module.slots for module in refitted.modules)
    _require_within(ship, ErrorCode.SHIP_MISSING_SLOTS, "module slots", slots, frame.module_slots)
    mounts = len(refitted.mounts)
    _require_within(ship, ErrorCode.SHIP_MISSING_MOUNTS, "mounting points", mounts, frame.mounting_points)
    _require_crew(ship, refitted)


def _require_crew(ship: Ship, refitted: ShipType) -> None:
    crew = max(0, refitted.crew_required)
    _require_within(ship, ErrorCode.SHIP_MISSING_CREW, "crew", crew, refitted.crew_capacity)


def _require_within(ship: Ship, code: ErrorCode, what: str, needed: int, available: int) -> None:
    if needed > available:
        raise Refusal(
            code,
            f"Refitting failed. Ship {ship.symbol} would need {needed} {what} and has {available}.",
            {"shipSymbol": ship.symbol, "required": needed, "available": available},
        )


def power_drawn(built: ShipType) -> int:
    """Power that hull, engine, modules and mounts draw together."""
    inside = sum(module.power for module in built.modules)
    return built.frame.power + built.engine.power + inside + sum(mount.power for mount in built.mounts)


def _power(built: ShipType) -> int:
    return built.reactor.power_output
