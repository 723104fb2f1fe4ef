"""The figures of the daemon's process are those of a real one."""

from typing import Any

import pytest
from bench.daemon import measure


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return measure(4, 6, 1.0)


def test_containers_are_counted_and_all_resume(figures: dict[str, Any]) -> None:
    """Killed and started again, it says so only once; every body runs after the line is printed."""
    back = figures["resume"]
    assert back["containers"] == 4
    assert 0 < back["to_the_line"] <= back["to_all_bodies"]
    assert 0 < back["cpu_seconds"] < 60
    assert [figures[name]["containers"] for name in ("idle", "waiting", "many waiting")] == [1, 4, 6]


def test_processor_and_memory_are_those_of_a_daemon(figures: dict[str, Any]) -> None:
    """More than an empty interpreter takes and less than a machine has."""
    for name in ("idle", "waiting", "many waiting"):
        assert 30 < figures[name]["memory_mb"] < 1000
        assert 0 <= figures[name]["cpu_percent"] <= 400
        assert figures[name]["seconds"] >= 1.0


def test_each_target_is_told(figures: dict[str, Any]) -> None:
    """Met or not, by name."""
    assert len(figures["met"]) == 4
    assert {type(met) for met in figures["met"].values()} == {bool}
