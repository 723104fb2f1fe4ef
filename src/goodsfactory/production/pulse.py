"""The heartbeat of containers that pass again and again."""

from datetime import datetime

from goodsfactory.domain.container import Container
from goodsfactory.domain.instants import has_passed
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store

_LONGEST = 60.0
"""game seconds that may lie between two heartbeats written down"""


class Pulse:
    """Counts the passes of one container, and writes a heartbeat where a pass did something or one is due.

    A pass that found nothing to do costs no write: there are thousands of them a day.
    """

    def __init__(self, store: Store, clock: Clock, container: Container) -> None:
        self._store = store
        self._clock = clock
        self._container_id = container.id
        self._passes = container.iteration
        self._written: datetime | None = None

    async def beat(self, effect: str | None = None) -> None:
        """One more pass is over, with what it did, if anything."""
        self._passes += 1
        now, passes = self._clock.now(), self._passes
        if effect is None and self._written is not None and not has_passed(self._written, _LONGEST, now):
            return
        await self._store.transact(
            lambda tx: tx.containers.heartbeat(self._container_id, now, iteration=passes, effect=effect)
        )
        self._written = now
