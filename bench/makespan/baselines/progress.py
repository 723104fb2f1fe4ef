"""What every node of a baseline does or waits for: by it turns are taken, and markets looked at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypedDict

from bench.makespan.baselines.at_hand import AtHand, last_delivery
from bench.makespan.baselines.demand import Demand

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals, ships_of
from goodsfactory.domain.supply_chain import NodeProgress, NodeState, SupplyChainNode
from goodsfactory.planning.market.learned import next_production
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.snapshot import Edge, FactorySnapshot

Condition = tuple[NodeState, str, tuple[str, ...]]
"""State, reason, and the markets to look at."""


class Amounts(TypedDict):
    """``quantity`` in units, ``cost`` in credits, of all that ``ships`` have flown."""

    quantity: int
    cost: int
    ships: tuple[str, ...]


def progress_of(
    snapshot: FactorySnapshot,
    ready: Mapping[Good, AtHand],
    demands: Mapping[Edge, Demand],
    lots: Sequence[Lot],
    now: datetime,
    policy: Policy,
) -> tuple[NodeProgress, ...]:
    """The progress of every node, with states that stay ``since`` they began; ``lots`` have no ship yet.

    A good that has left the tree is described once more, as DONE, so that nobody looks for it any longer.
    """
    described = []
    for node in snapshot.tree.flatten():
        outgoing = [demand for demand in demands.values() if demand.good == node.good]
        waiting = [lot for lot in lots if lot.good == node.good]
        condition = _condition(snapshot, node.good, outgoing, ready[node.good], waiting, now)
        described.append(_progress(snapshot, node, condition, waiting, now, policy))
    return (*described, *_left(snapshot, ready, now))


def amounts(snapshot: FactorySnapshot, good: Good) -> Amounts:
    """What was carried of a good so far."""
    legs, totals = snapshot.legs_for(good), snapshot.totals_for(good)
    flown: list[Leg | LegTotals] = [*totals, *legs]
    return {
        "quantity": sum(one.bought for one in flown),
        "cost": sum(one.cost for one in flown),
        "ships": ships_of(legs, totals),
    }


def done(node: NodeProgress, why: str, now: datetime) -> NodeProgress:
    """The node as nobody looks for it any longer."""
    return replace(node, state=NodeState.DONE, reason=why, since=now, next_check=None, checks=0, look_at=())


def _left(snapshot: FactorySnapshot, ready: Mapping[Good, AtHand], now: datetime) -> Iterator[NodeProgress]:
    for good, before in snapshot.progress.items():
        if good not in ready and before.state is not NodeState.DONE:
            yield done(before, f"{snapshot.tree.good} is no longer made from {good}", now)


def _condition(
    snapshot: FactorySnapshot,
    good: Good,
    outgoing: Sequence[Demand],
    ready: AtHand,
    waiting: Sequence[Lot],
    now: datetime,
) -> Condition:
    flying = [leg for leg in snapshot.legs_for(good) if leg.state.is_open]
    if flying:
        return _under_way(flying, snapshot.progress.get(good)), f"{len(flying)} loads are under way", ()
    wanted = any(demand.missing for demand in outgoing)
    if waiting or (wanted and ready.waypoint is not None):
        held = next((lot for lot in waiting if lot.failure and lot.waits(now)), None)
        if held is not None and held.failure:
            return _refused(held.rule) or NodeState.WAITING_PRICE, held.failure, ()
        return NodeState.WAITING_SHIP, f"{ready.reason}; it has no ship yet", ready.look_at
    if not wanted:
        return NodeState.DONE, outgoing[0].reason if outgoing else "nothing needs it", ()
    state = NodeState.PRODUCING if ready.producing else NodeState.WAITING_SOURCE
    return state, ready.reason, ready.look_at


def _under_way(flying: Sequence[Leg], before: NodeProgress | None) -> NodeState:
    """IN_TRANSIT; a ship that only tries again what was refused for money does not end that wait."""
    waits = {_refused(leg.rule) for leg in flying}
    if len(waits) == 1 and (state := waits.pop()) is not None:
        return state
    refused = before is not None and before.state in (NodeState.WAITING_BUDGET, NodeState.WAITING_PRICE)
    if before is not None and refused and not any(leg.bought for leg in flying):
        return before.state
    return NodeState.IN_TRANSIT


def _refused(rule: SpendRule | None) -> NodeState | None:
    """The state of a node that waits because of ``rule``; None where it is no refusal to spend."""
    if rule is None:
        return None
    if rule.is_about_money:
        return NodeState.WAITING_BUDGET
    return NodeState.WAITING_PRICE if rule.is_about_prices else None


def _progress(
    snapshot: FactorySnapshot,
    node: SupplyChainNode,
    condition: Condition,
    waiting: Sequence[Lot],
    now: datetime,
    policy: Policy,
) -> NodeProgress:
    state, reason, look_at = condition
    before = snapshot.progress.get(node.good)
    if before is not None and before.state is not state:
        before = None
    checks = 0 if before is None else before.checks
    next_check = now + timedelta(seconds=policy.planner_interval)
    if state is NodeState.PRODUCING:
        next_check, checks = _next_look(snapshot, node, before, now, policy)
    held = [leg.not_before for leg in snapshot.legs_for(node.good) if leg.state.is_open and leg.not_before]
    held += [lot.not_before for lot in waiting if lot.not_before]
    if held and min(held) > now:
        next_check = min(held)
    return NodeProgress(
        factory_id=snapshot.factory.id,
        good=node.good,
        state=state,
        reason=reason,
        since=now if before is None else before.since,
        next_check=None if state is NodeState.DONE else next_check,
        checks=checks,
        look_at=look_at,
        **amounts(snapshot, node.good),
    )


def _next_look(
    snapshot: FactorySnapshot,
    node: SupplyChainNode,
    before: NodeProgress | None,
    now: datetime,
    policy: Policy,
) -> tuple[datetime, int]:
    """30 s after the delivery, then every 60 s, without end; a look counts when its time has come.

    Where it was learned when the market produces, somebody looks just then, too.
    """
    made = next_production(snapshot.phases.get((node.factory_waypoint or "", node.good)), now)

    def at_latest(moment: datetime) -> datetime:
        return moment if made is None else min(moment, made + timedelta(seconds=policy.settle_interval))

    if before is None or before.next_check is None:
        wait = timedelta(seconds=policy.poll_interval_initial)
        first = (last_delivery(snapshot, node) or now) + wait
        return at_latest(first if first > now else now + wait), 0
    if now < before.next_check:
        return at_latest(before.next_check), before.checks
    return at_latest(now + timedelta(seconds=policy.poll_interval_settled)), before.checks + 1
