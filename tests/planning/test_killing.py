"""The kill rule on paper: which factories are judged, by what time, and by which number."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.planning.flow_world import START, SYSTEM, TARGET, circuitry, decide
from tests.wishes import fabricating

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.factory import (
    FactoryStatus,
    GoodsFactory,
    Hibernation,
    Terminal,
    Trial,
)
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.killing import JUDGE_EVERY, could_work, is_judged, judge, looked_at
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import FactoryDecision, FactorySnapshot, Verdict

POLICY = Policy(kill_below=0, kill_window=6 * 3600)
CHAIN = fabricating(continuous=True, terminal=Terminal.SELL)
REST = Hibernation(START, START + timedelta(hours=1), "it does not pay")


def factory(**facts: Any) -> GoodsFactory:
    plain = GoodsFactory(
        "F", 1, TARGET, SYSTEM, START, START, status=FactoryStatus.ACTIVE, started_at=START, request=CHAIN
    )
    return replace(plain, **facts)


@pytest.mark.parametrize(
    "facts",
    [
        {"request": fabricating(units=40, terminal=Terminal.SELL)},
        {"request": fabricating(continuous=True)},
        {"request": fabricating(continuous=True, terminal=Terminal.STOCK)},
        {"status": FactoryStatus.PENDING, "started_at": None},
        {"paused_at": START},
        {"hibernation": REST},
    ],
    ids=["one lot", "held", "stocked", "not begun", "paused", "hibernating"],
)
def test_only_what_sells_without_end_and_works_is_judged(facts: dict[str, Any]) -> None:
    """What others make is worth something to somebody, and a pause earns nothing."""
    assert is_judged(factory())
    assert not is_judged(factory(**facts))


def possible(state: NodeState = NodeState.PRODUCING, flying: bool = False, **facts: Any) -> bool:
    world = circuitry(CHAIN)
    legs = [world.leg(TARGET, TARGET, LegState.LADEN)] if flying else []
    node = NodeProgress("F", TARGET, state, "", START)
    known: dict[str, Any] = {"money_held": False, "prices_too_old": False, "heard": START, **facts}
    return could_work([node], legs, now=START, policy=POLICY, **known)


def test_time_counts_in_which_something_could_be_done() -> None:
    """A market that makes nothing, or at which nothing pays, is no excuse."""
    assert possible()
    assert possible(NodeState.WAITING_PRICE)
    assert possible(NodeState.WAITING_SHIP, flying=True)


@pytest.mark.parametrize(
    "facts",
    [
        {"state": NodeState.WAITING_SHIP},
        {"state": NodeState.WAITING_BUDGET},
        {"money_held": True},
        {"prices_too_old": True},
        {"heard": None},
        {"heard": START - timedelta(minutes=11)},
    ],
    ids=["no ship", "no budget", "spending stopped", "old prices", "never heard", "outage"],
)
def test_time_does_not_count_in_which_nothing_could_be_done(facts: dict[str, Any]) -> None:
    """Such hours neither end a chain nor bring its end nearer."""
    assert not possible(**facts)
    trial = Trial(START, 100.0, START)
    assert looked_at(trial, START + JUDGE_EVERY, possible(**facts)).seconds == 100


def test_a_time_without_looks_counts_as_one_look() -> None:
    """The daemon was down: nobody knows what could have been done."""
    trial = looked_at(Trial(START, 0.0, START), START + timedelta(days=2), True)
    assert trial == Trial(START, JUDGE_EVERY.total_seconds(), START + timedelta(days=2))


def verdict(realised: int, policy: Policy = POLICY, failures: int = 0) -> Hibernation | None:
    now = START + timedelta(days=1)
    return judge(factory(), Trial(START, 6 * 3600.0, now, failures), realised, now, policy).rests


def test_a_factory_that_loses_rests_and_says_by_how_much() -> None:
    """The sentence carries the numbers, the limit and what comes next."""
    rest = verdict(-12_000)
    assert rest is not None
    assert rest.why == (
        "ADVANCED_CIRCUITRY does not pay: -12,000 credits in 6h00m of work are -2,000 an hour, below 0; "
        "it is tried again after 1h00m"
    )


@pytest.mark.parametrize(("failures", "hours"), [(0, 1), (1, 2), (3, 8), (5, 24), (5_000, 24)])
def test_each_rest_in_a_row_is_longer(failures: int, hours: int) -> None:
    """Up to a day: it is never given up."""
    rest = verdict(-1, failures=failures)
    assert rest is not None
    assert rest.until - rest.since == timedelta(hours=hours)


@pytest.mark.parametrize("realised", [0, 1, 500_000])
def test_a_factory_that_does_not_lose_goes_on(realised: int) -> None:
    """Nothing earned is no loss: a market that recovers is waited for."""
    assert verdict(realised) is None


def test_the_limit_is_credits_an_hour() -> None:
    """30,000 an hour over six hours are 180,000."""
    strict = replace(POLICY, kill_below=30_000)
    assert verdict(180_000, strict) is None
    assert verdict(179_999, strict) is not None


def resting(world_legs: tuple[LegState, ...] = (), rule: SpendRule | None = None) -> FactoryDecision:
    world = circuitry(CHAIN)
    for state in world_legs:
        world.leg(TARGET, TARGET, state, failure="no" if rule else None, rule=rule)
    seen = world.snapshot()
    idle = replace(seen.factory, hibernation=REST, status=FactoryStatus.ACTIVE)
    snapshot = FactorySnapshot(
        idle, seen.tree, seen.progress, seen.legs, seen.markets, seen.chart, seen.fleet
    )
    return decide(snapshot, START, POLICY)


def test_a_factory_that_hibernates_gives_out_nothing_and_lives_on() -> None:
    """It has no lots; every node says why, and when it is tried again."""
    decision = resting()
    assert decision.verdict is Verdict.CONTINUE
    assert (decision.lots, decision.withdrawn) == ((), ())
    assert {node.reason for node in decision.nodes} == {"it does not pay"}
    assert {node.next_check for node in decision.nodes} == {REST.until}


def test_a_ship_under_way_may_come_to_its_end_first() -> None:
    """What is bought is still sold."""
    assert resting((LegState.LADEN,)).withdrawn == ()


def test_a_ship_that_waits_for_a_price_is_not_waited_for() -> None:
    """A crushed market would hold a ship through the whole rest."""
    decision = resting((LegState.LADEN,), SpendRule.PRICE)
    assert [(leg.state, leg.failure) for leg in decision.withdrawn] == [
        (LegState.CANCELLED, "it does not pay")
    ]


def test_a_moment_of_the_trial_is_kept_with_its_failures() -> None:
    """A restart forgets neither."""
    trial = Trial(START, 10.0, START, 2)
    assert trial.anew(datetime(2027, 1, 1, tzinfo=START.tzinfo)).failures == 2
    assert trial.anew(START, failures=0).failures == 0
