"""The kill rule on paper: which factories are judged, by what window, and by which number."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.planning.flow_world import START, SYSTEM, TARGET, circuitry

from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, GoodsFactory, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.planning.flow import decide
from goodsfactory.planning.killing import judge, window_of
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import FactoryDecision, FactorySnapshot, Verdict

POLICY = Policy(kill_below=0, kill_window=6 * 3600)
CHAIN = FactoryRequest(continuous=True, terminal=Terminal.SELL)
WINDOW = timedelta(hours=6)


def factory(**facts: Any) -> GoodsFactory:
    plain = GoodsFactory(
        "F", 1, TARGET, SYSTEM, START, START, status=FactoryStatus.ACTIVE, started_at=START, request=CHAIN
    )
    return replace(plain, **facts)


@pytest.mark.parametrize(
    "facts",
    [
        {"request": FactoryRequest(units=40, terminal=Terminal.SELL)},
        {"request": FactoryRequest(continuous=True)},
        {"request": FactoryRequest(continuous=True, terminal=Terminal.STOCK)},
        {"status": FactoryStatus.PENDING, "started_at": None},
        {"paused_at": START},
        {"resumed_at": START + timedelta(hours=3)},
    ],
    ids=["one lot", "held", "stocked", "not begun", "paused", "resumed"],
)
def test_only_what_sells_without_end_and_worked_all_through_is_judged(facts: dict[str, object]) -> None:
    """What others make is worth something to somebody, and a pause earns nothing."""
    assert window_of(factory(**facts), START + WINDOW + timedelta(hours=1), POLICY) is None


def test_nothing_is_judged_before_its_window_is_full() -> None:
    """The first hours buy what the later ones sell."""
    assert window_of(factory(), START + WINDOW - timedelta(seconds=1), POLICY) is None
    assert window_of(factory(), START + WINDOW, POLICY) == START


def verdict(realised: int, policy: Policy = POLICY, now: datetime = START + WINDOW) -> str | None:
    return judge(factory(), now - WINDOW, realised, now, policy).ends


def test_a_factory_that_loses_ends_and_says_by_how_much() -> None:
    """The sentence carries the numbers and the limit."""
    assert verdict(-12_000) == (
        "ADVANCED_CIRCUITRY does not pay: -12,000 credits in 6h00m are -2,000 an hour, and it ends below 0"
    )


@pytest.mark.parametrize("realised", [0, 1, 500_000])
def test_a_factory_that_does_not_lose_goes_on(realised: int) -> None:
    """Nothing earned is no loss: a market that recovers is waited for."""
    assert verdict(realised) is None


def test_the_limit_is_credits_an_hour() -> None:
    """30,000 an hour over six hours are 180,000."""
    strict = replace(POLICY, kill_below=30_000)
    assert verdict(180_000, strict) is None
    assert verdict(179_999, strict) is not None


def ending(world_legs: tuple[LegState, ...] = (), failure: str | None = None) -> FactoryDecision:
    world = circuitry(CHAIN)
    for state in world_legs:
        world.leg(TARGET, TARGET, state, failure=failure)
    seen = world.snapshot()
    over = replace(seen.factory, ending="it does not pay", status=FactoryStatus.ACTIVE)
    snapshot = FactorySnapshot(
        over, seen.tree, seen.progress, seen.legs, seen.markets, seen.places, seen.fleet
    )
    return decide(snapshot, START, POLICY)


def test_a_factory_that_ends_gives_out_nothing_and_stops_once_nothing_flies() -> None:
    """Its ready legs are withdrawn, and that is the end."""
    decision = ending((LegState.READY,))
    assert decision.verdict is Verdict.STOP
    assert decision.demands == ()
    assert [leg.failure for leg in decision.withdrawn] == ["it does not pay"]


def test_a_ship_under_way_may_come_to_its_end_first() -> None:
    """What is bought is still sold."""
    decision = ending((LegState.LADEN,))
    assert decision.verdict is Verdict.CONTINUE
    assert decision.withdrawn == ()


def test_a_ship_that_waits_for_a_price_is_not_waited_for() -> None:
    """A crushed market could keep the factory alive for ever."""
    decision = ending((LegState.LADEN,), "price: it pays 4")
    assert decision.verdict is Verdict.STOP
    assert [leg.state for leg in decision.withdrawn] == [LegState.CANCELLED]
