"""What is asked of the game beside the passes of the planner: surveys again, and the roll."""

import asyncio
from collections.abc import Awaitable, Callable

from goodsfactory.domain.errors import Refused, Unavailable


class Beside:
    """One thing that is asked for now and then. What never answers delays itself and no pass.

    ``warn`` writes a line into the log of the container, once for the same trouble.
    """

    def __init__(
        self, name: str, ask: Callable[[], Awaitable[object]], warn: Callable[[str], Awaitable[None]]
    ) -> None:
        self._name = name
        self._ask = ask
        self._warn = warn
        self._asking: asyncio.Task[None] | None = None
        self._warned: str | None = None
        self.over = asyncio.Event()

    def begin(self) -> None:
        """Ask, unless that is under way. ``over`` is set once it is done.

        Raises what the time before came to grief on.
        """
        if self._asking is not None:
            if not self._asking.done():
                return
            self._asking.result()
        self.over.clear()
        self._asking = asyncio.create_task(self._run(), name=self._name)

    async def close(self) -> None:
        """End what is under way."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _run(self) -> None:
        try:
            await self._ask()
        except (Unavailable, Refused) as trouble:
            if str(trouble) != self._warned:
                self._warned = str(trouble)
                await self._warn(self._warned)
        else:
            self._warned = None
        finally:
            self.over.set()
