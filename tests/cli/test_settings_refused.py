"""What `daemon run` refuses of its settings, and what it takes; each of these daemons ends at once."""

from pathlib import Path

import pytest

from goodsfactory.cli.main import main


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--set base_url=ftp://x", "base_url must be an address that begins with http:// or https://"),
        ("--set log_level=loud", "log_level must be one of DEBUG, INFO, WARNING, ERROR, not loud."),
        ("--set strategy=cheapest", "strategy must be one of smart, prefer-buy, prefer-fabricate, not"),
        ("--set token=abc", "A token is never a flag"),
        ("--set policy.market_ttl=nan", "policy.market_ttl must be a number from 1 to 31,536,000, not nan."),
        ("--set policy.market_ttl=inf", "policy.market_ttl must be a number from 1 to 31,536,000, not inf."),
        ("--set policy.settle_interval=1e-9", "policy.settle_interval must be a number from 0.1 to 3,600,"),
        ("--set rate_limit.per_second=0", "rate_limit.per_second must be a whole number from 1 to 1,000,"),
    ],
)
def test_the_daemon_refuses_what_cannot_be_before_anything_else(
    words: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`daemon run` obeys what is set, so it refuses it; recipes that are missing would come next."""
    state = tmp_path / "state"
    missing = str(tmp_path / "none.json")
    code, out, err = ran(
        capsys, "daemon", "run", "--state-dir", str(state), "--supply-chain", missing, *words.split()
    )
    assert (code, out) == (2, "")
    assert err.startswith(f"spacetraders: {sentence}")
    assert not state.exists()


def test_a_rate_of_nothing_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback, whatever is set where; the sentence names the variable."""
    monkeypatch.setenv("GOODS_RATE_LIMIT_PER_SECOND", "0")
    state = str(tmp_path / "state")
    code, out, err = ran(capsys, "daemon", "run", "--state-dir", state, "--base-url", "http://127.0.0.1:1/v2")
    assert (code, out) == (2, "")
    assert err == (
        "spacetraders: GOODS_RATE_LIMIT_PER_SECOND: rate_limit.per_second must be a whole number"
        " from 1 to 1,000, not 0.\n"
    )


@pytest.mark.parametrize(
    "words", ["policy.profit_threshold=-5000", "policy.kill_below=-100", "policy.sale_margin=0"]
)
def test_the_daemon_takes_what_can_be(words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bounds are each setting's own: what stops this daemon is its missing recipes alone."""
    state, missing = str(tmp_path / "state"), str(tmp_path / "none.json")
    _, _, err = ran(capsys, "daemon", "run", "--state-dir", state, "--supply-chain", missing, "--set", words)
    assert err.startswith("spacetraders: The recipe file ")


def test_a_place_where_no_daemon_can_be_is_refused_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is open to others, a database of another kind: one sentence, and nothing is written.

    `daemon settings` does not show such a database as one that would be obeyed either.
    """
    folder, state = tmp_path / "open", tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o777)
    words = ["--state-dir", str(state)]
    code, out, err = ran(capsys, "daemon", "run", *words, "--socket", str(folder / "d.sock"))
    assert (code, out) == (1, "")
    assert err.startswith(f"spacetraders: {folder} is open to other users (mode 0777)")
    for command in ("run", "settings"):
        code, out, err = ran(capsys, "daemon", command, *words, "--database", "mysql://me:hunter2@host/goods")
        assert (code, out) == (2, "")
        assert "Databases of the kind mysql are not supported" in err
        assert "hunter2" not in err
    assert [one.name for one in tmp_path.iterdir()] == ["open"]
    assert list(folder.iterdir()) == []


def test_a_settings_file_of_the_working_directory_is_not_obeyed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can write there could send the daemon, tokens and all, to a server of theirs. It is told."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "goodsfactory.toml").write_text('strategy = "cheapest"\n')
    words = ["daemon", "run", "--state-dir", "state", "--supply-chain", "none.json"]
    _, _, err = ran(capsys, *words)
    assert err == (
        "spacetraders: ./goodsfactory.toml is not read; name it with --config if you mean it.\n"
        "spacetraders: The recipe file none.json cannot be read: No such file or directory.\n"
    )
    _, _, err = ran(capsys, *words, "--config", "goodsfactory.toml")
    assert "strategy must be one of" in err


def test_a_file_that_others_can_read_may_hold_no_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The daemon does not start with it."""
    file = tmp_path / "some.toml"
    file.write_text('token = "abc"\n')
    file.chmod(0o644)
    words = ["--config", str(file), "--supply-chain", str(tmp_path / "none.json")]
    _, _, err = ran(capsys, "daemon", "run", "--state-dir", str(tmp_path / "state"), *words)
    assert f"`chmod 600 {file}`" in err


@pytest.mark.parametrize("flag", ["--database", "--state-dir", "--socket"])
def test_a_mistyped_path_makes_no_folders(
    flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the usual state directory, and one that is named in a folder that exists, come into being."""
    missing = tmp_path / "no" / "such"
    words = {
        "--state-dir": str(tmp_path / "state"),
        "--socket": str(tmp_path / "d.sock"),
        flag: str(missing / "x"),
    }
    flags = [word for pair in words.items() for word in pair]
    code, out, err = ran(capsys, "daemon", "run", "--base-url", "http://127.0.0.1:1/v2", *flags)
    assert (code, out) == (1, "")
    assert err == (
        f"spacetraders: There is no folder {missing} for {missing}/x: make it with `mkdir -p {missing}`,"
        f" or give another {flag}.\n"
    )
    assert list(tmp_path.iterdir()) == []
