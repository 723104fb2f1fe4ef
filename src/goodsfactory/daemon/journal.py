"""The daemon's own log: every event as one line of key=value words, while the daemon runs."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

import structlog
from structlog.typing import EventDict

from goodsfactory.daemon.logs import level_of
from goodsfactory.domain.errors import Unavailable
from goodsfactory.domain.events import Event
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction

if TYPE_CHECKING:
    from goodsfactory.daemon.application import Application

EVENT_BATCH = 500
LONGEST_SILENCE = 30.0
"""Game seconds after which the journal looks for events although nothing announced any."""

_LEVELS = logging.getLevelNamesMapping()
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+(\.[\w-]*)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HIDDEN = "<token>"
_line = structlog.processors.LogfmtRenderer(key_order=["time", "level", "kind", "message"])


class Journal:
    """Follows the events of a store from ``seq`` on and logs them with structlog."""

    def __init__(self, store: Store, clock: Clock, seq: int) -> None:
        self._store = store
        self._clock = clock
        self._seq = seq
        self._log = structlog.get_logger()

    def tell(self, level: str, kind: str, message: str, *, at: datetime | None = None) -> None:
        """Log one line; ``at`` is the game time it happened at, now where it is not given."""
        fields = {} if at is None else {"time": _instant(at)}
        # A reader that went away (`daemon run 2>&1 | head`) must not stop the work.
        with suppress(BrokenPipeError):
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
                    self.tell(level_of(event.kind), event.kind.value, event.message, at=event.at)
        except Unavailable as away:
            self.tell("WARNING", "DATABASE_UNAVAILABLE", str(away))

    def _next(self, tx: Transaction) -> list[Event]:
        return tx.events.after(self._seq, limit=EVENT_BATCH)

    async def follow(self) -> None:
        """Log events as they happen, until cancelled."""
        while True:
            changed = self._store.changed()
            await self.catch_up()
            await self._clock.wait(changed, LONGEST_SILENCE)


@asynccontextmanager
async def keep_journal(
    application: "Application", stream: TextIO
) -> AsyncIterator[Callable[[str, str, Sequence[str]], None]]:
    """Log to ``stream`` whatever happens inside; enter it before the application starts.

    Nothing is written until the callable that this gives is told the address, what was resumed and the
    complaints: a daemon that cannot begin says one sentence and no more.
    """
    settings, clock = application.settings, application.clock
    secrets = () if settings.token is None else (settings.token,)
    configure(stream, level=settings.log_level, now=clock.now, secrets=secrets)
    seq = await application.store.transact(lambda tx: tx.events.last_seq())
    journal = Journal(application.store, clock, seq)
    following: list[asyncio.Task[None]] = []

    def opened(address: str, resumed: str, complaints: Sequence[str]) -> None:
        journal.opened(application.version, address, resumed, complaints)
        following.append(asyncio.create_task(journal.follow()))

    try:
        yield opened
    finally:
        try:
            for task in following:
                task.cancel()
                await asyncio.wait([task])
                if not task.cancelled():
                    task.result()
                await journal.catch_up()
                journal.tell("INFO", "DAEMON_STOPPED", "its factories go on when it runs again")
        finally:
            structlog.reset_defaults()


def configure(stream: TextIO, *, level: str, now: Callable[[], datetime], secrets: Sequence[str]) -> None:
    """Let everything that is logged go to ``stream``, from ``level`` on, one plain line each.

    What looks like a token of the game, and each of ``secrets``, is left out of every line (law L12).
    """

    def timed(logger: Any, name: str, fields: EventDict) -> EventDict:
        fields.setdefault("time", _instant(now()))
        fields.setdefault("kind", "DAEMON_BUG")
        fields["level"] = name.upper()
        return fields

    def rendered(logger: Any, name: str, fields: EventDict) -> str:
        text = str(_line(logger, name, fields))
        for secret in secrets:
            text = text.replace(secret, _HIDDEN)
        return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", _TOKEN.sub(_HIDDEN, text))

    structlog.configure(
        processors=[
            timed,
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            rendered,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
