"""A sandbox and a daemon as processes of their own, as a user starts them."""

import json
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.kill.nursery import Victim, environ, nursery
from tests.patience import patience

from goodsfactory.api.client import Client

ROOT = Path(__file__).parents[2]
_QUIETLY = 120.0
"""Real seconds that anything here may take on a quiet machine before it counts as hung."""

_RESUMED = re.compile(r"(\d+) containers? resumed, (\d+) lost(?:, (?P<books>.*))?$")


def _ask(address: str, body: Mapping[str, Any] | None = None) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"content-type": "application/json"})
    with opener.open(request, timeout=patience(_QUIETLY)) as answer:
        return json.load(answer)


@dataclass(frozen=True)
class Sandbox:
    """A running game server; ``base_url`` ends in ``/v2``."""

    base_url: str
    faction: str
    speed: float
    """game seconds a second on a machine that is not busy"""

    def begin_anew(self) -> None:
        """A fresh universe of the same seed: no case finds what an earlier one left.

        On a busy machine it runs slower: a price is too old to be paid two game minutes after it was seen.
        """
        _ask(f"{self._operator}/reset", {})
        _ask(f"{self._operator}/time", {"speed": round(self.speed / max(1.0, patience(0.5)))})

    def books(self, agent: str) -> dict[str, Any]:
        """The server's own record of an agent: credits, every trade, every hold."""
        told: dict[str, Any] = _ask(f"{self._operator}/transactions?agent={agent}")["data"]
        return told

    def state(self) -> dict[str, Any]:
        """What the server counted: time, requests (and those above the limit), purses."""
        told: dict[str, Any] = _ask(f"{self._operator}/state")
        return told

    @property
    def _operator(self) -> str:
        return self.base_url.removesuffix("/v2") + "/sandbox"


@contextmanager
def sandbox(*, speed: float, ships: Sequence[str], credits: int = 2_000_000) -> Iterator[Sandbox]:
    """Serve a universe of seed 1 at ``speed`` game seconds a second, ``ships`` for every new agent."""
    options = {"port": "0", "speed": f"{speed:g}", "ships": ",".join(ships), "credits": str(credits)}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    process = subprocess.Popen(
        [sys.executable, "-m", "goodsfactory.cli", "sandbox", "serve", *words],
        stdout=subprocess.PIPE,
        bufsize=0,
        env=environ(),
    )
    try:
        base_url = _line(process.stdout, "the sandbox")
        yield Sandbox(base_url, _ask(f"{base_url}/factions")["data"][0]["symbol"], speed)
    finally:
        process.terminate()
        process.communicate(timeout=patience(_QUIETLY))


@dataclass
class Daemon:
    """A daemon process on one state directory; it may be started again and again."""

    base_url: str
    folder: Path
    database: str
    process: Victim | None = None
    starts: int = 0
    resumed: int = 0
    lost: int = 0
    """what the last start printed"""
    said_of_books: str = ""
    source_address: str | None = None

    @property
    def socket(self) -> Path:
        return self.folder / "s"

    @property
    def requests(self) -> list[tuple[float, str, str]]:
        """What it sent, over all starts: (real seconds since the machine started, method, path)."""
        try:
            lines = (self.folder / "requests").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [(float(at), method, path) for at, method, path in (line.split() for line in lines)]

    def start(
        self, kill_at: str | None = None, *, freeze_at: str | None = None, latency: float = 0.0
    ) -> bool:
        """Start it; False where it was killed before it was ready. Fails where it ends by itself.

        ``latency`` are real seconds that every request takes each way. ``resumed`` and ``lost`` are what it
        printed; a daemon that stands by resumes nothing.
        """
        words = ["--base-url", self.base_url, "--state-dir", str(self.folder), "--socket", str(self.socket)]
        words += ["--database", self.database, "--latency", str(latency)]
        words += ["--requests", str(self.folder / "requests")]
        words += ["--kill-at", kill_at] if kill_at else []
        words += ["--freeze-at", freeze_at] if freeze_at else []
        words += ["--source-address", self.source_address] if self.source_address else []
        self.starts += 1
        self.process = nursery(ROOT).fork(words, self.folder / f"log-{self.starts}")
        if not _line(self.process.stdout, "the daemon"):
            self.wait_killed()
            return False
        told = _RESUMED.search(_line(self.process.stdout, "the daemon"))
        assert told is not None, self.log()
        self.resumed, self.lost = int(told[1]), int(told[2])
        self.said_of_books = told["books"] or ""
        return True

    @property
    def told(self) -> str:
        """Complaints of the last start."""
        return "\n".join(line for line in self.log().splitlines() if "DAEMON_COMPLAINT" in line)

    def client(self) -> Client:
        return Client(self.socket)

    @property
    def is_frozen(self) -> bool:
        """Whether it has stopped itself (or was stopped) and lies still."""
        assert self.process is not None
        return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    @property
    def is_gone(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def strike(self) -> None:
        """``kill -9``, now, whatever it is doing."""
        if self.process is not None:
            self.process.kill()

    def kill(self) -> None:
        """``kill -9``, and wait until it is gone."""
        self.strike()
        self.wait_killed()

    def freeze(self) -> None:
        """As a machine that is out of breath: nothing moves, and it does not know."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def terminate(self) -> int:
        """SIGTERM; returns the exit code once it has ended in order."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(patience(_QUIETLY))
        self.process.stdout.close()
        self.process = None
        return code

    def wait_killed(self) -> None:
        """Wait for the process to end. Fails where that was not by SIGKILL, or takes too long."""
        assert self.process is not None
        try:
            code = self.process.wait(patience(_QUIETLY))
        finally:
            self.process.stdout.close()
        assert code == -signal.SIGKILL, f"the daemon ended with {code}:\n{self.log()}"
        self.process = None

    def log(self) -> str:
        """What the last start wrote to its log."""
        return (self.folder / f"log-{self.starts}").read_text("utf-8", "replace")[-4000:]


@contextmanager
def daemon(
    base_url: str, database: str | None = None, *, source_address: str | None = None
) -> Iterator[Daemon]:
    """A daemon that is not started yet, on SQLite in a directory of its own unless a URL is given."""
    with tempfile.TemporaryDirectory(prefix="gf-kill-") as name:
        folder = Path(name)
        one = Daemon(base_url, folder, database or str(folder / "goodsfactory.sqlite"))
        one.source_address = source_address
        try:
            yield one
        finally:
            if not one.is_gone:
                one.kill()


def _line(stream: IO[bytes] | None, who: str) -> str:
    """The next line; empty where the process ended without one."""
    assert stream is not None
    longest = patience(_QUIETLY)
    assert select.select([stream], [], [], longest)[0], f"{who} said nothing for {longest:.0f} s"
    return stream.readline().decode().strip()


def until(happened: Any, what: str, *, seconds: float = _QUIETLY) -> None:
    """Wait until ``happened()`` is true. Fails, naming ``what``, where it never is.

    Whoever is asked works for the answer, and so does who asks: what takes long is asked for less often.
    """
    began, pause = time.monotonic(), 0.02
    while not happened():
        waited = time.monotonic() - began
        assert waited < patience(seconds), f"{what}: not after {waited:.0f} s"
        time.sleep(pause)
        pause = min(0.15, pause * 1.1)
