"""A lot: a shipload that is wanted and has no ship."""

from dataclasses import replace
from datetime import datetime

import pytest
from tests.planning.flow_world import LEFT, ORE, SAND, SHOPS, SITES, START, TARGET, World, after, circuitry
from tests.wishes import fabricating

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.value import Worth
from goodsfactory.planning.voyage import try_again_at

LOT = Lot("F", SAND, LEFT, SHOPS[SAND], SITES[LEFT], 30, Worth(5000), "needed", after(-60))


def back(until: datetime | None, rule: SpendRule = SpendRule.CEILING) -> Leg:
    """A leg that was given back: the ceiling stands against its purchase until then."""
    return World().leg(SAND, LEFT, LegState.CANCELLED, failure="too dear", rule=rule, not_before=until)


def test_a_lot_is_told_apart_by_its_order_its_edge_and_its_number() -> None:
    """Where it comes from, what it is worth and what holds it may change from plan to plan."""
    anew = replace(
        LOT, source="X1-W-N", worth=Worth(1), reason="else", not_before=after(9), since=after(0), units=1
    )
    assert anew.key == LOT.key
    others = [
        replace(LOT, order_id="G"),
        replace(LOT, good=ORE),
        replace(LOT, feeds=TARGET),
        replace(LOT, number=1),
    ]
    assert len({LOT.key, *(other.key for other in others)}) == 5


def test_loads_of_one_edge_are_numbered() -> None:
    """Loads of one input, or lifts, are not taken for one."""
    lots = circuitry(fabricating(units=80)).decide().lots
    assert sorted(lot.number for lot in lots if (lot.good, lot.feeds) == (SAND, LEFT)) == [0, 1, 2]
    assert len({lot.key for lot in lots}) == len(lots)


@pytest.mark.parametrize(("until", "waits"), [(None, False), (-1, False), (0, False), (1, True)])
def test_a_lot_waits_until_its_time_has_come(until: float | None, waits: bool) -> None:
    held = replace(LOT, not_before=None if until is None else after(until))
    assert held.waits(START) is waits


@pytest.mark.parametrize(
    ("before", "refused", "until"), [(None, 150, 150), (30, 150, 150), (200, 150, 200), (150, 150, 150)]
)
def test_a_lot_is_held_by_a_refusal_until_the_later_moment(
    before: float | None, refused: float, until: float
) -> None:
    """A pause after a failure is not cut short; the refusal is what people are told."""
    held = replace(LOT, not_before=None if before is None else after(before)).held(back(after(refused)))
    assert (held.not_before, held.failure, held.rule) == (after(until), "too dear", SpendRule.CEILING)


@pytest.mark.parametrize("refused", [None, back(None)])
def test_without_a_refusal_nothing_holds_it(refused: Leg | None) -> None:
    assert LOT.held(refused) is LOT


@pytest.mark.parametrize("destination", [SITES[LEFT], None])
def test_a_leg_is_made_of_it_when_a_ship_is_given_to_it(destination: str | None) -> None:
    """It is what was wanted, for the order that pays for it, with its ship from the first moment on."""
    leg = replace(LOT, destination=destination).flown(7, "L1", "S1", "worker-1", START)
    assert leg == Leg(
        id="L1",
        player_id=7,
        good=SAND,
        source=SHOPS[SAND],
        destination=destination,
        hand_over=HandOver.KEEP if destination is None else HandOver.SELL,
        feeds=LEFT,
        pegs=(Peg("F", 30),),
        value=5000,
        reason="needed",
        created_at=START,
        state=LegState.LOADING,
        ship="S1",
        container_id="worker-1",
        assigned_at=START,
    )


def test_what_held_a_lot_before_does_not_hold_its_leg() -> None:
    """Its time has come: the ship is to try."""
    leg = LOT.held(back(after(-1))).flown(1, "L1", "S1", "worker-1", START)
    assert (leg.failure, leg.rule, leg.not_before) == (None, None, None)


def test_a_leg_that_clears_what_was_left_says_so() -> None:
    """It makes nothing for its order."""
    leg = replace(LOT, feeds=None, clears=True).flown(1, "L1", "S1", "worker-1", START)
    assert leg.clears
    assert not leg.is_lift


def test_the_next_lot_of_a_purchase_that_was_given_back_is_held() -> None:
    """The same edge is wanted again at once, and tried when the leg says so."""
    world = circuitry()
    first = next(lot for lot in world.step().lots if lot.feeds == LEFT)
    leg, until = world.fly(first), try_again_at(world.now, world.policy)
    assert not any(lot.failure for lot in world.step().lots)
    world.put(leg.give_back("no money", SpendRule.BALANCE, until, world.now))
    again = next(lot for lot in world.step().lots if lot.feeds == LEFT)
    assert (again.key, again.not_before, again.failure) == (first.key, until, "no money")
    world.now = until
    assert not any(lot.waits(world.now) or lot.failure for lot in world.step().lots)
