"""The engines that the contract is tested on; another adapter is one more line here."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine.records import Records
from tests.engine.stand import ALL, SQLITE, Stand, durable
from tests.postgres import PostgresServer, empty

from goodsfactory.adapters.clocks import ScaledClock
from goodsfactory.adapters.store import open_store
from goodsfactory.adapters.store.database import close, open_database


@pytest.fixture(params=ALL)
def stand(request: pytest.FixtureRequest) -> Stand:
    """Each adapter of ports/engine.py in turn."""
    if request.param == "in-process":
        return Stand(":memory:", None)
    if request.param == SQLITE:
        return Stand(":memory:", str(request.getfixturevalue("system_file")))
    url = request.getfixturevalue("shared_database")
    return Stand(url, url)


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
def shared_database(shared_databases: str) -> str:
    """A PostgreSQL database for the store and for DBOS, with all tables and no rows."""
    empty(shared_databases)
    return shared_databases


@pytest.fixture(scope="session")
def shared_databases(postgres: PostgresServer) -> Iterator[str]:
    """One for all tests: making the tables takes a second."""
    url = postgres.fresh_database()
    close(open_database(url))
    yield url
    postgres.drop(url)
