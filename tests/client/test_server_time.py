"""When an answer moves the clock, and by how much."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodsfactory.adapters.spacetraders.server_time import Correction, Reading, ServerTime, read_time

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def settled(speed: float = 1.0) -> ServerTime:
    """One that has met this speed before."""
    time = ServerTime()
    time.correction(Reading(NOON, MILLISECOND, speed), believed=NOON, round_trip=0)
    return time


def test_a_sandbox_stamp_is_read_to_the_millisecond_with_its_speed() -> None:
    """The sandbox's own headers win over Date."""
    headers = {
        "x-sandbox-time": "2026-03-01T12:00:00.250Z",
        "x-sandbox-speed": "60",
        "date": "Sun, 01 Mar 2026 11:00:00 GMT",
    }
    assert read_time(headers) == Reading(at(0.25), MILLISECOND, 60.0)


def test_a_date_header_is_good_to_a_second_at_speed_one() -> None:
    """A live server tells no more than the whole second."""
    reading = read_time({"date": "Sun, 01 Mar 2026 12:00:00 GMT"})
    assert reading == Reading(NOON, timedelta(seconds=1), 1.0)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"date": "yesterday"},
        {"date": ""},
        {"date": "Sun, 01 Mar 2026 12:00:00 -0000"},
        {"x-sandbox-time": "noon"},
        {"x-sandbox-time": "2026-03-01T12:00:00"},
        {"x-sandbox-time": "2026-03-01T12:00:00Z", "x-sandbox-speed": "fast"},
        {"x-sandbox-time": "2026-03-01T12:00:00Z", "x-sandbox-speed": "0"},
        {"x-sandbox-time": "2026-03-01T12:00:00Z", "x-sandbox-speed": "-2"},
        {"x-sandbox-time": "2026-03-01T12:00:00Z", "x-sandbox-speed": "nan"},
        {"x-sandbox-time": "2026-03-01T12:00:00Z", "x-sandbox-speed": "inf"},
    ],
)
def test_headers_without_sense_say_nothing(headers: dict[str, str]) -> None:
    """A missing or broken stamp moves no clock."""
    assert read_time(headers) is None


def test_the_first_answer_sets_the_clock() -> None:
    """On first meeting the clock is put into the middle of what the answer allows."""
    correction = ServerTime().correction(Reading(NOON, MILLISECOND, 10.0), believed=at(-500), round_trip=0.2)
    assert correction == Correction(at(0.0005), 10.0, 0.2)


def test_another_speed_sets_the_clock() -> None:
    """A server restarted at another speed is believed at once, even where the time would fit."""
    correction = settled(10.0).correction(Reading(NOON, MILLISECOND, 20.0), believed=NOON, round_trip=0.0)
    assert correction is not None
    assert correction.speed == 20.0


@pytest.mark.parametrize("believed", [0.0, 0.1, 0.2, 0.201])
def test_a_clock_that_may_be_right_is_left_alone(believed: float) -> None:
    """Within the round trip nobody knows better, so jitter never moves the clock."""
    reading = Reading(NOON, MILLISECOND, 1.0)
    assert settled().correction(reading, believed=at(believed), round_trip=0.2) is None


@pytest.mark.parametrize(("believed", "target"), [(-0.05, 0.0), (0.5, 0.201)])
def test_a_clock_that_is_wrong_is_moved_just_inside(believed: float, target: float) -> None:
    """The correction is the smallest the answer asks for."""
    correction = settled().correction(Reading(NOON, MILLISECOND, 1.0), believed=at(believed), round_trip=0.2)
    assert correction is not None
    assert correction.server_time + timedelta(seconds=0.1) == at(target)


def test_a_short_round_trip_corrects_what_a_long_one_cannot() -> None:
    """The same error is invisible in a slow exchange and corrected after a fast one."""
    reading, believed = Reading(NOON, MILLISECOND, 1.0), at(0.15)
    assert settled().correction(reading, believed=believed, round_trip=0.3) is None
    assert settled().correction(reading, believed=believed, round_trip=0.02) is not None


@pytest.mark.parametrize("believed", [-0.1, 0.0, 0.5, 1.0, 1.2])
def test_a_date_header_moves_nothing_within_its_second(believed: float) -> None:
    """A second of resolution and a tenth of tolerance are no reason to move."""
    reading = Reading(NOON, timedelta(seconds=1), 1.0)
    assert settled().correction(reading, believed=at(believed), round_trip=0.1) is None


def test_a_round_trip_counts_at_the_servers_speed() -> None:
    """At speed 100 a round trip of 10 ms is a second of server time."""
    reading = Reading(NOON, MILLISECOND, 100.0)
    assert settled(100.0).correction(reading, believed=at(0.9), round_trip=0.01) is None
    assert settled(100.0).correction(reading, believed=at(1.2), round_trip=0.01) is not None


@given(
    offset=st.floats(-1000, 1000),
    trips=st.lists(
        st.tuples(st.integers(1, 400), st.integers(0, 100), st.integers(0, 5000)), min_size=5, max_size=30
    ),
)
def test_date_headers_alone_bring_the_clock_within_a_second_and_a_half(
    offset: float, trips: list[tuple[int, int, int]]
) -> None:
    """Whatever the first skew and the jitter, whole seconds are enough to know the time to 1.6 s."""
    time, truth, error = ServerTime(), NOON, offset
    for round_trip_ms, share, pause_ms in trips:
        round_trip = round_trip_ms / 1000
        truth += timedelta(milliseconds=pause_ms)
        stamped = (truth + timedelta(seconds=round_trip * share / 100)).replace(microsecond=0)
        truth += timedelta(seconds=round_trip)
        correction = time.correction(
            Reading(stamped, timedelta(seconds=1), 1.0),
            believed=truth + timedelta(seconds=error),
            round_trip=round_trip,
        )
        if correction is not None:
            error = (correction.server_time + timedelta(seconds=round_trip / 2) - truth).total_seconds()
    assert abs(error) <= 1.6
