"""Answers that are not a success, as errors that decide (domain/errors.py). The one boundary for them.

The game's error code decides, not the HTTP status (api-facts §3).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import msgspec

from goodsfactory.adapters.spacetraders.bounds import printable, printable_data
from goodsfactory.adapters.spacetraders.set_aside import SENSELESS
from goodsfactory.adapters.spacetraders.wire import ErrorBody, ErrorEnvelope
from goodsfactory.domain.errors import (
    GoodsFactoryError,
    NotFound,
    Refused,
    StaleToken,
    Unavailable,
    Unreadable,
)

_STALE = frozenset({401, *range(4100, 4110), 4113})
_REGISTRATION = frozenset({4110, 4111, 4112, 4114, 4115, 4116})
"""Refusals of a call sign or an account token: no agent's token is concerned."""
_TROUBLE = frozenset({3000, 3002, 3100, 3200})
"""The server's own trouble, whatever status it comes under: serialisation, handlers, maintenance, reset."""
_UNSERIALIZABLE = 3000
_UNKNOWN_MARKET = 4603
_TOO_MANY = 429

_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
_JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?")
_HIDDEN = "[hidden]"
_CODES = range(100, 10_000)
"""Codes have four digits, or are an HTTP status (api-facts §3.1)."""
_ENVELOPE = msgspec.json.Decoder(ErrorEnvelope)

LONGEST_PAUSE = 300.0
"""Game seconds to obey at most. The game's own windows last a minute, and what stands before it asks for
minutes (api-facts §2): whoever waits longer is told so by the next answer."""


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def error_of(answer: Answer, asked: str, *, changes: bool, secret: str | None = None) -> GoodsFactoryError:
    """The error an answer that is neither a success nor a limit stands for.

    ``asked`` names the call (``GET /my/agent``), ``secret`` is a token that must not be repeated. Only the
    game's own envelope is the game's no, and only with its code where the call ``changes`` the world.
    Unavailable comes with ``maybe_done`` unset: the caller knows whether anything was sent.
    """
    status = answer.status
    body = _body(answer)
    if body is not None and body.code is None and changes:
        body = None
    code = body.code if body is not None and body.code is not None else status
    said = _sentence(body.message, secret) if body is not None else ""
    if status >= 500 or code in _TROUBLE:
        why = f": {said}" if said else "."
        message = f"The game server failed at {asked} (HTTP {status}, code {code}){why}"
        kind = Unreadable if code == _UNSERIALIZABLE else Unavailable
        return kind(message, retry_after=pause_told(answer, None))
    if not 400 <= status < 500 or body is None:
        # What a machine in front of the game cannot find or forbids says nothing about the game.
        return Unavailable(
            f"What answered {asked} is not the game: HTTP {status} instead of a result; check the base URL."
        )
    message = said or f"The game server answered {asked} with HTTP {status} and gave no reason."
    data = None
    if isinstance(body.data, dict):
        data = printable_data(body.data, lambda text: printable(hide(text, secret)))
    kind_of_no = _kind(status, code)
    return kind_of_no(message, code=code, status=status, data=data)


def never_sent(error: httpx2.RequestError) -> bool:
    """True when the request cannot have reached the server."""
    return isinstance(error, _NEVER_SENT)


def lost_answer(error: httpx2.RequestError, asked: str) -> tuple[str, bool]:
    """A sentence for a request that got no answer, and whether it can have reached the server."""
    slow = isinstance(error, httpx2.TimeoutException)
    if never_sent(error):
        why = "no connection in time" if slow else "it does not accept connections"
        return f"The game server cannot be reached for {asked}: {why}.", False
    if isinstance(error, httpx2.DecodingError):
        return f"The game server's answer to {asked} cannot be read.", True
    if slow:
        return f"The game server did not answer {asked} in time.", True
    return f"The connection to the game server broke during {asked}.", True


def is_limit(answer: Answer, *, changes: bool) -> bool:
    """True where an answer says that the call was not made because of the limit.

    A 429 that is not the game's own comes from a machine before it, and the call may have passed that one:
    nothing that changes the world is repeated on its word.
    """
    return answer.status == _TOO_MANY and (not changes or _body(answer) is not None)


def pause_told(answer: Answer, now: datetime | None) -> float | None:
    """The seconds a 429 or 503 asks to wait: ``retry-after`` in either form, or the body's ``retryAfter``.

    No more than ``LONGEST_PAUSE``, whatever it asks for.
    """
    told = answer.headers.get("retry-after")
    if told is not None:
        seconds = _number(told)
        if seconds is not None:
            return seconds
        instant = _date(told)
        sent = _date(answer.headers.get("date", "")) or now
        if instant is not None and sent is not None:
            return min(LONGEST_PAUSE, max(0.0, (instant - sent).total_seconds()))
    body = _body(answer)
    if body is None or not isinstance(body.data, dict):
        return None
    return _number(body.data.get("retryAfter"))


def hide(text: str, secret: str | None) -> str:
    """``text`` without the token, or anything that looks like one."""
    if secret:
        text = text.replace(secret, _HIDDEN)
    return _JWT.sub(_HIDDEN, text)


def _kind(status: int, code: int) -> type[Refused]:
    if code in _STALE or (status == 401 and code not in _REGISTRATION):
        return StaleToken
    return NotFound if status == 404 or code in (404, _UNKNOWN_MARKET) else Refused


def _body(answer: Answer) -> ErrorBody | None:
    try:
        body = _ENVELOPE.decode(answer.content).error
    except SENSELESS:  # a machine in front of the game answers in HTML, or not at all
        return None
    return body if body.code is None or body.code in _CODES else None


def _sentence(text: str, secret: str | None) -> str:
    flat = printable(hide(text, secret))
    if flat and flat[-1] not in ".!?…":
        flat += "."
    return flat


def _number(told: Any) -> float | None:
    try:
        seconds = float(told)
    except (TypeError, ValueError, OverflowError):
        return None
    return min(seconds, LONGEST_PAUSE) if seconds >= 0 else None


def _date(text: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year, or a zone, beyond any calendar
        return None
    return instant if instant.tzinfo is not None else None
