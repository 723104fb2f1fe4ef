"""What DBOS has to say, on the way into the log of this program."""

import logging

import structlog

_DBOS = "dbos"

_AS_MEANT = (
    "outcome was not recorded",
    "DBOSAwaitedWorkflowCancelledError",
    "DBOSNonExistentWorkflowError",
)
"""What it says when a body ends whose workflow another node has cancelled, or forgotten, as its heir."""

_log = structlog.stdlib.get_logger(__name__)


class DbosWords(logging.Handler):
    """Takes the place of DBOS' own handler; what passes goes to the log of this program, on one line.

    ``muted`` while DBOS complains of what we do to it on purpose, or of what somebody else tells the user.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.muted = True

    def install(self) -> None:
        """Before DBOS is made: it brings a handler of its own where it finds none."""
        logger = logging.getLogger(_DBOS)
        logger.handlers[:] = [self]
        logger.propagate = False

    def remove(self) -> None:
        logging.getLogger(_DBOS).removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            words += f" {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        if self.muted or any(phrase in words for phrase in _AS_MEANT):
            return
        # Each attempt has a number in its words: what repeats itself is known by its line in DBOS.
        place = f"{record.pathname}:{record.lineno}"
        _log.log(record.levelno, f"DBOS: {_one_line(words)}", kind="ENGINE_TROUBLE", place=place)


def _one_line(words: str) -> str:
    """The first, and of a traceback in the text only the error."""
    lines = [line for line in words.splitlines() if line.strip()] or [""]
    first, traceback, _ = lines[0].partition("Traceback (most recent call last):")
    return first + lines[-1].strip() if traceback else first
