"""The engines that the contract is tested on; another adapter is one more line here."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url
from tests.engine.records import Records
from tests.engine.stand import ALL, Stand, durable
from tests.postgres import PostgresServer

from goodsfactory.adapters.clocks import ScaledClock
from goodsfactory.adapters.store import open_store


@pytest.fixture(params=ALL)
def stand(request: pytest.FixtureRequest) -> Stand:
    """Each adapter of ports/engine.py in turn."""
    if request.param == "in-process":
        return Stand(None)
    if request.param == "dbos-sqlite":
        return Stand(str(request.getfixturevalue("system_file")))
    return Stand(request.getfixturevalue("system_database"))


@pytest.fixture
def records(stand: Stand) -> Records:
    """What DBOS writes down in this test."""
    assert stand.database is not None
    return Records(stand.database)


@pytest.fixture
def system_file(tmp_path: Path, system_files: Path) -> Path:
    """The path of a store's SQLite file, beside which an engine's file has its tables already."""
    shutil.copy(system_files, tmp_path / system_files.name)
    return tmp_path / "store.sqlite"


@pytest.fixture(scope="session")
def system_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy is faster than the seventy migrations with which DBOS makes its tables."""
    folder = tmp_path_factory.mktemp("system")

    async def make() -> None:
        clock = ScaledClock()
        store = await open_store(":memory:", universe="2026-01-01", inline=True)
        engine = await durable(str(folder / "store.sqlite"))(store, clock)
        await engine.shutdown()
        await store.close()

    asyncio.run(make())
    return folder / "store-engine.sqlite"


@pytest.fixture
def system_database(system_databases: str) -> str:
    """A PostgreSQL database without any workflow."""
    url = make_url(system_databases).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('dbos.workflow_status')").fetchone() != (None,):
            for table in ("workflow_input", "workflow_output", "operation_outputs", "workflow_status"):
                connection.execute(f'DELETE FROM dbos."{table}"')
    return system_databases


@pytest.fixture(scope="session")
def system_databases(postgres: PostgresServer) -> Iterator[str]:
    """One database for all: DBOS needs half a second to make its tables."""
    url = postgres.fresh_database()
    yield url
    postgres.drop(url)
