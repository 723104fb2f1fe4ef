"""How a ship gets somewhere: hops, flight modes and refuel stops.

The search runs over (waypoint, fuel). Leaving a fuel station with less than a full tank never helps, so that
space folds into one state per station plus the start: a few hundred edges that exist for one tank only. A
small Dijkstra walks them as it needs them; building a graph object for every question would cost more.
"""

import heapq
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from goodsfactory.domain.errors import Conflict
from goodsfactory.domain.geography import FlightMode, Waypoint, distance, fuel_needed, travel_seconds
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.decision import counted, duration


class NoRoute(Conflict):
    """The ship cannot get there with its tank and the known fuel stations. Send another ship."""


@dataclass(frozen=True)
class Hop:
    """One flight. ``fuel`` is what it burns, in ship units; ``refuel_first`` fills the tank before it."""

    origin: str
    destination: str
    mode: FlightMode
    distance: int
    seconds: int
    fuel: int
    refuel_first: bool


@dataclass(frozen=True)
class Route:
    """The hops to a destination; none where the ship is there (or on its way there) already.

    ``seconds`` includes the rest of a flight under way and excludes docking and refuelling. ``fuel`` is what
    all hops burn. ``arrives_with`` is the fuel left at the end.
    """

    hops: tuple[Hop, ...]
    seconds: int
    fuel: int
    reason: str
    arrives_with: int = 0


@dataclass(frozen=True)
class RoutePreference:
    """What a second is weighed against.

    ``seconds_per_fuel``: one unit of fuel costs about 0.7 credits (72 for 100, economy.md §7.1), which a
    working ship earns in well under a second, hence the mild default. ``refuel_seconds``: docking, refuelling
    and leaving again take three requests. ``reserve``: fuel to keep where no station is (1 lets it DRIFT).
    """

    seconds_per_fuel: float = 0.1
    refuel_seconds: float = 5.0
    reserve: int = 1


USUAL = RoutePreference()

THRIFTY = RoutePreference(seconds_per_fuel=5.0)
"""For a ship that will wait when it has arrived: it never BURNs, where a CRUISE takes 2 to 4 s for a unit of
fuel that it saves."""


@lru_cache(maxsize=16_384)
def quickest(
    origin: Waypoint,
    destination: Waypoint,
    stations: tuple[Waypoint, ...],
    tank: int,
    capacity: int,
    speed: int,
    preference: RoutePreference,
) -> tuple[Hop, ...] | None:
    """The hops, None where there is no way. The same question comes with every pass while a ship stands.

    All places are in one system, and ``stations`` are all that sell fuel there. ``tank`` and ``capacity`` are
    in ship units of fuel.
    """
    by_name = {station.symbol: station for station in stations}
    search = _Search(origin, destination, by_name, tank, capacity, speed, preference)
    hops = search.run((FlightMode.CRUISE, FlightMode.BURN))
    if hops is None:
        hops = search.run((FlightMode.CRUISE, FlightMode.BURN, FlightMode.DRIFT))
    return hops


