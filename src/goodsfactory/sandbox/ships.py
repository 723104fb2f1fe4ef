"""A ship: where it is, what it carries, what it may do now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from goodsfactory.sandbox.berths import Berths
from goodsfactory.sandbox.errors import ErrorCode, Refusal, unprocessable
from goodsfactory.sandbox.ship_types import SHIP_TYPES, ShipType
from goodsfactory.sandbox.timestamps import Instant, Lapse


class NavStatus(StrEnum):
    """What a ship is doing (api-facts §8.1)."""

    IN_TRANSIT = "IN_TRANSIT"
    IN_ORBIT = "IN_ORBIT"
    DOCKED = "DOCKED"


class FlightMode(StrEnum):
    """How a ship flies (api-facts §8.2), slowest first."""

    DRIFT = "DRIFT"
    STEALTH = "STEALTH"
    CRUISE = "CRUISE"
    BURN = "BURN"


@dataclass(frozen=True, slots=True)
class Route:
    """The last voyage. ``distance`` is what was left to fly at ``since``, in map units."""

    origin: str
    destination: str
    departure: datetime
    arrival: datetime
    distance: float
    since: datetime


COMPONENTS = ("FRAME", "REACTOR", "ENGINE")
"""What of a ship wears (api-facts §16)."""


@dataclass(slots=True)
class Component:
    """How good a frame, reactor or engine still is, from 0 to 1; repair brings only ``condition`` back."""

    condition: float = 1.0
    integrity: float = 1.0


@dataclass(frozen=True, slots=True)
class ConditionEvent:
    """Something that happened to a component on the way or at work (api-facts §16)."""

    symbol: str
    component: str


@dataclass(slots=True)
class Ship:
    """One ship of one agent. Arrival needs no event: the status follows from the clock when it is read.

    ``fuel`` in ship fuel units, ``hold`` in cargo units per good. ``type`` is what the ship is built of now,
    parts fitted and removed included. ``worn`` holds the components that are no longer as new; ``works``
    counts voyages and extractions; ``last_events`` are those of the latest one.
    """

    symbol: str
    agent: str
    faction: str
    type: ShipType
    _route: Route
    docked: bool
    fuel: int
    flight_mode: FlightMode = FlightMode.CRUISE
    hold: dict[str, int] = field(default_factory=dict)
    fuel_consumed: int = 0
    fuel_consumed_at: datetime | None = None
    cooldown_seconds: int = 0
    cooldown_until: datetime | None = None
    worn: dict[str, Component] = field(default_factory=dict)
    works: int = 0
    last_events: tuple[ConditionEvent, ...] = ()
    _berths: Berths | None = field(default=None, repr=False, compare=False)

    @classmethod
    def launched(
        cls, symbol: str, agent: str, faction: str, ship_type: ShipType, at: str, now: datetime
    ) -> "Ship":
        """A new ship, docked at waypoint ``at`` with a full tank (api-facts §13)."""
        here = Route(at, at, now, now, 0.0, now)
        return cls(symbol, agent, faction, ship_type, here, docked=True, fuel=ship_type.fuel_capacity)

    @property
    def route(self) -> Route:
        """The voyage the ship is on, or the last one."""
        return self._route

    @route.setter
    def route(self, route: Route) -> None:
        if self._berths is not None:
            self._berths.leave(self)
        self._route = route
        if self._berths is not None:
            self._berths.come(self)

    def berth(self, berths: Berths | None) -> None:
        """Be listed in the berths of the fleet from now on; None for a ship that is no more."""
        if self._berths is not None:
            self._berths.leave(self)
        self._berths = berths
        if berths is not None:
            berths.come(self)

    @property
    def waypoint(self) -> str:
        """Where the ship is, or where it flies to while in transit (api-facts §8.1)."""
        return self.route.destination

    @property
    def system(self) -> str:
        """The system of :attr:`waypoint`."""
        return self.route.destination.rpartition("-")[0]

    @property
    def cargo_units(self) -> int:
        """Units aboard."""
        return sum(self.hold.values())

    @property
    def cargo_room(self) -> int:
        """Units that still fit."""
        return self.type.cargo_capacity - self.cargo_units

    def component(self, name: str) -> Component:
        """The state of a component, as new unless it has worn."""
        return self.worn.get(name) or Component()

    @property
    def as_built(self) -> bool:
        """True while nothing has worn and no part was fitted or removed."""
        return not self.worn and self.type is SHIP_TYPES.get(self.type.symbol)

    def status(self, now: datetime) -> NavStatus:
        """What the ship is doing at ``now``."""
        if now < self.route.arrival:
            return NavStatus.IN_TRANSIT
        return NavStatus.DOCKED if self.docked else NavStatus.IN_ORBIT

    def is_at(self, waypoint: str, now: datetime) -> bool:
        """True when the ship has arrived at ``waypoint``; one still flying there is not present."""
        return self.route.destination == waypoint and now >= self.route.arrival

    def require_arrived(self, now: datetime) -> None:
        """Refuse (4214) while the ship is travelling."""
        if now < self.route.arrival:
            route = self.route
            raise Refusal(
                ErrorCode.SHIP_IN_TRANSIT,
                f"Ship action failed. Ship {self.symbol} is in transit from {route.origin} to "
                f"{route.destination}.",
                {
                    "departureSymbol": route.origin,
                    "destinationSymbol": route.destination,
                    "arrival": Instant(route.arrival),
                    "departureTime": Instant(route.departure),
                    "secondsToArrival": Lapse(route.arrival - now),
                },
            )

    def require_docked(self, now: datetime) -> None:
        """Refuse (4214, 4244) unless the ship is docked."""
        self.require_arrived(now)
        if not self.docked:
            raise Refusal(
                ErrorCode.SHIP_NOT_DOCKED,
                f"Ship action failed. Ship {self.symbol} is not docked at {self.waypoint}.",
                {"waypointSymbol": self.waypoint},
            )

    def require_orbit(self, now: datetime) -> None:
        """Refuse (4214, 4236) unless the ship is in orbit."""
        self.require_arrived(now)
        if self.docked:
            raise Refusal(
                ErrorCode.SHIP_NOT_IN_ORBIT,
                f"Ship action failed. Ship {self.symbol} is docked at {self.waypoint}, not in orbit.",
                {"waypointSymbol": self.waypoint},
            )

    def require_aboard(self, good: str, units: int) -> None:
        """Refuse (4218 none, 4219 too few, 3001 below one) unless ``units`` of ``good`` are aboard."""
        _require_positive(units)
        aboard = self.hold.get(good, 0)
        if aboard >= units and aboard:
            return
        data: Mapping[str, object] = {
            "shipSymbol": self.symbol,
            "tradeSymbol": good,
            "cargoUnits": aboard,
            "unitsToRemove": units,
        }
        if not aboard:
            raise Refusal(ErrorCode.SHIP_CARGO_MISSING, f"Ship {self.symbol} carries no {good}.", data)
        message = f"Ship {self.symbol} carries {aboard} {good}, fewer than the {units} asked for."
        raise Refusal(ErrorCode.SHIP_CARGO_UNIT_COUNT, message, data)

    def require_room(self, units: int) -> None:
        """Refuse (4217) unless ``units`` more fit into the hold."""
        _require_positive(units)
        if units > self.cargo_room:
            raise Refusal(
                ErrorCode.SHIP_CARGO_EXCEEDS_LIMIT,
                f"Ship {self.symbol} has room for {self.cargo_room} units, not for {units}.",
                {
                    "shipSymbol": self.symbol,
                    "cargoCapacity": self.type.cargo_capacity,
                    "cargoUnits": self.cargo_units,
                    "unitsToAdd": units,
                },
            )

    def load(self, good: str, units: int) -> None:
        """Put units into the hold; the caller has checked the room."""
        self.hold[good] = self.hold.get(good, 0) + units

    def unload(self, good: str, units: int) -> None:
        """Take units out of the hold; the caller has checked that they are there."""
        left = self.hold[good] - units
        if left:
            self.hold[good] = left
        else:
            del self.hold[good]


def _require_positive(units: int) -> None:
    if units < 1:
        raise unprocessable("too_small", ["units"], "must be at least 1")
