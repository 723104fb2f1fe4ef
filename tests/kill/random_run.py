"""One long run in which the daemon is killed at random times and started again at once."""

import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from tests.kill.books import Database, Findings, compare, factories, unbooked
from tests.kill.errands import AGENT
from tests.kill.processes import Daemon, Sandbox, daemon, until

from goodsfactory.adapters.store.tables import INTENTS
from goodsfactory.api.errors import DaemonError, DaemonUnreachable
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.money import IntentState

FLEET = (*("SHIP_LIGHT_SHUTTLE",) * 3, *("SHIP_LIGHT_HAULER",) * 2)
"""With the frigate of the start: six ships that carry."""

GOODS = ("ELECTRONICS", "COPPER", "IRON", "MACHINERY")
AT_ONCE = 2
LATENCY = 0.03
"""Real seconds a request takes each way, as to a server far away: kills must be able to fall in between."""

LAST_WAIT = 60.0
"""Real seconds for which the last factories may go on before those left are stopped: ten game hours."""

LONGEST_LIFE = 4.0
STARTUP_SHARE = 0.25
STARTUP = (0.05, 0.7)
"""Real seconds after the start of the process, while it opens its database, musters and resumes."""


@dataclass
class Toll:
    """What the kills met. Everything but the findings is chance."""

    kills: int = 0
    during_start: int = 0
    """kills before the daemon was ready"""
    with_open_intent: int = 0
    """kills that left a money step open"""
    after_the_deed: int = 0
    """kills in which such a step had happened on the server, unknown to us"""
    purchases_after_the_deed: int = 0
    """of these, kills in which cargo or fuel had been bought"""
    complaints: list[str] = field(default_factory=list)
    """what was amiss after a kill, long before the end"""
    factories: int = 0
    stopped: int = 0
    """factories that waited for a better price at the end, and were stopped as a user would"""
    wall_seconds: float = 0.0


@dataclass
class RandomRun:
    """``kills`` deaths of one daemon at times drawn from ``seed``."""

    server: Sandbox
    victim: Daemon
    seed: int
    toll: Toll = field(default_factory=Toll)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._books = Database(self.victim.database)
        self._promised: set[str] = set()

    def suffer(self, kills: int) -> None:
        """Live and die that often."""
        while self.toll.kills < kills:
            self._live_and_die()
            self._look_at_the_body()

    def finish(self) -> Findings:
        """Let it live until all work has ended; the whole comparison of the books."""
        assert self._start(), self.victim.log()
        with suppress(AssertionError):
            until(self._is_over, "all factories end", seconds=LAST_WAIT)
        stopped = self._stop_what_waits()
        until(self._is_over, "all factories end")
        rows = factories(self._books)
        self.toll.factories, self.toll.stopped = len(rows), len(stopped)
        for row in rows:
            ends = {FactoryStatus.COMPLETED, *({FactoryStatus.STOPPED} if row.id in stopped else ())}
            if row.status not in ends:
                self.toll.complaints.append(f"{row.target_good} ended {row.status}: {row.metadata}")
        return compare(self._books, self.server.books(AGENT), keeps_cargo=bool(stopped))

    def _stop_what_waits(self) -> set[str]:
        """Stop the factories at work: so many runs over the same few markets end with nobody to sell to."""
        waiting = {row.id for row in factories(self._books) if not FactoryStatus(row.status).is_over}
        with self.victim.client() as client:
            for factory in waiting:
                with suppress(DaemonError):  # it may just have ended
                    client.stop_factory(factory)
        return waiting

    def begin(self) -> None:
        """The first start, unharmed: the agent registers."""
        assert self.victim.start(latency=LATENCY), self.victim.log()
        with self.victim.client() as client:
            client.register_player(AGENT, self.server.faction)
        self.victim.kill()

    def _live_and_die(self) -> None:
        self.toll.kills += 1
        if self._chance.random() < STARTUP_SHARE:
            doom = threading.Timer(self._chance.uniform(*STARTUP), self._strike_after, [self.victim.process])
            doom.start()
            started = self._start()
            if not started:
                self.toll.during_start += 1
                doom.join()
                return
        else:
            assert self._start(), self.victim.log()
            doom = threading.Timer(self._chance.uniform(0.0, LONGEST_LIFE), self.victim.strike)
            doom.start()
        self._keep_busy()
        self.victim.wait_killed()
        doom.join()

    def _strike_after(self, previous: object) -> None:
        """Strike the process that is being started; where the machine is slow it may not be there yet."""
        while self.victim.process is previous:
            time.sleep(0.005)
        self.victim.strike()

    def _start(self) -> bool:
        """Start; what was promised must be what it says it resumes."""
        promised = len(self._books.unfinished())
        if not self.victim.start(latency=LATENCY):
            return False
        if (self.victim.resumed, self.victim.lost) != (promised, 0):
            told = f"{self.victim.resumed} resumed, {self.victim.lost} lost"
            self.toll.complaints.append(f"{told} where {promised} were unfinished")
        if self.victim.said_of_books not in ("", "ledger equals server"):
            self.toll.complaints.append(f"the start said: {self.victim.said_of_books}")
        return True

    def _keep_busy(self) -> None:
        """Start factories in turn, as a user would, until the daemon is gone."""
        while not self.victim.is_gone:
            rows = factories(self._books)
            if sum(not FactoryStatus(row.status).is_over for row in rows) < AT_ONCE:
                good = GOODS[len(rows) % len(GOODS)]
                try:
                    with self.victim.client() as client:
                        client.start_factory(good, strategy="prefer-fabricate", terminal="SELL")
                except (DaemonUnreachable, DaemonError):
                    continue
            time.sleep(0.05)

    def _look_at_the_body(self) -> None:
        """The cheap checks: whatever the ledger does not know, an open intent does."""
        open_ = self._books.rows(INTENTS, INTENTS.c.state == IntentState.OPEN.value)
        unknown = unbooked(self._books, self.server.books(AGENT))
        ships = {row.ship for row in open_}
        self.toll.with_open_intent += bool(open_)
        self.toll.after_the_deed += bool(unknown)
        self.toll.purchases_after_the_deed += any(trade[2] == "PURCHASE" for trade in unknown)
        where = f"after kill {self.toll.kills}"
        self.toll.complaints += [f"{where}: nobody knows of {t}" for t in unknown if t[0] not in ships]

    def _is_over(self) -> bool:
        rows = factories(self._books)
        return all(FactoryStatus(row.status).is_over for row in rows) and not self._books.at_work()


def run_random(
    server: Sandbox, *, kills: int, seed: int, database: str | None = None
) -> tuple[Toll, Findings]:
    """Kill so often, then let everything end."""
    began = time.monotonic()
    with daemon(server.base_url, database) as victim:
        run = RandomRun(server, victim, seed)
        run.begin()
        run.suffer(kills)
        found = run.finish()
        run.toll.wall_seconds = round(time.monotonic() - began, 1)
        return run.toll, found
