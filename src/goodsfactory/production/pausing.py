"""Pausing and resuming a factory: the rows and events of it, inside one transaction."""

from dataclasses import replace
from datetime import datetime, timedelta

from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.decision import counted
from goodsfactory.planning.pausing import PAUSED_BY_USER, idle_nodes
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.store import Transaction
from goodsfactory.production.chronicle import event_of


def pause(tx: Transaction, factory: GoodsFactory, now: datetime, policy: Policy) -> GoodsFactory:
    """Give no ship to it from now on; what flies ends its voyage. A paused factory stays as it is.

    Raises IllegalTransition where the factory is over.
    """
    paused = factory.pause(now)
    if paused is factory:
        return factory
    legs = tx.legs.at_hand(factory.id)
    nodes = idle_nodes(
        paused,
        tx.factories.nodes(factory.id),
        legs,
        tx.legs.totals(factory.id),
        state=NodeState.PAUSED,
        why=PAUSED_BY_USER,
        since=now,
        next_check=now + timedelta(seconds=policy.planner_interval),
    )
    tx.factories.save_nodes(nodes)
    tx.factories.update(paused)
    flying = sum(leg.state.is_open for leg in legs)
    voyages = f"; {counted(flying, 'ship')} may end the voyage begun" if flying else ""
    sentence = f"{factory.target_good} is {PAUSED_BY_USER}{voyages}"
    tx.events.append(event_of(paused, EventKind.FACTORY_PAUSED, sentence, now))
    for node in nodes:
        if node.state is NodeState.PAUSED:
            tx.events.append(_node_event(paused, node, now))
    return paused


def resume(tx: Transaction, factory: GoodsFactory, now: datetime) -> GoodsFactory:
    """Go on; the planner decides anew at once. A factory that is not paused stays as it is.

    Raises IllegalTransition where the factory is over.
    """
    resumed = factory.resume(now)
    if resumed is factory:
        return factory
    nodes = [
        replace(
            node,
            state=NodeState.WAITING_SOURCE,
            reason="resumed by the user; the next pass decides",
            since=now,
            next_check=now,
        )
        for node in tx.factories.nodes(factory.id)
        if node.state is NodeState.PAUSED
    ]
    tx.factories.save_nodes(nodes)
    tx.factories.update(resumed)
    sentence = f"{factory.target_good} was resumed by the user"
    tx.events.append(event_of(resumed, EventKind.FACTORY_RESUMED, sentence, now))
    for node in nodes:
        tx.events.append(_node_event(resumed, node, now))
    return resumed


def _node_event(factory: GoodsFactory, node: NodeProgress, now: datetime) -> Event:
    return event_of(
        factory,
        EventKind.NODE_STATE,
        f"{node.good} {node.state}: {node.reason}",
        now,
        good=node.good,
        state=node.state.value,
    )
