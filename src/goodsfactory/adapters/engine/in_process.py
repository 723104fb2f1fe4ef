"""Containers as tasks of this process, on any clock."""

import asyncio
from collections.abc import Collection

from goodsfactory.adapters.engine.container_rows import ContainerRows
from goodsfactory.adapters.engine.kinds import Kinds
from goodsfactory.adapters.engine.lives import Lives
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Body, Engine, OnLost, Recovery
from goodsfactory.ports.store import Store


class InProcessEngine(Engine):
    """Runs one task per container. Rows survive the process; tasks are started again from them.

    A body that crashes is started again after a back-off and harms nobody else; one that is stopped has its
    row ended only once its task is gone, so that its ships are never free while it still acts.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._rows = ContainerRows(store, clock)
        self._kinds = Kinds(self._rows, clock)
        self._lives = Lives()

    def register(self, type_: ContainerType, body: Body, *, restarts: int | None) -> None:
        self._kinds.register(type_, body, restarts=restarts)

    def on_lost(self, callback: OnLost) -> None:
        self._kinds.on_lost(callback)

    def is_running(self, container_id: str) -> bool:
        return container_id in self._lives

    def running(self, player_id: int | None = None) -> int:
        return len(self._lives.of(None if player_id is None else [player_id]))

    async def start(self, container: Container) -> None:
        if container.id in self._lives:
            return
        self._kinds.require(container.type)
        try:
            row = await self._rows.enrol(container)
        except asyncio.CancelledError:
            # The row may be there, and a row that nobody runs would wait for the next boot.
            self._lives.begin(self._kinds.life(container))
            raise
        self._lives.begin(self._kinds.life(row))

    async def stop(self, container_id: str, *, reason: str) -> bool:
        if container_id not in self._lives:
            row = await self._rows.get(container_id)
            if row is None or row.status.is_over:
                return False
        else:
            await self._lives.stop(container_id, reason)
        # A task cancelled before its first step never came to end its row.
        await self._rows.end(container_id, ContainerStatus.STOPPED, reason)
        return True

    async def resume(self, player_ids: Collection[int] | None = None) -> Recovery:
        unfinished = await self._rows.unfinished()
        found = self._kinds.sort(unfinished, player_ids, self.is_running)
        # Their ships first, all of them: a planner that runs again must not see one as free.
        await self._rows.claim_ships([*found.ready, *found.lost])
        for row in found.ready:
            self._lives.begin(self._kinds.life(row))
        return Recovery(len(found.ready), len(found.lost), len(found.waiting))

    async def let_go(self, player_ids: Collection[int]) -> None:
        while lives := self._lives.of(player_ids):
            await self._lives.take_down(lives)

    async def shutdown(self) -> None:
        while lives := self._lives.of():
            await self._lives.take_down(lives)
            await self._rows.free_ships({life.container_id: life.epoch for life in lives})
