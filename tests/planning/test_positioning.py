"""Where idle ships wait."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.planning.flow_world import (
    LEFT,
    POLICY,
    SITES,
    START,
    TARGET,
    WIRE,
    World,
    after,
    circuitry,
    ship,
)
from tests.planning.shared_market import set_level
from tests.wishes import fabricating

from goodsfactory.domain.factory import Strategy
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.ship import NavStatus, Ship, Tank
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.dispatch.positioning import plan_positions
from goodsfactory.planning.dispatch.resting import Rest
from goodsfactory.planning.looking.scouting import ScoutVoyage

SITE = SITES[TARGET]
STATIONS = frozenset(SITES.values())


def nearly(world: World) -> World:
    """What is made with the next step can be lifted, of the target and of wire."""
    for good in (TARGET, WIRE):
        set_level(world, SITES[good], good, -2.5)
    return world


def producing(good: str = TARGET, state: NodeState = NodeState.PRODUCING) -> NodeProgress:
    return NodeProgress("F", good, state, "waits for the market", START)


def positions(
    world: World,
    nodes: Sequence[NodeProgress],
    idle: Sequence[Ship] | None = None,
    *,
    strategy: Strategy = Strategy.SMART,
    chart: Chart | None = None,
    **facts: Any,
) -> list[ScoutVoyage]:
    factory = world.snapshot().factory
    factory = replace(factory, request=replace(factory.request, strategy=strategy))
    free = list(world.ships.values()) if idle is None else idle
    return plan_positions(
        [factory],
        nodes,
        world.legs,
        world.markets,
        free,
        chart or replace(world.chart, stations=STATIONS),
        START,
        POLICY,
        **facts,
    )


def sent(voyages: Sequence[ScoutVoyage]) -> dict[str, str]:
    return {voyage.ship: voyage.waypoints[0] for voyage in voyages}


def test_an_idle_ship_waits_where_a_good_is_about_to_be_ready() -> None:
    """It is told why; the others stay where they are, one load is all that is to come."""
    (voyage,) = positions(nearly(circuitry()), [producing()])
    assert voyage.ship == "S1"
    assert voyage.waypoints == (SITE,)
    assert voyage.reason.startswith(f"S1 has nothing to do and goes to {SITE} in ")
    assert voyage.reason.endswith(f", where {TARGET} may be ready next")


def test_each_good_that_is_waited_for_gets_a_ship_of_its_own() -> None:
    """Two factories that wait for the same good at the same market share one."""
    world = nearly(circuitry())
    nodes = [producing(), producing(WIRE), producing(WIRE)]
    assert sorted(sent(positions(world, nodes)).values()) == sorted([SITE, SITES[WIRE]])


def test_the_nearest_ship_goes_and_short_flights_come_first() -> None:
    """Of two markets one ship takes the one that is nearer."""
    world = nearly(circuitry())
    near = ship("N", SITES[WIRE])
    far = ship("F", "X1-W-Z")
    assert sent(positions(world, [producing()], [far, near])) == {"N": SITE}
    between = ship("B", SITES[LEFT])
    assert sent(positions(world, [producing(), producing(WIRE)], [between])) == {"B": SITES[WIRE]}


def test_whoever_is_there_stays_and_nobody_else_comes() -> None:
    """Also one that is still on its way."""
    world = nearly(circuitry())
    there = ship("T", SITE)
    assert positions(world, [producing()], [ship("S1"), there]) == []
    nav = replace(there.nav, status=NavStatus.IN_TRANSIT, arrival=after(60))
    assert positions(world, [producing()], [ship("S1"), replace(there, nav=nav)]) == []


@pytest.mark.parametrize(("aboard", "comes"), [({TARGET: 5}, 0), ({TARGET: 40}, 1), ({WIRE: 5}, 1)])
def test_a_ship_that_keeps_some_and_has_room_is_enough(aboard: dict[str, int], comes: int) -> None:
    """The next lift goes beside what it has; one that is full or has something else aboard takes nothing."""
    world = nearly(circuitry())
    there = ship("T", SITE, cargo=aboard)
    assert len(positions(world, [producing()], [ship("S1"), there])) == comes


def test_a_ship_there_that_may_not_work_is_not_enough() -> None:
    """Whoever rests after failures, or is left out, does not load."""
    world = nearly(circuitry())
    there = ship("T", SITE)
    rests = {"T": Rest(after(60), 1, "it broke")}
    assert sent(positions(world, [producing()], [ship("S1"), there], resting=rests)) == {"S1": SITE}
    world.request = fabricating(exclude=("T",))
    assert sent(positions(world, [producing()], [ship("S1"), there])) == {"S1": SITE}


def test_the_factory_it_waits_for_is_told() -> None:
    """Its fuel is booked to it, and it stops with it."""
    assert [one.factory_id for one in positions(nearly(circuitry()), [producing()])] == ["F"]


def test_nobody_arrives_where_there_is_no_fuel_with_half_a_tank() -> None:
    """The next flight would have to drift."""
    world = nearly(circuitry(ships=1))
    world.fleet(replace(ship("S1"), tank=Tank(160, 300)))
    assert len(positions(world, [producing()], chart=world.chart)) == 0
    world.fleet(replace(ship("S1"), tank=Tank(300, 300)))
    assert len(positions(world, [producing()], chart=world.chart)) == 1


def test_where_a_ship_will_be_free_soon_nobody_else_goes() -> None:
    """One that unloads there, and one that is on its way to look or to wait."""
    world = nearly(circuitry())
    world.leg("ELECTRONICS", TARGET, LegState.LADEN)
    site = world.legs[-1].destination
    assert site is not None
    assert positions(world, [producing()], approached=[site]) == []
    assert len(positions(replace(world, legs=[]), [producing()])) == 1


@pytest.mark.parametrize(
    "state", [NodeState.WAITING_SOURCE, NodeState.WAITING_SHIP, NodeState.IN_TRANSIT, NodeState.DONE]
)
def test_no_ship_waits_for_what_is_not_being_made(state: NodeState) -> None:
    """What is ready is flown, and what lacks its inputs does not become ready."""
    assert positions(nearly(circuitry()), [producing(state=state)]) == []


@pytest.mark.parametrize(("level", "sent"), [(-2.75, 1), (-2.8, 0), (-4, 0)])
def test_no_ship_waits_for_more_than_one_step_of_production(level: float, sent: int) -> None:
    """Fed, a market makes three quarters of a trade volume in a step."""
    world = nearly(circuitry())
    set_level(world, SITE, TARGET, level)
    assert len(positions(world, [producing()])) == sent


def test_no_ship_waits_at_a_market_whose_prices_are_not_known() -> None:
    """Somebody goes to look first."""
    assert positions(circuitry(seen=None), [producing()]) == []


def test_other_strategies_leave_their_ships_where_they_are() -> None:
    """They are the simple ones."""
    assert positions(nearly(circuitry()), [producing()], strategy=Strategy.PREFER_FABRICATE) == []


def test_a_factory_without_end_sends_nobody() -> None:
    """Its ships fill markets all the time: a wait is only one more flight."""
    world = nearly(circuitry())
    world.request = fabricating(continuous=True)
    assert positions(world, [producing()]) == []


def test_a_factory_that_is_not_at_work_gets_nobody() -> None:
    """A paused one is not among the factories that the plan gives ships to."""
    world = nearly(circuitry())
    other = replace(producing(), factory_id="PAUSED")
    assert positions(world, [other]) == []


@pytest.mark.parametrize(
    "unfit",
    [
        ship("S1", cargo={WIRE: 3}),
        ship("S1", hold=0),
        ship("S1", "X1-V-A"),
    ],
    ids=["laden", "a probe", "in another system"],
)
def test_only_empty_cargo_ships_of_the_system_are_sent(unfit: Ship) -> None:
    """All others could not load there."""
    assert positions(nearly(circuitry()), [producing()], [unfit]) == []


def test_a_ship_that_rests_or_is_left_out_is_not_sent() -> None:
    """--exclude and --ships hold for waiting, too."""
    world = nearly(circuitry(ships=1))
    assert positions(world, [producing()], resting={"S1": Rest(after(60), 1, "it broke")}) == []
    for request in (fabricating(exclude=("S1",)), fabricating(ships=("S2",))):
        world.request = request
        assert positions(world, [producing()]) == []


def test_nobody_drifts_to_wait_and_nobody_goes_where_no_fuel_brings_it() -> None:
    """A flight of hours is no preparation."""
    world = nearly(circuitry(ships=1))
    world.fleet(replace(ship("S1"), tank=Tank(2, 300)))
    assert positions(world, [producing()]) == []
    world.fleet(replace(ship("S1"), tank=Tank(0, 300)))
    assert positions(world, [producing()]) == []


def test_a_place_that_is_not_known_sends_nobody() -> None:
    """Places are learned when a system is entered."""
    assert positions(nearly(circuitry()), [producing()], chart=Chart({})) == []


def test_the_order_of_ships_and_nodes_does_not_matter() -> None:
    """The same fleet is sent to the same places, however it is listed."""
    world = nearly(circuitry())
    nodes = [producing(), producing(WIRE)]
    ships = list(world.ships.values())
    assert positions(world, nodes, ships) == positions(world, nodes[::-1], ships[::-1])
