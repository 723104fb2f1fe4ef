"""Lines laid out once, shown plain or coloured."""

import io
from datetime import timedelta

import pytest
from rich.console import Console
from rich.live import Live

from goodsfactory.api.goodsfactory_pb2 import Event
from goodsfactory.cli.durations import (
    age,
    clock_time,
    counted,
    credits_text,
    duration,
    instant,
    left,
    remaining,
    span,
    units_text,
    when,
)
from goodsfactory.cli.layout import Cell, aligned, coloured, plain, table
from goodsfactory.cli.watch import event_line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"),
        (0, "0s"),
        (0.4, "0s"),
        (22, "22s"),
        (60, "1m"),
        (70, "1m10s"),
        (240, "4m"),
        (3599, "59m59s"),
        (3600, "1h00m"),
        (7500, "2h05m"),
        (86_400, "1d00h"),
        (273_700, "3d04h"),
    ],
)
def test_a_duration_shows_its_two_largest_units(seconds: float, text: str) -> None:
    """Nothing waits for less than no time."""
    assert duration(seconds) == text


def test_what_lasted_is_unknown_where_the_clock_went_back() -> None:
    """Never less than nothing; what was to happen by now is due."""
    begin, end = instant("2026-11-23T12:00:00.000Z"), instant("2026-11-23T10:00:00.000Z")
    assert (span(begin, end), span(end, begin), span(None, end)) == ("?", "2h00m", "?")
    assert span(begin, begin - timedelta(milliseconds=999)) == "0s", (
        "of one moment, not told to the same digit"
    )
    assert (remaining(begin, end), remaining(end, begin), remaining(None, end)) == ("0s", "2h00m", "?")
    assert age(begin.isoformat(), end.isoformat()) == "?"
    assert left(end.isoformat(), begin.isoformat()) == "0s"


def test_amounts_carry_their_unit() -> None:
    """Thousands are grouped, one unit is singular."""
    assert (credits_text(12430), credits_text(-5)) == ("12,430 cr", "-5 cr")
    assert (units_text(1), units_text(0), units_text(1500)) == ("1 unit", "0 units", "1,500 units")
    assert (counted(1, "node"), counted(6, "node")) == ("1 node", "6 nodes")


def test_an_instant_is_shown_by_its_time_of_day() -> None:
    """In UTC, as the daemon said it."""
    assert clock_time("2026-11-23T02:05:09.123Z") == "02:05:09"
    event = Event(at="2026-11-23T02:05:09.123Z", kind="LEG_DONE", message="Done.")
    assert event_line(event, "2026-11-23T03:00:00.000Z").startswith("02:05:09  LEG_DONE")
    assert event_line(event, "2026-11-24T01:00:00.000Z").startswith("2026-11-23 02:05:09  LEG_DONE")


def test_an_instant_of_another_day_has_its_date() -> None:
    """Weeks later a time of day alone would say nothing."""
    now = "2026-11-23T12:00:00.000Z"
    assert when("2026-11-23T02:05:09.123Z", now) == "02:05:09"
    assert when("2026-11-02T02:05:09.123Z", now) == "2026-11-02 02:05:09"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    """Numbers stand to the right; trailing blanks are not printed."""
    lines = table(
        ("GOOD", "ASK"), [[Cell("COPPER"), Cell("7")], [Cell("IRON"), Cell("1,200")]], right=frozenset({1})
    )
    assert plain(lines) == "GOOD      ASK\nCOPPER      7\nIRON    1,200\n"


def test_a_column_without_any_text_takes_no_room() -> None:
    """A fact that no row has leaves no hole."""
    rows = [[Cell("a"), Cell(""), Cell("b")], [Cell("aa"), Cell(""), Cell("c")]]
    assert plain(aligned(rows)) == "a   b\naa  c\n"


def test_rows_may_be_of_different_length() -> None:
    """A short row ends early."""
    assert plain(aligned([[Cell("a")], [Cell("b"), Cell("c")]])) == "a\nb  c\n"


def test_nothing_is_nothing() -> None:
    """No rows, no output."""
    assert plain(aligned([])) == ""


def test_a_terminal_gets_the_same_text_in_colour() -> None:
    """Styles become escape sequences, and a live picture cuts a line that is too long."""
    lines = table(("A",), [[Cell("green", "green")], [Cell("much too long for it")]])
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=12, highlight=False)
    with Live(console=console, auto_refresh=False) as live:
        live.update(coloured(lines, 12), refresh=True)
    picture = out.getvalue().removeprefix("\x1b[?25l")
    assert picture.startswith("\x1b[1mA\x1b[0m\n\x1b[32mgreen\x1b[0m\nmuch too lo…")


def test_markup_in_a_message_is_text() -> None:
    """Square brackets of a message never become a style."""
    out = io.StringIO()
    Console(file=out, force_terminal=True, color_system="standard", width=40).print(
        coloured([[Cell("[bold]x[/bold]")]], 40)
    )
    assert out.getvalue() == "[bold]x[/bold]\n"
