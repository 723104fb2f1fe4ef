"""Real processes: a daemon, a sandbox, the demo, and that none of them stays behind."""

import json
import os
import re
import shutil
import signal
import socket as sockets
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.patience import patience
from tests.recorded import CAPTURED, RECIPES

PROGRAM = [sys.executable, "-m", "goodsfactory.cli"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """One sandbox for all daemons that only have to meet some server."""
    with started("sandbox", "serve", "--port", "0") as (_, base_url):
        yield base_url


@contextmanager
def started(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command that goes on, and its first line; it is ended with SIGTERM."""
    process = subprocess.Popen(
        [*PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environ()
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=patience(30))


def ran(*words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *words],
        capture_output=True,
        text=True,
        timeout=patience(timeout),
        check=False,
        env=_environ(),
    )


def _environ() -> dict[str, str]:
    return {
        key: value for key, value in os.environ.items() if not key.startswith(("GOODS_", "SPACETRADERS_"))
    }


def state_of(base_url: str) -> dict[str, object]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(base_url.removesuffix("/v2") + "/sandbox/state", timeout=patience(10)) as answer:
        state: dict[str, object] = json.load(answer)
    return state


def test_a_sandbox_says_where_it_is_first() -> None:
    """The first line is the base URL, on a free port for --port 0; SIGTERM ends it with 0."""
    with started("sandbox", "serve", "--port", "0", "--speed", "60") as (process, line):
        assert line.startswith("http://127.0.0.1:")
        assert line.endswith("/v2")
        assert state_of(line)["speed"] == 60.0
    assert process.returncode == 0


def test_a_sandbox_says_it_in_json() -> None:
    """One object on one line, because the process goes on."""
    with started("sandbox", "serve", "--port", "0", "--seed", "7", "--json") as (_, line):
        told = json.loads(line)
        assert (told["seed"], told["scenario"], told["speed"]) == (7, "young", 1.0)
        assert state_of(told["base_url"])["agents"] == {}


def test_a_sandbox_of_a_capture_names_it_and_tells_what_it_assumes(folder: Path) -> None:
    """The universe stands in the second line; each assumption is a line on stderr, and none without gaps."""
    shutil.copytree(CAPTURED, folder / "mine")
    shutil.copy(RECIPES, folder / "mine")
    (folder / "mine/shipyards.json").unlink()
    with started("sandbox", "serve", "--port", "0", "--universe", str(folder / "mine")) as (process, _):
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("Sandbox of X1-AD75 as captured in mine, 1 game second")
        assert process.stderr.readline().startswith("Assumed: What X1-AD75-A2 sells was not captured")


def test_a_port_in_use_is_one_sentence() -> None:
    """And exit code 1."""
    with sockets.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = ran("sandbox", "serve", "--port", port)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert port in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_daemon_on_the_same_socket_is_one_sentence(folder: Path, base_url: str) -> None:
    """The first one keeps its socket; SIGTERM ends it with 0 and removes the socket.

    With --json where it listens is one object on one line; what else it has to say goes to stderr.
    """
    socket = folder / "d.sock"
    words = ["daemon", "run", "--base-url", base_url, "--socket", str(socket)]
    with started(*words, "--state-dir", str(folder / "one"), "--json") as (process, line):
        assert json.loads(line) == {"address": f"unix:{socket}"}
        done = ran(*words, "--state-dir", str(folder / "two"))
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            f"spacetraders: A daemon is already running on {socket}; stop it with "
            "`spacetraders daemon stop` or give another --socket.\n"
        )
        assert ran("daemon", "status", "--socket", str(socket)).returncode == 0
    assert process.returncode == 0
    assert not socket.exists()


def test_a_daemon_logs_on_stderr_and_keeps_stdout_as_it_is(
    folder: Path, base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Address and resumption on stdout; a line of words for each event on stderr, and so for a library's.

    In its debug mode asyncio complains of every start of a daemon that it stops the loop for a while.
    """
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    socket = str(folder / "d.sock")
    words = ["daemon", "run", "--base-url", base_url, "--socket", socket, "--state-dir", str(folder / "s")]
    with started(*words) as (process, line):
        assert ran("player", "register", "ACME", "--socket", socket).returncode == 0
        assert ran("daemon", "stop", "--socket", socket).returncode == 0
        assert process.stdout is not None
        assert process.stderr is not None
        assert line == f"unix:{socket}"
        assert process.stdout.read().startswith("0 containers resumed, 0 lost\n")
        told = process.stderr.read().splitlines()
    ours = [line for line in told if " logger=asyncio" not in line]
    assert len(ours) < len(told)
    assert [word for line in ours for word in line.split() if word.startswith("kind=")] == [
        *("kind=DAEMON_STARTED", "kind=DAEMON_RESUMED", "kind=CONTAINER_STARTED", "kind=DAEMON_STOPPED")
    ]
    assert all(re.match(r"time=\S+Z level=[A-Z]+ kind=[A-Z_]+ ", line) for line in told), told


def test_a_daemon_without_a_server_comes_up_and_says_so(folder: Path) -> None:
    """Its status and its first lines name the address that gives no answer; it is stopped as ever."""
    socket = str(folder / "d.sock")
    with sockets.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{nobody.getsockname()[1]}/v2"
        words = ["daemon", "run", "--base-url", base_url, "--state-dir", str(folder), "--socket", socket]
        with started(*words) as (process, line):
            assert line == f"unix:{socket}"
            status = ran("daemon", "status", "--socket", socket)
            assert (status.returncode, base_url in status.stdout) == (0, True)
            assert ran("daemon", "stop", "--socket", socket).returncode == 0
            assert process.stdout is not None
            assert f"The game server at {base_url} gives no answer" in process.stdout.read()
            assert process.stderr is not None
            assert "Traceback" not in process.stderr.read()
        assert process.returncode == 0


def test_a_state_directory_that_cannot_be_written_is_one_sentence(folder: Path, base_url: str) -> None:
    """The path is named."""
    (folder / "file").write_text("")
    done = ran(
        *("daemon", "run", "--base-url", base_url, "--socket", str(folder / "d.sock")),
        *("--state-dir", str(folder / "file" / "state")),
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert str(folder / "file") in done.stderr


def test_the_demo_makes_a_good_and_the_books_agree() -> None:
    """One object: a COMPLETED factory, whose inputs were all brought, and a ledger that equals the purse."""
    done = ran("demo", "--json", "--speed", "300")
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    factory = outcome["factory"]
    assert (factory["target_good"], factory["status"]) == ("ADVANCED_CIRCUITRY", "COMPLETED")
    assert factory["strategy"] == "prefer-buy"
    assert (factory["nodes_completed"], factory["nodes_total"]) == (3, 3)
    assert factory["quantity_acquired"] == 80
    assert outcome["max_parallel_workers"] >= 2
    assert outcome["ships_used"] == factory["ships_used"]
    assert len(outcome["ships_used"]) >= 2
    assert outcome["ledger_balanced"] is True
    assert outcome["credits_spent"] > 0
    assert outcome["requests"] > 0
    assert outcome["simulated_seconds"] > 0
    assert done.stderr.splitlines()[0] == "Starting a sandbox universe."


def test_a_demo_of_an_unknown_good_fails_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And leaves nothing running."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "goodsfactory").mkdir()
    (tmp_path / "goodsfactory" / "goodsfactory.toml").write_text("not meant for the demo")
    done = ran("demo", "--good", "MOONSHINE", "--json")
    assert done.returncode == 1
    assert "MOONSHINE" in json.loads(done.stdout)["error"]["message"]
    assert _gone(done.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_takes_its_children_along(number: signal.Signals) -> None:
    """Exit code 130; neither the sandbox nor the daemon answers any more."""
    process = subprocess.Popen(
        [*PROGRAM, "demo", "--speed", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environ(),
    )
    assert process.stderr is not None
    said = ""
    while "Registering" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    process.send_signal(number)
    _, err = process.communicate(timeout=patience(60))
    assert process.returncode == 130
    assert err.endswith("The demo was interrupted; its sandbox and daemon are gone.\n")
    assert "Traceback" not in err
    assert _gone(said)


def _gone(said: str) -> bool:
    """Whether the sandbox that a demo named no longer answers."""
    base_url = next(word for word in said.split() if word.startswith("http://")).rstrip(".")
    address = base_url.removeprefix("http://").removesuffix("/v2")
    host, _, port = address.partition(":")
    with sockets.socket() as knocker:
        return knocker.connect_ex((host, int(port))) != 0


def test_the_demo_ends_with_commands_that_can_be_typed() -> None:
    """Each names a program that is there: a shell finds it, or the path leads to it."""
    done = ran("demo", "--speed", "300")
    assert done.returncode == 0, done.stderr
    *_, serve, run = done.stdout.splitlines()
    assert serve.strip().endswith("sandbox serve --speed 60")
    assert run.strip().endswith("daemon run --base-url http://127.0.0.1:8000/v2")
    assert shutil.which(serve.split()[0]) is not None
