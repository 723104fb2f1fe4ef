"""The same faults over real sockets, with the daemon's own engine: connections really break here."""

import asyncio
import functools
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from tests.daemon.stage import FullHistory, Line, Stage
from tests.faults.trial import GOOD, ONE_SHIP, completes
from tests.patience import patience
from tests.playground import settings_for

from goodsfactory.adapters.clocks import ScaledClock, SystemClock
from goodsfactory.daemon import bootstrap
from goodsfactory.daemon.application import Application
from goodsfactory.sandbox.faults import FaultKind, Faults
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.serve import serve
from goodsfactory.sandbox.world import World

SPEED = 400.0
"""Game seconds per real second: the run takes a few real seconds, an answer well under a game second."""

Story = Callable[[Stage], Awaitable[None]]


class SocketStage(Stage):
    """``address`` is where the sandbox listens; applications are built as a daemon builds its own."""

    address = ""

    async def open(self, **flags: Any) -> Application:
        settings = settings_for(self.folder, **{**self.flags, **flags, "base_url": self.address})
        application = await bootstrap.build(settings)
        self.opened.append(application)
        return application


@asynccontextmanager
async def listening(folder: Path, *, ahead: timedelta = timedelta()) -> AsyncIterator[SocketStage]:
    """``ahead`` is how far the game's time is ahead of this machine's."""
    clock = ScaledClock(speed=SPEED, start=SystemClock().now() + ahead)
    universe = generate_universe(1, epoch=clock.now())
    world = World(universe, now=clock.now, seed=1, starting_credits=2_000_000, starting_fleet=ONE_SHIP)
    trades, faults = FullHistory(), Faults()
    world.trading.history = trades
    app = create_app(world, faults=faults, sleep=clock.sleep, speed=SPEED)
    started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app, started=started.set_result, stop=stop))
    one = SocketStage(cast("Any", clock), world, Line(app), folder, {}, trades, faults)
    one.address = await started
    try:
        yield one
    finally:
        for application in one.opened:
            await application.stop()
        stop.set()
        await serving


def over_sockets(story: Story) -> Callable[..., None]:
    """A test whose first argument is a stage behind a real socket."""

    @functools.wraps(story)
    def test(**fixtures: Any) -> None:
        async def told() -> None:
            with tempfile.TemporaryDirectory() as folder:
                async with asyncio.timeout(patience(60)), listening(Path(folder)) as one:
                    await story(one, **fixtures)

        asyncio.run(told())

    # The stage is no fixture: pytest must not see it among the arguments.
    del test.__wrapped__
    return test


@over_sockets
async def test_answers_dropped_after_the_effect(one: Stage) -> None:
    """The first purchase, sale, refuelling and flight order each happen, and their connection breaks."""
    player = await one.begin()
    armed = [
        one.faults.add(FaultKind.DROP_AFTER, method="POST", path=f"/my/ships/*/{call}", count=1)
        for call in ("purchase", "sell", "refuel", "navigate")
    ]
    await completes(one, player, await one.produce(player, GOOD))
    assert [fault.struck for fault in armed] == [1, 1, 1, 1]


@over_sockets
async def test_connections_dropped_before_anything_happened(one: Stage) -> None:
    """Every fourth request of the run finds no answer and has no effect."""
    player = await one.begin()
    factory = await one.produce(player, GOOD)
    armed = [one.faults.add(FaultKind.DROP_BEFORE, skip=number, count=1) for number in range(2, 120, 4)]
    await completes(one, player, factory)
    assert armed[0].struck == 1


@over_sockets
async def test_errors_a_closed_server_and_late_answers(one: Stage) -> None:
    """One after the other, in the middle of the run."""
    player = await one.begin()
    factory = await one.produce(player, GOOD)
    armed = [
        one.faults.add(FaultKind.ERROR, skip=2, count=8, status=502),
        one.faults.add(FaultKind.MAINTENANCE, skip=12, count=12),
        one.faults.add(FaultKind.SLOW, skip=27, count=5, seconds=30.0),
    ]
    await completes(one, player, factory)
    assert [fault.struck for fault in armed] == [8, 12, 5]


@over_sockets
async def test_a_server_whose_clock_is_wrong(one: Stage) -> None:
    """It tells a time 30 seconds ahead of its own arrivals."""
    player = await one.begin()
    one.faults.add(FaultKind.SKEW, seconds=30.0)
    await completes(one, player, await one.produce(player, GOOD))
