"""The life cycle of a leg."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from goodsfactory.domain.errors import IllegalTransition, SpendRule
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg

BORN = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BORN + timedelta(seconds=seconds)


LOADING = Leg(
    id="l-1",
    player_id=1,
    good="IRON",
    source="X1-T-A",
    destination="X1-T-B",
    hand_over=HandOver.SELL,
    feeds="TOOLS",
    pegs=(Peg("f-1", 30), Peg("f-2", 10)),
    value=1_000,
    reason="TOOLS needs IRON",
    created_at=BORN,
    ship="S-1",
    container_id="worker-1",
    assigned_at=after(1),
)
LADEN = LOADING.buy(40, 4_000, after(2)).depart(after(3))
DONE = LADEN.deliver(40, 5_000, after(4)).end(LegState.DONE, "", after(5))
LEGS = {
    LegState.LOADING: LOADING,
    LegState.LADEN: LADEN,
    LegState.DONE: DONE,
    LegState.FAILED: LADEN.fail("it broke", after(6)),
    LegState.CANCELLED: LOADING.cancel("nobody wants it", after(6)),
}
STEPS: dict[str, tuple[Callable[[Leg], Leg], set[str]]] = {
    "take over": (lambda leg: leg.take_over(3, 30), {"LOADING"}),
    "give back": (lambda leg: leg.give_back("no money", SpendRule.FLOOR, after(99), after(9)), {"LOADING"}),
    "depart": (lambda leg: leg.depart(after(9)), {"LOADING"}),
    "go on to": (lambda leg: leg.go_on_to("X1-T-D", "pays more"), {"LADEN"}),
    "end": (lambda leg: leg.end(LegState.DONE, "", after(9)), {"LADEN"}),
    "fail": (lambda leg: leg.fail("it broke", after(9)), {"LOADING", "LADEN"}),
    "cancel": (lambda leg: leg.cancel("stopped", after(9)), {"LOADING", "LADEN"}),
    "wait": (lambda leg: leg.wait("dear", SpendRule.PRICE, after(9)), {"LOADING", "LADEN"}),
    "go on": (lambda leg: leg.go_on(), {"LOADING", "LADEN"}),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", LEGS)
def test_a_step_is_taken_where_it_is_legal_and_nowhere_else(state: LegState, step: str) -> None:
    """The error names the leg, its state and what was wished; an end has no way on."""
    leg, (taken, legal) = LEGS[state], STEPS[step]
    assert leg.state is state
    if state in legal:
        assert taken(leg) != leg or (step, leg.failure) == ("go on", None)
        return
    with pytest.raises(IllegalTransition, match=rf"^Leg l-1 is {state} and cannot be .+\.$"):
        taken(leg)


def test_every_step_of_a_voyage_has_its_instant() -> None:
    """Given to a ship, laden, traded last, over; the ship had it from the first to the last."""
    moments = (DONE.created_at, DONE.assigned_at, DONE.laden_at, DONE.traded_at, DONE.ended_at)
    assert moments == (after(0), after(1), after(3), after(4), after(5))
    assert DONE.ship_seconds == 4
    assert replace(DONE, ended_at=after(-7200)).ship_seconds == 0, "the game's clock went back"
    assert (LADEN.moved_at, DONE.moved_at, LADEN.ship_seconds) == (after(3), after(4), 0)


def test_a_leg_that_carried_nothing_moved_nothing() -> None:
    """Its ship had it for nothing until it was over."""
    over = LEGS[LegState.CANCELLED]
    assert (over.ship_seconds, over.moved_at, over.ended_at) == (5, None, after(6))


def test_what_no_ship_had_has_no_ship_seconds() -> None:
    """Older programs withdrew legs before a ship flew them."""
    withdrawn = replace(LEGS[LegState.CANCELLED], ship=None, container_id=None, assigned_at=None)
    assert withdrawn.ship_seconds == 0


def test_a_leg_with_something_bought_is_not_given_back() -> None:
    """Ship and cargo stay together; nor does it take over what is aboard, which it has bought itself."""
    bought = LOADING.buy(5, 500, after(2))
    for step in ("give back", "take over"):
        with pytest.raises(IllegalTransition):
            STEPS[step][0](bought)


def test_a_leg_that_is_given_back_is_over_and_says_until_when_nobody_tries_again() -> None:
    """Its ship is free, and what was refused is known; a leg that was cancelled otherwise was not refused."""
    back = LOADING.give_back("no money", SpendRule.FLOOR, after(99), after(9))
    assert (back.state, back.ship, back.ended_at) == (LegState.CANCELLED, "S-1", after(9))
    assert (back.failure, back.rule, back.not_before) == ("no money", SpendRule.FLOOR, after(99))
    assert back.is_given_back
    held_up = LOADING.wait("no money", SpendRule.FLOOR, after(99))
    assert not held_up.is_given_back
    assert not held_up.cancel("stopped", after(9)).is_given_back


@pytest.mark.parametrize("end", ["end", "fail", "cancel"])
def test_what_is_over_waits_for_nothing(end: str) -> None:
    """What held it up is forgotten; only a bad end has a reason."""
    over = STEPS[end][0](LADEN.wait("dear", SpendRule.PRICE, after(7)))
    assert (over.rule, over.not_before, over.ended_at) == (None, None, after(9))
    assert over.failure == {"end": None, "fail": "it broke", "cancel": "stopped"}[end]


@pytest.mark.parametrize("state", LEGS)
def test_a_trade_is_booked_whenever_it_is_heard_of(state: LegState) -> None:
    """A daemon may be killed between a trade and its row: the leg may be over when it is settled."""
    leg = LEGS[state]
    booked = leg.buy(2, 20, after(50)).deliver(1, 15, after(60)).write_off(1, 10)
    assert (booked.bought - leg.bought, booked.cost - leg.cost) == (1, 10)
    assert (booked.delivered - leg.delivered, booked.revenue - leg.revenue) == (1, 15)
    assert (booked.traded_at, booked.state, booked.ended_at) == (after(60), state, leg.ended_at)


def test_a_load_is_for_its_orders_by_units() -> None:
    """All of them together are what is wanted; it is in the books of the first."""
    assert (LOADING.units, LOADING.factory_id) == (40, "f-1")


@pytest.mark.parametrize(
    ("feeds", "clears", "lift"), [("TOOLS", False, False), (None, False, True), (None, True, False)]
)
def test_a_lift_feeds_nothing_and_clears_nothing(feeds: str | None, clears: bool, lift: bool) -> None:
    """What an ended order left aboard is no output of it, whatever good it is."""
    assert replace(LOADING, feeds=feeds, clears=clears).is_lift is lift
