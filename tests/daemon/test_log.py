"""The one log: whoever speaks, a line has time, level and kind, no secret, nothing a terminal obeys."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

import goodsfactory
from goodsfactory.daemon.log import Repeats, open_log

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJpZGVudGlmaWVyIjoiRkFDVE9SWSJ9.c2lnbmF0dXJl"
BEGIN = "time=2026-11-23T12:00:00.000Z level="


@contextmanager
def lines(level: str = "INFO", **how: Any) -> Iterator[list[str]]:
    """What was logged inside, line by line, once it is over."""
    stream = io.StringIO()
    told: list[str] = []
    logging.getLogger("dbos").propagate = True  # an engine of an earlier test has kept its words to itself
    with open_log(stream, level=level, now=lambda: NOON, **how):
        yield told
    told += stream.getvalue().splitlines()


def test_ours_and_theirs_are_alike() -> None:
    """A module of ours, a library, a warning of Python: one shape; a library says who it is."""
    with lines() as told:
        structlog.stdlib.get_logger("goodsfactory.daemon.x").warning("so it is", kind="TROUBLE", agent="ACME")
        logging.getLogger("asyncio").warning("it took %d s", 3)
        with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(warnings, "filters", [("always", None, Warning, None, 0)])
            warnings.warn("that is old", DeprecationWarning, stacklevel=1)
    assert told[0] == f'{BEGIN}WARNING kind=TROUBLE agent=ACME message="so it is"'
    assert told[1] == f'{BEGIN}WARNING kind=LIBRARY message="it took 3 s" logger=asyncio'
    assert told[2].startswith(f"{BEGIN}WARNING kind=LIBRARY message=")
    assert "that is old" in told[2]
    assert len(told) == 3


def test_of_libraries_only_trouble_is_told() -> None:
    """Each request of the HTTP client would be a line else; ours go by the level that was set."""
    with lines("DEBUG") as told:
        logging.getLogger("httpx2").info("HTTP Request")
        logging.getLogger("alembic.runtime.migration").info("Running upgrade")
        structlog.stdlib.get_logger("goodsfactory.x").debug("a look", kind="MARKET_OBSERVED")
    assert told == [f'{BEGIN}DEBUG kind=MARKET_OBSERVED message="a look"']
    with lines("ERROR") as told:
        logging.getLogger("dbos").warning("so what")
        structlog.stdlib.get_logger("goodsfactory.x").warning("so what")
    assert told == []


def test_json_is_an_object_a_line() -> None:
    """For programs that read logs; the same fields."""
    with lines(as_json=True) as told:
        structlog.stdlib.get_logger("goodsfactory.x").info("so\nit is", kind="SOLD", units=3)
        logging.getLogger("uvicorn.error").error("no")
    assert [json.loads(line) for line in told] == [
        {
            "time": "2026-11-23T12:00:00.000Z",
            "level": "INFO",
            "kind": "SOLD",
            "message": "so\nit is",
            "units": 3,
        },
        {
            "time": "2026-11-23T12:00:00.000Z",
            "level": "ERROR",
            "kind": "LIBRARY",
            "message": "no",
            "logger": "uvicorn.error",
        },
    ]


@pytest.mark.parametrize("as_json", [False, True])
def test_a_bug_is_one_line_with_its_traceback(as_json: bool) -> None:
    """Wherever it was met."""
    with lines(as_json=as_json) as told:
        for log in (structlog.stdlib.get_logger("goodsfactory.x"), logging.getLogger("asyncio")):
            try:
                raise ValueError(f"\x1b[31m{TOKEN}\nnext")
            except ValueError:
                log.exception("it broke")
    assert len(told) == 2
    for line in told:
        assert "DAEMON_BUG" in line
        assert "ValueError" in line
        assert "Traceback" in line


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"refused {TOKEN}.", TOKEN),
        ("Authorization: Bearer some.other-token of", "some.other-token"),
        ("cannot connect to postgresql://goods:hush!@db/factory", "hush!"),
        ("the token is mine-alone, or not", "mine-alone"),
    ],
)
def test_nothing_secret_is_told(text: str, secret: str, as_json: bool) -> None:
    """Not by us, not by a library, not in a field and not in an error (law L12)."""
    with lines(as_json=as_json, secrets=["mine-alone", ""]) as told:
        structlog.stdlib.get_logger("goodsfactory.x").warning(text, kind="A")
        structlog.stdlib.get_logger("goodsfactory.x").warning("x", kind="B", detail=text)
        logging.getLogger("dbos").error("%s", text)
        try:
            raise OSError(text)
        except OSError:
            logging.getLogger("asyncio").exception("it broke")
    assert len(told) == 4
    assert all(secret not in line and "<token>" in line for line in told)


@pytest.mark.parametrize("as_json", [False, True])
def test_what_a_terminal_would_obey_is_written_out(as_json: bool) -> None:
    """Colours, bells, moves of the cursor and letters that turn the line around."""
    with lines(as_json=as_json) as told:
        structlog.stdlib.get_logger("goodsfactory.x").info("a\x1b[2Jb\x07c\x9bd\u202ee\r\nf", kind="A")
        logging.getLogger("x").error("a\x1b[2Jb\x07c\x9bd\u202ee\r\nf")
    assert len(told) == 2
    assert all(line.isprintable() for line in told)


def say(words: str, at: float, *, line: int = 1, level: int = logging.WARNING) -> logging.LogRecord:
    record = logging.LogRecord("asyncio", level, "asyncio/events.py", line, words, None, None)
    record.created = at
    return record


def test_trouble_that_goes_on_is_told_ever_more_rarely() -> None:
    """At once, after one minute, two, four … and in the end each hour; each line counts what was left out."""
    repeats = Repeats()
    passed = []
    for second in range(0, 4 * 3600, 10):
        record = say(f"attempt {second}", 1000.0 + second)
        if repeats.filter(record):
            passed.append((second, getattr(record, Repeats.UNSAID)))
    assert passed == [
        *((0, 0), (60, 5), (180, 11), (420, 23), (900, 47), (1860, 95)),
        *((3780, 191), (7380, 359), (10980, 359)),
    ]


def test_trouble_that_changes_or_comes_back_is_told_at_once() -> None:
    """Another sentence, another line of a library, another agent; and the same after a while of quiet."""
    with lines() as told:
        log = structlog.stdlib.get_logger("goodsfactory.x")
        for agent in ("ACME", "ACME", "RIVAL"):
            for sentence in ("no fuel", "no fuel", "no ship"):
                log.warning(sentence, kind="TROUBLE", agent=agent)
        for _ in range(3):
            log.info("sold", kind="SOLD")
    assert len(told) == 4 + 3
    repeats = Repeats()
    moments = [0, 10, 60, 500, 540, 560]
    assert [repeats.filter(say("x", float(at))) for at in moments] == [True, False, True, True, False, True]
    assert repeats.filter(say("y", 560.0, line=2))


def test_what_was_left_out_is_counted_in_the_line() -> None:
    """As a field of its own."""
    stream = io.StringIO()
    with open_log(stream, level="INFO", now=lambda: NOON):
        for at in (0.0, 1.0, 2.0, 61.0):
            logging.getLogger("asyncio").handle(say("slow", at))
    assert stream.getvalue().splitlines() == [
        f"{BEGIN}WARNING kind=LIBRARY message=slow logger=asyncio",
        f"{BEGIN}WARNING kind=LIBRARY message=slow logger=asyncio repeated=2",
    ]


def test_afterwards_everything_is_as_before() -> None:
    """A process that opens a log and closes it leaves nothing behind."""
    root, ours = logging.getLogger(), logging.getLogger("goodsfactory")
    before = (list(root.handlers), root.level, ours.level, structlog.get_config())
    with lines("DEBUG"):
        assert logging.getLogger().handlers != before[0]
    assert (list(root.handlers), root.level, ours.level, structlog.get_config()) == before


def test_no_module_of_ours_logs_past_it() -> None:
    """structlog is the only way in; the standard library is for this pipeline and for taking DBOS' words."""
    found = Path(goodsfactory.__file__).parent
    users = {
        str(file.relative_to(found))
        for file in Path(found).rglob("*.py")
        if "getLogger" in file.read_text("utf-8")
    }
    assert users == {"daemon/log.py", "adapters/engine/dbos_words.py"}
