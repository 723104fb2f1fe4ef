"""The request gate: who may send next, and when. One for all sessions that share an IP address.

The rules are predicates on plain state (``_open``, ``_opens_at``, ``_assign``); waiting is a thin shell
around them, through the Clock port alone.
"""

import asyncio
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from goodsfactory.adapters.spacetraders.allowance import Allowance, Place, RateLimit
from goodsfactory.domain.errors import Unavailable
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import RequestStatistics


class Purpose(StrEnum):
    """Why a request is made, the most urgent first."""

    SAFETY = "safety"
    MONEY = "money"
    MOTION = "motion"
    PRICES = "prices"
    BACKGROUND = "background"


class Outcome(StrEnum):
    """How a request ended, as the gate sees it."""

    ANSWERED = "answered"
    LIMITED = "limited"
    """429: everybody pauses"""
    LOST = "lost"
    """no answer; the server may still see it"""
    NOT_SENT = "not sent"
    """nothing reached the wire; the place is given back"""


_PATIENCE = timedelta(seconds=10)
"""A request overtakes those one class more urgent that came so much later: nothing starves."""

_STRAY = timedelta(seconds=1)
"""How long after its connection was given up a lost request may still reach the server."""

_SHORTEST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
"""Game seconds to pause after a 429 that tells no time: the first and, doubling, the longest."""

_NOTABLE_PAUSE = timedelta(seconds=5)
"""Shorter pauses are everyday life where several programs share an address."""

_log = structlog.stdlib.get_logger(__name__)

_RANK = {purpose: rank for rank, purpose in enumerate(Purpose)}


@dataclass(order=True, slots=True)
class _Waiter:
    """One request in the line. Ageing is the same for all, so the order is settled on arrival."""

    due: datetime
    number: int
    place: Place | None = field(default=None, compare=False)
    woken: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


