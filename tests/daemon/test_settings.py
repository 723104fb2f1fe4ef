"""Settings: file, environment and flags, and what is refused."""

from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from goodsfactory.daemon.settings import Settings, find_settings_file, load_settings
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.factory import Strategy
from goodsfactory.domain.market import Supply
from goodsfactory.planning.policy import Policy


def written(folder: Path, text: str) -> Path:
    file = folder / "goodsfactory.toml"
    file.write_text(text)
    return file


def refusal(flags: dict[str, Any], environ: dict[str, str], file: Path | None = None) -> str:
    with pytest.raises(UserError) as caught:
        load_settings(flags, environ, file)
    return str(caught.value)


def test_without_anything_the_live_server_and_the_defaults_hold(tmp_path: Path) -> None:
    """Nobody has to configure anything; the database lies in the state directory."""
    settings = load_settings({"state_dir": tmp_path}, {"XDG_RUNTIME_DIR": "/run/user/7"}, None)
    assert settings == Settings(
        state_dir=tmp_path,
        database=str(tmp_path / "goodsfactory.sqlite"),
        socket=Path("/run/user/7/spacetraders-daemon.sock"),
    )
    assert (settings.base_url, settings.policy) == ("https://api.spacetraders.io/v2", Policy())


def test_the_environment_overrules_the_file_and_flags_overrule_both(tmp_path: Path) -> None:
    """goodsfactory.toml < environment < flags."""
    file = written(
        tmp_path,
        'base_url = "http://file/v2"\nlog_level = "DEBUG"\nstrategy = "prefer-buy"\n',
    )
    environ = {"SPACETRADERS_BASE_URL": "http://environment/v2", "GOODS_LOG_LEVEL": "WARNING"}
    settings = load_settings({"base_url": "http://flag/v2"}, environ, file)
    assert settings.base_url == "http://flag/v2"
    assert settings.log_level == "WARNING"
    assert settings.strategy is Strategy.PREFER_BUY


def test_a_flag_that_was_not_given_changes_nothing() -> None:
    """None means: not said."""
    settings = load_settings({"log_level": None}, {"GOODS_LOG_LEVEL": "ERROR"}, None)
    assert settings.log_level == "ERROR"


def test_the_named_environment_variables_set_what_they_name(tmp_path: Path) -> None:
    """The names of the game's and of the factory's variables are fixed."""
    settings = load_settings(
        {},
        {
            "SPACETRADERS_TOKEN": "secret",
            "SPACETRADERS_BASE_URL": "http://here/v2",
            "GOODS_SUPPLY_CHAIN_PATH": str(tmp_path / "recipes.json"),
            "GOODS_POLL_INTERVAL_INITIAL": "10",
            "GOODS_POLL_INTERVAL_SETTLED": "20.5",
            "GOODS_RATE_LIMIT_BURST": "5",
            "GOODS_READY_SUPPLY": "HIGH",
            "HOME": "/somewhere",
        },
        None,
    )
    assert settings.token == "secret"
    assert settings.supply_chain_path == tmp_path / "recipes.json"
    assert settings.policy.poll_interval_initial == 10.0
    assert settings.policy.poll_interval_settled == 20.5
    assert settings.policy.ready_supply is Supply.HIGH
    assert settings.rate_limit.burst == 5


@pytest.mark.parametrize("name", [field.name for field in fields(Policy)])
def test_every_number_of_the_policy_can_be_set_in_the_file(tmp_path: Path, name: str) -> None:
    """A field added to the policy is a setting without further ado."""
    default = getattr(Policy(), name)
    value = list(type(default))[-1] if isinstance(default, StrEnum) else type(default)(7)
    assert value != default
    shown = f'"{value}"' if isinstance(value, StrEnum) else str(value)
    settings = load_settings({}, {}, written(tmp_path, f"[policy]\n{name} = {shown}\n"))
    assert getattr(settings.policy, name) == value
    by_flag = load_settings({f"policy.{name}": str(value)}, {}, None)
    assert by_flag.policy == settings.policy


def test_the_token_is_not_in_the_settings_representation() -> None:
    """What is logged or printed of the settings keeps the secret (law L12)."""
    settings = load_settings({}, {"SPACETRADERS_TOKEN": "eyJ-very-secret"}, None)
    assert "eyJ-very-secret" not in repr(settings)


