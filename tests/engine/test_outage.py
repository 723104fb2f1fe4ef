"""A database that goes away for a while takes no container with it."""

import asyncio
import sqlite3
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from tests.engine.bodies import Sleeper
from tests.engine.records import Records
from tests.engine.stand import POSTGRESQL, on_dbos
from tests.engine.yard import Yard
from tests.postgres import PostgresServer

from goodsfactory.daemon.log import open_log
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Unavailable


@on_dbos(POSTGRESQL)
async def test_an_outage_is_waited_out(
    one: Yard,
    records: Records,
    postgres: PostgresServer,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What runs goes on, what ends meanwhile ends once the server is back, and few lines tell of it."""
    told = StringIO()
    with open_log(told, level="INFO", now=one.clock.now):
        await _outlive_an_outage(one, records, postgres)
    assert 0 < len(told.getvalue().splitlines()) < 12, told.getvalue()
    assert capfd.readouterr().out == ""


async def _outlive_an_outage(one: Yard, records: Records, postgres: PostgresServer) -> None:
    ticks: list[float] = []
    away = asyncio.Event()

    async def steady(container: Container) -> None:
        while True:
            await one.clock.sleep(1)
            ticks.append(one.clock.now().timestamp())

    async def brief(container: Container) -> str:
        await away.wait()
        return "done"

    engine = await one.engine_with(brief)
    engine.register(ContainerType.COORDINATOR, steady, restarts=None)
    await engine.start(replace(one.container("steady-1", ContainerType.COORDINATOR), metadata={}))
    await engine.start(one.container())
    await one.until(lambda: len(ticks) > 3)
    postgres.stop(immediately=True)
    try:
        away.set()
        with pytest.raises(Unavailable):
            await engine.start(one.container("worker-2"))
        before = len(ticks)
        await asyncio.sleep(2)
        assert len(ticks) - before > 20
    finally:
        postgres.start()
    row = await one.ended()
    assert (row.status, row.exit_reason) == (ContainerStatus.COMPLETED, "done")
    await engine.start(one.container("worker-2"))
    await one.ended("worker-2")
    assert await engine.stop("steady-1", reason="enough")
    await records.until({"steady-1:1": "SUCCESS", "worker-1:1": "SUCCESS", "worker-2:1": "SUCCESS"})


@on_dbos()
async def test_a_locked_file_is_waited_for(one: Yard, records: Records) -> None:
    """While somebody holds the engine's file alone, containers can be started; they run afterwards."""
    body = Sleeper(one)
    engine = await one.engine_with(body)
    file = Path(records.database).with_name("store-engine.sqlite")
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        await engine.start(one.container())
        await asyncio.sleep(0.5)
        assert engine.is_running("worker-1")
        assert body.running == 0
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    await body.runs()
    assert records.statuses() == {"worker-1:1": "PENDING"}
