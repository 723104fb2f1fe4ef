"""Buy or fabricate, by what either comes to."""

from dataclasses import replace

import pytest
from tests.planning.flow_world import LEFT, ORE, SAND, SHOPS, SITES, TARGET, WIRE, World, circuitry

from goodsfactory.domain.factory import Strategy
from goodsfactory.domain.market import Supply
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.chain.acquisition import Stake, purchase, sale, stake_of
from goodsfactory.planning.chain.resolver import resolve
from goodsfactory.planning.policy import Policy

RECIPES = RecipeMap(
    {
        TARGET: (LEFT, "MICROPROCESSORS"),
        LEFT: (SAND, WIRE),
        "MICROPROCESSORS": (SAND, WIRE),
        WIRE: (ORE,),
    }
)


def chain(world: World, stake: Stake, keep: SupplyChainNode | None = None) -> dict[str, SupplyChainNode]:
    tree = resolve(
        TARGET,
        RECIPES,
        list(world.markets.values()),
        world.chart,
        strategy=Strategy.SMART,
        max_depth=12,
        stake=stake,
        keep=keep,
    )
    return {node.good: node for node in tree.flatten()} | {"": tree}


def test_a_stocked_input_is_bought_and_the_reason_has_the_numbers() -> None:
    """ABUNDANT electronics cover the load: making them would only bind ships."""
    world = circuitry()
    world.supply(SITES[LEFT], LEFT, Supply.ABUNDANT)
    node = chain(world, Stake(40, 40))[LEFT]
    assert node.acquisition is Acquisition.BUY
    assert node.reason.startswith("Bought: X1-W-E has enough for the 40 units wanted, for about ")


def test_an_input_that_runs_short_is_made() -> None:
    """400 units of a WEAK market that has 20 take days to buy and hours to make."""
    node = chain(circuitry(), Stake(400, 40))[LEFT]
    assert node.acquisition is Acquisition.FABRICATE
    assert node.reason.startswith("Made: ")


def test_a_scarce_input_is_made_because_it_cannot_be_bought() -> None:
    world = circuitry()
    world.supply(SITES[LEFT], LEFT, Supply.SCARCE)
    node = chain(world, Stake(40, 40))[LEFT]
    assert node.acquisition is Acquisition.FABRICATE
    assert "cannot be bought" in node.reason


def test_what_nobody_has_seen_is_bought_until_it_was_looked_at() -> None:
    """Looking costs one visit, making costs hours."""
    node = chain(circuitry(seen=None), Stake(40, 40))[LEFT]
    assert node.acquisition is Acquisition.BUY
    assert "looked at" in node.reason


def test_the_target_is_made_whatever_it_costs() -> None:
    """ADR 2: the user asked to produce it."""
    world = circuitry()
    world.supply(SITES[TARGET], TARGET, Supply.ABUNDANT)
    assert chain(world, Stake(40, 40))[TARGET].acquisition is Acquisition.FABRICATE


@pytest.mark.parametrize("before", list(Acquisition))
def test_a_decision_in_force_is_kept_while_it_is_hardly_wrong(before: Acquisition) -> None:
    """With a bar at the very savings, hysteresis alone decides: plans do not flap."""
    world = circuitry()
    savings = _savings(chain(world, Stake(400, 40))[LEFT].reason)
    stake = replace(Stake(400, 40), threshold=savings)
    old = SupplyChainNode(
        TARGET,
        Acquisition.FABRICATE,
        "made",
        SITES[TARGET],
        SITES[TARGET],
        children=(SupplyChainNode(LEFT, before, "so far", SITES[LEFT]),),
    )
    assert chain(world, stake, keep=old)[LEFT].acquisition is before


def _savings(reason: str) -> int:
    return int(reason.split("making saves ")[1].split(" credits")[0].replace(",", ""))


def test_dearer_time_makes_what_cheap_time_buys() -> None:
    """The same market is bought from where waiting costs nothing."""
    world = circuitry()
    for good in (SAND, WIRE):
        world.supply(SITES[LEFT], good, Supply.MODERATE)
    cheap, dear = Stake(400, 40, hour=0, threshold=0), Stake(400, 40, hour=1_000_000, threshold=0)
    assert chain(world, cheap)[LEFT].acquisition is Acquisition.BUY
    assert chain(world, dear)[LEFT].acquisition is Acquisition.FABRICATE


def test_the_ladder_is_paid_tranche_by_tranche() -> None:
    """Two trade volumes cost more than twice the ask, and bring less than twice the bid."""
    world = circuitry()
    source = world.markets[SHOPS[ORE]].listing(ORE)
    sink = world.markets[SITES[TARGET]].listing(LEFT)
    assert source is not None
    assert sink is not None
    assert purchase(source, 60) == 60 * source.ask
    assert purchase(source, 120) > 120 * source.ask
    assert sale(sink, 20) == 20 * sink.bid
    assert sale(sink, 40) < 40 * sink.bid


def test_a_stake_without_a_number_of_units_is_one_hold() -> None:
    policy = Policy(hour_value=7)
    assert stake_of(policy, None, 80) == Stake(80, 80, policy.profit_threshold, 7)
    assert stake_of(policy, 200, 0).hold == 1
