"""The supply chain of a factory: a tree to look at, a DAG to work on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Activity, Supply


class Acquisition(StrEnum):
    """How a node's good is obtained."""

    BUY = "BUY"
    FABRICATE = "FABRICATE"


class NodeState(StrEnum):
    """What a node is doing or waiting for; always with a reason, a since and a next check (law L8)."""

    WAITING_SOURCE = "WAITING_SOURCE"
    WAITING_SHIP = "WAITING_SHIP"
    WAITING_PRICE = "WAITING_PRICE"
    WAITING_BUDGET = "WAITING_BUDGET"
    IN_TRANSIT = "IN_TRANSIT"
    PRODUCING = "PRODUCING"
    PAUSED = "PAUSED"
    DONE = "DONE"
    FAILED = "FAILED"
    STOPPED = "STOPPED"
    PARKED = "PARKED"
    """told, never stored: nobody works for its player now"""

    @property
    def is_waiting(self) -> bool:
        return self in _WAITING


_WAITING = frozenset(
    {
        NodeState.WAITING_SOURCE,
        NodeState.WAITING_SHIP,
        NodeState.WAITING_PRICE,
        NodeState.WAITING_BUDGET,
        NodeState.IN_TRANSIT,
        NodeState.PRODUCING,
        NodeState.PAUSED,
    }
)


@dataclass(frozen=True)
class SupplyChainNode:
    """One good in a factory's supply chain.

    ``source`` is the market the good is bought at (a factory waypoint's export for FABRICATE).
    ``reason`` says why this acquisition and this source; ``children`` are the imports of a FABRICATE node.
    """

    good: Good
    acquisition: Acquisition
    reason: str
    source: str | None = None
    factory_waypoint: str | None = None
    supply: Supply | None = None
    activity: Activity | None = None
    children: tuple["SupplyChainNode", ...] = ()

    def flatten(self) -> tuple["SupplyChainNode", ...]:
        """Every good once, inputs before outputs.

        Where a good is made and, further down its own chain, also bought (it would need itself), the made
        node stands for it.
        """
        return self._flat

    @cached_property
    def _flat(self) -> tuple["SupplyChainNode", ...]:
        seen: dict[Good, SupplyChainNode] = {}
        self._collect(seen)
        return tuple(seen.values())

    def _collect(self, seen: dict[Good, "SupplyChainNode"]) -> None:
        if self.good in seen and (seen[self.good].children or not self.children):
            return
        for child in self.children:
            child._collect(seen)
        seen.pop(self.good, None)
        seen[self.good] = self

    def edges(self) -> Iterator[tuple["SupplyChainNode", "SupplyChainNode"]]:
        """(input, output) pairs of the DAG, each once, inputs first."""
        for output in self.flatten():
            for child in output.children:
                yield child, output

    def depth(self) -> int:
        """Levels of the tree; 1 for a leaf."""
        return 1 + max((child.depth() for child in self.children), default=0)

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready object; ``from_json`` reads it back."""
        return {
            "good": self.good,
            "acquisition": self.acquisition.value,
            "reason": self.reason,
            "source": self.source,
            "factory_waypoint": self.factory_waypoint,
            "supply": self.supply.value if self.supply else None,
            "activity": self.activity.value if self.activity else None,
            "children": [child.to_json() for child in self.children],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SupplyChainNode":
        return cls(
            good=data["good"],
            acquisition=Acquisition(data["acquisition"]),
            reason=data["reason"],
            source=data.get("source"),
            factory_waypoint=data.get("factory_waypoint"),
            supply=Supply(data["supply"]) if data.get("supply") else None,
            activity=Activity(data["activity"]) if data.get("activity") else None,
            children=tuple(cls.from_json(child) for child in data.get("children", ())),
        )


@dataclass(frozen=True)
class NodeProgress:
    """What a node of a running factory has done and why it waits.

    ``quantity`` units acquired so far (bought, or lifted from the factory waypoint), ``cost`` credits paid
    for them. ``look_at`` names markets whose prices the node needs fresh. ``checks`` counts looks at a
    market that has not produced yet; ``ships`` are those that worked for the node.
    """

    factory_id: str
    good: Good
    state: NodeState
    reason: str
    since: datetime
    next_check: datetime | None = None
    quantity: int = 0
    cost: int = 0
    checks: int = 0
    ships: tuple[str, ...] = ()
    look_at: tuple[str, ...] = ()
