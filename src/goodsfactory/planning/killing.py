"""The kill rule: a continuous factory that does not pay ends by itself (economy.md §9.14).

What counts is what was realised: a sale less what the units sold had cost, fuel, and cargo written off. Goods
still aboard are neither won nor lost. Only a factory that sells its output is judged: what others make is
worth something to somebody we do not know.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.factory import FactoryStatus, GoodsFactory, Terminal
from goodsfactory.planning.decision import duration
from goodsfactory.planning.policy import Policy


@dataclass(frozen=True)
class Judgement:
    """``realised`` credits in the window that began at ``since``; ``ends`` says why, None: it goes on."""

    since: datetime
    realised: int
    per_hour: float
    ends: str | None


def window_of(factory: GoodsFactory, now: datetime, policy: Policy) -> datetime | None:
    """When the window that ``factory`` is judged by began; None while there is none to judge.

    It must have worked all through it: what came before it started, or before it was resumed, says nothing.
    """
    request = factory.request
    if not request.continuous or request.terminal is not Terminal.SELL:
        return None
    if factory.status is not FactoryStatus.ACTIVE or factory.paused_at is not None:
        return None
    worked_since = factory.resumed_at or factory.started_at
    begin = now - timedelta(seconds=policy.kill_window)
    return begin if worked_since is not None and worked_since <= begin else None


def judge(factory: GoodsFactory, since: datetime, realised: int, now: datetime, policy: Policy) -> Judgement:
    """Does it pay? It ends where it realised less than ``kill_below`` credits an hour since ``since``."""
    per_hour = realised * 3600 / (now - since).total_seconds()
    if per_hour >= policy.kill_below:
        return Judgement(since, realised, per_hour, None)
    return Judgement(
        since,
        realised,
        per_hour,
        f"{factory.target_good} does not pay: {realised:+,} credits in {duration(policy.kill_window)} are "
        f"{per_hour:+,.0f} an hour, and it ends below {policy.kill_below:,}",
    )
