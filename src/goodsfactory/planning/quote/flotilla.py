"""The ships of a replay as they fly, refuel and trade: where they are, what they hold and spend."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from goodsfactory.domain.goods import FUEL, Good
from goodsfactory.domain.ship import NavStatus, Ship, refuel_units
from goodsfactory.planning.chart.routing import Hop
from goodsfactory.planning.quote.scene import Scene
from goodsfactory.planning.quote.trading_world import TradingWorld

Steps = Iterator[float]
"""A piece of work: gives the seconds until it goes on; all else takes no time."""


class Flotilla:
    """Moves and trades as the real pilot does, and counts the requests that takes.

    ``now`` is seconds since the start of the replay, kept by whoever runs it; ``traded_at`` is the second of
    the last purchase or sale.
    """

    def __init__(self, scene: Scene, world: TradingWorld) -> None:
        self.now = 0.0
        self.ships = {ship.symbol: ship for ship in scene.ships}
        self.spent = self.revenue = self.requests = 0
        self.traded_at = 0.0
        self._scene = scene
        self._policy = scene.policy
        self._world = world
        self._hops: dict[tuple[str, str, str, int], Hop] = {}

    @property
    def balance(self) -> int:
        """Credits in the purse."""
        return self._scene.credits - self.spent + self.revenue

    def look(self, waypoint: str) -> None:
        """A ship that is there reads the market."""
        self.requests += 1
        self._world.look(waypoint, self.now)

    def go(self, symbol: str, destination: str) -> Steps:
        """Fly there, hop by hop, from wherever the ship is. Raises NoRoute."""
        yield from self.arrive(symbol)
        while self.ships[symbol].nav.waypoint != destination:
            hop = self._next_hop(self.ships[symbol], destination)
            if hop.refuel_first:
                self._refuel(symbol)
            ship = self.ships[symbol]
            self.requests += 2 if ship.nav.flight_mode is not hop.mode else 1
            self.requests += ship.nav.status is NavStatus.DOCKED
            arrival = self.instant(self.now + hop.seconds)
            nav = replace(
                ship.nav,
                waypoint=hop.destination,
                status=NavStatus.IN_TRANSIT,
                flight_mode=hop.mode,
                arrival=arrival,
            )
            left = ship.tank.current - hop.fuel if ship.tank.capacity else 0
            self.save(replace(ship, nav=nav, tank=replace(ship.tank, current=left)))
            yield hop.seconds + self._policy.arrival_margin
            self.land(symbol)

    def arrive(self, symbol: str) -> Steps:
        """Wait for the end of a flight under way."""
        nav = self.ships[symbol].nav
        if nav.status is NavStatus.IN_TRANSIT:
            left = (nav.arrival - self.instant(self.now)).total_seconds() if nav.arrival else 0.0
            yield max(0.0, left) + self._policy.arrival_margin
            self.land(symbol)

    def _next_hop(self, ship: Ship, destination: str) -> Hop:
        key = (ship.symbol, ship.nav.waypoint, destination, ship.tank.current)
        if key not in self._hops:
            now = self.instant(self.now)
            route = self._scene.chart.route(ship, destination, now)
            self._hops[key] = route.hops[0]
        return self._hops[key]

    def land(self, symbol: str) -> None:
        """Read the ship once it has arrived."""
        self.requests += 1
        ship = self.ships[symbol]
        self.save(replace(ship, nav=replace(ship.nav, status=NavStatus.IN_ORBIT, arrival=None)))

    def dock(self, symbol: str) -> None:
        """Docked, whatever it was before."""
        ship = self.ships[symbol]
        if ship.nav.status is not NavStatus.DOCKED:
            self.requests += 1
            self.save(replace(ship, nav=replace(ship.nav, status=NavStatus.DOCKED)))

    def _refuel(self, symbol: str) -> None:
        ship = self.ships[symbol]
        units = refuel_units(ship)
        if units < 1:
            return
        self.dock(symbol)
        ship = self.ships[symbol]
        place = ship.nav.waypoint
        window = timedelta(seconds=self._policy.price_window)
        if not self._world.seen[place].is_fresh(self.instant(self.now), window):
            self.look(place)
        self.buy(symbol, FUEL, units)
        self.save(replace(ship, tank=replace(ship.tank, current=ship.tank.capacity)))

    def buy(self, symbol: str, good: Good, units: int) -> int:
        """Buy one tranche where the ship is; returns the credits paid."""
        place = self.ships[symbol].nav.waypoint
        cost = units * self._world.market(place).buy(good, units, self.now)
        self.requests += 1
        self.spent += cost
        self.traded_at = self.now
        if good != FUEL:
            self.stow(symbol, good, units)
        return cost

    def sell(self, symbol: str, good: Good, units: int) -> int:
        """Sell one tranche where the ship is; returns the credits that brings."""
        place = self.ships[symbol].nav.waypoint
        revenue = units * self._world.market(place).sell(good, units, self.now)
        self.requests += 1
        self.revenue += revenue
        self.traded_at = self.now
        self.stow(symbol, good, -units)
        return revenue

    def stow(self, symbol: str, good: Good, units: int) -> None:
        """Put so many units more into the hold, or take them out."""
        ship = self.ships[symbol]
        inventory = {**ship.hold.inventory, good: ship.hold.of(good) + units}
        kept = {name: count for name, count in inventory.items() if count > 0}
        self.save(replace(ship, hold=replace(ship.hold, inventory=MappingProxyType(kept))))

    def save(self, ship: Ship) -> None:
        self.ships[ship.symbol] = replace(ship, observed_at=self.instant(self.now))

    def instant(self, now: float) -> datetime:
        """A second of the replay as an instant of the game."""
        return self._world.instant(now)
