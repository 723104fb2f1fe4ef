"""Decisions about any tree, market and history: told, bounded, and at rest once they are carried out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import assume, given, settings
from tests.planning.flow_world import POLICY, START, World, edge_of, edges, listing, make, market, ship

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.supply_chain import Acquisition, NodeState, SupplyChainNode
from goodsfactory.planning.flow import next_pass
from goodsfactory.planning.requirements.lot import Lot

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
        held = state is not LegState.DONE and number % 2
        world.leg(
            good,
            output,
            state,
            at=world.now - timedelta(seconds=draw(st.integers(0, 4000))),
            not_before=world.now + timedelta(seconds=draw(st.sampled_from([-10, 150]))) if held else None,
            failure="dear" if held or state is LegState.FAILED else None,
            rule=draw(st.sampled_from(SpendRule)) if held else None,
        )
    cargo = st.sampled_from([{}, {"G0": 10}, {"FOOD": 3}, {tree.good: 40}])
    world.fleet(*(ship(f"S{n}", "X1-W-G0", cargo=draw(cargo)) for n in range(draw(st.integers(0, 3)))))
    return world


@settings(max_examples=150, deadline=None)
@given(world=worlds())
def test_a_decision_is_the_same_again_at_the_same_instant(world: World) -> None:
    """Nothing swings: what has no ship is wanted alike, whatever was written down about the nodes."""
    first = world.step()
    again = world.step()
    assert again.verdict is first.verdict
    assert ageless(again.lots) == ageless(first.lots)
    assert again.withdrawn == ()
    assert [(one.good, one.state) for one in again.nodes] == [(one.good, one.state) for one in first.nodes]


def ageless(lots: Sequence[Lot]) -> list[Lot]:
    """Whatever their age, and in whatever words."""
    return [replace(lot, since=START, reason="") for lot in lots]


@settings(max_examples=150, deadline=None)
@given(world=worlds())
def test_what_flies_is_not_wanted_again(world: World) -> None:
    """Lots never lift an edge above its cap, and once they are under way it wants no more than it did.

    What a ship has aboard goes somewhere, wanted or not.
    """
    assume(not any(one.hold.units for one in world.ships.values()))
    first = world.step()
    before = Counter(edges(first.lots))
    assert all(lot.units > 0 for lot in first.lots)
    for edge, more in before.items():
        assert len(world.open_legs(*edge)) + more <= POLICY.max_loads_per_edge
    before.subtract(edge_of(leg) for leg in world.assign(first.lots))
    assert not Counter(edges(world.step().lots)) - before


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
    assert 0 < next_pass(decision, world.now, POLICY) <= POLICY.planner_interval


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
