"""Ships that failed: one that cannot do its work is left alone for a while instead of being sent again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.container import Container, ContainerType
from goodsfactory.planning.decision import counted

REMEMBERED = timedelta(hours=1)
"""How long a failure counts."""

FIRST_REST = timedelta(seconds=30)
"""The rest after one failure; each further one in a row doubles it."""

LONGEST_REST = timedelta(minutes=30)

_DOUBLINGS = 16
"""More of them reach the longest rest long before; without an end the power outgrows a duration."""

SHIP_WORK = (ContainerType.WORKER, ContainerType.SCOUT)
"""Containers that are the work of one ship."""


@dataclass(frozen=True)
class Rest:
    """A ship is given no work before ``until``, after ``failures`` in a row; ``reason`` is the last one's."""

    until: datetime
    failures: int
    reason: str

    def __str__(self) -> str:
        again = f"{self.until:%H:%M:%S} UTC"
        return f"rests after {counted(self.failures, 'failure')} until {again}: {self.reason}"


def rests_of(failed: Iterable[Container], completed: Iterable[Container], now: datetime) -> dict[str, Rest]:
    """Which ships rest now, by ship symbol.

    ``failed`` and ``completed`` are workers and scouts that have ended; others are passed over. A work that
    went well ends a row of failures, and failures older than ``REMEMBERED`` are forgotten.
    """
    well: dict[str, datetime] = {}
    for container in completed:
        ship = _ship(container)
        if ship is not None:
            well[ship] = max(container.updated_at, well.get(ship, container.updated_at))
    rows: dict[str, list[Container]] = defaultdict(list)
    for container in failed:
        ship = _ship(container)
        if ship is None or forgotten(container, now):
            continue
        if ship not in well or container.updated_at > well[ship]:
            rows[ship].append(container)
    rests = {ship: _rest(row) for ship, row in rows.items()}
    return {ship: rest for ship, rest in rests.items() if rest.until > now}


def forgotten(container: Container, now: datetime) -> bool:
    """Whether a failure is too long ago to count."""
    return container.updated_at <= now - REMEMBERED


def _ship(container: Container) -> str | None:
    if container.type not in SHIP_WORK:
        return None
    ship = container.metadata.get("ship")
    return None if ship is None else str(ship)


def _rest(row: list[Container]) -> Rest:
    last = max(row, key=lambda container: container.updated_at)
    length = min(FIRST_REST * 2 ** min(len(row) - 1, _DOUBLINGS), LONGEST_REST)
    return Rest(last.updated_at + length, len(row), last.exit_reason or "no reason was given")
