"""One agent at one size, several times in the same moments of the machine: with more and fewer ended legs."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any

from bench.history import Past, open_database, write_legs, write_totals
from bench.makespan.cases import TARGETS
from bench.makespan.run import HAULER
from bench.makespan.systems import EXTRA_WORKSHOP
from bench.scale.meter import STORE, Meter, count_queries
from bench.swapping import resolve, swapped
from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.daemon.factories import Refuse
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy, Terminal

PURSE = 100_000_000
LOADS = 50
"""Loads that each factory with a number is asked for: none is done before the measurement ends."""

UNLIMITED: dict[str, Any] = {"rate_limit__per_second": 1_000.0, "rate_limit__burst": 1_000}
"""With two requests per second most of the ships would stand still, and planning would cost little."""

PASS, TRANSACT = (
    "goodsfactory.production.planner:Planner._pass",
    "goodsfactory.adapters.store.sql_store:SqlStore.transact",
)
"""What a pass of the planner is, and what leaves the loop for the store's own thread in a daemon."""

KINDS = ("planner", "assignment")
"""First words of the names of the tasks that do the planner's work."""

SLICE = 20.0
"""Game seconds within which passes of all histories are set against each other."""


@dataclass(frozen=True)
class Milliseconds:
    """CPU time of passes; the collection of garbage is in none of them."""

    mean: float
    p95: float
    worst: float


@dataclass(frozen=True)
class Figures:
    """What a pass costs at one size with one history; ``queries`` are per pass.

    ``longest_block_ms`` is the longest for which planner work held the loop of a daemon: reads and writes are
    left out, which a thread does there. ``ratio`` is a pass over one without ended legs, the median of slices
    of the same run.
    """

    factories: int
    ships: int
    finished_legs: int
    passes: int
    legs_flying: int
    planner_pass_ms: Milliseconds
    longest_block_ms: float
    queries: float
    ratio: float


@dataclass
class _Side:
    """An agent at work, its meter, and the CPU seconds of each of its passes, slice by slice."""

    ground: Playground
    legs: int
    meter: Meter
    passes: list[list[float]] = field(default_factory=lambda: [[]])

    @property
    def all_passes(self) -> list[float]:
        return [seconds for part in self.passes for seconds in part]


_METER: ContextVar[Meter] = ContextVar("_METER")
"""The meter of the side that a task belongs to: tasks inherit it from whoever starts them."""


def run(
    factories: int, ships: int, histories: Sequence[int], *, warm_up: float, seconds: float, passes: int
) -> list[Figures]:
    """Measure after ``warm_up`` game seconds until each side has made ``passes``, ``seconds`` at the most.

    One side for each number of ended legs in ``histories``, the first of which is 0.
    """

    async def work(clock: VirtualClock) -> list[Figures]:
        _METER.set(Meter())
        clock._loop.set_task_factory(
            lambda loop, coroutine, **options: _METER.get().task_factory(loop, coroutine, **options)
        )
        async with AsyncExitStack() as stack:
            stack.callback(clock._loop.set_task_factory, None)
            stack.enter_context(_transactions_apart())
            sides = [
                await stack.enter_async_context(_side(clock, factories, ships, legs)) for legs in histories
            ]
            await clock.sleep(warm_up)
            with _measured(sides):
                for _ in range(int(seconds / SLICE)):
                    await clock.sleep(SLICE)
                    if all(len(side.all_passes) >= passes for side in sides):
                        break
                    for side in sides:
                        side.passes.append([])
            return [await _figures(side, sides[0], factories, ships) for side in sides]

    return run_virtual(work)


@asynccontextmanager
async def _side(clock: VirtualClock, factories: int, ships: int, legs: int) -> AsyncIterator[_Side]:
    """An agent whose factories have so many ended legs behind them, and a daemon that has just begun."""
    meter = Meter()
    _METER.set(meter)
    haulers = (HAULER,) * (ships - 2)  # beside the frigate and the probe that every agent starts with
    async with playground(
        clock,
        ships=haulers,
        credits=PURSE,
        rate_limit=False,
        on_disk=True,
        front=meter.game,
        **UNLIMITED,
    ) as ground:
        crew = ground.application.roster.crew(ground.player.id)
        await crew.scout.survey(ground.world.universe.home.symbol)
        ids = [await _employ(ground, number) for number in range(factories)]
        file = Path(ground.application.settings.database)
        await ground.application.stop()
        if legs:
            connection = open_database(file, ids)
            begin = clock.now() - timedelta(days=30)
            write_totals(connection, ground.player.id, begin, legs)
            past = Past(legs, events_per_leg=2, intents_per_leg=1, ledger_rows_per_leg=0)
            write_legs(connection, ground.player.id, begin, timedelta(days=30), past)
            connection.close()
        await ground.restart()
        yield _Side(ground, legs, meter)


