"""How ships move: the numbers of api-facts §8 and §9."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.sandbox.conftest import Clock

from goodsfactory.sandbox.navigation import distance, fuel_cost, travel_seconds
from goodsfactory.sandbox.ship_types import SHIP_TYPES
from goodsfactory.sandbox.ships import FlightMode, NavStatus
from goodsfactory.sandbox.universe import Waypoint
from goodsfactory.sandbox.world import World

HOME, YARD, MINE, GATE = "X1-TINY-A1", "X1-TINY-A2", "X1-TINY-B3", "X1-TINY-C4"


@pytest.fixture
def world(new_world: Callable[..., World], clock: Clock) -> Any:
    """A world in which TESTER owns frigate 1, probe 2 and hauler 3."""
    world = new_world(clock, starting_fleet=["SHIP_LIGHT_HAULER"])
    world.register("TESTER", "COSMIC")
    return world


@pytest.fixture
def agent(world: Any) -> Any:
    """The only agent."""
    return world.agents.find("TESTER")


def place(x: Any, y: Any) -> Any:
    """A waypoint somewhere."""
    return Waypoint("X1-S-A", "PLANET", "X1-S", x, y)


@pytest.mark.parametrize(
    ("x", "y", "expected"), [(0, 0, 1), (0, 1, 1), (3, 4, 5), (1, 1, 1), (2, 1, 2), (93, 71, 117)]
)
def test_distance_is_rounded_and_at_least_one(x: int, y: int, expected: int) -> None:
    """round(sqrt(dx² + dy²)), and 1 between a planet and its orbital (api-facts §8.3)."""
    assert distance(place(0, 0), place(x, y)) == expected


@pytest.mark.parametrize(
    ("mode", "units", "fuel"),
    [
        (FlightMode.CRUISE, 117, 117),
        (FlightMode.BURN, 117, 234),
        (FlightMode.BURN, 102.83, 206),
        (FlightMode.STEALTH, 117, 117),
        (FlightMode.DRIFT, 117, 1),
        (FlightMode.CRUISE, 0, 1),
    ],
)
def test_fuel_by_mode(mode: Any, units: float, fuel: int) -> None:
    """Recorded: 117 units in BURN cost 234, 102.83 cost 206 (api-facts §8.3)."""
    assert fuel_cost(mode, units) == fuel


@pytest.mark.parametrize(
    ("units", "multiplier", "speed", "seconds"),
    [(117, 12.5, 36, 56), (1, 25, 30, 16), (0, 25, 30, 16), (50, 25, 36, 50), (100, 250, 30, 848)],
)
def test_travel_time(units: int, multiplier: float, speed: int, seconds: int) -> None:
    """round(distance × multiplier / speed + 15): the recorded 117 units at speed 36 in BURN took 56 s."""
    assert travel_seconds(units, multiplier, speed) == seconds


def test_orbit_and_dock_are_idempotent(world: Any, agent: Any, clock: Clock) -> None:
    """Repeating either is no error and changes nothing (api-facts §8.1)."""
    for action, status in ((world.orbit, NavStatus.IN_ORBIT), (world.dock, NavStatus.DOCKED)):
        for _ in range(2):
            assert action(agent, "TESTER-1").status(clock.now) is status


def test_a_voyage(world: Any, agent: Any, clock: Clock) -> None:
    """Fuel is paid at departure; at the arrival instant the ship is in orbit by itself."""
    world.orbit(agent, "TESTER-1")
    ship = world.navigate(agent, "TESTER-1", MINE)
    assert (ship.fuel, ship.fuel_consumed) == (350, 50)
    assert (ship.route.arrival - clock.now).total_seconds() == 50
    clock.advance(49.999)
    assert ship.status(clock.now) is NavStatus.IN_TRANSIT
    assert not world.fleets.present(agent, MINE, clock.now)
    clock.advance(0.001)
    assert ship.status(clock.now) is NavStatus.IN_ORBIT
    assert world.fleets.present(agent, MINE, clock.now)


def test_an_orbital_hop_costs_one_unit(world: Any, agent: Any, clock: Clock) -> None:
    """Planet to moon at the same spot: 1 fuel and 16 s at speed 36 (api-facts §8.3)."""
    world.orbit(agent, "TESTER-1")
    ship = world.navigate(agent, "TESTER-1", YARD)
    assert (ship.fuel, (ship.route.arrival - clock.now).total_seconds()) == (399, 16)


def test_a_probe_flies_without_fuel(world: Any, agent: Any, clock: Clock) -> None:
    """A ship without a tank goes any distance in any mode (api-facts §8.3)."""
    world.orbit(agent, "TESTER-2")
    world.set_flight_mode(agent, "TESTER-2", FlightMode.BURN)
    ship = world.navigate(agent, "TESTER-2", GATE)
    assert (ship.fuel, ship.fuel_consumed) == (0, 0)
    assert (ship.route.arrival - clock.now).total_seconds() == round(500 * 12.5 / 9 + 15)


def test_burning_half_way_costs_the_difference_and_saves_half_of_the_rest(
    world: Any, agent: Any, clock: Clock
) -> None:
    """A faster mode in transit pays for the rest of the way and brings arrival forward (api-facts §8.5)."""
    world.orbit(agent, "TESTER-1")
    world.navigate(agent, "TESTER-1", MINE)
    clock.advance(25)
    ship = world.set_flight_mode(agent, "TESTER-1", FlightMode.BURN)
    assert (ship.fuel, ship.fuel_consumed) == (325, 25)
    assert (ship.route.arrival - clock.now).total_seconds() == 12.5
    assert (ship.route.origin, ship.route.destination) == (HOME, MINE)
    world.set_flight_mode(agent, "TESTER-1", FlightMode.BURN)
    assert ship.fuel == 325


def test_the_mode_can_be_set_while_docked(world: Any, agent: Any) -> None:
    """A docked ship changes its mode freely, to slower ones too (api-facts §8.5)."""
    for mode in FlightMode:
        assert world.set_flight_mode(agent, "TESTER-1", mode).flight_mode is mode


@pytest.mark.parametrize(
    ("missing", "asked", "filled", "charged"),
    [
        (234, None, 234, 3),
        (1, None, 1, 1),
        (100, None, 100, 1),
        (101, None, 101, 2),
        (0, None, 0, 0),
        (234, 100, 100, 1),
        (50, 400, 50, 1),
    ],
)
def test_refuelling(
    world: Any, agent: Any, missing: int, asked: int | None, filled: int, charged: int
) -> None:
    """One market unit fills 100; a part is charged whole: 234 burnt cost 3 × 72 = 216 (api-facts §9)."""
    ship = world.ship(agent, "TESTER-1")
    ship.fuel -= missing
    before, tank = agent.credits, ship.fuel
    transaction = world.refuel(agent, "TESTER-1", asked)
    assert (ship.fuel - tank, transaction.units) == (filled, charged)
    assert before - agent.credits == transaction.total == charged * 72


@pytest.mark.parametrize(
    ("symbol", "fuel", "speed", "cargo", "crew"),
    [
        ("SHIP_PROBE", 0, 9, 0, 0),
        ("SHIP_LIGHT_SHUTTLE", 300, 15, 40, 21),
        ("SHIP_LIGHT_HAULER", 600, 15, 80, 55),
        ("SHIP_MINING_DRONE", 80, 9, 15, 0),
        ("SHIP_SIPHON_DRONE", 80, 9, 15, -1),
        ("SHIP_SURVEYOR", 80, 9, 0, 0),
        ("SHIP_COMMAND_FRIGATE", 400, 36, 40, 57),
    ],
)
def test_ship_types_are_as_recorded(symbol: str, fuel: int, speed: int, cargo: int, crew: int) -> None:
    """Tank, engine, hold and crew follow from the parts and agree with recorded ships (api-facts §13)."""
    built = SHIP_TYPES[symbol]
    assert (built.fuel_capacity, built.engine.speed, built.cargo_capacity) == (fuel, speed, cargo)
    assert built.crew_required == crew
