"""Lots: several in a row or without end, and nothing that waits between them."""

import pytest
from tests.planning.flow_world import LEFT, RIGHT, SINK, SITES, TARGET, circuitry, edges, node
from tests.wishes import fabricating

from goodsfactory.domain.errors import UserError
from goodsfactory.domain.factory import FactoryRequest, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply
from goodsfactory.planning.snapshot import Verdict


def test_lots_without_end_and_a_number_of_lots_exclude_each_other() -> None:
    """Nobody can want both."""
    with pytest.raises(UserError, match="choose one of both"):
        fabricating(batches=2, continuous=True)


@pytest.mark.parametrize(("made", "lot"), [(0, 1), (39, 1), (40, 2), (79, 2), (80, 3), (120, 3)])
def test_the_lot_in_hand_is_counted_from_what_is_made(made: int, lot: int) -> None:
    """Lots begin with 1; the last one stays in hand once all are made."""
    assert fabricating(units=40, batches=3).lot_of(made) == lot


def test_lots_without_end_go_on_being_counted() -> None:
    """A continuous factory is always at one more lot than it has made."""
    assert fabricating(units=40, continuous=True).lot_of(400) == 11


def test_a_request_survives_being_written_down() -> None:
    """What was asked for is the same after a restart."""
    request = fabricating(units=40, batches=3, terminal=Terminal.STOCK)
    assert FactoryRequest.from_json(request.to_json()) == request


def test_a_factory_of_lots_is_complete_with_the_last_unit_of_the_last_lot() -> None:
    """One lot is not the end where two were asked for."""
    world = circuitry(fabricating(units=40, batches=2))
    world.feed(LEFT, RIGHT, TARGET)
    world.leg(TARGET, TARGET)
    assert world.decide().verdict is Verdict.CONTINUE
    world.leg(TARGET, TARGET)
    assert world.decide().verdict is Verdict.COMPLETE


def test_a_continuous_factory_is_never_complete() -> None:
    """However much it has made, it goes on."""
    world = circuitry(fabricating(units=40, continuous=True))
    world.feed(LEFT, RIGHT, TARGET)
    for _ in range(5):
        world.leg(TARGET, TARGET)
    assert world.decide().verdict is Verdict.CONTINUE


def test_the_next_lot_is_fed_while_the_last_one_is_still_produced() -> None:
    """There is no barrier between lots: inputs go out although nothing was lifted of the first."""
    world = circuitry(fabricating(units=40, batches=3))
    world.feed(LEFT, RIGHT, TARGET)
    world.supply(SITES[LEFT], LEFT, Supply.HIGH)
    world.look()
    assert (LEFT, TARGET) in edges(world.decide().lots)


def test_the_next_lot_is_lifted_while_the_last_one_is_under_way() -> None:
    """A second ship takes what the market has, before the first has reached its end."""
    world = circuitry(fabricating(units=40, batches=3))
    world.feed(LEFT, RIGHT, TARGET)
    world.leg(TARGET, TARGET, LegState.LADEN)
    world.supply(SITES[TARGET], TARGET, Supply.ABUNDANT)
    world.look()
    assert edges(world.decide().lots).count((TARGET, TARGET)) >= 1


def test_a_continuous_factory_asks_for_no_more_loads_than_may_be_under_way() -> None:
    """Without end does not mean endlessly many legs: what is wanted flies, and more is not wanted."""
    world = circuitry(fabricating(units=40, continuous=True))
    world.feed(LEFT, RIGHT, TARGET)
    world.supply(SITES[TARGET], TARGET, Supply.ABUNDANT)
    world.look()
    for _ in range(4):
        for lot in world.step(1).lots:
            world.fly(lot)
    assert len(world.open_legs(TARGET, TARGET)) == world.policy.max_loads_per_edge


def sale(sink: Supply) -> tuple[list[tuple[str, str]], str]:
    """Lifts wanted of a chain whose only market has that supply of the output, and what its node says."""
    world = circuitry(fabricating(units=40, continuous=True, terminal=Terminal.SELL))
    world.feed(LEFT, RIGHT, TARGET)
    world.supply(SITES[TARGET], TARGET, Supply.HIGH)
    world.supply(SINK, TARGET, sink)
    world.look()
    decision = world.decide()
    lifts = [edge for edge in edges(decision.lots) if edge == (TARGET, TARGET)]
    return lifts, node(decision, TARGET).reason


def test_a_chain_lifts_what_its_market_pays_enough_for() -> None:
    """A market that wants the good pays more than a tenth above what it asks where it is made."""
    assert sale(Supply.LIMITED)[0] == [(TARGET, TARGET)]


def test_a_chain_flies_no_ship_to_find_out_that_the_price_is_too_low() -> None:
    """A full market is waited for, and the node says what it pays and what it should."""
    lifts, reason = sale(Supply.ABUNDANT)
    assert lifts == []
    assert "X1-W-Z pays" in reason
    assert "is to pay" in reason
