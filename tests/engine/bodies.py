"""Bodies for containers of tests."""

import asyncio

from tests.engine.yard import Yard

from goodsfactory.domain.container import Container
from goodsfactory.ports.clock import Clock

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

    async def runs(self, times: int = 1) -> None:
        """Wait until so many of it run."""
        await self.yard.until(lambda: self.running == times)


class Crasher:
    """A body with a bug that shows ``times`` times; then it ends well."""

    def __init__(self, clock: Clock, times: int) -> None:
        self.clock = clock
        self.times = times
        self.moments: list[float] = []
        self.finished = asyncio.Event()

    async def __call__(self, container: Container) -> str | None:
        self.moments.append(self.clock.now().timestamp())
        await self.clock.sleep(1)
        if len(self.moments) <= self.times:
            raise ZeroDivisionError("a bug")
        self.finished.set()
        return "it went well in the end"
