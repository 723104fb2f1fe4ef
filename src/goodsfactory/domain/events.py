"""Events: every state change, with a sequence number; CLI, tests and dashboard read the same ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class EventKind(StrEnum):
    """What happened. Names are stable: `--json` and watchers show them."""

    FACTORY_CREATED = "FACTORY_CREATED"
    FACTORY_ACTIVE = "FACTORY_ACTIVE"
    FACTORY_COMPLETED = "FACTORY_COMPLETED"
    FACTORY_FAILED = "FACTORY_FAILED"
    FACTORY_STOPPED = "FACTORY_STOPPED"
    FACTORY_PAUSED = "FACTORY_PAUSED"
    FACTORY_RESUMED = "FACTORY_RESUMED"
    FACTORY_UNPROFITABLE = "FACTORY_UNPROFITABLE"
    TREE_RESOLVED = "TREE_RESOLVED"
    NODE_STATE = "NODE_STATE"
    LEG_READY = "LEG_READY"
    LEG_ASSIGNED = "LEG_ASSIGNED"
    LEG_LADEN = "LEG_LADEN"
    LEG_REDIRECTED = "LEG_REDIRECTED"
    LEG_DONE = "LEG_DONE"
    LEG_FAILED = "LEG_FAILED"
    LEG_CANCELLED = "LEG_CANCELLED"
    SCOUT_SENT = "SCOUT_SENT"
    SHIP_POSITIONED = "SHIP_POSITIONED"
    MARKET_OBSERVED = "MARKET_OBSERVED"
    STOCKED = "STOCKED"
    STOCK_TAKEN = "STOCK_TAKEN"
    SHIP_FREED = "SHIP_FREED"
    SHIP_LOST = "SHIP_LOST"
    CARGO_LOST = "CARGO_LOST"
    PURCHASED = "PURCHASED"
    SOLD = "SOLD"
    REFUELLED = "REFUELLED"
    SHIP_BOUGHT = "SHIP_BOUGHT"
    CONTRACT_ACCEPTED = "CONTRACT_ACCEPTED"
    CARGO_DELIVERED = "CARGO_DELIVERED"
    CONTRACT_FULFILLED = "CONTRACT_FULFILLED"
    SITE_SUPPLIED = "SITE_SUPPLIED"
    CARGO_JETTISONED = "CARGO_JETTISONED"
    SPEND_REFUSED = "SPEND_REFUSED"
    NOT_SETTLED = "NOT_SETTLED"
    PRODUCTION_SLOW = "PRODUCTION_SLOW"
    BALANCE_CORRECTED = "BALANCE_CORRECTED"
    SPENDING_STOPPED = "SPENDING_STOPPED"
    SPENDING_RESUMED = "SPENDING_RESUMED"
    CONTAINER_STARTED = "CONTAINER_STARTED"
    CONTAINER_CRASHED = "CONTAINER_CRASHED"
    CONTAINER_ENDED = "CONTAINER_ENDED"
    UNIVERSE_RESET = "UNIVERSE_RESET"
    TOKEN_REFUSED = "TOKEN_REFUSED"
    AGENT_TAKEN_UP = "AGENT_TAKEN_UP"


ONLY_TOLD = frozenset(
    {
        EventKind.FACTORY_ACTIVE,
        EventKind.PRODUCTION_SLOW,
        EventKind.REFUELLED,
        EventKind.CONTAINER_STARTED,
    }
)
"""Kinds that tell people what was decided or goes as planned: no factory decides anything else for it. A
node's state is not among them: what another factory waits for is left to it."""

KEPT = frozenset(
    {
        EventKind.FACTORY_CREATED,
        EventKind.FACTORY_ACTIVE,
        EventKind.FACTORY_COMPLETED,
        EventKind.FACTORY_FAILED,
        EventKind.FACTORY_STOPPED,
        EventKind.FACTORY_PAUSED,
        EventKind.FACTORY_RESUMED,
        EventKind.FACTORY_UNPROFITABLE,
        EventKind.UNIVERSE_RESET,
    }
)
"""Kinds that are never removed, however old: few of them happen, and they tell the story of a factory."""


@dataclass(frozen=True)
class Event:
    """``seq`` is 0 until the store has numbered it. ``message`` is the sentence people read."""

    player_id: int
    kind: EventKind
    at: datetime
    message: str
    factory_id: str | None = None
    good: str | None = None
    ship: str | None = None
    container_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    seq: int = 0
