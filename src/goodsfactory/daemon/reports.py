"""A factory as people and programs read it: the stable document of ``goods status --json``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from goodsfactory.domain.books import FactoryBooks
from goodsfactory.domain.factory import FactoryStatus, GoodsFactory
from goodsfactory.domain.goods import Good
from goodsfactory.domain.instants import instant_if_known
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals, ships_of
from goodsfactory.domain.supply_chain import NodeProgress, NodeState, SupplyChainNode
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.ports.store import Transaction
from goodsfactory.treasury.books import aboard_by_legs, in_work, read_books

LEGS_TOLD = 100
"""Legs that are over which a report of one factory tells; the totals of its nodes hold all of them."""

_NEED_NO_SERVER = (NodeState.DONE, NodeState.PAUSED, NodeState.FAILED, NodeState.STOPPED)


@dataclass(frozen=True)
class Parked:
    """Work that nobody does now: since when (the last that was heard of it), why, and what resumes it."""

    since: datetime
    reason: str

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"since": instant_if_known(self.since), "reason": self.reason}


@dataclass(frozen=True)
class FactoryReport:
    """``nodes`` holds the progress of every node that has any, by good; ``legs`` the open legs and the newest
    ones that are over, oldest first, and ``legs_total`` how many there ever were.

    ``acquired`` is what the goods of each node cost, by the books of its legs.
    """

    factory: GoodsFactory
    nodes: dict[str, NodeProgress]
    legs: Sequence[Leg]
    books: FactoryBooks
    acquired: Mapping[Good, int]
    legs_total: int
    ships_used: tuple[str, ...]
    """ships that flew at least one leg, in the order of their first"""
    as_of_seq: int
    """the newest event when this was read"""
    now: datetime | None
    """the game time when this was read; None where nobody knows it"""
    speedup: float
    """ship-hours flown for each hour since the start"""
    waiting: Sequence[Lot] = ()
    """shiploads that the last plan wants and that have no ship: they are told as legs in state READY"""
    trouble: str | None = None
    """why nothing can be done for its player now, and what helps"""
    outage: str | None = None
    """that the game server does not answer whoever works for it, as one sentence"""
    parked: Parked | None = None
    """that nobody works for its player now"""
    warnings: tuple[str, ...] = ()
    """told at its start alone: what it waits for until the user does something"""

    def during(self, outage: str | None) -> "FactoryReport":
        """The report as it is while the game server does not answer; unchanged where ``outage`` is None."""
        if outage is None or self.factory.status.is_over:
            return self
        nodes = {good: held_up(progress, outage) for good, progress in self.nodes.items()}
        return replace(self, nodes=nodes, outage=outage)

    def put_by(self, parked: Parked) -> "FactoryReport":
        """The report as it is while nobody works for its player; unchanged where the factory is over."""
        if self.factory.status.is_over:
            return self
        nodes = {good: put_by(progress, parked) for good, progress in self.nodes.items()}
        return replace(self, nodes=nodes, parked=parked)

    @property
    def spent(self) -> int:
        """Credits for purchases and fuel, from the ledger; what stock cost that was taken over is no part."""
        return self.books.spent

    @property
    def nodes_total(self) -> int:
        return len(self.factory.tree.flatten()) if self.factory.tree else 0

    @property
    def nodes_completed(self) -> int:
        """Goods of the tree that are done; a good that has left the tree counts no more."""
        tree = self.factory.tree
        told = [self._progress(node) for node in tree.flatten()] if tree else []
        return sum(one is not None and one.state is NodeState.DONE for one in told)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; described in docs/reference/json.md."""
        factory = self.factory
        return {
            "factory_id": factory.id,
            "player_id": factory.player_id,
            "target_good": factory.target_good,
            "system_symbol": factory.system_symbol,
            "status": factory.status.value,
            "strategy": factory.request.strategy.value,
            "units_wanted": factory.request.units,
            "batches_wanted": factory.request.batches,
            "continuous": factory.request.continuous,
            "lot": factory.request.lot_of(factory.quantity_acquired) if factory.request.in_lots else None,
            "priority": factory.request.priority,
            "terminal": factory.request.terminal.value,
            "error": factory.error,
            "hibernates": {
                "since": instant_if_known(factory.hibernation.since),
                "until": instant_if_known(factory.hibernation.until),
                "reason": factory.hibernation.why,
            }
            if factory.hibernation
            else None,
            "parked": self.parked.to_json() if self.parked else None,
            "trouble": None if factory.status.is_over else self.trouble,
            "quantity_acquired": factory.quantity_acquired,
            "total_cost": self.books.cost,
            "revenue": self.books.sales,
            "books": self._books(),
            "nodes_completed": self.nodes_completed,
            "nodes_total": self.nodes_total,
            "ships_used": list(self.ships_used),
            "market_queries": factory.market_queries,
            "parallel_levels": factory.parallel_levels,
            "estimated_speedup": self.speedup,
            "created_at": instant_if_known(factory.created_at),
            "started_at": instant_if_known(factory.started_at),
            "completed_at": instant_if_known(factory.completed_at),
            "paused_at": instant_if_known(factory.paused_at),
            "dependency_tree": self._node(factory.tree) if factory.tree else None,
            "legs": [*map(_leg, self.legs), *map(_leg_to_be, self.waiting)],
            "legs_total": self.legs_total,
            "warnings": list(self.warnings),
        }

    def _books(self) -> dict[str, Any]:
        """``acquired`` is told by goods of the tree and those that have left it."""
        tree = self.factory.tree
        inside = {node.good for node in tree.flatten()} if tree else set()
        nodes = sum(cost for good, cost in self.acquired.items() if good in inside)
        return {**self.books.to_json(), "nodes": nodes, "former_nodes": self.books.acquired - nodes}

    def _progress(self, node: SupplyChainNode) -> NodeProgress | None:
        return at_the_end(self.factory, self.nodes.get(node.good), node)

    def _node(self, node: SupplyChainNode) -> dict[str, Any]:
        progress = self._progress(node)
        waiting = progress.state.value if progress else NodeState.WAITING_SOURCE.value
        return {
            "good": node.good,
            "acquisition": node.acquisition.value,
            "state": waiting,
            "reason": progress.reason if progress else node.reason,
            "since": instant_if_known(progress.since if progress else self.factory.created_at),
            "next_check": instant_if_known(next_look(self.factory, progress)) if progress else None,
            "held_up": bool(progress and self.outage and progress.state not in _NEED_NO_SERVER),
            "quantity": progress.quantity if progress else 0,
            "cost": self.acquired.get(node.good, 0),
            "ships": list(progress.ships) if progress else [],
            "source": node.source,
            "factory_waypoint": node.factory_waypoint,
            "supply": node.supply.value if node.supply else None,
            "activity": node.activity.value if node.activity else None,
            "decision": node.reason,
            "children": [self._node(child) for child in node.children],
        }