class RequestGate:
    """Lets requests out as fast as ``limit`` allows (None: at once), the most urgent first.

    A 429 pauses everybody; afterwards requests go one at a time until the server has answered one.
    """

    def __init__(self, clock: Clock, limit: RateLimit | None) -> None:
        self._clock = clock
        self._allowance = Allowance(limit)
        self._line: list[_Waiter] = []
        self._keeper: _Waiter | None = None
        self._in_flight: set[Place] = set()
        self._paused_until: datetime | None = None
        self._probing = False
        self._pauses_in_a_row = 0
        self._notable = False
        self._entered = 0
        self._sent: dict[Purpose, int] = dict.fromkeys(Purpose, 0)
        self._retried = 0
        self._limited = 0
        self._waited = timedelta()

    async def enter(self, purpose: Purpose, until: Callable[[], datetime] | None = None) -> Place:
        """Wait for a place; the caller must ``leave`` it. Cancelled, it gives the place to the next.

        Raises Unavailable as soon as 429 answers hold everybody up beyond ``until``, which is asked again
        and again: an answer may correct the clock.
        """
        came = self._clock.now()
        waiter = _Waiter(came + _RANK[purpose] * _PATIENCE, self._entered)
        self._entered += 1
        insort(self._line, waiter)
        self._assign()
        try:
            while waiter.place is None:
                last = until() if until is not None else None
                self.must_open_by(last)
                await self._wait(waiter, last)
                self._assign()
        except BaseException:
            if waiter.place is None:
                self._line.remove(waiter)
            else:
                self._give_back(waiter.place)
            raise
        finally:
            if self._keeper is waiter:
                self._keeper = None
            self._wake()
        self._waited += max(timedelta(), waiter.place.sent_at - came)
        return waiter.place

    def leave(self, place: Place, purpose: Purpose, outcome: Outcome, *, pause: float | None = None) -> None:
        """Say how the request of ``place`` ended; ``pause`` is the game seconds a 429 asked for."""
        now = self._clock.now()
        if outcome is Outcome.NOT_SENT:
            self._give_back(place)
        else:
            self._in_flight.discard(place)
            place.arrived_by = now + _STRAY if outcome is Outcome.LOST else now
            self._sent[purpose] += 1
        # An answer to something sent before the pause says nothing about how it is after the pause.
        fresh = self._paused_until is None or place.sent_at >= self._paused_until
        if outcome is Outcome.LIMITED:
            self._limited += 1
            self._pauses_in_a_row += fresh
            self._pause(now, pause)
        elif outcome is Outcome.ANSWERED and fresh:
            self._probing = False
            self._pauses_in_a_row = 0
            if self._notable:
                self._notable = False
                _log.info("The game server limits our requests no more.", kind="RATE_LIMITED_NO_MORE")
        self._wake()

    def presume_spent(self, ago: float) -> None:
        """Another process sent from this address as much as was allowed, ``ago`` seconds back at the latest.

        Call it before the first request. A daemon that was killed cannot say what it had used up. The seconds
        are the machine's: before the first answer it is not known whether the game's run faster.
        """
        self._allowance.spend(self._clock.now() - timedelta(seconds=ago))

    def count_retry(self) -> None:
        """A request is about to be repeated."""
        self._retried += 1

    def shift(self, by: timedelta) -> None:
        """The clock was corrected by so much: instants noted on the old one move with it."""
        self._allowance.shift(by)
        for place in self._in_flight:
            if place.pool is None:
                place.sent_at += by
        if self._paused_until is not None:
            self._paused_until += by
        for waiter in self._line:
            waiter.due += by

    def statistics(self) -> RequestStatistics:
        """What went through this gate since it was made."""
        return RequestStatistics(
            sent=sum(self._sent.values()),
            retried=self._retried,
            limited=self._limited,
            waited_seconds=self._waited.total_seconds(),
            by_purpose={purpose.value: count for purpose, count in self._sent.items()},
            limited_until=self.limited_until(),
        )

    def limited_until(self) -> datetime | None:
        """The end of the pause that 429 answers brought about, if it is a notable one and not over yet."""
        if not self._notable or self._paused_until is None:
            return None
        over = self._clock.now() >= self._paused_until and not (self._probing and self._in_flight)
        return None if over else self._paused_until

    def limited(self) -> str | None:
        """A sentence while ``limited_until`` is told."""
        until = self.limited_until()
        return None if until is None else rate_limited(until)

    def must_open_by(self, until: datetime | None) -> None:
        """Raises Unavailable where 429 answers hold everybody up beyond ``until``.

        They do until a request has been answered that was sent after the pause, however long that takes.
        """
        if until is None or self._paused_until is None or not self._probing:
            return
        if self._paused_until <= until and self._clock.now() < until:
            return
        left = (self._paused_until - self._clock.now()).total_seconds()
        raise Unavailable(rate_limited(self._paused_until), retry_after=max(0.0, left))

    def _open(self, now: datetime) -> bool:
        if self._paused_until is not None and now < self._paused_until:
            return False
        return not (self._probing and self._in_flight)

    def _opens_at(self, now: datetime) -> datetime | None:
        """When the head of the line can go, as far as time alone decides it; None: an answer decides."""
        if self._probing and self._in_flight:
            return None
        opening = self._allowance.opens_at(now)
        if opening is None or self._paused_until is None:
            return opening
        return max(opening, self._paused_until)

    def _assign(self) -> None:
        """Give places to the head of the line while there are any."""
        now = self._clock.now()
        while self._line and self._open(now):
            place = self._allowance.take(now)
            if place is None:
                return
            waiter = self._line.pop(0)
            self._in_flight.add(place)
            waiter.place = place
            waiter.woken.set()

    async def _wait(self, waiter: _Waiter, last: datetime | None) -> None:
        """Sleep until something changes, or 429 answers have gone on until ``last``.

        One waiter, the keeper, holds the timer for all.
        """
        if self._keeper is None:
            self._keeper = waiter
        waiter.woken.clear()
        now = self._clock.now()
        opening = self._opens_at(now) if self._keeper is waiter else None
        instants = [one for one in (opening, last if self._probing else None) if one is not None]
        if instants:
            await self._clock.wait(waiter.woken, (min(instants) - now).total_seconds())
        else:
            await waiter.woken.wait()

    def _wake(self) -> None:
        """Have the keeper look again, or somebody become it."""
        if self._keeper is not None:
            self._keeper.woken.set()
        elif self._line:
            self._line[0].woken.set()

    def _give_back(self, place: Place) -> None:
        self._in_flight.discard(place)
        self._allowance.give_back(place)

    def _pause(self, now: datetime, seconds: float | None) -> None:
        if seconds is None or seconds <= 0:
            seconds = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2 ** max(0, self._pauses_in_a_row - 1))
        until = now + timedelta(seconds=seconds)
        self._paused_until = until if self._paused_until is None else max(until, self._paused_until)
        self._probing = True
        for waiter in self._line:
            waiter.woken.set()  # whoever cannot wait so long goes
        if not self._notable and (self._paused_until - now >= _NOTABLE_PAUSE or self._pauses_in_a_row > 1):
            self._notable = True
            _log.warning(rate_limited(self._paused_until), kind="RATE_LIMITED")


def rate_limited(until: datetime) -> str:
    """What keeps all requests waiting."""
    return f"Rate limited until {until:%Y-%m-%d %H:%M:%S} UTC: the game server answers 429."
