"""The one log of a process: our own lines and those of libraries, each on one line, without secrets.

Our modules log with structlog, libraries with the standard library; both end in one handler, which knows the
time of the game, leaves out what repeats itself, and renders text or JSON.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict

from goodsfactory.domain.instants import instant

_OURS = "goodsfactory"
_FIRST = ("time", "level", "kind", "agent", "message")
_HIDDEN = "<token>"
_SECRETS = re.compile(
    r"eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"  # a token of the game
    r"|(?<=Bearer )[^\s\"'\\,;<]+"
    r"|(?<=://)[^\s/@]+:[^\s/@]+(?=@)"  # user and password of an address
)
_SILENCE = 60.0
_LONGEST_SILENCE = 3_600.0
_MOST_REMEMBERED = 1_000

_as_words = structlog.processors.LogfmtRenderer()
_as_json = structlog.processors.JSONRenderer()


@contextmanager
def open_log(
    stream: TextIO,
    *,
    level: str,
    now: Callable[[], datetime],
    as_json: bool = False,
    secrets: Sequence[str] = (),
) -> Iterator["Log"]:
    """Let everything that is logged go to ``stream``, from ``level`` on, until the context ends.

    Of libraries only warnings and worse. What looks like a token or a password, and each of ``secrets``, is
    left out of every line (law L12); what a terminal would obey is written out. ``now`` is the game's time.
    """
    log = Log(now, as_json, secrets)
    handler = _Lines(stream)
    handler.setLevel(level)
    handler.addFilter(Repeats())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.contextvars.merge_contextvars,
                log.named,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                log.rendered,
            ]
        )
    )
    root, ours = logging.getLogger(), logging.getLogger(_OURS)
    before = (root.level, ours.level, structlog.get_config() if structlog.is_configured() else None)
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, handler.level))
    ours.setLevel(level)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    try:
        yield log
    finally:
        logging.captureWarnings(False)
        structlog.reset_defaults()
        root_level, our_level, config = before
        if config is not None:
            structlog.configure(**config)
        root.removeHandler(handler)
        root.setLevel(root_level)
        ours.setLevel(our_level)


class Log:
    """What every line of the log has; ``now`` may be told later, once there is a clock of the game."""

    def __init__(self, now: Callable[[], datetime], as_json: bool, secrets: Sequence[str]) -> None:
        self.now = now
        self._render = _as_json if as_json else _as_words
        self._secrets = [secret for secret in secrets if secret]

    def named(self, logger: Any, method: str, fields: EventDict) -> EventDict:
        """Add time, level and kind, and who speaks where it is a library."""
        record: logging.LogRecord = fields["_record"]
        fields.setdefault("time", instant(self.now()))
        fields["level"] = record.levelname
        ours = bool(fields["_from_structlog"])
        if "kind" not in fields:
            fields["kind"] = "DAEMON_BUG" if fields.get("exc_info") else "DAEMON" if ours else "LIBRARY"
        if not ours:
            fields["logger"] = record.name
        fields.pop("place", None)
        if unsaid := getattr(record, Repeats.UNSAID, 0):
            fields["repeated"] = unsaid
        return fields

    def rendered(self, logger: Any, method: str, fields: EventDict) -> str:
        """One line, in which nothing is secret and everything can be shown."""
        fields["message"] = fields.pop("event")
        ordered = {name: fields.pop(name) for name in _FIRST if name in fields} | dict(fields)
        text = str(self._render(logger, method, ordered))
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _escaped(_SECRETS.sub(_HIDDEN, text))


class Repeats(logging.Filter):
    """Leaves out trouble that was told before: it passes when it comes or changes, and ever more rarely.

    The same warning passes again after a minute of real time, then after two, four, up to an hour; the line
    then says how many were left out. A library's line of code counts as one trouble, whatever its words.
    """

    UNSAID = "goodsfactory_unsaid"

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[object, tuple[float, float, int]] = {}
        """trouble → when it passed last, how long it is left out from then, how often it was"""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        trouble = _trouble(record)
        last, silence, unsaid = self._told.pop(trouble, (float("-inf"), 0.0, 0))
        passed = record.created - last
        if passed < silence:
            self._told[trouble] = (last, silence, unsaid + 1)
            return False
        longer = min(2 * silence, _LONGEST_SILENCE) if passed < 2 * silence else _SILENCE
        self._told[trouble] = (record.created, longer, 0)
        if len(self._told) > _MOST_REMEMBERED:
            del self._told[next(iter(self._told))]
        setattr(record, self.UNSAID, unsaid)
        return True


def _trouble(record: logging.LogRecord) -> object:
    if isinstance(record.msg, Mapping):
        said = record.msg
        return record.name, said.get("place") or (said.get("kind"), said.get("event"), said.get("agent"))
    error = record.exc_info[0] if record.exc_info else None
    return record.pathname, record.lineno, error


class _Lines(logging.StreamHandler[TextIO]):
    """Writes lines. A reader that went away (`daemon run 2>&1 | head`) or a full disk stops no work."""

    def handleError(self, record: logging.LogRecord) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def _escaped(text: str) -> str:
    """``text`` with every character that is not for reading written out, such as ``\\x1b``."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
