"""The rows of containers: begun, ended and claimed for in one transaction each, with the events of it."""

import traceback
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from goodsfactory.domain.container import Claim, Container, ContainerLog, ContainerStatus
from goodsfactory.domain.errors import Conflict, Fenced, Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction

_UNFINISHED = (ContainerStatus.RUNNING, ContainerStatus.PENDING)


class ContainerRows:
    """What every engine reads and writes of ``containers``. All raise Unavailable where the store does."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def enrol(self, container: Container) -> Container:
        """Add the row if it is new; returns it as it is kept."""

        def work(tx: Transaction) -> Container:
            kept = tx.containers.get(container.id)
            if kept is None:
                tx.containers.add(container)
            return kept or container

        return await self._store.transact(work)

    async def get(self, container_id: str) -> Container | None:
        return await self._store.transact(lambda tx: tx.containers.get(container_id))

    async def unfinished(self) -> list[Container]:
        return await self._store.transact(lambda tx: tx.containers.find(statuses=_UNFINISHED))

    async def begin(
        self, container_id: str, epoch: int, now: datetime, *, restarted: bool, attempted: datetime | None
    ) -> Container:
        """Take the row from ``epoch`` to the next one.

        ``attempted`` is the ``now`` of an attempt whose outcome is unknown: where that one was kept, it
        counts. Raises Fenced where the row has moved on or is gone, and IllegalTransition where it is over.
        """

        def work(tx: Transaction) -> Container:
            row = tx.containers.get(container_id) if attempted else None
            if row is not None and (row.epoch, row.heartbeat_at) == (epoch + 1, attempted):
                return row
            try:
                begun = tx.containers.begin(container_id, now, restarted=restarted)
            except Conflict:
                raise Fenced(f"There is no container {container_id} any more.") from None
            if begun.epoch != epoch + 1:
                # Looked at after the write, which has locked the row; raising takes the write back.
                raise Fenced(f"Another body of {container_id} has begun.")
            sentence = f"{begun.type} {begun.id} runs"
            tx.events.append(_event(begun, EventKind.CONTAINER_STARTED, now, sentence))
            return begun

        return await self._store.transact(work)

    async def end(
        self, container_id: str, status: ContainerStatus, reason: str | None, *, epoch: int | None = None
    ) -> None:
        """End it and free its ships; nothing happens where it is over already.

        Raises Fenced, with nothing changed, where an ``epoch`` is given and the row has another.
        """
        now = self._clock.now()

        def work(tx: Transaction) -> None:
            container = tx.containers.get(container_id)
            if container is None or container.status.is_over:
                return
            freed = tx.containers.end(container_id, status, now, reason=reason)
            ended = tx.containers.get(container_id)
            if epoch is not None and ended is not None and ended.epoch != epoch:
                raise Fenced(f"Another body of {container_id} has begun: it says how the container ends.")
            sentence = f"{container.type} {container_id} {status.lower()}" + (f": {reason}" if reason else "")
            kind, data = EventKind.CONTAINER_ENDED, {"status": status.value}
            tx.events.append(_event(container, kind, now, sentence, **data))
            for ship in freed:
                sentence = f"{ship} is free again"
                tx.events.append(_event(container, EventKind.SHIP_FREED, now, sentence, ship=ship))

        await self._store.transact(work)

    async def crashed(
        self, container: Container, bug: Exception, *, crashes: int, pause: float | None
    ) -> None:
        """Write down the ``crashes``-th bug in a row (0: while it was being taken down), for all to see.

        It is run again in ``pause`` seconds; None: not again.
        """
        now = self._clock.now()
        error = f"{type(bug).__name__}: {bug}"
        next_try = None if pause is None else (now + timedelta(seconds=pause)).isoformat()
        data: dict[str, Any] = {"crashes": crashes, "next_try": next_try}
        text = "".join(traceback.format_exception(bug))
        line = ContainerLog(container.id, now, "ERROR", error, {"traceback": text, **data})
        if pause is not None:
            again = f"it is started again in {pause:.0f} s"
        else:
            again = "it is given up" if crashes else "it was being taken down"
        sentence = f"{container.type} {container.id} met a bug ({error}), crash {crashes}: {again}"

        def work(tx: Transaction) -> None:
            tx.containers.log(line)
            tx.events.append(
                _event(
                    container, EventKind.CONTAINER_CRASHED, now, sentence, crashes=crashes, next_try=next_try
                )
            )

        await self._store.transact(work)

    async def claim_ships(self, containers: Iterable[Container]) -> None:
        """Claim again the ship of each, all in one transaction."""
        now = self._clock.now()

        def work(tx: Transaction) -> None:
            for row in containers:
                ship = row.metadata.get("ship")
                if ship is not None:
                    tx.claims.claim(Claim(str(ship), row.player_id, row.id, row.type.value, row.epoch, now))

        await self._store.transact(work)

    async def free_ships(self, epochs: dict[str, int]) -> None:
        """Free the ships of containers (id → epoch), but of none that another body has begun since.

        Where that cannot be written they stay held for the containers, and whoever resumes those has them.
        """

        def work(tx: Transaction) -> None:
            for container_id, epoch in epochs.items():
                row = tx.containers.get(container_id)
                if row is not None and row.epoch == epoch:
                    tx.claims.release_all(container_id)

        with suppress(Unavailable):  # going down goes on
            await self._store.transact(work)


def _event(
    container: Container,
    kind: EventKind,
    now: datetime,
    message: str,
    *,
    ship: str | None = None,
    **data: Any,
) -> Event:
    return Event(
        player_id=container.player_id,
        kind=kind,
        at=now,
        message=message,
        factory_id=container.metadata.get("factory_id"),
        ship=ship or container.metadata.get("ship"),
        container_id=container.id,
        data={"type": container.type.value, **data},
    )
