"""Which ship looks at which markets."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.planning.conftest import CapturedSystem
from tests.planning.flow_world import charted

from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.planning.looking.scouting import MarketWant, ScoutVoyage, plan_scouting

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHART = charted(**{name: 100 * i for i, name in enumerate("ABCDEFGHIJ")})


def probe(name: str, at: str, *, arrives_in: int = 0) -> Ship:
    return vessel(name, at, hold=0, tank=0, speed=9, arrives_in=arrives_in)


def hauler(name: str, at: str) -> Ship:
    return vessel(name, at, hold=40, tank=400, speed=36)


def vessel(name: str, at: str, *, hold: int, tank: int, speed: int, arrives_in: int = 0) -> Ship:
    nav = Nav("X1-T", at, NavStatus.IN_ORBIT)
    if arrives_in:
        nav = Nav("X1-T", at, NavStatus.IN_TRANSIT, arrival=NOW + timedelta(seconds=arrives_in))
    return Ship(name, "SHIP", nav, Tank(tank, tank), Hold(hold), speed, NOW)


def want(waypoint: str, urgency: int = 0, reason: str = "prices never seen") -> MarketWant:
    return MarketWant(waypoint, reason, urgency)


def plan(wants: list[MarketWant], ships: list[Ship], max_stops: int = 4) -> dict[str, tuple[str, ...]]:
    voyages = plan_scouting(wants, ships, CHART, NOW, max_stops=max_stops)
    return {voyage.ship: voyage.waypoints for voyage in voyages}


def test_no_ship_or_no_want_is_no_voyage() -> None:
    """Nobody free or nothing to see: an empty plan."""
    assert plan([want("A")], []) == {}
    assert plan([], [probe("P1", "A")]) == {}


def test_a_market_nobody_can_place_is_left_out() -> None:
    """Without coordinates there is no way to it; the others are still visited."""
    assert plan([want("Q"), want("B")], [probe("P1", "A")]) == {"P1": ("B",)}
    assert plan([want("B")], [probe("P1", "Q")]) == {}


def test_a_cargo_ship_takes_no_more_than_max_stops_and_the_urgent_ones() -> None:
    """It is to come free soon; what is left over waits for the next plan."""
    wants = [want("B"), want("C", 5), want("D", 5), want("E")]
    assert plan(wants, [hauler("S1", "A")], max_stops=2) == {"S1": ("C", "D")}


def test_a_ship_still_flying_to_a_market_does_not_stand_there() -> None:
    """Its waypoint is the destination already, but the market is not visible yet (api-facts §7.1)."""
    voyages = plan_scouting([want("B")], [probe("P1", "B", arrives_in=60)], CHART, NOW, max_stops=4)
    assert voyages == [
        ScoutVoyage("P1", ("B",), "P1 looks at 1 market, a way of about 1m00s: prices never seen")
    ]


def test_a_market_where_a_ship_stands_is_one_voyage_without_a_flight() -> None:
    """The look costs one request; the ship is free again at once for the rest."""
    voyages = plan_scouting([want("A"), want("B")], [hauler("S1", "A")], CHART, NOW, max_stops=4)
    assert voyages == [ScoutVoyage("S1", ("A",), "S1 is at A already: prices never seen")]


def test_of_two_ships_at_a_market_the_probe_looks() -> None:
    """A probe gives up nothing by it, and the hauler is sent on."""
    assert plan([want("A"), want("B")], [hauler("S1", "A"), probe("S2", "A")]) == {
        "S2": ("A",),
        "S1": ("B",),
    }


def test_the_same_market_wanted_twice_is_visited_once() -> None:
    """The more urgent want stays, with its reason."""
    wants = [want("B", 1, "old"), want("B", 9, "spent on soon")]
    voyages = plan_scouting(wants, [probe("P1", "A")], CHART, NOW, max_stops=4)
    assert [v.waypoints for v in voyages] == [("B",)]
    assert voyages[0].reason.endswith("spent on soon")


def test_markets_are_shared_so_that_the_last_is_seen_early() -> None:
    """Two probes at the two ends each take the half near to them, in the order they lie."""
    wants = [want(name) for name in "BCDGHI"]
    assert plan(wants, [probe("P1", "A"), probe("P2", "J")]) == {
        "P1": ("B", "C", "D"),
        "P2": ("I", "H", "G"),
    }


def test_a_fast_ship_takes_more_than_a_slow_one() -> None:
    """A frigate flies four times as fast as a probe, so it visits more, up to its limit."""
    voyages = plan([want(name) for name in "BCDEF"], [probe("P1", "A"), hauler("S1", "A")], max_stops=9)
    assert len(voyages.get("S1", ())) > len(voyages.get("P1", ()))


def test_equal_ships_are_taken_probe_first() -> None:
    """A probe is sent before a cargo ship that would be as quick."""
    quick_probe = vessel("S2", "A", hold=0, tank=0, speed=36)
    assert plan([want("B")], [hauler("S1", "A"), quick_probe]) == {"S2": ("B",)}


def test_the_reason_counts_markets_and_time_and_says_what_for() -> None:
    """The sentence stands in the log of the scout."""
    voyages = plan_scouting(
        [want("B"), want("C", reason="older than its TTL")], [probe("P1", "A")], CHART, NOW, max_stops=1
    )
    assert voyages[0].reason == (
        "P1 looks at 2 markets, a way of about 5m08s: prices never seen and older than its TTL"
    )


@st.composite
def situations(draw: Any) -> Any:
    spots = st.sampled_from("ABCDEFGHIJ")
    ships = [
        draw(st.sampled_from([probe, hauler]))(f"S{n}", draw(spots)) for n in range(draw(st.integers(0, 5)))
    ]
    wants = [want(draw(spots), draw(st.integers(0, 3))) for _ in range(draw(st.integers(0, 10)))]
    return wants, ships, draw(st.integers(1, 4))


@given(situation=situations(), mix=st.randoms())
def test_a_plan_is_sound_and_repeatable(situation: Any, mix: Any) -> None:
    """Each market and each ship once, cargo ships within their limit, the same for any order of input."""
    wants, ships, max_stops = situation
    voyages = plan_scouting(wants, ships, CHART, NOW, max_stops=max_stops)
    visited = [waypoint for voyage in voyages for waypoint in voyage.waypoints]
    by_name = {each.symbol: each for each in ships}
    assert len(visited) == len(set(visited))
    assert set(visited) <= {each.waypoint for each in wants}
    assert len({voyage.ship for voyage in voyages}) == len(voyages)
    for voyage in voyages:
        assert by_name[voyage.ship].is_probe or len(voyage.waypoints) <= max_stops
        if by_name[voyage.ship].nav.waypoint in voyage.waypoints:
            assert len(voyage.waypoints) == 1
    others, fleet = list(wants), list(ships)
    mix.shuffle(others)
    mix.shuffle(fleet)
    again = plan_scouting(others, fleet, CHART, NOW, max_stops=max_stops)
    assert [(v.ship, v.waypoints) for v in again] == [(v.ship, v.waypoints) for v in voyages]


def test_the_first_look_at_the_captured_system_covers_every_market(captured: CapturedSystem) -> None:
    """A frigate and two probes at headquarters share 25 markets; nothing is left when probes are there."""
    ships = [
        vessel("S1", "X1-AD75-A1", hold=40, tank=400, speed=36),
        probe("S2", "X1-AD75-H52"),
        probe("S3", "X1-AD75-C41"),
    ]
    wants = [want(market.waypoint) for market in captured.markets]
    voyages = plan_scouting(wants, ships, captured.chart, NOW, max_stops=6)
    assert [len(voyage.waypoints) for voyage in voyages] == [1, 1, 1]
    moved = [vessel(s.symbol, "X1-AD75-B9", hold=s.hold.capacity, tank=0, speed=s.speed) for s in ships]
    assert moved[0].nav.waypoint in captured.chart
    voyages = plan_scouting(wants, moved, captured.chart, NOW, max_stops=6)
    assert sum(len(voyage.waypoints) for voyage in voyages) == 25
