"""The sandbox's own time: as fast as asked, stopped, or moved ahead. It never runs back."""

from collections.abc import Callable
from datetime import datetime, timedelta

SLOWEST, FASTEST = 1.0, 3600.0
"""Sandbox seconds per second of the source: what ``sandbox serve --speed`` takes."""


class TimeControl:
    """Time that follows ``source`` at ``speed`` sandbox seconds per second of it, beginning at ``start``.

    ``source`` tells the operator's time and never runs back; without ``start`` both begin together. With
    ``since``, an instant at which both were the same, it has gone on from there, but not back behind
    ``start``. Raises ValueError for a speed that is not above zero.
    """

    def __init__(
        self,
        source: Callable[[], datetime],
        *,
        speed: float = 1.0,
        start: datetime | None = None,
        since: datetime | None = None,
    ) -> None:
        self._source = source
        self._speed = _checked(speed)
        self._anchor = source()
        self._reached = start or self._anchor
        if since is not None:
            gone_on = since + (self._anchor - since) * self._speed
            self._reached = max(gone_on, start or gone_on)
        self._paused = False

    @property
    def speed(self) -> float:
        """Sandbox seconds per second of the source while time is not paused."""
        return self._speed

    @property
    def paused(self) -> bool:
        """True while time stands still."""
        return self._paused

    def now(self) -> datetime:
        """The time of the sandbox."""
        if self._paused:
            return self._reached
        return self._reached + (self._source() - self._anchor) * self._speed

    def pause(self) -> None:
        """Stop time; ships under way stay under way."""
        self._settle()
        self._paused = True

    def resume(self) -> None:
        """Let time go on from where it stopped."""
        self._settle()
        self._paused = False

    def run_at(self, speed: float) -> None:
        """Change the speed from now on. Raises ValueError for one that is not above zero."""
        checked = _checked(speed)
        self._settle()
        self._speed = checked

    def jump(self, by: timedelta) -> datetime:
        """Move time ahead and return the new one. Raises ValueError for a way back."""
        if by < timedelta():
            raise ValueError(f"time only jumps ahead, not by {by.total_seconds():g} seconds")
        self._settle()
        self._reached += by
        return self._reached

    def _settle(self) -> None:
        self._reached = self.now()
        self._anchor = self._source()


def _checked(speed: float) -> float:
    if not 0 < speed < float("inf"):
        raise ValueError(f"time needs a speed above 0, not {speed:g}")
    return speed
