"""How long a ship that failed is left alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodsfactory.domain.container import Container, ContainerType
from goodsfactory.planning.dispatch.resting import Rest, rests_of

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def ended(
    ago: float, ship: str | None = "S1", *, type: ContainerType = ContainerType.WORKER, **facts: Any
) -> Any:
    """A container that ended so many seconds ago."""
    moment = NOW - timedelta(seconds=ago)
    metadata = {} if ship is None else {"ship": ship}
    return Container(f"c{ago}", type, 1, moment, moment, metadata=metadata, **facts)


def rest(*failed: Container, well: tuple[Container, ...] = ()) -> Rest | None:
    return rests_of(failed, well, NOW).get("S1")


def test_who_never_failed_does_not_rest() -> None:
    """Nor does one whose work went well."""
    assert rests_of([], [], NOW) == {}
    assert rests_of([], [ended(1)], NOW) == {}


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 30), (2, 60), (3, 120), (6, 960), (7, 1800), (40, 1800)]
)
def test_every_failure_in_a_row_doubles_the_rest(failures: int, seconds: int) -> None:
    """From half a minute to half an hour, counted from the last one."""
    found = rest(*(ended(10 + number, exit_reason=f"no fuel {number}") for number in range(failures)))
    assert found == Rest(NOW + timedelta(seconds=seconds - 10), failures, "no fuel 0")


def test_the_rest_ends() -> None:
    """To the second."""
    assert rest(ended(29)) is not None
    assert rest(ended(30)) is None


def test_work_that_went_well_ends_the_row() -> None:
    """Only the failures after it count; one before them, or of another ship, changes nothing."""
    failed = [ended(50), ended(40), ended(5)]
    found = rest(*failed, well=(ended(20), ended(200)))
    assert found is not None
    assert found.failures == 1
    assert rest(ended(5), well=(ended(1),)) is None
    unhelped = rest(*failed, well=(ended(60), ended(1, "S2")))
    assert unhelped is not None
    assert unhelped.failures == 3


def test_failures_of_an_hour_ago_are_forgotten() -> None:
    """They say nothing about the ship of today."""
    found = rest(*(ended(3600 + number) for number in range(5)), ended(3599), ended(1))
    assert found is not None
    assert found.failures == 2


@pytest.mark.parametrize("type_", [ContainerType.COORDINATOR, ContainerType.PLANNER])
def test_only_the_work_of_ships_speaks_against_a_ship(type_: ContainerType) -> None:
    """Neither a coordinator nor the planner has one, and neither has a container that names no ship."""
    assert rests_of([ended(1, type=type_), ended(1, None)], [], NOW) == {}


def test_looks_and_legs_fail_in_one_row() -> None:
    """A ship without fuel can do neither."""
    found = rest(ended(2, type=ContainerType.SCOUT), ended(1))
    assert found is not None
    assert found.failures == 2


def test_each_ship_rests_by_itself() -> None:
    """One failing ship harms only itself (law L9)."""
    found = rests_of([ended(1), ended(1, "S2"), ended(2, "S2")], [], NOW)
    assert {ship: one.failures for ship, one in found.items()} == {"S1": 1, "S2": 2}


def test_the_sentence_tells_how_often_until_when_and_why() -> None:
    """It is what `ships explain` shows."""
    assert str(Rest(NOW, 1, "no fuel")) == "rests after 1 failure until 12:00:00 UTC: no fuel"
    assert str(rest(ended(1), ended(2))) == ("rests after 2 failures until 12:00:59 UTC: no reason was given")
