"""What the server's request limit still allows, seen from this side of the wire. Pure: ``now`` is given.

The server keeps two fixed windows (api-facts §2): 2 points, full again one second after their first use, and
when those are gone 30 points, full again 60 s after *their* first use. Each window begins when a request
*arrives*, and that instant is known here only to lie between sending and answer. So every place is kept from
sending until its window's length after the **answer**:

* of the requests placed in the first pool, at most 2 can arrive within any one second, in whatever order
  they arrive: the last one sent found fewer than 2 places taken by others that could share its window;
* so a window of the server overflows by no more requests than were placed in the second pool and arrive in
  the same window, less than a second before the overflow;
* so no more than 30 overflow in any 60 s if the places of the second pool are kept a second longer than its
  window.

A place whose request is still unanswered is never free: the model holds for any delay.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class RateLimit:
    """The limit of a server: ``per_second`` requests, plus ``burst`` in ``burst_window`` seconds."""

    per_second: int = 2
    burst: int = 30
    burst_window: float = 60.0

    def __post_init__(self) -> None:
        if self.per_second < 1 or self.burst < 0 or self.burst_window <= 0:
            raise ValueError(f"No request could ever pass {self}.")


@dataclass(eq=False, slots=True)
class Place:
    """The right to send one request. ``arrived_by`` is None until the server must have seen it."""

    pool: "Pool | None"
    sent_at: datetime
    arrived_by: datetime | None = None


class Pool:
    """``size`` places, each kept until ``hold`` after the request must have arrived."""

    def __init__(self, size: int, hold: timedelta) -> None:
        self._size = size
        self._hold = hold
        self._places: list[Place] = []

    def take(self, now: datetime) -> Place | None:
        """A place, or None while all are kept."""
        if len(self._places) >= self._size:
            self._places = [place for place in self._places if self._kept(place, now)]
            if len(self._places) >= self._size:
                return None
        place = Place(self, now)
        self._places.append(place)
        return place

    def opens_at(self, now: datetime) -> datetime | None:
        """When a place is free, ``now`` at the earliest; None while that hangs on an answer (or for ever)."""
        if sum(self._kept(place, now) for place in self._places) < self._size:
            return now
        ends = [place.arrived_by + self._hold for place in self._places if place.arrived_by is not None]
        return min(ends, default=None)

    def spend(self, at: datetime) -> None:
        """Keep every place as if each had sent a request that arrived ``at`` that instant."""
        self._places = [Place(self, at, arrived_by=at) for _ in range(self._size)]

    def give_back(self, place: Place) -> None:
        """Free a place whose request was never sent."""
        if place in self._places:
            self._places.remove(place)

    def shift(self, by: timedelta) -> None:
        """The clock was corrected: move what was noted on the old one."""
        for place in self._places:
            place.sent_at += by
            if place.arrived_by is not None:
                place.arrived_by += by

    def _kept(self, place: Place, now: datetime) -> bool:
        return place.arrived_by is None or place.arrived_by + self._hold > now


class Allowance:
    """Both pools of a server; without a limit there is always a place."""

    def __init__(self, limit: RateLimit | None) -> None:
        self._pools = (
            ()
            if limit is None
            else (
                Pool(limit.per_second, SECOND),
                Pool(limit.burst, timedelta(seconds=limit.burst_window) + SECOND),
            )
        )

    def take(self, now: datetime) -> Place | None:
        """A place in the first pool that has one, or None."""
        if not self._pools:
            return Place(None, now)
        for pool in self._pools:
            place = pool.take(now)
            if place is not None:
                return place
        return None

    def opens_at(self, now: datetime) -> datetime | None:
        """When the next place is free; None while every place hangs on an answer."""
        if not self._pools:
            return now
        openings = [pool.opens_at(now) for pool in self._pools]
        return min((opening for opening in openings if opening is not None), default=None)

    def spend(self, at: datetime) -> None:
        """Take it that everything was used up ``at`` that instant by somebody else at this address."""
        for pool in self._pools:
            pool.spend(at)

    def give_back(self, place: Place) -> None:
        """Free a place whose request was never sent."""
        if place.pool is not None:
            place.pool.give_back(place)

    def shift(self, by: timedelta) -> None:
        """The clock was corrected: move what was noted on the old one."""
        for pool in self._pools:
            pool.shift(by)
