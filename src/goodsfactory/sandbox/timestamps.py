"""Instants and durations as the server tells them (api-facts §1): RFC 3339, UTC, milliseconds, ``Z``."""

from datetime import UTC, datetime, timedelta

_MILLISECOND, _SECOND = timedelta(milliseconds=1), timedelta(seconds=1)


def whole_milliseconds(instant: datetime) -> datetime:
    """Drop what the wire cannot carry, so that an announced arrival is never later than it reads."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def timestamp(instant: datetime) -> str:
    """``2026-01-01T00:00:00.000Z`` for an aware UTC instant, as it is."""
    return instant.isoformat(timespec="milliseconds")[:23] + "Z"


class Instant:
    """An instant of the rules in an answer; :class:`Calendar` writes it down."""

    __slots__ = ("at",)

    def __init__(self, at: datetime) -> None:
        self.at = at


class Lapse:
    """A duration of the rules in an answer, told in whole seconds, rounded up."""

    __slots__ = ("length",)

    def __init__(self, length: timedelta) -> None:
        self.length = length


class Calendar:
    """How the time of the rules reads to clients.

    With ``compress`` N every duration since ``begun`` is told as its N-th part, so that a world whose time
    runs N times as fast reads like one in real time in which everything takes less. An instant is told
    rounded up to the millisecond: a client that waits for it finds it reached. ``begun`` is in whole
    milliseconds.
    """

    def __init__(self, begun: datetime = datetime(2000, 1, 1, tzinfo=UTC), compress: int = 1) -> None:
        self.begun = begun
        self.compress = compress

    def told(self, at: datetime) -> datetime:
        """When clients read that it is, was or will be ``at``."""
        if self.compress == 1:
            return at
        return self.begun - (self.begun - at) // (self.compress * _MILLISECOND) * _MILLISECOND

    def seconds(self, length: timedelta) -> int:
        """The whole seconds clients read for a duration, rounded up."""
        return -(-length // (self.compress * _SECOND))

    def write(self, value: object) -> object:
        """An :class:`Instant` or a :class:`Lapse` as JSON has it; raises NotImplementedError for others."""
        if isinstance(value, Instant):
            return timestamp(self.told(value.at))
        if isinstance(value, Lapse):
            return self.seconds(value.length)
        raise NotImplementedError(f"{type(value).__name__} is not told to clients")
