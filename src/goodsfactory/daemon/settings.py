"""Settings of the daemon: those of a file, overruled by the environment, overruled by flags."""

import os
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from functools import reduce
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints
from urllib.parse import urlsplit

import platformdirs
from msgspec import Meta

from goodsfactory.api.address import default_socket
from goodsfactory.daemon.setting_values import Database, IpAddress, Secret, ServerUrl, accept
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.factory import DEFAULT_STRATEGY, Strategy
from goodsfactory.domain.goods import near_matches
from goodsfactory.domain.named_file import text_of
from goodsfactory.planning.policy import Policy

LIVE_SERVER = "https://api.spacetraders.io/v2"
SETTINGS_FILE = "goodsfactory.toml"
FILE_VARIABLE = "GOODS_CONFIG"
"""The environment variable that names the settings file."""

HIDDEN = "<secret>"

_PREFIX = "GOODS_"
_GAME_VARIABLES = {"token": "SPACETRADERS_TOKEN", "base_url": "SPACETRADERS_BASE_URL"}
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class LogLevel(StrEnum):
    """From which level on something is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogFormat(StrEnum):
    """How a line of the log looks."""

    TEXT = "text"
    """key=value words"""
    JSON = "json"
    """one object a line"""


@dataclass(frozen=True)
class RateLimit:
    """What the server allows per address and account (api-facts §2)."""

    per_second: Annotated[int, Meta(ge=1, le=1_000)] = 2
    burst: Annotated[int, Meta(ge=0, le=10_000)] = 30
    burst_window: Annotated[float, Meta(ge=1, le=3_600)] = 60.0
    """seconds after which the burst is whole again"""


@dataclass(frozen=True)
class HistorySettings:
    """How long details stay; totals, the ledger and the life of factories always do."""

    keep: Annotated[float, Meta(ge=1, le=3_650)] = 30.0
    """days after which events, log lines, finished legs and ended containers are removed"""


@dataclass(frozen=True)
class Settings:
    """Everything the daemon can be told; a table within is a dataclass within.

    ``database`` is a path, or a URL, which may hold a password.
    """

    state_dir: Path
    database: Database = field(repr=False)
    socket: Path
    base_url: ServerUrl = LIVE_SERVER
    token: Secret | None = field(default=None, repr=False)
    source_address: IpAddress | None = None
    """the address of this machine to send from; the game limits requests per address"""
    supply_chain_path: Path | None = None
    strategy: Strategy = DEFAULT_STRATEGY
    quote_at_start: bool = True
    """whether a factory that starts is quoted, for `goods report` to compare with; takes processor time"""
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.TEXT
    rate_limit: RateLimit = field(default_factory=RateLimit)
    history: HistorySettings = field(default_factory=HistorySettings)
    policy: Policy = field(default_factory=Policy)

    def secrets(self) -> tuple[str, ...]:
        """Words that may stand in no output: the token, and the password of the database."""
        password = _password_of(self.database)
        return tuple(word for word in (self.token, password) if word)


class Given(NamedTuple):
    """A value that somebody set, and where: a file's path, a variable, or "flag"."""

    value: Any
    where: str


def load_settings(flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None) -> Settings:
    """Put the settings together: ``file`` < ``environ`` < ``flags``.

    Flags and the tables of the file use dotted names (``policy.credit_floor``); a flag that is None was not
    given. In the environment a setting is ``GOODS_`` and its last name in capitals (other tables than the
    policy keep their name: ``GOODS_RATE_LIMIT_BURST``), the token and the address ``SPACETRADERS_TOKEN`` and
    ``SPACETRADERS_BASE_URL``; an empty variable sets nothing. Raises UserError, naming where it stands, for
    an unknown name, a value that cannot be, a token among the flags, and a file that cannot be read or that
    lets others read a secret.
    """
    return settings_from(
        {name: one.value for name, one in read_settings(flags, environ, file).items()}, environ
    )


def read_settings(
    flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None
) -> dict[str, Given]:
    """What is set, by dotted name, after precedence. Raises as :func:`load_settings`."""
    types = setting_types()
    given: dict[str, Given] = {}
    if file is not None:
        for name, value in _file_values(file, types):
            given[name] = Given(accept(name, types[name], value, str(file), strict=True), str(file))
    variables = variables_of(types)
    for name, variable in variables.items():
        if text := environ.get(variable, "").strip():
            value = accept(name, types[name], text, variable, strict=False)
            given[name] = Given(value, variable)
    _refuse_unknown_variables(environ, {*variables.values(), FILE_VARIABLE})
    for name, value in flags.items():
        if name not in types:
            raise _unknown(name, types, "flags")
        if value is None:
            continue
        if name == "token":
            raise UserError(
                "A token is never a flag, which every user of the machine can see: set SPACETRADERS_TOKEN,"
                " or add the agent with `spacetraders player add`."
            )
        given[name] = Given(accept(name, types[name], value, "", strict=False), "flag")
    return given


