"""A process with an engine and some containers, made to be killed. Run as a module; see ``Mortal``."""

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from goodsfactory.adapters.clocks import SystemClock
from goodsfactory.adapters.engine.durable import DurableEngine
from goodsfactory.adapters.store import open_store
from goodsfactory.domain.container import Container, ContainerType

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


@dataclass(frozen=True)
class Note:
    """One line a process wrote: what happened to which container, in which epoch."""

    pid: int
    at: float
    what: str
    container: str
    epoch: int


@dataclass
class Mortal:
    """Starts processes that share a store and a ledger of what their bodies did."""

    folder: Path
    database: str
    """of rows and of DBOS"""
    containers: int = 4
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def live(self, node_id: str = "node-1", agent: str = "COSMIC", source: Path | None = None) -> int:
        """Begin a process and return its id; ``source`` is where its program is, if not here."""
        command = [sys.executable, "-m", "tests.engine.mortal"]
        arguments = [str(self.folder), self.database, node_id, agent, str(self.containers)]
        path = os.pathsep.join([*([str(source)] if source else []), str(ROOT)])
        with (self.folder / "words").open("ab") as words:
            child = subprocess.Popen(
                [*command, *arguments],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
            )
        self._children.append(child)
        return child.pid

    def kill(self, pid: int) -> None:
        """SIGKILL; returns once it is gone."""
        [child] = [child for child in self._children if child.pid == pid]
        child.kill()
        child.wait()

    def kill_all(self) -> None:
        for child in self._children:
            child.kill()
            child.wait()

    def notes(self, what: str, pid: int | None = None) -> list[Note]:
        ledger = self.folder / "ledger"
        lines = ledger.read_text().splitlines() if ledger.exists() else []
        notes = [_note(line) for line in lines]
        return [note for note in notes if note.what == what and pid in (None, note.pid)]

    def wait_for(self, what: str, pid: int, times: int) -> list[Note]:
        """Wait until a process has written so many notes of a kind."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            notes = self.notes(what, pid)
            if len(notes) >= times:
                return notes
            [child] = [child for child in self._children if child.pid == pid]
            assert child.poll() is None, self.words()
            time.sleep(0.02)
        raise AssertionError(f"only {len(self.notes(what, pid))} of {times} {what}: {self.words()}")

    def words(self) -> str:
        """All that the processes printed."""
        return (self.folder / "words").read_text()


def _note(line: str) -> Note:
    pid, at, what, container, epoch = line.split()
    return Note(int(pid), float(at), what, container, int(epoch))


async def live(folder: Path, database: str, node_id: str, agent: str, containers: int) -> None:
    """Resume what is there, start what is missing, and go on until killed."""
    ledger = os.open(folder / "ledger", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(what: str, container: str = "-", epoch: int = 0) -> None:
        os.write(ledger, f"{os.getpid()} {time.monotonic()} {what} {container} {epoch}\n".encode())

    async def body(container: Container) -> None:
        note("begins", container.id, container.epoch)
        while True:
            await clock.sleep(0.1)
            note("acts", container.id, container.epoch)

    clock = SystemClock()
    store = await open_store(database, universe="2026-01-01")
    now = clock.now()
    player = await store.transact(
        lambda tx: (
            tx.players.by_agent(agent)
            or tx.players.add(
                agent, reset_date="2026-01-01", base_url="http://here/v2", headquarters="", now=now
            )
        )
    )
    note("launches")
    engine = DurableEngine(store, clock, database_url=database, node_id=node_id)
    await engine.launch()
    engine.register(ContainerType.WORKER, body, restarts=None)
    recovery = await engine.resume([player.id])
    note("resumed", epoch=recovery.resumed)
    for number in range(containers):
        name = f"{agent}-{number}"
        if not engine.is_running(name):
            await engine.start(Container(name, ContainerType.WORKER, player.id, now, now))
    note("stands")
    await asyncio.Event().wait()


if __name__ == "__main__":
    place, system, node, who, count = sys.argv[1:]
    asyncio.run(live(Path(place), system, node, who, int(count)))
