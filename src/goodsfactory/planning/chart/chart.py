"""Where things are, and what it takes a ship to get from one to another."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from goodsfactory.domain.geography import FlightMode, Waypoint, distance, fuel_needed, travel_seconds
from goodsfactory.domain.goods import FUEL
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.chart.routing import (
    USUAL,
    Hop,
    NoRoute,
    Route,
    RoutePreference,
    fuel_left,
    quickest,
    route_of,
    stay,
)
from goodsfactory.planning.decision import counted

FUEL_CREDITS = 0.72
"""Credits for a unit of fuel in the tank: 100 of them for about 72 (economy.md §7.1)."""

SECONDS_PER_DISTANCE = 0.85
"""A light hauler that burns: 12.5 seconds for each unit (api-facts §8.2) over a speed of 15 (§13)."""


class Haul(NamedTuple):
    """What one way costs while no ship is chosen for it: credits of fuel, and hours."""

    credits: float
    hours: float


@dataclass(frozen=True)
class Chart:
    """Known places by symbol, of one system or more, and the symbols of those that sell fuel."""

    places: Mapping[str, Waypoint]
    stations: AbstractSet[str] = frozenset()
    # Loads share their stops, and a search costs more than a look: what it found is remembered.
    _left: dict[tuple[int, int, str, str, int], int | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _far: dict[tuple[str, str], int | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __contains__(self, symbol: str) -> bool:
        return symbol in self.places

    def distance(self, one: str | None, other: str | None) -> int | None:
        """Distance units between two known places of one system; None where one of them is not known."""
        way = one or "", other or ""
        if way not in self._far:
            start, end = self.places.get(way[0]), self.places.get(way[1])
            if start is None or end is None or start.system != end.system:
                self._far[way] = None
            else:
                self._far[way] = distance(start, end)
        return self._far[way]

    def haul(self, origin: str | None, destination: str | None) -> Haul:
        """One way of an ordinary hauler; nothing where the distance is not known."""
        far = self.distance(origin, destination) or 0
        return Haul(far * FUEL_CREDITS, far * SECONDS_PER_DISTANCE / 3600)

    def flight(self, ship: Ship, origin: str, destination: str) -> int | None:
        """About how many seconds one straight flight takes the ship; None where the distance is not known.

        In BURN where the tank at hand allows it (or the ship has none), else in CRUISE with a short stop for
        each further tank.
        """
        units = self.distance(origin, destination)
        if not units:
            return units
        if ship.tank.capacity == 0 or fuel_needed(units, FlightMode.BURN) <= ship.tank.current:
            return travel_seconds(units, ship.speed, FlightMode.BURN)
        stops = math.ceil(units / ship.tank.capacity) - 1
        return travel_seconds(units, ship.speed, FlightMode.CRUISE) + 30 * stops

    def seconds(self, ship: Ship, stops: Iterable[str], now: datetime) -> int | None:
        """About how many seconds until the ship is at the last of ``stops``, the present flight included.

        Nothing is searched: this is cheap enough for every ship and leg. None where a distance is not known.
        """
        here, total = ship.nav.waypoint, ship.seconds_to_arrival(now)
        for stop in stops:
            flight = self.flight(ship, here, stop)
            if flight is None:
                return None
            here, total = stop, total + flight
        return total

    def flight_cost(self, ship: Ship, destination: str, hour: float) -> float | None:
        """Credits a straight CRUISE there costs: its fuel, and the ship's time at ``hour`` credits an hour.

        None where the distance is not known.
        """
        units = self.distance(ship.nav.waypoint, destination)
        if not units:
            return units
        fuel = fuel_needed(units, FlightMode.CRUISE) if ship.tank.capacity else 0
        return fuel * FUEL_CREDITS + travel_seconds(units, ship.speed, FlightMode.CRUISE) * hour / 3600

    def route(
        self, ship: Ship, destination: str, now: datetime, *, preference: RoutePreference = USUAL
    ) -> Route:
        """Find the quickest way, with a mild preference for less fuel; refuel stops fill the tank.

        A ship under way is planned from where it will arrive. CRUISE and BURN are searched first; DRIFT is
        the rescue, used only where nothing else arrives. At a destination without fuel the ship keeps at
        least ``preference.reserve``, and a tank too empty to CRUISE on to the nearest station counts as the
        DRIFT it would cost later. Raises NoRoute where the ship cannot get there.
        """
        origin = ship.nav.waypoint
        if origin == destination:
            return stay(ship, now)
        for symbol in (origin, destination):
            if symbol not in self:
                raise NoRoute(
                    f"{ship.symbol} cannot fly from {origin} to {destination}: {symbol} is not known."
                )
        system = self.places[origin].system
        if system != self.places[destination].system:
            raise NoRoute(f"{ship.symbol} is in {system}; {destination} is in another system.")
        hops = self._hops(ship, origin, destination, ship.tank.current, preference)
        if hops is None:
            raise NoRoute(
                f"{ship.symbol} cannot reach {destination} from {origin} with {ship.tank.current} of "
                f"{ship.tank.capacity} fuel: {counted(len(self._stations[system]), 'fuel station')} "
                f"known, and arriving must leave {preference.reserve} where there is none."
            )
        return route_of(ship, destination, hops, now)

    def reaches(self, ship: Ship, stops: Iterable[str]) -> bool:
        """True when the tank lasts to all of ``stops``, in this order, filled where fuel is sold."""
        here, fuel = ship.nav.waypoint, ship.tank.current
        for stop in stops:
            left = self._fuel_left(ship, here, stop, fuel)
            if left is None:
                return False
            here, fuel = stop, left
        return True

    def _fuel_left(self, ship: Ship, here: str, stop: str, fuel: int) -> int | None:
        """What is left of ``fuel`` at ``stop``; None where such a ship does not get there."""
        if here == stop:
            return fuel
        units = self.distance(here, stop)
        if units is None:
            return None
        straight = fuel_needed(units, FlightMode.CRUISE) if ship.tank.capacity else 0
        if straight < fuel or not ship.tank.capacity:
            return fuel - straight
        asked = (ship.speed, ship.tank.capacity, here, stop, fuel)
        if asked not in self._left:
            hops = self._hops(ship, here, stop, fuel, USUAL)
            self._left[asked] = None if hops is None else fuel_left(hops, fuel, ship.tank.capacity)
        return self._left[asked]

    def _hops(
        self, ship: Ship, origin: str, destination: str, fuel: int, preference: RoutePreference
    ) -> tuple[Hop, ...] | None:
        """The quickest way between two known places of one system; None where there is none."""
        start, end = self.places[origin], self.places[destination]
        return quickest(
            start, end, self._stations[start.system], fuel, ship.tank.capacity, ship.speed, preference
        )

    @cached_property
    def _stations(self) -> Mapping[str, tuple[Waypoint, ...]]:
        """Known places that sell fuel, by system and in the order of their symbols."""
        found: dict[str, tuple[Waypoint, ...]] = defaultdict(tuple)
        for place in (self.places[symbol] for symbol in sorted(self.stations) if symbol in self.places):
            found[place.system] += (place,)
        return found


def chart_of(waypoints: Iterable[Waypoint], markets: Iterable[MarketSnapshot]) -> Chart:
    """A chart of these places, with fuel at those ``markets`` that sell it, seen or not."""
    stations = (one.waypoint for one in markets if FUEL in one.exports or FUEL in one.exchange)
    return Chart({place.symbol: place for place in waypoints}, frozenset(stations))
