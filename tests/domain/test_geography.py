"""Distances, flight times and fuel (api-facts §8)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodsfactory.domain.errors import UserError
from goodsfactory.domain.geography import (
    FlightMode,
    Waypoint,
    distance,
    fuel_needed,
    system_of,
    travel_seconds,
)


def place(name: str, x: int = 0, y: int = 0, **fields: Any) -> Waypoint:
    return Waypoint(name, "X1-T", fields.pop("type", "PLANET"), x, y, **fields)


@pytest.mark.parametrize("symbol", ["", "X1", "X1-", "-A1", "nonsense", "X1-AB12"])
def test_what_is_no_waypoint_symbol_is_refused(symbol: str) -> None:
    """A system symbol or a word gets a sentence that shows the right shape."""
    with pytest.raises(UserError, match=r"should look like X1-AB12-C3"):
        system_of(symbol)


def test_the_system_is_the_waypoint_without_its_last_part() -> None:
    """X1-AB12-C3 lies in X1-AB12."""
    assert system_of("X1-AB12-C3") == "X1-AB12"


def test_no_distance_joins_two_systems() -> None:
    """Coordinates of different systems have nothing to do with each other: that is no 1."""
    with pytest.raises(ValueError, match="two systems"):
        distance(place("A"), Waypoint("X1-OTHER-A", "X1-OTHER", "PLANET", 0, 0))


def test_distance_is_rounded_and_at_least_one_between_two_places() -> None:
    """Orbitals share coordinates and are still one unit apart; a place is nothing from itself."""
    assert distance(place("A"), place("A")) == 0
    assert distance(place("A", 5, 5), place("B", 5, 5)) == 1
    assert distance(place("A"), place("B", 3, 4)) == 5
    assert distance(place("A"), place("B", 1, 1)) == 1
    assert distance(place("A"), place("B", 2, 2)) == 3


@given(st.tuples(*[st.integers(-1000, 1000)] * 4))
def test_distance_is_the_same_both_ways(spots: Any) -> None:
    """There and back are equally far."""
    one, other = place("A", *spots[:2]), place("B", *spots[2:])
    assert distance(one, other) == distance(other, one) >= 1


RECORDED = [
    (117, 36, FlightMode.BURN, 56),
    (1, 30, FlightMode.CRUISE, 16),
    (0, 30, FlightMode.CRUISE, 16),
    (100, 30, FlightMode.CRUISE, 98),
    (100, 30, FlightMode.DRIFT, 848),
    (100, 30, FlightMode.STEALTH, 115),
]


@pytest.mark.parametrize(("units", "speed", "mode", "seconds"), RECORDED)
def test_travel_time_follows_the_published_formula(units: Any, speed: Any, mode: Any, seconds: Any) -> None:
    """round(max(1, d) × multiplier / speed + 15); the first row was recorded live (api-facts §8.2)."""
    assert travel_seconds(units, speed, mode) == seconds


def test_a_half_second_rounds_up() -> None:
    """The server rounds half up, Python's round would go to the even number."""
    assert travel_seconds(2, 100, FlightMode.CRUISE) == 16


def test_fuel_follows_mode() -> None:
    """CRUISE burns the distance, BURN twice, DRIFT one unit whatever the distance (api-facts §8.3)."""
    assert fuel_needed(117, FlightMode.BURN) == 234
    assert fuel_needed(117, FlightMode.CRUISE) == fuel_needed(117, FlightMode.STEALTH) == 117
    assert fuel_needed(800, FlightMode.DRIFT) == 1
    assert [fuel_needed(0, mode) for mode in FlightMode] == [1, 2, 1, 1]


def test_a_jump_gate_is_a_market_even_when_uncharted() -> None:
    """It always trades antimatter, though the trait is not shown (api-facts §6)."""
    assert place("G", type="JUMP_GATE", traits=frozenset({"UNCHARTED"})).is_market
    assert place("M", traits=frozenset({"MARKETPLACE"})).is_market
    assert not place("P", traits=frozenset({"SHIPYARD"})).is_market
