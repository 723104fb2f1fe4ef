"""What passes of the words of DBOS."""

import logging
from collections.abc import Iterator

import pytest

from goodsfactory.adapters.engine.dbos_words import DbosWords


@pytest.fixture
def words() -> Iterator[DbosWords]:
    log = DbosWords()
    log.install()
    log.muted = False
    yield log
    log.remove()


def say(words: str, *, line: int = 1, at: float = 0.0, level: int = logging.WARNING) -> None:
    record = logging.LogRecord("dbos", level, "dbos/_sys_db.py", line, words, None, None)
    record.created = at
    logging.getLogger("dbos").handle(record)


def passed(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What this program logged; caplog listens to DBOS' own logger too."""
    return [record.getMessage() for record in caplog.records if record.name.startswith("goodsfactory")]


def test_a_complaint_is_known_by_its_line(words: DbosWords, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever its words: each names another attempt."""
    for attempt in range(2):
        say(f"Database connection failed (attempt {attempt})", line=7)
    assert passed(caplog) == [
        "DBOS: Database connection failed (attempt 0)",
        "DBOS: Database connection failed (attempt 1)",
    ]
    places = [vars(record)["place"] for record in caplog.records if record.name.startswith("goodsfactory")]
    assert places == ["dbos/_sys_db.py:7"] * 2


def test_different_complaints_all_pass(words: DbosWords, caplog: pytest.LogCaptureFixture) -> None:
    """They come from different lines of DBOS."""
    say("one", line=1)
    say("two", line=2)
    assert passed(caplog) == ["DBOS: one", "DBOS: two"]


def test_an_error_is_one_line_with_its_cause(words: DbosWords, caplog: pytest.LogCaptureFixture) -> None:
    """No traceback of somebody else's code."""
    try:
        raise ValueError("what went wrong\nand more")
    except ValueError:
        logging.getLogger("dbos").exception("It failed:")
    assert passed(caplog) == ["DBOS: It failed: ValueError: what went wrong"]
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


def test_a_traceback_in_the_text_is_left_out(words: DbosWords, caplog: pytest.LogCaptureFixture) -> None:
    """DBOS puts some into its words; what went wrong is in the last line."""
    say("Exception polling: Traceback (most recent call last):\n  File x\nValueError: it is shut\n")
    assert passed(caplog) == ["DBOS: Exception polling: ValueError: it is shut"]


def test_muted_it_says_nothing(words: DbosWords, caplog: pytest.LogCaptureFixture) -> None:
    """While DBOS is taken down its complaints are no news."""
    words.muted = True
    say("Asyncio task cancelled")
    assert passed(caplog) == []


def test_nothing_goes_past_it(words: DbosWords, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither to the console handler of DBOS, which is gone, nor to those of the program."""
    logging.getLogger("dbos").addHandler(logging.StreamHandler())
    words.install()
    words.muted = True
    say("to nobody")
    assert capfd.readouterr() == ("", "")
    words.remove()
    assert words not in logging.getLogger("dbos").handlers
