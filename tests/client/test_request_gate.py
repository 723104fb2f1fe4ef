"""The request gate against the server's limit, order, pauses and cancellation."""

import asyncio
import random
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.adapters.spacetraders.allowance import Place, RateLimit
from goodsfactory.adapters.spacetraders.request_gate import Outcome, Purpose, RequestGate
from goodsfactory.domain.errors import Unavailable

REQUEST = st.tuples(
    st.integers(0, 40).map(lambda n: n * n * 5),  # pause before it comes, ms
    st.sampled_from(list(Purpose)),
    st.integers(0, 400),  # on the way there, ms
    st.integers(0, 400),  # on the way back, ms
)


class World:
    """A gate, the server's windows behind a slow network, and what happened."""

    def __init__(self, clock: VirtualClock, windows: Any, limit: RateLimit | None = None) -> None:
        self.clock = clock
        self.gate = RequestGate(clock, limit or RateLimit())
        self.windows = windows
        self.refused = 0
        self.order: list[Any] = []

    async def request(self, purpose: Purpose, there: float = 0, back: float = 0, name: Any = None) -> None:
        place = await self.gate.enter(purpose)
        self.order.append(name if name is not None else purpose)
        outcome = Outcome.LOST
        try:
            await self.clock.sleep(there)
            admitted = self.windows.admits(self.clock.now())
            self.refused += not admitted
            await self.clock.sleep(back)
            outcome = Outcome.ANSWERED if admitted else Outcome.LIMITED
        finally:
            self.gate.leave(place, purpose, outcome)


@settings(max_examples=60, deadline=None)
@given(requests=st.lists(REQUEST, min_size=30, max_size=90))
def test_never_more_than_the_server_admits(make: Any, requests: list[tuple[int, Purpose, int, int]]) -> None:
    """Whatever comes when, and however long each takes there and back, the server never says 429."""

    async def play(clock: VirtualClock) -> int:
        world = World(clock, make.windows())
        async with asyncio.TaskGroup() as tasks:
            for wait, purpose, there, back in requests:
                await clock.sleep(wait / 1000)
                tasks.create_task(world.request(purpose, there / 1000, back / 1000))
        return world.refused

    assert run_virtual(play) == 0


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("latency", [0.02, 0.3, 1.5])
def test_never_more_than_the_server_admits_when_saturated(make: Any, seed: int, latency: float) -> None:
    """A queue that is never empty meets no 429 in ten minutes, at any latency, with any jitter."""

    async def play(clock: VirtualClock) -> int:
        chance = random.Random(seed)
        world = World(clock, make.windows())

        async def client() -> None:
            while (clock.now() - began).total_seconds() < 600:
                await world.request(
                    chance.choice(list(Purpose)), chance.random() * latency, chance.random() * latency
                )
                if chance.random() < 0.02:
                    await clock.sleep(chance.random() * 8)

        began = clock.now()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(40):
                tasks.create_task(client())
        return world.refused

    assert run_virtual(play) == 0


@pytest.mark.parametrize(("round_trip", "least"), [(0.0, 1480), (0.1, 1360), (0.3, 1200)])
def test_uses_what_the_server_gives(make: Any, round_trip: float, least: int) -> None:
    """Saturated for ten minutes it sends 2 a second and the bursts on top, of 1500 that could ever pass."""

    async def play(clock: VirtualClock) -> int:
        world = World(clock, make.windows())

        async def client() -> None:
            while (clock.now() - began).total_seconds() < 600:
                await world.request(Purpose.PRICES, round_trip / 2, round_trip / 2)

        began = clock.now()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(40):
                tasks.create_task(client())
        assert world.refused == 0
        return len(world.order)

    assert run_virtual(play) >= least


def test_a_burst_goes_out_at_once() -> None:
    """The first 32 requests wait for nothing; the 33rd waits for the second to end."""

    async def play(clock: VirtualClock) -> list[float]:
        gate, began = RequestGate(clock, RateLimit()), clock.now()
        waited = []
        for _ in range(33):
            place = await gate.enter(Purpose.MONEY)
            gate.leave(place, Purpose.MONEY, Outcome.ANSWERED)
            waited.append((clock.now() - began).total_seconds())
        return waited

    assert run_virtual(play) == [0.0] * 32 + [1.0]


def test_an_unanswered_request_keeps_its_place() -> None:
    """A request may arrive until it is answered, so its place is free one second after the answer only."""

    async def play(clock: VirtualClock) -> float:
        gate, began = RequestGate(clock, RateLimit(1, 0)), clock.now()
        first = await gate.enter(Purpose.MONEY)
        second = asyncio.create_task(gate.enter(Purpose.MONEY))
        await clock.sleep(5)
        gate.leave(first, Purpose.MONEY, Outcome.ANSWERED)
        await second
        return (clock.now() - began).total_seconds()

    assert run_virtual(play) == 6.0


