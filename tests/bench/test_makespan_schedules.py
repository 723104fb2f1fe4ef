"""The baselines hold back exactly the legs whose turn it is not."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bench.makespan.schedules import DISCIPLINES, Scheduler, depth_first, level_by_level

from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.supply_chain import Acquisition, NodeProgress, NodeState, SupplyChainNode

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def node(good: str, *children: SupplyChainNode) -> SupplyChainNode:
    return SupplyChainNode(
        good, Acquisition.FABRICATE if children else Acquisition.BUY, "as told", children=children
    )


TREE = node(
    "ELECTRONICS",
    node("COPPER", node("COPPER_ORE")),
    node("SILICON_CRYSTALS"),
)
"""COPPER_ORE and SILICON_CRYSTALS stand on the lowest level, COPPER on the second."""

FACTORY = GoodsFactory("f", 1, "ELECTRONICS", "X1-T1", NOW, NOW, tree=TREE)
OUTPUTS = {
    "COPPER_ORE": "COPPER",
    "COPPER": "ELECTRONICS",
    "SILICON_CRYSTALS": "ELECTRONICS",
    "ELECTRONICS": "ELECTRONICS",
}


def leg(good: str, number: int = 1, **fields: Any) -> Leg:
    feeds = None if OUTPUTS[good] == good else OUTPUTS[good]
    pegs, id_ = (Peg("f", 80),), f"{good}-{number}"
    made = Leg(id_, 1, good, "A", "B", HandOver.SELL, feeds, pegs, 1, "as told", NOW)
    return replace(made, **fields)


def carried(good: str, number: int = 1) -> Leg:
    return leg(good, number, state=LegState.DONE, bought=80, delivered=80)


def progress(**states: NodeState) -> list[NodeProgress]:
    """Every node wants a ship, but those named."""
    return [
        NodeProgress("f", good, states.get(good, NodeState.WAITING_SHIP), "as told", NOW) for good in OUTPUTS
    ]


ALL = [leg("COPPER_ORE"), leg("COPPER"), leg("SILICON_CRYSTALS"), leg("ELECTRONICS")]


def released(scheduler: Scheduler, nodes: list[NodeProgress], legs: list[Leg]) -> set[str]:
    return DISCIPLINES[scheduler].released(FACTORY, nodes, legs)


def test_depth_first_finishes_a_branch_before_the_next() -> None:
    """The steps are the goods of the tree, inputs before outputs."""
    steps = depth_first(TREE)
    assert sorted(steps, key=lambda good: steps[good]) == [
        "COPPER_ORE",
        "COPPER",
        "SILICON_CRYSTALS",
        "ELECTRONICS",
    ]


def test_levels_are_counted_from_the_raw_goods() -> None:
    """A good stands one level above its highest input."""
    assert level_by_level(TREE) == {"COPPER_ORE": 1, "SILICON_CRYSTALS": 1, "COPPER": 2, "ELECTRONICS": 3}


def test_sequential_releases_one_good_and_levels_a_whole_level() -> None:
    """Of four legs that are all ready, the first of the tree, or the lowest level."""
    assert released(Scheduler.SEQUENTIAL, progress(), ALL) == {"COPPER_ORE-1"}
    assert released(Scheduler.LEVELS, progress(), ALL) == {"COPPER_ORE-1", "SILICON_CRYSTALS-1"}


def test_a_level_waits_for_the_slowest_of_the_one_below() -> None:
    """COPPER is held back while SILICON_CRYSTALS still flies."""
    legs = [carried("COPPER_ORE"), leg("COPPER"), leg("SILICON_CRYSTALS", state=LegState.LADEN)]
    nodes = progress(COPPER_ORE=NodeState.DONE, SILICON_CRYSTALS=NodeState.IN_TRANSIT)
    assert released(Scheduler.LEVELS, nodes, legs) == set()
    legs[-1] = carried("SILICON_CRYSTALS")
    nodes = progress(COPPER_ORE=NodeState.DONE, SILICON_CRYSTALS=NodeState.DONE)
    assert released(Scheduler.LEVELS, nodes, legs) == {"COPPER-1"}


def test_what_is_not_produced_yet_holds_up_all_that_follows() -> None:
    """Depth first goes no further while COPPER is being made, though SILICON_CRYSTALS could be flown."""
    nodes = progress(COPPER_ORE=NodeState.DONE, COPPER=NodeState.PRODUCING)
    legs = [carried("COPPER_ORE"), leg("SILICON_CRYSTALS")]
    assert released(Scheduler.SEQUENTIAL, nodes, legs) == set()


def test_a_round_carries_one_load_along_each_edge() -> None:
    """A second load of ore waits for the lift of the first round, and never flies beside the first."""
    two = [leg("COPPER_ORE", 1), leg("COPPER_ORE", 2)]
    assert released(Scheduler.LEVELS, progress(), two) == {"COPPER_ORE-1"}
    flying = [leg("COPPER_ORE", 1, state=LegState.LOADING), leg("COPPER_ORE", 2)]
    assert released(Scheduler.LEVELS, progress(), flying) == set()
    waiting = [carried("COPPER_ORE"), leg("COPPER_ORE", 2), carried("COPPER"), carried("SILICON_CRYSTALS")]
    nodes = progress(ELECTRONICS=NodeState.PRODUCING)
    assert released(Scheduler.LEVELS, nodes, waiting) == set()
    lifted = [*waiting, leg("ELECTRONICS", state=LegState.DONE, bought=60)]
    assert released(Scheduler.LEVELS, nodes, lifted) == {"COPPER_ORE-2"}


def test_fed_levels_go_back_to_feed_what_starves() -> None:
    """Without rounds the second load flies as soon as it is wanted, and several at once."""
    legs = [carried("COPPER_ORE"), leg("COPPER_ORE", 2), leg("COPPER_ORE", 3)]
    nodes = progress(COPPER=NodeState.PRODUCING)
    assert released(Scheduler.LEVELS_FED, nodes, legs) == {"COPPER_ORE-2", "COPPER_ORE-3"}


def test_the_product_is_held_back_by_nothing() -> None:
    """It has no discipline at all."""
    assert Scheduler.PRODUCT not in DISCIPLINES
