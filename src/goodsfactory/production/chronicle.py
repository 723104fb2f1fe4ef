"""What a pass of a coordinator leaves behind: the factory as it now is, its new legs, and the events."""

from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import ships_of
from goodsfactory.domain.supply_chain import NodeProgress, SupplyChainNode
from goodsfactory.planning.decision import counted
from goodsfactory.planning.snapshot import FactoryDecision, FactorySnapshot, Verdict
from goodsfactory.ports.store import Transaction


def lived(
    factory: GoodsFactory,
    snapshot: FactorySnapshot,
    decision: FactoryDecision,
    tx: Transaction,
    now: datetime,
) -> tuple[GoodsFactory, list[Event]]:
    """The factory after this pass, and the events of its life."""
    events: list[Event] = []
    tree = snapshot.tree
    if _shape(factory.tree) != _shape(tree):
        nodes = len(tree.flatten())
        events.append(
            event_of(
                factory,
                EventKind.TREE_RESOLVED,
                f"{tree.good} needs {counted(nodes, 'good')} in {counted(tree.depth(), 'step')}",
                now,
                tree=tree.to_json(),
            )
        )
    ships = ships_of(snapshot.legs, snapshot.totals)
    factory = replace(
        factory,
        tree=tree,
        updated_at=now,
        ships_used=len(ships),
        parallel_levels=tree.depth(),
        quantity_acquired=snapshot.lifted,
        total_cost=_spent(tx, factory),
    )
    factory = factory.with_ships(len({leg.ship for leg in snapshot.legs if leg.state.is_flying}), now)
    if factory.started_at is None and ships:
        factory = factory.activate(now)
        events.append(event_of(factory, EventKind.FACTORY_ACTIVE, f"work on {tree.good} has started", now))
    if decision.verdict is Verdict.COMPLETE:
        factory = factory.complete(now, quantity=snapshot.lifted, cost=factory.total_cost)
        sentence = f"{factory.quantity_acquired} {tree.good} made for {factory.total_cost:,} credits"
        events.append(
            event_of(
                factory,
                EventKind.FACTORY_COMPLETED,
                sentence,
                now,
                units=factory.quantity_acquired,
                cost=factory.total_cost,
            )
        )
    return factory, events


def _spent(tx: Transaction, factory: GoodsFactory) -> int:
    """Credits spent for the factory, cargo and fuel alike; what its sales brought is not taken off."""
    return -sum(min(0, one.credits) for one in tx.money.books(factory.player_id, factory.id))


def _shape(tree: SupplyChainNode | None) -> object:
    if tree is None:
        return None
    return [(node.good, node.acquisition, node.factory_waypoint) for node in tree.flatten()]


def leg_event(factory: GoodsFactory, leg: Leg, now: datetime) -> Event:
    where = f" to {leg.destination}" if leg.destination else ""
    return event_of(
        factory,
        EventKind.LEG_READY,
        f"{leg.good} can be taken from {leg.source}{where}: {leg.reason}",
        now,
        good=leg.good,
        leg_id=leg.id,
        output=leg.feeds or leg.good,
    )


def node_event(
    factory: GoodsFactory, node: NodeProgress, snapshot: FactorySnapshot, now: datetime, warn_after: int
) -> Event | None:
    """An event where a node's state changed; a warning each time ``warn_after`` looks brought nothing."""
    before = snapshot.progress.get(node.good)
    if before is not None and node.checks != before.checks and node.checks and node.checks % warn_after == 0:
        return event_of(
            factory,
            EventKind.PRODUCTION_SLOW,
            f"{node.good} is not produced yet after {counted(node.checks, 'look')}: {node.reason}",
            now,
            good=node.good,
            checks=node.checks,
        )
    if before is not None and before.state is node.state:
        return None
    return event_of(
        factory,
        EventKind.NODE_STATE,
        f"{node.good} {node.state}: {node.reason}",
        now,
        good=node.good,
        state=node.state.value,
    )


def event_of(
    factory: GoodsFactory,
    kind: EventKind,
    message: str,
    now: datetime,
    *,
    good: str | None = None,
    **data: object,
) -> Event:
    return Event(factory.player_id, kind, now, message, factory_id=factory.id, good=good, data=data)
