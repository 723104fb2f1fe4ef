"""The real application against the real sandbox, both in one process and in virtual time."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.adapters.spacetraders import transports
from goodsfactory.daemon import bootstrap
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.factories import Refuse
from goodsfactory.daemon.reports import FactoryReport
from goodsfactory.daemon.settings import Settings, load_settings
from goodsfactory.domain.events import Event
from goodsfactory.domain.factory import FactoryRequest
from goodsfactory.domain.player import Player
from goodsfactory.ports.engine import Recovery
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.scenarios import Scenario
from goodsfactory.sandbox.universe import Universe
from goodsfactory.sandbox.world import World

HAULERS = ("SHIP_LIGHT_SHUTTLE",) * 5
"""With the command frigate of the start: six cargo ships."""


class Server:
    """The address of the game: whichever world stands behind it now answers."""

    def __init__(self, world: World, *, rate_limit: bool) -> None:
        self._rate_limit = rate_limit
        self.open(world)

    def open(self, world: World) -> None:
        """Answer with this world from now on, as after a reset of the universe."""
        self.app = create_app(world, rate_limit=self._rate_limit)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@dataclass
class Playground:
    """``player`` is registered; nothing is mocked: HTTP messages, SQLite, the whole composition root."""

    world: World
    application: Application
    player: Player
    clock: VirtualClock
    server: Server
    build: Callable[[], Awaitable[Application]]
    """one more application for the same server, and on the same file where the database is ``on_disk``"""

    async def kill(self) -> None:
        """End the application as SIGKILL does: from one moment to the next it can write nothing more."""
        await self.application.store.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.application.stop()

    async def restart(self) -> tuple[Recovery, list[str]]:
        """Start a new application in the place of one that was killed or stopped."""
        self.application = await self.build()
        return await self.application.start()

    async def produce(self, good: str, request: FactoryRequest | None = None) -> str:
        """Start a factory, whatever speaks against it; returns its id."""
        report = await self.application.start_factory(
            self.player.id, good, None, request or fabricating(), refuse=Refuse.NOTHING
        )
        return report.factory.id

    async def until_over(self, factory_id: str, *, hours: float = 48) -> FactoryReport:
        """Wait until the factory is over. Fails with its report where that takes longer."""
        for _ in range(int(hours * 60)):
            report = await self.application.factory(self.player.id, factory_id)
            if report.factory.status.is_over:
                return report
            await self.clock.sleep(60)
        waiting = [f"{n.good} {n.state}: {n.reason}" for n in report.nodes.values()]
        raise AssertionError(f"not over after {hours} h: {waiting}")

    async def events(self, factory_id: str | None = None) -> list[Event]:
        return await self.application.events(self.player.id, factory_id, 0, 100_000)

    @property
    def credits(self) -> int:
        """The agent's balance as the sandbox itself keeps it."""
        return self.world.agents.find(self.player.agent_symbol).credits


@contextmanager
def a_folder() -> Iterator[Path]:
    """An empty folder for one application, where this process had its last one.

    What was compiled for a database there serves the next test.
    """
    usual = Path(tempfile.gettempdir()) / f"gf-play-{os.getpid()}"
    try:
        usual.mkdir(mode=0o700)
    except FileExistsError:
        with tempfile.TemporaryDirectory() as another:
            yield Path(another)
        return
    try:
        yield usual
    finally:
        shutil.rmtree(usual)


def settings_for(folder: Path, *, token: str | None = None, **flags: Any) -> Settings:
    """``token`` is that of the environment; the rest are flags, with ``__`` for a dot."""
    return load_settings(
        {
            "base_url": "https://sandbox/v2",
            "state_dir": str(folder),
            "socket": str(folder / "daemon.sock"),
            # Replays take processor time: who wants a quote of each factory says so.
            "quote_at_start": False,
            **{name.replace("__", "."): value for name, value in flags.items()},
        },
        {} if token is None else {"SPACETRADERS_TOKEN": token},
        None,
    )


@asynccontextmanager
async def playground(
    clock: VirtualClock,
    *,
    seed: int = 1,
    scenario: Scenario = Scenario.YOUNG,
    ships: Sequence[str] = HAULERS,
    credits: int = 2_000_000,
    universe: Universe | None = None,
    faction: str | None = None,
    rate_limit: bool = True,
    on_disk: bool = False,
    front: Callable[[Server], Any] = lambda server: server,
    prepare: Callable[[Application], None] | None = None,
    **flags: Any,
) -> AsyncIterator[Playground]:
    """Open a universe and an application that plays it; closes both.

    ``prepare`` is given the application after its start, before it has a player to work for; ``front`` puts
    an ASGI application of its own before the server. A database ``on_disk`` outlives an application.
    """
    place = universe or generate_universe(seed, epoch=clock.now(), scenario=scenario)
    world = World(place, now=clock.now, seed=seed, starting_credits=credits, starting_fleet=ships)
    server = Server(world, rate_limit=rate_limit)
    line = front(server)
    with a_folder() as folder:
        settings = settings_for(folder, **flags)
        if not on_disk:
            settings = replace(settings, database=":memory:")
        seeds = itertools.count(seed)

        async def build() -> Application:
            return await bootstrap.build(
                settings,
                clock=clock,
                transport=transports.in_process(line),
                inline_store=True,
                seed=next(seeds),
            )

        application = await build()
        play: Playground | None = None
        try:
            await application.start()
            if prepare is not None:
                prepare(application)
            player = await application.register_player("FACTORY", faction or place.factions[0])
            play = Playground(world, application, player, clock, server, build)
            yield play
        finally:
            await (play.application if play else application).stop()
