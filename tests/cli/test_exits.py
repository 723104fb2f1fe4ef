"""How commands end when they cannot begin: one sentence, the right code, no traceback."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.reference import commands

from goodsfactory.cli import daemon_main
from goodsfactory.cli.main import main
from goodsfactory.cli.program import GROUPS, build

HELP = """\
Usage: spacetraders [OPTIONS] COMMAND [ARGS]...

  Make any good of the SpaceTraders economy with a whole fleet, unattended.

Options:
  --version             Print the version.
  --install-completion  Install completion for the current shell.
  --show-completion     Show completion for the current shell, to copy it or
                        customize the installation.
  -h, --help            Show this message and exit.

Commands:
  demo          Make a good in a sandbox with six ships, check the books.
  doctor        Check server, agents, clock, database, prices and purse.
  sandbox       A universe on this machine that speaks the game's HTTP API.
  daemon        Run, look at and stop the daemon.
  player        Register, add and choose the agents to play.
  goods         Make goods: quote, start, watch, explain, stop.
  ships         Look at ships, move them, sell their cargo, buy more.
  stock         Look at goods that are kept aboard for later factories.
  market        Look at markets as last seen.
  scout         Keep the known prices of a system fresh.
  contract      Accept contracts, deliver to them, be paid.
  construction  Look at a building site and supply it.
  ledger        Look at every credit in or out, and accept differences.
  containers    Look into the daemon's units of work.

  Start here: spacetraders demo
