"""Containers: the durable units of work that the engine keeps alive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class ContainerType(StrEnum):
    """Who runs: the names are part of the wire contract."""

    COORDINATOR = "goods_factory_coordinator"
    WORKER = "goods_factory_worker"
    PLANNER = "planner"
    SCOUT = "market_scout"
    STANDING_SCOUT = "standing_scout"


class ContainerStatus(StrEnum):
    """PENDING → RUNNING → COMPLETED | FAILED | STOPPED."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"

    @property
    def is_over(self) -> bool:
        return self not in (ContainerStatus.PENDING, ContainerStatus.RUNNING)


@dataclass(frozen=True)
class Container:
    """One row of ``containers``. ``metadata`` holds ids only (factory_id, leg_id, ship, waypoints).

    ``epoch`` grows with every start: an older body has lost the right to act. ``iteration`` counts passes;
    ``max_iterations`` is −1 for no end. ``last_effect`` says what the body last changed in the world.
    """

    id: str
    type: ContainerType
    player_id: int
    created_at: datetime
    updated_at: datetime
    status: ContainerStatus = ContainerStatus.PENDING
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    iteration: int = 0
    max_iterations: int = -1
    restart_count: int = 0
    epoch: int = 0
    heartbeat_at: datetime | None = None
    last_effect: str | None = None
    exit_reason: str | None = None


@dataclass(frozen=True)
class ContainerLog:
    """One line a container wrote. ``level`` is INFO, WARNING or ERROR."""

    container_id: str
    at: datetime
    level: str
    message: str
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Claim:
    """The durable right of one container to one ship, valid for one epoch of that container."""

    ship: str
    player_id: int
    container_id: str
    operation: str
    epoch: int
    claimed_at: datetime
