"""The engines that the contract is tested on; another adapter is one more line here."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine.records import Records
from tests.engine.stand import ALL, POSTGRESQL, SQLITE, Stand, durable
from tests.postgres import PostgresServer, empty, patient

from goodsfactory.adapters.clocks import ScaledClock
from goodsfactory.adapters.store import open_store
from goodsfactory.adapters.store.database import close, open_database


@pytest.fixture(params=ALL)
def stand(request: pytest.FixtureRequest) -> Stand:
    """Each adapter of ports/engine.py in turn."""
    if request.param == POSTGRESQL:
        url = request.getfixturevalue("shared_database")
        return Stand(url, url)
    file = str(request.getfixturevalue("file"))
    return Stand(file, file if request.param == SQLITE else None)


@pytest.fixture
def records(stand: Stand) -> Records:
    """What DBOS writes down in this test."""
    assert stand.database is not None
    return Records(stand.database)


@pytest.fixture
def file(tmp_path: Path, empty_files: Path) -> Path:
    """The SQLite file of a store, with the engine's beside it; both have all tables and no rows."""
    shutil.copytree(empty_files, tmp_path, dirs_exist_ok=True)
    return tmp_path / "store.sqlite"


@pytest.fixture(scope="session")
def empty_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy is faster than our migrations and the seventy of DBOS."""
    folder = tmp_path_factory.mktemp("empty")

    async def make() -> None:
        clock = ScaledClock()
        store = await open_store(folder / "store.sqlite", universe="2026-01-01")
        engine = await durable(str(folder / "store.sqlite"))(store, clock)
        await engine.shutdown()
        await store.close()

    asyncio.run(make())
    return folder


@pytest.fixture
def shared_database(shared_databases: str) -> str:
    """A PostgreSQL database for the store and for DBOS, with all tables and no rows."""
    empty(shared_databases)
    return shared_databases


@pytest.fixture(scope="session")
def shared_databases(postgres: PostgresServer) -> Iterator[str]:
    """One for all tests: making the tables takes a second."""
    url = patient(postgres.fresh_database())
    close(open_database(url))
    yield url
    postgres.drop(url)
