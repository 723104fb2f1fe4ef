"""The life of a factory: what it has come to, and the events that tell of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg_totals import ships_of
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.decision import counted
from goodsfactory.planning.flow import made_of
from goodsfactory.planning.pausing import idle_nodes
from goodsfactory.planning.snapshot import is_complete, lifted
from goodsfactory.ports.store import Transaction
from goodsfactory.treasury.books import read_books


def lived(
    factory: GoodsFactory, tx: Transaction, now: datetime
) -> tuple[GoodsFactory, tuple[NodeProgress, ...], list[Event]]:
    """The factory as its legs have made it, with the nodes of one that is complete, and the events of its
    life."""
    legs, totals, events = tx.legs.at_hand(factory.id), tx.legs.totals(factory.id), []
    ships = ships_of(legs, totals)
    units = lifted(factory.request.terminal, legs, totals)
    factory = replace(
        factory,
        updated_at=now,
        ships_used=len(ships),
        quantity_acquired=units,
        total_cost=read_books(tx, factory).cost,
    )
    factory = factory.with_ships(len({leg.ship for leg in legs if leg.state.is_open}), now)
    if factory.started_at is None and ships:
        factory = factory.activate(now)
        sentence = f"work on {factory.target_good} has started"
        events.append(event_of(factory, EventKind.FACTORY_ACTIVE, sentence, now))
    if not is_complete(factory.request, legs, totals):
        return factory, (), events
    factory = factory.complete(now, quantity=units, cost=factory.total_cost)
    why = made_of(factory.target_good, units)
    known = {node.good: node for node in tx.factories.nodes(factory.id)}
    nodes = idle_nodes(
        factory, known.values(), legs, totals, state=NodeState.DONE, why=why, since=now, next_check=None
    )
    events += filter(None, (node_event(factory, node, known, now) for node in nodes))
    sentence = f"{units} {factory.target_good} made for {factory.total_cost:,} credits"
    ended = event_of(
        factory, EventKind.FACTORY_COMPLETED, sentence, now, units=units, cost=factory.total_cost
    )
    return factory, nodes, [*events, ended]


def node_event(
    factory: GoodsFactory,
    node: NodeProgress,
    known: Mapping[Good, NodeProgress],
    now: datetime,
    warn_after: int = 0,
) -> Event | None:
    """An event where a node's state changed; a warning each time ``warn_after`` looks brought nothing."""
    before, checks = known.get(node.good), node.checks
    looked_again = before is not None and checks != before.checks
    if looked_again and checks and warn_after and checks % warn_after == 0:
        return event_of(
            factory,
            EventKind.PRODUCTION_SLOW,
            f"{node.good} is not produced yet after {counted(checks, 'look')}: {node.reason}",
            now,
            good=node.good,
            checks=checks,
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
