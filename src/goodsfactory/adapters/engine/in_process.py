"""Containers as tasks of this process, on any clock."""

import asyncio
import traceback
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from goodsfactory.domain.container import Claim, Container, ContainerLog, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Fenced, Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Body, ContainerFailed, OnLost, Recovery
from goodsfactory.ports.store import Store, Transaction

_RESTART_INITIAL = 5.0
_RESTART_LIMIT = 300.0
_CANCEL_AGAIN = 30.0
"""Seconds after which a body that is still there is cancelled once more."""


@dataclass(frozen=True)
class _Kind:
    body: Body
    restarts: int | None


@dataclass
class _Life:
    """What one container went through in this process."""

    restarted: bool
    crashes: int = 0

    def back_off(self) -> float:
        doublings = min(self.crashes - 1, 16)
        return min(_RESTART_LIMIT, _RESTART_INITIAL * 2.0**doublings)


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
        self._players: dict[str, int] = {}
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
        self._launch(container, restarted=False)

    async def stop(self, container_id: str, *, reason: str) -> bool:
        task = self._tasks.get(container_id)
        if task is None:
            row = await self._store.transact(lambda tx: tx.containers.get(container_id))
            if row is None or row.status.is_over:
                return False
            await self._end(container_id, ContainerStatus.STOPPED, reason)
            return True
        self._stopping[container_id] = reason
        await _take_down([task])
        self._stopping.pop(container_id, None)
        # A task cancelled before its first step never came to end its row.
        await self._end(container_id, ContainerStatus.STOPPED, reason)
        return True

    async def resume(self, player_ids: Collection[int] | None = None) -> Recovery:
        unfinished = await self._store.transact(
            lambda tx: tx.containers.find(statuses=(ContainerStatus.RUNNING, ContainerStatus.PENDING))
        )
        unfinished = [container for container in unfinished if container.id not in self._tasks]
        # Their ships first, all of them: a dispatcher that runs again must not see one as free.
        await self._store.transact(lambda tx: _reclaim(tx, unfinished, self._clock))
        resumed = lost = waiting = 0
        for container in unfinished:
            if player_ids is not None and container.player_id not in player_ids:
                waiting += 1
            elif container.type in self._kinds:
                self._launch(container, restarted=container.status is ContainerStatus.RUNNING)
                resumed += 1
            else:
                lost += 1
        return Recovery(resumed, lost, waiting)

    async def let_go(self, player_ids: Collection[int]) -> None:
        theirs = [task for name, task in self._tasks.items() if self._players.get(name) in player_ids]
        if theirs:
            await _take_down(theirs)

    async def shutdown(self) -> None:
        running = dict(self._tasks)
        if running:
            await _take_down(running.values())
            await self._store.transact(lambda tx: [tx.claims.release_all(name) for name in running])

    def _launch(self, container: Container, *, restarted: bool) -> None:
        name = container.id
        task = asyncio.create_task(
            self._run(name, self._kinds[container.type], restarted=restarted), name=name
        )
        self._tasks[name] = task
        self._players[name] = container.player_id
        task.add_done_callback(lambda _: (self._tasks.pop(name, None), self._players.pop(name, None)))

    async def _run(self, container_id: str, kind: _Kind, *, restarted: bool) -> None:
        life = _Life(restarted)
        try:
            while not await self._live(container_id, kind, life):
                await self._clock.sleep(life.back_off())
        except asyncio.CancelledError:
            reason = self._stopping.get(container_id)
            if reason is not None:
                await self._end(container_id, ContainerStatus.STOPPED, reason)

    async def _live(self, container_id: str, kind: _Kind, life: _Life) -> bool:
        """Run the body once; False where it shall be started again."""
        try:
            container = await self._store.transact(self._begin(container_id, life.restarted))
            life.restarted = True
            try:
                why = await self._body(container, kind)
            except ContainerFailed as failure:
                await self._end(container_id, ContainerStatus.FAILED, str(failure))
            except Fenced:
                return True  # a newer body owns the row: it says how the container ends
            except Exception as bug:  # noqa: BLE001 - a bug of one container harms only itself (law L9)
                return await self._crashed(container, kind, life, bug)
            else:
                await self._end(container_id, ContainerStatus.COMPLETED, why)
        except Unavailable:  # the store itself: the row says RUNNING, and so it shall be
            life.crashes += 1
            return False
        return True

    async def _body(self, container: Container, kind: _Kind) -> str | None:
        """The body's own end. A cancellation counts even where the body answers it with something else."""
        try:
            why = await kind.body(container)
        except Exception as answer:
            if _is_cancelled():
                if not isinstance(answer, ContainerFailed | Fenced):
                    await self._log(container, answer, crashes=0)
                raise asyncio.CancelledError from answer
            raise
        if _is_cancelled():
            raise asyncio.CancelledError
        return why

    async def _crashed(self, container: Container, kind: _Kind, life: _Life, bug: Exception) -> bool:
        """Log the bug; True when the container has crashed too often and was ended."""
        life.crashes += 1
        await self._log(container, bug, crashes=life.crashes)
        if kind.restarts is None or life.crashes <= kind.restarts:
            return False
        reason = f"crashed {life.crashes} times, last with {type(bug).__name__}: {bug}"
        await self._end(container.id, ContainerStatus.FAILED, reason)
        for callback in self._on_lost:
            await callback(container, reason)
        return True

    async def _log(self, container: Container, bug: Exception, *, crashes: int) -> None:
        text = "".join(traceback.format_exception(bug))
        line = ContainerLog(
            container.id,
            self._clock.now(),
            "ERROR",
            f"{type(bug).__name__}: {bug}",
            {"traceback": text, "crashes": crashes},
        )
        await self._store.transact(lambda tx: tx.containers.log(line))

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


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _take_down(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel until all are gone: a body may swallow a cancellation in the middle of its work."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_CANCEL_AGAIN)


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
