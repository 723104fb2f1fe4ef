"""What DBOS has to say, without the flood: each of its complaints once a minute."""

import logging

_DBOS = "dbos"
_SILENCE = 60.0
"""Real seconds between two complaints from the same line of DBOS."""

_AS_MEANT = (
    "outcome was not recorded",
    "DBOSAwaitedWorkflowCancelledError",
    "DBOSNonExistentWorkflowError",
)
"""What it says when a body ends whose workflow another node has cancelled, or forgotten, as its heir."""

_log = logging.getLogger(__name__)


class SparseLog(logging.Handler):
    """Takes the place of DBOS' own handler; what passes goes to the log of this program, on one line.

    ``muted`` while DBOS complains of what we do to it on purpose, or of what somebody else tells the user.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.muted = True
        self._last: dict[tuple[str, int], tuple[float, int]] = {}

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
        place = (record.pathname, record.lineno)
        said, unsaid = self._last.get(place, (float("-inf"), 0))
        if record.created - said < _SILENCE:
            self._last[place] = (said, unsaid + 1)
            return
        self._last[place] = (record.created, 0)
        again = f" ({unsaid} more like it since)" if unsaid else ""
        _log.log(record.levelno, "DBOS: %s%s", _one_line(words), again)


def _one_line(words: str) -> str:
    """The first, and of a traceback in the text only the error."""
    lines = [line for line in words.splitlines() if line.strip()] or [""]
    first, traceback, _ = lines[0].partition("Traceback (most recent call last):")
    return first + lines[-1].strip() if traceback else first
