"""What surveys could not read is asked for beside the passes of the planner, also after a restart."""

import asyncio
from collections.abc import Awaitable, Callable

from goodsfactory.domain.errors import Refused, Unavailable
from goodsfactory.fleet.scout import Scout


class Surveys:
    """A market that never answers delays its own survey and no pass.

    ``warn`` writes a line into the log of the container.
    """

    def __init__(self, scout: Scout, warn: Callable[[str], Awaitable[None]]) -> None:
        self._scout = scout
        self._warn = warn
        self._asking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Ask for what is due, unless that is under way. Raises what the time before came to grief on."""
        if self._asking is not None:
            if not self._asking.done():
                return
            self._asking.result()
        self._asking = asyncio.create_task(self._ask(), name="surveys")

    async def close(self) -> None:
        """End what is under way."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        try:
            await self._scout.fill_gaps()
        except (Unavailable, Refused) as trouble:
            await self._warn(str(trouble))
