"""What a chart knows: distances, flights, and which stops a tank lasts for."""

from dataclasses import replace

import pytest
from tests.planning.flow_world import START, charted, listing, market

from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.market import TradeType
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.planning.chart.chart import FUEL_CREDITS, Chart, Haul, chart_of

CHART = charted(A=0, B=100, C=200, D=300, E=400)


def ship(at: str = "A", fuel: int = 300, capacity: int = 300) -> Ship:
    nav = Nav("X1-W", at, NavStatus.DOCKED)
    return Ship("S1", "HAULER", nav, Tank(fuel, capacity), Hold(40, {}), 30, START)


def allows(stops: str, *, at: str = "A", fuel: int, capacity: int = 300, stations: str = "") -> bool:
    chart = replace(CHART, stations=frozenset(stations))
    answers = {chart.reaches(ship(at, fuel, capacity), stops) for _ in range(2)}
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
    assert chart_of((), markets).stations == {"X1-W-A", "X1-W-B"}


def test_what_is_not_known_is_neither_near_nor_reached() -> None:
    """A place without coordinates, or of another system."""
    chart = Chart({**CHART.places, "X": Waypoint("X", "X1-V", "PLANET", 0, 0)})
    for stop in ("X", "Z"):
        assert chart.distance("A", stop) is None
        assert chart.distance(None, stop) is None
        assert chart.flight(ship(), "A", stop) is None
        assert chart.seconds(ship(), ("B", stop), START) is None
        assert chart.flight_cost(ship(), stop, 0.0) is None
        assert chart.haul("A", stop) == Haul(0.0, 0.0)
        assert not chart.reaches(ship(), (stop,))
        assert not chart.reaches(ship(capacity=0, fuel=0), (stop,))


def test_a_way_over_several_stops_is_the_sum_of_its_flights() -> None:
    """In the order of the stops, from where the ship is."""
    there, back = CHART.flight(ship(), "A", "C"), CHART.flight(ship(), "C", "B")
    assert CHART.seconds(ship(), ("C", "B"), START) == (there or 0) + (back or 0) > 0
    assert CHART.seconds(ship(), (), START) == 0


def test_a_flight_costs_its_fuel_and_the_time_of_the_ship() -> None:
    """A CRUISE of 100 burns 100; a ship without a tank costs its time alone, and staying costs nothing."""
    assert CHART.flight_cost(ship(), "B", 0.0) == 100 * FUEL_CREDITS
    assert CHART.flight_cost(ship(fuel=0, capacity=0), "B", 3600.0) == 98.0
    assert CHART.flight_cost(ship(), "A", 3600.0) == 0


def test_what_no_ship_is_chosen_for_is_hauled_by_an_ordinary_one() -> None:
    """Fuel for a cruise at the usual price, and the hours of a light hauler that burns."""
    assert CHART.haul("A", "B") == Haul(100 * FUEL_CREDITS, 100 * 0.85 / 3600)
