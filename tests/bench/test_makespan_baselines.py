"""The baselines plan by rules of their own, whatever the product's rules become."""

import ast
from collections import Counter
from pathlib import Path

import bench.makespan.baselines as baselines
import pytest
from bench.makespan import schedules
from bench.makespan.schedules import DISCIPLINES, Scheduler, planning_of
from tests.planning.flow_world import (
    LEFT,
    ORE,
    POLICY,
    RIGHT,
    SAND,
    SITES,
    START,
    SYSTEM,
    TARGET,
    WIRE,
    World,
    circuitry,
    node,
)

from goodsfactory.domain.factory import FactoryRequest, GoodsFactory, Strategy
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.chain.current import Chains
from goodsfactory.planning.plan import Plan, plan
from goodsfactory.planning.situation import Order, Situation
from goodsfactory.planning.snapshot import FactoryDecision, Verdict
from goodsfactory.production.planner import Planning

RECIPES = RecipeMap(
    {TARGET: (LEFT, RIGHT), LEFT: (SAND, WIRE), RIGHT: (SAND, WIRE), WIRE: (ORE,)}, raw=frozenset({SAND, ORE})
)
BOUGHT = [(ORE, WIRE), (SAND, LEFT), (SAND, RIGHT)]

SHARED = {
    "chain",
    "chart",
    "dispatch",
    "flow.Wish",
    "flow.settled",
    "flow.told",
    "looking",
    "market",
    "plan.Plan",
    "plan.give_out",
    "plan.resolved",
    "policy",
    "requirements.availability",
    "requirements.lot",
    "requirements.lots",
    "requirements.requirement",
    "requirements.value",
    "situation",
    "snapshot",
}
"""What the baselines have in common with the product: the chain, what was seen, and how lots get ships."""


def world(*, units: int = 200, strategy: Strategy = Strategy.PREFER_FABRICATE) -> World:
    """Three ships of 40 units for an order; nobody sells any of the goods that can be made."""
    found = circuitry(FactoryRequest(strategy, units))
    for good, site in SITES.items():
        found.supply(site, good, Supply.SCARCE)
    return found


FED = planning_of(DISCIPLINES[Scheduler.LEVELS_FED])


def planned(found: World, planning: Planning = FED) -> Plan:
    factory = GoodsFactory("F", 1, TARGET, SYSTEM, START, START, request=found.request)
    order = Order(factory, found.progress, found.legs)
    ships = list(found.ships.values())
    situation = Situation(
        [order], ships, found.markets, found.chart, RECIPES, claims=found.claims, waiting=found.waiting
    )
    return planning(situation, found.now, POLICY, Chains())


def decided(found: World) -> FactoryDecision:
    return planned(found).decisions["F"]


def loads(decision: FactoryDecision) -> Counter[tuple[str, str, int]]:
    """How many lots of so many units are wanted of each good for each output."""
    return Counter((lot.good, lot.feeds or lot.good, lot.units) for lot in decision.lots)


def made(plan: Plan) -> set[str]:
    return {one.good for one in plan.trees["F"].flatten() if one.children}


def imported(path: Path) -> set[str]:
    """The modules and names of the planner that a file imports."""
    return {
        f"{one.module}.{name.name}".removeprefix("goodsfactory.planning.")
        for one in ast.walk(ast.parse(path.read_text()))
        if isinstance(one, ast.ImportFrom) and (one.module or "").startswith("goodsfactory.planning")
        for name in one.names
    }


def test_no_rule_of_what_the_product_wants_is_imported() -> None:
    """Only what the chain is, what was seen and how lots get their ships comes from the product's planner."""
    files = [Path(str(one.__file__)) for one in (baselines, schedules)]
    strange = {
        name
        for path in files
        for name in imported(path)
        if not any(name == shared or name.startswith(f"{shared}.") for shared in SHARED)
    }
    assert strange == set()


