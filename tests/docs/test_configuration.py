"""The table of settings says what the daemon really reads."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from goodsfactory.daemon.settings import Settings, load_settings
from goodsfactory.domain.errors import UserError

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "configuration.md"
ROW = re.compile(r"^\| `([a-z_.]+)` \| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = {name: (variable, default) for name, variable, default, _, _ in ROW.findall(PAGE.read_text("utf-8"))}
SAMPLES = {
    "source_address": "127.0.0.2",
    "base_url": "http://127.0.0.1:1/v2",
    "strategy": "prefer-buy",
    "quote_at_start": "false",
    "log_level": "DEBUG",
    "policy.outside_spending": "book",
}


def settings_of(kind: type, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted name and default of every setting."""
    hints = get_type_hints(kind)
    for one in fields(kind):
        hint = hints[one.name]
        if isinstance(hint, type) and is_dataclass(hint):
            yield from settings_of(hint, f"{prefix}{one.name}.")
        else:
            yield f"{prefix}{one.name}", one.default


DEFAULTS = dict(settings_of(Settings))


def value_of(settings: Settings, name: str) -> Any:
    value: Any = settings
    for part in name.split("."):
        value = getattr(value, part)
    return value


def test_the_table_holds_every_setting_and_no_other() -> None:
    """A setting added or removed in the code is added or removed in the table."""
    assert sorted(ROWS) == sorted(DEFAULTS)


@pytest.mark.parametrize("name", [n for n, d in DEFAULTS.items() if d is not MISSING and d is not None])
def test_the_default_shown_is_the_default(name: str) -> None:
    """The table shows the value that holds when nobody sets one."""
    default = DEFAULTS[name]
    assert ROWS[name][1] == f"`{default.value if isinstance(default, Enum) else default}`"


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_the_variable_shown_sets_the_setting(name: str) -> None:
    """The environment variable of a row changes exactly the setting of that row."""
    default = DEFAULTS[name]
    if name in SAMPLES:
        text = SAMPLES[name]
    elif isinstance(default, Enum):
        text = "HIGH"
    else:
        text = "7"
    plain = load_settings({}, {}, None)
    changed = load_settings({}, {ROWS[name][0]: text}, None)
    assert str(value_of(changed, name)).lower() in (text.lower(), f"{text}.0")
    follows = {"database"} if name == "state_dir" else set()
    moved = {other for other in DEFAULTS if value_of(changed, other) != value_of(plain, other)}
    assert moved - follows == {name}


def test_the_refusal_shown_is_the_refusal() -> None:
    """The sentence the page quotes for a misspelt name is the one a user gets."""
    with pytest.raises(UserError) as refused:
        load_settings({"policy.credit_flor": "0"}, {}, None)
    assert f"spacetraders: {refused.value}" in PAGE.read_text("utf-8")
