"""A factory as the report's JSON object tells it (docs/reference/json.md, "factory")."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goodsfactory.cli.durations import instant

OVER = frozenset({"COMPLETED", "FAILED", "STOPPED"})


@dataclass(frozen=True)
class NodeView:
    """One good of the tree. ``cost`` in credits, ``since`` and ``next_check`` are game time."""

    good: str
    acquisition: str
    state: str
    reason: str
    since: datetime | None
    next_check: datetime | None
    held_up: bool
    quantity: int
    cost: int
    ships: tuple[str, ...]
    source: str | None
    factory_waypoint: str | None
    supply: str | None
    activity: str | None
    children: tuple["NodeView", ...]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "NodeView":
        return cls(
            good=data["good"],
            acquisition=data["acquisition"],
            state=data["state"],
            reason=data["reason"],
            since=instant(data["since"]) if data.get("since") else None,
            next_check=instant(data["next_check"]) if data.get("next_check") else None,
            held_up=data.get("held_up", False),
            quantity=data["quantity"],
            cost=data["cost"],
            ships=tuple(data["ships"]),
            source=data.get("source"),
            factory_waypoint=data.get("factory_waypoint"),
            supply=data.get("supply"),
            activity=data.get("activity"),
            children=tuple(cls.read(child) for child in data["children"]),
        )

    def every(self) -> Iterator["NodeView"]:
        """This node and all below it, each good once, outputs first."""
        yield from {node.good: node for node in self._all()}.values()

    def _all(self) -> Iterator["NodeView"]:
        yield self
        for child in self.children:
            yield from child._all()


@dataclass(frozen=True)
class FactoryView:
    """``tree`` is None until the supply chain has been resolved."""

    id: str
    target_good: str
    system_symbol: str
    status: str
    error: str | None
    hibernates: str | None
    hibernates_until: datetime | None
    parked_since: datetime | None
    trouble: str | None
    quantity_acquired: int
    total_cost: int
    taken_over: int
    earned: int | None
    profit: int | None
    profit_per_hour: int | None
    nodes_completed: int
    nodes_total: int
    ships_used: tuple[str, ...]
    units_wanted: int | None
    batches_wanted: int | None
    lot: int | None
    created_at: datetime
    completed_at: datetime | None
    paused_at: datetime | None
    tree: NodeView | None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "FactoryView":
        tree = data.get("dependency_tree")
        return cls(
            id=data["factory_id"],
            target_good=data["target_good"],
            system_symbol=data["system_symbol"],
            status=data["status"],
            error=data.get("error"),
            hibernates=(data.get("hibernates") or {}).get("reason"),
            hibernates_until=instant(data["hibernates"]["until"]) if data.get("hibernates") else None,
            parked_since=instant(data["parked"]["since"]) if data.get("parked") else None,
            trouble=data.get("trouble"),
            quantity_acquired=data["quantity_acquired"],
            total_cost=data["total_cost"],
            taken_over=(data.get("books") or {}).get("taken_over", 0),
            **_earnings(data),
            nodes_completed=data["nodes_completed"],
            nodes_total=data["nodes_total"],
            ships_used=tuple(data["ships_used"]),
            units_wanted=data.get("units_wanted"),
            batches_wanted=data.get("batches_wanted"),
            lot=data.get("lot"),
            created_at=instant(data["created_at"]),
            completed_at=instant(data["completed_at"]) if data.get("completed_at") else None,
            paused_at=instant(data["paused_at"]) if data.get("paused_at") else None,
            tree=NodeView.read(tree) if tree else None,
        )

    @property
    def is_over(self) -> bool:
        return self.status in OVER


def _earnings(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a factory that sells its output earns; what others make is worth something we do not know."""
    books = data.get("books") if data.get("terminal") == "SELL" else None
    if not books:
        return {"earned": None, "profit": None, "profit_per_hour": None}
    per_hour = books["profit_per_hour"]
    return {"earned": books["sales"], "profit": books["profit"], "profit_per_hour": per_hour}
