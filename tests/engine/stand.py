"""Where the contract is tested: in process in virtual time, and on DBOS in real time on a fast clock."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.engine.yard import MakeEngine, open_yard

from goodsfactory.adapters.clocks import ScaledClock, VirtualClock, run_virtual
from goodsfactory.adapters.engine.durable import DurableEngine
from goodsfactory.adapters.engine.in_process import InProcessEngine
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Engine
from goodsfactory.ports.store import Store

Story = Callable[..., Awaitable[None]]

SQLITE, POSTGRESQL = DURABLE = ("dbos-sqlite", "dbos-postgresql")
ALL = ("in-process", *DURABLE)

_MOMENT = 0.1
"""Real seconds of a moment on DBOS."""


@dataclass(frozen=True)
class Stand:
    """One adapter. ``store`` and ``database`` are those of rows and of DBOS; None: containers in process."""

    store: str
    database: str | None

    def play(self, story: Story, *, speed: float, **fixtures: Any) -> None:
        if self.database is None:
            run_virtual(lambda clock: self._in_process(story, clock, fixtures))
        else:
            clock = ScaledClock(speed=speed, start=datetime(2026, 1, 1, tzinfo=UTC))
            asyncio.run(self._durable(story, clock, durable(self.database), fixtures))

    async def _in_process(self, story: Story, clock: VirtualClock, fixtures: dict[str, Any]) -> None:
        async def make(store: Store, clock: Clock) -> Engine:
            return InProcessEngine(store, clock)

        async with open_yard(clock, make, self.store, moment=2.0, is_virtual=True) as one:
            await story(one, **fixtures)

    async def _durable(
        self, story: Story, clock: ScaledClock, make: MakeEngine, fixtures: dict[str, Any]
    ) -> None:
        moment = _MOMENT * clock.speed
        async with open_yard(clock, make, self.store, moment=moment, is_virtual=False) as one:
            await story(one, **fixtures)


def durable(database: str, *, node_id: str = "node-1", sweep_seconds: float = 60.0) -> MakeEngine:
    """Makes durable engines, launched."""

    async def make(store: Store, clock: Clock) -> Engine:
        engine = DurableEngine(
            store,
            clock,
            database_url=database,
            node_id=node_id,
            sweep_seconds=sweep_seconds,
            cancel_again=0.3,
        )
        await engine.launch()
        return engine

    return make


def on_every_engine(*, speed: float = 100.0) -> Callable[[Story], Callable[..., None]]:
    """A test of the contract; its first argument is the yard. ``speed`` is that of the clock on DBOS."""

    def decorate(story: Story) -> Callable[..., None]:
        @functools.wraps(story)
        def test(stand: Stand, **fixtures: Any) -> None:
            stand.play(story, speed=speed, **fixtures)

        signature = inspect.signature(story)
        first, *rest = signature.parameters.values()
        vars(test)["__signature__"] = signature.replace(parameters=[first.replace(name="stand"), *rest])
        return test

    return decorate


def on_dbos(*databases: str, speed: float = 100.0) -> Callable[[Story], Callable[..., None]]:
    """A test of what only DBOS does, on SQLite or on those named; what it writes down is in ``records``."""
    return lambda story: pytest.mark.parametrize("stand", databases or (SQLITE,), indirect=True)(
        on_every_engine(speed=speed)(story)
    )