def test_a_lost_request_may_still_arrive() -> None:
    """After a broken connection the place is kept a second longer than after an answer."""

    async def play(clock: VirtualClock) -> float:
        gate, began = RequestGate(clock, RateLimit(1, 0)), clock.now()
        gate.leave(await gate.enter(Purpose.MONEY), Purpose.MONEY, Outcome.LOST)
        await gate.enter(Purpose.MONEY)
        return (clock.now() - began).total_seconds()

    assert run_virtual(play) == 2.0


def test_a_request_never_sent_costs_nothing() -> None:
    """A place given back unsent is free at once and counted nowhere."""

    async def play(clock: VirtualClock) -> tuple[float, int]:
        gate, began = RequestGate(clock, RateLimit(1, 0)), clock.now()
        for _ in range(10):
            gate.leave(await gate.enter(Purpose.MONEY), Purpose.MONEY, Outcome.NOT_SENT)
        return (clock.now() - began).total_seconds(), gate.statistics().sent

    assert run_virtual(play) == (0.0, 0)


def test_the_most_urgent_goes_first(make: Any) -> None:
    """Of those who wait, safety goes before money, motion, prices and background, then first come."""

    async def play(clock: VirtualClock) -> list[Any]:
        world = World(clock, make.windows(1, 0), RateLimit(1, 0))
        async with asyncio.TaskGroup() as tasks:
            for number, purpose in enumerate([Purpose.BACKGROUND, *reversed(Purpose), *Purpose]):
                tasks.create_task(world.request(purpose, name=(purpose.value, number)))
        return world.order

    assert run_virtual(play) == [
        ("background", 0),
        ("safety", 5),
        ("safety", 6),
        ("money", 4),
        ("money", 7),
        ("motion", 3),
        ("motion", 8),
        ("prices", 2),
        ("prices", 9),
        ("background", 1),
        ("background", 10),
    ]


def test_nothing_starves(make: Any) -> None:
    """A background request passes safety requests that never stop coming, once it has waited 40 s longer."""

    async def play(clock: VirtualClock) -> float:
        world = World(clock, make.windows(1, 0), RateLimit(1, 0))

        async def flood() -> None:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(200):
                    tasks.create_task(world.request(Purpose.SAFETY))
                    await clock.sleep(0.5)

        flooding = asyncio.create_task(flood())
        await clock.sleep(5)
        began = clock.now()
        await world.request(Purpose.BACKGROUND, name="at last")
        waited = (clock.now() - began).total_seconds()
        flooding.cancel()
        await asyncio.wait([flooding])
        return waited

    assert 0 < run_virtual(play) <= 90


def test_a_limited_answer_pauses_everybody() -> None:
    """After a 429 with retry-after nobody sends until then, and then one at a time until an answer."""

    async def play(clock: VirtualClock) -> list[float]:
        gate, began, sent = RequestGate(clock, RateLimit()), clock.now(), []
        gate.leave(await gate.enter(Purpose.MONEY), Purpose.MONEY, Outcome.LIMITED, pause=7)

        async def request() -> None:
            place = await gate.enter(Purpose.SAFETY)
            sent.append((clock.now() - began).total_seconds())
            await clock.sleep(0.25)
            gate.leave(place, Purpose.SAFETY, Outcome.ANSWERED)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(4):
                tasks.create_task(request())
        return sent

    assert run_virtual(play) == [7.0, 7.25, 7.25, 7.25]


def test_nobody_waits_longer_than_told_for_the_answer_that_ends_a_limit() -> None:
    """The pause is over, and the request that tries whether the limit is hangs."""

    async def play(clock: VirtualClock) -> tuple[float, Place]:
        gate, began = RequestGate(clock, RateLimit()), clock.now()
        gate.leave(await gate.enter(Purpose.MONEY), Purpose.MONEY, Outcome.LIMITED, pause=7)
        hanging = await gate.enter(Purpose.MONEY)
        patient = asyncio.create_task(gate.enter(Purpose.SAFETY))
        with pytest.raises(Unavailable, match="Rate limited until"):
            await gate.enter(Purpose.SAFETY, lambda: began + timedelta(seconds=30))
        waited = (clock.now() - began).total_seconds()
        gate.leave(hanging, Purpose.MONEY, Outcome.ANSWERED)
        return waited, await patient

    waited, _ = run_virtual(play)
    assert waited == 30.0


