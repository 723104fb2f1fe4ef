"""Every setting by every way, through the command line: set it, and read back what a daemon would obey."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from goodsfactory.cli.main import main
from goodsfactory.daemon.settings import effective, load_settings, setting_types, variables_of
from goodsfactory.domain.errors import UserError

TYPES = setting_types()
VARIABLES = variables_of(TYPES)
WAYS = ("file", "variable", "flag")
OTHERS: dict[str, Any] = {
    "state_dir": "/tmp/elsewhere",
    "database": "/tmp/other.sqlite",
    "socket": "/tmp/other.sock",
    "base_url": "http://127.0.0.1:8000/v2",
    "token": "a-token-of-mine",
    "source_address": "127.0.0.2",
    "supply_chain_path": "/tmp/recipes.json",
    "strategy": "prefer-buy",
    "quote_at_start": False,
    "log_level": "DEBUG",
    "log_format": "json",
    "policy.ready_supply": "HIGH",
    "policy.outside_spending": "book",
}
"""Another value than the default for each setting that is no number."""

NAMED = {
    "state_dir": "--state-dir",
    "database": "--database",
    "socket": "--socket",
    "base_url": "--base-url",
    "supply_chain_path": "--supply-chain",
    "strategy": "--strategy",
    "log_level": "--log-level",
}


def default_of(name: str) -> Any:
    value: Any = load_settings({}, {}, None)
    for part in name.split("."):
        value = getattr(value, part)
    return value


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def toml(name: str, value: Any, *, after: str = "") -> str:
    """One setting as lines of a file; JSON writes these values as TOML does."""
    table, _, key = name.rpartition(".")
    begun = not table or f"[{table}]\n" in after
    return ("" if begun else f"[{table}]\n") + f"{key} = {json.dumps(value)}\n"


def written(folder: Path, text: str) -> Path:
    """A settings file that is the user's alone."""
    file = folder / "some.toml"
    file.write_text(text)
    file.chmod(0o600)
    return file


def set_by(way: str, name: str, value: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Set one setting one way; the words that the command needs for it."""
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    if way == "file":
        return ["--config", str(written(folder, toml(name, value)))]
    if way == "variable":
        monkeypatch.setenv(VARIABLES[name], text)
        return []
    return ["--set", f"{name}={text}"]


def read_back(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code, out, err = ran(capsys, "daemon", "settings", "--json", *words)
    assert (code, err) == (0, "")
    return {row["name"]: row["value"] for row in json.loads(out)["settings"]}


def another_value(name: str) -> Any:
    return OTHERS[name] if name in OTHERS else default_of(name) + 1


@pytest.mark.parametrize("way", WAYS)
def test_every_setting_can_be_set_each_way(
    way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them at once, read back from the command; a token alone is refused as a flag."""
    words: list[str] = []
    text = ""
    # A table of the file, once begun, ends only with the next.
    for name in sorted(TYPES, key=lambda name: ("." in name, name)):
        value = another_value(name)
        if way == "file":
            text += toml(name, value, after=text)
        elif name != "token" or way == "variable":
            words += set_by(way, name, value, tmp_path, monkeypatch)
    if way == "file":
        words = ["--config", str(written(tmp_path, text))]
    told = read_back(capsys, *words)
    wanted = {name: another_value(name) for name in TYPES}
    assert told == wanted | {"token": None if way == "flag" else "<secret>"}


@pytest.mark.parametrize("way", WAYS)
def test_a_setting_changes_nothing_but_itself(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other; only the database follows its state directory."""
    before = {row["name"]: row["value"] for row in effective({}, {}, None)}
    for name in sorted(set(TYPES) - ({"token"} if way == "flag" else set())):
        value = another_value(name)
        text = json.dumps(value) if isinstance(value, bool) else str(value)
        file = written(tmp_path, toml(name, value)) if way == "file" else None
        flags = {name: text} if way == "flag" else {}
        variables = {VARIABLES[name]: text} if way == "variable" else {}
        after = {row["name"]: row["value"] for row in effective(flags, variables, file)}
        follows = {"database"} if name == "state_dir" else set()
        assert {one for one in after if after[one] != before[one]} - follows == {name}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_flag_of_its_own_sets_a_setting_too(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And says so twice only in one voice."""
    words = [NAMED[name], str(OTHERS[name])]
    assert read_back(capsys, *words)[name] == OTHERS[name]
    code, _, err = ran(capsys, "daemon", "settings", *words, "--set", f"{name}={OTHERS[name]}")
    assert (code, err) == (2, f"spacetraders: {name} is given twice; give it once.\n")


@pytest.mark.parametrize("way", WAYS)
def test_each_default_can_be_written_down(way: str, tmp_path: Path) -> None:
    """The value that holds when nobody sets one is acceptable wherever it is set."""
    for name in TYPES:
        value = default_of(name)
        if value is None:
            continue
        plain = value if isinstance(value, bool | int | float) else str(value)
        text = json.dumps(plain) if isinstance(plain, bool) else str(plain)
        file = written(tmp_path, toml(name, plain)) if way == "file" else None
        flags = {name: text} if way == "flag" else {}
        variables = {VARIABLES[name]: text} if way == "variable" else {}
        assert load_settings(flags, variables, file) == load_settings({}, {}, None)


NUMBERS = sorted(name for name in TYPES if type(default_of(name)) in (int, float))


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e300", "-1e300", "9" * 5_000, "", "many"])
def test_a_number_is_finite_and_bounded(value: str) -> None:
    """One sentence with the setting's name and its bounds."""
    for name in NUMBERS:
        with pytest.raises(UserError, match=rf"^{re.escape(name)} must be a .*number from .* to .*, not"):
            load_settings({name: value}, {}, None)


def test_flags_overrule_the_environment_which_overrules_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each value says where it comes from."""
    words = set_by("file", "policy.credit_floor", 1, tmp_path, monkeypatch)
    sources = []
    for more in ([], ["variable"], ["variable", "flag"]):
        if "variable" in more:
            set_by("variable", "policy.credit_floor", 2, tmp_path, monkeypatch)
        flags = ["--set", "policy.credit_floor=3"] if "flag" in more else []
        _, out, _ = ran(capsys, "daemon", "settings", "--json", *words, *flags)
        (row,) = [row for row in json.loads(out)["settings"] if row["name"] == "policy.credit_floor"]
        sources.append((row["value"], row["source"]))
    assert sources == [(1, words[1]), (2, "GOODS_CREDIT_FLOOR"), (3, "flag")]


def test_no_secret_is_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a token nor a password of the database (law L12)."""
    monkeypatch.setenv("SPACETRADERS_TOKEN", "eyJ-very-secret")
    monkeypatch.setenv("GOODS_DATABASE", "postgresql://goods:hush@db/factory")
    for words in ([], ["--json"]):
        _, out, _ = ran(capsys, "daemon", "settings", *words)
        assert out.count("<secret>") == 2
        assert "eyJ-very-secret" not in out
        assert "hush" not in out
