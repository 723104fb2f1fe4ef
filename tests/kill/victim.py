"""A real daemon that may be told where to die: ``python -m tests.kill.victim --kill-at POINT …``.

It is put together by the real composition root; only the trap in store and transport is added.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.kill.points import POINTS
from tests.kill.watch import ListedTransport, Memory, Trap, WatchingStore, WatchingTransport

from goodsfactory.adapters.node_identity import NodeIdentity
from goodsfactory.adapters.spacetraders import transports
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.bootstrap import build
from goodsfactory.daemon.running import run_daemon
from goodsfactory.daemon.settings import Settings, load_settings

NOTE = "killed.json"


@dataclass(frozen=True)
class Surroundings:
    """The trap in it, the real seconds a request takes each way, and where its requests are listed."""

    trap: Trap
    latency: float
    requests: Path


async def open_victim(settings: Settings, around: Surroundings, node: NodeIdentity) -> Application:
    """The application of ``settings`` with a trap in it."""
    memory = Memory()
    sockets = ListedTransport(transports.sockets(settings.source_address), around.requests)
    return await build(
        settings,
        transport=WatchingTransport(sockets, around.trap, memory, around.latency),
        observe_store=lambda store: WatchingStore(store, around.trap, memory),
        node=node,
    )


async def run(settings: Settings, around: Surroundings) -> int:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    return await run_daemon(
        settings,
        stop=stop,
        ready=lambda line: print(line, flush=True),  # noqa: T201 - the harness reads it
        open_application=lambda asked, *, node: open_victim(asked, around, node),
    )


def main(words: Sequence[str] | None = None) -> int:
    """Run with the arguments of the command line, or with ``words``."""
    arguments = argparse.ArgumentParser()
    for name in ("base-url", "state-dir", "socket", "database"):
        arguments.add_argument(f"--{name}", required=True)
    arguments.add_argument("--kill-at", choices=sorted(POINTS))
    arguments.add_argument("--freeze-at", choices=sorted(POINTS))
    arguments.add_argument("--latency", type=float, default=0.0)
    arguments.add_argument("--source-address")
    arguments.add_argument("--requests", type=Path, required=True)
    given = arguments.parse_args(words)
    names = ("base_url", "state_dir", "socket", "database", "source_address")
    settings = load_settings({name: getattr(given, name) for name in names}, {}, None)
    note = Path(given.state_dir) / NOTE
    trap = Trap(POINTS.get(given.kill_at or given.freeze_at), note)
    if given.freeze_at:
        trap.sends = signal.SIGSTOP
    around = Surroundings(trap, given.latency, given.requests)
    return asyncio.run(run(settings, around))


if __name__ == "__main__":
    sys.exit(main())
