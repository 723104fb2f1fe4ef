"""A whole factory on paper: whatever happens to its legs and markets, it stays bounded, told and alive."""

from dataclasses import replace
from types import MappingProxyType

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.planning.flow_world import (
    LEFT,
    ORE,
    POLICY,
    RIGHT,
    SAND,
    SHOPS,
    SINK,
    SITES,
    START,
    TARGET,
    WIRE,
    World,
    circuitry,
    edge_of,
    edges,
)

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.market import Supply
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.snapshot import FactoryDecision, Verdict
from goodsfactory.planning.voyage import try_again_at

GOODS = {**SITES, **SHOPS}
INPUTS = {TARGET: (LEFT, RIGHT), LEFT: (SAND, WIRE), RIGHT: (SAND, WIRE), WIRE: (ORE,)}
ENOUGH_PASSES = 150
"""Half a minute each: from any state, a factory to which nothing more happens ends within this."""


class Factory(World):
    """A world in which ships carry legs as workers do."""

    def plan(self) -> None:
        """Decide, and give ships to what is wanted, as the planner does in one pass."""
        self.assign(self.step().lots)

    def load(self, leg: Leg, offered: int) -> None:
        """Take up what is aboard already, buy what fits of what is offered, and leave; or leave empty."""
        ship = self.ships[leg.ship or ""]
        aboard = 0 if leg.destination is None else ship.hold.of(leg.good)
        bought = max(0, min(leg.units - aboard, ship.hold.free, offered))
        if aboard + bought == 0:
            self.end(leg.cancel("bought nothing", self.now))
            return
        self.carry(ship.symbol, leg.good, bought)
        self.put(leg.take_over(aboard, 0).buy(bought, 0, self.now).depart(self.now))

    def deliver(self, leg: Leg, units: int) -> None:
        """Unload, and end the leg once nothing of its load is aboard."""
        if leg.destination is None:
            self.end(leg.end(LegState.DONE, "", self.now))
            return
        units = min(units, leg.aboard)
        self.carry(leg.ship or "", leg.good, -units)
        leg = self.put(leg.deliver(units, 0, self.now))
        if leg.feeds is not None:
            self.supply(leg.destination or "", leg.good, Supply.HIGH)
        if leg.aboard == 0:
            self.end(leg.end(LegState.DONE, "", self.now))

    def end(self, leg: Leg) -> None:
        self.claims.pop(leg.ship or "", None)
        self.put(leg)

    def carry(self, name: str, good: str, units: int) -> None:
        hold = self.ships[name].hold
        aboard = {**hold.inventory, good: hold.of(good) + units}
        inventory = MappingProxyType({held: number for held, number in aboard.items() if number})
        self.ships[name] = replace(self.ships[name], hold=replace(hold, inventory=inventory))

    def flying(self, *states: LegState) -> list[Leg]:
        return [leg for leg in self.legs if leg.state in states]

    def produce(self) -> None:
        """Nothing bad happens for half a minute: sources recover, whatever was fed is made, all is seen."""
        for good, place in GOODS.items():
            fed = all(
                any(leg.delivered for leg in self.legs if edge_of(leg) == (item, good))
                for item in INPUTS.get(good, ())
            )
            if fed:
                self.supply(place, good, Supply.HIGH)
        self.look()


def wanted(decision: FactoryDecision) -> list[Lot]:
    """The lots, whatever their age: beside a ship that flies for the good they are as old as the plan."""
    return [replace(lot, since=START) for lot in decision.lots]


def check(factory: Factory, decision: FactoryDecision) -> None:
    """What holds after every pass, whatever happened before it."""
    tree = factory.tree
    allowed = {(child.good, output.good) for child, output in tree.edges()} | {(tree.good, tree.good)}
    for edge in {edge_of(leg) for leg in factory.legs if leg.state.is_open}:
        assert edge in allowed
        assert len(factory.open_legs(*edge)) <= POLICY.max_loads_per_edge
    assert len({lot.key for lot in decision.lots}) == len(decision.lots)
    for edge in {edge_of(lot) for lot in decision.lots}:
        assert edge in allowed
        flying, more = len(factory.open_legs(*edge)), edges(decision.lots).count(edge)
        assert flying + more <= POLICY.max_loads_per_edge
    for node in decision.nodes:
        assert node.reason
        assert node.since <= factory.now
        if node.state is NodeState.DONE:
            assert node.next_check is None
            assert node.look_at == ()
        else:
            assert node.next_check is not None
            assert node.next_check > factory.now
    again = factory.decide()
    assert wanted(again) == wanted(decision)
    factory.apply(again)
    for before, after in zip(decision.nodes, again.nodes, strict=True):
        assert before.since == after.since or before.state != after.state


