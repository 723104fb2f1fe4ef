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
        {"x-sandbox-time": "2026-03-01T12:00:00Z", "x-sandbox-speed": "1e300"},
        {"x-sandbox-time": "9999-12-31T23:59:59Z"},
        {"date": "Sun, 31 Dec 9999 23:59:59 GMT"},
        {"date": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ],
)
def test_headers_without_sense_say_nothing(headers: dict[str, str]) -> None:
    """A missing or broken stamp moves no clock."""
    assert read_time(headers) is None


def test_the_first_answer_sets_the_clock() -> None:
    """On first meeting the clock is put into the middle of what the answer allows."""
    correction = ServerTime().correction(Reading(NOON, MILLISECOND, 10.0), believed=at(-500), round_trip=0.2)
    assert correction == Correction(at(0.0005), 10.0, 0.2)


@pytest.mark.parametrize("resolution", [MILLISECOND, timedelta(seconds=1)])
@pytest.mark.parametrize("days", [-20_000.0, -2.0, 3.0, 26_000.0])
@pytest.mark.parametrize("known", [False, True])
def test_a_clock_jumps_once_two_answers_agree(known: bool, days: float, resolution: timedelta) -> None:
    """One odd stamp moves nothing; the second that says the same does, as after an operator moved time."""
    time = settled() if known else ServerTime()
    jumped = at(days * 86_400)
    first = Reading(jumped, resolution, 1.0)
    assert time.correction(first, believed=NOON, round_trip=0.1, at=50.0) is None
    second = Reading(jumped + timedelta(seconds=4), resolution, 1.0)
    correction = time.correction(second, believed=at(4), round_trip=0.1, at=54.0)
    assert correction is not None
    assert abs(correction.server_time - second.time) < timedelta(seconds=1.2)


def test_odd_stamps_that_do_not_agree_move_nothing() -> None:
    """Neither from answer to answer, nor with one that stands still, nor with a sane one between them."""
    time = settled()
    for number, stamp in enumerate([9e7, -9e7, 5e8, 5e8, 0.0, 5e8 + 500]):
        reading = Reading(at(stamp + (number * 100 if stamp == 0.0 else 0)), timedelta(seconds=1), 1.0)
        moved = time.correction(reading, believed=at(number * 100), round_trip=0.1, at=number * 100.0)
        assert moved is None


def test_a_jump_to_another_speed_is_followed_as_well() -> None:
    """A sandbox started anew, days ahead and sixty times as fast, by its second answer."""
    time = settled()
    assert time.correction(Reading(at(9e5), MILLISECOND, 60.0), believed=NOON, round_trip=0.1, at=1.0) is None
    later = Reading(at(9e5 + 60 * 2.0), MILLISECOND, 60.0)
    correction = time.correction(later, believed=at(2), round_trip=0.1, at=3.0)
    assert correction is not None
    assert correction.speed == 60.0


def test_a_speed_that_no_sandbox_runs_at_needs_two_answers() -> None:
    """At a million seconds a second every wait would be over at once."""
    time = settled()
    assert time.correction(Reading(NOON, MILLISECOND, 1e6), believed=NOON, round_trip=0.0, at=1.0) is None
    again = Reading(at(1e5), MILLISECOND, 1e6)
    assert time.correction(again, believed=at(0.1), round_trip=0.0, at=1.1) is not None


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
