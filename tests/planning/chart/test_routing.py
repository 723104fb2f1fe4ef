"""Routes over waypoint and fuel."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.conftest import CapturedSystem
from tests.planning.flow_world import charted

from goodsfactory.domain.errors import Conflict
from goodsfactory.domain.geography import FlightMode, Waypoint, distance, fuel_needed, travel_seconds
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.chart.routing import NoRoute, Route, RoutePreference

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
CRUISE, BURN, DRIFT = FlightMode.CRUISE, FlightMode.BURN, FlightMode.DRIFT


def ship(
    at: str = "A", *, fuel: int = 400, capacity: int = 400, speed: int = 30, arrives_in: int = 0
) -> Ship:
    nav = Nav("X1-T", at, NavStatus.IN_ORBIT)
    if arrives_in:
        nav = Nav("X1-T", at, NavStatus.IN_TRANSIT, arrival=NOW + timedelta(seconds=arrives_in))
    return Ship("SHIP-1", "HAULER", nav, Tank(fuel, capacity), Hold(40), speed, NOW)


def legs(route: Route) -> list[tuple[str, FlightMode, bool]]:
    return [(hop.destination, hop.mode, hop.refuel_first) for hop in route.hops]


class TestNoRoute:
    def test_an_empty_tank_away_from_fuel_goes_nowhere(self) -> None:
        """Not even DRIFT flies without a unit of fuel; the error says tank, stations and reserve."""
        with pytest.raises(NoRoute) as caught:
            charted({"F"}, A=0, B=10, F=20).route(ship(fuel=0), "B", NOW)
        assert str(caught.value) == (
            "SHIP-1 cannot reach B from A with 0 of 400 fuel: 1 fuel station known, and arriving must leave "
            "1 where there is none."
        )

    def test_a_last_unit_is_not_spent_to_strand_the_ship(self) -> None:
        """With one unit the ship could DRIFT to a place without fuel and never leave it again."""
        with pytest.raises(NoRoute):
            charted(A=0, B=10).route(ship(fuel=1), "B", NOW)

    def test_the_last_unit_may_be_spent_to_reach_a_station(self) -> None:
        """Arriving dry at a fuel station is fine."""
        assert charted({"F"}, A=0, F=300).route(ship(fuel=1), "F", NOW).arrives_with == 0

    def test_an_unknown_place_is_named(self) -> None:
        """A destination (or a position) without coordinates cannot be planned."""
        with pytest.raises(NoRoute, match=r"A to Z: Z is not known\."):
            charted(A=0).route(ship(), "Z", NOW)
        with pytest.raises(NoRoute, match=r"Q is not known"):
            charted(A=0).route(ship("Q"), "A", NOW)

    def test_another_system_is_out_of_reach(self) -> None:
        """Hops stay in one system."""
        there = Chart({**charted(A=0).places, "B": Waypoint("B", "X1-U", "PLANET", 5, 5)})
        with pytest.raises(NoRoute, match="another system"):
            there.route(ship(), "B", NOW)

    def test_no_route_tells_the_caller_to_decide_again(self) -> None:
        """It is a Conflict: re-read and plan anew, perhaps with another ship."""
        assert issubclass(NoRoute, Conflict)


class TestNothingToFly:
    def test_a_ship_that_is_there_flies_nowhere(self) -> None:
        """The route is empty and takes no time."""
        route = charted(A=0).route(ship("A", fuel=0), "A", NOW)
        assert (route.hops, route.seconds, route.fuel) == ((), 0, 0)
        assert route.reason == "SHIP-1 is at A already."

    def test_a_ship_on_its_way_there_only_waits(self) -> None:
        """Under way, its waypoint is the destination already: the rest of the flight is the time."""
        route = charted(A=0, B=10).route(ship("B", arrives_in=90), "B", NOW)
        assert (route.hops, route.seconds) == ((), 90)
        assert route.reason == "SHIP-1 arrives at B in 1m30s."


class TestModes:
    def test_burn_is_flown_when_the_tank_allows(self) -> None:
        """Half the time for twice the fuel: a second of a ship is worth more than its fuel."""
        route = charted({"F"}, A=0, F=100).route(ship(fuel=400), "F", NOW)
        assert legs(route) == [("F", BURN, False)]
        assert (route.seconds, route.fuel) == (travel_seconds(100, 30, BURN), 200)

    def test_cruise_is_flown_when_fuel_is_dear(self) -> None:
        """The preference decides what a unit of fuel is worth in seconds."""
        dear = RoutePreference(seconds_per_fuel=1.0)
        route = charted({"F"}, A=0, F=100).route(ship(fuel=400), "F", NOW, preference=dear)
        assert legs(route) == [("F", CRUISE, False)]

    def test_burn_that_would_strand_the_ship_is_not_flown(self) -> None:
        """Where the destination has no fuel, enough to CRUISE on to the nearest station is kept."""
        route = charted({"F"}, A=0, B=90, F=180).route(ship(fuel=200, capacity=200), "B", NOW)
        assert legs(route) == [("B", CRUISE, False)]
        assert route.arrives_with == 110

    def test_drift_is_the_rescue_only(self) -> None:
        """It takes ten times as long, so it is flown where nothing else arrives."""
        route = charted({"F"}, A=0, F=100).route(ship(fuel=20), "F", NOW)
        assert legs(route) == [("F", DRIFT, False)]
        assert route.fuel == 1
        assert route.reason.endswith("it drifts because the tank allows nothing faster.")

    def test_a_ship_without_a_tank_flies_straight(self) -> None:
        """Probes need no fuel for any distance (api-facts §8.3)."""
        probe = ship(fuel=0, capacity=0, speed=9)
        route = charted({"F"}, A=0, B=800, F=400).route(probe, "B", NOW)
        assert [hop.destination for hop in route.hops] == ["B"]
        assert (route.fuel, route.hops[0].refuel_first) == (0, False)

    def test_orbitals_are_one_unit_apart(self) -> None:
        """A hop between a planet and its moon burns at least one unit (api-facts §8.3)."""
        route = charted({"A", "M"}, A=(5, 5), M=(5, 5)).route(ship(fuel=3), "M", NOW)
        assert route.hops[0].distance == 1
        assert route.fuel >= 1


class TestRefuelStops:
    def test_a_far_destination_is_reached_over_stations(self) -> None:
        """One tank does not reach: stations on the way fill it."""
        there = charted({"F1", "F2", "B"}, A=0, F1=90, F2=180, B=270)
        route = there.route(ship(fuel=100, capacity=100), "B", NOW)
        assert [hop.destination for hop in route.hops] == ["F1", "F2", "B"]
        assert [hop.refuel_first for hop in route.hops] == [False, True, True]

    def test_a_ship_at_a_station_fills_up_before_a_flight_its_tank_does_not_allow(self) -> None:
        """The start may be a station itself."""
        route = charted({"A", "B"}, A=0, B=90).route(ship(fuel=5, capacity=100), "B", NOW)
        assert legs(route) == [("B", CRUISE, True)]
        assert "1 refuelling" in route.reason

    def test_a_ship_at_a_station_with_enough_fuel_does_not_stop_for_it(self) -> None:
        """Refuelling costs requests and seconds: not needed, not done."""
        assert legs(charted({"A", "B"}, A=0, B=90).route(ship(fuel=400), "B", NOW)) == [("B", BURN, False)]

    def test_a_detour_over_a_station_beats_drifting(self) -> None:
        """DRIFT over 100 units takes longer than two flights with a stop between."""
        there = charted({"F", "B"}, A=(0, 0), F=(20, 30), B=(100, 0))
        route = there.route(ship(fuel=40, capacity=400), "B", NOW)
        assert [hop.destination for hop in route.hops] == ["F", "B"]
        assert DRIFT not in [hop.mode for hop in route.hops]

    def test_even_a_dear_stop_is_preferred_to_drifting(self) -> None:
        """DRIFT is not weighed against stops: where a stop makes CRUISE possible, the ship stops."""
        there = charted({"F", "B"}, A=(0, 0), F=(20, 30), B=(100, 0))
        dear = RoutePreference(refuel_seconds=100_000)
        route = there.route(ship(fuel=40, capacity=400), "B", NOW, preference=dear)
        assert [hop.destination for hop in route.hops] == ["F", "B"]

    def test_a_station_is_no_stop_without_refuelling(self) -> None:
        """Changing from BURN to CRUISE half-way would save seconds and cost requests: it is not done."""
        dear = RoutePreference(seconds_per_fuel=0.0, refuel_seconds=100_000)
        there = charted({"F", "B"}, A=0, F=50, B=100)
        route = there.route(ship(fuel=150), "B", NOW, preference=dear)
        assert legs(route) == [("B", CRUISE, False)]

    def test_a_flight_under_way_is_planned_from_its_end(self) -> None:
        """Its remaining seconds are part of the route."""
        route = charted({"B"}, A=0, B=90).route(ship("A", arrives_in=100), "B", NOW)
        assert route.hops[0].origin == "A"
        assert route.seconds == 100 + route.hops[0].seconds

    def test_unknown_stations_and_those_of_other_systems_are_ignored(self) -> None:
        """A station without coordinates here cannot be a stop."""
        abroad = Waypoint("G", "X1-U", "PLANET", 45, 0)
        there = Chart({**charted(A=0, B=90).places, "G": abroad}, {"G", "H"})
        with pytest.raises(NoRoute):
            there.route(ship(fuel=1, capacity=100), "B", NOW)


class TestEstimates:
    def test_the_estimate_equals_a_straight_flight(self) -> None:
        """For one hop the closed form and the search agree, in both modes."""
        there = charted({"B"}, A=0, B=150)
        for fuel in (400, 200):
            route = there.route(ship(fuel=fuel), "B", NOW)
            assert there.seconds(ship(fuel=fuel), ("B",), NOW) == route.seconds

    def test_the_estimate_counts_stops_for_a_small_tank(self) -> None:
        """Two tanks are one stop more than one tank."""
        there = charted({"B"}, A=0, B=150)
        small, large = ship(fuel=80, capacity=80), ship(fuel=200, capacity=200)
        slow, quick = (there.seconds(it, ("B",), NOW) for it in (small, large))
        assert slow is not None
        assert quick is not None
        assert slow > quick

    def test_nothing_to_fly_is_zero_and_an_unknown_place_is_none(self) -> None:
        """An estimate never raises."""
        assert charted(A=0).seconds(ship(), ("A",), NOW) == 0
        assert charted(A=0).seconds(ship(), ("Z",), NOW) is None


@st.composite
def journeys(draw: Any) -> Any:
    """Up to eight places on the plane, some with fuel, and a ship with any tank."""
    names = [f"W{i}" for i in range(draw(st.integers(2, 8)))]
    spots = {name: (draw(st.integers(-300, 300)), draw(st.integers(-300, 300))) for name in names}
    capacity = draw(st.sampled_from([0, 50, 100, 400, 900]))
    fuel = draw(st.integers(0, capacity))
    stations = draw(st.sets(st.sampled_from(names)))
    vessel = ship(draw(st.sampled_from(names)), fuel=fuel, capacity=capacity, speed=draw(st.integers(1, 150)))
    return vessel, draw(st.sampled_from(names)), charted(stations, **spots)


@given(journeys())
def test_a_route_can_be_flown(journey: Any) -> None:
    """Fuel never runs out on the way, refuelling happens at stations only, and the ship ends up there."""
    vessel, destination, there = journey
    try:
        route = there.route(vessel, destination, NOW)
    except NoRoute:
        # One unit drifts anywhere, so only a ship that cannot spend two is ever refused.
        assert vessel.tank.capacity > 0
        assert vessel.nav.waypoint not in there.stations
        assert vessel.tank.current <= 1
        return
    here, tank = vessel.nav.waypoint, vessel.tank.current
    for number, hop in enumerate(route.hops):
        assert hop.origin == here
        assert hop.refuel_first or number == 0, "a stop on the way is made for its fuel"
        assert hop.destination != here
        assert hop.distance == distance(there.places[here], there.places[hop.destination])
        assert hop.seconds == travel_seconds(hop.distance, vessel.speed, hop.mode)
        if hop.refuel_first:
            assert here in there.stations
            tank = vessel.tank.capacity
        assert hop.fuel == (fuel_needed(hop.distance, hop.mode) if vessel.tank.capacity else 0)
        tank -= hop.fuel
        assert tank >= 0
        here = hop.destination
    assert here == destination
    assert tank == route.arrives_with
    if route.hops and vessel.tank.capacity and destination not in there.stations:
        assert tank >= 1
    assert route.seconds == sum(hop.seconds for hop in route.hops)
    assert route.fuel == sum(hop.fuel for hop in route.hops)
    assert route.reason


@given(journeys())
def test_drift_is_never_flown_where_one_cruise_would_do(journey: Any) -> None:
    """A direct CRUISE that leaves the reserve is enough to rule DRIFT out."""
    vessel, destination, there = journey
    here = vessel.nav.waypoint
    if here == destination or vessel.tank.capacity == 0:
        return
    burned = fuel_needed(distance(there.places[here], there.places[destination]), CRUISE)
    tank = vessel.tank.capacity if here in there.stations else vessel.tank.current
    if tank - burned < (0 if destination in there.stations else 1):
        return
    route = there.route(vessel, destination, NOW)
    assert DRIFT not in [hop.mode for hop in route.hops]


def test_every_market_of_the_captured_system_is_reachable_by_the_starting_frigate(
    captured: CapturedSystem,
) -> None:
    """Fuel 400, speed 36, from the headquarters: no DRIFT is needed to any market of a real system."""
    frigate = ship("X1-AD75-A1", fuel=400, capacity=400, speed=36)
    for market in captured.markets:
        route = captured.chart.route(frigate, market.waypoint, NOW)
        assert DRIFT not in [hop.mode for hop in route.hops], route.reason
