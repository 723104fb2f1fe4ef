"""Clocks: virtual time jumps and never hangs, scaled time follows a server."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from goodsfactory.adapters.clocks import ScaledClock, SystemClock, VirtualClock, VirtualDeadlock, run_virtual

START = datetime(2026, 1, 1, tzinfo=UTC)


class HandWound:
    """A monotonic reading that a test turns."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class TestVirtualTime:
    def test_a_week_passes_without_waiting(self) -> None:
        """Sleeping a week in virtual time moves the clock by a week exactly."""

        async def week(clock: VirtualClock) -> datetime:
            await clock.sleep(7 * 24 * 3600)
            return clock.now()

        assert run_virtual(week, start=START) == START + timedelta(days=7)

    def test_sleepers_wake_in_order_of_their_deadlines(self) -> None:
        """Concurrent sleeps wake by deadline, not by the order in which they began."""

        async def race(clock: VirtualClock) -> list[tuple[str, float]]:
            woken: list[tuple[str, float]] = []

            async def sleeper(name: str, seconds: float) -> None:
                await clock.sleep(seconds)
                woken.append((name, (clock.now() - START).total_seconds()))

            await asyncio.gather(sleeper("late", 60), sleeper("early", 30), sleeper("middle", 45))
            return woken

        assert run_virtual(race, start=START) == [("early", 30.0), ("middle", 45.0), ("late", 60.0)]

    def test_waiting_for_nothing_fails_loudly(self) -> None:
        """A task that waits for an event nobody will set raises, and the error names the task."""

        async def stuck(clock: VirtualClock) -> None:
            waiting = asyncio.create_task(asyncio.Event().wait(), name="the-stuck-one")
            await waiting

        with pytest.raises(VirtualDeadlock, match="the-stuck-one"):
            run_virtual(stuck)

    def test_an_event_ends_a_wait_before_its_time(self) -> None:
        """wait() tells a set event from a passed deadline, and the clock stands at that instant."""

        async def waits(clock: VirtualClock) -> tuple[bool, float, bool, float]:
            event = asyncio.Event()
            asyncio.get_running_loop().call_later(5, event.set)
            first = await clock.wait(event, 60)
            at_first = (clock.now() - START).total_seconds()
            second = await clock.wait(asyncio.Event(), 60)
            return first, at_first, second, (clock.now() - START).total_seconds()

        assert run_virtual(waits, start=START) == (True, 5.0, False, 65.0)

    def test_time_stands_still_while_something_outside_is_held(self) -> None:
        """A thread's result arrives although no virtual timer is due, and costs no virtual time."""

        async def outside(clock: VirtualClock) -> tuple[int, float]:
            loop = asyncio.get_running_loop()
            with loop.hold():  # type: ignore[attr-defined]
                answer = await asyncio.to_thread(lambda: 42)
            return answer, (clock.now() - START).total_seconds()

        assert run_virtual(outside, start=START) == (42, 0.0)


class TestScaledTime:
    def test_speed_multiplies_the_machines_seconds(self) -> None:
        """Ten real seconds at speed 60 are ten game minutes."""
        wound = HandWound()
        clock = ScaledClock(speed=60, start=START, monotonic=wound)
        wound.seconds += 10
        assert clock.now() == START + timedelta(minutes=10)

    def test_it_follows_a_fast_server_with_half_the_round_trip(self) -> None:
        """After the first answer of a server at speed 100 the clock shows the server's time."""
        wound = HandWound()
        clock = ScaledClock(start=START, monotonic=wound)
        clock.follow(START + timedelta(days=3), speed=100, round_trip=0.2)
        assert clock.now() == START + timedelta(days=3, seconds=10)
        wound.seconds += 1
        assert clock.now() == START + timedelta(days=3, seconds=110)

    def test_a_correction_into_the_past_never_turns_time_back(self) -> None:
        """A small backward correction makes the clock stand still, not run back."""
        wound = HandWound()
        clock = ScaledClock(start=START, monotonic=wound)
        clock.follow(START + timedelta(seconds=2), speed=1, round_trip=0)
        wound.seconds += 8
        before = clock.now()
        clock.follow(START + timedelta(seconds=6), speed=1, round_trip=0)
        assert clock.now() == before == START + timedelta(seconds=10)
        wound.seconds += 7
        assert clock.now() == START + timedelta(seconds=13)

    def test_meeting_a_server_that_is_behind_steps_back_at_once(self) -> None:
        """A machine whose clock is months ahead of the server does not stand still for months."""
        clock = ScaledClock(start=START + timedelta(days=90), monotonic=HandWound())
        clock.now()
        clock.follow(START, speed=1, round_trip=0)
        assert clock.now() == START

    def test_a_server_that_jumps_far_back_is_followed(self) -> None:
        """Later on, too, a difference that standing still could not make up for is a step."""
        clock = ScaledClock(start=START, monotonic=HandWound())
        clock.follow(START + timedelta(hours=2), speed=1, round_trip=0)
        clock.follow(START + timedelta(hours=1), speed=1, round_trip=0)
        assert clock.now() == START + timedelta(hours=1)

    def test_a_speed_of_zero_is_refused(self) -> None:
        """A clock that stands still could only hang."""
        with pytest.raises(ValueError, match="above 0"):
            ScaledClock(speed=0)


def test_the_system_clock_is_aware_utc() -> None:
    """Every instant is UTC."""
    assert SystemClock().now().tzinfo is UTC
