"""A database that goes away for a while takes no container with it."""

import asyncio
from dataclasses import replace

import pytest
from tests.engine.bodies import Sleeper
from tests.engine.records import Records
from tests.engine.stand import POSTGRESQL, on_dbos
from tests.engine.yard import Yard
from tests.postgres import PostgresServer

from goodsfactory.domain.container import Container, ContainerType


@on_dbos(POSTGRESQL)
async def test_an_outage_of_the_system_database_is_waited_out(
    one: Yard,
    records: Records,
    postgres: PostgresServer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What runs goes on, what is started meanwhile runs once the server is back, and few lines tell of it."""
    ticks: list[float] = []

    async def steady(container: Container) -> None:
        while True:
            await one.clock.sleep(1)
            ticks.append(one.clock.now().timestamp())

    body = Sleeper(one)
    engine = await one.engine_with(body)
    engine.register(ContainerType.COORDINATOR, steady, restarts=None)
    await engine.start(replace(one.container("steady-1", ContainerType.COORDINATOR), metadata={}))
    await one.until(lambda: len(ticks) > 3)
    postgres.stop(immediately=True)
    try:
        await engine.start(one.container())
        before = len(ticks)
        await asyncio.sleep(2)
        assert len(ticks) - before > 20
        assert body.running == 0
    finally:
        postgres.start()
    await body.runs()
    assert await engine.stop("steady-1", reason="enough")
    await records.until({"steady-1:1": "SUCCESS", "worker-1:1": "PENDING"})
    told = [record.getMessage() for record in caplog.records if record.name.startswith("goodsfactory")]
    assert 0 < len(told) < 12, told
    assert capfd.readouterr().out == ""
