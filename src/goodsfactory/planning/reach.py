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
    _known: dict[tuple[str, str, str, int], int | None] = field(default_factory=dict)

    def allows(self, ship: Ship, stops: Iterable[str]) -> bool:
        """True when the ship can fly to all of the known places ``stops``, in this order."""
        if ship.tank.capacity == 0:
            return True
        for stop in stops:
            left = self._fuel_left(ship, stop)
            if left is None:
                return False
            nav = replace(ship.nav, waypoint=stop)
            ship = replace(ship, nav=nav, tank=replace(ship.tank, current=left))
        return True

    def _fuel_left(self, ship: Ship, stop: str) -> int | None:
        """Fuel in the tank at ``stop``; None where the ship does not get there."""
        here = ship.nav.waypoint
        if here == stop:
            return ship.tank.current
        straight = fuel_needed(distance(self.places[here], self.places[stop]), FlightMode.CRUISE)
        if straight < ship.tank.current:
            return ship.tank.current - straight
        asked = (ship.symbol, here, stop, ship.tank.current)
        if asked not in self._known:
            self._known[asked] = self._searched(ship, stop)
        return self._known[asked]

    def _searched(self, ship: Ship, stop: str) -> int | None:
        try:
            return plan_route(ship, stop, self.places, self.stations, self.now).arrives_with
        except NoRoute:
            return None
