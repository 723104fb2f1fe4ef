"""Who looks at which market."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.planning.flow_world import (
    POLICY,
    SAND,
    SITES,
    START,
    TARGET,
    after,
    buy,
    listing,
    make,
    market,
    ship,
)
from tests.wishes import fabricating

from goodsfactory.domain.factory import FactoryRequest
from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.ship import NavStatus, Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.looking.lookout import CARGO_SHIP_STOPS, has_scout, looks_due, plan_looks
from goodsfactory.planning.market.learned import Phase

CHART = Chart(
    {
        name: Waypoint(name, name.rpartition("-")[0], "PLANET", at * 10, 0, frozenset({"MARKETPLACE"}))
        for at, name in enumerate(["X1-W-A", "X1-W-B", "X1-W-C", "X1-W-D", "X1-W-E", "X1-V-A", "X1-V-B"])
    }
)


def asks(*waypoints: str) -> NodeProgress:
    return NodeProgress("F", "COPPER", NodeState.WAITING_SOURCE, "wants to know", START, look_at=waypoints)


def seen(waypoint: str, at: datetime | None = START) -> dict[str, MarketSnapshot]:
    return {waypoint: market(waypoint, listing("COPPER"), seen=at)}


def looks(
    nodes: Sequence[NodeProgress],
    ships: Sequence[Ship],
    *,
    idle: Sequence[Ship] | None = None,
    markets: dict[str, MarketSnapshot] | None = None,
    scouted: Sequence[str] = (),
    requests: Sequence[FactoryRequest] = (),
    resting: Sequence[str] = (),
    watched: Sequence[str] = (),
    standing: Sequence[str] = (),
) -> dict[str, tuple[str, ...]]:
    """Waypoints by the ship that is sent there."""
    free = ships if idle is None else idle
    found = plan_looks(
        nodes,
        markets or {},
        ships,
        free,
        CHART,
        START,
        scouted=scouted,
        requests=list(requests),
        resting=resting,
        watched=watched,
        standing=standing,
    )
    return {one.ship: one.waypoints for one in found}


HAULER, PROBE = ship("S1", "X1-W-A"), ship("P1", "X1-W-A", hold=0)


@pytest.mark.parametrize(
    "nodes",
    [(), (asks(),), (asks("X1-W-NOWHERE"),)],
    ids=["no node", "no wish", "a place that is not known"],
)
def test_nobody_is_sent_without_a_place_to_look_at(nodes: tuple[Any, ...]) -> None:
    """No wish, no voyage."""
    assert looks(nodes, [HAULER]) == {}


def test_where_a_scout_is_on_its_way_no_second_one_goes() -> None:
    """A market in the list of a running scout is being seen to."""
    assert looks([asks("X1-W-B")], [HAULER], scouted=["X1-W-B"]) == {}


def test_where_a_ship_stands_nobody_flies() -> None:
    """Whoever wants to know looks through the ship that is there, even a busy one."""
    assert looks([asks("X1-W-A")], [HAULER, PROBE], idle=[PROBE]) == {}


def test_a_ship_that_is_still_flying_there_is_not_there() -> None:
    """It may be an hour away."""
    nav = replace(HAULER.nav, waypoint="X1-W-B", status=NavStatus.IN_TRANSIT, arrival=after(3600))
    away = replace(HAULER, symbol="S2", nav=nav)
    assert looks([asks("X1-W-B")], [HAULER, away], idle=[HAULER]) == {"S1": ("X1-W-B",)}


def test_no_idle_ship_means_no_voyage() -> None:
    """Nobody is taken from work."""
    assert looks([asks("X1-W-B")], [HAULER], idle=[]) == {}


def test_a_cargo_ship_goes_for_a_first_look_beside_a_probe() -> None:
    """Nothing can be planned without it: anybody idle goes."""
    sent = looks([asks("X1-W-B", "X1-W-C", "X1-W-D", "X1-W-E")], [HAULER, PROBE])
    assert set(sent) == {"S1", "P1"}


def test_later_looks_are_left_to_the_probe() -> None:
    """A cargo ship has better to do where a probe is there."""
    known = seen("X1-W-B") | seen("X1-W-C")
    assert set(looks([asks("X1-W-B", "X1-W-C")], [HAULER, PROBE], markets=known)) == {"P1"}
    assert looks([asks("X1-W-B")], [HAULER, PROBE], idle=[HAULER], markets=known) == {}


def test_without_a_probe_a_cargo_ship_does_later_looks() -> None:
    """Somebody must."""
    assert set(looks([asks("X1-W-B")], [HAULER], markets=seen("X1-W-B"))) == {"S1"}


def test_a_probe_that_every_factory_leaves_out_is_no_probe() -> None:
    """Otherwise nobody would ever look again."""
    sent = looks(
        [asks("X1-W-B")],
        [HAULER, PROBE],
        markets=seen("X1-W-B"),
        requests=[fabricating(exclude=("P1",))],
    )
    assert set(sent) == {"S1"}


def test_a_ship_that_one_factory_wants_is_used() -> None:
    """It is left out only where every factory at work leaves it out."""
    requests = [fabricating(exclude=("S1",)), fabricating()]
    assert set(looks([asks("X1-W-B")], [HAULER], requests=requests)) == {"S1"}


@pytest.mark.parametrize("request_", [fabricating(exclude=("S1",)), fabricating(ships=("S2",))])
def test_an_excluded_ship_is_not_sent(request_: FactoryRequest) -> None:
    """--exclude and --ships hold for looks too."""
    assert looks([asks("X1-W-B")], [HAULER], requests=[request_]) == {}


def test_a_resting_ship_is_not_sent() -> None:
    """It failed; another goes, and while a probe rests the later looks are not left to it."""
    assert looks([asks("X1-W-B")], [HAULER], resting=["S1"]) == {}
    assert set(looks([asks("X1-W-B")], [HAULER, PROBE], resting=["S1"])) == {"P1"}
    known = seen("X1-W-B")
    assert set(looks([asks("X1-W-B")], [HAULER, PROBE], markets=known, resting=["P1"])) == {"S1"}


def test_no_ship_is_sent_to_another_system() -> None:
    """Coordinates of two systems have nothing to do with each other."""
    abroad = ship("S9", "X1-V-A")
    sent = looks([asks("X1-W-B", "X1-V-B")], [HAULER, abroad])
    assert sent == {"S1": ("X1-W-B",), "S9": ("X1-V-B",)}


def test_a_probe_abroad_leaves_the_looks_at_home_to_cargo_ships() -> None:
    """A probe counts in its own system only."""
    probe = ship("P9", "X1-V-A", hold=0)
    sent = looks([asks("X1-W-B", "X1-V-B")], [HAULER, probe], markets=seen("X1-W-B") | seen("X1-V-B"))
    assert sent == {"S1": ("X1-W-B",), "P9": ("X1-V-B",)}


def test_a_cargo_ship_comes_free_soon() -> None:
    """It visits three markets in one voyage; a probe visits all of them."""
    wish = [asks("X1-W-B", "X1-W-C", "X1-W-D", "X1-W-E")]
    assert len(looks(wish, [HAULER])["S1"]) == CARGO_SHIP_STOPS == 3
    assert len(looks(wish, [PROBE])["P1"]) == 4


def test_a_market_that_two_nodes_want_is_visited_once() -> None:
    """One look serves all."""
    assert looks([asks("X1-W-B"), asks("X1-W-B", "X1-W-C")], [HAULER]) == {"S1": ("X1-W-B", "X1-W-C")}


class TestStandingScouts:
    """What they keep fresh nobody else looks at, for as long as they really do."""

    def test_a_market_they_keep_is_left_to_them(self) -> None:
        """A later look, and an idle probe at hand: it stays where it is."""
        assert looks([asks("X1-W-B")], [PROBE], markets=seen("X1-W-B"), watched=["X1-W-B"]) == {}

    def test_a_market_nobody_has_seen_waits_for_no_tour(self) -> None:
        """Nothing can be planned without a first look: whoever is free goes."""
        assert looks([asks("X1-W-B")], [HAULER], watched=["X1-W-B"]) == {"S1": ("X1-W-B",)}

    def test_a_market_they_neglect_is_looked_at_by_others(self) -> None:
        """Its scout may be lost, or cannot get there; half an hour is long enough to wait."""
        old = seen("X1-W-B", after(-1801))
        assert looks([asks("X1-W-B")], [HAULER], markets=old, watched=["X1-W-B"]) == {"S1": ("X1-W-B",)}

    def test_they_are_sent_nowhere_and_keep_no_cargo_ship_from_looking(self) -> None:
        """A probe on standing duty elsewhere is as good as none for a later look."""
        found = looks([asks("X1-W-B")], [PROBE, HAULER], markets=seen("X1-W-B"), standing=["P1"])
        assert found == {"S1": ("X1-W-B",)}
        assert looks([asks("X1-W-B")], [PROBE, HAULER], markets=seen("X1-W-B")) == {"P1": ("X1-W-B",)}


def test_a_probe_in_the_system_is_a_scout() -> None:
    """A cargo ship is none, and a probe in another system is none here."""
    assert has_scout([HAULER, PROBE], "X1-W")
    assert not has_scout([HAULER, ship("P2", "X1-V-A", hold=0)], "X1-W")


class TestLooksDue:
    """Since when a look is recent enough for a node that waits at its market."""

    TREE = make(TARGET, buy(SAND))
    SITE = SITES[TARGET]

    def node(self, next_check: float) -> NodeProgress:
        return NodeProgress("F", TARGET, NodeState.PRODUCING, "waits", START, after(next_check))

    def due(self, now: float, phase: Phase | None = None, next_check: float = 0.0) -> float | None:
        """Seconds before ``now``."""
        phases = {} if phase is None else {(self.SITE, TARGET): phase}
        found = looks_due([self.node(next_check)], self.TREE, phases, after(now), POLICY)
        return None if self.SITE not in found else (after(now) - found[self.SITE]).total_seconds()

    def test_a_look_of_the_last_half_minute_will_do_whoever_took_it(self) -> None:
        """Several factories wait at one market, and one look is enough for all."""
        assert self.due(now=5) == POLICY.poll_interval_initial

    def test_before_its_time_no_look_is_due(self) -> None:
        assert self.due(now=5, next_check=6) is None

    @pytest.mark.parametrize(("now", "ago"), [(130, 30), (140, 15), (199, 15), (201, 1), (216, 30)])
    def test_while_the_market_may_make_something_any_moment_it_is_looked_at_more_often(
        self, now: float, ago: float
    ) -> None:
        """It was learned that it does within 140 and 200 s of the half hour; the last look comes then."""
        start = (START - datetime(2020, 1, 1, tzinfo=UTC)).total_seconds() % 1800
        assert start == 0
        assert self.due(now, Phase(tuple(range(14, 20)), 3)) == ago
