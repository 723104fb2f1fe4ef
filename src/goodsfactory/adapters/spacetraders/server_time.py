"""When an answer corrects our idea of the server's time, and by how much. Pure.

An answer stamped T by the server proves that at its receipt the server's clock stood between T and T plus
the stamp's resolution plus the round trip. A clock inside that stretch is left alone, so jitter never moves
it; one outside is moved just inside. Short round trips make short stretches and so refine the clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

_MILLISECOND = timedelta(milliseconds=1)
_SECOND = timedelta(seconds=1)
_TOLERANCE = {_MILLISECOND: timedelta(), _SECOND: timedelta(milliseconds=100)}
"""A ``Date`` header is cut to seconds, and by a machine in front of the game: no move for a tenth of one."""


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
        if time.tzinfo is None or not 0 < speed < float("inf"):
            return None
        return Reading(time, _MILLISECOND, speed)
    date = headers.get("date")
    if date is None:
        return None
    try:
        time = parsedate_to_datetime(date)
    except ValueError:
        return None
    return None if time.tzinfo is None else Reading(time, _SECOND, 1.0)


class ServerTime:
    """Judges one reading after another. Remembers only the speed it was told last."""

    def __init__(self) -> None:
        self._speed: float | None = None

    def correction(self, reading: Reading, *, believed: datetime, round_trip: float) -> Correction | None:
        """The correction due, or None. ``believed`` is our clock at receipt, ``round_trip`` real seconds."""
        travelled = timedelta(seconds=round_trip * reading.speed)
        earliest, latest = reading.time, reading.time + reading.resolution + travelled
        tolerance = _TOLERANCE[reading.resolution]
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
