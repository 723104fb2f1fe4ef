"""A real daemon that may be told where to die: ``python -m tests.kill.victim --kill-at POINT …``.

It is put together by the real composition root; only the trap in store and transport is added.
"""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from tests.kill.points import POINTS
from tests.kill.watch import Memory, Trap, WatchingStore, WatchingTransport

from goodsfactory.adapters.spacetraders import transports
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.bootstrap import build, run_daemon
from goodsfactory.daemon.settings import Settings, load_settings

NOTE = "killed.json"


async def open_victim(settings: Settings, trap: Trap, latency: float) -> Application:
    """The application of ``settings`` with a trap in it."""
    memory = Memory()
    return await build(
        settings,
        transport=WatchingTransport(transports.sockets(), trap, memory, latency),
        observe_store=lambda store: WatchingStore(store, trap, memory),
    )


async def run(settings: Settings, trap: Trap, latency: float) -> int:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    return await run_daemon(
        settings,
        stop=stop,
        ready=lambda line: print(line, flush=True),  # noqa: T201 - the harness reads it
        open_application=lambda asked: open_victim(asked, trap, latency),
    )


def main() -> int:
    words = argparse.ArgumentParser()
    for name in ("base-url", "state-dir", "socket", "database"):
        words.add_argument(f"--{name}", required=True)
    words.add_argument("--kill-at", choices=sorted(POINTS))
    words.add_argument("--latency", type=float, default=0.0)
    given = words.parse_args()
    flags = {name: getattr(given, name) for name in ("base_url", "state_dir", "socket", "database")}
    settings = load_settings(flags, {}, None)
    note = Path(given.state_dir) / NOTE
    return asyncio.run(run(settings, Trap(POINTS.get(given.kill_at), note), given.latency))


if __name__ == "__main__":
    sys.exit(main())