def settings_from(values: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Settings of accepted values by dotted name; the rest are defaults."""
    values = dict(values)
    state_dir = values.setdefault("state_dir", usual_state_dir())
    values.setdefault("database", str(state_dir / "goodsfactory.sqlite"))
    values.setdefault("socket", default_socket(environ))
    settings: Settings = _build(Settings, values, "")
    return settings


def effective(
    flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None
) -> list[dict[str, Any]]:
    """Every setting as ``name``, ``value`` in its JSON form and ``source``; a secret's value is hidden."""
    given = read_settings(flags, environ, file)
    settings = settings_from({name: one.value for name, one in given.items()}, environ)
    rows = []
    for name in setting_types():
        value: Any = reduce(getattr, name.split("."), settings)
        if value is not None and _holds_secret(name, value):
            value = HIDDEN
        source = given[name].where if name in given else "default"
        rows.append(
            {"name": name, "value": str(value) if isinstance(value, Path) else value, "source": source}
        )
    return rows


def usual_state_dir() -> Path:
    """Where everything durable is kept unless a setting names another place."""
    return platformdirs.user_state_path("goodsfactory")


def settings_file(named: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file to read: the one ``named``, that of ``$GOODS_CONFIG``, or the user's own where there is one.

    Never one of the working directory: whoever can write there could point the daemon at another server.
    """
    if named is not None:
        return named
    if environ.get(FILE_VARIABLE):
        return Path(environ[FILE_VARIABLE]).expanduser()
    own = platformdirs.user_config_path("goodsfactory") / SETTINGS_FILE
    return own if own.is_file() else None


def setting_types() -> dict[str, Any]:
    """Dotted name of every setting → its declared type."""
    return dict(_types(Settings))


def variables_of(types: Iterable[str]) -> dict[str, str]:
    """Setting → the environment variable that sets it."""
    return {
        name: _GAME_VARIABLES.get(name, _PREFIX + name.removeprefix("policy.").replace(".", "_").upper())
        for name in types
    }


def _types(kind: type, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, hint in get_type_hints(kind, include_extras=True).items():
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


def _refuse_unknown_variables(environ: Mapping[str, str], known: set[str]) -> None:
    for variable in sorted(environ):
        if variable.startswith(_PREFIX) and variable not in known:
            raise UserError(f"The environment variable {variable} is not a setting{_meant(variable, known)}")


def _file_values(file: Path, types: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    try:
        with file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            document = tomllib.loads(text_of(opened))
    except OSError as error:
        raise UserError(f"The settings file {file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError
        raise UserError(f"The settings file {file} is not TOML: {error}.") from None
    for name, value in _flat(document, types):
        if name not in types:
            raise _unknown(name, types, str(file))
        if _holds_secret(name, value) and (status.st_mode & _OTHERS or status.st_uid != os.geteuid()):
            raise UserError(
                f"{file}: {name} is a secret, and other users may read this file: make it yours alone with"
                f" `chmod 600 {file}`.",
                kind="precondition",
            )
        yield name, value


def _holds_secret(name: str, value: Any) -> bool:
    if name == "token":
        return True
    if name != "database" or not isinstance(value, str) or "://" not in value:
        return False
    return _password_of(value) is not None or "password=" in value


def _password_of(database: str) -> str | None:
    """The password in a URL; all of a URL that cannot be read, which might be one."""
    try:
        return urlsplit(database).password if "://" in database else None
    except ValueError:
        return database


def _flat(table: Mapping[str, Any], types: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and any(known.startswith(f"{name}.") for known in types):
            yield from _flat(value, types, f"{name}.")
        else:
            yield name, value


def _unknown(name: str, types: Mapping[str, Any], where: str) -> UserError:
    inside = sorted(known for known in types if known.startswith(f"{name}."))
    if inside:
        return UserError(f"{where}: {name} is a table of settings; give one of them, such as {inside[0]}.")
    return UserError(f"{where}: there is no setting {name}{_meant(name, types)}")


_RENAMED = {"policy.dispatcher_interval": "policy.planner_interval"}
"""Setting as an earlier version called it → its name now."""


def _meant(name: str, known: Mapping[str, Any] | set[str]) -> str:
    before = _RENAMED | {variables_of([old])[old]: variables_of([new])[new] for old, new in _RENAMED.items()}
    if name in before:
        return f" any more: it is {before[name]} now."
    by_capitals = {one.upper(): one for one in known}
    near = near_matches(name, by_capitals, limit=1)
    return f"; did you mean {by_capitals[near[0]]}?" if near else "."
