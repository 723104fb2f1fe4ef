"""The containers that live in this process: never two bodies of one container at once."""

import asyncio
from collections.abc import Collection
from contextvars import copy_context
from dataclasses import dataclass

from goodsfactory.adapters.engine.life import Life

CANCEL_AGAIN = 30.0
"""Real seconds after which a body that is still there is cancelled once more."""


@dataclass(frozen=True)
class _Living:
    life: Life
    task: asyncio.Task[None]


class Lives:
    """Lives by the id of their container, each with the task that lives it."""

    def __init__(self, cancel_again: float = CANCEL_AGAIN) -> None:
        self._living: dict[str, _Living] = {}
        self._cancel_again = cancel_again
        self._context = copy_context()

    def __contains__(self, container_id: object) -> bool:
        return container_id in self._living

    def of(self, player_ids: Collection[int] | None = None) -> list[Life]:
        """The lives of some players, or of all."""
        lives = [living.life for living in self._living.values()]
        return [life for life in lives if player_ids is None or life.player_id in player_ids]

    def begin(self, life: Life) -> asyncio.Task[None]:
        """Live it as a task of its own; where its container lives already, the task that does.

        It inherits from whoever made this engine and nothing from whatever begins it: no haste of a caller
        who waits, and no workflow, of which what a body starts would be recorded as a step, and not be
        started when the body runs again.
        """
        container_id = life.container_id
        if container_id in self._living:
            return self._living[container_id].task
        task = asyncio.create_task(life.run(), name=container_id, context=self._context.copy())
        self._living[container_id] = _Living(life, task)
        task.add_done_callback(lambda _: self._living.pop(container_id, None))
        return task

    async def stop(self, container_id: str, reason: str) -> None:
        """Take it down to be STOPPED; returns once it is gone."""
        living = self._living[container_id]
        living.life.stop_reason = reason
        await self._cancel([living])

    async def take_down(self, lives: Collection[Life]) -> None:
        """Take them down and leave their rows alone; returns once they are gone."""
        chosen = frozenset(lives)
        await self._cancel([one for one in self._living.values() if one.life in chosen])

    async def _cancel(self, living: Collection[_Living]) -> None:
        """Cancel until all are gone: a body may swallow a cancellation in the middle of its work."""
        left = {one.task for one in living}
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=self._cancel_again)