def run_well(factory: Factory) -> None:
    """From here on everything goes well; the factory must end, with all ships free."""
    for _ in range(ENOUGH_PASSES):
        factory.produce()
        decision = factory.step(30)
        if decision.verdict is Verdict.COMPLETE:
            assert factory.claims == {}
            assert not [leg for leg in factory.legs if leg.state.is_open]
            return
        for leg in factory.flying(LegState.LADEN):
            factory.deliver(leg, leg.aboard)
        for leg in factory.flying(LegState.LOADING):
            factory.load(leg, 1000)
        factory.plan()
    told = [f"{node.good} {node.state}: {node.reason}" for node in factory.decide().nodes]
    raise AssertionError(f"not over after {ENOUGH_PASSES} passes: {told}")


class FactoryLife(RuleBasedStateMachine):
    """Random outcomes of legs and random markets."""

    def __init__(self) -> None:
        super().__init__()
        self.factory = Factory()
        self.over = False
        self.decision: FactoryDecision | None = None

    @initialize(
        terminal=st.sampled_from(Terminal),
        units=st.sampled_from([None, 10, 40]),
        ships=st.integers(1, 3),
        more=st.booleans(),
        strategy=st.sampled_from(Strategy),
    )
    def begin(
        self, terminal: Terminal, units: int | None, ships: int, more: bool, strategy: Strategy
    ) -> None:
        if units and more and (ships > 2 or terminal is Terminal.SELL):
            units *= 5
        if terminal is not Terminal.SELL and units:
            units = min(units, 40 * (ships - 1) or 40)
        world = circuitry(FactoryRequest(strategy, units, terminal), ships=ships)
        self.factory = Factory(
            request=world.request, markets=world.markets, ships=world.ships, tree=world.tree
        )

    @precondition(lambda self: not self.over)
    @rule(seconds=st.sampled_from([0, 1, 30, 61, 1000]))
    def decide(self, seconds: int) -> None:
        decision = self.factory.step(seconds)
        assert decision.verdict is not Verdict.FAIL
        if decision.verdict is Verdict.COMPLETE:
            self.over = True
            return
        self.decision = decision
        check(self.factory, decision)

    @precondition(lambda self: not self.over)
    @rule()
    def plan(self) -> None:
        self.factory.plan()

    def one(self, number: int, *states: LegState) -> Leg | None:
        legs = self.factory.flying(*states)
        return legs[number % len(legs)] if legs else None

    @rule(number=st.integers(0, 20), offered=st.sampled_from([0, 5, 100]))
    def load(self, number: int, offered: int) -> None:
        if leg := self.one(number, LegState.LOADING):
            self.factory.load(leg, offered)

    @rule(number=st.integers(0, 20), units=st.sampled_from([7, 100]))
    def deliver(self, number: int, units: int) -> None:
        if leg := self.one(number, LegState.LADEN):
            self.factory.deliver(leg, units)

    @rule(number=st.integers(0, 20))
    def fail(self, number: int) -> None:
        if leg := self.one(number, LegState.LOADING, LegState.LADEN):
            self.factory.end(leg.fail("it broke", self.factory.now))

    @rule(number=st.integers(0, 20), guard=st.sampled_from([SpendRule.FLOOR, SpendRule.BALANCE]))
    def give_back(self, number: int, guard: SpendRule) -> None:
        """No money: nothing was bought, and the ship is free."""
        if leg := self.one(number, LegState.LOADING):
            now = self.factory.now
            self.factory.end(leg.give_back("no money", guard, try_again_at(now, POLICY), now))

    @rule(good=st.sampled_from(sorted(GOODS)), supply=st.sampled_from(Supply))
    def trade(self, good: str, supply: Supply) -> None:
        """Somebody else buys or the market recovers, and we see it."""
        self.factory.supply(GOODS[good], good, supply)

    @rule(place=st.sampled_from([*GOODS.values(), SINK]))
    def look(self, place: str) -> None:
        self.factory.look(place)

    @invariant()
    def no_hold_is_overfull(self) -> None:
        assert all(0 <= ship.hold.units <= ship.hold.capacity for ship in self.factory.ships.values())

    def teardown(self) -> None:
        if not self.over:
            run_well(self.factory)


FactoryLife.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestFactoryLife = FactoryLife.TestCase
