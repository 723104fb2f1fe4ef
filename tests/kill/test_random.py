"""Laws L1, L2, L3 and L6: killed at any moment, again and again, under load."""

from collections.abc import Iterator

import pytest
from tests.kill.page import note_random
from tests.kill.processes import Sandbox, sandbox
from tests.kill.random_run import FLEET, run_random

SPEED = 600.0
SEED = 4


@pytest.fixture
def harbour() -> Iterator[Sandbox]:
    """A sandbox whose agents have six ships that carry."""
    with sandbox(speed=SPEED, ships=FLEET) as one:
        yield one


@pytest.mark.kill_random
@pytest.mark.parametrize("kills", [200])
def test_two_hundred_kills_at_random_times(
    harbour: Sandbox, database: tuple[str, str | None], kills: int
) -> None:
    """Two factories at a time, six ships, a kill every few seconds, in start-up too: all ends well."""
    name, url = database
    toll, found = run_random(harbour, kills=kills, seed=SEED, database=url)
    note_random(name, toll, found)
    assert toll.complaints == []
    assert found.complaints == []
    assert toll.after_the_deed > 0


def test_ten_kills_at_random_times(harbour: Sandbox, database: tuple[str, str | None]) -> None:
    """A slice of it, in every run of the tests."""
    toll, found = run_random(harbour, kills=10, seed=SEED, database=database[1])
    assert toll.complaints == []
    assert found.complaints == []
