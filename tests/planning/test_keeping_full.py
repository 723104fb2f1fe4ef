"""Feeding a chain that goes on: inputs are kept HIGH, and a full product ends it."""

import pytest
from tests.planning.flow_world import LEFT, RIGHT, SITES, TARGET, WIRE, World, circuitry

from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply
from goodsfactory.planning.requirements.keeping_full import keep_full
from goodsfactory.planning.requirements.needs import Top
from goodsfactory.planning.requirements.neighbours import Neighbours

CHAIN = FactoryRequest(strategy=Strategy.SMART, continuous=True, terminal=Terminal.SELL)


def chain() -> World:
    world = circuitry(CHAIN)
    world.feed(LEFT, RIGHT, TARGET, WIRE)
    return world


def top(world: World, hold: int = 40, most: int = 3) -> Top:
    """What is sent of the left half to where the target is made."""
    made = world.tree
    child = next(one for one in made.children if one.good == LEFT)
    return keep_full(world.snapshot(), child, made, hold, most)


@pytest.mark.parametrize("supply", [Supply.SCARCE, Supply.LIMITED, Supply.MODERATE])
def test_an_input_below_high_is_filled_up(supply: Supply) -> None:
    """MODERATE is enough for one order; a chain lives on the pace that HIGH inputs give."""
    world = chain()
    world.supply(SITES[TARGET], LEFT, supply)
    found = top(world)
    assert sum(found.sizes) >= 20
    assert f"{LEFT} is {supply.value} at {SITES[TARGET]} and kept full for {TARGET}" == found.reason


def test_a_full_input_gets_no_more() -> None:
    """Beyond HIGH a market only pays less for it."""
    world = chain()
    world.supply(SITES[TARGET], LEFT, Supply.HIGH)
    assert top(world).sizes == ()


def test_nothing_is_fed_to_a_market_that_is_full_of_its_product() -> None:
    """It produces no more, whatever its inputs (economy.md §4.8)."""
    world = chain()
    world.supply(SITES[TARGET], LEFT, Supply.SCARCE)
    world.supply(SITES[TARGET], TARGET, Supply.ABUNDANT)
    found = top(world)
    assert found.sizes == ()
    assert found.reason == f"{SITES[TARGET]} has {TARGET} ABUNDANT and makes no more"


def test_what_ships_bring_already_counts() -> None:
    """No second fleet is sent for the same room."""
    world = chain()
    world.supply(SITES[TARGET], LEFT, Supply.MODERATE)
    room = sum(top(world).sizes)
    world.leg(LEFT, TARGET, LegState.LADEN, units=40)
    assert sum(top(world).sizes) == max(0, room - 40)


def test_what_other_factories_bring_counts_too() -> None:
    """Two chains that share an import fill it together, as far as one alone would."""
    world = chain()
    world.supply(SITES[TARGET], LEFT, Supply.MODERATE)
    room = sum(top(world).sizes)
    world.neighbours = Neighbours([chain().leg(LEFT, TARGET, LegState.LADEN, units=40)])
    assert 0 < sum(top(world).sizes) == room - 40


def test_no_more_loads_are_sent_than_may_fly() -> None:
    """However much room there is."""
    world = chain()
    world.supply(SITES[TARGET], LEFT, Supply.SCARCE)
    assert len(top(world, most=2).sizes) <= 2
