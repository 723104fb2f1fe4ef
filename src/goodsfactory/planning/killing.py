"""The kill rule: a continuous factory that does not pay hibernates, and is tried again (economy.md §9.14).

What counts is what was realised: a sale less what the units sold had cost, fuel, and cargo written off. Goods
still aboard are neither won nor lost. Only a factory that sells its output is judged: what others make is
worth something to somebody we do not know. And only time counts in which it could have worked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from goodsfactory.domain.factory import FactoryStatus, GoodsFactory, Hibernation, Terminal, Trial
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.decision import duration
from goodsfactory.planning.policy import Policy

JUDGE_EVERY = timedelta(seconds=300)
"""Game time between two looks at one factory: hours count, not seconds."""

SILENT_AFTER = 2.0
"""Roll calls that may fail in a row before the server, or this daemon, is taken to have been away."""

FIRST_REST = timedelta(hours=1)
"""How long a factory hibernates at first; each further time in a row doubles it."""

LONGEST_REST = timedelta(days=1)

_DOUBLINGS = 8


@dataclass(frozen=True)
class Judgement:
    """``realised`` credits since ``since``, of which ``seconds`` counted; ``rests`` where it did not pay."""

    since: datetime
    seconds: float
    realised: int
    per_hour: float
    rests: Hibernation | None


def is_judged(factory: GoodsFactory) -> bool:
    """Whether the rule is about this factory, as it is now."""
    request = factory.request
    if not request.continuous or request.terminal is not Terminal.SELL:
        return False
    return factory.status is FactoryStatus.ACTIVE and not factory.is_idle


def could_work(
    nodes: Iterable[NodeProgress],
    legs: Iterable[Leg],
    *,
    money_held: bool,
    prices_too_old: bool,
    heard: datetime | None,
    now: datetime,
    policy: Policy,
) -> bool:
    """Whether anything could have been done for the factory just now.

    Not while spending is stopped or the budget is short, while purchases were refused only because prices
    were too old, without a ship, or while the server did not answer: its balance was ``heard`` of last then.
    A price at which nothing pays, or a market that makes nothing, is no excuse.
    """
    silent = timedelta(seconds=SILENT_AFTER * policy.roll_call_interval)
    if money_held or prices_too_old or heard is None or now - heard > silent:
        return False
    states = {node.state for node in nodes}
    if NodeState.WAITING_BUDGET in states:
        return False
    return NodeState.WAITING_SHIP not in states or any(leg.state.is_open for leg in legs)


def looked_at(trial: Trial | None, now: datetime, possible: bool) -> Trial:
    """The trial with the time since it was looked at last, where work was ``possible`` in it.

    After a longer silence no more counts than one look is apart from the next.
    """
    if trial is None:
        return Trial(now, 0.0, now)
    passed = min(now - trial.seen, JUDGE_EVERY) if possible else timedelta()
    return replace(trial, seconds=trial.seconds + passed.total_seconds(), seen=now)


def judge(factory: GoodsFactory, trial: Trial, realised: int, now: datetime, policy: Policy) -> Judgement:
    """Does it pay? Not where an hour of the time that counted brought less than ``kill_below`` credits."""
    per_hour = realised * 3600 / trial.seconds
    if per_hour >= policy.kill_below:
        return Judgement(trial.since, trial.seconds, realised, per_hour, None)
    rest = min(FIRST_REST * 2 ** min(trial.failures, _DOUBLINGS), LONGEST_REST)
    why = (
        f"{factory.target_good} does not pay: {realised:+,} credits in {duration(trial.seconds)} of work are "
        f"{per_hour:+,.0f} an hour, below {policy.kill_below:,}; it is tried again after "
        f"{duration(rest.total_seconds())}"
    )
    return Judgement(trial.since, trial.seconds, realised, per_hour, Hibernation(now, now + rest, why))
