"""What containers on DBOS cost: to launch, to start, to resume after a kill, and to wait.

``python -m bench.containers [--server postgresql://…]`` writes ``build/bench/containers.json``; without a
server on SQLite. Every phase is a process of its own on an empty database; only ``resume`` finds what
``prepare`` was killed over. On a server the databases ``bench_…`` are made and dropped.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from goodsfactory.adapters.clocks import SystemClock
from goodsfactory.adapters.engine.durable import DurableEngine
from goodsfactory.adapters.store import open_store
from goodsfactory.domain.container import Container, ContainerType
from goodsfactory.ports.store import Store

TARGET = Path("build/bench/containers.json")
RESUMED = 300
WAITING = 1_000
STARTS = 100
IDLE_SECONDS = 20.0


def memory_mib() -> float:
    """Resident memory of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


class Fleet:
    """Containers that wait for ever, and the moments at which they began."""

    def __init__(self) -> None:
        self.begun: list[float] = []
        self._another = asyncio.Event()

    async def __call__(self, container: Container) -> None:
        self.begun.append(time.perf_counter())
        self._another.set()
        await asyncio.Event().wait()

    async def until(self, times: int) -> None:
        while len(self.begun) < times:
            self._another.clear()
            await self._another.wait()


async def player_of(store: Store) -> int:
    now = SystemClock().now()
    known = await store.transact(lambda tx: tx.players.by_agent("BENCH"))
    if known is not None:
        return known.id
    added = await store.transact(
        lambda tx: tx.players.add(
            "BENCH",
            universe="2026-01-01",
            reset_date="2026-01-01",
            base_url="http://here/v2",
            headquarters="",
            now=now,
        )
    )
    return added.id


async def idle(clock: SystemClock) -> dict[str, Any]:
    """What it costs to do nothing."""
    await clock.sleep(3.0)
    spent, began = time.process_time(), time.perf_counter()
    await clock.sleep(IDLE_SECONDS)
    share = (time.process_time() - spent) / (time.perf_counter() - began)
    return {
        "idle_cpu_percent": round(share * 100, 2),
        "memory_mib": memory_mib(),
        "threads": threading.active_count(),
    }


async def measure(phase: str, database: str) -> dict[str, Any]:
    clock = SystemClock()
    store = await open_store(database, universe="2026-01-01")
    player = await player_of(store)
    fleet = Fleet()
    before = time.perf_counter()
    engine = DurableEngine(store, clock, database_url=database, node_id="bench")
    await engine.launch()
    launched = time.perf_counter()
    engine.register(ContainerType.WORKER, fleet, restarts=None)
    figures: dict[str, Any] = {"launch_seconds": round(launched - before, 3)}

    async def start(count: int, prefix: str) -> None:
        for number in range(count):
            now = clock.now()
            await engine.start(Container(f"{prefix}-{number}", ContainerType.WORKER, player, now, now))

    if phase == "starts":
        latencies = []
        for number in range(STARTS):
            asked = time.perf_counter()
            await start(1, f"one-{number}")
            await fleet.until(number + 1)
            latencies.append((fleet.begun[-1] - asked) * 1000)
        figures["start_milliseconds_median"] = round(statistics.median(latencies), 1)
        figures["start_milliseconds_p95"] = round(statistics.quantiles(latencies, n=20)[-1], 1)
    elif phase == "prepare":
        await start(RESUMED, "many")
        await fleet.until(RESUMED)
        await clock.sleep(1.0)
        say(figures)
        os.kill(os.getpid(), 9)
    elif phase == "resume":
        asked = time.perf_counter()
        recovery = await engine.resume([player])
        await fleet.until(RESUMED)
        figures["resumed"] = recovery.resumed
        figures["resume_seconds"] = round(max(fleet.begun) - asked, 3)
        figures["launch_and_resume_seconds"] = round(max(fleet.begun) - before, 3)
    elif phase == "wait":
        asked = time.perf_counter()
        await start(WAITING, "waiting")
        await fleet.until(WAITING)
        figures["start_all_seconds"] = round(time.perf_counter() - asked, 2)
        figures |= await idle(clock)
    elif phase == "idle":
        figures |= await idle(clock)
    asked = time.perf_counter()
    await engine.shutdown()
    figures["shutdown_seconds"] = round(time.perf_counter() - asked, 3)
    await store.close()
    return figures


def say(figures: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    sys.stdout.flush()


def run(phase: str, database: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.containers", "--phase", phase, "--server", database]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


@contextmanager
def databases(server: str | None) -> Iterator[Callable[[str], str]]:
    """Gives an empty database for each name."""
    if server is None:
        with tempfile.TemporaryDirectory(prefix="bench-containers-") as folder:
            yield lambda name: str(Path(folder) / f"{name}.sqlite")
        return
    url = make_url(server)
    made: list[str] = []
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(False), autocommit=True) as ask:

        def make(name: str) -> str:
            ask.execute(f"DROP DATABASE IF EXISTS bench_{name} WITH (FORCE)")
            ask.execute(f"CREATE DATABASE bench_{name}")
            made.append(name)
            return url.set(database=f"bench_{name}").render_as_string(hide_password=False)

        try:
            yield make
        finally:
            for name in made:
                ask.execute(f"DROP DATABASE IF EXISTS bench_{name} WITH (FORCE)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", help="a PostgreSQL URL whose user may create databases; else SQLite")
    parser.add_argument("--phase", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.phase:
        say(asyncio.run(measure(options.phase, options.server)))
        return
    with databases(options.server) as database:
        kept = database("kept")
        figures = {phase: run(phase, kept) for phase in ("prepare", "resume")}
        figures |= {phase: run(phase, database(phase)) for phase in ("starts", "wait", "idle")}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(figures, indent=2) + "\n")
    say(figures)


if __name__ == "__main__":
    main()
