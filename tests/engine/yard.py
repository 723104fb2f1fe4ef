"""A store with one player and some ships, on which engines come and go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.patience import patience

from goodsfactory.adapters.store import open_store
from goodsfactory.domain.container import Claim, Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Body, Engine
from goodsfactory.ports.store import Result, Store, Transaction

SHIP = "COSMIC-1"

MakeEngine = Callable[[Store, Clock], Awaitable[Engine]]


class ShakyStore:
    """A real store that for a while cannot be written, as on a full disk, or answers late."""

    def __init__(self, store: Store) -> None:
        self.sound = store
        self._left = 0
        self._spared = 0
        self._kept = False
        self.failed = 0
        self.answers = asyncio.Event()
        """cleared: what is written is kept, but nobody hears of it"""
        self.answers.set()

    def fail(self, times: int, *, after: int = 0, kept: bool = False) -> None:
        """The next ``times`` transactions fail, once ``after`` more went well; ``kept``: after the commit."""
        self._left, self._spared, self._kept = times, after, kept

    async def transact(self, work: Callable[[Transaction], Result]) -> Result:
        if self._left and not self._spared:
            self._left -= 1
            self.failed += 1
            if self._kept:
                await self.sound.transact(work)
            raise Unavailable("The disk is full.")
        self._spared = max(0, self._spared - 1)
        result = await self.sound.transact(work)
        await self.answers.wait()
        return result

    def changed(self, player_id: int | None = None, **unless: Any) -> asyncio.Event:
        return self.sound.changed(player_id, **unless)

    async def close(self) -> None:
        await self.sound.close()


@dataclass
class Yard:
    """``player_id`` owns COSMIC-1 and COSMIC-2. A ``moment`` is a few game seconds in virtual time and some
    real milliseconds elsewhere: enough for whatever is about to happen."""

    clock: Clock
    store: ShakyStore
    make: MakeEngine
    moment: float
    is_virtual: bool
    player_id: int = 0
    engines: list[Engine] = field(default_factory=list)

    async def engine(self) -> Engine:
        """A further engine on the same rows, as after a restart of the process."""
        self.engines.append(await self.make(self.store, self.clock))
        return self.engines[-1]

    async def engine_with(self, body: Body, *, restarts: int | None = 3) -> Engine:
        """A further engine that runs ``body`` for workers."""
        engine = await self.engine()
        engine.register(ContainerType.WORKER, body, restarts=restarts)
        return engine

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it is so."""
        for _ in range(self._patience):
            if condition():
                return
            await self.clock.sleep(self._step)
        raise AssertionError("it never came to that")

    @property
    def _step(self) -> float:
        return 1.0 if self.is_virtual else self.moment / 10

    @property
    def _patience(self) -> int:
        return 100_000 if self.is_virtual else int(patience(2_000))

    async def settle(self) -> None:
        """Give what should not happen the time to happen."""
        await self.clock.sleep(self.moment)

    async def ended(self, name: str = "worker-1") -> Container:
        """The row of a container once it is over."""
        for _ in range(self._patience):
            row = await self.row(name)
            if row.status.is_over:
                return row
            await self.clock.sleep(self._step)
        raise AssertionError(f"{name} never ended")

    def container(
        self,
        name: str = "worker-1",
        type_: ContainerType = ContainerType.WORKER,
        *,
        player_id: int | None = None,
    ) -> Container:
        now = self.clock.now()
        return Container(name, type_, player_id or self.player_id, now, now, metadata={"ship": SHIP})

    async def add(self, container: Container, status: ContainerStatus = ContainerStatus.PENDING) -> None:
        """A row that no engine started."""
        row = replace(container, status=status)
        await self.store.transact(lambda tx: tx.containers.add(row))

    async def add_player(self, agent: str = "OTHER") -> int:
        """One more player, without ships."""
        return await self.store.transact(lambda tx: _add_player(tx, agent, self.clock))

    async def row(self, name: str = "worker-1") -> Container:
        container = await self.store.sound.transact(lambda tx: tx.containers.get(name))
        assert container is not None
        return container

    async def taken_over(self, name: str = "worker-1") -> None:
        """Another process begins the container: the epoch of whatever runs here is an old one."""
        now = self.clock.now()
        await self.store.transact(lambda tx: tx.containers.begin(name, now, restarted=True))

    async def claim(self, container: Container, ship: str = SHIP) -> bool:
        claim = Claim(ship, self.player_id, container.id, "a test", container.epoch, self.clock.now())
        return await self.store.transact(lambda tx: tx.claims.claim(claim))

    async def holder(self, ship: str = SHIP) -> str | None:
        claim = await self.store.transact(lambda tx: tx.claims.of_ship(ship))
        return None if claim is None else claim.container_id

    async def events(self, *kinds: EventKind) -> list[Event]:
        events = await self.store.transact(lambda tx: tx.events.after(0, limit=10_000))
        return [event for event in events if event.kind in kinds]


@asynccontextmanager
async def open_yard(
    clock: Clock, make: MakeEngine, database: str, *, moment: float, is_virtual: bool
) -> AsyncIterator[Yard]:
    store = ShakyStore(await open_store(database, universe="2026-01-01", inline=is_virtual))
    one = Yard(clock, store, make, moment, is_virtual)

    def settle(tx: Transaction) -> int:
        player_id = _add_player(tx, "COSMIC", clock)
        nav = Nav("X1-AA1", "X1-AA1-A1", NavStatus.DOCKED)
        ship = Ship(SHIP, "HAULER", nav, Tank(1, 1), Hold(40), 10, clock.now())
        tx.ships.save(player_id, [ship, replace(ship, symbol="COSMIC-2")])
        return player_id

    one.player_id = await store.transact(settle)
    try:
        yield one
    finally:
        for engine in one.engines:
            await engine.shutdown()
        await store.close()


def _add_player(tx: Transaction, agent: str, clock: Clock) -> int:
    return tx.players.add(
        agent,
        universe="2026-01-01",
        reset_date="2026-01-01",
        base_url="http://here/v2",
        headquarters="",
        now=clock.now(),
    ).id
