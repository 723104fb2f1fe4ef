"""The log of a container: the lines it wrote, and the events it caused, in one order."""

from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.container import Container, ContainerLog, ContainerType
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.ports.store import Transaction


@dataclass(frozen=True)
class Trouble:
    """The last bug a container met: ``crashes`` in a row, started again at ``next_try`` (None: not again)."""

    error: str
    crashes: int
    next_try: datetime | None


_LEVELS = {
    EventKind.MARKET_OBSERVED: "DEBUG",
    EventKind.CONTAINER_CRASHED: "ERROR",
    EventKind.FACTORY_FAILED: "ERROR",
    EventKind.LEG_FAILED: "WARNING",
    EventKind.SHIP_LOST: "WARNING",
    EventKind.CARGO_LOST: "WARNING",
    EventKind.SPEND_REFUSED: "WARNING",
    EventKind.NOT_SETTLED: "WARNING",
    EventKind.SPENDING_STOPPED: "ERROR",
    EventKind.PRODUCTION_SLOW: "WARNING",
    EventKind.UNIVERSE_RESET: "ERROR",
    EventKind.TOKEN_REFUSED: "ERROR",
}


def level_of(kind: EventKind) -> str:
    """DEBUG, INFO, WARNING or ERROR: how much an event of this kind should worry somebody."""
    return _LEVELS.get(kind, "INFO")


def read_log(tx: Transaction, container: Container, limit: int, level: str | None) -> list[ContainerLog]:
    """The newest ``limit`` lines, oldest first. A coordinator's log tells all that happened in its factory.

    With ``level`` the newest lines are filtered exactly, so that fewer than ``limit`` may remain.
    """
    written = tx.containers.logs(container.id, limit=limit, level=level)
    factory_id = container.metadata.get("factory_id")
    if container.type is ContainerType.COORDINATOR and factory_id is not None:
        events = tx.events.newest_of_factory(str(factory_id), limit)
    else:
        events = tx.events.newest_of_container(container.id, limit)
    told = [_line(container.id, event) for event in events]
    lines = [*written, *(line for line in told if level is None or line.level == level)]
    return sorted(lines, key=lambda line: line.at)[-limit:]


def read_trouble(tx: Transaction, container_id: str) -> Trouble | None:
    """What last crashed a container; None where nothing ever did."""
    for line in reversed(tx.containers.logs(container_id, limit=20, level="ERROR")):
        if "crashes" in line.metadata:
            next_try = line.metadata.get("next_try")
            again = None if next_try is None else datetime.fromisoformat(next_try)
            return Trouble(line.message, int(line.metadata["crashes"]), again)
    return None


def _line(container_id: str, event: Event) -> ContainerLog:
    level = level_of(event.kind)
    ids = {"kind": event.kind.value, "seq": event.seq, "good": event.good, "ship": event.ship}
    return ContainerLog(container_id, event.at, level, event.message, {**ids, **event.data})
