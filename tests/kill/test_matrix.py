"""Killed at any named point the daemon goes on: nothing is bought twice, lost or left claimed (L1-L3, L6)."""

from collections.abc import Iterator

import pytest
from tests.kill.case import SHIPS, run_case
from tests.kill.points import POINTS
from tests.kill.processes import Sandbox, sandbox


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with sandbox(speed=600, ships=SHIPS) as one:
        yield one


@pytest.mark.parametrize("point", POINTS)
def test_a_daemon_killed_at_a_point_loses_nothing_and_pays_nothing_twice(server: Sandbox, point: str) -> None:
    """Killed with SIGKILL, started again, it completes; every trade of the server is in the ledger once."""
    result = run_case(server, (point,))
    assert result.findings.complaints == []
    assert (result.resumed, result.lost) == (result.promised, 0)
