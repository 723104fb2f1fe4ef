"""Watching a factory: live on a terminal, detached by Ctrl-C, told when the daemon goes."""

import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.living_daemon import LivingDaemon, living_daemon
from tests.patience import patience

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(scope="module")
def daemon() -> Iterator[LivingDaemon]:
    with living_daemon() as living:
        yield living


@pytest.fixture
def waiting(daemon: LivingDaemon) -> Iterator[str]:
    """A factory that waits for ever, because every ship is excluded."""
    with daemon.client() as client:
        ships = tuple(ship.symbol for ship in client.fleet().ships)
        factory = client.start_factory("COPPER", strategy="prefer-buy", exclude=ships, force=True)
        yield factory.factory_id
        client.stop_factory(factory.factory_id)


def command(socket: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "goodsfactory.cli", *words, "--socket", str(socket)]


def on_a_terminal(words: list[str]) -> tuple[int, str]:
    """Exit code and everything that a terminal of 140 columns received."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "140", "LINES": "40", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(words, stdout=theirs, stderr=theirs, stdin=theirs, env=environ)
    os.close(theirs)
    received = bytearray()

    def read() -> None:
        # A terminal whose other side is closed ends with an error, not with an empty read.
        try:
            while chunk := os.read(ours, 65536):
                received.extend(chunk)
        except OSError:
            return

    reader = threading.Thread(target=read)
    reader.start()
    code = process.wait(60)
    reader.join(10)
    os.close(ours)
    return code, received.decode("utf-8", "replace")


def test_a_terminal_shows_a_tree_that_ends_completed(daemon: LivingDaemon) -> None:
    """On a screen of its own, in colour, with box drawing; the finished tree stays on the first one."""
    code, text = on_a_terminal(
        command(daemon.socket, "goods", "produce", "COPPER", "--units", "5", "--watch")
    )
    assert code == 0
    assert "\x1b[?1049h" in text
    assert "\x1b[?1049l" in text
    assert "\x1b[32mDONE" in text
    last = ESCAPE.sub("", text[text.rindex("COPPER\x1b[0m in ") :]).replace("\r\n", "\n").splitlines()
    assert re.match(r"COPPER in \S+  COMPLETED  2 of 2 nodes, 5 units, ", last[0])
    assert re.match(r"COPPER +FABRICATE +\w+ +DONE +5 units, ", last[2])
    assert re.match(r"└── COPPER_ORE +BUY +\w+ +DONE ", last[3])


def test_a_terminal_shows_status_in_colour(daemon: LivingDaemon, waiting: str) -> None:
    """States have their colours where somebody can see them."""
    code, text = on_a_terminal(command(daemon.socket, "goods", "status", waiting, "--tree"))
    assert code == 0
    assert "\x1b[33mWAITING_" in text


def test_ctrl_c_detaches_and_the_factory_keeps_running(daemon: LivingDaemon, waiting: str) -> None:
    """Exit code 130 and a sentence that says how to come back."""
    process = subprocess.Popen(
        command(daemon.socket, "goods", "status", waiting, "--since", "0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "FACTORY_CREATED" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=patience(30))
    again = f"`spacetraders goods status {waiting} --watch --socket {daemon.socket}`"
    detached = f"Detached; the factory keeps running. Watch it again with {again}.\n"
    assert (process.returncode, err) == (130, detached)
    with daemon.client() as client:
        assert client.factory(waiting).status in ("PENDING", "ACTIVE")


def test_in_a_pipe_watching_begins_with_the_present_state(daemon: LivingDaemon, waiting: str) -> None:
    """A factory that waits may be silent for hours; its tree is there at once."""
    process = subprocess.Popen(
        command(daemon.socket, "goods", "status", waiting, "--watch"), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert re.match(r"COPPER in X1-\S+  (PENDING|ACTIVE)", process.stdout.readline())
    assert waiting in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=patience(30))


def test_ctrl_c_leaves_the_last_view_on_the_terminal(daemon: LivingDaemon, waiting: str) -> None:
    """The tree is written once more after the other screen is left."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "140", "LINES": "40", "LC_ALL": "C.UTF-8"}
    words = command(daemon.socket, "goods", "status", waiting, "--watch")
    process = subprocess.Popen(words, stdout=theirs, stderr=theirs, stdin=theirs, env=environ)
    os.close(theirs)
    received = b""
    while b"COPPER_ORE" not in received:
        received += os.read(ours, 65536)
    process.send_signal(signal.SIGINT)
    while b"Detached" not in received:
        received += os.read(ours, 65536)
    assert process.wait(patience(30)) == 130
    os.close(ours)
    assert "COPPER_ORE" in received.decode("utf-8", "replace").rpartition("\x1b[?1049l")[2]


@pytest.mark.parametrize("extra", [(), ("--json",)])
def test_a_watcher_learns_that_the_daemon_stopped(extra: tuple[str, ...]) -> None:
    """Exit code 3, and no traceback."""
    with living_daemon() as other:
        with other.client() as client:
            ships = tuple(ship.symbol for ship in client.fleet().ships)
            factory = client.start_factory("COPPER", exclude=ships, force=True).factory_id
        process = subprocess.Popen(
            command(other.socket, "goods", "status", factory, "--since", "0", *extra),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        if not extra:
            process.stdout.readline()
        with other.client() as client:
            client.shutdown()
        out, err = process.communicate(timeout=patience(30))
    assert process.returncode == 3
    assert "Traceback" not in out + err
    assert "daemon" in (out if extra else err)