def at_the_end(
    factory: GoodsFactory, progress: NodeProgress | None, node: SupplyChainNode
) -> NodeProgress | None:
    """The progress of a node as it is; once its factory is over nothing of it waits or flies any more.

    What was not DONE by then ended as its factory did; the reason keeps what it said last. DONE is what has
    brought units, or was over with a factory that was completed: who needed none for now was not done.
    """
    if not factory.status.is_over:
        return progress
    completed = factory.status is FactoryStatus.COMPLETED
    if progress is not None and progress.state is NodeState.DONE and (completed or progress.quantity):
        return progress
    ended = factory.completed_at or factory.updated_at
    last = progress or NodeProgress(factory.id, node.good, NodeState.WAITING_SOURCE, node.reason, ended)
    return replace(
        last,
        state=NodeState.DONE if completed else NodeState(factory.status),
        reason=f"over: the factory is {factory.status}; it said last: {last.reason}",
        since=ended,
        next_check=None,
        look_at=(),
    )


def next_look(factory: GoodsFactory, progress: NodeProgress) -> datetime | None:
    """When a node is looked at again; None while nobody does before the user resumes the factory."""
    resting = factory.paused_at is not None and progress.state is NodeState.PAUSED
    return None if resting else progress.next_check


def held_up(progress: NodeProgress, outage: str | None) -> NodeProgress:
    """The progress of a node as it is; while the game server does not answer its reason begins with that."""
    if outage is None or progress.state in _NEED_NO_SERVER:
        return progress
    return replace(progress, reason=f"{outage.rstrip('.')}; {progress.reason}")


