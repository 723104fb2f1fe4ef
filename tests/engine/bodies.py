"""Bodies for containers of tests, and what it takes to run them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from tests.engine.conftest import Yard

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import Container, ContainerType
from goodsfactory.ports.engine import Body, Engine

OpenYard = Callable[[VirtualClock], AbstractAsyncContextManager[Yard]]

NEVER = 10**9


class Sleeper:
    """A body that holds a ship and waits until it is taken down; it remembers how often it ran."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard
        self.starts: list[Container] = []
        self.running = 0

    async def __call__(self, container: Container) -> str | None:
        self.starts.append(container)
        await self.yard.claim(container)
        self.running += 1
        try:
            await self.yard.clock.sleep(NEVER)
        finally:
            self.running -= 1
        return None


class Crasher:
    """A body with a bug that shows ``times`` times; then it ends well."""

    def __init__(self, clock: VirtualClock, times: int) -> None:
        self.clock = clock
        self.times = times
        self.moments: list[float] = []

    async def __call__(self, container: Container) -> str | None:
        self.moments.append(self.clock.now().timestamp())
        await self.clock.sleep(1)
        if len(self.moments) <= self.times:
            raise ZeroDivisionError("a bug")
        return "it went well in the end"


def engine_with(yard: Yard, body: Body, *, restarts: int | None = 3) -> Engine:
    engine = yard.engine()
    engine.register(ContainerType.WORKER, body, restarts=restarts)
    return engine


async def ended(yard: Yard, name: str = "worker-1") -> Container:
    """The row of a container once it is over."""
    for _ in range(100_000):
        row = await yard.row(name)
        if row.status.is_over:
            return row
        await yard.clock.sleep(1)
    raise AssertionError(f"{name} never ended")
