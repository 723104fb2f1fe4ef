"""Rivals: agents of the sandbox's own who trade in a home and fill its gate, by the rules all others keep.

They act through :class:`World` as an HTTP client does through its endpoints and know no price that no ship of
theirs has seen. A ship takes half a second for each of its requests. Acts fall due at instants that follow
from the rules and from what players changed, and are caught up with before anything else happens: the same
seed and the same requests give the same rivals, whoever looks and whenever.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, islice
from typing import TYPE_CHECKING

from goodsfactory.sandbox import draws, rival_plans
from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import Refusal
from goodsfactory.sandbox.rival_plans import Errand, Outlook, Seen
from goodsfactory.sandbox.ships import FlightMode, Ship
from goodsfactory.sandbox.trading import FUEL, FUEL_PER_UNIT

if TYPE_CHECKING:
    from goodsfactory.sandbox.world import World

MOST_RIVALS = 20
"""As many as a home may have; more would leave nothing to anybody."""

_PER_REQUEST = timedelta(seconds=0.5)
"""What the request limit leaves a client (api-facts §2)."""

_AWAKE = timedelta(hours=48)
"""Time for which one rival plays on after the last act of a player; several share it.

To catch up with it takes about two seconds of a processor: the most a request has to wait.
"""

_FASTEST = 12_000.0
"""Speed at which one rival keeps a seventh of a processor busy; several share it."""

_IDLE = timedelta(minutes=5)
_HAULER, _HAULERS, _CUSHION = "SHIP_LIGHT_HAULER", 2, 150_000
"""A rival buys so many haulers, when so many credits are left to it after each."""


class Rivals:
    """All rivals of a universe: ``count`` agents in the home of the first player, from its registration on.

    They rest when no player has changed anything for some hours (:attr:`awake_for`), and go on with the next
    change.
    """

    def __init__(self, count: int) -> None:
        if not 0 <= count <= MOST_RIVALS:
            raise ValueError(f"a home has 0 to {MOST_RIVALS} rivals, not {count}")
        self._count = count
        self._rivals: dict[str, _Rival] = {}
        self._due: list[tuple[datetime, int, str, str]] = []
        self._number = 0
        self._acting = False
        self._awake_until: datetime | None = None

    @property
    def awake_for(self) -> timedelta:
        """How long they play on after the last act of a player."""
        return _AWAKE / max(1, self._count)

    def require_sustainable(self, speed: float) -> None:
        """Raise ValueError for a clock so fast that catching up with the rivals would take all the time."""
        fastest = int(_FASTEST // max(1, self._count))
        if self._count and speed > fastest:
            raise ValueError(
                f"{self._count} rivals cannot keep up with time {speed:g} times as fast:"
                f" let it run {fastest} times as fast at most, or have fewer rivals."
            )

    def stir(self, now: datetime) -> None:
        """Note that a player has changed something: whoever rested goes on from now."""
        if not self._count:
            return
        if self._awake_until is not None and now > self._awake_until:
            self._due = [(max(at, now), number, agent, ship) for at, number, agent, ship in self._due]
            heapq.heapify(self._due)
        self._awake_until = now + self.awake_for

    def catch_up(self, world: World, until: datetime) -> None:
        """Let the rivals do all that fell due, in its order, up to an instant."""
        player = next(iter(world.agents), None)
        if self._acting or not self._count or player is None:
            return
        self._acting = True
        try:
            if not self._rivals:
                self._begin(world, player)
            until = min(until, self._awake_until or until)
            while self._due and self._due[0][0] <= until:
                at, _, agent, ship = heapq.heappop(self._due)
                with world.one_instant(at):
                    for when, symbol in self._rivals[agent].act(world, ship, at):
                        self._expect(when, agent, symbol)
        finally:
            self._acting = False

    def _begin(self, world: World, player: Agent) -> None:
        begun = player.registered_at
        self._awake_until = self._awake_until or begun + self.awake_for
        token = world.accounts.open("rivals", begun)
        numbers = (number for number in count(1) if f"RIVAL{number}" != player.symbol)
        for number in islice(numbers, self._count):
            # Nobody is the first everywhere.
            late = draws.source(world.universe.seed, "rival", number).uniform(1, 60)
            with world.one_instant(begun):
                new = world.register(f"RIVAL{number}", player.faction, account_token=token)
            self._rivals[new.agent.symbol] = _Rival(new.agent)
            for ship in new.ships:
                self._expect(begun + timedelta(seconds=round(late, 3)), new.agent.symbol, ship.symbol)

    def _expect(self, at: datetime, agent: str, ship: str) -> None:
        self._number += 1
        heapq.heappush(self._due, (at, self._number, agent, ship))


class _Rival:
    """One greedy agent: what it has seen, and what each of its ships is about."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.quotes: dict[str, dict[str, Seen]] = {}
        self.looked: dict[str, datetime] = {}
        self.errands: dict[str, Errand] = {}
        self.served: set[str] = set()
        """Ships that have done what they came for and are to depart."""

    def act(self, world: World, symbol: str, now: datetime) -> Iterator[tuple[datetime, str]]:
        """Do what a ship can do where it is, and say when it, or a ship it bought, can act again."""
        ship = world.ship(self.agent, symbol)
        requests = 0
        try:
            if not ship.type.cargo_capacity:
                self._look(world, ship, now)
                yield from self._buy_hauler(world, ship, now)
            elif symbol in self.served:
                requests = self._depart(world, ship)
            else:
                self.served.add(symbol)
                requests = self._arrive(world, ship, now)
        except Refusal:
            # Somebody was quicker, or the purse is too small: think again.
            self.errands.pop(symbol, None)
        if requests and ship.route.arrival <= now:
            yield now + requests * _PER_REQUEST, symbol
            return
        self.served.discard(symbol)
        yield ship.route.arrival if ship.route.arrival > now else now + _IDLE, symbol

    def _arrive(self, world: World, ship: Ship, now: datetime) -> int:
        # Docking, and the way back into orbit and out, are requests too.
        requests = 3
        world.dock(self.agent, ship.symbol)
        if ship.flight_mode is not FlightMode.CRUISE:
            world.set_flight_mode(self.agent, ship.symbol, FlightMode.CRUISE)
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

    def _buy_hauler(self, world: World, ship: Ship, now: datetime) -> Iterator[tuple[datetime, str]]:
        if ship.waypoint not in world.universe.shipyards:
            return
        haulers = sum(each.type.symbol == _HAULER for each in world.fleets.of(self.agent))
        offers = {offer.type: offer.price for offer in world.shipyards.offers(ship.waypoint, now)}
        price = offers.get(_HAULER)
        if price is not None and haulers < _HAULERS and self.agent.credits >= price + _CUSHION:
            yield now + _PER_REQUEST, world.buy_ship(self.agent, _HAULER, ship.waypoint).symbol

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
