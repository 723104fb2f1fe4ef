"""What a year of work costs afterwards: commands, a pass of planning, the database, memory.

``python -m bench.months [--json]`` fills the database of a daemon with a simulated year, a day at a time, and
lets the daemon's own retention work after each of them. A daemon without a history runs beside it in the same
virtual time, so that both are measured on the machine as it is then. It writes ``build/bench/months.json``.
"""

import asyncio
import gc
import json
import os
import sqlite3
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench.history import Past, ended_factory, open_database, write_factories, write_legs, write_totals
from bench.json_wanted import json_wanted
from bench.scale.meter import Meter
from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.api import daemon_pb2, goodsfactory_pb2
from goodsfactory.daemon.housekeeping import INTENTS_KEPT, LOOKS_KEPT
from goodsfactory.daemon.services import DaemonService
from goodsfactory.daemon.services_factory import FactoryService
from goodsfactory.daemon.services_orders import OrderService
from goodsfactory.domain.factory import FactoryRequest, Terminal
from goodsfactory.ports.store import Transaction

TARGET = Path("build/bench/months.json")
LENGTH = timedelta(days=365)
KEEP = timedelta(days=30)
ROWS_AT_ONCE = 5_000
CALLS = 5
"""Each command is asked so often; the dearest call counts."""

WARM_UP, MEASURED, SLICE = 900.0, 7_200.0, 240.0
"""Game seconds of planning before, and while, it is measured; the median of its slices counts."""

PLANNERS = ("coordinator", "planner")


@dataclass(frozen=True)
class Year:
    """How much happens in a year; the shares of a leg are those of a SELL chain in the sandbox."""

    legs: int = 500_000
    events_per_leg: int = 10
    ledger_rows_per_leg: int = 3
    intents_per_leg: int = 3
    factories: int = 400
    sightings: int = 100_000
    steps: int = 365
    """How often retention works in it: what is old goes in so many lots."""

    @property
    def step(self) -> timedelta:
        return LENGTH / self.steps

    def past(self, legs: int) -> Past:
        """What so many of its legs leave in one step."""
        sightings = self.sightings // self.steps
        return Past(legs, self.events_per_leg, self.ledger_rows_per_leg, self.intents_per_leg, sightings)


@dataclass(frozen=True)
class Costs:
    """Milliseconds of processor time inside the daemon; ``pass_ms`` of one pass of both ``PLANNERS``."""

    status_ms: float
    list_ms: float
    containers_ms: float
    ledger_ms: float
    daemon_status_ms: float
    pass_ms: float


@dataclass(frozen=True)
class Figures:
    """``empty`` is the daemon without a history; both, and the sandbox of each, are in ``rss_mb``.

    ``pass_ratio`` is what a pass costs with the year for each millisecond without: the median of the slices,
    in each of which both were measured within the same moments of the machine.
    """

    year: Year
    rows: dict[str, int]
    retention_cpu_seconds: float
    costs: Costs
    empty: Costs
    pass_ratio: float
    db_mb: float
    rss_mb: float


@dataclass(frozen=True)
class _Side:
    """A daemon at work on one factory, and whose processor time it took."""

    ground: Playground
    factory_id: str
    file: Path
    meter: Meter


_METER: ContextVar[Meter] = ContextVar("_METER")
"""The meter of the side that a task belongs to: tasks inherit it from whoever starts them."""


def measure(year: Year, *, seconds: float = MEASURED) -> Figures:
    """A daemon with a year of history beside one without."""
    return run_virtual(lambda clock: _run(clock, year, seconds))


