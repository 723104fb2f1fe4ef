"""Who is held up: what it wants keeps nothing from others, since nobody can tell when it will be flown."""

from datetime import timedelta
from typing import Any

import pytest
from tests.planning.flow_world import LEFT, START, TARGET, World, after, claim, ship
from tests.planning.shared_market import by_order
from tests.planning.test_promise import fast_beside, slow_one

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.leg import LegState
from goodsfactory.planning.requirements.held_up import has_no_ship, is_held_up, stands_still
from goodsfactory.planning.requirements.traffic import COUNTS_FOR

STEPS = timedelta(hours=1)
"""Two steps of production."""


def held_up(world: World, feeds: str | None = TARGET) -> bool:
    return is_held_up(world.going(), (LEFT if feeds else TARGET, feeds), world.now, world.policy)


def one(**wish: Any) -> World:
    return slow_one(-2, -2, **wish)


def failed(world: World) -> None:
    world.leg(LEFT, TARGET, LegState.FAILED)


def refused(world: World) -> None:
    world.leg(LEFT, TARGET, LegState.CANCELLED, rule=SpendRule.BALANCE, failure="no", not_before=after(150))


def waited(world: World) -> None:
    world.waiting["F", LEFT, TARGET] = [START - COUNTS_FOR, START]


def without_ships(world: World) -> None:
    world.ships.clear()


@pytest.mark.parametrize("happens", [failed, refused, waited, without_ships])
def test_it_is_for_any_of_these_reasons(happens: Any) -> None:
    """It failed or was refused a moment ago, found no ship for half an hour, or has none."""
    world = one()
    assert not held_up(world)
    happens(world)
    assert held_up(world)


@pytest.mark.parametrize(("happens", "over"), [(failed, 15), (refused, 150)])
def test_it_is_so_until_it_may_be_tried_again(happens: Any, over: float) -> None:
    world = one()
    happens(world)
    world.now = after(over - 1)
    world.look()
    assert held_up(world)
    world.now = after(over)
    world.look()
    assert not held_up(world)


def test_a_lot_that_is_younger_than_a_step_is_not_held_up() -> None:
    world = one()
    world.waiting["F", LEFT, TARGET] = [START - COUNTS_FOR + timedelta(seconds=1)]
    assert not held_up(world)


@pytest.mark.parametrize("happens", [failed, refused, waited])
def test_the_other_edges_of_the_order_are_not(happens: Any) -> None:
    world = one()
    happens(world)
    assert not held_up(world, None)


class TestWithoutAShip:
    def test_ships_that_are_away_are_waited_for_two_steps(self) -> None:
        """From the last that moved; a ship that is free may fly at any moment."""
        world = one()
        for name in world.ships:
            world.claims[name] = claim(name)
        assert not has_no_ship(world.snapshot(), START + STEPS)
        assert has_no_ship(world.snapshot(), START + STEPS + timedelta(seconds=1))
        del world.claims["S1"]
        assert not has_no_ship(world.snapshot(), START + STEPS * 9)

    def test_no_ship_may_fly_for_it(self) -> None:
        assert has_no_ship(one(ships=("X9",)).snapshot(), START)
        assert not has_no_ship(one(ships=("S1",)).snapshot(), START)

    def test_it_stands_still_once_nothing_has_moved_for_two_steps(self) -> None:
        """A ship that only tries again moves nothing; one that buys does."""
        world = one()
        later = START + STEPS + timedelta(minutes=1)
        assert not stands_still(world.snapshot(), START + STEPS)
        world.leg(LEFT, TARGET, LegState.LOADING)
        assert stands_still(world.snapshot(), later)
        world.leg(LEFT, TARGET, LegState.LOADING, bought=5, at=START + timedelta(minutes=10))
        assert not stands_still(world.snapshot(), later)


class TestBesideOthers:
    """Two orders lack electronics, of which 40 can be had; the first would go before the second."""

    @pytest.mark.parametrize("happens", [failed, refused, waited])
    def test_what_is_held_up_keeps_nothing_from_the_others(self, happens: Any) -> None:
        """They take what they would alone, and what is held up is wanted all the same."""
        world = one()
        fast_beside(world)
        assert by_order(world.decide_all(), LEFT) == {"F": 20, "FAST": 20}
        alone = by_order(world.beside[0].decide_all(), LEFT)["FAST"]
        happens(world)
        assert by_order(world.decide_all(), LEFT) == {"F": 20, "FAST": alone} == {"F": 20, "FAST": 30}

    def test_nor_does_an_order_without_a_ship(self) -> None:
        world = one(ships=("X9",))
        other = fast_beside(world)
        other.ships = {"S1": ship("S1")}
        assert by_order(world.decide_all(), LEFT)["FAST"] == 30
