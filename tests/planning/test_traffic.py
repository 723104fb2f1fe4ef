"""What flies for the agent: how much each market gets, and is yet to give."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.planning.flow_world import LEFT, RIGHT, SITES, TARGET, World, after, circuitry, listing, market

from goodsfactory.domain.leg import LegState
from goodsfactory.planning.requirements.traffic import COUNTS_FOR, Traffic, under_way, unladen


def test_a_leg_is_found_by_where_it_loads_and_where_it_goes() -> None:
    """It brings what it was sent for, and no more than that of which it has unloaded nothing yet."""
    leg = World().leg(LEFT, TARGET, LegState.LADEN, units=40, delivered=10)
    seen = Traffic([leg])
    assert seen.brings(SITES[TARGET], LEFT) == 30
    assert seen.loading(SITES[LEFT], LEFT) == [leg]
    assert seen.brings(SITES[LEFT], LEFT) == seen.brings(SITES[TARGET], RIGHT) == seen.brings(None, LEFT) == 0
    assert seen.loading(SITES[TARGET], LEFT) == seen.loading(SITES[LEFT], RIGHT) == ()


@pytest.mark.parametrize("clears", [False, True])
def test_what_is_sold_at_a_market_feeds_nothing(clears: bool) -> None:
    """It was not meant as an input, and the next one may be sold elsewhere; what it loads counts."""
    leg = replace(World().leg(LEFT, TARGET, LegState.LADEN), feeds=None, clears=clears)
    seen = Traffic([leg])
    assert seen.brings(SITES[TARGET], LEFT) == 0
    assert seen.loading(SITES[LEFT], LEFT) == [leg]


def test_a_leg_that_has_ended_brings_and_loads_nothing() -> None:
    """What it failed to bring must be brought by another."""
    ended = [World().leg(LEFT, TARGET, state) for state in LegState if not state.is_open]
    assert under_way(ended) == unladen(ended) == 0


@pytest.mark.parametrize(
    ("state", "waited", "not_before", "counts"),
    [
        (LegState.LADEN, COUNTS_FOR * 9, None, True),
        (LegState.LADEN, COUNTS_FOR * 9, timedelta(minutes=5), True),
        (LegState.LOADING, COUNTS_FOR * 9, None, True),
        (LegState.LOADING, COUNTS_FOR / 2, timedelta(minutes=5), False),
        (LegState.LOADING, COUNTS_FOR * 2, timedelta(minutes=-5), False),
        (LegState.LOADING, COUNTS_FOR / 2, timedelta(minutes=-5), True),
    ],
)
def test_a_leg_that_is_held_up_holds_nobody_back_for_ever(
    state: LegState, waited: timedelta, not_before: timedelta | None, counts: bool
) -> None:
    """What moves counts, and for half an hour what tries again; what waits for money does not."""
    leg = circuitry().leg(LEFT, TARGET, state)
    now = leg.created_at + waited
    if not_before is not None:
        leg = replace(leg, not_before=now + not_before, failure="floor: no money")
    assert Traffic.of([leg], now).legs == ([leg] if counts else [])


@pytest.mark.parametrize(("units", "bought", "loads"), [(40, 0, True), (40, 39, True), (40, 40, False)])
def test_who_has_yet_to_load_is_told_by_order(units: int, bought: int, loads: bool) -> None:
    leg = World(name="ONE").leg(LEFT, TARGET, LegState.LOADING, units=units, bought=bought)
    assert set(Traffic([leg]).loaders(SITES[LEFT], LEFT)) == ({"ONE"} if loads else set())


@pytest.mark.parametrize(
    ("seen", "bought_at", "state", "bespoken"),
    [
        (10, 20, LegState.LOADING, 40),
        (10, 10, LegState.LOADING, 40),
        (10, 5, LegState.LOADING, 20),
        (10, 20, LegState.LADEN, 20),
    ],
)
def test_a_tranche_bought_since_the_market_was_looked_at_is_gone(
    seen: float, bought_at: float, state: LegState, bespoken: int
) -> None:
    """Of 60 units 40 are bought, by 20 at a time: the ship looks before each, so one at most is not shown.

    Whoever has left has looked.
    """
    leg = World().leg(LEFT, TARGET, state, units=60, bought=40, at=after(bought_at))
    place = market(SITES[LEFT], listing(LEFT), seen=after(seen))
    assert Traffic([leg]).bespoken(place, LEFT) == bespoken


def test_of_a_market_that_was_not_seen_only_what_is_to_be_loaded_is_known() -> None:
    leg = World().leg(LEFT, TARGET, LegState.LOADING, units=60, bought=40)
    assert Traffic([leg]).bespoken(market(SITES[LEFT], listing(LEFT), seen=None), LEFT) == 20
