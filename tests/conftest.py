"""What every test may ask for."""

from collections.abc import Iterator

import pytest
from tests.postgres import PostgresServer, postgres_server, unavailable


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL server for all tests of this process."""
    server = postgres_server()
    try:
        running = server.__enter__()
    except Exception as error:  # noqa: BLE001 - whatever it is decides between failing and skipping
        unavailable(error)
    try:
        yield running
    finally:
        server.__exit__(None, None, None)


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database of its own for one test."""
    url = postgres.fresh_database()
    yield url
    postgres.drop(url)
