"""Whether a tank lasts from stop to stop, asked for many ships and legs at once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from goodsfactory.domain.geography import FlightMode, Waypoint, distance, fuel_needed
from goodsfactory.domain.goods import FUEL
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.routing import NoRoute, plan_route


def fuel_stations(markets: Iterable[MarketSnapshot]) -> frozenset[str]:
    """Markets that sell fuel."""
    return frozenset(
        market.waypoint for market in markets if FUEL in market.exports or FUEL in market.exchange
    )


@dataclass(frozen=True)
class Reach:
    """Answers for one instant, remembered: legs share their stops, and a search costs more than a look."""

    places: Mapping[str, Waypoint]
    stations: Collection[str]
    now: datetime
    _known: dict[tuple[int, int, str, str, int], int | None] = field(default_factory=dict)

    def allows(self, ship: Ship, stops: Iterable[str]) -> bool:
        """True when the ship can fly to all of the known places ``stops``, in this order."""
        if ship.tank.capacity == 0:
            return True
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
        straight = fuel_needed(distance(self.places[here], self.places[stop]), FlightMode.CRUISE)
        if straight < fuel:
            return fuel - straight
        asked = (ship.speed, ship.tank.capacity, here, stop, fuel)
        if asked not in self._known:
            self._known[asked] = self._searched(ship, here, stop, fuel)
        return self._known[asked]

    def _searched(self, ship: Ship, here: str, stop: str, fuel: int) -> int | None:
        ship = replace(ship, nav=replace(ship.nav, waypoint=here), tank=replace(ship.tank, current=fuel))
        try:
            return plan_route(ship, stop, self.places, self.stations, self.now).arrives_with
        except NoRoute:
            return None