async def _employ(ground: Playground, number: int) -> str:
    """Every other factory sells without end; the rest have more to make than the measurement lasts."""
    goods = [good for good in TARGETS if good != EXTRA_WORKSHOP]
    if number % 2:
        request = FactoryRequest(Strategy.SMART, terminal=Terminal.SELL, continuous=True)
    else:
        request = FactoryRequest(Strategy.SMART, units=80 * LOADS)
    good = goods[number % len(goods)]
    report = await ground.application.start_factory(
        ground.player.id, good, None, request, refuse=Refuse.NOTHING
    )
    return report.factory.id


@contextmanager
def _transactions_apart() -> Iterator[None]:
    """Charge what the store's own thread does in a daemon to no stretch of the loop."""
    holder, name = resolve(TRANSACT)
    original: Callable[..., Awaitable[Any]] = vars(holder)[name]

    async def transact(self: Any, work: Any) -> Any:
        with _METER.get().transaction():
            return await original(self, work)

    with swapped(TRANSACT, transact):
        yield


@contextmanager
def _measured(sides: Sequence[_Side]) -> Iterator[None]:
    """Keep what each pass costs. What went before is no garbage that a side would have to be searched for."""
    holder, name = resolve(PASS)
    original: Callable[..., Awaitable[Any]] = vars(holder)[name]
    kinds = [*KINDS, *(kind + STORE for kind in KINDS)]
    of_meter = {id(side.meter): side for side in sides}

    async def one_pass(self: Any, *arguments: Any) -> Any:
        meter = _METER.get()
        before = meter.spent(*kinds)
        try:
            return await original(self, *arguments)
        finally:
            of_meter[id(meter)].passes[-1].append(meter.spent(*kinds) - before)

    gc.collect()
    gc.freeze()
    with ExitStack() as stack:
        stack.callback(gc.unfreeze)
        for side in sides:
            stack.enter_context(side.meter.spare_cleaning())
            side.meter.reset()
        stack.enter_context(count_queries(_METER.get))
        stack.enter_context(swapped(PASS, one_pass))
        yield


async def _figures(side: _Side, without: _Side, factories: int, ships: int) -> Figures:
    player, ground = side.ground.player.id, side.ground
    over = (FactoryStatus.FAILED, FactoryStatus.COMPLETED)
    lost = await ground.application.store.transact(lambda tx: tx.factories.find(statuses=over))
    assert not lost, f"{lost[0].target_good} is over: {lost[0].error}"
    flying = await ground.application.store.transact(lambda tx: tx.legs.open_of_player(player))
    milliseconds = [1_000 * seconds for seconds in side.all_passes]
    return Figures(
        factories=factories,
        ships=ships,
        finished_legs=side.legs,
        passes=len(milliseconds),
        legs_flying=len(flying),
        planner_pass_ms=Milliseconds(
            mean=round(fmean(milliseconds), 2),
            p95=round(quantiles(milliseconds, n=20)[-1], 2),
            worst=round(max(milliseconds), 2),
        ),
        longest_block_ms=round(1_000 * max(max(side.meter.stretches[kind], default=0) for kind in KINDS), 2),
        queries=round(sum(side.meter.queries[kind] for kind in KINDS) / len(milliseconds), 1),
        ratio=ratio(without.passes, side.passes),
    )


def ratio(without: Sequence[Sequence[float]], passes: Sequence[Sequence[float]]) -> float:
    """What a pass costs over one ``without``: the median of the slices in which both made some."""
    both = [(fmean(one), fmean(other)) for one, other in zip(without, passes, strict=True) if one and other]
    return round(median(other / one for one, other in both), 3)
