"""When an answer corrects our idea of the server's time, and by how much. Pure.

An answer stamped T by the server proves that at its receipt the server's clock stood between T and T plus
the stamp's resolution plus the round trip. A clock inside that stretch is left alone, so jitter never moves
it; one outside is moved just inside. Short round trips make short stretches and so refine the clock.

A clock that would jump by more than an hour waits for a second answer that says the same: one odd stamp of
some machine on the way moves nothing, and a sandbox whose operator moved its time is followed all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

_MILLISECOND = timedelta(milliseconds=1)
_SECOND = timedelta(seconds=1)
_TOLERANCE = {_MILLISECOND: timedelta(), _SECOND: timedelta(milliseconds=100)}
"""A ``Date`` header is cut to seconds, and by a machine in front of the game: no move for a tenth of one."""


LARGE = timedelta(hours=1)
_FASTEST_USUAL = 3600.0
"""What ``sandbox serve --speed`` takes at most."""
_FASTEST = 1e6
_YEARS = range(2000, 2200)
_APART = 3.0
"""Real seconds between two stamps of whole seconds that tell a clock which runs from one that stands."""


@dataclass(frozen=True)
class Reading:
    """What an answer says about time. ``speed`` is server seconds per real second."""

    time: datetime
    resolution: timedelta
    speed: float


@dataclass(frozen=True)
class Correction:
    """``server_time`` in the middle of an exchange of ``round_trip`` real seconds."""

    server_time: datetime
    speed: float
    round_trip: float


def read_time(headers: Mapping[str, str]) -> Reading | None:
    """The server's own stamp (milliseconds) and speed, else the ``Date`` header at speed 1, else nothing."""
    stamp = headers.get("x-sandbox-time")
    if stamp is not None:
        try:
            time = datetime.fromisoformat(stamp)
            speed = float(headers.get("x-sandbox-speed", "1"))
        except ValueError:
            return None
        if time.tzinfo is None or time.year not in _YEARS or not 0 < speed <= _FASTEST:
            return None
        return Reading(time, _MILLISECOND, speed)
    date = headers.get("date")
    if date is None:
        return None
    try:
        time = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    return None if time.tzinfo is None or time.year not in _YEARS else Reading(time, _SECOND, 1.0)


class ServerTime:
    """Judges one reading after another. Remembers the speed it was told last, and a jump told once."""

    def __init__(self) -> None:
        self._speed: float | None = None
        self._told_once: tuple[Reading, float] | None = None

    def correction(
        self, reading: Reading, *, believed: datetime, round_trip: float, at: float = 0.0
    ) -> Correction | None:
        """The correction due, or None.

        ``believed`` is our clock at receipt, ``round_trip`` and ``at``, the receipt, are real seconds.
        """
        travelled = timedelta(seconds=round_trip * reading.speed)
        earliest, latest = reading.time, reading.time + reading.resolution + travelled
        tolerance = _TOLERANCE[reading.resolution]
        if self._is_odd(reading, earliest, latest, believed) and not self._agrees(reading, at, round_trip):
            return None
        self._told_once = None
        if reading.speed != self._speed:
            self._speed = reading.speed
            now = earliest + (latest - earliest) / 2
        elif believed < earliest - tolerance:
            now = earliest
        elif believed > latest + tolerance:
            now = latest
        else:
            return None
        return Correction(now - travelled / 2, reading.speed, round_trip)

    def _is_odd(self, reading: Reading, earliest: datetime, latest: datetime, believed: datetime) -> bool:
        if reading.speed != self._speed and reading.speed > _FASTEST_USUAL:
            return True
        return not earliest - LARGE <= believed <= latest + LARGE

    def _agrees(self, reading: Reading, at: float, round_trip: float) -> bool:
        """Whether an earlier answer told of the same clock; else this one is remembered."""
        if self._told_once is not None and self._told_once[0].speed == reading.speed:
            earlier, then = self._told_once
            passed = at - then
            if reading.resolution == _SECOND and passed < _APART:
                return False
            expected = earlier.time + timedelta(seconds=passed * reading.speed)
            leeway = reading.resolution + timedelta(seconds=(1.0 + round_trip) * reading.speed)
            if abs(reading.time - expected) <= leeway:
                return True
        self._told_once = (reading, at)
        return False
