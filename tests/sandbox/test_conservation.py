"""Nothing comes from nowhere: a stateful property of the rules, in process, on two agents."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.sandbox.conftest import Clock

from goodsfactory.sandbox.errors import Refusal
from goodsfactory.sandbox.ships import FlightMode, NavStatus
from goodsfactory.sandbox.world import World

PLACES = [f"X1-TINY-{name}" for name in ("A1", "A2", "B3", "C4", "D5")]
GATE = "X1-TINY-C4"
GOODS = ["IRON", "FUEL", "IRON_ORE", "FAB_MATS", "DIAMONDS"]
SHIPS = ["TESTER-1", "TESTER-2", "TESTER-3", "RIVAL-1"]

ships = st.sampled_from(SHIPS)
goods = st.sampled_from(GOODS)
places = st.sampled_from(PLACES)
units = st.integers(1, 9) | st.sampled_from([-1, 0, 20, 41, 61, 90])


class Bookkeeper(RuleBasedStateMachine):
    """Plays anything, legal or not, and keeps its own books of what must be where.

    Markets tick every half hour of sandbox time; the story stays inside the first quarter of an hour, so
    every change of stock is a trade.
    """

    def __init__(self, world: Any, clock: Any) -> None:
        super().__init__()
        self.world, self.clock = world, clock
        self.deadline = clock.now + timedelta(minutes=14)
        for symbol in ("TESTER", "RIVAL"):
            world.register(symbol, "COSMIC")
        self.credits = {agent.symbol: agent.credits for agent in world.agents}
        self.cargo: dict[str, dict[str, int]] = {symbol: {} for symbol in SHIPS}
        self.fuel = {symbol: self.ship(symbol).fuel for symbol in SHIPS}
        self.stock = {key: good.net_supply for key, good in self.listings().items()}
        self.built = 0

    def agent(self, ship: Any) -> Any:
        return self.world.agents.find(ship.partition("-")[0])

    def ship(self, symbol: Any) -> Any:
        return self.world.ship(self.agent(symbol), symbol)

    def listings(self) -> Any:
        markets = self.world.universe.markets.items()
        return {(at, good.symbol): good for at, market in markets for good in market.goods(self.clock.now)}

    def load(self, ship: Any, good: Any, count: Any) -> None:
        held = self.cargo[ship]
        held[good] = held.get(good, 0) + count
        if not held[good]:
            del held[good]

    def aboard(self, data: Any) -> Any:
        """A ship and a good: mostly one that is aboard, so that parting with it can succeed."""
        held = [(ship, good) for ship in SHIPS for good in self.cargo[ship]]
        anything = st.tuples(ships, goods)
        return data.draw(st.sampled_from(held) | anything if held else anything)

    def attempt(self, action: Any, *arguments: Any, **options: Any) -> Any:
        """What the action returns; None when the rules refuse it."""
        try:
            return action(*arguments, **options)
        except Refusal:
            return None

    @rule(seconds=st.integers(1, 240))
    def wait(self, seconds: Any) -> None:
        self.clock.now = min(self.deadline, self.clock.now + timedelta(seconds=seconds))

    @rule(ship=ships, up=st.booleans())
    def change_altitude(self, ship: Any, up: Any) -> None:
        self.attempt(self.world.orbit if up else self.world.dock, self.agent(ship), ship)

    @rule(ship=ships, place=places)
    def fly(self, ship: Any, place: Any) -> None:
        flown = self.attempt(self.world.navigate, self.agent(ship), ship, place)
        if flown is not None:
            assert flown.route.arrival > self.clock.now
            self.fuel[ship] -= flown.fuel_consumed

    @rule(ship=ships, mode=st.sampled_from(FlightMode))
    def change_mode(self, ship: Any, mode: Any) -> None:
        before = self.ship(ship).fuel
        changed = self.attempt(self.world.set_flight_mode, self.agent(ship), ship, mode)
        if changed is not None and changed.status(self.clock.now) is NavStatus.IN_TRANSIT:
            assert changed.fuel <= before
            self.fuel[ship] = changed.fuel
        elif changed is not None:
            assert changed.fuel == before

    @rule(ship=ships, good=goods, count=units)
    def buy(self, ship: Any, good: Any, count: Any) -> None:
        done = self.attempt(self.world.purchase, self.agent(ship), ship, good, count)
        if done is not None:
            assert done.units == count > 0
            self.credits[self.agent(ship).symbol] -= done.total
            self.stock[done.waypoint, good] -= count
            self.load(ship, good, count)

    @rule(data=st.data(), count=units)
    def sell(self, data: Any, count: Any) -> None:
        ship, good = self.aboard(data)
        done = self.attempt(self.world.sell, self.agent(ship), ship, good, count)
        if done is not None:
            self.credits[self.agent(ship).symbol] += done.total
            self.stock[done.waypoint, good] += count
            self.load(ship, good, -count)

    @rule(ship=ships, count=st.none() | st.integers(-1, 700), from_cargo=st.booleans())
    def refuel(self, ship: Any, count: Any, from_cargo: Any) -> None:
        tank = self.ship(ship)
        missing = tank.type.fuel_capacity - tank.fuel
        done = self.attempt(self.world.refuel, self.agent(ship), ship, count, from_cargo=from_cargo)
        if done is None:
            return
        filled = missing if count is None else min(count, missing)
        assert (done.units - 1) * 100 < filled <= done.units * 100 or filled == done.units == 0
        self.fuel[ship] += filled
        self.credits[self.agent(ship).symbol] -= done.total
        if not done.units:
            return
        if from_cargo:
            assert done.total == 0
            self.load(ship, "FUEL", -done.units)
        else:
            self.stock[done.waypoint, "FUEL"] -= done.units

    @rule(data=st.data(), count=units)
    def throw_away(self, data: Any, count: Any) -> None:
        ship, good = self.aboard(data)
        if self.attempt(self.world.jettison, self.agent(ship), ship, good, count) is not None:
            self.load(ship, good, -count)

    @rule(data=st.data(), taker=ships, count=units)
    def hand_over(self, data: Any, taker: Any, count: Any) -> None:
        giver, good = self.aboard(data)
        if self.attempt(self.world.transfer, self.agent(giver), giver, taker, good, count) is not None:
            assert self.agent(giver) is self.agent(taker)
            self.load(giver, good, -count)
            self.load(taker, good, count)

    @rule(data=st.data(), count=units)
    def build(self, data: Any, count: Any) -> None:
        ship, good = self.aboard(data)
        action = self.world.supply_construction
        if self.attempt(action, self.agent(ship), "X1-TINY", GATE, ship, good, count) is not None:
            self.load(ship, good, -count)
            self.built += count

    @rule(ship=ships, stranger=ships)
    def meddle(self, ship: Any, stranger: Any) -> None:
        """Another agent's ship cannot be touched."""
        if self.agent(ship) is not self.agent(stranger):
            with pytest.raises(Refusal, match="not found"):
                self.world.orbit(self.agent(ship), stranger)

    @invariant()
    def the_books_balance(self) -> None:
        assert {agent.symbol: agent.credits for agent in self.world.agents} == self.credits
        assert {symbol: self.ship(symbol).hold for symbol in SHIPS} == self.cargo
        assert {symbol: self.ship(symbol).fuel for symbol in SHIPS} == self.fuel
        assert {key: good.net_supply for key, good in self.listings().items()} == self.stock
        assert self.world.universe.constructions[GATE]["FAB_MATS"][1] == self.built

    @invariant()
    def every_ship_is_sound_and_in_one_place(self) -> None:
        now = self.clock.now
        for symbol in SHIPS:
            ship = self.ship(symbol)
            places = [place for place in PLACES if ship.is_at(place, now)]
            assert len(places) == (0 if ship.status(now) is NavStatus.IN_TRANSIT else 1)
            assert 0 <= ship.cargo_units <= ship.type.cargo_capacity
            assert 0 <= ship.fuel <= ship.type.fuel_capacity
            assert all(count > 0 for count in ship.hold.values())
        assert all(agent.credits >= 0 for agent in self.world.agents)


def test_credits_cargo_fuel_and_stock_are_conserved(
    new_world: Callable[..., World], new_clock: Callable[[], Clock]
) -> None:
    """Whatever is tried in whatever order, every unit and every credit is where the books say it is."""

    def machine() -> Any:
        clock = new_clock()
        world = new_world(clock, starting_fleet=["SHIP_LIGHT_HAULER"], starting_credits=2_000)
        return Bookkeeper(world, clock)

    run_state_machine_as_test(
        cast("Any", machine), settings=settings(max_examples=80, stateful_step_count=60, deadline=None)
    )
