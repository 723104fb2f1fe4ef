"""Containers as workflows of DBOS: a process that dies takes no container with it."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from goodsfactory.adapters.engine.container_rows import ContainerRows
from goodsfactory.adapters.engine.gate import Gate
from goodsfactory.adapters.engine.kinds import Kinds
from goodsfactory.adapters.engine.life import Life
from goodsfactory.adapters.engine.lives import CANCEL_AGAIN, Lives
from goodsfactory.adapters.engine.system_database import SystemDatabase
from goodsfactory.adapters.engine.workflows import IdInUse, Left, Workflows, workflow_id
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Unavailable
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Body, Engine, OnLost, Recovery
from goodsfactory.ports.store import Store

# DBOS lives in the machine's time, whatever the clock of the game says: these are real seconds.
_TRY_AGAIN = 2.0
_LAST_WORDS = 5.0
"""How long a shutdown waits for workflows that have ended to be recorded as ended."""

_log = structlog.stdlib.get_logger(__name__)


@dataclass(eq=False)
class _Admission:
    """The right of one workflow to live a container's life here."""

    life: Life
    workflow_id: str


class DurableEngine(Engine):
    """Runs one DBOS workflow per container, ``container:generation``, whose body lives the container's life.

    The rows of ``containers`` stay the truth: DBOS knows what this node ran and runs it again after a crash;
    the row says whether it may. So a workflow that DBOS brings back waits until ``resume`` has admitted its
    container, and ends in silence where the row is over or another generation lives. Where DBOS brings
    nothing back, the next generation is started.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        database_url: str,
        node_id: str,
        sweep_seconds: float = 60.0,
        cancel_again: float = CANCEL_AGAIN,
    ) -> None:
        """``launch`` before use. No two processes may have the same ``node_id`` at a time.

        ``database_url`` is the store's. Of the real seconds, ``sweep_seconds`` are between two deletions of
        ended workflows, ``cancel_again`` between two cancellations of a body that does not end. Raises
        UserError for a database that cannot be used.
        """
        self._rows = ContainerRows(store, clock)
        self._kinds = Kinds(self._rows, clock)
        self._lives = Lives(cancel_again)
        self._workflows = Workflows(SystemDatabase(database_url), node_id)
        self._sweep_seconds = sweep_seconds
        self._admitted: dict[str, _Admission] = {}
        self._gate = Gate(self._rows)
        self._recovering: set[str] | None = None
        """ids that DBOS will bring back; None while that is not known"""
        self._hosted: set[asyncio.Task[Any]] = set()
        self._chores: set[asyncio.Task[Any]] = set()
        self._closing = asyncio.Event()
        self._launched = False

    async def launch(self) -> None:
        """Take over the running loop's containers, which wait for ``resume``.

        Raises UserError where the database cannot be used, and Unavailable where it stops to answer.
        """
        self._workflows.open(self._host)
        self._launched = True
        try:
            self._recovering = {left.id for left in await self._workflows.left() if left.is_ours}
        except BaseException:
            await self.shutdown()
            raise
        self._do(self._sweep())

    def register(self, type_: ContainerType, body: Body, *, restarts: int | None) -> None:
        self._kinds.register(type_, body, restarts=restarts)

    def on_lost(self, callback: OnLost) -> None:
        self._kinds.on_lost(callback)

    def is_running(self, container_id: str) -> bool:
        return container_id in self._admitted

    def running(self, player_id: int | None = None) -> int:
        if player_id is None:
            return len(self._admitted)
        return sum(one.life.player_id == player_id for one in self._admitted.values())

    async def start(self, container: Container) -> None:
        if container.id in self._admitted:
            return
        self._kinds.require(container.type)
        try:
            row = await self._rows.enrol(container)
        except asyncio.CancelledError:
            # The row may be there, and a row that nobody runs would wait for the next boot.
            self._place_next(container)
            raise
        self._place_next(row)

    async def stop(self, container_id: str, *, reason: str) -> bool:
        if container_id in self._lives:
            await self._lives.stop(container_id, reason)
        elif self._admitted.pop(container_id, None) is None:
            row = await self._rows.get(container_id)
            if row is None or row.status.is_over:
                return False
        await self._rows.end(container_id, ContainerStatus.STOPPED, reason)
        self._gate.open(container_id)
        return True

    async def resume(self, player_ids: Collection[int] | None = None) -> Recovery:
        unfinished = await self._rows.unfinished()
        found = self._kinds.sort(unfinished, player_ids, self.is_running)
        # Their ships first, all of them: a planner that runs again must not see one as free.
        await self._rows.claim_ships([*found.ready, *found.lost])
        left: defaultdict[str, list[Left]] = defaultdict(list)
        for one in await self._workflows.left():
            left[one.container_id].append(one)
        ready = [row for row in found.ready if not self.is_running(row.id)]
        await self._workflows.cancel(
            [one.id for row in ready for one in left[row.id] if not self._comes_back(one)]
        )
        for row in ready:
            coming = [one for one in left[row.id] if self._comes_back(one)]
            if not coming:
                self._place_next(row)
            elif not self.is_running(row.id):
                # DBOS needs a second to bring the workflow back: it joins the life that has begun by then.
                self._live(self._admit(row, max(coming, key=lambda one: one.generation).id))
        for container_id in self._gate.waiting() - {row.id for row in unfinished}:
            self._gate.open(container_id)
        return Recovery(len(found.ready), len(found.lost), len(found.waiting))

    async def let_go(self, player_ids: Collection[int]) -> None:
        self._gate.open_for(player_ids)
        while True:
            lives = self._lives.of(player_ids)
            for one in list(self._admitted.values()):
                if one.life.player_id in player_ids and one.life.container_id not in self._lives:
                    self._dismiss(one)
            if not lives:
                return
            await self._lives.take_down(lives)

    async def shutdown(self) -> None:
        if not self._launched:
            return
        self._launched = False
        self._closing.set()
        self._workflows.hush()
        try:
            await self._take_bodies_down()
        finally:
            for task in self._chores | self._hosted:
                task.cancel()
            if others := self._chores | self._hosted:
                await asyncio.wait(others, timeout=_LAST_WORDS)
            await self._workflows.close()

    async def _take_bodies_down(self) -> None:
        waiting = [one.life for one in self._admitted.values() if one.life.container_id not in self._lives]
        epochs = {life.container_id: life.epoch for life in waiting}
        self._admitted = {
            name: one for name, one in self._admitted.items() if one.life.container_id in self._lives
        }
        while lives := self._lives.of():
            await self._lives.take_down(lives)
            epochs |= {life.container_id: life.epoch for life in lives}
        self._gate.close()
        if self._hosted:
            await asyncio.wait(self._hosted, timeout=_LAST_WORDS)
        await self._rows.free_ships(epochs)

    # Workflows: DBOS runs _host, for a container that was started here or one that it brings back

    async def _host(self, container_id: str, workflow_id: str) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._hosted.add(task)
        task.add_done_callback(self._hosted.discard)
        if self._closing.is_set():
            raise asyncio.CancelledError
        came_back = self._recovering is None or workflow_id in self._recovering
        if container_id not in self._admitted and came_back:
            await self._gate.wait(container_id)
        if self._recovering is not None:
            self._recovering.discard(workflow_id)
        admission = self._admitted.get(container_id)
        if admission is None or admission.workflow_id != workflow_id:
            return
        living = self._live(admission)
        await asyncio.wait([living])
        if self._closing.is_set() and living.cancelled():
            raise asyncio.CancelledError  # a workflow that returned would be over for DBOS

    def _comes_back(self, left: Left) -> bool:
        """Whether DBOS has brought it back, or will."""
        return self._recovering is not None and left.id in self._recovering

    def _admit(self, row: Container, workflow_id: str) -> _Admission:
        admission = _Admission(self._kinds.life(row), workflow_id)
        self._admitted[row.id] = admission
        self._gate.open(row.id)
        return admission

    def _live(self, admission: _Admission) -> asyncio.Task[None]:
        living = self._lives.begin(admission.life)
        living.add_done_callback(lambda _: self._dismiss(admission))
        return living

    def _dismiss(self, admission: _Admission) -> None:
        if self._admitted.get(admission.life.container_id) is admission:
            del self._admitted[admission.life.container_id]
            if self._recovering is not None:
                self._recovering.discard(admission.workflow_id)

    # Generations: a workflow that ended never runs again, so each life has an id of its own

    def _place_next(self, row: Container) -> None:
        if row.id not in self._admitted:
            self._do(self._place(self._admit(row, "")))

    async def _place(self, admission: _Admission) -> None:
        """Start the next generation, and insist while the system database does not answer."""
        container_id = admission.life.container_id
        generation = admission.life.epoch + 1
        told = False
        while self._admitted.get(container_id) is admission:
            admission.workflow_id = workflow_id(container_id, generation)
            try:
                return await self._workflows.start(container_id, generation)
            except IdInUse:
                generation += 1
            except Unavailable as trouble:
                if not told:
                    _log.warning(f"{container_id} waits to be started: {trouble}", kind="ENGINE_TROUBLE")
                told = True
                if await self._closed_within(_TRY_AGAIN):
                    return

    async def _sweep(self) -> None:
        while not await self._closed_within(self._sweep_seconds):
            try:
                await self._workflows.forget_ended()
            except Unavailable as trouble:
                _log.warning(f"Ended workflows stay for now: {trouble}", kind="ENGINE_TROUBLE")

    def _do(self, chore: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _closed_within(self, real_seconds: float) -> bool:
        try:
            async with asyncio.timeout(real_seconds):
                await self._closing.wait()
        except TimeoutError:
            return False
        return True
