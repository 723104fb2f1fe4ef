"""Replays: the real planner on a model of ships and markets."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.planning.flow_world import START, charted, diamond, listing, market, ship
from tests.wishes import fabricating

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import FactoryRequest, GoodsFactory, Strategy, Terminal
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.market import MarketSnapshot, Supply, TradeType
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.ship import Nav, NavStatus
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.dispatch.eligibility import Kept
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.quote.beliefs import USUAL
from goodsfactory.planning.quote.replay import Replay
from goodsfactory.planning.quote.scene import Scene
from goodsfactory.planning.quote.trading_world import TradingWorld
from goodsfactory.planning.situation import Order, Situation

IMPORT, EXCHANGE = TradeType.IMPORT, TradeType.EXCHANGE

RECIPES = RecipeMap(
    {
        "ADVANCED_CIRCUITRY": ("ELECTRONICS", "MICROPROCESSORS"),
        "ELECTRONICS": ("SILICON_CRYSTALS", "COPPER"),
        "MICROPROCESSORS": ("SILICON_CRYSTALS", "COPPER"),
        "COPPER": ("COPPER_ORE",),
    },
    raw=frozenset({"SILICON_CRYSTALS", "COPPER_ORE"}),
)


def markets(made: Supply = Supply.HIGH, inputs: Supply = Supply.MODERATE) -> list[MarketSnapshot]:
    """A system in which the six goods of the diamond are traded, each at a place of its own."""
    return [
        market(
            "X1-W-A",
            listing("ADVANCED_CIRCUITRY", supply=made),
            listing("ELECTRONICS", IMPORT, inputs),
            listing("MICROPROCESSORS", IMPORT, inputs),
            listing("FUEL", EXCHANGE),
        ),
        *(
            market(
                place,
                listing(good, supply=made),
                listing("SILICON_CRYSTALS", IMPORT, inputs),
                listing("COPPER", IMPORT, inputs),
            )
            for place, good in (("X1-W-E", "ELECTRONICS"), ("X1-W-M", "MICROPROCESSORS"))
        ),
        market("X1-W-C", listing("COPPER", supply=made), listing("COPPER_ORE", IMPORT, inputs)),
        market("X1-W-O", listing("COPPER_ORE", EXCHANGE, volume=180), listing("FUEL", EXCHANGE)),
        market("X1-W-S", listing("SILICON_CRYSTALS", EXCHANGE, volume=180)),
        market("X1-W-Z", listing("ADVANCED_CIRCUITRY", IMPORT, Supply.SCARCE)),
    ]


def tree_of(target: str) -> SupplyChainNode:
    """The part of the diamond that makes a good; all of it for one that is not in it."""
    return next((node for node in diamond().flatten() if node.good == target), diamond())


def order(name: str, target: str, request: FactoryRequest, **facts: Any) -> Order:
    """One at work on its part of the diamond; ``facts`` are those of its factory."""
    tree = tree_of(target)
    return Order(GoodsFactory(name, 1, target, "X1-W", START, START, tree=tree, request=request, **facts))


def scene(
    *,
    seen: list[MarketSnapshot] | None = None,
    request: FactoryRequest | None = None,
    ships: int = 4,
    target: str = "ADVANCED_CIRCUITRY",
    credits: int = 10_000_000,
    others: Sequence[Order] = (),
) -> Scene:
    """What the order F is asked about in, beside ``others``."""
    found = markets() if seen is None else seen
    situation = Situation(
        orders=[*others, order("F", target, request or fabricating(units=40))],
        ships=[ship("PROBE", hold=0), *(ship(f"S{number}") for number in range(ships))],
        markets={one.waypoint: one for one in found},
        chart=charted(
            ("X1-W-A", "X1-W-O"), **{one.waypoint: 20 * number for number, one in enumerate(found)}
        ),
        recipes=RECIPES,
    )
    return Scene(situation, "F", credits, START, Policy())


def where(stage: Scene, **facts: Any) -> Scene:
    """The scene in another situation."""
    return replace(stage, situation=replace(stage.situation, **facts))


def test_a_replay_makes_what_was_asked_for() -> None:
    """It ends when the units are made, and says what each good took."""
    outcome = Replay(scene(), 1).run()
    assert outcome.finished, outcome.reason
    assert outcome.units == 40
    assert outcome.nodes["ADVANCED_CIRCUITRY"][0] == 40
    assert set(outcome.nodes) == {node.good for node in diamond().flatten()}
    assert outcome.taken.spent > sum(cost for _, cost in outcome.nodes.values()) - 1
    assert outcome.taken.revenue > 0
    assert 0 < outcome.taken.ship_seconds < 4 * outcome.seconds
    assert outcome.value > 0


def test_the_same_seed_replays_the_same() -> None:
    """Nothing but the seed decides what is not known (law L13)."""
    assert Replay(scene(), 7).run() == Replay(scene(), 7).run()


def test_another_seed_replays_another_way() -> None:
    """What is not known differs from replay to replay."""
    poor = scene(seen=markets(made=Supply.SCARCE, inputs=Supply.SCARCE), target="COPPER")
    assert len({Replay(poor, seed).run().seconds for seed in range(4)}) > 1


def test_a_replay_leaves_its_scene_alone() -> None:
    """Ships, legs and markets of the scene are as they were."""
    stage = scene()
    seen = stage.situation
    before = (list(seen.ships), dict(seen.markets), list(seen.orders))
    Replay(stage, 1).run()
    assert (list(seen.ships), dict(seen.markets), list(seen.orders)) == before


def test_a_drained_system_takes_longer() -> None:
    """What must be produced first must be waited for."""
    rich = Replay(scene(), 1).run()
    poor = Replay(scene(seen=markets(made=Supply.SCARCE, inputs=Supply.SCARCE)), 1).run()
    assert poor.finished
    assert poor.seconds > rich.seconds + 1800


def test_one_ship_takes_longer_than_four() -> None:
    """A replay flies no more ships than there are."""
    times = [Replay(scene(ships=count), 1).run().seconds for count in (1, 4)]
    assert times[0] > times[1]


def test_without_a_ship_nothing_is_made() -> None:
    """The replay is given up and says what was waited for."""
    outcome = Replay(scene(ships=0), 1).run(longest=7200)
    assert not outcome.finished
    assert outcome.units == 0
    assert "too long" in outcome.reason


def test_where_every_ship_keeps_its_cargo_it_would_never_be_made() -> None:
    """They look at markets that nobody has seen all the same: that is no work at the good."""
    blind = [replace(one, listings=(), observed_at=None) for one in markets()]
    laden = where(
        scene(seen=blind), ships=[ship("S0", cargo={"IRON": 5})], kept={"S0": Kept("loaded by somebody else")}
    )
    outcome = Replay(laden, 1).run(longest=7200)
    assert outcome.taken.ship_seconds > 0
    assert outcome.reason.startswith("it would never be made")


def test_an_empty_purse_makes_nothing() -> None:
    """The floor holds in a replay as it does in the spend gate."""
    outcome = Replay(scene(credits=Policy().credit_floor + 100), 1).run(longest=7200)
    assert not outcome.finished
    assert outcome.taken.spent <= 100 + 1000  # fuel alone may touch the floor


def test_what_is_asked_to_be_sold_is_sold() -> None:
    """The terminal SELL ends at the sink, and its revenue counts."""
    request = fabricating(units=40, terminal=Terminal.SELL)
    sold = Replay(scene(request=request), 1).run()
    held = Replay(scene(), 1).run()
    assert sold.finished
    assert sold.units == 40
    assert sold.credits < held.credits
    assert sold.value == 0


def test_output_that_nobody_takes_fills_the_fleet() -> None:
    """Two ships cannot hold ten loads; where somebody takes them over, they can make them."""
    request = fabricating(units=400)
    stuck = scene(request=request, ships=2, target="COPPER")
    assert not Replay(stuck, 1).run(longest=40_000).finished
    assert Replay(replace(stuck, handed_over=True), 1).run().finished


def test_a_strategy_is_replayed_as_it_would_be_run() -> None:
    """prefer-buy buys the inputs that prefer-fabricate makes."""
    request = FactoryRequest(units=40, strategy=Strategy.PREFER_BUY)
    outcome = Replay(scene(request=request), 1).run()
    assert outcome.finished
    assert set(outcome.nodes) == {"ADVANCED_CIRCUITRY", "ELECTRONICS", "MICROPROCESSORS"}


def test_markets_that_nobody_has_seen_are_looked_at_first() -> None:
    """A probe or a ship looks, as in the real run; the replay knows no more than the planner."""
    blind = [replace(one, listings=(), observed_at=None) for one in markets()]
    outcome = Replay(scene(seen=blind), 3).run()
    seeing = Replay(scene(), 3).run()
    assert outcome.finished, outcome.reason
    assert outcome.seconds > seeing.seconds
    assert any("not seen yet" in moment.sentence for moment in outcome.story)


def test_a_price_that_could_not_be_read_is_drawn() -> None:
    """Fuel that a market sells at a price without sense can be bought in the replay all the same."""
    dark = [
        replace(one, listings=tuple(line for line in one.listings if line.good != "FUEL"))
        for one in markets()
    ]
    world = TradingWorld(scene(seen=dark), USUAL, random.Random(1))
    assert world.market("X1-W-A").buy("FUEL", 1, 0.0) > 0
    world.look("X1-W-A", 1.0)
    assert "FUEL" in {line.good for line in world.seen["X1-W-A"].listings}


def test_a_good_nobody_exports_ends_the_replay() -> None:
    """What can never be made fails, with the sentence of the planner."""
    outcome = Replay(scene(target="DRUGS"), 1).run()
    assert not outcome.finished
    assert "No market exports or exchanges DRUGS" in outcome.reason


def test_what_is_under_way_goes_on() -> None:
    """A ship in flight with a leg delivers it; nothing of it is bought a second time."""
    flying = ship("S0", "X1-W-C", cargo={"COPPER_ORE": 40})
    arrival = START + timedelta(seconds=120)
    flying = replace(flying, nav=Nav("X1-W", "X1-W-C", NavStatus.IN_TRANSIT, arrival=arrival))
    leg = Leg(
        id="L1",
        player_id=1,
        good="COPPER_ORE",
        hand_over=HandOver.SELL,
        feeds="COPPER",
        pegs=(Peg("F", 40),),
        source="X1-W-O",
        destination="X1-W-C",
        value=1,
        reason="",
        created_at=START,
        state=LegState.LADEN,
        ship="S0",
        container_id="W",
        bought=40,
        cost=2000,
        assigned_at=START,
        laden_at=START,
        traded_at=START,
    )
    begun = scene()
    ships = [flying if one.symbol == "S0" else one for one in begun.situation.ships]
    orders = [replace(begun.order, legs=[leg])]
    claims = {"S0": Claim("S0", 1, "W", "goods_factory_worker", 1, START)}
    outcome = Replay(where(begun, orders=orders, flying=[leg], ships=ships, claims=claims), 1).run()
    assert outcome.finished
    delivered = [moment for moment in outcome.story if "delivered 40 COPPER_ORE" in moment.sentence]
    assert delivered[0].seconds == pytest.approx(121, abs=1)
    assert outcome.nodes["COPPER_ORE"][1] == 2000


def test_seeds_do_not_touch_the_global_chance() -> None:
    """A replay draws from its own source: what others draw stays the same."""
    random.seed(1)
    expected = random.random()
    random.seed(1)
    Replay(scene(), 1).run()
    assert random.random() == expected
