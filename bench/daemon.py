"""What the real daemon process costs: time to resume, share of a core, memory.

``python -m bench.daemon [--json]`` runs `spacetraders daemon run` against a sandbox at real speed, reads the
system's own figures of the process and writes ``build/bench/daemon.json``.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.json_wanted import json_wanted
from tests.kill.books import Database
from tests.kill.nursery import environ
from tests.kill.processes import Sandbox, sandbox

from goodsfactory.adapters.store.tables import CONTAINERS
from goodsfactory.api.client import Client

TARGET = Path("build/bench/daemon.json")
AGENT = "BENCH"
GOOD = "COPPER"
SHIPS = (f"{AGENT}-1", f"{AGENT}-2")
"""All ships a new agent has: a factory that may use none of them waits, for ever."""

WATCHED_SECONDS = 35.0
RESUMED, MANY = 300, 1000
PATIENCE = 300.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Rest:
    """A daemon with nothing to do, over ``seconds``: ``cpu_percent`` of one core, ``memory_mb`` resident."""

    containers: int
    seconds: float
    cpu_percent: float
    memory_mb: float


@dataclass(frozen=True)
class Resumption:
    """Real and processor seconds from the start of the process, after a kill.

    ``import_seconds`` are those of a process that only imports the daemon and ends, at the same moment: what
    the machine was worth.
    """

    containers: int
    to_the_line: float
    to_all_bodies: float
    cpu_seconds: float
    import_seconds: float


class Process:
    """A daemon in the foreground, as a user runs it."""

    def __init__(self, server: Sandbox, folder: Path) -> None:
        self.socket = folder / "s"
        self._words = [
            *(sys.executable, "-m", "goodsfactory.cli", "daemon", "run", "--base-url", server.base_url),
            *("--state-dir", str(folder), "--socket", str(self.socket)),
        ]
        self._log = folder / "log"
        self.started_at = 0.0
        self.told = ""

    def start(self) -> None:
        """Start it, and wait until it says what it resumed."""
        self.started_at = time.perf_counter()
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                self._words, stdout=subprocess.PIPE, stderr=log, bufsize=0, env=environ()
            )
        assert self._process.stdout is not None
        self._process.stdout.readline()
        self.told = self._process.stdout.readline().decode().strip()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started_at

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def cpu_seconds(self) -> float:
        """Processor time so far, of all its threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        (resident,) = [line for line in lines if line.startswith("VmRSS:")]
        return round(int(resident.split()[1]) / 1024, 1)

    def rest(self, containers: int, seconds: float) -> Rest:
        """Leave it alone for a while and see what that costs."""
        began, before = time.perf_counter(), self.cpu_seconds()
        time.sleep(seconds)
        spent, lasted = self.cpu_seconds() - before, time.perf_counter() - began
        return Rest(containers, round(lasted, 1), round(100 * spent / lasted, 2), self.memory_mb())


@contextmanager
def process() -> Iterator[tuple[Process, Database]]:
    """A daemon that plays one agent, and its database."""
    with (
        sandbox(speed=1, ships=()) as server,
        tempfile.TemporaryDirectory(prefix="gf-bench-") as name,
    ):
        one = Process(server, Path(name))
        one.start()
        try:
            with Client(one.socket) as client:
                client.register_player(AGENT, server.faction)
            yield one, Database(str(Path(name) / "goodsfactory.sqlite"))
        finally:
            one.kill()


def fill(one: Process, books: Database, containers: int) -> None:
    """Start factories that wait, until so many containers run (the planner is one of them)."""
    with Client(one.socket) as client:
        for _ in range(containers - len(books.unfinished())):
            client.start_factory(GOOD, exclude=SHIPS, force=True)
    _wait(lambda: len(books.rows(CONTAINERS, CONTAINERS.c.iteration > 0)) >= containers)


def resume(one: Process, books: Database) -> Resumption:
    """Kill it, start it again, and see when everything runs as before."""
    epochs = books.unfinished()
    one.kill()
    imported = import_seconds()
    one.start()
    to_the_line = one.seconds
    assert one.told.startswith(f"{len(epochs)} containers resumed, 0 lost"), one.told
    _wait(lambda: all(epoch > epochs[name] for name, epoch in books.unfinished().items()))
    return Resumption(
        len(epochs), round(to_the_line, 2), round(one.seconds, 2), round(one.cpu_seconds(), 2), imported
    )


def import_seconds() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import goodsfactory.daemon.bootstrap"], check=True)
    return round(time.perf_counter() - began, 2)


def _wait(happened: object) -> None:
    assert callable(happened)
    deadline = time.perf_counter() + PATIENCE
    while not happened():
        assert time.perf_counter() < deadline, "the daemon hangs"
        time.sleep(0.02)


def measure(resumed: int, many: int, seconds: float) -> dict[str, object]:
    """All figures, and whether each target of them is met."""
    with process() as (one, books):
        time.sleep(min(seconds, 5))
        idle = one.rest(1, seconds)
        fill(one, books, resumed)
        back = resume(one, books)
        time.sleep(min(seconds, 5))
        waiting = one.rest(resumed, seconds)
        fill(one, books, many)
        time.sleep(min(seconds, 5))
        crowd = one.rest(many, seconds)
    return {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0]},
        "idle": asdict(idle),
        "resume": asdict(back),
        "waiting": asdict(waiting),
        "many waiting": asdict(crowd),
        "met": {
            f"{resumed} containers resume in under 3 s": back.to_all_bodies < 3,
            "an idle daemon takes under 3 % of a core": idle.cpu_percent < 3,
            "an idle daemon takes under 200 MB": idle.memory_mb < 200,
            f"{many} waiting containers take under 300 MB": crowd.memory_mb < 300,
        },
    }


def main() -> None:
    as_json = json_wanted("daemon", __doc__)
    document = measure(RESUMED, MANY, WATCHED_SECONDS)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(document, indent=1) + "\n")
    if as_json:
        sys.stdout.write(json.dumps(document) + "\n")
        return
    for name, figures in document.items():
        assert isinstance(figures, dict)
        sys.stdout.write(f"{name}: {', '.join(f'{key} {value}' for key, value in figures.items())}\n")


if __name__ == "__main__":
    main()
