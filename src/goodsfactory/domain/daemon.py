"""Daemons that share one database, and which of them acts for an agent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DaemonState(StrEnum):
    """UP acts; STANDBY lets another act; DRAINING hands over; DOWN has ended or was found dead."""

    UP = "UP"
    STANDBY = "STANDBY"
    DRAINING = "DRAINING"
    DOWN = "DOWN"

    @property
    def is_alive(self) -> bool:
        return self is not DaemonState.DOWN

    @property
    def acts(self) -> bool:
        """Whether it may still send requests to the game."""
        return self in (DaemonState.UP, DaemonState.DRAINING)


@dataclass(frozen=True)
class DaemonRow:
    """What one daemon says of itself: who it is, where it runs and where it can be asked.

    The rest the database adds, by its own clock in real time, since the clocks of two machines differ: the
    instant it started, its last heartbeat, and ``age``, the seconds since then.
    """

    node_id: str
    host: str
    pid: int
    address: str
    version: str
    state: DaemonState = DaemonState.UP
    started_at: datetime | None = None
    heartbeat_at: datetime | None = None
    age: float = 0.0


@dataclass(frozen=True)
class Ownership:
    """The right of one daemon to act for an agent; ``node_id`` is None while nobody has it.

    ``epoch`` grows whenever another daemon gets the right: who acts with an older one has lost it.
    """

    player_id: int
    node_id: str | None
    epoch: int
    acquired_at: datetime