def test_limited_answers_never_storm() -> None:
    """A server that only says 429, and tells no time, gets ever fewer requests: one per doubling pause."""

    async def play(clock: VirtualClock) -> list[float]:
        gate, began, sent = RequestGate(clock, RateLimit()), clock.now(), []

        async def request() -> None:
            while True:
                place = await gate.enter(Purpose.SAFETY)
                sent.append((clock.now() - began).total_seconds())
                await clock.sleep(0.1)
                gate.leave(place, Purpose.SAFETY, Outcome.LIMITED)

        crowd = [asyncio.create_task(request()) for _ in range(50)]
        await clock.sleep(300)
        for task in crowd:
            task.cancel()
        await asyncio.wait(crowd)
        return sent

    sent = run_virtual(play)
    later = [at for at in sent if at > 0]
    assert len(sent) - len(later) == 32
    gaps = [b - a for a, b in pairwise(later)]
    assert gaps == pytest.approx([2.1, 4.1, 8.1, 16.1, 32.1, 60.1, 60.1, 60.1])


def test_an_old_answer_does_not_end_a_pause() -> None:
    """A success for what was sent before the 429 says nothing: the pause and the single probe stay."""

    async def play(clock: VirtualClock) -> list[float]:
        gate, began, sent = RequestGate(clock, RateLimit()), clock.now(), []
        one, two = await gate.enter(Purpose.MONEY), await gate.enter(Purpose.MONEY)
        gate.leave(one, Purpose.MONEY, Outcome.LIMITED, pause=3)
        gate.leave(two, Purpose.MONEY, Outcome.ANSWERED)

        async def request() -> None:
            place = await gate.enter(Purpose.MONEY)
            sent.append((clock.now() - began).total_seconds())
            await clock.sleep(1)
            gate.leave(place, Purpose.MONEY, Outcome.ANSWERED)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(request())
            tasks.create_task(request())
        return sent

    assert run_virtual(play) == [3.0, 4.0]


def test_cancelled_while_waiting_gives_the_place_to_the_next() -> None:
    """A waiter that is cancelled, even the one that holds the timer, delays nobody."""

    async def play(clock: VirtualClock) -> list[tuple[int, float]]:
        gate, began, sent = RequestGate(clock, RateLimit(1, 0)), clock.now(), []

        async def request(number: int) -> None:
            gate.leave(await gate.enter(Purpose.MONEY), Purpose.MONEY, Outcome.ANSWERED)
            sent.append((number, (clock.now() - began).total_seconds()))

        tasks = [asyncio.create_task(request(number)) for number in range(5)]
        await clock.sleep(0.5)
        tasks[1].cancel()
        tasks[3].cancel()
        await asyncio.wait(tasks)
        return sent

    assert run_virtual(play) == [(0, 0.0), (2, 1.0), (4, 2.0)]


def test_cancelled_in_the_instant_of_its_turn() -> None:
    """A place granted to a task that is cancelled before it runs is given back, not lost."""

    async def play(clock: VirtualClock) -> float:
        gate = RequestGate(clock, RateLimit(1, 0))
        first = await gate.enter(Purpose.MONEY)
        doomed = asyncio.create_task(gate.enter(Purpose.MONEY))
        await clock.sleep(1)

        async def kill() -> None:
            doomed.cancel()

        # In this order: the newcomer hands the place to the doomed one, which is cancelled before it runs.
        newcomer = asyncio.create_task(gate.enter(Purpose.BACKGROUND))
        killing = asyncio.create_task(kill())
        gate.leave(first, Purpose.MONEY, Outcome.NOT_SENT)
        began = clock.now()
        await newcomer
        await killing
        assert doomed.cancelled()
        return (clock.now() - began).total_seconds()

    assert run_virtual(play) == 0.0


@settings(max_examples=40, deadline=None)
@given(
    fates=st.lists(st.tuples(st.integers(0, 3000), st.none() | st.integers(0, 3000)), min_size=1, max_size=50)
)
def test_any_cancellations_leave_the_gate_working(make: Any, fates: list[tuple[int, int | None]]) -> None:
    """Whoever is cancelled when, all others get through, no 429 comes, and the gate is idle in the end."""

    async def play(clock: VirtualClock) -> tuple[int, int]:
        world = World(clock, make.windows(1, 3), RateLimit(1, 3))

        async def one(come: int, cancel: int | None) -> bool:
            await clock.sleep(come / 1000)
            task = asyncio.create_task(world.request(Purpose.MOTION, 0.01))
            if cancel is None:
                await task
                return True
            await clock.sleep(cancel / 1000)
            return not task.cancel()

        patient = sum(cancel is None for _, cancel in fates)
        done = await asyncio.gather(*(one(*fate) for fate in fates))
        await asyncio.wait_for(world.request(Purpose.BACKGROUND), 200)
        assert sum(done) >= patient
        return world.refused, len(world.gate._line)

    assert run_virtual(play) == (0, 0)


