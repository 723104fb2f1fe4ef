"""The table of settings says what the daemon really reads."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from goodsfactory.daemon.setting_values import expected
from goodsfactory.daemon.settings import Settings, load_settings, setting_types, variables_of
from goodsfactory.domain.errors import UserError

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "configuration.md"
ROW = re.compile(r"^\| `([a-z_.]+)` \| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = {
    name: (variable, default, bounds)
    for name, variable, default, _, bounds, _ in ROW.findall(PAGE.read_text("utf-8"))
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


def test_the_table_holds_every_setting_and_no_other() -> None:
    """A setting added or removed in the code is added or removed in the table."""
    assert sorted(ROWS) == sorted(DEFAULTS)


@pytest.mark.parametrize("name", [n for n, d in DEFAULTS.items() if d is not MISSING and d is not None])
def test_the_default_shown_is_the_default(name: str) -> None:
    """The table shows the value that holds when nobody sets one."""
    default = DEFAULTS[name]
    assert ROWS[name][1] == f"`{default.value if isinstance(default, Enum) else default}`"


def test_the_variables_shown_are_those_that_are_read() -> None:
    """One for each setting."""
    assert {name: row[0] for name, row in ROWS.items()} == variables_of(setting_types())


def test_the_bounds_shown_are_those_that_are_checked() -> None:
    """In the words of the refusal."""
    assert {name: row[2] for name, row in ROWS.items()} == {
        name: expected(type_) for name, type_ in setting_types().items()
    }


def test_the_refusal_shown_is_the_refusal() -> None:
    """The sentence the page quotes for a misspelt name is the one a user gets."""
    with pytest.raises(UserError) as refused:
        load_settings({"policy.credit_flor": "0"}, {}, None)
    assert f"spacetraders: {refused.value}" in PAGE.read_text("utf-8")
