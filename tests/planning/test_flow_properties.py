"""Decisions about any tree, market and history: told, bounded, and at rest once they are carried out."""

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import given, settings
from tests.planning.flow_world import POLICY, START, World, edge_of, listing, make, market, ship

from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.supply_chain import Acquisition, NodeState, SupplyChainNode
from goodsfactory.planning.flow import next_pass

TOP = 6


@st.composite
def trees(draw: st.DrawFn) -> SupplyChainNode:
    """Up to seven goods, G6 on top; each made of goods of lower number, or bought."""
    made: dict[int, SupplyChainNode] = {}
    for number in range(TOP + 1):
        inputs = draw(st.lists(st.sampled_from(sorted(made)), max_size=3, unique=True)) if made else []
        if number == TOP and not inputs:
            inputs = [0]
        good = f"G{number}"
        if inputs:
            made[number] = make(good, *(made[one] for one in inputs))
        else:
            made[number] = SupplyChainNode(good, Acquisition.BUY, "bought", f"X1-W-{good}")
    return made[TOP]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A factory in the middle of its life, with ships, claims, old data and a long history of legs."""
    tree = draw(trees())
    request = FactoryRequest(
        strategy=draw(st.sampled_from(Strategy)),
        units=draw(st.sampled_from([None, 1, 40, 1000])),
        terminal=draw(st.sampled_from(Terminal)),
    )
    world = World(tree=tree, request=request, now=START + timedelta(hours=1))
    ages = st.sampled_from([None, 0, 29, 200, 5000])
    for node in tree.flatten():
        inputs = [
            listing(child.good, TradeType.IMPORT, draw(st.sampled_from(Supply))) for child in node.children
        ]
        age = draw(ages)
        seen = None if age is None else world.now - timedelta(seconds=age)
        own = listing(node.good, supply=draw(st.sampled_from(Supply)))
        world.show(market(f"X1-W-{node.good}", own, *inputs, seen=seen))
    if draw(st.booleans()):
        world.show(market("X1-W-Z", listing(tree.good, TradeType.IMPORT)))
    edges = [(child.good, output.good) for child, output in tree.edges()] + [(tree.good, tree.good)]
    for number in range(draw(st.integers(0, 12))):
        good, output = draw(st.sampled_from(edges))
        state = draw(st.sampled_from(LegState))
        later = world.now + timedelta(seconds=draw(st.sampled_from([-10, 150])))
        world.leg(
            good,
            output,
            state,
            at=world.now - timedelta(seconds=draw(st.integers(0, 4000))),
            not_before=later if state is LegState.READY and number % 2 else None,
            failure="ceiling: dear" if state in (LegState.READY, LegState.FAILED) else None,
        )
    cargo = st.sampled_from([{}, {"G0": 10}, {"FOOD": 3}, {tree.good: 40}])
    world.fleet(*(ship(f"S{n}", "X1-W-G0", cargo=draw(cargo)) for n in range(draw(st.integers(0, 3)))))
    return world


@settings(max_examples=150, deadline=None)
@given(world=worlds())
def test_a_decision_that_was_carried_out_is_not_changed_at_the_same_instant(world: World) -> None:
    """Nothing swings: deciding again adds, withdraws and redirects nothing."""
    first = world.step()
    again = world.step()
    assert again.verdict is first.verdict
    assert (again.demands, again.withdrawn, again.redirected) == ((), (), ())
    assert [one.state for one in again.nodes if one.good in {n.good for n in world.tree.flatten()}]


@settings(max_examples=150, deadline=None)
@given(world=worlds())
def test_every_node_is_told_with_reason_since_and_next_check(world: World) -> None:
    """Law L8, for every tree, market and history."""
    decision = world.step()
    assert {one.good for one in decision.nodes} == {one.good for one in world.tree.flatten()}
    for one in decision.nodes:
        assert one.reason
        assert one.since == world.now
        if one.state is NodeState.DONE:
            assert (one.next_check, one.look_at) == (None, ())
        else:
            assert one.next_check is not None
            assert one.next_check > world.now
    assert 0 < next_pass(decision, world.now, POLICY) <= POLICY.coordinator_interval


@settings(max_examples=150, deadline=None)
@given(world=worlds())
def test_no_edge_gets_more_legs_than_may_be_under_way(world: World) -> None:
    """Demands never lift an edge above its cap, whatever is asked for."""
    before = {edge_of(leg): len(world.open_legs(*edge_of(leg))) for leg in world.legs}
    decision = world.step()
    for edge in {edge_of(one) for one in decision.demands}:
        count = len(world.open_legs(*edge))
        assert count <= max(POLICY.max_loads_per_edge, before.get(edge, 0))
    assert all(one.units > 0 for one in decision.demands)


@settings(max_examples=100, deadline=None)
@given(world=worlds(), seconds=st.lists(st.integers(0, 700), min_size=1, max_size=6))
def test_a_state_that_lasts_keeps_its_since(world: World, seconds: list[int]) -> None:
    """Checks only grow while a node produces, and since moves only with the state."""
    before = {one.good: one for one in world.step().nodes}
    for wait in seconds:
        for one in world.step(wait).nodes:
            old = before[one.good]
            assert (one.since == old.since) if one.state is old.state else (one.since == world.now)
            assert one.checks >= old.checks or one.state is not old.state
            before[one.good] = one
