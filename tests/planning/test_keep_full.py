"""Feeding a chain that goes on: inputs are kept HIGH, and a full product ends it."""

import pytest
from tests.planning.flow_world import LEFT, RIGHT, SITES, TARGET, WIRE, World, circuitry, traffic_of
from tests.planning.shared_market import set_level, smart

from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.requirement import Requirement
from goodsfactory.planning.requirements.top_up import feeds

CHAIN = FactoryRequest(strategy=Strategy.SMART, continuous=True, terminal=Terminal.STOCK)


def chain(supply: Supply = Supply.MODERATE) -> World:
    """All was fed once, and the left half is at ``supply`` where the target is made."""
    world = circuitry(CHAIN)
    world.feed(LEFT, RIGHT, TARGET, WIRE)
    world.supply(SITES[TARGET], LEFT, supply)
    return world


def top(world: World, name: str = "F", *, policy: Policy | None = None) -> Requirement:
    """What an order brings of the left half to where the target is made."""
    orders = [world.going(), *(other.going() for other in world.beside)]
    traffic = traffic_of(world.snapshots(), world.now)
    return feeds(orders, world.needs(), traffic, world.now, policy or world.policy)[name][LEFT, TARGET]


@pytest.mark.parametrize("supply", [Supply.SCARCE, Supply.LIMITED, Supply.MODERATE])
def test_an_input_below_high_is_filled_up(supply: Supply) -> None:
    """MODERATE is enough for one order; a chain lives on the pace that HIGH inputs give."""
    found = top(chain(supply))
    assert sum(found.sizes) >= 20
    assert f"{LEFT} is {supply.value} at {SITES[TARGET]} and kept full for {TARGET}" == found.reason


def test_a_full_input_gets_no_more() -> None:
    """Beyond HIGH a market only pays less for it."""
    assert top(chain(Supply.HIGH)).sizes == ()


def test_nothing_is_fed_to_a_market_that_is_full_of_its_product() -> None:
    """It produces no more, whatever its inputs (economy.md §4.8)."""
    world = chain(Supply.SCARCE)
    world.supply(SITES[TARGET], TARGET, Supply.ABUNDANT)
    found = top(world)
    assert found.sizes == ()
    assert found.reason == f"{SITES[TARGET]} has {TARGET} ABUNDANT and makes no more"


@pytest.mark.parametrize("mine", [True, False], ids=["own", "of another order"])
def test_what_ships_bring_already_counts(mine: bool) -> None:
    """No second fleet is sent for the same room."""
    world = chain()
    assert sum(top(world).sizes) == 60
    whose = world if mine else world.another("G")
    whose.leg(LEFT, TARGET, LegState.LADEN, units=40)
    assert sum(top(world).sizes) == 20


def test_two_chains_that_share_an_import_fill_it_as_far_as_one_alone_would() -> None:
    world = chain()
    alone = top(world).sizes
    world.another("G", legs=list(world.legs))
    assert top(world, "F").sizes == alone == (40, 20)
    assert top(world, "G").sizes == ()


def test_no_more_loads_are_sent_than_may_fly() -> None:
    """However much room there is."""
    assert len(top(chain(Supply.SCARCE), policy=Policy(max_loads_per_edge=2)).sizes) == 2


def test_one_hold_goes_where_nothing_was_seen() -> None:
    """Once for all chains, and none while it flies: it may be full there."""
    world = circuitry(CHAIN, seen=None)
    world.another("G")
    assert (top(world, "F").sizes, top(world, "G").sizes) == ((40,), ())
    world.leg(LEFT, TARGET, LegState.LADEN)
    assert top(world, "F").sizes == top(world, "G").sizes == ()


def test_it_presses_nobody_and_is_bought_as_long_as_its_market_is_not_scarce() -> None:
    """It always could use more, and would stand before everybody else for ever."""
    found = top(chain(Supply.SCARCE))
    assert (found.pressing, found.due, found.soon, found.urgency) == (False, 0, 0, 0)
    assert found.deep


def test_an_order_with_an_end_beside_it_is_fed_by_its_own_rule() -> None:
    """What the chain brings is there for the order as well."""
    world = smart(40)
    world.feed(TARGET)
    set_level(world, SITES[TARGET], LEFT, -3)
    alone = top(world)
    assert alone.pressing
    assert alone.sizes
    other = world.another("CHAIN", request=CHAIN, legs=list(world.legs))
    other.leg(LEFT, TARGET, LegState.LADEN, units=100)
    assert top(world).sizes == ()
