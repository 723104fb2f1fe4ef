"""A daemon with everything real in it: the application, a sandbox in the same process, gRPC on a socket."""

import asyncio
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from goodsfactory.adapters.clocks import ScaledClock
from goodsfactory.adapters.spacetraders import transports
from goodsfactory.api.client import Client, Identity
from goodsfactory.daemon import bootstrap
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.server import serve
from goodsfactory.daemon.settings import load_settings
from goodsfactory.sandbox.faults import Faults
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.world import World

Result = TypeVar("Result")

FIRST = "ALPHA"
SECOND = "BETA"


@dataclass
class LivingDaemon:
    """FIRST is the default player, SECOND another; each has a command frigate, a probe and two haulers."""

    application: Application
    world: World
    socket: Path
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event
    faults: Faults
    """the sandbox's own faults; arm them here"""

    def client(self, agent: str | None = None) -> Client:
        return Client(self.socket, Identity(agent_symbol=agent))

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine on the daemon's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def end(self) -> None:
        """Stop it, as SIGTERM would."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.stop.set)


@contextmanager
def living_daemon(*, speed: float = 2000.0, players: bool = True) -> Iterator[LivingDaemon]:
    """Run a daemon in a thread; everything is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        started: list[LivingDaemon] = []
        ready = threading.Event()
        life = thread.submit(asyncio.run, _live(Path(folder), speed, players, started.append, ready.set))
        while not ready.wait(0.02):
            if life.done():
                life.result()
        daemon = started[0]
        try:
            yield daemon
        finally:
            daemon.end()
            life.result(30)


async def _live(
    folder: Path,
    speed: float,
    players: bool,
    started: Callable[[LivingDaemon], None],
    ready: Callable[[], None],
) -> None:
    clock = ScaledClock(speed=speed)
    universe = generate_universe(1, epoch=clock.now())
    world = World(
        universe,
        now=clock.now,
        seed=1,
        starting_credits=2_000_000,
        starting_fleet=("SHIP_LIGHT_HAULER", "SHIP_LIGHT_HAULER"),
    )
    places = {"base_url": "https://sandbox/v2", "state_dir": folder, "socket": folder / "d.sock"}
    # At this speed two minutes of the game are gone while a machine takes a breath.
    settings = load_settings({**places, "policy.price_window": 1.8 * speed}, {}, None)
    faults = Faults()
    application = await bootstrap.build(
        settings,
        transport=transports.in_process(create_app(world, rate_limit=False, speed=speed, faults=faults)),
        durable=False,  # tests of faces: several daemons may live in this process
    )
    stop = asyncio.Event()
    try:
        await application.start()
        if players:
            await application.register_player(FIRST, universe.factions[0])
            await application.register_player(SECOND, universe.factions[0])
        started(LivingDaemon(application, world, settings.socket, asyncio.get_running_loop(), stop, faults))
        await serve(application, settings.socket, stop=stop, ready=lambda _: ready())
    finally:
        await application.stop()
