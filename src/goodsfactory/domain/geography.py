"""Where things are, how far, how long and how much fuel."""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from goodsfactory.domain.errors import UserError


@dataclass(frozen=True)
class Waypoint:
    """A place in a system. ``orbits`` names the parent whose coordinates it shares."""

    symbol: str
    system: str
    type: str
    x: int
    y: int
    traits: frozenset[str] = frozenset()
    orbits: str | None = None

    def __hash__(self) -> int:
        return hash(self.symbol)  # names tell places apart; routes are remembered by dozens of them

    @property
    def is_market(self) -> bool:
        """A jump gate always trades antimatter, even where the trait is not shown (api-facts §6)."""
        return "MARKETPLACE" in self.traits or self.type == "JUMP_GATE"

    @property
    def is_shipyard(self) -> bool:
        """Ships are sold here."""
        return "SHIPYARD" in self.traits


@lru_cache(maxsize=4096)
def system_of(waypoint: str) -> str:
    """Derive the system symbol: drop the last of the three parts of a waypoint symbol (api-facts §6).

    Raises UserError for anything else, a system symbol included.
    """
    system, _, last = waypoint.rpartition("-")
    if system.count("-") != 1 or system.startswith("-") or system.endswith("-") or not last:
        raise UserError(f"{waypoint!r} is not a waypoint symbol; it should look like X1-AB12-C3.")
    return system


def distance(one: Waypoint, other: Waypoint) -> int:
    """Whole distance units: rounded Euclid, at least 1 between two different waypoints (api-facts §8.3).

    Raises ValueError for waypoints of two systems: their coordinates have nothing to do with each other.
    """
    if one.system != other.system:
        raise ValueError(f"{one.symbol} and {other.symbol} are in two systems: no distance joins them.")
    if one.symbol == other.symbol:
        return 0
    return max(1, math.floor(math.hypot(one.x - other.x, one.y - other.y) + 0.5))


class FlightMode(StrEnum):
    """How a ship flies (api-facts §8.2, §8.3)."""

    CRUISE = "CRUISE"
    BURN = "BURN"
    DRIFT = "DRIFT"
    STEALTH = "STEALTH"


TRAVEL_MULTIPLIER = {
    FlightMode.CRUISE: 25.0,
    FlightMode.BURN: 12.5,
    FlightMode.DRIFT: 250.0,
    FlightMode.STEALTH: 30.0,
}


@lru_cache(maxsize=16_384)
def travel_seconds(units: int, speed: int, mode: FlightMode) -> int:
    """Seconds a hop of ``units`` takes. A plan only: the truth is the route's arrival (api-facts §8.2)."""
    return math.floor(max(1, units) * TRAVEL_MULTIPLIER[mode] / max(1, speed) + 15 + 0.5)


def fuel_needed(units: int, mode: FlightMode) -> int:
    """Fuel a hop of ``units`` burns (api-facts §8.3). Ships without a tank need none: the caller knows."""
    if mode is FlightMode.DRIFT:
        return 1
    return max(1, units) * (2 if mode is FlightMode.BURN else 1)
