"""Values of settings: what a type and its bounds accept, and the sentence for what they do not.

A setting is declared once, by its type: ``Annotated[float, msgspec.Meta(ge=1, le=60)]``. Reading, refusing
and the table of the reference all go by that declaration.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from urllib.parse import urlsplit

import msgspec

from goodsfactory.domain.errors import UserError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MOST_SHOWN = 40
_SECRET = "secret"


def _is_server(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    bare = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and bare


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_word(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _text(words: str, **more: Any) -> msgspec.Meta:
    return msgspec.Meta(min_length=1, max_length=4096, description=words, extra=more)


ServerUrl = Annotated[
    str,
    _text(
        "an address that begins with http:// or https://, has no port above 65535 and holds no password",
        check=_is_server,
    ),
]
IpAddress = Annotated[str, _text("an IP address of this machine", check=_is_address)]
Secret = Annotated[str, _text("one word of printable ASCII characters", secret=True, check=_is_word)]
Database = Annotated[str, _text("a path, or a sqlite:/// or postgresql:// URL", secret=True)]


def accept(name: str, type_: Any, value: Any, where: str, *, strict: bool) -> Any:
    """``value`` as ``type_``. Raises UserError: one sentence with ``where`` it was set, its name and bounds.

    Strict is for values that have a type of their own (TOML); otherwise text is read.
    """
    plain, meta = _declared(type_)
    try:
        converted = msgspec.convert(_candidate(plain, value), type=type_, strict=strict, dec_hook=_decode)
    except (msgspec.ValidationError, ValueError):
        raise _refusal(name, type_, value, where) from None
    if isinstance(converted, str) and not isinstance(converted, StrEnum) and _is_odd(converted, meta):
        raise _refusal(name, type_, value, where)
    return converted.expanduser() if isinstance(converted, Path) else converted


def expected(type_: Any) -> str:
    """What a setting of this type accepts, in words that follow "must be"."""
    plain, meta = _declared(type_)
    if meta is not None and meta.description:
        return meta.description
    if plain is bool:
        return "true or false"
    if plain is Path:
        return "a path"
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return f"one of {', '.join(plain)}"
    kind = "a whole number" if plain is int else "a number"
    if meta is None or meta.ge is None or meta.le is None:
        raise TypeError(f"a number among the settings has no bounds: {type_}")
    return f"{kind} from {_number(meta.ge)} to {_number(meta.le)}"


def is_secret(type_: Any) -> bool:
    """Whether a value of this type may hold a token or a password."""
    meta = _declared(type_)[1]
    return meta is not None and bool((meta.extra or {}).get(_SECRET))


def _declared(type_: Any) -> tuple[Any, msgspec.Meta | None]:
    """The plain type behind ``Annotated`` and ``| None``, and its constraints."""
    if get_origin(type_) in (Union, UnionType):
        (type_,) = [one for one in get_args(type_) if one is not type(None)]
    if get_origin(type_) is Annotated:
        plain, meta = get_args(type_)
        return plain, meta
    return type_, None


def _candidate(plain: Any, value: Any) -> Any:
    """Words of an enumeration are taken in any case."""
    if isinstance(value, str) and isinstance(plain, type) and issubclass(plain, StrEnum):
        return next((one for one in plain if one.lower() == value.strip().lower()), value)
    return value


def _decode(type_: type, value: Any) -> Any:
    if type_ is Path and isinstance(value, str | Path) and str(value) and "\0" not in str(value):
        return Path(value)
    raise ValueError(f"{value!r} is no {type_}")


def _is_odd(text: str, meta: msgspec.Meta | None) -> bool:
    extra: Mapping[str, Any] = (meta.extra if meta is not None else None) or {}
    return _CONTROL.search(text) is not None or not extra.get("check", bool)(text)


def _refusal(name: str, type_: Any, value: Any, where: str) -> UserError:
    place = f"{where}: " if where else ""
    given = "" if is_secret(type_) else f", not {_shown(value)}"
    return UserError(f"{place}{name} must be {expected(type_)}{given}.")


def _shown(value: Any) -> str:
    try:
        text = value.strip() if isinstance(value, str) else str(value)
    except ValueError:  # more digits than Python writes out
        return "a number with thousands of digits"
    short = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
    return short if isinstance(value, int | float) or re.fullmatch(r"[\w.+-]+…?", short) else repr(short)


def _number(bound: float) -> str:
    return f"{bound:,.0f}" if bound == int(bound) else f"{bound:g}"