def test_a_home_directory_is_expanded() -> None:
    """~ works in every path."""
    settings = load_settings({"state_dir": "~/factory"}, {}, None)
    assert settings.state_dir == Path.home() / "factory"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("credit_floor = 1", "there is no setting credit_floor; did you mean policy.credit_floor?"),
        (
            "[policy]\ncredit_flor = 1",
            "there is no setting policy.credit_flor; did you mean policy.credit_floor?",
        ),
        ("[rate_limit]\nper_minute = 1", "there is no setting rate_limit.per_minute"),
        ("[police]\ncredit_floor = 1", "there is no setting police"),
        ("colour = 'red'", "there is no setting colour."),
    ],
)
def test_an_unknown_setting_is_refused_with_its_path_and_its_file(
    tmp_path: Path, text: str, sentence: str
) -> None:
    """A typing error never silently leaves the default in force."""
    file = written(tmp_path, text)
    assert refusal({}, {}, file).startswith(f"{file}: {sentence}")


def test_an_unknown_variable_is_refused() -> None:
    """GOODS_ is ours, so a variable that nobody reads is a typing error."""
    assert refusal({}, {"GOODS_POLL_INTERVAL_SETLED": "3"}) == (
        "The environment variable GOODS_POLL_INTERVAL_SETLED is not a setting; "
        "did you mean GOODS_POLL_INTERVAL_SETTLED?"
    )


def test_an_unknown_flag_is_refused() -> None:
    """--set takes known names only."""
    assert refusal({"policy.speed": "3"}, {}).startswith("flags: there is no setting policy.speed")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[policy]\ncredit_floor = 'much'", "policy.credit_floor: Expected `int`, got `str`."),
        ("[policy]\ncredit_floor = '5'", "policy.credit_floor: Expected `int`, got `str`."),
        ("strategy = 'cheapest'", "strategy: Invalid enum value 'cheapest'."),
        ("[policy]\nready_supply = 'LOTS'", "policy.ready_supply: Invalid enum value 'LOTS'."),
        ("supply_chain_path = 3", "supply_chain_path: Expected a path."),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """The sentence names the file, the setting and what was expected."""
    file = written(tmp_path, text)
    assert refusal({}, {}, file) == f"{file}: {sentence}"


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"policy.market_ttl": "0"}, "policy.market_ttl must be above 0, not 0."),
        ({"policy.credit_floor": "-1"}, "policy.credit_floor must not be negative: -1."),
        ({"rate_limit.per_second": "-2"}, "rate_limit.per_second must not be negative: -2."),
        ({"log_level": "LOUD"}, "log_level must be one of DEBUG, INFO, WARNING, ERROR, not LOUD."),
        ({"base_url": "ftp://x"}, "base_url must begin with http:// or https://, not 'ftp://x'."),
        ({"policy.market_ttl": "soon"}, "policy.market_ttl: Expected `float`, got `str`."),
    ],
)
def test_a_value_that_cannot_work_is_refused(flags: dict[str, str], sentence: str) -> None:
    """Numbers that would stop or spin the daemon never reach it."""
    assert refusal(flags, {}) == sentence


def test_a_malformed_file_is_refused_with_the_place(tmp_path: Path) -> None:
    """The sentence says in which file and where TOML ends."""
    file = written(tmp_path, "base_url = \n")
    message = refusal({}, {}, file)
    assert message.startswith(f"The settings file {file} is not TOML: ")
    assert "line 1" in message


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    """--config must exist."""
    file = tmp_path / "none.toml"
    assert refusal({}, {}, file) == f"The settings file {file} cannot be read: No such file or directory."


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    """Bytes are no settings."""
    file = tmp_path / "goodsfactory.toml"
    file.write_bytes(b"\xff\xfe")
    assert refusal({}, {}, file) == f"The settings file {file} cannot be read: it is not UTF-8 text."


def test_a_settings_file_is_found_in_its_directory(tmp_path: Path) -> None:
    """goodsfactory.toml of the working directory is taken without being named."""
    assert find_settings_file(tmp_path) is None
    file = written(tmp_path, "")
    assert find_settings_file(tmp_path) == file
