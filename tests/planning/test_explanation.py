"""Why a node is where it is: all that speaks for and against it, in the words that were used already."""

from dataclasses import replace

import pytest
from tests.planning.flow_world import (
    LEFT,
    ORE,
    SAND,
    SHOPS,
    SITES,
    START,
    TARGET,
    WIRE,
    World,
    after,
    circuitry,
    claim,
    listing,
    market,
    node,
    ship,
)

from goodsfactory.domain.errors import SpendRule, UserError
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.planning.decision import AVOIDED, NOT_SEEN
from goodsfactory.planning.explanation import NodeExplanation, chosen_nodes, explain_node
from goodsfactory.planning.market.sourcing import ABOVE_CEILING, PARKED
from goodsfactory.planning.snapshot import FactorySnapshot

RECIPES = RecipeMap.bundled()


def explained(world: World, good: str, *, recipes: RecipeMap | None = RECIPES) -> NodeExplanation:
    """What ``goods why`` would be told of a node now."""
    snapshot = world.snapshot()
    chosen = next(one for one in snapshot.tree.flatten() if one.good == good)
    return explain_node(snapshot, chosen, recipes, world.now, world.policy)


def over(snapshot: FactorySnapshot) -> FactorySnapshot:
    return replace(snapshot, factory=replace(snapshot.factory, status=FactoryStatus.STOPPED))


def test_the_sentence_is_the_one_of_the_status() -> None:
    """State, reason, since and next check are those the planner wrote down."""
    world = circuitry()
    told = node(world.step(), WIRE)
    assert explained(world, WIRE).progress == told


def test_a_node_nobody_has_described_yet_tells_its_decision() -> None:
    """Between the start and the first pass a node has no row; it is not left without a reason."""
    told = explained(circuitry(), WIRE).progress
    assert (told.reason, told.since) == ("made", START)


def test_every_market_that_sells_the_good_has_a_verdict() -> None:
    """Chosen, drained, too dear, never seen: each market that was weighed says what became of it."""
    world = circuitry()
    dear = replace(listing(SAND, supply=Supply.HIGH, volume=60), ask=10_000)
    world.show(
        market("X1-W-S2", listing(SAND, supply=Supply.SCARCE, volume=60)),
        market("X1-W-S3", dear),
        market("X1-W-S4", listing(SAND), seen=None),
    )
    verdicts = {one.waypoint: one.verdict for one in explained(world, SAND).sources}
    assert verdicts == {
        SHOPS[SAND]: "chosen",
        "X1-W-S2": PARKED,
        "X1-W-S3": ABOVE_CEILING,
        "X1-W-S4": NOT_SEEN,
    }


def test_a_source_at_which_a_leg_failed_is_avoided() -> None:
    """The verdict is the one by which the planner passes the source over."""
    world = circuitry()
    world.show(market("X1-W-S2", listing(SAND, supply=Supply.MODERATE, volume=60)))
    world.leg(SAND, LEFT, LegState.FAILED, ship="S1")
    verdicts = {one.waypoint: one.verdict for one in explained(world, SAND).sources}
    assert verdicts == {"X1-W-S2": "chosen", SHOPS[SAND]: AVOIDED}


def test_the_only_source_is_chosen_whatever_failed_there() -> None:
    """The planner buys there again after the back-off, and that is what is told."""
    world = circuitry()
    world.leg(SAND, LEFT, LegState.FAILED, ship="S1")
    assert {one.waypoint: one.verdict for one in explained(world, SAND).sources} == {SHOPS[SAND]: "chosen"}


def test_the_site_of_the_stored_chain_is_the_chosen_one() -> None:
    """Loads failed at it and no other takes the inputs: the chain stays there, as is told."""
    world = circuitry()
    for _ in range(world.policy.leg_attempts):
        world.leg(ORE, WIRE, LegState.FAILED, ship="S1", bought=40)
    assert {one.waypoint: one.verdict for one in explained(world, WIRE).sites} == {SITES[WIRE]: "chosen"}


def test_a_site_is_weighed_with_the_loads_that_failed_there() -> None:
    """The chain stays where it is for now; that another site would be taken today is told beside it."""
    world = circuitry()
    world.show(market("X1-W-K", listing(WIRE), listing(ORE, TradeType.IMPORT)))
    for _ in range(world.policy.leg_attempts):
        world.leg(ORE, WIRE, LegState.FAILED, ship="S1", bought=40)
    assert {one.waypoint: one.verdict for one in explained(world, WIRE).sites} == {
        SITES[WIRE]: "chosen",
        "X1-W-K": "better now, not chosen",
    }


def test_where_it_could_be_made_is_told_beside_where_it_could_be_bought() -> None:
    """A market that lacks an input says which; raw goods are made nowhere."""
    world = circuitry()
    world.show(market("X1-W-K", listing(WIRE)))
    told = explained(world, WIRE)
    assert {one.waypoint: one.verdict for one in told.sites} == {
        SITES[WIRE]: "chosen",
        "X1-W-K": f"does not import {ORE}",
    }
    assert explained(world, ORE).sites == ()


