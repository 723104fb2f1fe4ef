"""Replays beside the other orders of the agent: they are planned together, and each has its own books."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.planning.flow_world import START, ship
from tests.planning.forecast.test_replay import markets, order, scene, tree_of, where
from tests.wishes import fabricating

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import FactoryRequest, Hibernation, Terminal
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.market import Supply
from goodsfactory.domain.stock import StockKind, StockRow
from goodsfactory.planning.quote.crew import ELSEWHERE
from goodsfactory.planning.quote.outcome import Outcome
from goodsfactory.planning.quote.quoting import REPLAYS, QuoteOrder, quote
from goodsfactory.planning.quote.replay import Replay
from goodsfactory.planning.quote.scene import Scene
from goodsfactory.planning.situation import Order

LITTLE = {"made": Supply.LIMITED, "inputs": Supply.LIMITED}
"""Nothing can be lifted before it is made."""


def copper(request: FactoryRequest | None = None, *, ships: int = 2, others: tuple[Order, ...] = ()) -> Scene:
    """F is asked for copper where little of it is made; its loads are fetched as they are lifted."""
    stage = scene(
        seen=markets(**LITTLE),
        target="COPPER",
        request=request or fabricating(units=40),
        ships=ships,
        others=others,
    )
    return replace(stage, handed_over=True)


def replayed(stage: Scene) -> Outcome:
    return Replay(stage, 1).run()


def legs_of(replay: Replay, name: str) -> list[Leg]:
    """Those of an order that were flown."""
    return [leg for leg in replay.crew.legs.values() if leg.factory_id == name]


def test_who_takes_the_same_export_delays_it() -> None:
    """Both lift copper at one market: what the other one takes is not there any more."""
    other = order("O", "COPPER", FactoryRequest(units=80))
    alone, beside = (replayed(copper(FactoryRequest(units=80), others=them)) for them in ((), (other,)))
    assert (alone.finished, beside.finished) == (True, True)
    assert beside.seconds > alone.seconds + 1800


def test_a_higher_priority_goes_first() -> None:
    """What is made is lifted by the order of the higher priority, whichever of the two is asked about."""

    def beside(priority: float) -> Outcome:
        other = order("O", "COPPER", FactoryRequest(units=80, priority=priority))
        return replayed(copper(FactoryRequest(units=40), others=(other,)))

    assert beside(10.0).seconds > beside(0.1).seconds + 1800


def test_others_fly_their_ships_and_look_for_themselves() -> None:
    """No ship that an order leaves out flies for it, and no look that others alone want is its own."""
    other = order("O", "ELECTRONICS", FactoryRequest(units=40, ships=("S1",)))
    stage = copper(FactoryRequest(units=40, exclude=("S1",)), others=(other,))
    unseen = replace(stage.situation.markets["X1-W-S"], listings=(), observed_at=None)
    replay = Replay(where(stage, markets={**stage.situation.markets, "X1-W-S": unseen}), 1)
    assert replay.run().finished
    assert {leg.ship for leg in legs_of(replay, "F")} == {"S0"}
    assert {leg.ship for leg in legs_of(replay, "O")} == {"S1"}
    assert replay.crew.accounts[ELSEWHERE].requests > 3


def test_what_goes_on_without_end_does_so_until_the_order_is_over() -> None:
    """A replay ends with its order; what the others take meanwhile is in none of its figures."""
    endless = order("O", "ELECTRONICS", fabricating(terminal=Terminal.SELL, continuous=True))
    replay = Replay(copper(others=(endless,)), 1)
    found = replay.run()
    assert found.finished
    assert any(one.bought for one in legs_of(replay, "O"))
    assert set(found.nodes) == {"COPPER", "COPPER_ORE"}
    own = [one for one in legs_of(replay, "F") if one.bought]
    assert found.nodes["COPPER_ORE"][0] == sum(one.bought for one in own if one.good == "COPPER_ORE")
    fuel = found.taken.spent - sum(cost for _, cost in found.nodes.values())
    assert 0 <= fuel < 5_000
    assert found.taken.revenue == sum(one.revenue for one in own)
    assert not any("CRYSTALS" in moment.sentence for moment in found.story)


@pytest.mark.parametrize(
    "idle",
    [
        {"paused_at": START},
        {"hibernation": Hibernation(START, START + timedelta(days=9), "it does not pay")},
    ],
)
def test_whoever_rests_takes_nothing(idle: dict[str, Any]) -> None:
    """Beside an order that is paused or hibernates a quote is as it would be without it."""
    other = order("O", "COPPER", fabricating(units=160), **idle)
    assert replayed(copper(others=(other,))) == replayed(copper())


def flying(**facts: Any) -> Leg:
    """S0 carries ore to the other order's copper works."""
    leg = Leg(
        id="L1",
        player_id=1,
        good="COPPER_ORE",
        hand_over=HandOver.SELL,
        feeds="COPPER",
        pegs=(Peg("O", 40),),
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
    return replace(leg, **facts)


def test_a_ship_of_another_order_brings_its_load_home_first() -> None:
    """It is not taken to be free and empty: its leg is flown on, and is in its own order's books."""
    other = replace(order("O", "COPPER", fabricating(units=40)), legs=[flying()])
    stage = where(
        copper(ships=1, others=(other,)),
        ships=[ship("PROBE", hold=0), ship("S0", cargo={"COPPER_ORE": 40})],
        flying=[flying()],
        claims={"S0": Claim("S0", 1, "W", "goods_factory_worker", 1, START)},
    )
    replay = Replay(stage, 1)
    found = replay.run()
    assert found.finished
    first = next(one for one in legs_of(replay, "F") if one.bought)
    landed = next(one for one in legs_of(replay, "O") if one.delivered == 40)
    assert landed.ended_at is not None
    assert first.created_at >= landed.ended_at
    assert found.nodes["COPPER_ORE"][0] == sum(
        one.bought for one in legs_of(replay, "F") if one.good == "COPPER_ORE"
    )


def test_an_order_at_work_goes_on_from_where_it_is() -> None:
    """What it was brought before counts: it lifts at once, where a new one must feed its market first."""
    fed = flying(state=LegState.DONE, delivered=40, ended_at=START - timedelta(hours=1))
    first = []
    for legs in ([], [replace(fed, traded_at=fed.ended_at)]):
        other = replace(order("O", "COPPER", fabricating(units=40)), legs=legs)
        stage = scene(target="ELECTRONICS", others=[other], seen=markets(made=Supply.HIGH))
        replay = Replay(stage, 1)
        replay.run()
        first.append(next(one.created_at for one in legs_of(replay, "O") if one.is_lift))
    assert first[1] < first[0]


def test_beside_others_fewer_replays_are_made() -> None:
    """Each takes so much longer; the terminal that was not asked for is not replayed then."""
    others = [
        order(f"O{number}", "ELECTRONICS", FactoryRequest(units=40, ships=("S1",))) for number in (1, 2)
    ]
    stage = copper(others=tuple(others))
    found = quote(QuoteOrder(stage, tree_of("COPPER")))
    assert found.replays == REPLAYS - 1
    assert set(found.profit) == {"HOLD"}


def stocked(units: int, cost: int, request: FactoryRequest) -> Scene:
    """S0 has copper aboard that another order made as stock."""
    row = StockRow(1, "S0", "COPPER", units, cost, StockKind.OUTPUT, "OLD", START)
    laden = [ship("PROBE", hold=0), ship("S0", cargo={"COPPER": units}), ship("S1")]
    return where(scene(target="COPPER", request=request), ships=laden, stock=[row])


SELL = FactoryRequest(units=20, terminal=Terminal.SELL)


def test_stock_costs_what_it_had_cost() -> None:
    """What another order paid for is no gift: its cost is in the quote, though the purse pays nothing."""
    cheap, dear = (replayed(stocked(20, cost, SELL)) for cost in (100, 400))
    assert (cheap.finished, dear.finished) == (True, True)
    assert dear.credits - cheap.credits == 300
    assert dear.nodes["COPPER"] == (20, 400)


def test_no_more_stock_is_sold_than_was_asked_for() -> None:
    """The rest stays whose it is, for its part of the cost."""
    found = replayed(stocked(40, 400, SELL))
    assert found.units == 20
    assert found.nodes["COPPER"] == (20, 200)


def test_stock_that_no_sale_pays_for_stays_aboard() -> None:
    """It cost more than anybody gives for it: the order makes its own."""
    found = replayed(stocked(20, 1_000_000, SELL))
    assert found.taken.spent < 1_000_000
    assert "S0" not in {moment.sentence.split()[0] for moment in found.story if "carries" in moment.sentence}
