"""Retention at work: a little of what is old is removed at a time, while nobody waits for the database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from goodsfactory.daemon.endless import forever
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store

ROWS = 500
"""Rows of each table in one transaction: it takes milliseconds, and money waits for no more."""

BREATH = 1.0
"""Game seconds between two transactions while much is old."""

ROUND = 900.0
"""Game seconds until it looks again once nothing is old any more."""

INTENTS_KEPT = timedelta(days=7)
"""How long a settled intent stays: the ledger says what came of it, and nothing asks for it again."""

LOOKS_KEPT = timedelta(days=7)
"""How long every sighting stays; after that the last of each hour does."""

_WINDOWS = 2
"""The kill rule reads the legs of its window; so many windows are kept whatever the setting says."""


def kept_for(days: float, policy: Policy) -> timedelta:
    """How long details stay."""
    return max(timedelta(days=days), timedelta(seconds=_WINDOWS * policy.kill_window))


@dataclass(frozen=True)
class Housekeeping:
    """Removes details older than ``keep``; totals, the ledger and the life of factories stay.

    Nothing is removed until ``met`` says that the server has answered: before, the clock is this machine's,
    which may be wrong by years.
    """

    store: Store
    clock: Clock
    keep: timedelta
    met: Callable[[], bool]

    async def run(self) -> None:
        """Go on until cancelled. How far it came is in the database: a restart goes on from there."""
        await forever(self._round, doing="removing old details")

    async def _round(self) -> None:
        await self.clock.sleep(ROUND)
        while self.met() and await self.thin():
            await self.clock.sleep(BREATH)

    async def thin(self) -> int:
        """One transaction; how many rows it went through, 0 where nothing is old enough."""
        now = self.clock.now()
        before, settled = now - self.keep, now - min(self.keep, INTENTS_KEPT)
        looked = now - LOOKS_KEPT
        return await self.store.transact(
            lambda tx: tx.history.thin(before, ROWS, now=now, settled_before=settled, looked_before=looked)
        )
