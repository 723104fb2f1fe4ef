"""A factory as people and programs read it: the stable document of ``goods status --json``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.supply_chain import NodeProgress, NodeState, SupplyChainNode
from goodsfactory.ports.store import Transaction


@dataclass(frozen=True)
class FactoryReport:
    """``nodes`` holds the progress of every node that has any, by good; ``legs`` oldest first.

    ``spent`` and ``revenue`` are credits from the ledger: purchases and fuel, and what feeding brought back.
    """

    factory: GoodsFactory
    nodes: dict[str, NodeProgress]
    legs: Sequence[Leg]
    spent: int
    revenue: int

    @property
    def nodes_total(self) -> int:
        return len(self.factory.tree.flatten()) if self.factory.tree else 0

    @property
    def nodes_completed(self) -> int:
        """Goods of the tree that are done; a good that has left the tree counts no more."""
        goods = {node.good for node in self.factory.tree.flatten()} if self.factory.tree else set()
        return sum(self.nodes[good].state is NodeState.DONE for good in goods & self.nodes.keys())

    @property
    def ships_used(self) -> tuple[str, ...]:
        """Ships that flew at least one leg, in the order of their first."""
        return tuple(dict.fromkeys(leg.ship for leg in self.legs if leg.ship))

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
            "ending": factory.ending,
            "quantity_acquired": factory.quantity_acquired,
            "total_cost": self.spent,
            "revenue": self.revenue,
            "nodes_completed": self.nodes_completed,
            "nodes_total": self.nodes_total,
            "ships_used": list(self.ships_used),
            "market_queries": factory.market_queries,
            "parallel_levels": factory.parallel_levels,
            "estimated_speedup": factory.estimated_speedup,
            "created_at": _instant(factory.created_at),
            "started_at": _instant(factory.started_at),
            "completed_at": _instant(factory.completed_at),
            "paused_at": _instant(factory.paused_at),
            "dependency_tree": self._node(factory.tree) if factory.tree else None,
            "legs": [_leg(leg) for leg in self.legs],
        }

    def _node(self, node: SupplyChainNode) -> dict[str, Any]:
        progress = self.nodes.get(node.good)
        waiting = progress.state.value if progress else NodeState.WAITING_SOURCE.value
        return {
            "good": node.good,
            "acquisition": node.acquisition.value,
            "state": waiting,
            "reason": progress.reason if progress else node.reason,
            "since": _instant(progress.since if progress else self.factory.created_at),
            "next_check": _instant(progress.next_check) if progress else None,
            "quantity": progress.quantity if progress else 0,
            "cost": progress.cost if progress else 0,
            "ships": list(progress.ships) if progress else [],
            "source": node.source,
            "factory_waypoint": node.factory_waypoint,
            "supply": node.supply.value if node.supply else None,
            "activity": node.activity.value if node.activity else None,
            "decision": node.reason,
            "children": [self._node(child) for child in node.children],
        }


def read_report(tx: Transaction, factory: GoodsFactory) -> FactoryReport:
    """Put the report of one factory together."""
    spent = -tx.money.spent(factory.player_id, factory.id)
    net = tx.money.ledger_sum(factory.player_id, factory_id=factory.id)
    nodes = {node.good: node for node in tx.factories.nodes(factory.id)}
    return FactoryReport(factory, nodes, tx.legs.of_factory(factory.id), spent, net + spent)


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "leg_id": leg.id,
        "kind": leg.kind.value,
        "good": leg.good,
        "output": leg.output,
        "state": leg.state.value,
        "source": leg.source,
        "destination": leg.destination,
        "ship": leg.ship,
        "bought": leg.bought,
        "cost": leg.cost,
        "delivered": leg.delivered,
        "revenue": leg.revenue,
        "reason": leg.failure or leg.reason,
    }


def _instant(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
