"""Which stops a tank lasts for."""

import pytest
from tests.planning.flow_world import START, listing, market

from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.market import TradeType
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.planning.reach import Reach, fuel_stations

PLACES = {f"X1-W-{n}": Waypoint(f"X1-W-{n}", "X1-W", "PLANET", 100 * i, 0) for i, n in enumerate("ABCDE")}


def allows(stops: str, *, at: str = "A", fuel: int, capacity: int = 300, stations: str = "") -> bool:
    nav = Nav("X1-W", f"X1-W-{at}", NavStatus.DOCKED)
    ship = Ship("S1", "HAULER", nav, Tank(fuel, capacity), Hold(40, {}), 30, START)
    reach = Reach(PLACES, {f"X1-W-{name}" for name in stations}, START)
    answers = {reach.allows(ship, [f"X1-W-{stop}" for stop in stops]) for _ in range(2)}
    assert len(answers) == 1, "the answer that is remembered is the answer"
    return answers.pop()


def test_an_empty_tank_reaches_nothing() -> None:
    """Not even by drifting."""
    assert not allows("B", fuel=0)


def test_an_empty_tank_is_where_it_is() -> None:
    """No flight, no fuel."""
    assert allows("A", fuel=0)
    assert not allows("AB", fuel=0)


def test_at_a_station_the_tank_is_filled_first() -> None:
    """However empty it is."""
    assert allows("B", fuel=0, stations="A")


@pytest.mark.parametrize(("fuel", "reached"), [(0, False), (1, False), (2, True), (100, True), (101, True)])
def test_something_must_be_left_where_no_fuel_is_sold(fuel: int, reached: bool) -> None:
    """One unit lets it drift on; two are enough to drift there and keep one."""
    assert allows("B", fuel=fuel) is reached


def test_what_one_flight_burns_is_missing_at_the_next() -> None:
    """There and back on a tank that is enough for there."""
    assert allows("BA", fuel=202)
    assert not allows("BA", fuel=2)
    assert allows("BA", fuel=2, stations="B")


def test_a_ship_without_a_tank_reaches_everything() -> None:
    """Probes burn nothing."""
    assert allows("BCDE", fuel=0, capacity=0)


def test_who_sells_fuel_is_a_station() -> None:
    """As export or exchange, seen or only listed; who imports it is none."""
    markets = [
        market("X1-W-A", listing("FUEL", TradeType.EXCHANGE)),
        market("X1-W-B", listing("FUEL"), seen=None),
        market("X1-W-C", listing("FUEL", TradeType.IMPORT)),
        market("X1-W-D", listing("IRON")),
    ]
    assert fuel_stations(markets) == {"X1-W-A", "X1-W-B"}