def test_without_recipes_nothing_is_said_of_making() -> None:
    """Nobody works for the player any more: what is stored is told all the same."""
    told = explained(circuitry(), WIRE, recipes=None)
    assert (told.sites, [one.waypoint for one in told.sources]) == ((), [SITES[WIRE]])


def test_what_was_tried_comes_newest_first() -> None:
    """Failed legs, those given up or given back with a ship, and those held up now; none without a ship."""
    world = circuitry()
    failed = world.leg(ORE, WIRE, LegState.FAILED, ship="S1")
    world.leg(ORE, WIRE, LegState.CANCELLED, ship=None, failure="no longer wanted")
    given_up = world.leg(ORE, WIRE, LegState.CANCELLED, ship="S2", failure="the source is SCARCE")
    world.leg(ORE, WIRE)
    refused = world.leg(ORE, WIRE, LegState.LOADING).give_back(
        "floor: too little money", SpendRule.FLOOR, after(150), world.now
    )
    world.put(refused)
    held_up = world.leg(ORE, WIRE, LegState.LADEN, failure="price: too dear", rule=SpendRule.PRICE)
    world.leg(ORE, WIRE, LegState.LOADING)
    assert explained(world, ORE).tried == (held_up, refused, given_up, failed)


def test_a_back_off_says_how_often_it_failed_and_when_it_goes_on() -> None:
    """Two failures in a row: the second pause is twice the first; of other edges nothing is said."""
    world = circuitry()
    world.leg(SAND, LEFT, LegState.FAILED)
    world.leg(SAND, LEFT, LegState.FAILED)
    [retry] = explained(world, SAND).retries
    pause = 2 * world.policy.retry_initial
    assert (retry.output, retry.failures, retry.at) == (LEFT, 2, after(pause))
    world.now = after(pause)
    assert explained(world, SAND).retries == ()
    assert explained(world, ORE).retries == ()


def test_each_ship_says_whether_it_could_carry_the_good() -> None:
    """The obstacles are those of ``ships explain``, asked for this good."""
    world = circuitry().fleet(
        ship("S1"), ship("S2"), ship("S3", cargo={ORE: 5}), ship("P1", hold=0), ship("V1", "X1-V-A")
    )
    world.claims = {"S2": claim("S2")}
    ships = explained(world, SAND).ships
    assert {name: one.eligible for name, one in ships.items()} == {
        "S1": True,
        "S2": False,
        "S3": False,
        "P1": False,
        "V1": False,
    }
    assert explained(world, ORE).ships["S3"].eligible


def test_of_a_factory_that_is_over_only_the_past_is_told() -> None:
    """What could be bought or flown now decides nothing any more; what was tried stays."""
    world = circuitry()
    world.step()
    failed = world.leg(SAND, LEFT, LegState.FAILED)
    snapshot = over(world.snapshot())
    sand = next(one for one in snapshot.tree.flatten() if one.good == SAND)
    told = explain_node(snapshot, sand, RECIPES, world.now, world.policy)
    assert (told.sources, told.sites, told.retries, dict(told.ships)) == ((), (), (), {})
    assert (told.progress, told.tried) == (world.progress[SAND], (failed,))


def test_nodes_come_outputs_first() -> None:
    """The target, then what it is made of."""
    goods = [one.good for one in chosen_nodes(circuitry().snapshot().factory, None)]
    assert goods[0] == TARGET
    assert goods.index(LEFT) < goods.index(WIRE) < goods.index(ORE)


@pytest.mark.parametrize("text", ["COPPER_ORE", "copper ore", " Copper-Ore "])
def test_one_node_is_found_however_it_is_written(text: str) -> None:
    """As everywhere a good is named."""
    assert [one.good for one in chosen_nodes(circuitry().snapshot().factory, text)] == [ORE]


def test_a_good_that_is_no_node_is_refused_with_the_nodes_there_are() -> None:
    """A typing error names what was probably meant."""
    with pytest.raises(UserError) as caught:
        chosen_nodes(circuitry().snapshot().factory, "COPER")
    assert caught.value.kind == "not-found"
    assert "has no node COPER; it has ADVANCED_CIRCUITRY" in str(caught.value)
    assert str(caught.value).endswith("Did you mean COPPER or COPPER_ORE?")


def test_a_factory_without_a_chain_says_so() -> None:
    """Nothing has been decided that could be explained."""
    bare = replace(circuitry().snapshot().factory, tree=None)
    with pytest.raises(UserError, match=r"^Factory F has no supply chain yet\.$"):
        chosen_nodes(bare, None)


def test_an_exchange_is_weighed_too() -> None:
    """Both lists from which a good can be bought are looked at, imports are not."""
    world = circuitry()
    world.show(market("X1-W-X", listing(SAND, TradeType.EXCHANGE, volume=180)))
    assert {one.waypoint for one in explained(world, SAND).sources} == {SHOPS[SAND], "X1-W-X"}
