"""A process with an engine and some containers, made to be killed. Run as a module; see ``Mortal``."""

import asyncio
import multiprocessing
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.patience import patience

from goodsfactory.adapters.clocks import SystemClock
from goodsfactory.adapters.engine.durable import DurableEngine
from goodsfactory.adapters.store import open_store
from goodsfactory.domain.container import Container, ContainerType

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Note:
    """One line a process wrote: what happened to which container, in which epoch."""

    pid: int
    at: float
    what: str
    container: str
    epoch: int


class _Spawned:
    """A process of another program; as much of it as of those of multiprocessing."""

    def __init__(self, arguments: list[str], source: Path, words: Path) -> None:
        path = os.pathsep.join([str(source), str(ROOT)])
        with words.open("ab") as said:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "tests.engine.mortal", *arguments],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        self.pid = self._child.pid

    def kill(self) -> None:
        self._child.kill()

    def join(self) -> None:
        self._child.wait()

    def is_alive(self) -> bool:
        return self._child.poll() is None


@dataclass
class Mortal:
    """Starts processes that share a store and a ledger of what their bodies did."""

    folder: Path
    database: str
    """of rows and of DBOS"""
    containers: int = 4
    _children: dict[int, _Spawned | BaseProcess] = field(default_factory=dict)

    def live(self, node_id: str = "node-1", agent: str = "COSMIC", source: Path | None = None) -> int:
        """Begin a process and return its id; ``source`` is where its program is, if not here."""
        arguments = [str(self.folder), self.database, node_id, agent, str(self.containers)]
        child: _Spawned | BaseProcess
        if source is not None:
            child = _Spawned(arguments, source, self.folder / "words")
        else:
            # Each is born of a process that has imported everything already.
            births = multiprocessing.get_context("forkserver")
            births.set_forkserver_preload([__name__])
            child = births.Process(target=_begin, args=(arguments, str(self.folder / "words")), daemon=True)
            child.start()
        assert child.pid is not None
        self._children[child.pid] = child
        return child.pid

    def kill(self, pid: int) -> None:
        """SIGKILL; returns once it is gone."""
        self._children[pid].kill()
        self._children[pid].join()

    def kill_all(self) -> None:
        for pid in self._children:
            self.kill(pid)

    def notes(self, what: str, pid: int | None = None) -> list[Note]:
        ledger = self.folder / "ledger"
        lines = ledger.read_text().splitlines() if ledger.exists() else []
        notes = [_note(line) for line in lines]
        return [note for note in notes if note.what == what and pid in (None, note.pid)]

    def wait_for(self, what: str, pid: int, times: int) -> list[Note]:
        """Wait until a process has written so many notes of a kind."""
        began = time.monotonic()
        while time.monotonic() - began < patience(60):
            notes = self.notes(what, pid)
            if len(notes) >= times:
                return notes
            assert self._children[pid].is_alive(), self.words()
            time.sleep(0.02)
        raise AssertionError(f"only {len(self.notes(what, pid))} of {times} {what}: {self.words()}")

    def words(self) -> str:
        """All that the processes printed."""
        words = self.folder / "words"
        return words.read_text() if words.exists() else ""


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
                agent,
                universe="2026-01-01",
                reset_date="2026-01-01",
                base_url="http://here/v2",
                headquarters="",
                now=now,
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


def _begin(arguments: list[str], words: str) -> None:
    said = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    main(arguments)


def main(arguments: list[str]) -> None:
    place, database, node_id, agent, containers = arguments
    asyncio.run(live(Path(place), database, node_id, agent, int(containers)))


if __name__ == "__main__":
    main(sys.argv[1:])
