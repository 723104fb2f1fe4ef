"""Settings of the daemon: goodsfactory.toml, overruled by the environment, overruled by flags."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import platformdirs

from goodsfactory.api.address import default_socket
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.factory import Strategy
from goodsfactory.domain.goods import near_matches
from goodsfactory.planning.policy import Policy

LIVE_SERVER = "https://api.spacetraders.io/v2"
SETTINGS_FILE = "goodsfactory.toml"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

_PREFIX = "GOODS_"
_GAME_VARIABLES = {"token": "SPACETRADERS_TOKEN", "base_url": "SPACETRADERS_BASE_URL"}


@dataclass(frozen=True)
class RateLimit:
    """What the server allows per address and account (api-facts §2)."""

    per_second: int = 2
    burst: int = 30
    burst_window: float = 60.0
    """seconds after which the burst is whole again"""


@dataclass(frozen=True)
class Settings:
    """Everything the daemon can be told. ``database`` is a path, or a URL, which may hold a password."""

    state_dir: Path
    database: str = field(repr=False)
    socket: Path
    base_url: str = LIVE_SERVER
    token: str | None = field(default=None, repr=False)
    source_address: str | None = None
    """the address of this machine to send from; the game limits requests per address"""
    supply_chain_path: Path | None = None
    strategy: Strategy = Strategy.SMART
    quote_at_start: bool = True
    """whether a factory that starts is quoted, for `goods report` to compare with; takes processor time"""
    log_level: str = "INFO"
    rate_limit: RateLimit = field(default_factory=RateLimit)
    policy: Policy = field(default_factory=Policy)


def load_settings(flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None) -> Settings:
    """Put the settings together: ``file`` < ``environ`` < ``flags``.

    Flags and the tables of the file use dotted names (``policy.credit_floor``); a flag that is None was not
    given. In the environment a setting is ``GOODS_`` and its last name in capitals (the rate limit keeps its
    table's name: ``GOODS_RATE_LIMIT_BURST``), the token and the address ``SPACETRADERS_TOKEN`` and
    ``SPACETRADERS_BASE_URL``. Raises UserError, naming where it stands, for an unknown name, a value of the
    wrong kind, and a file that cannot be read.
    """
    types = dict(_types(Settings))
    values: dict[str, Any] = {}
    if file is not None:
        for name, value in _file_values(file, types):
            values[name] = _value(value, types[name], f"{file}: {name}", strict=True)
    for name, variable in _variables(types).items():
        if variable in environ:
            values[name] = _value(environ[variable], types[name], variable, strict=False)
    _refuse_unknown_variables(environ, _variables(types))
    for name, value in flags.items():
        if name not in types:
            raise _unknown(name, types, "flags")
        if value is not None:
            values[name] = _value(value, types[name], name, strict=False)
    _check(values)
    state_dir = values.setdefault("state_dir", platformdirs.user_state_path("goodsfactory"))
    values.setdefault("database", str(state_dir / "goodsfactory.sqlite"))
    values.setdefault("socket", default_socket(environ))
    settings: Settings = _build(Settings, values, "")
    return settings


def find_settings_file(directory: Path) -> Path | None:
    """The settings file of a directory, or None where there is none."""
    file = directory / SETTINGS_FILE
    return file if file.is_file() else None


def _types(kind: type, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, hint in get_type_hints(kind).items():
        if is_dataclass(hint) and isinstance(hint, type):
            yield from _types(hint, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", hint


def _build(kind: type, values: Mapping[str, Any], prefix: str) -> Any:
    arguments: dict[str, Any] = {}
    hints = get_type_hints(kind)
    for one in fields(kind):
        hint = hints[one.name]
        if is_dataclass(hint) and isinstance(hint, type):
            arguments[one.name] = _build(hint, values, f"{prefix}{one.name}.")
        elif f"{prefix}{one.name}" in values:
            arguments[one.name] = values[f"{prefix}{one.name}"]
    return kind(**arguments)


def _variables(types: Mapping[str, Any]) -> dict[str, str]:
    """Setting → the environment variable that sets it."""
    return {
        name: _GAME_VARIABLES.get(name, _PREFIX + name.removeprefix("policy.").replace(".", "_").upper())
        for name in types
    }


def _refuse_unknown_variables(environ: Mapping[str, str], variables: Mapping[str, str]) -> None:
    known = set(variables.values())
    for variable in sorted(environ):
        if variable.startswith(_PREFIX) and variable not in known:
            raise UserError(f"The environment variable {variable} is not a setting{_meant(variable, known)}")


def _file_values(file: Path, types: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UserError(f"The settings file {file} cannot be read: {reason}.") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"The settings file {file} is not TOML: {error}.") from None
    for name, value in _flat(document, types):
        if name not in types:
            raise _unknown(name, types, str(file))
        yield name, value


def _flat(table: Mapping[str, Any], types: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and any(known.startswith(f"{name}.") for known in types):
            yield from _flat(value, types, f"{name}.")
        else:
            yield name, value


def _unknown(name: str, types: Mapping[str, Any], where: str) -> UserError:
    return UserError(f"{where}: there is no setting {name}{_meant(name, types)}")


def _meant(name: str, known: Mapping[str, Any] | set[str]) -> str:
    by_capitals = {one.upper(): one for one in known}
    near = near_matches(name, by_capitals, limit=1)
    return f"; did you mean {by_capitals[near[0]]}?" if near else "."


def _value(value: Any, type_: Any, where: str, *, strict: bool) -> Any:
    try:
        converted = msgspec.convert(value, type=type_, strict=strict, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise UserError(f"{where}: {str(error).rstrip('.')}.") from None
    return converted.expanduser() if isinstance(converted, Path) else converted


def _decode(type_: type, value: Any) -> Any:
    if type_ is Path and isinstance(value, str | Path) and str(value):
        return Path(value)
    raise msgspec.ValidationError("Expected a path")


def _check(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, float) and value <= 0:
            raise UserError(f"{name} must be above 0, not {value:g}.")
        if isinstance(value, int) and value < 0:
            raise UserError(f"{name} must not be negative: {value}.")
    level = values.get("log_level", "INFO")
    if level not in LOG_LEVELS:
        raise UserError(f"log_level must be one of {', '.join(LOG_LEVELS)}, not {level}.")
    base_url = values.get("base_url", LIVE_SERVER)
    if not base_url.startswith(("http://", "https://")):
        raise UserError(f"base_url must begin with http:// or https://, not {base_url!r}.")
