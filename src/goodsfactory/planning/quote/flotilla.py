"""The ships of a replay as they fly, refuel and trade: where they are, what they hold and spend."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from goodsfactory.domain.goods import FUEL, Good
from goodsfactory.domain.ship import NavStatus, Ship, refuel_units
from goodsfactory.planning.quote.outcome import Account
from goodsfactory.planning.quote.scene import Scene
from goodsfactory.planning.quote.trading_world import TradingWorld

Steps = Iterator[float]
"""A piece of work: gives the seconds until it goes on; all else takes no time."""


class Flotilla:
    """Moves and trades as the real pilot does, and counts for each order what that takes.

    ``now`` is seconds since the start of the replay, kept by whoever runs it; ``purse`` is in credits.
    """

    def __init__(self, scene: Scene, world: TradingWorld) -> None:
        self.now = 0.0
        self.ships = {ship.symbol: ship for ship in scene.situation.ships}
        self.purse = scene.credits
        self.accounts = defaultdict[str, Account](Account)
        self.works_for: dict[str, str] = {}
        """by ship the order that has it"""
        self._scene = scene
        self._policy = scene.policy
        self._world = world

    def account(self, symbol: str) -> Account:
        """That of the order which a ship works for."""
        return self.accounts[self.works_for[symbol]]

    def look(self, symbol: str) -> None:
        """A ship reads the market where it is."""
        self.account(symbol).requests += 1
        self._world.look(self.ships[symbol].nav.waypoint, self.now)

    def go(self, symbol: str, destination: str) -> Steps:
        """Fly there, hop by hop, from wherever the ship is. Raises NoRoute."""
        yield from self.arrive(symbol)
        route = self._scene.situation.chart.route(self.ships[symbol], destination, self.instant(self.now))
        for hop in route.hops:
            if hop.refuel_first:
                self._refuel(symbol)
            ship = self.ships[symbol]
            changes = (ship.nav.flight_mode is not hop.mode, ship.nav.status is NavStatus.DOCKED)
            self.account(symbol).requests += 1 + sum(changes)
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

    def land(self, symbol: str) -> None:
        """Read the ship once it has arrived."""
        self.account(symbol).requests += 1
        ship = self.ships[symbol]
        self.save(replace(ship, nav=replace(ship.nav, status=NavStatus.IN_ORBIT, arrival=None)))

    def dock(self, symbol: str) -> None:
        """Docked, whatever it was before."""
        ship = self.ships[symbol]
        if ship.nav.status is not NavStatus.DOCKED:
            self.account(symbol).requests += 1
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
            self.look(symbol)
        self.buy(symbol, FUEL, units)
        self.save(replace(ship, tank=replace(ship.tank, current=ship.tank.capacity)))

    def buy(self, symbol: str, good: Good, units: int) -> int:
        """Buy one tranche where the ship is; returns the credits paid."""
        place = self.ships[symbol].nav.waypoint
        cost = units * self._world.market(place).buy(good, units, self.now)
        self.account(symbol).spent += cost
        self._traded(symbol, good, 0 if good == FUEL else units, -cost)
        return cost

    def sell(self, symbol: str, good: Good, units: int) -> int:
        """Sell one tranche where the ship is; returns the credits that brings."""
        place = self.ships[symbol].nav.waypoint
        revenue = units * self._world.market(place).sell(good, units, self.now)
        self.account(symbol).revenue += revenue
        self._traded(symbol, good, -units, revenue)
        return revenue

    def _traded(self, symbol: str, good: Good, units: int, credits: int) -> None:
        account = self.account(symbol)
        account.requests += 1
        account.traded_at = self.now
        self.purse += credits
        self.stow(symbol, good, units)

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
