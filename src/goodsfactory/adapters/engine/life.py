"""The life of one container in this process, whoever runs the coroutine."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from goodsfactory.adapters.engine.container_rows import ContainerRows
from goodsfactory.domain.container import Container, ContainerStatus
from goodsfactory.domain.errors import Fenced, IllegalTransition, Unavailable
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Body, ContainerFailed, OnLost

_RESTART_INITIAL = 5.0
_RESTART_LIMIT = 300.0
_CALM = 600.0
"""Game seconds of a run after which a crash counts as the first one again."""

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True)
class Kind:
    """What runs for a type of container, and how many bugs in a row end it (None: no number does)."""

    body: Body
    restarts: int | None


class Life:
    """Begin, run the body, run it again after a crash, end. For one use.

    ``row`` is the container as it was last seen. The life begins only while the row has still that epoch, and
    begins again only while it has the epoch it began with: whoever began it in between owns it.
    """

    def __init__(
        self, row: Container, kind: Kind, rows: ContainerRows, clock: Clock, on_lost: Sequence[OnLost]
    ) -> None:
        self.container_id = row.id
        self.player_id = row.player_id
        self.epoch = row.epoch
        self.stop_reason: str | None = None
        """why a life that is taken down shall end STOPPED; without it the row is left alone"""
        self._kind = kind
        self._rows = rows
        self._clock = clock
        self._on_lost = on_lost
        self._restarted = row.status is ContainerStatus.RUNNING
        self._attempted: datetime | None = None
        self._begun_at = row.updated_at
        self._crashes = 0
        self._pauses = 0

    async def run(self) -> None:
        """Returns once nothing is left to run here. A cancellation gets out unless it was a stop."""
        try:
            while not await self._once():
                await self._pause()
        except asyncio.CancelledError:
            if self.stop_reason is None:
                raise
            with suppress(Unavailable):  # whoever stops it ends the row too, and hears of the trouble
                await self._rows.end(self.container_id, ContainerStatus.STOPPED, self.stop_reason)

    async def _once(self) -> bool:
        """Run the body once; False where it shall be started again."""
        try:
            container = await self._begin()
            try:
                why = await self._body(container)
            except ContainerFailed as failure:
                await self._fail(container, str(failure))
            except Fenced:
                raise
            except Exception as bug:  # noqa: BLE001 - a bug of one container harms only itself (law L9)
                return await self._crashed(container, bug)
            else:
                await self._end(ContainerStatus.COMPLETED, why)
        except (Fenced, IllegalTransition):
            return True  # a newer body owns the row and says how it ends, or it is over, or gone
        except Unavailable:  # the store itself: the row says RUNNING, and so it shall be
            return False
        except Exception:  # noqa: BLE001 - a life that ended here would leave a RUNNING row that nobody runs
            _log.exception(f"The engine failed to keep {self.container_id}; it tries again.")
            return False
        return True

    async def _begin(self) -> Container:
        now, attempted = self._clock.now(), self._attempted
        self._attempted = now
        container = await self._rows.begin(
            self.container_id, self.epoch, now, restarted=self._restarted, attempted=attempted
        )
        self.epoch, self._attempted, self._restarted = container.epoch, None, True
        self._begun_at = self._clock.now()
        return container

    async def _end(self, status: ContainerStatus, reason: str | None) -> None:
        await self._rows.end(self.container_id, status, reason, epoch=self.epoch)

    async def _body(self, container: Container) -> str | None:
        """The body's own end. A cancellation counts even where the body answers it with something else."""
        try:
            why = await self._kind.body(container)
        except Exception as answer:
            if _is_cancelled():
                if not isinstance(answer, ContainerFailed | Fenced):
                    await self._rows.crashed(container, answer, crashes=0, pause=None)
                raise asyncio.CancelledError from answer
            raise
        if _is_cancelled():
            raise asyncio.CancelledError
        return why

    async def _crashed(self, container: Container, bug: Exception) -> bool:
        """Write the bug down; True where the container has crashed too often and was ended."""
        if (self._clock.now() - self._begun_at).total_seconds() > _CALM:
            self._crashes = self._pauses = 0
        self._crashes += 1
        again = self._kind.restarts is None or self._crashes <= self._kind.restarts
        pause = self._next_pause() if again else None
        await self._rows.crashed(container, bug, crashes=self._crashes, pause=pause)
        if again:
            return False
        reason = f"crashed {self._crashes} times, last with {type(bug).__name__}: {bug}"
        await self._fail(container, reason)
        return True

    async def _fail(self, container: Container, reason: str) -> None:
        await self._end(ContainerStatus.FAILED, reason)
        for callback in self._on_lost:
            await self._tell(callback, container, reason)

    async def _tell(self, callback: OnLost, container: Container, reason: str) -> None:
        """The row is over and nobody tells of it again: insist while the store does not answer."""
        while True:
            try:
                return await callback(container, reason)
            except Unavailable:
                await self._pause()
            except Exception:  # noqa: BLE001 - a bug of the listener is no reason to run the container again
                _log.exception(f"Nobody heard that {container.id} was lost.")
                return None

    async def _pause(self) -> None:
        pause = self._next_pause()
        self._pauses += 1
        await self._clock.sleep(pause)

    def _next_pause(self) -> float:
        return min(_RESTART_LIMIT, _RESTART_INITIAL * 2.0 ** min(self._pauses, 16))


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