async def _run(clock: VirtualClock, year: Year, seconds: float) -> Figures:
    clock._loop.set_task_factory(
        lambda loop, coroutine, **options: _METER.get().task_factory(loop, coroutine, **options)
    )
    async with _side(clock) as empty, _side(clock) as full:
        retention = await _fill(full.ground, full.file, full.factory_id, year)
        sides = (empty, full)
        passes, ratio = await _passes(clock, sides, seconds)
        without, after = [
            Costs(**await _commands(side.ground, clock, side.factory_id), pass_ms=pass_ms)
            for side, pass_ms in zip(sides, passes, strict=True)
        ]
        with sqlite3.connect(full.file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            rows = {name: _count(connection, name) for name in _TABLES}
        connection.close()
        size = _size_mb(full.file)
    clock._loop.set_task_factory(None)
    return Figures(year, rows, round(retention, 1), after, without, ratio, size, _resident_mb())


@asynccontextmanager
async def _side(clock: VirtualClock) -> AsyncIterator[_Side]:
    meter = Meter()
    _METER.set(meter)
    async with playground(clock, on_disk=True, front=meter.game) as ground:
        factory_id = await ground.produce("COPPER", FactoryRequest(continuous=True, terminal=Terminal.SELL))
        yield _Side(ground, factory_id, Path(ground.application.settings.database), meter)


async def _fill(ground: Playground, file: Path, factory_id: str, year: Year) -> float:
    """Write the year down and thin it step by step; returns the processor seconds of the thinning."""
    now, player, store = ground.clock.now(), ground.player.id, ground.application.store
    begin = now - LENGTH
    # A tenth of it in the factory at work.
    owners = [
        factory_id if leg % 10 == 0 else ended_factory(leg % year.factories)
        for leg in range(10 * year.factories)
    ]
    connection = open_database(file, owners)
    write_factories(connection, factory_id, player, begin, LENGTH / year.factories, year.factories)
    write_totals(connection, player, begin, year.legs)
    spent = 0.0
    for step in range(year.steps):
        start = begin + step * year.step
        legs = year.legs * (step + 1) // year.steps - year.legs * step // year.steps
        write_legs(connection, player, start, year.step, year.past(legs), step * year.legs // year.steps)
        end, began = start + year.step, time.process_time()
        ages = {"now": end, "before": end - KEEP, "settled": end - INTENTS_KEPT, "looked": end - LOOKS_KEPT}
        while await store.transact(partial(_thin, ages=ages)):
            pass
        spent += time.process_time() - began
    connection.close()
    return spent


def _thin(tx: Transaction, *, ages: dict[str, datetime]) -> int:
    return tx.history.thin(
        ages["before"],
        ROWS_AT_ONCE,
        now=ages["now"],
        settled_before=ages["settled"],
        looked_before=ages["looked"],
    )


async def _passes(clock: VirtualClock, sides: Sequence[_Side], seconds: float) -> tuple[list[float], float]:
    """Milliseconds of one pass of the coordinator and one of the planner, for each side, and their ratio.

    Their passes take turns, and what disturbs a few does not move the median of the slices. What the filling
    left behind is no garbage that either of them would have to be searched for.
    """
    await clock.sleep(WARM_UP)
    found: list[defaultdict[str, list[float]]] = [defaultdict(list) for _ in sides]
    ratios: list[float] = []
    gc.collect()
    gc.freeze()
    with ExitStack() as stack:
        stack.callback(gc.unfreeze)
        for side in sides:
            stack.enter_context(side.meter.spare_cleaning())
        for _ in range(int(seconds / SLICE)):
            before = [_iterations(side.file) for side in sides]
            for side in sides:
                side.meter.reset()
            await clock.sleep(SLICE)
            cpu = [dict(side.meter.cpu) for side in sides]
            both: defaultdict[str, list[float]] = defaultdict(list)
            for side, took, began, spent in zip(sides, found, before, cpu, strict=True):
                for kind, number in _iterations(side.file).items():
                    if number > began[kind]:
                        took[kind].append(1_000 * spent[kind] / (number - began[kind]))
                        both[kind].append(took[kind][-1])
            if all(len(both[kind]) == len(sides) for kind in PLANNERS):
                empty, full = (sum(both[kind][side] for kind in PLANNERS) for side in range(len(sides)))
                ratios.append(full / empty)
    passes = [round(sum(median(took[kind]) for kind in PLANNERS), 2) for took in found]
    return passes, round(median(ratios), 3)


def _iterations(file: Path) -> dict[str, int]:
    connection = sqlite3.connect(file)
    kinds = {"coordinator": "goods_factory_coordinator", "planner": "planner"}
    ask = "SELECT coalesce(sum(iteration), 0) FROM containers WHERE type = ? AND status = 'RUNNING'"
    found = {kind: int(connection.execute(ask, (name,)).fetchone()[0]) for kind, name in kinds.items()}
    connection.close()
    return found


async def _commands(ground: Playground, clock: VirtualClock, factory_id: str) -> dict[str, float]:
    """Processor time of what each command asks of the daemon, its answers written as bytes."""
    application, stop = ground.application, asyncio.Event()
    factories = FactoryService(application, stop=stop)
    daemon = DaemonService(application)
    orders = OrderService(application)
    asks: dict[str, list[Callable[[], Awaitable[Any]]]] = {
        "status_ms": [
            lambda: factories.GetFactory(goodsfactory_pb2.FactoryRef(factory_id=factory_id), None),
        ],
        "list_ms": [
            lambda: factories.ListFactories(goodsfactory_pb2.ListFactoriesRequest(limit=50), None),
        ],
        "containers_ms": [
            lambda: daemon.ListContainers(daemon_pb2.ListContainersRequest(limit=50), None),
        ],
        "ledger_ms": [lambda: orders.GetLedger(goodsfactory_pb2.GetLedgerRequest(), None)],
        "daemon_status_ms": [
            lambda: daemon.HealthCheck(daemon_pb2.HealthCheckRequest(), None),
            lambda: factories.GetStatistics(goodsfactory_pb2.GetStatisticsRequest(), None),
        ],
    }
    costs = {}
    for name, calls in asks.items():
        spent = []
        for _ in range(CALLS):
            began = time.process_time()
            for call in calls:
                (await call()).SerializeToString()
            spent.append(time.process_time() - began)
        costs[name] = round(1_000 * max(spent), 2)
    return costs


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _size_mb(file: Path) -> float:
    return round(file.stat().st_size / 2**20, 1)


def _resident_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    (resident,) = [line for line in lines if line.startswith("VmRSS:")]
    return round(int(resident.split()[1]) / 1024, 1)


def document_of(figures: Figures) -> dict[str, Any]:
    """The figures, and whether each target of them is met."""
    costs = asdict(figures.costs)
    dearest = max(value for name, value in costs.items() if name != "pass_ms")
    return {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0]},
        **asdict(figures),
        "met": {
            "each command takes under 100 ms of the daemon": dearest <= 100,
            "a pass costs within 10 % of one without history": figures.pass_ratio <= 1.1,
            "the database takes under 500 MB": figures.db_mb <= 500,
        },
    }


def main() -> None:
    as_json = json_wanted("months", __doc__)
    document = document_of(measure(Year()))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(document, indent=1) + "\n")
    if as_json:
        sys.stdout.write(json.dumps(document) + "\n")
        return
    for name, figures in document.items():
        told = (
            ", ".join(f"{key} {value}" for key, value in figures.items())
            if isinstance(figures, dict)
            else figures
        )
        sys.stdout.write(f"{name}: {told}\n")


_TABLES = ("events", "legs", "containers", "container_logs", "intents", "ledger", "market_history")


if __name__ == "__main__":
    main()
