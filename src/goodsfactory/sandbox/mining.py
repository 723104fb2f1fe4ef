"""Extraction and siphoning, with asteroids that suffer from too much of it (api-facts §12)."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from goodsfactory.sandbox import draws
from goodsfactory.sandbox.deposits import GASEOUS, GASES, MINEABLE, OWNED_ROCKS, deposits
from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.reactor import require_rested, rest_after
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ship_parts import Mount
from goodsfactory.sandbox.ships import ConditionEvent, Ship
from goodsfactory.sandbox.surveys import SurveyClaim, Surveys
from goodsfactory.sandbox.universe import Universe, Waypoint
from goodsfactory.sandbox.wear import Wear

CRITICAL_LIMIT, UNSTABLE = "CRITICAL_LIMIT", "UNSTABLE"


@dataclass(frozen=True, slots=True)
class Yield:
    """What one extraction or siphoning brought aboard, and what the work did to the ship."""

    good: str
    units: int
    events: tuple[ConditionEvent, ...]


@dataclass(slots=True)
class _Stress:
    """Extractions above the pace an asteroid stands, as of ``at``."""

    surplus: float
    at: datetime


class Mining:
    """All digging and siphoning in one universe. Yields follow from the seed."""

    def __init__(self, universe: Universe, surveys: Surveys, wear: Wear, parameters: ShipParameters) -> None:
        self._universe = universe
        self._surveys = surveys
        self._wear = wear
        self._parameters = parameters
        self._stress: dict[str, _Stress] = {}

    def modifiers(self, waypoint: Waypoint, now: datetime) -> tuple[str, ...]:
        """What too much mining has made of a waypoint; it heals with time."""
        if waypoint.symbol not in self._stress:
            return ()
        minutes = self._surplus(waypoint, now) / self._pace(waypoint)
        if minutes >= self._parameters.unstable_minutes:
            return (CRITICAL_LIMIT, UNSTABLE)
        return (CRITICAL_LIMIT,) if minutes >= self._parameters.critical_minutes else ()

    def extract(self, ship: Ship, claim: SurveyClaim | None, now: datetime) -> Yield:
        """Dig where the ship is, among the deposits of a survey if one is given.

        Refuses 4214, 4236, 4000, 4243, 4242, 4206, 4205, 4228, 4253, 4261, and for a survey 4220, 4221,
        4224, 4270.
        """
        ship.require_orbit(now)
        require_rested(ship, now)
        lasers = _fitted(ship, "MOUNT_MINING_LASER")
        _require(ship, bool(lasers), ErrorCode.SHIP_MISSING_MINING_LASERS, "has no mining laser")
        _require_module(ship, "MODULE_MINERAL_PROCESSOR", ErrorCode.SHIP_MISSING_MINERAL_PROCESSOR)
        place = self._rock(ship)
        _require_space(ship)
        survey = None if claim is None else self._surveys.check(ship, claim, now)
        marks = self.modifiers(place, now)
        if UNSTABLE in marks:
            raise Refusal(
                ErrorCode.SHIP_EXTRACT_DESTABILIZED,
                f"Ship extract failed. Asteroid {place.symbol} is unstable from over-mining.",
                {"waypointSymbol": place.symbol, "modifiers": list(marks)},
            )
        weights = dict.fromkeys(survey.deposits, 0) if survey else deposits(place)
        if survey:
            for good in survey.deposits:
                weights[good] += 1
        if not weights:
            raise Refusal(
                ErrorCode.WAYPOINT_NO_YIELD,
                f"Ship extract failed. Waypoint {place.symbol} yields nothing.",
                {"waypointSymbol": place.symbol},
            )
        events = self._wear.work(ship, "mining")
        share = self._parameters.critical_yield if marks else 1.0
        good, units = self._draw(ship, lasers, weights, share)
        if survey:
            survey.units -= units
        self._stress[place.symbol] = _Stress(self._surplus(place, now) + 1, now)
        rest_after(ship, lasers, self._parameters, now)
        return _stow(ship, good, units, events)

    def siphon(self, ship: Ship, now: datetime) -> Yield:
        """Draw gas where the ship is. Refuses 4214, 4236, 4000, 4258, 4257, 4259, 4228."""
        ship.require_orbit(now)
        require_rested(ship, now)
        siphons = _fitted(ship, "MOUNT_GAS_SIPHON")
        _require(ship, bool(siphons), ErrorCode.SHIP_MISSING_GAS_SIPHONS, "has no gas siphon")
        _require_module(ship, "MODULE_GAS_PROCESSOR", ErrorCode.SHIP_MISSING_GAS_PROCESSOR)
        place = self._universe.waypoint(ship.waypoint)
        if place is None or place.type not in GASEOUS:
            raise Refusal(
                ErrorCode.SHIP_SIPHON_INVALID_WAYPOINT,
                f"Ship siphon failed. There is no gas to siphon at {ship.waypoint}.",
                {"waypointSymbol": ship.waypoint},
            )
        _require_space(ship)
        events = self._wear.work(ship, "mining")
        good, units = self._draw(ship, siphons, dict(GASES), 1.0)
        rest_after(ship, siphons, self._parameters, now)
        return _stow(ship, good, units, events)

    def _rock(self, ship: Ship) -> Waypoint:
        place = self._universe.waypoint(ship.waypoint)
        data = {"waypointSymbol": ship.waypoint}
        if place is not None and place.type in OWNED_ROCKS:
            message = f"Ship extract failed. Mining is not permitted at {ship.waypoint}."
            raise Refusal(ErrorCode.SHIP_EXTRACT_PERMISSION, message, data)
        if place is None or place.type not in MINEABLE:
            message = f"Ship extract failed. There is nothing to mine at {ship.waypoint}."
            raise Refusal(ErrorCode.SHIP_EXTRACT_INVALID_WAYPOINT, message, data)
        return place

    def _pace(self, waypoint: Waypoint) -> int:
        rules = self._parameters
        engineered = waypoint.type == "ENGINEERED_ASTEROID"
        return rules.engineered_per_minute if engineered else rules.extractions_per_minute

    def _surplus(self, waypoint: Waypoint, now: datetime) -> float:
        stress = self._stress.get(waypoint.symbol)
        if stress is None:
            return 0.0
        minutes = (now - stress.at).total_seconds() / 60
        return max(0.0, stress.surplus - minutes * self._pace(waypoint))

    def _draw(self, ship: Ship, tools: list[Mount], weights: dict[str, int], share: float) -> tuple[str, int]:
        dice: Random = draws.source(self._universe.seed, ship.symbol, "yield", ship.works)
        good = dice.choices(list(weights), list(weights.values()))[0]
        spread = self._parameters.yield_spread
        units = sum(max(0, (tool.strength or 0) + dice.randint(-spread, spread)) for tool in tools)
        return good, min(round(units * share), ship.cargo_room)


def _fitted(ship: Ship, kind: str) -> list[Mount]:
    return [mount for mount in ship.type.mounts if mount.symbol.startswith(kind)]


def _require(ship: Ship, fitted: bool, code: ErrorCode, complaint: str) -> None:
    if not fitted:
        raise Refusal(code, f"Ship {ship.symbol} {complaint}.", {"shipSymbol": ship.symbol})


def _require_module(ship: Ship, kind: str, code: ErrorCode) -> None:
    fitted = any(module.symbol.startswith(kind) for module in ship.type.modules)
    _require(ship, fitted, code, f"has no {kind.removeprefix('MODULE_').replace('_', ' ').lower()}")


def _require_space(ship: Ship) -> None:
    if ship.cargo_room < 1:
        raise Refusal(
            ErrorCode.SHIP_CARGO_FULL,
            f"Ship {ship.symbol} has no room for more cargo.",
            {"shipSymbol": ship.symbol, "cargoCapacity": ship.type.cargo_capacity},
        )


def _stow(ship: Ship, good: str, units: int, events: tuple[ConditionEvent, ...]) -> Yield:
    if units:
        ship.load(good, units)
    return Yield(good, units, events)
