"""What every node is doing or waiting for: never without a reason, a since and a next check (law L8)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.leg_totals import LegTotals, ships_of
from goodsfactory.domain.supply_chain import Acquisition, NodeProgress, NodeState, SupplyChainNode
from goodsfactory.planning.decision import at_clock
from goodsfactory.planning.dispatch.setbacks import back_off, setback_of
from goodsfactory.planning.looking.lookout import NO_SCOUT, has_scout
from goodsfactory.planning.market.learned import next_production
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import Availability, last_delivery
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.requirement import Requirement
from goodsfactory.planning.snapshot import Edge, FactorySnapshot


@dataclass(frozen=True)
class _Condition:
    state: NodeState
    reason: str
    look_at: tuple[str, ...] = ()


def describe_nodes(
    snapshot: FactorySnapshot,
    nodes: Iterable[SupplyChainNode],
    ready: Mapping[Good, Availability],
    demands: Mapping[Edge, Requirement],
    lots: Sequence[Lot],
    now: datetime,
    policy: Policy,
) -> tuple[NodeProgress, ...]:
    """The progress of every node, with states that stay ``since`` they began; ``lots`` have no ship yet.

    A good that has left the tree is described once more, as DONE, so that nobody looks for it any longer.
    """
    described = []
    for node in nodes:
        outgoing = [demand for demand in demands.values() if demand.good == node.good]
        waiting = [lot for lot in lots if lot.good == node.good]
        condition = _condition(snapshot, node, outgoing, ready[node.good], waiting, now, policy)
        condition = _warned(snapshot, condition, now)
        if node is snapshot.tree and snapshot.fleet.dear:
            kept = [f"{ship} keeps {dear.whose}" for ship, dear in snapshot.fleet.dear.items()]
            condition = replace(condition, reason="; ".join((condition.reason, *kept)))
        described.append(_progress(snapshot, node, condition, waiting, now, policy))
    return (*described, *_left(snapshot, ready, now))


def _left(
    snapshot: FactorySnapshot, ready: Mapping[Good, Availability], now: datetime
) -> Iterable[NodeProgress]:
    for good, before in snapshot.progress.items():
        if good not in ready and before.state is not NodeState.DONE:
            reason = f"{snapshot.tree.good} is no longer made from {good}"
            yield replace(
                before, state=NodeState.DONE, reason=reason, since=now, next_check=None, checks=0, look_at=()
            )


def _condition(
    snapshot: FactorySnapshot,
    node: SupplyChainNode,
    outgoing: list[Requirement],
    ready: Availability,
    waiting: Sequence[Lot],
    now: datetime,
    policy: Policy,
) -> _Condition:
    flying = [leg for leg in snapshot.legs_for(node.good) if leg.state.is_open]
    if flying:
        return _under_way(flying, snapshot.progress.get(node.good))
    wanted = any(demand.sizes for demand in outgoing)
    if waiting or (wanted and ready.waypoint is not None):
        return _waiting_for_ship(snapshot, node, waiting, outgoing, ready, now, policy)
    held = next((demand for demand in outgoing if demand.short), None)
    if not wanted and held is not None:
        return _held_back(snapshot, node, held, ready, now, policy)
    if not wanted:
        return _Condition(NodeState.DONE, outgoing[0].reason if outgoing else "nothing needs it")
    trouble = _trouble(snapshot, outgoing, policy)
    reason = f"{ready.reason}; {trouble}" if trouble else ready.reason
    state = NodeState.PRODUCING if ready.producing else NodeState.WAITING_SOURCE
    return _Condition(state, reason, ready.look_at)


def _held_back(
    snapshot: FactorySnapshot,
    node: SupplyChainNode,
    held: Requirement,
    ready: Availability,
    now: datetime,
    policy: Policy,
) -> _Condition:
    """Wanted, but all that is there is too little or left to others; no ship flies there, so one looks."""
    made = node.acquisition is Acquisition.FABRICATE
    market = snapshot.markets.get(ready.waypoint or "")
    ttl = policy.poll_interval_initial if made else policy.market_ttl
    old = market is not None and not market.is_fresh(now, timedelta(seconds=ttl))
    state = NodeState.PRODUCING if made else NodeState.WAITING_SOURCE
    look = (market.waypoint,) if market is not None and old else ready.look_at
    return _Condition(state, held.reason, look)


def _warned(snapshot: FactorySnapshot, condition: _Condition, now: datetime) -> _Condition:
    """Says so where somebody must go to look and no probe is in the system: it takes a cargo ship."""
    ships = snapshot.fleet.ships
    unseen = [place for place in condition.look_at if not any(ship.is_at(place, now) for ship in ships)]
    if not unseen or has_scout(ships, snapshot.factory.system_symbol):
        return condition
    return replace(condition, reason=f"{condition.reason}; {NO_SCOUT}")


def _under_way(flying: list[Leg], before: NodeProgress | None) -> _Condition:
    """IN_TRANSIT; a ship that only tries again what was refused for money does not end that wait."""
    sentence = "; ".join(flight_of(leg) for leg in flying)
    waits = {refusal_state(leg.rule) for leg in flying}
    if len(waits) == 1 and (state := waits.pop()) is not None:
        return _Condition(state, sentence)
    refused = before is not None and before.state in (NodeState.WAITING_BUDGET, NodeState.WAITING_PRICE)
    if before is not None and refused and not any(leg.bought for leg in flying):
        return _Condition(before.state, f"{sentence}, to try again")
    return _Condition(NodeState.IN_TRANSIT, sentence)


def flight_of(leg: Leg) -> str:
    """What the ship of a flying leg is doing, and what holds it up, in one sentence."""
    flight = f"{leg.ship} is on its way to {leg.source} for {leg.good}"
    if leg.state is LegState.LADEN:
        flight = f"{leg.ship} carries {leg.aboard} {leg.good} to {leg.destination or 'its hold'}"
        flight += f", from the stock of factory {leg.stock_of}" if leg.stock_of else ""
    return f"{flight}, but waits: {leg.failure.rstrip('.')}" if leg.failure else flight


def refusal_state(rule: SpendRule | None) -> NodeState | None:
    """The state of a node whose leg waits because of ``rule``; None where it is no refusal to spend."""
    if rule is None:
        return None
    if rule.is_about_money:
        return NodeState.WAITING_BUDGET
    return NodeState.WAITING_PRICE if rule.is_about_prices else None


def _waiting_for_ship(
    snapshot: FactorySnapshot,
    node: SupplyChainNode,
    waiting: Sequence[Lot],
    outgoing: list[Requirement],
    ready: Availability,
    now: datetime,
    policy: Policy,
) -> _Condition:
    held = next((lot for lot in waiting if lot.failure and lot.waits(now)), None)
    if held is not None and held.failure:
        return _Condition(refusal_state(held.rule) or NodeState.WAITING_PRICE, held.failure)
    trouble = _trouble(snapshot, outgoing, policy)
    lifting = any(demand.feeds is None for demand in outgoing)
    again = _tried_again(snapshot, waiting, outgoing, now, policy)
    fleet = _fleet(snapshot, node.good, lifting, again, now)
    sentence = f"{trouble}; {fleet}" if trouble else fleet
    return _Condition(NodeState.WAITING_SHIP, f"{ready.reason}; {sentence}", ready.look_at)


def _tried_again(
    snapshot: FactorySnapshot,
    waiting: Sequence[Lot],
    outgoing: list[Requirement],
    now: datetime,
    policy: Policy,
) -> datetime:
    """When the first load may be tried again after a failure; ``now`` where one may be already."""
    moments = [lot.not_before for lot in waiting]
    for demand in outgoing:
        if demand.sizes:
            moments.append(back_off(setback_of(snapshot, demand.good, demand.feeds), now, policy))
    return max(now, min(moment or now for moment in moments))


def _fleet(snapshot: FactorySnapshot, good: Good, lifting: bool, again: datetime, now: datetime) -> str:
    if snapshot.fleet.free(good, room=lifting):
        return f"tries again at {at_clock(again, now)}" if again > now else "a ship is about to be sent"
    full = [s.symbol for s in snapshot.fleet.usable if s.hold.of(good) and s.hold.free == 0]
    if lifting and full and snapshot.factory.leaves_aboard(good):
        return f"{', '.join(full)} can load no more {good}, and no other ship is free"
    return snapshot.fleet.why_none(good)


def _trouble(snapshot: FactorySnapshot, outgoing: list[Requirement], policy: Policy) -> str | None:
    """The error to report once an edge failed too often in a row (scenario C11)."""
    for demand in outgoing:
        setback = setback_of(snapshot, demand.good, demand.feeds)
        if setback is not None and setback.failures >= policy.leg_attempts:
            return f"failed {setback.failures} times, last with {setback.last.failure}"
    return None


def _progress(
    snapshot: FactorySnapshot,
    node: SupplyChainNode,
    condition: _Condition,
    waiting: Sequence[Lot],
    now: datetime,
    policy: Policy,
) -> NodeProgress:
    legs, totals = snapshot.legs_for(node.good), snapshot.totals_for(node.good)
    flown: list[Leg | LegTotals] = [*totals, *legs]
    before = snapshot.progress.get(node.good)
    same = before is not None and before.state is condition.state
    since = before.since if before is not None and same else now
    checks = before.checks if before is not None and same else 0
    next_check = now + timedelta(seconds=policy.planner_interval)
    if condition.state is NodeState.PRODUCING:
        next_check, checks = _next_look(snapshot, node, before if same else None, checks, now, policy)
    held = [leg.not_before for leg in legs if leg.state.is_open and leg.not_before]
    held += [lot.not_before for lot in waiting if lot.not_before]
    if held and min(held) > now:
        next_check = min(held)
    return NodeProgress(
        factory_id=snapshot.factory.id,
        good=node.good,
        state=condition.state,
        reason=condition.reason,
        since=since,
        next_check=None if condition.state is NodeState.DONE else next_check,
        quantity=sum(one.bought for one in flown),
        cost=sum(one.cost for one in flown),
        checks=checks,
        ships=ships_of(legs, totals),
        look_at=condition.look_at,
    )


def _next_look(
    snapshot: FactorySnapshot,
    node: SupplyChainNode,
    before: NodeProgress | None,
    checks: int,
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
        return at_latest(before.next_check), checks
    return at_latest(now + timedelta(seconds=policy.poll_interval_settled)), checks + 1
