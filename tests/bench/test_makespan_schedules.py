"""The baselines hold back exactly the lots whose turn it is not."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bench.makespan.schedules import DISCIPLINES, Scheduler, depth_first, level_by_level

from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.supply_chain import Acquisition, NodeProgress, NodeState, SupplyChainNode
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.value import Worth
from goodsfactory.planning.situation import Order
from goodsfactory.planning.snapshot import FactoryDecision, Verdict

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
    "ELECTRONICS": None,
}


def lot(good: str, number: int = 1) -> Lot:
    return Lot("f", good, OUTPUTS[good], "A", "B", 80, Worth(1), "as told", NOW, number)


def flying(good: str) -> Leg:
    return lot(good).flown(1, f"{good}-leg", "S-1", "worker-1", NOW)


def carried(good: str) -> LegTotals:
    """One load of it that went well, as it is kept once it is over."""
    return LegTotals(good, OUTPUTS[good], legs=1, bought=80, delivered=80)


def progress(**states: NodeState) -> list[NodeProgress]:
    """Every node wants a ship, but those named."""
    return [
        NodeProgress("f", good, states.get(good, NodeState.WAITING_SHIP), "as told", NOW) for good in OUTPUTS
    ]


ALL = [lot("COPPER_ORE"), lot("COPPER"), lot("SILICON_CRYSTALS"), lot("ELECTRONICS")]


def released(
    scheduler: Scheduler,
    nodes: list[NodeProgress],
    lots: Sequence[Lot],
    legs: Sequence[Leg] = (),
    totals: Sequence[LegTotals] = (),
) -> set[str]:
    """Good and number of the lots that are given out, of those that are wanted."""
    decision = FactoryDecision(Verdict.CONTINUE, "work goes on", tuple(nodes), tuple(lots))
    found = DISCIPLINES[scheduler].released(Order(FACTORY, legs=legs, totals=totals), decision, TREE)
    return {f"{one.good}-{one.number}" for one in found}


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
    """Of four lots that are all wanted, the first of the tree, or the lowest level."""
    assert released(Scheduler.SEQUENTIAL, progress(), ALL) == {"COPPER_ORE-1"}
    assert released(Scheduler.LEVELS, progress(), ALL) == {"COPPER_ORE-1", "SILICON_CRYSTALS-1"}


def test_a_level_waits_for_the_slowest_of_the_one_below() -> None:
    """COPPER is held back while SILICON_CRYSTALS still flies."""
    nodes = progress(COPPER_ORE=NodeState.DONE, SILICON_CRYSTALS=NodeState.IN_TRANSIT)
    still, over = [flying("SILICON_CRYSTALS")], [carried("COPPER_ORE")]
    assert released(Scheduler.LEVELS, nodes, [lot("COPPER")], still, over) == set()
    nodes = progress(COPPER_ORE=NodeState.DONE, SILICON_CRYSTALS=NodeState.DONE)
    over.append(carried("SILICON_CRYSTALS"))
    assert released(Scheduler.LEVELS, nodes, [lot("COPPER")], (), over) == {"COPPER-1"}


def test_what_is_not_produced_yet_holds_up_all_that_follows() -> None:
    """Depth first goes no further while COPPER is being made, though SILICON_CRYSTALS could be flown."""
    nodes = progress(COPPER_ORE=NodeState.DONE, COPPER=NodeState.PRODUCING)
    over = [carried("COPPER_ORE")]
    assert released(Scheduler.SEQUENTIAL, nodes, [lot("SILICON_CRYSTALS")], (), over) == set()


def test_a_round_carries_one_load_along_each_edge() -> None:
    """A second load of ore waits for the lift of the first round, and never flies beside the first."""
    two = [lot("COPPER_ORE", 1), lot("COPPER_ORE", 2)]
    assert released(Scheduler.LEVELS, progress(), two) == {"COPPER_ORE-1"}
    assert released(Scheduler.LEVELS, progress(), two[1:], [flying("COPPER_ORE")]) == set()
    nodes, once = progress(ELECTRONICS=NodeState.PRODUCING), ["COPPER_ORE", "COPPER", "SILICON_CRYSTALS"]
    over = [carried(good) for good in once]
    assert released(Scheduler.LEVELS, nodes, two[1:], (), over) == set()
    over.append(carried("ELECTRONICS"))
    assert released(Scheduler.LEVELS, nodes, two[1:], (), over) == {"COPPER_ORE-2"}


def test_a_load_that_failed_is_carried_again() -> None:
    """It does not count as the load of its round, though a ship flew for it."""
    failed = LegTotals("COPPER_ORE", "COPPER", legs=1, troubled=1)
    assert released(Scheduler.LEVELS, progress(), [lot("COPPER_ORE")], (), [failed]) == {"COPPER_ORE-1"}


def test_fed_levels_go_back_to_feed_what_starves() -> None:
    """Without rounds the second load flies as soon as it is wanted, and several at once."""
    lots, over = [lot("COPPER_ORE", 2), lot("COPPER_ORE", 3)], [carried("COPPER_ORE")]
    nodes = progress(COPPER=NodeState.PRODUCING)
    assert released(Scheduler.LEVELS_FED, nodes, lots, (), over) == {"COPPER_ORE-2", "COPPER_ORE-3"}


def test_the_product_is_held_back_by_nothing() -> None:
    """It has no discipline at all."""
    assert Scheduler.PRODUCT not in DISCIPLINES