def test_whole_loads_are_wanted_as_many_as_are_asked_for_and_three_at_most() -> None:
    """200 units are five holds: three loads along each edge whose good is sold, however little is used."""
    assert loads(decided(world())) == {(*edge, 40): 3 for edge in BOUGHT}
    assert loads(decided(world(units=80))) == {(*edge, 40): 2 for edge in BOUGHT}


def test_the_strategy_decides_the_chain_and_no_lot() -> None:
    """By the same chain SMART has the same lots; the product would bring less than 80 of an input for 50."""
    smart = world(units=50, strategy=Strategy.SMART)
    own, product = planned(smart), planned(smart, plan)
    assert own.decisions["F"].lots == decided(world(units=50)).lots
    assert made(product) == made(own) == {TARGET, LEFT, RIGHT, WIRE}
    assert loads(product.decisions["F"]) != loads(own.decisions["F"])


@pytest.mark.parametrize("fed", [False, True])
def test_what_a_market_has_is_lifted_once_each_input_was_delivered_there(fed: bool) -> None:
    """It lies there to be lifted from the start, and waits for a first load of ore."""
    found = world()
    found.supply(SITES[WIRE], WIRE, Supply.HIGH)
    if fed:
        found.leg(ORE, WIRE)
        found.look()
    lots = loads(decided(found))
    assert (lots[WIRE, LEFT, 40], lots[WIRE, RIGHT, 40]) == ((3, 3) if fed else (0, 0))
    assert node(decided(found), WIRE).state is (NodeState.WAITING_SHIP if fed else NodeState.WAITING_SOURCE)


def test_deeper_loads_are_worth_more() -> None:
    """The lift counts as one step of 4,000 credits, and each recipe on the way to it as one more."""
    found = world(units=40)
    values = {(lot.good, lot.feeds): lot.worth.gain for lot in decided(found).lots}
    assert values == {(ORE, WIRE): 16_000, (SAND, LEFT): 12_000, (SAND, RIGHT): 12_000}
    found.feed(TARGET)
    found.supply(SITES[TARGET], TARGET, Supply.HIGH)
    assert {(lot.good, lot.worth.gain) for lot in decided(found).lots} == {(TARGET, 4_000)}


def test_a_market_that_produces_is_looked_at_half_a_minute_after_and_then_each_minute() -> None:
    """Each look that finds nothing is counted; where nothing is loaded the node is PRODUCING."""
    found = world(units=40)
    found.feed(WIRE)
    found.look()
    first = node(decided(found), WIRE)
    assert (first.state, first.checks) == (NodeState.PRODUCING, 0)
    assert first.next_check is not None
    assert (first.next_check - found.now).total_seconds() == 30
    found.progress, found.now = {WIRE: first}, first.next_check
    second = node(decided(found), WIRE)
    assert second.next_check is not None
    assert (second.checks, (second.next_check - found.now).total_seconds()) == (1, 60)


def test_an_order_is_complete_when_what_was_asked_for_is_lifted() -> None:
    """Its nodes are DONE and nobody looks for them any more."""
    found = world(units=40)
    found.progress = {one.good: one for one in decided(found).nodes}
    found.leg(TARGET, TARGET, LegState.DONE)
    decision = decided(found)
    assert decision.verdict is Verdict.COMPLETE
    assert {one.state for one in decision.nodes} == {NodeState.DONE}
    assert not any(one.look_at or one.next_check for one in decision.nodes)


def test_only_lots_whose_turn_it_is_get_ships() -> None:
    """All three edges are wanted; depth first, one load of the first good goes to each place it feeds."""
    plan = planned(world(), planning_of(DISCIPLINES[Scheduler.SEQUENTIAL]))
    assert [match.lot.good for match in plan.matches] == [SAND, SAND]
    assert {(lot.good, lot.number) for lot in plan.waiting} == {
        (ORE, 0),
        (ORE, 1),
        (ORE, 2),
        (SAND, 1),
        (SAND, 2),
    }
