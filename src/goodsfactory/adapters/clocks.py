"""The only place that asks the machine for the time or waits for it."""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

Result = TypeVar("Result")


async def _wait(event: asyncio.Event, real_seconds: float) -> bool:
    if event.is_set():
        return True
    try:
        async with asyncio.timeout(max(0.0, real_seconds)):
            await event.wait()
    except TimeoutError:
        return event.is_set()
    return True


_STEP_BACK_BEYOND = 5.0
"""Real seconds a clock may be ahead of its server before standing still would cost more than a step."""


class SystemClock:
    """The machine's own time, one second a second."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            await asyncio.sleep(seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        return await _wait(event, seconds)

    def elapsed(self) -> float:
        """Real seconds that never run back and never stand still, not even while the machine sleeps."""
        return _elapsed()


def _elapsed() -> float:
    asleep_too = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if asleep_too is None else time.clock_gettime(asleep_too)


class ForwardClock(SystemClock):
    """The machine's own time, which stands still while it is set back, until it has caught up."""

    def __init__(self, machine: Callable[[], datetime] | None = None) -> None:
        self._machine = machine or super().now
        self._latest = self._machine()

    def now(self) -> datetime:
        self._latest = max(self._latest, self._machine())
        return self._latest


def time_source(*, compress: int) -> "ForwardClock | ScaledClock":
    """What the time of a sandbox follows: the machine's steady time, or with ``compress`` its UTC time.

    Clients of a compressed sandbox compare with the clock of their machine, whose steps and sleep it shares.
    """
    return ScaledClock() if compress == 1 else ForwardClock()


class ScaledClock:
    """Game time that runs ``speed`` times as fast as the machine's and can follow a server.

    ``now`` does not run back over the small corrections of a running acquaintance: it stands still until they
    are caught up. Meeting a server, or finding oneself far ahead of it, is a step to the server's time.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        start: datetime | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if speed <= 0:
            raise ValueError(f"A clock needs a speed above 0, not {speed}.")
        self._monotonic = monotonic
        self._speed = speed
        self._anchor_real = monotonic()
        self._anchor_game = start or datetime.now(UTC)
        self._latest = self._anchor_game
        self._acquainted = False

    @property
    def speed(self) -> float:
        """Game seconds per real second."""
        return self._speed

    @property
    def known(self) -> bool:
        """Whether a server has told its time; until then ``now`` is this machine's."""
        return self._acquainted

    def real_seconds(self) -> float:
        return self._monotonic()

    def now(self) -> datetime:
        self._latest = max(self._latest, self._computed())
        return self._latest

    def _computed(self) -> datetime:
        return self._anchor_game + timedelta(seconds=(self._monotonic() - self._anchor_real) * self._speed)

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            await asyncio.sleep(seconds / self._speed)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        return await _wait(event, seconds / self._speed)

    def follow(self, server_time: datetime, *, speed: float, round_trip: float) -> None:
        """Take the server's time (stamped about half a ``round_trip`` of real seconds ago) and speed."""
        self._speed = speed
        self._anchor_real = self._monotonic()
        self._anchor_game = server_time + timedelta(seconds=round_trip / 2 * speed)
        ahead = (self._latest - self._anchor_game).total_seconds()
        if not self._acquainted or ahead > _STEP_BACK_BEYOND * max(1.0, speed):
            self._latest = self._anchor_game
        self._acquainted = True


class VirtualDeadlock(RuntimeError):
    """Everything waits and no timer is due: in virtual time nothing could ever happen again."""


class _JumpingSelector(selectors.SelectSelector):
    """Asks the real selector without waiting, and jumps the loop's time over what it would have waited."""

    def __init__(self, loop_time: "_VirtualTime") -> None:
        super().__init__()
        self._time = loop_time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self._time.holds:
            return super().select(None if timeout is None else min(timeout, 0.05))
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise VirtualDeadlock(self._time.describe_waiting())
        self._time.seconds += max(0.0, timeout)
        return ready


class _VirtualTime:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.holds = 0
        self.loop: asyncio.AbstractEventLoop | None = None

    def describe_waiting(self) -> str:
        tasks = asyncio.all_tasks(self.loop) if self.loop else set()
        names = ", ".join(sorted(task.get_name() for task in tasks)) or "no task"
        return f"Virtual time cannot advance at second {self.seconds:.0f}: waiting for ever: {names}."


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer whenever it is idle.

    Hours pass in milliseconds, in a reproducible order. A run in which everything waits for nothing raises
    VirtualDeadlock instead of hanging.
    """

    def __init__(self) -> None:
        self._virtual = _VirtualTime()
        super().__init__(_JumpingSelector(self._virtual))
        self._virtual.loop = self

    def time(self) -> float:
        return self._virtual.seconds

    async def shutdown_default_executor(self, *arguments: Any, **options: Any) -> None:
        with self.hold():  # the pool's threads end in real time
            await super().shutdown_default_executor(*arguments, **options)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep time still while something outside the loop (a thread, a process) is awaited."""
        self._virtual.holds += 1
        try:
            yield
        finally:
            self._virtual.holds -= 1


class VirtualClock:
    """The clock of a VirtualLoop; ``start`` is the instant at which the loop's time is 0."""

    def __init__(self, loop: VirtualLoop, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._loop = loop
        self._start = start

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.time())

    def elapsed(self) -> float:
        """Seconds of the loop: nothing else passes in virtual time, so that the same run tells the same."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            await asyncio.sleep(seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        return await _wait(event, seconds)


def run_virtual(
    work: Callable[[VirtualClock], Coroutine[Any, Any, Result]],
    *,
    start: datetime = datetime(2026, 1, 1, tzinfo=UTC),
) -> Result:
    """Run ``work`` to its end in virtual time and return its result.

    Raises VirtualDeadlock where it would wait for ever.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        return runner.run(work(VirtualClock(loop, start)))
