"""Answers that are not a success, as errors that decide (domain/errors.py). The one boundary for them.

The game's error code decides, not the HTTP status (api-facts §3).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import msgspec

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

_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
_LONGEST_MESSAGE = 300
_JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?")
_HIDDEN = "[hidden]"
_ENVELOPE = msgspec.json.Decoder(ErrorEnvelope)


def error_of(response: httpx2.Response, asked: str, *, secret: str | None = None) -> GoodsFactoryError:
    """The error an answer that is neither a success nor a 429 stands for.

    ``asked`` names the call (``GET /my/agent``), ``secret`` is a token that must not be repeated.
    Unavailable comes with ``maybe_done`` unset: only the caller knows whether its call changes the world.
    """
    status = response.status_code
    body = _body(response)
    code = body.code if body is not None and body.code is not None else status
    said = _sentence(body.message, secret) if body is not None else ""
    if status >= 500 or code in _TROUBLE:
        why = f": {said}" if said else "."
        message = f"The game server failed at {asked} (HTTP {status}, code {code}){why}"
        kind = Unreadable if code == _UNSERIALIZABLE else Unavailable
        return kind(message, retry_after=pause_told(response, None))
    if not 400 <= status < 500 or (status == 404 and body is None):
        # A ship that a machine in front of the game cannot find is not gone: only the game itself says so.
        return Unavailable(
            f"What answered {asked} is not the game: HTTP {status} instead of a result; check the base URL."
        )
    message = said or f"The game server answered {asked} with HTTP {status} and gave no reason."
    data = _without(body.data, secret) if body is not None and body.data else None
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
    if slow:
        return f"The game server did not answer {asked} in time.", True
    return f"The connection to the game server broke during {asked}.", True


def pause_told(response: httpx2.Response, now: datetime | None) -> float | None:
    """The seconds a 429 or 503 asks to wait: ``retry-after`` in either form, or the body's ``retryAfter``."""
    told = response.headers.get("retry-after")
    if told is not None:
        seconds = _number(told)
        if seconds is not None:
            return seconds
        instant = _date(told)
        sent = _date(response.headers.get("date", "")) or now
        if instant is not None and sent is not None:
            return max(0.0, (instant - sent).total_seconds())
    body = _body(response)
    return _number(body.data.get("retryAfter")) if body is not None and body.data else None


def hide(text: str, secret: str | None) -> str:
    """``text`` without the token, or anything that looks like one."""
    if secret:
        text = text.replace(secret, _HIDDEN)
    return _JWT.sub(_HIDDEN, text)


def _kind(status: int, code: int) -> type[Refused]:
    if code in _STALE or (status == 401 and code not in _REGISTRATION):
        return StaleToken
    return NotFound if status == 404 or code in (404, _UNKNOWN_MARKET) else Refused


def _body(response: httpx2.Response) -> ErrorBody | None:
    try:
        return _ENVELOPE.decode(response.content).error
    except msgspec.DecodeError:  # a machine in front of the game answers in HTML, or not at all
        return None


def _sentence(text: str, secret: str | None) -> str:
    flat = " ".join(hide(text, secret).split())
    if flat and flat[-1] not in ".!?":
        flat += "."
    return flat if len(flat) <= _LONGEST_MESSAGE else flat[: _LONGEST_MESSAGE - 1] + "…"


def _without(data: Any, secret: str | None) -> Any:
    if isinstance(data, str):
        return hide(data, secret)
    if isinstance(data, Mapping):
        return {key: _without(value, secret) for key, value in data.items()}
    if isinstance(data, list):
        return [_without(value, secret) for value in data]
    return data


def _number(told: Any) -> float | None:
    try:
        seconds = float(told)
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < 86_400 else None


def _date(text: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None
