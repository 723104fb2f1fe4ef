"""Settings: file, environment and flags, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from tests.foreign import give_away

from goodsfactory.daemon.settings import Settings, load_settings, settings_file
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.factory import FactoryRequest, Strategy
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
    assert (settings.strategy, FactoryRequest().strategy) == (Strategy.SMART, Strategy.SMART)


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
        (
            "[policy]\ndispatcher_interval = 20",
            "there is no setting policy.dispatcher_interval any more: it is policy.planner_interval now.",
        ),
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


def test_a_variable_of_an_earlier_version_is_told_by_its_new_name() -> None:
    """Whoever set it would else look for it in vain."""
    assert refusal({}, {"GOODS_DISPATCHER_INTERVAL": "20"}) == (
        "The environment variable GOODS_DISPATCHER_INTERVAL is not a setting any more: it is"
        " GOODS_PLANNER_INTERVAL now."
    )


def test_an_unknown_flag_is_refused() -> None:
    """--set takes known names only, and a table is no value."""
    assert refusal({"policy": "3"}, {}) == (
        "flags: policy is a table of settings; give one of them, such as policy.arrival_margin."
    )
    assert refusal({"policy.speed": "3"}, {}).startswith("flags: there is no setting policy.speed")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[policy]\ncredit_floor = 'much'",
            "policy.credit_floor must be a whole number from 0 to 1,000,000,000,000, not much.",
        ),
        (
            "[policy]\ncredit_floor = '5'",
            "policy.credit_floor must be a whole number from 0 to 1,000,000,000,000, not 5.",
        ),
        (
            f"[policy]\ncredit_floor = 0x{'f' * 5000}",
            "policy.credit_floor must be a whole number from 0 to 1,000,000,000,000,"
            " not a number with thousands of digits.",
        ),
        (
            "strategy = 'cheapest'",
            "strategy must be one of smart, prefer-buy, prefer-fabricate, not cheapest.",
        ),
        (
            "[policy]\nready_supply = 'LOTS'",
            "policy.ready_supply must be one of SCARCE, LIMITED, MODERATE, HIGH, ABUNDANT, not LOTS.",
        ),
        ("supply_chain_path = 3", "supply_chain_path must be a path, not 3."),
        ("[policy]\nmarket_ttl = nan", "policy.market_ttl must be a number from 1 to 31,536,000, not nan."),
        ("quote_at_start = 'yes'", "quote_at_start must be true or false, not yes."),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """The sentence names the file, the setting and what was expected."""
    file = written(tmp_path, text)
    assert refusal({}, {}, file) == f"{file}: {sentence}"


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"policy.market_ttl": "0"}, "policy.market_ttl must be a number from 1 to 31,536,000, not 0."),
        ({"policy.market_ttl": "inf"}, "policy.market_ttl must be a number from 1 to 31,536,000, not inf."),
        ({"policy.market_ttl": "1e-9"}, "policy.market_ttl must be a number from 1 to 31,536,000, not 1e-9."),
        ({"policy.market_ttl": "soon"}, "policy.market_ttl must be a number from 1 to 31,536,000, not soon."),
        (
            {"rate_limit.per_second": "-2"},
            "rate_limit.per_second must be a whole number from 1 to 1,000, not -2.",
        ),
        ({"log_level": "LOUD"}, "log_level must be one of DEBUG, INFO, WARNING, ERROR, not LOUD."),
        (
            {"base_url": "ftp://x"},
            "base_url must be an address that begins with http:// or https://, has no port above 65535 and"
            " holds no password, not 'ftp://x'.",
        ),
        (
            {"source_address": "eth0"},
            "source_address must be an IP address of this machine, not eth0.",
        ),
        ({"state_dir": ""}, "state_dir must be a path, not ''."),
        ({"database": "a\x1bb"}, "database must be a path, or a sqlite:/// or postgresql:// URL."),
    ],
)
def test_a_value_that_cannot_work_is_refused(flags: dict[str, str], sentence: str) -> None:
    """Numbers that would stop or spin the daemon never reach it, and the sentence gives the bounds."""
    assert refusal(flags, {}) == sentence


def test_a_variable_is_named_with_the_setting_it_sets() -> None:
    """Whoever set it looks there."""
    assert refusal({}, {"GOODS_BURST": "1"}).startswith("The environment variable GOODS_BURST")
    assert refusal({}, {"GOODS_RATE_LIMIT_PER_SECOND": "0"}) == (
        "GOODS_RATE_LIMIT_PER_SECOND: rate_limit.per_second must be a whole number from 1 to 1,000, not 0."
    )


def test_an_empty_variable_sets_nothing() -> None:
    """As a shell leaves one that was not meant."""
    assert load_settings({}, {"SPACETRADERS_TOKEN": "", "GOODS_LOG_LEVEL": " "}, None).token is None


def test_a_token_is_never_a_flag() -> None:
    """The list of processes shows flags to everybody (law L12); the sentence does not repeat it."""
    told = refusal({"token": "eyJ-very-secret"}, {})
    assert told.startswith("A token is never a flag")
    assert "eyJ-very-secret" not in told


SECRETS = ['token = "eyJ-very-secret"', 'database = "postgresql://goods:hush@db/factory"']


@pytest.mark.parametrize("text", SECRETS)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_secret_in_a_file_of_others_is_refused(tmp_path: Path, text: str, mode: int) -> None:
    """Only mode 0600 keeps it; without a secret any file may be read."""
    file = written(tmp_path, text)
    file.chmod(mode)
    told = refusal({}, {}, file)
    assert f"`chmod 600 {file}`" in told
    assert "secret" in told
    assert "hush" not in told
    file.chmod(0o600)
    load_settings({}, {}, file)
    written(tmp_path, 'database = "postgresql://goods@db/factory"').chmod(mode)
    load_settings({}, {}, file)


def test_a_secret_in_a_file_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner can read it, whatever its mode."""
    file = written(tmp_path, SECRETS[0])
    file.chmod(0o600)
    give_away(file, monkeypatch)
    assert "other users may read this file" in refusal({}, {}, file)


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


def test_the_settings_file_is_named_or_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config, else $GOODS_CONFIG, else that of the config directory; never the working directory's."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "")
    assert settings_file(None, {}) is None
    own = tmp_path / "goodsfactory"
    own.mkdir()
    written(own, "")
    assert settings_file(None, {}) == own / "goodsfactory.toml"
    assert settings_file(None, {"GOODS_CONFIG": "other.toml"}) == Path("other.toml")
    assert settings_file(Path("named.toml"), {"GOODS_CONFIG": "other.toml"}) == Path("named.toml")
    load_settings({}, {"GOODS_CONFIG": "other.toml"}, None)
