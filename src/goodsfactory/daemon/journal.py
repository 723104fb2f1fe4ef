"""Every event of the store as a line of the daemon's log, while the daemon runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from goodsfactory.daemon.logs import level_of
from goodsfactory.domain.errors import Unavailable
from goodsfactory.domain.events import Event
from goodsfactory.domain.instants import instant
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction

if TYPE_CHECKING:
    from goodsfactory.daemon.application import Application

EVENT_BATCH = 500
LONGEST_SILENCE = 30.0
"""Game seconds after which the journal looks for events although nothing announced any."""

_LEVELS = logging.getLevelNamesMapping()


class Journal:
    """Follows the events of a store from ``seq`` on and logs them with structlog."""

    def __init__(self, store: Store, clock: Clock, seq: int) -> None:
        self._store = store
        self._clock = clock
        self._seq = seq
        self._agents: dict[int, str] = {}
        self._log = structlog.stdlib.get_logger(__name__)

    def tell(
        self, level: str, kind: str, message: str, *, at: datetime | None = None, agent: str | None = None
    ) -> None:
        """Log one line; ``at`` is the game time it happened at, now where it is not given."""
        fields = {} if at is None else {"time": instant(at)}
        if agent is not None:
            fields["agent"] = agent
        self._log.log(_LEVELS[level], message, kind=kind, **fields)

    def opened(self, version: str, address: str, resumed: str, complaints: Sequence[str]) -> None:
        """Log the start, what was resumed, and what a user should know."""
        self.tell("INFO", "DAEMON_STARTED", f"version {version} listens on {address}")
        self.tell("INFO", "DAEMON_RESUMED", resumed)
        for complaint in complaints:
            self.tell("WARNING", "DAEMON_COMPLAINT", complaint)

    async def catch_up(self) -> None:
        """Log every event since the last one that was logged; those of a database that is away come later."""
        try:
            while events := await self._store.transact(self._next):
                for event in events:
                    self._seq = event.seq
                    agent = self._agents.get(event.player_id)
                    self.tell(level_of(event.kind), event.kind.value, event.message, at=event.at, agent=agent)
        except Unavailable as away:
            self.tell("WARNING", "DATABASE_UNAVAILABLE", str(away))

    def _next(self, tx: Transaction) -> list[Event]:
        events = tx.events.after(self._seq, limit=EVENT_BATCH)
        for player_id in {event.player_id for event in events} - self._agents.keys():
            player = tx.players.get(player_id)
            if player is not None:
                self._agents[player_id] = player.agent_symbol
        return events

    async def follow(self) -> None:
        """Log events as they happen, until cancelled."""
        while True:
            changed = self._store.changed()
            await self.catch_up()
            await self._clock.wait(changed, LONGEST_SILENCE)


@asynccontextmanager
async def keep_journal(
    application: "Application",
) -> AsyncIterator[Callable[[str, str, Sequence[str]], None]]:
    """Log the events that happen inside; enter it before the application starts.

    None is logged until the callable that this gives is told the address, what was resumed and the
    complaints: a daemon that cannot begin says one sentence and no more.
    """
    seq = await application.store.transact(lambda tx: tx.events.last_seq())
    journal = Journal(application.store, application.clock, seq)
    following: list[asyncio.Task[None]] = []

    def opened(address: str, resumed: str, complaints: Sequence[str]) -> None:
        journal.opened(application.version, address, resumed, complaints)
        following.append(asyncio.create_task(journal.follow()))

    try:
        yield opened
    finally:
        for task in following:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()
            await journal.catch_up()
            journal.tell("INFO", "DAEMON_STOPPED", "its factories go on when it runs again")
