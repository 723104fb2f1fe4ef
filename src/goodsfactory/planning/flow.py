"""One pass over a factory: which legs to fly, and what every node waits for.

The decision is taken from scratch each time, from what is durable and what was seen. Legs start as soon as
their own good can be loaded; there are no levels to wait for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegKind, LegState
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.demand import (
    Availability,
    EdgeDemand,
    availability,
    edge_demands,
    failures_in_a_row,
)
from goodsfactory.planning.node_states import describe_nodes
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.selling import choose_sink
from goodsfactory.planning.snapshot import FactoryDecision, FactorySnapshot, LegDemand, Verdict

_URGENCY = 1_000
"""Weight of one step on the way to the target: deeper legs hold up more of the chain."""


def decide(snapshot: FactorySnapshot, now: datetime, policy: Policy) -> FactoryDecision:
    """Decide what to add, redirect and withdraw, and describe every node. Pure; never waits."""
    request = snapshot.factory.request
    target = snapshot.tree.good
    if request.fail_if_no_ship and not snapshot.legs and not snapshot.fleet.free(target, room=True):
        why = snapshot.fleet.why_none(target)
        return FactoryDecision(Verdict.FAIL, f"No ship can work for this factory: {why}.")
    nodes = snapshot.tree.flatten()
    ready = {node.good: availability(snapshot, node, now, policy) for node in nodes}
    demands = edge_demands(snapshot, ready, policy)
    waiting = [leg for leg in snapshot.legs if leg.state is LegState.READY]
    withdrawn = _no_longer_wanted(waiting, demands)
    added = list(_legs_to_add(snapshot, nodes, ready, demands, now, policy))
    redirected = _redirected(snapshot, waiting, withdrawn, ready, now)
    complete = _is_complete(snapshot, withdrawn)
    described = describe_nodes(snapshot, nodes, ready, demands, added, now, policy)
    if complete:
        reason = f"{snapshot.lifted} units of {snapshot.tree.good} are made"
        return FactoryDecision(Verdict.COMPLETE, reason, described, withdrawn=withdrawn)
    return FactoryDecision(Verdict.CONTINUE, "work goes on", described, tuple(added), redirected, withdrawn)


def next_pass(decision: FactoryDecision, now: datetime, policy: Policy) -> float:
    """Game seconds until something can have changed by itself."""
    checks = [
        node.next_check for node in decision.nodes if node.next_check is not None and node.next_check > now
    ]
    soonest = min(checks, default=now + timedelta(seconds=policy.coordinator_interval))
    return min(policy.coordinator_interval, (soonest - now).total_seconds())


def _is_complete(snapshot: FactorySnapshot, withdrawn: Iterable[Leg]) -> bool:
    leaving = {leg.id for leg in withdrawn}
    if any(leg.state.is_open and leg.id not in leaving for leg in snapshot.legs):
        return False
    return snapshot.lifted >= (snapshot.factory.request.units or 1)


def _no_longer_wanted(
    waiting: Iterable[Leg], demands: Mapping[tuple[Good, Good], EdgeDemand]
) -> tuple[Leg, ...]:
    """READY legs beyond what their edge wants: nobody flies them yet, so they cost nothing to drop."""
    kept: dict[tuple[Good, Good], int] = {}
    dropped = []
    for leg in waiting:
        edge = (leg.good, leg.output)
        demand = demands.get(edge)
        kept[edge] = kept.get(edge, 0) + 1
        if demand is None or kept[edge] > demand.wanted:
            reason = demand.reason if demand else f"{leg.output} is no longer made from {leg.good}"
            dropped.append(replace(leg, state=LegState.CANCELLED, failure=reason))
    return tuple(dropped)


def _legs_to_add(
    snapshot: FactorySnapshot,
    nodes: list[SupplyChainNode],
    ready: Mapping[Good, Availability],
    demands: Mapping[tuple[Good, Good], EdgeDemand],
    now: datetime,
    policy: Policy,
) -> Iterable[LegDemand]:
    by_good = {node.good: node for node in nodes}
    steps = _steps_to_target(snapshot.tree)
    for demand in demands.values():
        source = ready[demand.good].waypoint
        if source is None:
            continue
        lift = demand.good == demand.output
        destination, note = (
            _terminal(snapshot) if lift else (by_good[demand.output].factory_waypoint, demand.reason)
        )
        if lift and destination is None and snapshot.factory.request.terminal is Terminal.SELL:
            continue
        failed = failures_in_a_row(snapshot.legs_of(demand.good, demand.output))
        units = snapshot.fleet.largest_hold or 1
        remaining = (snapshot.factory.request.units or units) - snapshot.lifted - snapshot.lifting
        for _ in range(demand.missing):
            if lift:
                units = max(1, min(units, remaining))
                remaining -= units
            yield LegDemand(
                kind=LegKind.LIFT if lift else LegKind.FEED,
                good=demand.good,
                output=demand.output,
                source=source,
                destination=destination,
                units=units,
                value=_URGENCY * (1 + steps[demand.output] + (0 if lift else 1)),
                reason=f"{note}; {ready[demand.good].reason}",
                not_before=_back_off(failed, now, policy),
            )


def _terminal(snapshot: FactorySnapshot) -> tuple[str | None, str]:
    if snapshot.factory.request.terminal is Terminal.HOLD:
        return None, f"{snapshot.tree.good} stays in the hold"
    markets = list(snapshot.markets.values())
    sink = choose_sink(snapshot.tree.good, markets, snapshot.places, near=snapshot.tree.source)
    return sink.waypoint, sink.reason


def _steps_to_target(tree: SupplyChainNode) -> dict[Good, int]:
    """Longest way from each good to the target, in recipes."""
    steps: dict[Good, int] = {}

    def visit(node: SupplyChainNode, depth: int) -> None:
        steps[node.good] = max(depth, steps.get(node.good, 0))
        for child in node.children:
            visit(child, depth + 1)

    visit(tree, 0)
    return steps


def _back_off(failed: list[Leg], now: datetime, policy: Policy) -> datetime | None:
    if not failed:
        return None
    wait = min(policy.retry_limit, policy.retry_initial * 2 ** (len(failed) - 1))
    return (failed[0].updated_at or now) + timedelta(seconds=wait)


def _redirected(
    snapshot: FactorySnapshot,
    waiting: Iterable[Leg],
    withdrawn: Iterable[Leg],
    ready: Mapping[Good, Availability],
    now: datetime,
) -> tuple[Leg, ...]:
    """READY legs whose best source or destination is another one by now."""
    leaving = {leg.id for leg in withdrawn}
    sites = {node.good: node.factory_waypoint for node in snapshot.tree.flatten()}
    changed = []
    for leg in waiting:
        now_ready = ready.get(leg.good)
        if leg.id in leaving or now_ready is None or now_ready.waypoint is None:
            continue
        destination = leg.destination if leg.kind is LegKind.LIFT else sites.get(leg.output, leg.destination)
        if (leg.source, leg.destination) != (now_ready.waypoint, destination):
            changed.append(
                replace(
                    leg,
                    source=now_ready.waypoint,
                    destination=destination,
                    reason=now_ready.reason,
                    updated_at=now,
                )
            )
    return tuple(changed)
