"""Time as a port: system, scaled to a fast server, or virtual."""

import asyncio
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Game time. Every duration is in game seconds, every instant is aware UTC."""

    def now(self) -> datetime:
        """The server's time as we know it."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so long in game seconds; returns at once for zero or less."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait until ``event`` is set (True) or so many game seconds have passed (False)."""
        ...


class FollowingClock(Clock, Protocol):
    """A clock that can be told the server's time and speed."""

    def follow(self, server_time: datetime, *, speed: float, round_trip: float) -> None:
        """Correct skew and speed from an answer; ``round_trip`` is in real seconds."""
        ...

    @property
    def speed(self) -> float:
        """Game seconds a real second."""
        ...

    def real_seconds(self) -> float:
        """A monotonic reading in real seconds, for measuring round trips."""
        ...
