"""One case: a small factory whose daemon is killed at named points, started again, and finishes."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.kill.books import Database, Findings, compare, factories
from tests.kill.processes import Daemon, Sandbox, daemon, until
from tests.kill.victim import NOTE

from goodsfactory.adapters.store.tables import CONTAINERS
from goodsfactory.api.errors import DaemonUnreachable
from goodsfactory.domain.factory import FactoryStatus

AGENT = "VICTIM"
GOOD = "ELECTRONICS"
SHIPS = ("SHIP_LIGHT_HAULER", "SHIP_LIGHT_SHUTTLE")
"""With the frigate and the probe of the start: three ships that carry, and loads of several tranches."""


@dataclass(frozen=True)
class Result:
    """What became of a case. ``promised`` containers were to be resumed, ``resumed`` the daemon printed."""

    promised: int
    resumed: int
    lost: int
    findings: Findings


def run_case(
    server: Sandbox,
    points: tuple[str, ...],
    database: str | None = None,
    *,
    meanwhile: Callable[[Database], None] = lambda books: None,
    afterwards: Callable[[Database], None] = lambda books: None,
) -> Result:
    """Produce a good while the daemon is killed at each of ``points`` in turn; the last start is let live.

    ``meanwhile`` may touch the database before that last start, to see that it shows; ``afterwards`` sees it
    at the end. Fails where a point is not reached, or the factory does not complete.
    """
    server.begin_anew()
    with daemon(server.base_url, database) as victim:
        books = Database(victim.database)
        for number, point in enumerate(points):
            suffer(victim, server, books, point, begin=number == 0)
        promised = books.unfinished() if points else {}
        meanwhile(books)
        assert victim.start(), victim.log()
        if not points:
            register(victim, server)
        if not factories(books):
            produce(victim)  # killed before the factory was written down: nobody was promised one
        _finish(victim, books)
        findings = compare(books, server.books(AGENT))
        afterwards(books)
        findings.complaints.extend(_not_resumed(books, promised))
        return Result(len(promised), victim.resumed, victim.lost, findings)


def suffer(victim: Daemon, server: Sandbox, books: Database, point: str, *, begin: bool = True) -> None:
    """Start the daemon with a trap at ``point`` and wait until that kills it; ``begin`` a factory in it."""
    if victim.start(kill_at=point):
        try:
            if begin:
                register(victim, server)
                produce(victim)
        except DaemonUnreachable:
            pass  # killed in the middle of our call
        until(lambda: victim.is_gone or _is_over(books), f"{point} is reached")
        assert victim.is_gone, f"the factory ended and {point} was never reached:\n{victim.log()}"
        victim.wait_killed()
    note = victim.folder / NOTE
    assert note.exists(), f"the daemon died elsewhere than at {point}:\n{victim.log()}"
    note.unlink()


def register(victim: Daemon, server: Sandbox) -> None:
    with victim.client() as client:
        client.register_player(AGENT, server.faction)


def produce(victim: Daemon) -> None:
    with victim.client() as client:
        client.start_factory(GOOD, terminal="SELL")


def _finish(victim: Daemon, books: Database) -> None:
    until(lambda: _is_over(books), "the factory and its workers end")
    (factory,) = factories(books)
    assert factory.status == FactoryStatus.COMPLETED.value, (factory.metadata, victim.log())
    assert factory.quantity_acquired > 0
    assert not victim.is_gone, victim.log()


def _is_over(books: Database) -> bool:
    rows = factories(books)
    over = rows and all(FactoryStatus(row.status).is_over for row in rows)
    return bool(over and not books.at_work())


def _not_resumed(books: Database, promised: dict[str, int]) -> list[str]:
    """Bodies that were to go on and were never begun again; they may well have ended since."""
    now = {row.id: row.epoch for row in books.rows(CONTAINERS)}
    return [f"{name} was never begun again" for name, epoch in promised.items() if now[name] <= epoch]
