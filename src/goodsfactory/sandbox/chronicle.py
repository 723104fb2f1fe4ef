"""What happened to an agent, as the agent may read it (``GET /my/agent/events``, api-facts §5)."""

import hashlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_KEPT = 100


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of an agent's history; ``data`` names what took part in it."""

    id: str
    type: str
    message: str
    data: Mapping[str, object]
    at: datetime


class Chronicle:
    """The last 100 events of every agent of a universe. Which types the live server sends is not known."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._written = 0
        self._by_agent: dict[str, deque[Happening]] = {}

    def write(self, agent: str, type: str, message: str, now: datetime, **data: object) -> None:
        """Remember one event of the agent; the oldest is forgotten."""
        self._written += 1
        name = f"event:{self._seed}:{self._written}".encode()
        event = Happening(hashlib.blake2s(name, digest_size=12).hexdigest(), type, message, data, now)
        self._by_agent.setdefault(agent, deque(maxlen=_KEPT)).append(event)

    def of(self, agent: str) -> list[Happening]:
        """The agent's events, newest first."""
        return list(reversed(self._by_agent.get(agent, ())))
