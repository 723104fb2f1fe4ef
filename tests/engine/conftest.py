"""The engines that the contract is tested on; another adapter is one more line here."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.adapters.engine.in_process import InProcessEngine
from goodsfactory.adapters.store import open_store
from goodsfactory.domain.container import Claim, Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Engine
from goodsfactory.ports.store import Result, Store, Transaction

SHIP = "COSMIC-1"

MakeEngine = Callable[[Store, Clock], Engine]


class ShakyStore:
    """A real store that for a while cannot be written, as on a full disk."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left = 0
        self._spared = 0
        self.failed = 0

    def fail(self, times: int, *, after: int = 0) -> None:
        """The next ``times`` transactions fail, once ``after`` more went well."""
        self._left, self._spared = times, after

    async def transact(self, work: Callable[[Transaction], Result]) -> Result:
        if self._left and not self._spared:
            self._left -= 1
            self.failed += 1
            raise Unavailable("The disk is full.")
        self._spared = max(0, self._spared - 1)
        return await self._store.transact(work)

    def changed(self) -> asyncio.Event:
        return self._store.changed()

    async def close(self) -> None:
        await self._store.close()


@dataclass
class Yard:
    """A store with one player and one ship, and engines on it one after another."""

    clock: VirtualClock
    store: ShakyStore
    make: MakeEngine
    player_id: int = 0
    engines: list[Engine] = field(default_factory=list)

    def engine(self) -> Engine:
        """A further engine on the same rows, as after a restart of the process."""
        self.engines.append(self.make(self.store, self.clock))
        return self.engines[-1]

    def container(self, name: str = "worker-1", type_: ContainerType = ContainerType.WORKER) -> Container:
        now = self.clock.now()
        return Container(name, type_, self.player_id, now, now, metadata={"ship": SHIP})

    async def add(self, container: Container, status: ContainerStatus = ContainerStatus.PENDING) -> None:
        """A row that no engine started."""
        row = replace(container, status=status)
        await self.store.transact(lambda tx: tx.containers.add(row))

    async def row(self, name: str = "worker-1") -> Container:
        container = await self.store.transact(lambda tx: tx.containers.get(name))
        assert container is not None
        return container

    async def claim(self, container: Container, ship: str = SHIP) -> bool:
        claim = Claim(ship, self.player_id, container.id, "a test", container.epoch, self.clock.now())
        return await self.store.transact(lambda tx: tx.claims.claim(claim))

    async def holder(self, ship: str = SHIP) -> str | None:
        claim = await self.store.transact(lambda tx: tx.claims.of_ship(ship))
        return None if claim is None else claim.container_id

    async def events(self, *kinds: EventKind) -> list[Event]:
        events = await self.store.transact(lambda tx: tx.events.after(0, limit=10_000))
        return [event for event in events if event.kind in kinds]


@pytest.fixture(params=[InProcessEngine])
def make_engine(request: pytest.FixtureRequest) -> MakeEngine:
    """Each adapter of ports/engine.py in turn."""
    make: MakeEngine = request.param
    return make


@pytest.fixture
def yard(make_engine: MakeEngine) -> Callable[[VirtualClock], AbstractAsyncContextManager[Yard]]:
    @asynccontextmanager
    async def opened(clock: VirtualClock) -> AsyncIterator[Yard]:
        store = ShakyStore(await open_store(":memory:", universe="2026-01-01", inline=True))
        one = Yard(clock, store, make_engine)

        def settle(tx: Transaction) -> int:
            player = tx.players.add(
                "COSMIC", reset_date="2026-01-01", base_url="http://here/v2", headquarters="", now=clock.now()
            )
            nav = Nav("X1-AA1", "X1-AA1-A1", NavStatus.DOCKED)
            ship = Ship(SHIP, "HAULER", nav, Tank(1, 1), Hold(40), 10, clock.now())
            tx.ships.save(player.id, [ship, replace(ship, symbol="COSMIC-2")])
            return player.id

        one.player_id = await store.transact(settle)
        try:
            yield one
        finally:
            for engine in one.engines:
                await engine.shutdown()
            await store.close()

    return opened
