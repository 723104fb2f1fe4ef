"""The sandbox and the databases that daemons are killed with."""

from collections.abc import Iterator

import pytest
from tests.kill.case import SHIPS
from tests.kill.processes import Sandbox, sandbox

DATABASES = ("sqlite", "postgresql")
SPEED = 600.0
"""Game seconds a second: a case of ten minutes takes one."""


@pytest.fixture(scope="session")
def server() -> Iterator[Sandbox]:
    """One sandbox for all cases of this process; each of them begins a new universe in it."""
    with sandbox(speed=SPEED, ships=SHIPS) as one:
        yield one


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> tuple[str, str | None]:
    """(name, URL) of the database under test; None is a file of the daemon's own."""
    if request.param == "sqlite":
        return "sqlite", None
    return "postgresql", request.getfixturevalue("postgres_url")
