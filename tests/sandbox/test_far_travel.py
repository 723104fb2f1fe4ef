"""Travel between the systems of a generated galaxy: what is far away is made when somebody gets there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodsfactory.sandbox.errors import Refusal
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.ship_parts import MODULES
from goodsfactory.sandbox.ships import FlightMode, Route
from goodsfactory.sandbox.warp import warp
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)


class Traveller:
    """One frigate in a galaxy, and a clock that it moves."""

    def __init__(self, systems: Any) -> None:
        self.now = EPOCH
        universe = generate_universe(3, epoch=EPOCH, systems=systems)
        self.world = World(universe, now=lambda: self.now, seed=3)
        new = self.world.register("NOMAD", universe.factions[0])
        self.agent, self.ship = new.agent, new.ships[0]
        self.ship.docked = False

    def put(self, waypoint: Any) -> None:
        """The frigate in orbit somewhere, rested."""
        self.ship.route = Route(waypoint, waypoint, self.now, self.now, 0.0, self.now)
        self.now += timedelta(hours=3)

    def home_gate(self) -> Any:
        """The gate of the system the frigate started in."""
        places = self.world.universe.systems[self.ship.system].waypoints.values()
        return next(place.symbol for place in places if place.type == "JUMP_GATE")

    def jump(self, destination: Any) -> Any:
        """Jump with the frigate."""
        return self.world.gates.jump(self.agent, self.ship, destination, self.now)


def test_the_home_gate_opens_when_it_is_built() -> None:
    """Nobody leaves through it before; with its bill complete a jump ends in another system at once."""
    traveller = Traveller(60)
    gate = traveller.home_gate()
    traveller.put(gate)
    beyond = next(
        far
        for far in traveller.world.gates.connections(gate)
        if far not in traveller.world.universe.constructions
    )
    with pytest.raises(Refusal) as refused:
        traveller.jump(beyond)
    assert refused.value.code == 4256
    for line in traveller.world.universe.constructions[gate].values():
        line[1] = line[0]
    paid = traveller.jump(beyond)
    assert (paid.good, paid.waypoint) == ("ANTIMATTER", gate)
    assert traveller.ship.waypoint == beyond
    assert traveller.ship.cooldown_seconds > 60


def test_a_far_gate_leads_back_towards_home() -> None:
    """Gates are connected both ways, but an unfinished one lets nobody out (4262)."""
    traveller = Traveller(60)
    gate = traveller.home_gate()
    beyond = traveller.world.gates.connections(gate)[0]
    traveller.put(beyond)
    assert gate in traveller.world.gates.connections(beyond)
    with pytest.raises(Refusal) as refused:
        traveller.jump(gate)
    assert refused.value.code == 4262


def test_scanning_a_large_galaxy_makes_few_systems() -> None:
    """Distances are known without making systems: only those that are shown come into being."""
    traveller = Traveller(2000)
    seen = traveller.world.scanning.systems(traveller.ship, traveller.now)
    assert len(seen) == 20
    assert [each.distance for each in seen] == sorted(each.distance for each in seen)
    systems: Any = traveller.world.universe.systems
    assert len(systems.made) < 40


def test_warp_reaches_systems_without_a_gate() -> None:
    """A drive carries a ship to any system in reach; there it stands among waypoints nobody has charted."""
    traveller = Traveller(60)
    ship, universe = traveller.ship, traveller.world.universe
    ship.type = replace(ship.type, modules=(*ship.type.modules, MODULES["MODULE_WARP_DRIVE_III"]))
    ship.flight_mode = FlightMode.DRIFT
    target = next(
        place
        for symbol in universe.systems
        if symbol != ship.system
        for place in universe.systems[symbol].waypoints.values()
        if place.has("UNCHARTED")
    )
    warp(traveller.world.navigation, ship, target.symbol, traveller.now)
    traveller.now = ship.route.arrival
    assert ship.system == target.system
    before = traveller.agent.credits
    chart = traveller.world.charts.chart(traveller.agent, ship, traveller.now)
    assert traveller.agent.credits == before + chart.reward
    assert traveller.world.charts.charted(target)


def test_two_travellers_of_one_seed_see_the_same() -> None:
    """The same galaxy and the same steps end in the same place with the same purse (L13)."""

    def journey() -> Any:
        traveller = Traveller(60)
        gate = traveller.home_gate()
        for line in traveller.world.universe.constructions[gate].values():
            line[1] = line[0]
        traveller.put(gate)
        for _ in range(3):
            here = traveller.ship.waypoint
            sites = traveller.world.universe.constructions
            ways = [far for far in traveller.world.gates.connections(here) if far not in sites]
            traveller.jump(ways[-1])
            traveller.now += timedelta(hours=3)
        return traveller.ship.waypoint, traveller.agent.credits

    assert journey() == journey()