def test_without_a_limit_nothing_waits() -> None:
    """Turned off, the gate lets everything out at once and still counts and still pauses after a 429."""

    async def play(clock: VirtualClock) -> tuple[float, float, int]:
        gate, began = RequestGate(clock, None), clock.now()
        for _ in range(500):
            gate.leave(await gate.enter(Purpose.PRICES), Purpose.PRICES, Outcome.ANSWERED)
        free = (clock.now() - began).total_seconds()
        gate.leave(await gate.enter(Purpose.PRICES), Purpose.PRICES, Outcome.LIMITED, pause=4)
        await gate.enter(Purpose.PRICES)
        return free, (clock.now() - began).total_seconds(), gate.statistics().sent

    assert run_virtual(play) == (0.0, 4.0, 501)


def test_counts_by_purpose() -> None:
    """The statistics tell requests per purpose, limited ones, repeats, and seconds waited for the gate."""

    async def play(clock: VirtualClock) -> Any:
        gate = RequestGate(clock, RateLimit(1, 0))
        for purpose in (Purpose.MONEY, Purpose.MONEY, Purpose.PRICES):
            gate.leave(await gate.enter(purpose), purpose, Outcome.ANSWERED)
        gate.leave(await gate.enter(Purpose.SAFETY), Purpose.SAFETY, Outcome.LIMITED)
        gate.count_retry()
        return gate.statistics()

    statistics = run_virtual(play)
    assert statistics.by_purpose == {"safety": 1, "money": 2, "motion": 0, "prices": 1, "background": 0}
    assert (statistics.sent, statistics.limited, statistics.retried) == (4, 1, 1)
    assert statistics.waited_seconds == 3.0


class MovableClock:
    """A clock that a test corrects, as an answer of the server does."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.offset = timedelta()

    def now(self) -> datetime:
        return self._clock.now() + self.offset

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        return await self._clock.wait(event, seconds)


@pytest.mark.parametrize("jump", [3600.0, -3600.0, 0.5])
def test_a_corrected_clock_changes_no_interval(jump: float) -> None:
    """When the clock is moved by an hour, the next request still waits its one real second."""

    async def play(clock: VirtualClock) -> float:
        movable = MovableClock(clock)
        gate, began = RequestGate(movable, RateLimit(1, 0)), clock.now()
        first = await gate.enter(Purpose.MONEY)
        movable.offset += timedelta(seconds=jump)
        gate.shift(timedelta(seconds=jump))
        gate.leave(first, Purpose.MONEY, Outcome.ANSWERED)
        movable.offset += timedelta(seconds=jump)
        gate.shift(timedelta(seconds=jump))
        await gate.enter(Purpose.MONEY)
        return (clock.now() - began).total_seconds()

    assert run_virtual(play) == 1.0


@pytest.mark.parametrize("arguments", [(0, 30, 60.0), (2, -1, 60.0), (2, 30, 0.0)])
def test_an_impossible_limit_is_refused(arguments: tuple[int, int, float]) -> None:
    """A limit under which nothing could ever be sent is an error at once, not a silent standstill."""
    with pytest.raises(ValueError, match="No request could ever pass"):
        RateLimit(*arguments)


@pytest.mark.parametrize("ago", [0.0, 0.75])
def test_after_another_process_the_allowance_begins_used_up(make: Any, ago: float) -> None:
    """A daemon that starts a moment after another was killed never meets the limit that one used up (L7)."""

    async def play(clock: VirtualClock) -> tuple[int, list[float]]:
        windows = make.windows()
        for _ in range(32):  # the dead process: both pools, all at once
            windows.admits(clock.now())
        await clock.sleep(ago)  # the new one loads its parts
        world, began = World(clock, windows), clock.now()
        world.gate.presume_spent(ago)
        sent = []

        async def one() -> None:
            await world.request(Purpose.MOTION)
            sent.append((clock.now() - began).total_seconds())

        async with asyncio.TaskGroup() as tasks:
            for _ in range(40):
                tasks.create_task(one())
        return world.refused, sent

    refused, sent = run_virtual(play)
    assert refused == 0
    assert sent[:4] == [1.0 - ago, 1.0 - ago, 2.0 - ago, 2.0 - ago]
