"""One rival: an agent of the sandbox's own, who sends its requests as the limit allows and no faster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from goodsfactory.sandbox import rival_plans
from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import Refusal
from goodsfactory.sandbox.rival_plans import Errand, Outlook, Seen
from goodsfactory.sandbox.ships import FlightMode, Ship
from goodsfactory.sandbox.trading import FUEL, FUEL_PER_UNIT

if TYPE_CHECKING:
    from goodsfactory.sandbox.world import World

_PER_REQUEST = timedelta(seconds=0.5)
"""What the request limit leaves an account without its burst (api-facts §2)."""

_IDLE = timedelta(minutes=5)
_HAULER, _HAULERS, _CUSHION = "SHIP_LIGHT_HAULER", 2, 150_000
"""A rival buys so many haulers, when so many credits are left to it after each."""


class Rival:
    """One greedy agent: what it has seen, and what each of its ships is about."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.quotes: dict[str, dict[str, Seen]] = {}
        self.looked: dict[str, datetime] = {}
        self.errands: dict[str, Errand] = {}
        self.served: set[str] = set()
        """Ships that have done what they came for and are to depart."""
        self.free = agent.registered_at
        """When the request limit leaves it the next request."""

    def act(self, world: World, symbol: str, now: datetime) -> Iterator[tuple[datetime, str]]:
        """Do what a ship can do where it is, and say when it, or a ship it bought, can act again."""
        if now < self.free:
            yield self.free, symbol
            return
        ship = world.ship(self.agent, symbol)
        if not ship.type.cargo_capacity:
            yield from self._watch(world, ship, now)
            return
        requests = 0
        try:
            if symbol in self.served:
                requests = self._depart(world, ship)
            else:
                self.served.add(symbol)
                requests = self._arrive(world, ship, now)
        except Refusal:
            # Somebody was quicker, or the purse is too small: think again.
            self.errands.pop(symbol, None)
        # A request that is refused is one too.
        self._spend(max(1, requests), now)
        if requests and ship.route.arrival <= now:
            yield self.free, symbol
            return
        self.served.discard(symbol)
        yield ship.route.arrival if ship.route.arrival > now else now + _IDLE, symbol

    def _spend(self, requests: int, now: datetime) -> None:
        self.free = now + requests * _PER_REQUEST

    def _watch(self, world: World, ship: Ship, now: datetime) -> Iterator[tuple[datetime, str]]:
        """Look around from where a probe is, and buy a hauler that is offered there."""
        bought = None
        try:
            # The yard is asked for its offers whether one is bought or not.
            requests = self._look(world, ship, now) + 1
            bought = self._buy_hauler(world, ship, now)
        except Refusal:
            requests = 1
        self._spend(requests + (bought is not None), now)
        if bought is not None:
            yield self.free, bought
        yield now + _IDLE, ship.symbol

    def _arrive(self, world: World, ship: Ship, now: datetime) -> int:
        requests = 1
        world.dock(self.agent, ship.symbol)
        if ship.flight_mode is not FlightMode.CRUISE:
            world.set_flight_mode(self.agent, ship.symbol, FlightMode.CRUISE)
            requests += 1
        requests += self._look(world, ship, now)
        return requests + self._trade(world, ship) + self._refuel(world, ship)

    def _look(self, world: World, ship: Ship, now: datetime) -> int:
        place = world.waypoint(ship.system, ship.waypoint)
        if ship.waypoint not in world.universe.markets or not world.require_access(self.agent, place):
            return 0
        self.looked[ship.waypoint] = now
        self.quotes[ship.waypoint] = {
            good.symbol: Seen(good.type, good.ask, good.bid, good.trade_volume)
            for good in world.market(ship.waypoint).goods(now)
        }
        return 1

    def _trade(self, world: World, ship: Ship) -> int:
        errand = self.errands.get(ship.symbol)
        if errand is None:
            return 0
        if errand.purpose == "build" and ship.waypoint == errand.target:
            return self._build(world, ship, errand)
        if ship.waypoint == errand.source and not ship.hold.get(errand.good):
            return self._buy(world, ship, errand)
        if ship.waypoint == errand.target:
            del self.errands[ship.symbol]
            return sum(self._sell(world, ship, good) for good in sorted(ship.hold))
        return 0

    def _buy(self, world: World, ship: Ship, errand: Errand) -> int:
        """Take what was planned in tranches, as long as it still pays at the price seen at the other end."""
        wanted, requests = min(errand.units, ship.cargo_room), 0
        while wanted > 0:
            seen = world.market(ship.waypoint).good(errand.good, world.now())
            there = self.quotes.get(errand.target, {}).get(errand.good)
            dear = there is not None and seen is not None and seen.ask >= there.bid
            if seen is None or (errand.purpose == "sell" and dear):
                break
            units = min(wanted, seen.trade_volume)
            if seen.ask * units > self.agent.credits - rival_plans.FUEL_MONEY:
                break
            world.purchase(self.agent, ship.symbol, errand.good, units)
            wanted, requests = wanted - units, requests + 2
        if not ship.hold.get(errand.good):
            del self.errands[ship.symbol]
        return requests

    def _sell(self, world: World, ship: Ship, good: str) -> int:
        requests = 0
        while ship.hold.get(good):
            listing = world.market(ship.waypoint).good(good, world.now())
            if listing is None:
                break
            world.sell(self.agent, ship.symbol, good, min(ship.hold[good], listing.trade_volume))
            requests += 2
        return requests

    def _build(self, world: World, ship: Ship, errand: Errand) -> int:
        """Supply what is still missing; what others were quicker with is sold at the next market."""
        required, fulfilled = world.universe.constructions[errand.target][errand.good]
        units = min(required - fulfilled, ship.hold.get(errand.good, 0))
        if units > 0:
            world.supply_construction(self.agent, ship.system, errand.target, ship.symbol, errand.good, units)
        del self.errands[ship.symbol]
        return 2

    def _refuel(self, world: World, ship: Ship) -> int:
        fuel = self.quotes.get(ship.waypoint, {}).get(FUEL)
        missing = -(-(ship.type.fuel_capacity - ship.fuel) // FUEL_PER_UNIT)
        if fuel is None or not missing or fuel.ask * missing > self.agent.credits:
            return 0
        world.refuel(self.agent, ship.symbol)
        return 1

    def _depart(self, world: World, ship: Ship) -> int:
        """Set out for the errand, or trade for a new one that begins here; the requests it took."""
        outlook = self._outlook(world, ship)
        errand = self.errands.get(ship.symbol)
        if errand is None:
            bidder = rival_plans.best_bidder(ship, outlook) if ship.hold else None
            if bidder == ship.waypoint:
                return sum(self._sell(world, ship, good) for good in sorted(ship.hold))
            errand = Errand(bidder, purpose="sell") if bidder else rival_plans.next_errand(ship, outlook)
            if errand is None:
                return self._drift(world, ship, outlook) if rival_plans.stranded(ship, outlook) else 0
            self.errands[ship.symbol] = errand
            if errand.source == ship.waypoint:
                return self._trade(world, ship)
        bought = not errand.good or ship.hold.get(errand.good)
        hop = rival_plans.next_hop(ship, errand.target if bought else errand.source, outlook)
        if hop is None or hop == ship.waypoint:
            del self.errands[ship.symbol]
            return self._drift(world, ship, outlook) if hop is None else 0
        return self._fly(world, ship, hop)

    def _drift(self, world: World, ship: Ship, outlook: Outlook) -> int:
        """Go for fuel, where nothing is in reach of what is left of it."""
        goal = rival_plans.nearest_fuel(ship, outlook)
        if goal is None or ship.waypoint in outlook.fuel:
            return 0
        world.set_flight_mode(self.agent, ship.symbol, FlightMode.DRIFT)
        return self._fly(world, ship, goal)

    def _fly(self, world: World, ship: Ship, hop: str) -> int:
        world.orbit(self.agent, ship.symbol)
        world.navigate(self.agent, ship.symbol, hop)
        return 2

    def _buy_hauler(self, world: World, ship: Ship, now: datetime) -> str | None:
        if ship.waypoint not in world.universe.shipyards:
            return None
        haulers = sum(each.type.symbol == _HAULER for each in world.fleets.of(self.agent))
        offers = {offer.type: offer.price for offer in world.shipyards.offers(ship.waypoint, now)}
        price = offers.get(_HAULER)
        if price is not None and haulers < _HAULERS and self.agent.credits >= price + _CUSHION:
            return world.buy_ship(self.agent, _HAULER, ship.waypoint).symbol
        return None

    def _outlook(self, world: World, ship: Ship) -> Outlook:
        home = world.universe.systems[ship.system]
        gate = next((place.symbol for place in home.waypoints.values() if place.type == "JUMP_GATE"), None)
        bill = world.universe.constructions.get(gate) if gate else None
        markets = world.universe.markets_in(ship.system)
        return Outlook(
            places=home.waypoints,
            markets=frozenset(markets),
            fuel=frozenset(symbol for symbol, market in markets.items() if market.trades(FUEL)),
            pace=world.navigation.multipliers[FlightMode.CRUISE],
            quotes=self.quotes,
            credits=self.agent.credits,
            gate=gate,
            bill=bill or {},
            now=world.now(),
            looked=self.looked,
        )
