"""A real daemon that may be told where to die: ``python -m tests.kill.victim --kill-at POINT …``.

It is put together by the real composition root; only the trap in store and transport is added.
"""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import httpx2
from tests.kill.points import POINTS
from tests.kill.watch import ListedTransport, Trap, WatchingStore, WatchingTransport

from goodsfactory.adapters.spacetraders import transports
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.bootstrap import build, run_daemon
from goodsfactory.daemon.settings import Settings, load_settings
from goodsfactory.ports.store import Store

NOTE = "killed.json"


async def open_victim(settings: Settings, trap: Trap, node_id: str, requests: Path | None) -> Application:
    """The application of ``settings`` with a trap in it, and with a list of its ``requests``."""
    sockets: httpx2.AsyncBaseTransport = transports.sockets(settings.source_address)
    if requests is not None:
        sockets = ListedTransport(sockets, requests)
    transport = WatchingTransport(sockets, trap, {})

    def observe(store: Store) -> Store:
        watching = WatchingStore(store, trap, transport.intents)
        return watching

    return await build(settings, transport=transport, observe_store=observe, node_id=node_id)


async def run(settings: Settings, trap: Trap, requests: Path | None) -> int:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    return await run_daemon(
        settings,
        stop=stop,
        ready=lambda line: print(line, flush=True),  # noqa: T201 - the harness reads it
        open_application=lambda asked, *, node_id: open_victim(asked, trap, node_id, requests),
    )


def main() -> int:
    words = argparse.ArgumentParser()
    for name in ("base-url", "state-dir", "socket", "database"):
        words.add_argument(f"--{name}", required=True)
    words.add_argument("--kill-at", choices=sorted(POINTS))
    words.add_argument("--source-address")
    words.add_argument("--requests", type=Path)
    given = words.parse_args()
    names = ("base_url", "state_dir", "socket", "database", "source_address")
    flags = {name: getattr(given, name) for name in names}
    settings = load_settings(flags, {}, None)
    note = Path(given.state_dir) / NOTE
    return asyncio.run(run(settings, Trap(POINTS.get(given.kill_at), note), given.requests))


if __name__ == "__main__":
    sys.exit(main())
