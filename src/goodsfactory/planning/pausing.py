"""A factory that is paused, or that ends: no ship is given work, and what flies comes to its end."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.leg_totals import LegTotals, ships_of
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.node_states import flight_of, refusal_state
from goodsfactory.planning.policy import Policy

PAUSED_BY_USER = "paused by the user"
"""The reason of everything that waits for a resume."""


def waiting_legs(legs: Iterable[Leg], now: datetime, why: str = PAUSED_BY_USER) -> tuple[Leg, ...]:
    """The legs that nobody flies yet, withdrawn."""
    return tuple(leg.cancel(why, now) for leg in legs if leg.state is LegState.READY)


def stuck_legs(legs: Iterable[Leg], now: datetime, why: str) -> tuple[Leg, ...]:
    """The legs whose ships wait for money or a price, withdrawn: the end of that wait is not awaited."""
    stuck = (leg for leg in legs if leg.state.is_flying and refusal_state(leg.rule) is not None)
    return tuple(leg.cancel(why, now) for leg in stuck)


def paused_nodes(
    factory: GoodsFactory,
    progress: Iterable[NodeProgress],
    legs: Sequence[Leg],
    totals: Sequence[LegTotals],
    now: datetime,
    policy: Policy,
    why: str = PAUSED_BY_USER,
) -> tuple[NodeProgress, ...]:
    """Every node that is not done as PAUSED since the pause began; with what its ships still fly."""
    known = {node.good: node for node in progress}
    since = factory.paused_at or now
    for node in factory.tree.flatten() if factory.tree else ():
        known.setdefault(node.good, NodeProgress(factory.id, node.good, NodeState.PAUSED, "", since))
    next_check = now + timedelta(seconds=policy.coordinator_interval)
    return tuple(
        node if node.state is NodeState.DONE else _paused(node, legs, totals, since, next_check, why)
        for node in known.values()
    )


def _paused(
    node: NodeProgress,
    legs: Sequence[Leg],
    totals: Sequence[LegTotals],
    since: datetime,
    next_check: datetime,
    why: str,
) -> NodeProgress:
    own = [leg for leg in legs if leg.good == node.good]
    before = [one for one in totals if one.good == node.good]
    flown: list[Leg | LegTotals] = [*before, *own]
    flying = [flight_of(leg) for leg in own if leg.state.is_flying]
    return replace(
        node,
        state=NodeState.PAUSED,
        reason="; ".join([why, *flying]),
        since=since,
        next_check=next_check,
        quantity=sum(one.bought for one in flown),
        cost=sum(one.cost for one in flown),
        ships=ships_of(own, before),
        checks=0,
        look_at=(),
    )
