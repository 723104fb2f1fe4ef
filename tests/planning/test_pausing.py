"""What a paused factory decides: nothing new, and the end of what flies."""

from dataclasses import replace

from tests.planning.flow_world import LEFT, RIGHT, SAND, TARGET, WIRE, World, after, circuitry, node

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.snapshot import Verdict


def paused(world: World) -> World:
    world.paused_at = world.now
    return world


def test_nothing_is_wanted_and_what_flies_is_left_alone() -> None:
    """It had lots before; whoever waits for money or a price with a ship goes on waiting, too."""
    world = circuitry()
    assert world.step().lots
    world.leg(WIRE, LEFT, LegState.LADEN, ship="S1", bought=10)
    world.leg(WIRE, RIGHT, LegState.LADEN, ship="S2", bought=10, rule=SpendRule.PRICE, failure="dear")
    decision = paused(world).step()
    assert decision.verdict is Verdict.CONTINUE
    assert (decision.lots, decision.withdrawn) == ((), ())


def test_every_node_is_paused_since_the_pause() -> None:
    """Those that were never described too; none asks for a look at a market."""
    world = paused(circuitry())
    world.leg(WIRE, TARGET, LegState.LADEN, ship="S1", bought=10)
    decision = world.step(100)
    assert {one.state for one in decision.nodes} == {NodeState.PAUSED}
    assert {one.good for one in decision.nodes} == {one.good for one in world.tree.flatten()}
    assert {(one.since, one.next_check, one.look_at) for one in decision.nodes} == {
        (after(0), after(130), ())
    }
    assert node(decision, SAND).reason == "paused by the user"
    told = node(decision, WIRE)
    assert told.reason.startswith("paused by the user; S1 carries 10 ")
    assert (told.quantity, told.ships) == (10, ("S1",))


def test_what_is_done_stays_done() -> None:
    """A pause takes nothing back."""
    world = circuitry()
    world.step()
    world.progress[SAND] = replace(world.progress[SAND], state=NodeState.DONE)
    assert node(paused(world).step(), SAND).state is NodeState.DONE


def test_a_paused_factory_whose_output_was_lifted_is_complete() -> None:
    """The last voyage ended while it was paused: there is nothing to resume."""
    world = paused(circuitry())
    world.leg(TARGET, TARGET, LegState.DONE, ship="S1", bought=10)
    decision = world.step()
    assert decision.verdict is Verdict.COMPLETE
    assert node(decision, TARGET).state is NodeState.DONE
