"""Legs."""

from dataclasses import replace
from typing import Any

import pytest
from tests.store.conftest import OpenStore, Rows

from goodsfactory.domain.errors import Conflict
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.leg import HandOver, LegState
from goodsfactory.domain.player import Player


def test_legs_keep_their_order(opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory) -> None:
    """Legs come back in the order they were added, whatever their ids and times."""
    legs = [rows.leg(player.id, id, created_at=rows.later(-at)) for at, id in enumerate("cab")]
    opened.run(lambda t: t.legs.add(legs[:2]))
    opened.run(lambda t: t.legs.add(legs[2:]))
    assert opened.run(lambda t: t.legs.newest(factory.id, 10_000)) == legs
    assert opened.run(lambda t: t.legs.open_of_player(player.id)) == legs


@pytest.mark.parametrize("state", LegState)
def test_open_legs_are_those_not_over(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory, state: Any
) -> None:
    """LOADING and LADEN legs are open; the rest are history."""
    opened.run(lambda t: t.legs.add([rows.leg(player.id, state=state)]))
    assert len(opened.run(lambda t: t.legs.open_of_player(player.id))) == (1 if state.is_open else 0)
    assert len(opened.run(lambda t: t.legs.newest(factory.id, 10_000))) == 1


def test_leg_comes_back_as_it_was_updated(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory
) -> None:
    """Everything a voyage changes in a leg is stored."""
    leg = rows.leg(player.id, feeds=None, clears=True, destination=None, hand_over=HandOver.KEEP)
    opened.run(lambda t: t.legs.add([leg]))
    flown = replace(
        leg,
        state=LegState.FAILED,
        ship="COSMIC-1",
        container_id="worker-1",
        bought=40,
        cost=4100,
        delivered=12,
        revenue=900,
        failure="the market ran dry",
        not_before=rows.later(60),
        assigned_at=rows.later(10),
        laden_at=rows.later(30),
        ended_at=rows.later(50),
        traded_at=rows.later(40),
    )
    opened.run(lambda t: t.legs.update(flown))
    assert opened.run(lambda t: t.legs.get("leg-1")) == flown


def test_open_legs_of_other_players_are_not_shown(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory
) -> None:
    """A planner sees the legs of its own player only (law L11)."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    opened.run(lambda t: t.legs.add([rows.leg(player.id)]))
    assert opened.run(lambda t: t.legs.open_of_player(other.id)) == []


def test_a_ship_of_another_universe_has_not_loaded_what_this_one_has(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory
) -> None:
    """Call sign and symbols may be the same: what the one paid is not what the other's cargo cost."""
    leg = rows.leg(player.id, ship="COSMIC-1", bought=40, cost=4100, assigned_at=rows.later(50))
    opened.run(lambda t: t.legs.add([leg]))
    assert opened.run(lambda t: t.legs.last_of("COSMIC-1", leg.good)) == leg
    opened.store.enter_universe("another")
    assert opened.run(lambda t: t.legs.last_of("COSMIC-1", leg.good)) is None


def test_the_load_flown_last_is_that_of_the_last_flight(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory
) -> None:
    """Not the one whose purchase was settled last: after a kill that may be long after its end."""
    first = rows.leg(player.id, "first", ship="COSMIC-1", assigned_at=rows.later(1))
    second = rows.leg(player.id, "second", ship="COSMIC-1", assigned_at=rows.later(3))
    first = first.fail("it broke", rows.later(2))
    second = second.buy(40, 4_100, rows.later(4))
    opened.run(lambda t: t.legs.add([second, first]))
    opened.run(lambda t: t.legs.update(first.buy(20, 2_000, rows.later(5))))
    assert opened.run(lambda t: t.legs.last_of("COSMIC-1", second.good)) == second


def test_unknown_leg(opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory) -> None:
    """An unknown leg is None to a reader and a conflict to a writer."""
    assert opened.run(lambda t: t.legs.get("nothing")) is None
    with pytest.raises(Conflict, match="no leg nothing"):
        opened.run(lambda t: t.legs.update(rows.leg(player.id, "nothing")))


def test_leg_is_added_once(opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory) -> None:
    """A second leg of the same id is refused, and the batch with it."""
    with pytest.raises(Conflict, match=r"(?i)unique"):
        opened.run(lambda t: t.legs.add([rows.leg(player.id), rows.leg(player.id)]))
    assert opened.run(lambda t: t.legs.newest(factory.id, 10_000)) == []


def test_leg_of_another_players_factory_is_refused(
    opened: OpenStore, rows: Rows, player: Player, factory: GoodsFactory
) -> None:
    """A leg belongs to a factory of its own player."""
    other = opened.run(lambda t: rows.player(t, "OTHER"))
    with pytest.raises(Conflict, match=r"(?i)foreign key"):
        opened.run(lambda t: t.legs.add([rows.leg(other.id)]))
