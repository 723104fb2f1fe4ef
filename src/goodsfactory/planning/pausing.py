"""An order that is paused, rests or is complete: no ship is given work, and what flies comes to its end."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals, ships_of
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.node_states import flight_of, refusal_state

PAUSED_BY_USER = "paused by the user"
"""The reason of everything that waits for a resume."""


def stuck_legs(legs: Iterable[Leg], now: datetime, why: str) -> tuple[Leg, ...]:
    """The legs whose ships wait for money or a price, withdrawn: the end of that wait is not awaited."""
    stuck = (leg for leg in legs if leg.state.is_open and refusal_state(leg.rule) is not None)
    return tuple(leg.cancel(why, now) for leg in stuck)


def idle_nodes(
    factory: GoodsFactory,
    progress: Iterable[NodeProgress],
    legs: Sequence[Leg],
    totals: Sequence[LegTotals],
    *,
    state: NodeState,
    why: str,
    since: datetime,
    next_check: datetime | None,
) -> tuple[NodeProgress, ...]:
    """Every node in this ``state`` since then, with what its ships still fly; those that are DONE stay so."""
    known = {node.good: node for node in progress}
    for node in factory.tree.flatten() if factory.tree else ():
        known.setdefault(node.good, NodeProgress(factory.id, node.good, state, why, since))
    return tuple(_idle(node, legs, totals, state, why, since, next_check) for node in known.values())


def _idle(
    node: NodeProgress,
    legs: Sequence[Leg],
    totals: Sequence[LegTotals],
    state: NodeState,
    why: str,
    since: datetime,
    next_check: datetime | None,
) -> NodeProgress:
    own = [leg for leg in legs if leg.good == node.good]
    before = [one for one in totals if one.good == node.good]
    flown: list[Leg | LegTotals] = [*before, *own]
    quantity, cost = sum(one.bought for one in flown), sum(one.cost for one in flown)
    if node.state is NodeState.DONE:
        return replace(node, quantity=quantity, cost=cost, ships=ships_of(own, before))
    return replace(
        node,
        state=state,
        reason="; ".join([why, *(flight_of(leg) for leg in own if leg.state.is_open)]),
        since=since,
        next_check=next_check,
        quantity=quantity,
        cost=cost,
        ships=ships_of(own, before),
        checks=0,
        look_at=(),
    )
