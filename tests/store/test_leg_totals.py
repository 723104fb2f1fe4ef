"""Legs that are over are added up, and leave what a pass reads."""

import random
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.adapters.store.legs import SETBACKS_AT_HAND
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.player import Player

AMOUNTS = ("bought", "cost", "delivered", "revenue")


def flown(opened: Any, rows: Any, player: Any, number: Any, state: Any = LegState.DONE, **facts: Any) -> Any:
    """A leg that was written down, flown and ended."""
    facts = {
        "ship": "COSMIC-1",
        "bought": 40,
        "cost": 4000,
        "delivered": 40,
        "assigned_at": rows.later(number - 1),
        "traded_at": rows.later(number),
        "ended_at": rows.later(number),
    } | facts
    leg = rows.leg(player.id, f"leg-{number}", created_at=rows.later(number - 1))
    opened.run(lambda t: t.legs.add([leg]))
    over = replace(leg, state=state, **facts)
    opened.run(lambda t: t.legs.update(over))
    return over


def at_hand(opened: Any) -> Any:
    return opened.run(lambda t: t.legs.at_hand("factory-1"))


def totals(opened: Any) -> Any:
    (one,) = opened.run(lambda t: t.legs.totals("factory-1"))
    return one


def test_a_leg_that_went_well_is_folded_at_once(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory
) -> None:
    """Its amounts are in the totals of its edge, its row stays to be read."""
    over = flown(opened, rows, player, 1, revenue=5000, failure=None)
    assert at_hand(opened) == []
    assert opened.run(lambda t: t.legs.newest("factory-1", 10)) == [over]
    assert totals(opened) == LegTotals(
        "IRON",
        "MACHINERY",
        legs=1,
        bought=40,
        cost=4000,
        delivered=40,
        revenue=5000,
        arrived=1,
        seconds=1,
        moved_at=rows.later(1),
        delivered_at=rows.later(1),
        ships={"COSMIC-1": rows.later(0)},
        taken={"X1-AA1-C1": rows.later(0)},
    )


def test_a_lift_and_what_is_cleared_are_added_up_apart(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory
) -> None:
    """Of one good and one factory too: only the lift made something."""
    for number, clears in enumerate((False, True), 1):
        flown(opened, rows, player, number, feeds=None, clears=clears, delivered=10 * number)
    found = opened.run(lambda t: t.legs.totals("factory-1"))
    assert {(one.is_lift, one.delivered) for one in found} == {(True, 10), (False, 20)}


def test_a_leg_withdrawn_before_it_was_flown_is_counted(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory
) -> None:
    """Older programs did that: it is no setback and moved nothing."""
    flown(opened, rows, player, 1, LegState.CANCELLED, ship=None, bought=0, cost=0, delivered=0)
    assert at_hand(opened) == []
    assert (totals(opened).legs, totals(opened).troubled, totals(opened).moved_at) == (1, 0, None)


@pytest.mark.parametrize("state", [LegState.FAILED, LegState.CANCELLED])
def test_setbacks_stay_at_hand_but_not_without_end(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory, state: Any
) -> None:
    """Planning reads the newest of them one by one; the others are counted."""
    for number in range(1, SETBACKS_AT_HAND + 6):
        flown(opened, rows, player, number, state, delivered=0)
    assert [leg.id for leg in at_hand(opened)] == [
        f"leg-{number}" for number in range(6, SETBACKS_AT_HAND + 6)
    ]
    assert (totals(opened).legs, totals(opened).troubled) == (5, 5)
    assert totals(opened).failures == (5 if state is LegState.FAILED else 0)


def test_old_setbacks_leave_with_the_next_success(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory
) -> None:
    """Those of the last hours may still speak against a source; none counts as in a row any more."""
    flown(opened, rows, player, 1, LegState.FAILED)
    recent = flown(opened, rows, player, 30_000, LegState.FAILED)
    flown(opened, rows, player, 30_100)
    assert at_hand(opened) == [recent]
    assert totals(opened).failures == 0


def test_what_is_put_right_later_is_put_right_in_the_totals(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory
) -> None:
    """Cargo that is written off, or taken over by another leg, changes the books of a leg long over."""
    over = flown(opened, rows, player, 1)
    opened.run(lambda t: t.legs.update(replace(over, bought=30, cost=3000)))
    assert (totals(opened).bought, totals(opened).cost, totals(opened).legs) == (30, 3000, 1)
    assert opened.run(lambda t: t.legs.get("leg-1")) == replace(over, bought=30, cost=3000)


@pytest.mark.parametrize("seed", range(3))
def test_totals_and_what_is_at_hand_are_all_legs(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory, seed: Any
) -> None:
    """Whatever happens to legs in whatever order, no unit and no credit is lost or counted twice."""
    chance, legs = random.Random(seed), {}
    for number in range(1, 150):
        leg = rows.leg(
            player.id, f"leg-{number}", good=chance.choice(["IRON", "COPPER"]), created_at=rows.later(number)
        )
        legs[leg.id] = leg
        opened.run(lambda t: t.legs.add([leg]))
        for changed in chance.sample(sorted(legs), k=min(2, len(legs))):
            after = changed_by_chance(legs[changed], chance, rows.later(number * chance.choice([1, 900])))
            legs[changed] = after
            opened.run(lambda t: t.legs.update(after))
    found = opened.run(lambda t: (t.legs.at_hand("factory-1"), t.legs.totals("factory-1")))
    assert [leg for leg in found[0] if leg.state.is_open] == [
        leg for leg in legs.values() if leg.state.is_open
    ]
    assert added_up(*found) == added_up(list(legs.values()), [])
    assert sum(one.legs for one in found[1]) + len(found[0]) == len(legs)


def changed_by_chance(leg: Leg, chance: random.Random, now: Any) -> Leg:
    """Loads, delivers, or ends it; of one that is over only the books change."""
    amounts: dict[str, Any] = {name: chance.randrange(100) for name in AMOUNTS}
    if not leg.state.is_open:
        return replace(leg, **amounts)
    state = chance.choice(list(LegState))
    ship = chance.choice(["COSMIC-1", "COSMIC-2", None])
    return replace(leg, state=state, ship=ship, ended_at=now, **amounts)


def added_up(legs: Any, totals: Any) -> Any:
    found: defaultdict[Any, int] = defaultdict(int)
    for one in (*legs, *totals):
        for name in AMOUNTS:
            found[one.good, name] += getattr(one, name)
    return dict(found)
