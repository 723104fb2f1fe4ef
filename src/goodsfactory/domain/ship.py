"""Ships: position, tank and hold, as last observed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from goodsfactory.domain.geography import FlightMode
from goodsfactory.domain.goods import Good

FUEL_PER_MARKET_UNIT = 100
"""Ship units that one market unit of FUEL fills (api-facts §9)."""


class NavStatus(StrEnum):
    """The states of api-facts §8.1."""

    DOCKED = "DOCKED"
    IN_ORBIT = "IN_ORBIT"
    IN_TRANSIT = "IN_TRANSIT"


@dataclass(frozen=True)
class Nav:
    """``waypoint`` is already the destination while IN_TRANSIT; ``arrival`` is then set (api-facts §8.1)."""

    system: str
    waypoint: str
    status: NavStatus
    flight_mode: FlightMode = FlightMode.CRUISE
    origin: str | None = None
    departed_at: datetime | None = None
    arrival: datetime | None = None


@dataclass(frozen=True)
class Tank:
    """Fuel in ship units. A capacity of 0 means the ship needs none (probes)."""

    current: int
    capacity: int


@dataclass(frozen=True)
class Hold:
    """Cargo in units."""

    capacity: int
    inventory: Mapping[Good, int] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def cargo(self) -> Mapping[Good, int]:
        """What is really there, by good, in units."""
        return {good: units for good, units in sorted(self.inventory.items()) if units > 0}

    @cached_property
    def units(self) -> int:
        return sum(self.inventory.values())

    @property
    def free(self) -> int:
        return self.capacity - self.units

    def of(self, good: Good) -> int:
        """Units of ``good`` aboard."""
        return self.inventory.get(good, 0)

    def lacks(self, before: "Hold") -> bool:
        """Whether there is less of some good than ``before``."""
        return any(self.of(good) < units for good, units in before.inventory.items())


@dataclass(frozen=True)
class Ship:
    """One ship as the API last showed it. ``speed`` is the engine's; ``role`` as registered."""

    symbol: str
    role: str
    nav: Nav
    tank: Tank
    hold: Hold
    speed: int
    observed_at: datetime
    cooldown_until: datetime | None = None
    frame: str = ""

    def belongs_to(self, agent: str) -> bool:
        """Whether the call sign ``agent`` is in its name: the game names ships so (api-facts §1.1)."""
        return self.symbol.startswith(f"{agent}-")

    @property
    def is_probe(self) -> bool:
        """A ship that can look at markets but carries nothing."""
        return self.hold.capacity == 0

    def is_at(self, waypoint: str, now: datetime) -> bool:
        """True when the ship is there and not still flying at ``now``."""
        return self.nav.waypoint == waypoint and not self.in_transit(now)

    def in_transit(self, now: datetime | None) -> bool:
        """The server flips IN_TRANSIT to IN_ORBIT by itself at arrival (api-facts §8.1).

        A ship whose arrival nobody told is under way until it is read again; so is one that flew when it was
        read last, while nobody knows the time.
        """
        arrival = self.nav.arrival
        return self.nav.status is NavStatus.IN_TRANSIT and (arrival is None or now is None or now < arrival)

    def seconds_to_arrival(self, now: datetime) -> int:
        """Whole seconds until a flight under way ends; 0 for a ship that stands."""
        if not self.in_transit(now) or self.nav.arrival is None:
            return 0
        return math.ceil((self.nav.arrival - now).total_seconds())


def refuel_units(ship: Ship, ship_units: int | None = None) -> int:
    """Market units of FUEL that fill the tank, or that ``ship_units`` of it take."""
    missing = ship.tank.capacity - ship.tank.current
    wanted = missing if ship_units is None else min(missing, ship_units)
    return -(-wanted // FUEL_PER_MARKET_UNIT)