"""

COMMANDS = [
    *("demo", "doctor", "sandbox time", "sandbox reset", "sandbox account"),
    *("sandbox serve", "sandbox report"),
    *("sandbox fault add", "sandbox fault list", "sandbox fault clear"),
    *("daemon run", "daemon settings", "daemon status", "daemon stop"),
    *("player register", "player add", "player list", "player use"),
    *("goods produce", "goods status", "goods list", "goods stop", "goods pause", "goods resume"),
    *("goods why", "goods quote", "goods report"),
    *("ships list", "ships show", "ships explain", "ships sell", "ships buy"),
    *("ships go", "ships dock", "ships orbit", "ships refuel", "ships jettison"),
    *("stock list", "market find", "market show", "market trend"),
    *("scout start", "scout status", "scout stop"),
    *("contract list", "contract show", "contract accept", "contract deliver", "contract fulfill"),
    *("construction show", "construction supply", "ledger show", "ledger accept"),
    *("containers list", "containers show", "containers logs", "containers stop"),
]


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_the_help_names_every_group(capsys: pytest.CaptureFixture[str]) -> None:
    """And where to start."""
    assert ran(capsys, "--help") == (0, HELP, "")


def test_no_command_at_all_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """As a usage error, for scripts."""
    code, out, err = ran(capsys)
    assert (code, out.rstrip("\n"), err) == (2, HELP.rstrip("\n"), "")


def test_the_commands_are_these() -> None:
    """No more and no fewer."""
    assert [name for name, _ in commands()] == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_in_its_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The example is a command that could be typed."""
    code, out, err = ran(capsys, *command.split(), "--help")
    assert (code, err) == (0, "")
    assert f"Example: spacetraders {command}" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_json(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """For programs there is one object."""
    _, out, _ = ran(capsys, *command.split(), "--help")
    assert "--json" in out


def test_help_uses_the_room_there_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a wide terminal what a command does is told to its end."""
    monkeypatch.setenv("COLUMNS", "200")
    for group in sorted({command.rpartition(" ")[0] for command in COMMANDS}):
        _, out, _ = ran(capsys, *group.split(), "--help")
        assert [line for line in out.splitlines()[1:] if line.endswith("...")] == []


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Alone on its line."""
    assert ran(capsys, "--version") == (0, "0.1.0\n", "")


def test_the_help_needs_no_heavy_library() -> None:
    """grpc, rich and the rest are imported by the commands that use them, so that help answers at once."""
    script = (
        "import sys; from goodsfactory.cli.main import main; main(['--help']);"
        "heavy = {'grpc', 'google', 'rich', 'sqlalchemy', 'httpx2', 'uvicorn', 'msgspec', 'asyncio'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_groups_that_are_not_asked_for_are_not_read() -> None:
    """A command of one group does not pay for the others."""
    app = build({"ships", "list"})
    opened = {
        info.name
        for info in app.registered_groups
        if info.typer_instance and info.typer_instance.registered_commands
    }
    assert opened == {"ships"}
    assert {info.name for info in app.registered_groups} == set(GROUPS)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("good list", "No such command 'good'. Did you mean 'goods'? See `spacetraders --help`."),
        ("fly", "No such command 'fly'. See `spacetraders --help`."),
        ("goods make", "No such command 'make'. See `spacetraders goods --help`."),
        ("goods produce", "Missing argument 'GOOD'. See `spacetraders goods produce --help`."),
        ("goods list --colour", "No such option: --colour. See `spacetraders goods list --help`."),
        ("daemon run --set speed", "--set takes NAME=VALUE, not 'speed'."),
    ],
)
def test_a_usage_error_is_one_sentence_and_2(
    words: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, or as an object on stdout with --json."""
    assert ran(capsys, *words.split()) == (2, "", f"spacetraders: {sentence}\n")
    code, out, err = ran(capsys, *words.split(), "--json")
    error = json.loads(out)["error"]
    assert (code, err, error["code"], error["exit_code"]) == (2, "", "usage", 2)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("goods produce COPPER --units 0", "--units must be at least 1, not 0."),
        ("goods produce COPPER --units 99999999999", "--units must be at most 1,000,000, not 99999999999."),
        ("goods produce COPPER --units many", "--units takes a whole number, not 'many'."),
        ("goods produce COPPER --units 1.5", "--units takes a whole number, not '1.5'."),
        (
            "goods produce COPPER --strategy cheap",
            "--strategy takes smart, prefer-buy or prefer-fabricate, not 'cheap'.",
        ),
        ("goods produce COPPER --terminal moon", "--terminal takes hold, sell or stock, not 'moon'."),
        ("sandbox serve --speed 0", "--speed must be at least 1, not 0."),
        ("sandbox serve --speed fast", "--speed takes a number, not 'fast'."),
        ("sandbox serve --port 70000", "--port must be at most 65,535, not 70000."),
        ("containers logs x --limit 0", "--limit must be at least 1, not 0."),
    ],
)
def test_a_value_that_cannot_be_is_a_usage_error(
    words: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anybody is asked: what the option takes, and what was given."""
    where = " ".join(words.split()[:2])
    told = f"spacetraders: {sentence} See `spacetraders {where} --help`.\n"
    assert ran(capsys, *words.split()) == (2, "", told)


@pytest.mark.parametrize("player", ["0", "00", "99999999999"])
def test_a_player_is_a_number_or_a_call_sign(player: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing else is looked for."""
    sentence = f"--player takes a player's number or call sign, not {player!r}."
    assert ran(capsys, "ships", "list", "--player", player) == (2, "", f"spacetraders: {sentence}\n")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("goods", "produce", "IRON", "--ships", ""), "--ships"),
        (("goods", "produce", "IRON", "--system="), "--system"),
        (("ships", "explain", "ACME-1", "--factory", " "), "--factory"),
        (("ships", "list", "--player", ""), "--player"),
        (("player", "use", ""), "An argument"),
        (("containers", "show", " "), "An argument"),
    ],
)
def test_an_empty_word_means_nothing_and_never_everything(
    words: tuple[str, ...], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The variable of a script is not set: no ship is chosen by that, no player, and no system."""
    told = f"spacetraders: {what} is empty; leave it out, or say what it is.\n"
    assert ran(capsys, *words) == (2, "", told)


@pytest.mark.parametrize("given", [",", "ACME-3,,ACME-4", "ACME-3,", " , ACME-3"])
@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("goods produce IRON", "--ships"),
        ("goods produce IRON", "--exclude"),
        ("scout start", "--ships"),
        ("scout start", "--markets"),
        ("scout stop", "--ships"),
        ("sandbox serve", "--ships"),
    ],
)
def test_a_list_names_something_at_every_place(
    words: str, option: str, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does a comma alone: an order for all ships is given by leaving the list out."""
    told = f"spacetraders: {option} is empty beside a comma; take it off, or say what it is.\n"
    assert ran(capsys, *words.split(), option, given) == (2, "", told)


NEEDING_A_DAEMON = [
    *("daemon status", "daemon stop", "player list", "player register ACME", "player use ACME"),
    *("goods produce COPPER", "goods produce COPPER --watch", "goods status", "goods list", "goods stop x"),
    *("goods pause x", "goods resume x"),
    *("ships list", "ships show A-1", "ships explain A-1", "ships sell A-1"),
    *("market find COPPER", "market show X1-A-B"),
    *("containers list", "containers show x", "containers logs x", "containers stop x"),
]


@pytest.mark.parametrize("words", NEEDING_A_DAEMON)
def test_without_a_daemon_every_command_ends_with_3(
    words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says how to start one."""
    socket = tmp_path / "none.sock"
    sentence = f"No daemon answers on {socket}; start one with `spacetraders daemon run`."
    assert ran(capsys, *words.split(), "--socket", str(socket)) == (3, "", f"spacetraders: {sentence}\n")
    code, out, err = ran(capsys, *words.split(), "--socket", str(socket), "--json")
    assert (code, err) == (3, "")
    assert json.loads(out) == {"error": {"code": "daemon-unreachable", "message": sentence, "exit_code": 3}}


def test_the_socket_can_be_named_in_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same variable that the daemon reads."""
    monkeypatch.setenv("GOODS_SOCKET", str(tmp_path / "own.sock"))
    assert str(tmp_path / "own.sock") in ran(capsys, "ships", "list")[2]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--set policy.sped=3", "flags: there is no setting policy.sped"),
        (
            "--base-url http://127.0.0.1:99999/v2",
            "base_url must be an address that begins with http:// or https://, has no port above 65535 and",
        ),
        ("--log-level loud", "log_level must be one of DEBUG, INFO, WARNING, ERROR, not loud."),
        ("--config none.toml", "The settings file none.toml cannot be read: No such file or directory."),
        ("--supply-chain none.json", "The recipe file none.json cannot be read: No such file or directory."),
    ],
)
def test_a_daemon_that_cannot_run_says_why(
    words: str,
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is started and nothing is written."""
    monkeypatch.chdir(tmp_path)
    state = tmp_path / "state"
    code, out, err = ran(capsys, "daemon", "run", "--state-dir", str(state), *words.split())
    assert (code, out) == (2, "")
    assert err.startswith(f"spacetraders: {sentence}")
    assert not state.exists()


def test_an_unknown_variable_of_ours_stops_the_daemon(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typing error in the environment is as bad as one in the file."""
    monkeypatch.setenv("GOODS_CREDIT_FLOR", "1")
    code, _, err = ran(capsys, "daemon", "run")
    assert code == 2
    assert err == (
        "spacetraders: The environment variable GOODS_CREDIT_FLOR is not a setting; "
        "did you mean GOODS_CREDIT_FLOOR?\n"
    )


def test_the_daemon_program_is_the_run_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """spacetraders-daemon takes the same options."""
    monkeypatch.setattr(sys, "argv", ["spacetraders-daemon", "--base-url", "nowhere"])
    assert daemon_main.main() == 2
    assert "base_url must be an address" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--ships SHIP_OF_FOOLS", "unknown ship type SHIP_OF_FOOLS; known are "),
        ("--universe none", "none"),
        ("--speed 60 --compress 60", "Time is either fast or compressed"),
    ],
)
def test_a_sandbox_that_cannot_begin_says_why(
    words: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad ship type, a universe that is not there, two paces; no state file is left, which would bind."""
    state = tmp_path / "u.state"
    code, out, err = ran(capsys, "sandbox", "serve", "--port", "0", "--state", str(state), *words.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert sentence in err
    assert list(tmp_path.iterdir()) == []


def test_a_sandbox_whose_port_is_taken_leaves_no_state_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other choices may follow on another port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port, state = str(taken.getsockname()[1]), str(tmp_path / "u.state")
        code, _, err = ran(capsys, "sandbox", "serve", "--systems", "1", "--port", port, "--state", state)
    assert code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in err
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    """`spacetraders … | head -1` ends quietly."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "goodsfactory.cli", "--help"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert done.stderr == ""


def at_a_shell(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """``PROGRAM`` in the line is the program under test."""
    line = line.replace("PROGRAM", f"{sys.executable} -m goodsfactory.cli")
    return subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", ["--version", "--help", "ships list --socket none.sock --json"])
def test_a_full_disk_under_the_output_is_told(words: str, tmp_path: Path) -> None:
    """One sentence and exit code 1: a script must not take half an answer for one."""
    done = at_a_shell(f"ulimit -f 0; PROGRAM {words} > answer", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "spacetraders: The output cannot be written: File too large.\n"


def test_a_complaint_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    """The exit code is that of what was to be told, and nothing comes out instead."""
    done = at_a_shell("ulimit -f 0; PROGRAM ships list --socket none.sock 2> complaints", tmp_path)
    assert (done.returncode, done.stdout) == (3, "")


@pytest.mark.parametrize("words", ["--version", "ships list --socket none.sock"])
def test_a_closed_output_is_told_before_anything_is_done(words: str, tmp_path: Path) -> None:
    """And what to do instead."""
    done = at_a_shell(f"PROGRAM {words} >&-", tmp_path)
    assert done.returncode == 1
    told = "Standard output is closed; send it to /dev/null where nobody reads it."
    assert done.stderr == f"spacetraders: {told}\n"


NOT_UTF8 = "a\udcff"
"""What Python makes of bytes of the command line that are not UTF-8."""


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("goods", "produce", NOT_UTF8), "An argument"),
        (("goods", "produce", "IRON", "--ships", NOT_UTF8), "--ships"),
        (("player", "use", f"--agent={NOT_UTF8}"), "--agent"),
        (("sandbox", "serve", "--state", NOT_UTF8), "--state"),
        (("ships", "list", f"--{NOT_UTF8}=1"), "An argument"),
        ((NOT_UTF8,), "An argument"),
    ],
)
def test_a_word_that_is_not_utf8_is_a_usage_error(
    words: tuple[str, ...], what: str, as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody could be told it: neither the daemon nor a terminal."""
    sentence = f"{what} is not UTF-8 text."
    assert ended(capsys, words, as_json=as_json) == (2, sentence)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ("SPACETRADERS_TOKEN", "The environment variable SPACETRADERS_TOKEN is not UTF-8 text."),
        ("GOODS_SOCKET", "The environment variable GOODS_SOCKET is not UTF-8 text."),
        (f"GOODS_{NOT_UTF8}", "The name of an environment variable is not UTF-8 text; unset it."),
    ],
)
def test_a_variable_that_is_not_utf8_is_a_usage_error(
    variable: str,
    sentence: str,
    as_json: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a word of the command line is; those of other programs are theirs."""
    monkeypatch.setenv("OTHER_PROGRAM", NOT_UTF8)
    monkeypatch.setenv(variable, NOT_UTF8)
    assert ended(capsys, ("player", "add"), as_json=as_json) == (2, sentence)


def ended(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], *, as_json: bool) -> tuple[int, str]:
    """The exit code and the sentence, which is all that is told."""
    code, out, err = ran(capsys, *words, *(["--json"] if as_json else []))
    if not as_json:
        assert out == ""
        return code, err.removeprefix("spacetraders: ").rstrip("\n")
    error = json.loads(out)["error"]
    assert (err, error["exit_code"]) == ("", code)
    return code, error["message"]


UNREADABLE = [
    ("latin", b"d\xe9j\xe0", "it is not UTF-8 text"),
    ("large", b"x" * 10_000_001, "it is larger than 10 MB"),
]
"""Name of a file, its bytes, and why it is not read."""


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    ("words", "subject"),
    [
        ("player add --token-file", "The token file"),
        ("player register ACME --token-file", "The token file"),
        ("daemon run --config", "The settings file"),
        ("daemon run --supply-chain", "The recipe file"),
    ],
)
@pytest.mark.parametrize(("name", "content", "reason"), UNREADABLE)
def test_a_named_file_is_read_with_a_bound_and_as_utf8(
    words: str,
    subject: str,
    name: str,
    content: bytes,
    reason: str,
    as_json: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever the file holds: one sentence."""
    file = tmp_path / name
    file.write_bytes(content)
    told = ended(capsys, (*words.split(), str(file)), as_json=as_json)
    assert told == (2, f"{subject} {file} cannot be read: {reason}.")


@pytest.mark.parametrize(
    "words", ["player add --token-file /dev/zero", "player add --token-file - < /dev/zero"]
)
def test_a_file_without_an_end_is_refused_at_once(words: str, tmp_path: Path) -> None:
    """So is standard input that has no line."""
    done = at_a_shell(f"PROGRAM {words}", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(" cannot be read: it is larger than 10 MB.\n")


def test_a_token_on_standard_input_is_utf8_too(tmp_path: Path) -> None:
    """As one in a file."""
    done = at_a_shell("printf '\\377\\376\\n' | PROGRAM player add --token-file -", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "spacetraders: The token file - cannot be read: it is not UTF-8 text.\n"


@pytest.mark.parametrize("content", ["[" * 100_000, '{"exportToImportMap": ' * 100_000])
def test_recipes_that_are_nested_too_deeply_are_refused(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The daemon says so and does not start."""
    file = tmp_path / "deep.json"
    file.write_text(content)
    told = ended(capsys, ("daemon", "run", "--supply-chain", str(file)), as_json=False)
    assert told == (2, f"The recipe file cannot be used: {file}: it is nested too deeply.")


@pytest.mark.parametrize(
    "module", ["typer", "goodsfactory.cli.program", "goodsfactory.cli.goods", "goodsfactory.api.client"]
)
def test_an_interrupt_while_the_program_is_read_ends_it_quietly(module: str, tmp_path: Path) -> None:
    """Whoever thinks better of a command at once gets exit code 130 and no word."""
    script = f"""
import os, signal, sys
class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Impatient())
from goodsfactory.cli.main import main
sys.exit(main(["goods", "list", "--socket", "none.sock"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
