"""Where workflows wait that DBOS runs again before anybody has said that their container may live here."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from goodsfactory.adapters.engine.container_rows import ContainerRows
from goodsfactory.domain.errors import Unavailable


@dataclass(eq=False)
class _Waiting:
    passed: asyncio.Future[None]
    player_id: int | None = None


class Gate:
    """Holds workflows by container until it is opened for that one; then they look again what they may do."""

    def __init__(self, rows: ContainerRows) -> None:
        self._rows = rows
        self._waiting: defaultdict[str, list[_Waiting]] = defaultdict(list)

    def waiting(self) -> set[str]:
        """The containers whose workflows wait."""
        return set(self._waiting)

    async def wait(self, container_id: str) -> None:
        """Returns at once where the container is over."""
        one = _Waiting(asyncio.get_running_loop().create_future())
        self._waiting[container_id].append(one)
        try:
            if not await self._is_over(container_id, one):
                await one.passed
        finally:
            self._waiting[container_id].remove(one)
            if not self._waiting[container_id]:
                del self._waiting[container_id]

    def open(self, container_id: str) -> None:
        for one in self._waiting.get(container_id, ()):
            if not one.passed.done():
                one.passed.set_result(None)

    def open_for(self, player_ids: Collection[int]) -> None:
        """For the containers of these players."""
        for container_id, waiting in self._waiting.items():
            if any(one.player_id in player_ids for one in waiting):
                self.open(container_id)

    def close(self) -> None:
        """Cancel whatever waits: DBOS brings it back another time."""
        for waiting in self._waiting.values():
            for one in waiting:
                one.passed.cancel()

    async def _is_over(self, container_id: str, one: _Waiting) -> bool:
        try:
            row = await self._rows.get(container_id)
        except Unavailable:
            return False
        if row is None or row.status.is_over:
            return True
        one.player_id = row.player_id
        return False
