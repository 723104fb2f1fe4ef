"""What a plan leaves behind: chains and nodes as they now are, the legs it ends, and the events."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.container import Container
from goodsfactory.domain.errors import Fenced
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.supply_chain import NodeProgress, SupplyChainNode
from goodsfactory.planning.decision import counted
from goodsfactory.planning.node_states import refusal_state
from goodsfactory.planning.plan import Plan
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.situation import Order, Situation
from goodsfactory.planning.snapshot import FactoryDecision, Verdict
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.chronicle import event_of, node_event

Explain = Callable[[Iterable[NodeProgress], Mapping[str, MarketSnapshot]], tuple[NodeProgress, ...]]


async def record(
    store: Store,
    container: Container,
    situation: Situation,
    plan: Plan,
    now: datetime,
    policy: Policy,
    explain: Explain,
) -> set[str]:
    """Write the plan down in one transaction, with an event for everything that changed.

    Returns the orders that it was written down for: not those that ended, or that the user stopped, paused or
    resumed meanwhile. ``explain`` adds to nodes what keeps anybody from looking at their markets. Raises
    Fenced where another body of ``container`` has begun.
    """

    def work(tx: Transaction) -> set[str]:
        check_epoch(tx, container)
        going = set()
        for order in situation.orders:
            decision, seen = plan.decisions[order.id], order.factory
            factory = tx.factories.get(order.id, container.player_id)
            if factory is None or factory.status.is_over:
                continue
            if (factory.paused_at, factory.hibernation) != (seen.paused_at, seen.hibernation):
                continue
            if decision.bug is not None:
                words = (replace(node, reason=decision.reason) for node in order.progress.values())
                decision = replace(decision, nodes=tuple(words))
            decision = replace(decision, nodes=explain(decision.nodes, situation.markets))
            told = _write(tx, factory, order, decision, plan.trees.get(order.id), now, policy)
            for event in told:
                tx.events.append(event)
            if decision.verdict is Verdict.CONTINUE:
                going.add(order.id)
        return going

    return await store.transact(work)


def check_epoch(tx: Transaction, container: Container) -> None:
    """Raises Fenced where the planner is over, or another body of it has begun: that one gives out work."""
    current = tx.containers.get(container.id)
    if current is None or current.status.is_over or current.epoch != container.epoch:
        raise Fenced(f"{container.id} is over, or another body of it has begun.")


def _write(
    tx: Transaction,
    factory: GoodsFactory,
    order: Order,
    decision: FactoryDecision,
    tree: SupplyChainNode | None,
    now: datetime,
    policy: Policy,
) -> list[Event]:
    if decision.verdict is Verdict.FAIL:
        tx.factories.update(factory.fail(now, decision.reason))
        sentence = f"{factory.target_good} failed: {decision.reason}"
        return [event_of(factory, EventKind.FACTORY_FAILED, sentence, now)]
    for leg in decision.withdrawn:
        current = tx.legs.get(leg.id)
        if current is not None and current.state.is_open and refusal_state(current.rule) is not None:
            # Its worker waits; it finds the leg over, and its ship is free with what is aboard.
            tx.legs.update(current.cancel(leg.failure or decision.reason, now))
    told = [
        node_event(factory, node, order.progress, now, policy.warn_after_checks) for node in decision.nodes
    ]
    tx.factories.save_nodes([node for node in decision.nodes if order.progress.get(node.good) != node])
    if tree is not None and tree != factory.tree:
        if _shape(factory.tree) != _shape(tree):
            told.append(_resolved(factory, tree, now))
        tx.factories.update(replace(factory, tree=tree, parallel_levels=tree.depth(), updated_at=now))
    return [event for event in told if event is not None]


def _resolved(factory: GoodsFactory, tree: SupplyChainNode, now: datetime) -> Event:
    sentence = f"{tree.good} needs {counted(len(tree.flatten()), 'good')} in {counted(tree.depth(), 'step')}"
    return event_of(factory, EventKind.TREE_RESOLVED, sentence, now, tree=tree.to_json())


def _shape(tree: SupplyChainNode | None) -> object:
    if tree is None:
        return None
    return [(node.good, node.acquisition, node.factory_waypoint) for node in tree.flatten()]
