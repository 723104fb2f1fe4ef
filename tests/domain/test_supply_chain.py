"""The supply chain: a tree to look at, a DAG to work on."""

from typing import Any

from goodsfactory.domain.market import Activity, Supply
from goodsfactory.domain.supply_chain import Acquisition, NodeState, SupplyChainNode


def node(good: str, *children: SupplyChainNode, **fields: Any) -> SupplyChainNode:
    acquisition = Acquisition.FABRICATE if children else Acquisition.BUY
    return SupplyChainNode(good, acquisition, f"why {good}", children=children, **fields)


ORE = node("COPPER_ORE", source="X1-T-O", supply=Supply.MODERATE)
COPPER = node("COPPER", ORE, source="X1-T-C", factory_waypoint="X1-T-C", activity=Activity.WEAK)
SILICON = node("SILICON_CRYSTALS")
CIRCUITRY = node(
    "ADVANCED_CIRCUITRY",
    node("ELECTRONICS", SILICON, COPPER),
    node("MICROPROCESSORS", SILICON, COPPER),
)


def test_a_shared_input_appears_once_and_before_what_needs_it() -> None:
    """C3: ADVANCED_CIRCUITRY is six goods, inputs before outputs."""
    goods = [each.good for each in CIRCUITRY.flatten()]
    assert sorted(goods) == sorted(set(goods))
    assert len(goods) == 6
    assert goods[-1] == "ADVANCED_CIRCUITRY"
    for child, output in CIRCUITRY.edges():
        assert goods.index(child.good) < goods.index(output.good)


def test_every_edge_of_the_dag_appears_once() -> None:
    """Seven edges: two into the target, two into each of its inputs, one into COPPER."""
    edges = [(child.good, output.good) for child, output in CIRCUITRY.edges()]
    assert len(edges) == len(set(edges)) == 7
    assert ("COPPER_ORE", "COPPER") in edges


def test_a_copy_of_a_shared_input_counts_as_the_same_good() -> None:
    """After reading from the store shared nodes are equal copies; the DAG is the same."""
    again = SupplyChainNode.from_json(CIRCUITRY.to_json())
    assert again == CIRCUITRY
    assert [each.good for each in again.flatten()] == [each.good for each in CIRCUITRY.flatten()]
    assert len(list(again.edges())) == 7


def test_a_good_made_from_itself_bought_stands_for_the_made_node() -> None:
    """A chain cut at a good that would need itself keeps the edge into the target."""
    loop = node("A", node("B", node("A")))
    assert [(each.good, each.acquisition) for each in loop.flatten()] == [
        ("B", Acquisition.FABRICATE),
        ("A", Acquisition.FABRICATE),
    ]
    assert [(child.good, output.good) for child, output in loop.edges()] == [("A", "B"), ("B", "A")]


def test_depth_counts_levels() -> None:
    """A leaf is one level."""
    assert SILICON.depth() == 1
    assert CIRCUITRY.depth() == 4


def test_json_keeps_what_is_not_known_as_null() -> None:
    """No source, no supply and no activity survive the round trip."""
    data = SILICON.to_json()
    assert data["source"] is data["supply"] is data["activity"] is data["factory_waypoint"] is None
    assert SupplyChainNode.from_json(data) == SILICON
    assert SupplyChainNode.from_json({"good": "A", "acquisition": "BUY", "reason": "r"}) == (
        SupplyChainNode("A", Acquisition.BUY, "r")
    )


def test_waiting_states_are_those_that_something_must_end() -> None:
    """What is DONE, FAILED, STOPPED or PARKED waits for nothing that a planner sees."""
    assert {state for state in NodeState if not state.is_waiting} == {
        NodeState.DONE,
        NodeState.FAILED,
        NodeState.STOPPED,
        NodeState.PARKED,
    }
