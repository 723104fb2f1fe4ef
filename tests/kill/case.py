"""One case: an errand over which the daemon is killed at named points, started again, and goes on."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.kill.books import Database, Findings
from tests.kill.errands import AGENT, ERRANDS, Errand
from tests.kill.points import POINTS
from tests.kill.processes import Daemon, Sandbox, daemon, until
from tests.kill.victim import NOTE

from goodsfactory.adapters.store.tables import CONTAINERS
from goodsfactory.api.errors import DaemonUnreachable

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
    """Run the errand of the first point while the daemon is killed at each in turn; the last start may live.

    ``meanwhile`` may touch the database before that last start, to see that it shows; ``afterwards`` sees it
    at the end. Fails where a point is not reached, or the errand does not end.
    """
    errand = errand_of(points)
    server.begin_anew()
    with daemon(server.base_url, database) as victim:
        books = Database(victim.database)
        for number, point in enumerate(points):
            suffer(victim, server, books, point, errand if number == 0 else None)
        promised = books.unfinished() if points else {}
        meanwhile(books)
        assert victim.start(), victim.log()
        if not points:
            register(victim, server)
        if errand.is_wanted(victim, books):
            errand.ask(victim, books)
        until(lambda: victim.is_gone or errand.is_over(books), "the errand ends")
        assert not victim.is_gone, victim.log()
        findings = errand.findings(books, server)
        findings.complaints.extend(_not_resumed(books, promised))
        if promised and victim.said_of_books != "ledger equals server":
            findings.complaints.append(f"the start said: {victim.said_of_books}")
        afterwards(books)
        return Result(len(promised), victim.resumed, victim.lost, findings)


def errand_of(points: tuple[str, ...]) -> Errand:
    """What the first point kills a daemon over; production where there is none."""
    errand: Errand = ERRANDS[POINTS[points[0]].errand if points else "production"]()
    return errand


def suffer(victim: Daemon, server: Sandbox, books: Database, point: str, errand: Errand | None) -> None:
    """Start the daemon with a trap at ``point`` and wait until that kills it, if need be over ``errand``."""
    if victim.start(kill_at=point, latency=errand.latency if errand else 0.0):
        try:
            if errand is not None:
                register(victim, server)
                errand.ask(victim, books)
        except DaemonUnreachable:
            pass  # killed in the middle of our call
        until(lambda: victim.is_gone or (errand and errand.is_over(books)), f"{point} is reached")
        # A commit is seen from outside a moment before the trap behind it springs.
        with suppress(AssertionError):
            until(lambda: victim.is_gone, "the trap springs", seconds=2.0)
        assert victim.is_gone, f"the errand ended and {point} was never reached:\n{victim.log()}"
        victim.wait_killed()
    note = victim.folder / NOTE
    assert note.exists(), f"the daemon died elsewhere than at {point}:\n{victim.log()}"
    note.unlink()


def register(victim: Daemon, server: Sandbox) -> None:
    with victim.client() as client:
        client.register_player(AGENT, server.faction)


def _not_resumed(books: Database, promised: dict[str, int]) -> list[str]:
    """Bodies that were to go on and were never begun again; they may well have ended since."""
    now = {row.id: row.epoch for row in books.rows(CONTAINERS)}
    return [f"{name} was never begun again" for name, epoch in promised.items() if now[name] <= epoch]
