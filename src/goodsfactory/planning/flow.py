"""What orders want now: the lots to fly, and what every node waits for.

The decision is taken from scratch each time, from what is durable and what was seen. A lot is wanted as soon
as its own good can be loaded; there are no levels to wait for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.factory import Hibernation
from goodsfactory.domain.goods import Good
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.decision import counted
from goodsfactory.planning.node_states import describe_nodes
from goodsfactory.planning.outlets.sale import with_sink
from goodsfactory.planning.pausing import PAUSED_BY_USER, idle_nodes, stuck_legs
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import Availability, availability
from goodsfactory.planning.requirements.held_up import has_no_ship
from goodsfactory.planning.requirements.lifts import lift
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.lots import lots, take_up_adrift
from goodsfactory.planning.requirements.needs import Going, needs
from goodsfactory.planning.requirements.promise import promise
from goodsfactory.planning.requirements.requirement import Requirement
from goodsfactory.planning.requirements.top_up import feeds
from goodsfactory.planning.requirements.traffic import Traffic
from goodsfactory.planning.requirements.worth import by_worth
from goodsfactory.planning.snapshot import Edge, FactoryDecision, FactorySnapshot, Verdict, is_complete


@dataclass(frozen=True)
class Wish:
    """What one order wants: where each good can be had (``ready``), the loads along every edge, and the lots
    of them that can be flown."""

    ready: Mapping[Good, Availability]
    wanted: Mapping[Edge, Requirement]
    lots: tuple[Lot, ...]


def settled(snapshot: FactorySnapshot, now: datetime, policy: Policy) -> FactoryDecision | None:
    """The decision about an order that wants nothing now; None about any other.

    While the user has paused it nothing is wanted, and it completes only by what flies already. One that
    hibernates wants nothing either, and its ships wait for no price.
    """
    factory, target = snapshot.factory, snapshot.tree.good
    if is_complete(factory.request, snapshot.legs, snapshot.totals):
        reason = made_of(factory.target_good, snapshot.lifted)
        nodes = _idle(snapshot, NodeState.DONE, reason, now, None)
        return FactoryDecision(Verdict.COMPLETE, reason, nodes)
    if factory.paused_at is not None:
        later = now + timedelta(seconds=policy.planner_interval)
        nodes = _idle(snapshot, NodeState.PAUSED, PAUSED_BY_USER, factory.paused_at, later)
        return FactoryDecision(Verdict.CONTINUE, PAUSED_BY_USER, nodes)
    if factory.hibernation is not None:
        return _rest(snapshot, factory.hibernation, now)
    begun = snapshot.progress or snapshot.legs or snapshot.totals
    if factory.request.fail_if_no_ship and not begun and not snapshot.fleet.free(target, room=True):
        why = snapshot.fleet.why_none(target)
        return FactoryDecision(Verdict.FAIL, f"No ship can work for this factory: {why}.")
    return None


def going(snapshot: FactorySnapshot, now: datetime, policy: Policy) -> Going:
    """The order with where each good of its chain can be loaded now, whatever others want of it."""
    ready = {node.good: availability(snapshot, node, now, policy) for node in snapshot.tree.flatten()}
    target = snapshot.tree.good
    ready[target] = with_sink(snapshot, ready[target], now, policy)
    return Going(snapshot, ready, has_no_ship(snapshot, now))


def wishes(orders: Sequence[Going], traffic: Traffic, now: datetime, policy: Policy) -> dict[str, Wish]:
    """What the orders that go on want, all together."""
    found = needs(orders, traffic)
    wanted = feeds(orders, found, traffic, now, policy)
    claims = promise(orders, wanted, traffic, now, policy)
    made: dict[str, Wish] = {}
    for one in sorted(orders, key=lambda one: -one.priority):
        snapshot = one.snapshot
        target, lifts = lift(one, found, claims, traffic, now, policy)
        edges = {**by_worth(snapshot, {(one.root, None): lifts}, policy), **wanted[one.id]}
        take_up_adrift(snapshot, edges, policy)
        ready = {**one.ready, one.root: target}
        made[one.id] = Wish(ready, edges, tuple(lots(snapshot, ready, edges, now, policy)))
    return made


def told(snapshot: FactorySnapshot, wish: Wish, now: datetime, policy: Policy) -> FactoryDecision:
    """The decision of an order that wants so much, with what every node is doing or waiting for."""
    nodes = snapshot.tree.flatten()
    described = describe_nodes(snapshot, nodes, wish.ready, wish.wanted, wish.lots, now, policy)
    return FactoryDecision(Verdict.CONTINUE, "work goes on", described, wish.lots)


def _rest(snapshot: FactorySnapshot, rest: Hibernation, now: datetime) -> FactoryDecision:
    nodes = _idle(snapshot, NodeState.PAUSED, rest.why, rest.since, rest.until)
    return FactoryDecision(
        Verdict.CONTINUE, rest.why, nodes, withdrawn=stuck_legs(snapshot.legs, now, rest.why)
    )


def _idle(
    snapshot: FactorySnapshot, state: NodeState, why: str, since: datetime, next_check: datetime | None
) -> tuple[NodeProgress, ...]:
    known, order = snapshot.progress.values(), snapshot.factory
    return idle_nodes(
        order, known, snapshot.legs, snapshot.totals, state=state, why=why, since=since, next_check=next_check
    )


def made_of(good: Good, units: int) -> str:
    """``40 units of IRON are made``."""
    return f"{counted(units, 'unit')} of {good} {'is' if units == 1 else 'are'} made"


def next_pass(decision: FactoryDecision, now: datetime, policy: Policy) -> float:
    """Game seconds until something can have changed by itself."""
    checks = [
        node.next_check for node in decision.nodes if node.next_check is not None and node.next_check > now
    ]
    soonest = min(checks, default=now + timedelta(seconds=policy.planner_interval))
    return min(policy.planner_interval, (soonest - now).total_seconds())