@dataclass(frozen=True)
class _Search:
    """Dijkstra over (waypoint, fuel), where every station but the start is left with a full tank."""

    origin: Waypoint
    destination: Waypoint
    stations: Mapping[str, Waypoint]
    tank: int
    capacity: int
    speed: int
    preference: RoutePreference

    def run(self, modes: tuple[FlightMode, ...]) -> tuple[Hop, ...] | None:
        origin, destination = self.origin.symbol, self.destination.symbol
        order = itertools.count()
        # Equal costs are told apart by the number of hops, then by name, so that every run flies the same.
        queue: list[tuple[float, int, tuple[str, ...], int, int, tuple[Hop, ...]]] = [
            (0.0, 0, (origin,), next(order), self.tank, ())
        ]
        settled: set[str] = set()
        cheapest = {origin: 0.0}
        while queue:
            cost, count, path, _, tank, hops = heapq.heappop(queue)
            here = path[-1]
            if here in settled:
                continue
            settled.add(here)
            if here == destination:
                return hops
            for symbol, mode, units, seconds, burned, refuel in self._flights(
                here, tank, modes, cost, cheapest
            ):
                price = self._price(seconds, burned, refuel)
                known = cheapest.get(symbol, math.inf)
                # Most flights are no better than one that is known: they are not worth an object.
                if cost + price > known:
                    continue
                left = (self.capacity if refuel else tank) - burned
                if symbol == destination:
                    parting = self._parting(left)
                    if parting is None or cost + (price + parting) > known:
                        continue
                    price += parting
                cheapest[symbol] = total = cost + price
                hop = Hop(here, symbol, mode, units, seconds, burned, refuel_first=refuel)
                trail = (*path, symbol)
                heapq.heappush(queue, (total, count + 1, trail, next(order), left, (*hops, hop)))
        return None

    def _flights(
        self, here: str, tank: int, modes: tuple[FlightMode, ...], cost: float, cheapest: Mapping[str, float]
    ) -> Iterator[tuple[str, FlightMode, int, int, int, bool]]:
        """Flights from ``here``, which costs ``cost``, to the destination or to a station.

        Those are left out that even in BURN take longer than the ``cheapest`` way known, as to whatever is
        settled. Told as (where to, mode, distance, seconds, fuel, whether the tank is filled first).
        Only the start may be left with the fuel at hand: a stop on the way is made for its fuel.
        """
        capacity = self.capacity
        may_refuel = here in self.stations and tank < capacity
        must_refuel = may_refuel and here != self.origin.symbol
        most = capacity if may_refuel else tank
        start = self.origin if here == self.origin.symbol else self.stations[here]
        for symbol, place in self._stops.items():
            known = cheapest.get(symbol, math.inf)
            if known <= cost:
                continue
            units = distance(start, place)
            if cost + travel_seconds(units, self.speed, FlightMode.BURN) > known:
                continue
            for mode in modes:
                burned = fuel_needed(units, mode) if capacity else 0
                if burned > most:
                    continue
                seconds = travel_seconds(units, self.speed, mode)
                if burned <= tank and not must_refuel:
                    yield symbol, mode, units, seconds, burned, False
                if may_refuel:
                    yield symbol, mode, units, seconds, burned, True

    @cached_property
    def _stops(self) -> Mapping[str, Waypoint]:
        """Where a flight may end."""
        stops = self.stations if self.capacity else {}
        return {**stops, self.destination.symbol: self.destination}

    @cached_property
    def _nearest_station(self) -> int | None:
        """Distance from the destination to the nearest station."""
        return min((distance(self.destination, station) for station in self.stations.values()), default=None)

    def _price(self, seconds: int, burned: int, refuel: bool) -> float:
        price = seconds + burned * self.preference.seconds_per_fuel
        return price + self.preference.refuel_seconds if refuel else price

    def _parting(self, left: int) -> float | None:
        """What leaving the destination again costs in seconds beyond a CRUISE; None where it cannot leave."""
        if not self.capacity or self.destination.symbol in self.stations:
            return 0.0
        if left < self.preference.reserve:
            return None
        nearest = self._nearest_station
        if nearest is None or fuel_needed(nearest, FlightMode.CRUISE) <= left:
            return 0.0
        speed = self.speed
        drift = travel_seconds(nearest, speed, FlightMode.DRIFT)
        return float(drift - travel_seconds(nearest, speed, FlightMode.CRUISE))


def fuel_left(hops: Iterable[Hop], tank: int, capacity: int) -> int:
    """What is in the tank after ``hops`` that began with ``tank``."""
    for hop in hops:
        tank = (capacity if hop.refuel_first else tank) - hop.fuel
    return tank


def stay(ship: Ship, now: datetime) -> Route:
    """The route of a ship that is at its destination, or flies there already."""
    underway = ship.seconds_to_arrival(now)
    here = ship.nav.waypoint
    words = f"arrives at {here} in {duration(underway)}" if underway else f"is at {here} already"
    return Route((), underway, 0, f"{ship.symbol} {words}.", ship.tank.current)


def route_of(ship: Ship, destination: str, hops: tuple[Hop, ...], now: datetime) -> Route:
    """What ``hops`` come to for the ship, in numbers and words."""
    seconds = ship.seconds_to_arrival(now) + sum(hop.seconds for hop in hops)
    fuel = sum(hop.fuel for hop in hops)
    left = fuel_left(hops, ship.tank.current, ship.tank.capacity)
    stops = sum(hop.refuel_first for hop in hops)
    words = f"{ship.symbol} flies to {destination} in {duration(seconds)}"
    words += f" ({', '.join(f'{hop.mode.value} to {hop.destination}' for hop in hops)})"
    words += f", burning {fuel} fuel" if fuel else ""
    words += f" with {counted(stops, 'refuelling')}" if stops else ""
    if any(hop.mode is FlightMode.DRIFT for hop in hops):
        words += "; it drifts because the tank allows nothing faster"
    return Route(hops, seconds, fuel, f"{words}.", left)