def put_by(progress: NodeProgress, parked: Parked) -> NodeProgress:
    """The progress of a node while nobody works for its player; what is DONE is."""
    if progress.state is NodeState.DONE:
        return progress
    reason = f"parked; it said last: {progress.reason}"
    return replace(progress, state=NodeState.PARKED, reason=reason, next_check=None, look_at=())


def last_heard(tx: Transaction, factory: GoodsFactory) -> datetime:
    """The game time of the last that is written of it: until then it lived, whatever the time is now."""
    return max([factory.updated_at, *(one.at for one in tx.events.newest_of_factory(factory.id, 1))])


def read_report(tx: Transaction, factory: GoodsFactory, now: datetime | None) -> FactoryReport:
    """Put the report of one factory together; without ``now`` it is told as of what was heard of it last."""
    return read_reports(tx, [factory], now, over=LEGS_TOLD)[0]


def read_reports(
    tx: Transaction, factories: Sequence[GoodsFactory], now: datetime | None, *, over: int = 0
) -> list[FactoryReport]:
    """Put the reports of several factories together; the ships of each player are looked through once.

    Each tells ``over`` of its newest legs.
    """
    aboard = {
        player: in_work(tx, player) if tx.ships.of_player(player) else None
        for player in {factory.player_id for factory in factories}
    }
    return [_report(tx, factory, aboard[factory.player_id], now, over) for factory in factories]


def _report(
    tx: Transaction, factory: GoodsFactory, aboard: Counter[str] | None, now: datetime | None, over: int
) -> FactoryReport:
    at = now or last_heard(tx, factory)
    at_hand, totals = tx.legs.at_hand(factory.id), tx.legs.totals(factory.id)
    acquired: Counter[Good] = Counter()
    flown: list[Leg | LegTotals] = [*totals, *at_hand]
    for one in flown:
        acquired[one.good] += one.cost
    books = read_books(
        tx,
        factory,
        # The ships of another universe cannot be looked into: what the books say was aboard still is.
        in_work=aboard_by_legs(at_hand) if aboard is None else aboard[factory.id],
        seconds=factory.age(at) or 0.0,
    )
    nodes = {node.good: node for node in tx.factories.nodes(factory.id)}
    newest = tx.legs.newest(factory.id, over) if over else []
    told = {leg.id for leg in newest}
    legs = [*(leg for leg in at_hand if leg.state.is_open and leg.id not in told), *newest]
    legs_total = sum(one.legs for one in totals) + len(at_hand)
    ships = ships_of(at_hand, totals)
    return FactoryReport(
        factory,
        nodes,
        legs,
        books,
        acquired,
        legs_total,
        ships,
        tx.events.last_seq(),
        now,
        factory.speedup(at),
    )


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "leg_id": leg.id,
        "kind": "CLEAR" if leg.clears else "FEED" if leg.feeds else "LIFT",
        "good": leg.good,
        "output": leg.feeds or leg.good,
        "state": leg.state.value,
        "source": leg.source,
        "destination": leg.destination,
        "ship": leg.ship,
        "bought": leg.bought,
        "cost": leg.cost,
        "delivered": leg.delivered,
        "revenue": leg.revenue,
        "stock_of": leg.stock_of,
        "reason": leg.failure or leg.reason,
    }


def _leg_to_be(lot: Lot) -> dict[str, Any]:
    """A lot in the shape of a leg; its id is the same in every plan that wants it."""
    leg = lot.flown(0, ":".join(map(str, lot.key)), "", "", lot.since)
    return _leg(leg) | {"state": "READY", "ship": None, "reason": lot.failure or lot.reason}
