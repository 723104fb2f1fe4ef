"""Containers as tasks of this process, on any clock."""

import asyncio
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from goodsfactory.domain.container import Claim, Container, ContainerLog, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Fenced
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Body, ContainerFailed, OnLost, Recovery
from goodsfactory.ports.store import Store, Transaction

_RESTART_INITIAL = 5.0
_RESTART_LIMIT = 300.0


@dataclass(frozen=True)
class _Kind:
    body: Body
    restarts: int | None


class InProcessEngine:
    """Runs one task per container. Rows survive the process; tasks are started again from them.

    A body that crashes is started again after a back-off and harms nobody else; one that is stopped has its
    row ended only once its task is gone, so that its ships are never free while it still acts.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kinds: dict[ContainerType, _Kind] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping: dict[str, str] = {}
        self._on_lost: list[OnLost] = []

    def register(self, type_: ContainerType, body: Body, *, restarts: int | None) -> None:
        self._kinds[type_] = _Kind(body, restarts)

    def on_lost(self, callback: OnLost) -> None:
        self._on_lost.append(callback)

    def is_running(self, container_id: str) -> bool:
        return container_id in self._tasks

    async def start(self, container: Container) -> None:
        if container.id in self._tasks:
            return
        if container.type not in self._kinds:
            raise ContainerFailed(f"No body is registered for containers of type {container.type}.")
        await self._store.transact(
            lambda tx: None if tx.containers.get(container.id) else tx.containers.add(container)
        )
        self._launch(container.id, container.type, restarted=False)

    async def stop(self, container_id: str, *, reason: str) -> bool:
        task = self._tasks.get(container_id)
        if task is None:
            row = await self._store.transact(lambda tx: tx.containers.get(container_id))
            if row is None or row.status.is_over:
                return False
            await self._end(container_id, ContainerStatus.STOPPED, reason)
            return True
        self._stopping[container_id] = reason
        task.cancel()
        await asyncio.wait([task])
        return True

    async def resume(self) -> Recovery:
        unfinished = await self._store.transact(
            lambda tx: tx.containers.find(statuses=(ContainerStatus.RUNNING, ContainerStatus.PENDING))
        )
        # Their ships first, all of them: a dispatcher that runs again must not see one as free.
        await self._store.transact(lambda tx: _reclaim(tx, unfinished, self._clock))
        resumed = lost = 0
        for container in unfinished:
            if container.type in self._kinds:
                self._launch(
                    container.id, container.type, restarted=container.status is ContainerStatus.RUNNING
                )
                resumed += 1
            else:
                lost += 1
        return Recovery(resumed, lost)

    async def shutdown(self) -> None:
        running = dict(self._tasks)
        for task in running.values():
            task.cancel()
        if running:
            await asyncio.wait(running.values())
            await self._store.transact(lambda tx: [tx.claims.release_all(name) for name in running])

    def _launch(self, container_id: str, type_: ContainerType, *, restarted: bool) -> None:
        kind = self._kinds[type_]
        task = asyncio.create_task(self._run(container_id, kind, restarted=restarted), name=container_id)
        self._tasks[container_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(container_id, None))

    async def _run(self, container_id: str, kind: _Kind, *, restarted: bool) -> None:
        crashes = 0
        try:
            while True:
                container = await self._store.transact(self._begin(container_id, restarted))
                try:
                    why = await kind.body(container)
                except ContainerFailed as failure:
                    await self._end(container_id, ContainerStatus.FAILED, str(failure))
                    return
                except Fenced:
                    return  # a newer body owns the row: it says how the container ends
                except Exception as bug:  # noqa: BLE001 - a bug of one container harms only itself (law L9)
                    crashes += 1
                    if await self._crashed(container, kind, crashes, bug):
                        return
                    restarted = True
                else:
                    await self._end(container_id, ContainerStatus.COMPLETED, why)
                    return
        except asyncio.CancelledError:
            reason = self._stopping.pop(container_id, None)
            if reason is not None:
                await self._end(container_id, ContainerStatus.STOPPED, reason)

    async def _crashed(self, container: Container, kind: _Kind, crashes: int, bug: Exception) -> bool:
        """Log the bug and back off; True when the container has crashed too often and was ended."""
        text = "".join(traceback.format_exception(bug))
        now = self._clock.now()
        line = ContainerLog(
            container.id,
            now,
            "ERROR",
            f"{type(bug).__name__}: {bug}",
            {"traceback": text, "crashes": crashes},
        )
        await self._store.transact(lambda tx: tx.containers.log(line))
        if kind.restarts is not None and crashes > kind.restarts:
            reason = f"crashed {crashes} times, last with {type(bug).__name__}: {bug}"
            await self._end(container.id, ContainerStatus.FAILED, reason)
            for callback in self._on_lost:
                await callback(container, reason)
            return True
        await self._clock.sleep(min(_RESTART_LIMIT, _RESTART_INITIAL * 2 ** (crashes - 1)))
        return False

    def _begin(self, container_id: str, restarted: bool) -> Callable[[Transaction], Container]:
        now = self._clock.now()

        def work(tx: Transaction) -> Container:
            container = tx.containers.begin(container_id, now, restarted=restarted)
            tx.events.append(
                _event(
                    container,
                    EventKind.CONTAINER_STARTED,
                    f"{container.type} {container.id} runs",
                    self._clock,
                )
            )
            return container

        return work

    async def _end(self, container_id: str, status: ContainerStatus, reason: str | None) -> None:
        now = self._clock.now()

        def work(tx: Transaction) -> None:
            container = tx.containers.get(container_id)
            if container is None or container.status.is_over:
                return
            freed = tx.containers.end(container_id, status, now, reason=reason)
            sentence = f"{container.type} {container_id} {status.lower()}" + (f": {reason}" if reason else "")
            tx.events.append(
                _event(container, EventKind.CONTAINER_ENDED, sentence, self._clock, status=status.value)
            )
            for ship in freed:
                tx.events.append(
                    _event(container, EventKind.SHIP_FREED, f"{ship} is free again", self._clock, ship=ship)
                )

        await self._store.transact(work)


def _reclaim(tx: Transaction, containers: Iterable[Container], clock: Clock) -> None:
    for row in containers:
        ship = row.metadata.get("ship")
        if ship is not None:
            tx.claims.claim(Claim(str(ship), row.player_id, row.id, row.type.value, row.epoch, clock.now()))


def _event(
    container: Container,
    kind: EventKind,
    message: str,
    clock: Clock,
    *,
    ship: str | None = None,
    status: str | None = None,
) -> Event:
    return Event(
        player_id=container.player_id,
        kind=kind,
        at=clock.now(),
        message=message,
        factory_id=container.metadata.get("factory_id"),
        ship=ship or container.metadata.get("ship"),
        container_id=container.id,
        data={"type": container.type.value} | ({"status": status} if status else {}),
    )
