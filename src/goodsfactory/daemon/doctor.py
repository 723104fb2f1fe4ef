"""The doctor: what is amiss before it costs credits, each finding with its remedy."""

import os
import shutil
import stat
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from goodsfactory.api.address import distrusted
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.scouting_advice import how_to_see
from goodsfactory.daemon.scouting_orders import free_probes
from goodsfactory.daemon.settings import LIVE_SERVER, Settings
from goodsfactory.daemon.universe_reset import WITHOUT_VARIABLE
from goodsfactory.domain.container import Container
from goodsfactory.domain.errors import GoodsFactoryError, StaleToken
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.player import Player
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.kept_cargo import kept_cargo
from goodsfactory.fleet.watch import standing_scouts
from goodsfactory.planning.decision import counted, duration, in_words
from goodsfactory.planning.dispatch.eligibility import Kept, how_to_free, keeps_cargo
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import RequestStatistics, ServerStatus
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.ports.waiting import waited_for

LITTLE_DISK, NO_DISK = 500_000_000, 50_000_000
"""Bytes free below which the disk of the database is a warning, and below which it is a failure."""

LARGEST_SKEW = 60.0
"""Seconds by which the clock of this machine may differ from the server's, before it is a warning."""


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """What one check found, without a full stop; ``remedy`` is empty where all is well."""

    check: str
    verdict: Verdict
    text: str
    remedy: str = ""


def ok(check: str, text: str) -> Finding:
    return Finding(check, Verdict.OK, text)


def warn(check: str, text: str, remedy: str) -> Finding:
    return Finding(check, Verdict.WARN, text.rstrip("."), remedy)


def fail(check: str, text: str, remedy: str) -> Finding:
    return Finding(check, Verdict.FAIL, text.rstrip("."), remedy)


@dataclass(frozen=True)
class Doctor:
    """Checks a running daemon. ``meet`` asks the server which universe it has, ``schema`` is the version of
    the stored state, ``unwritten`` why the last write was in vain, ``machine`` the time of this machine,
    ``speed`` game seconds a second, ``database`` how it is shown, and ``file`` where it is, None on a server.
    """

    settings: Settings
    store: Store
    clock: Clock
    roster: Roster
    meet: Callable[[], Awaitable[ServerStatus]]
    requests: Callable[[], RequestStatistics]
    schema: Callable[[], Awaitable[str | None]]
    unwritten: Callable[[], str | None]
    machine: Callable[[], datetime]
    speed: Callable[[], float]
    database: str
    file: Path | None

    async def examine(self) -> list[Finding]:
        """Every check, in the order in which to mend them. Nothing is changed and nothing spent."""
        found, players = list[Finding](), list[Player]()
        with _examined("server", found):
            found += await self._server()
        answers = any(one.check == "server" and one.verdict is Verdict.OK for one in found)
        with _examined("clock", found):
            found.append(self._skew())
        with _examined("agent", found):
            players = await self.roster.all()
            if not players:
                found.append(warn("agent", "no agent is played", await self.roster.why_nobody()))
            else:  # where nobody is played, those that wait are the daemon's trouble
                found += [ok("agent", sentence.rstrip(".")) for sentence in await self.roster.parked()]
        for player in players:
            with _examined("agent", found):
                found.append(await self._agent(player, answers=answers))
        with _examined("daemon", found):
            found += await self._troubles(answers=answers)
        with _examined("allowance", found):
            found.append(self._allowance(players))
        with _examined("database", found):
            found.append(await self._database(players))
        with _examined("disk", found):
            found.append(check_disk(self.file))
        with _examined("socket", found):
            found.append(check_socket(self.settings.socket))
        with _examined("state", found):
            found.append(ok("state", f"stored as schema {await self.schema()}"))
        for player in players:
            with _examined("scouts", found):
                found.append(await self._markets(player))
            with _examined("ships", found):
                found.append(await self._ships(player))
            with _examined("purse", found):
                found.append(await self._purse(player))
        return found

    async def _server(self) -> list[Finding]:
        address = self.settings.base_url
        if (limited := self._limited()) is not None:
            return [fail("server", f"{address}: {limited}", "Wait: nothing is asked until then.")]
        try:
            status = await self.meet()
        except GoodsFactoryError as trouble:
            return [check_server(address, trouble)]
        found = [ok("server", f"{address}, {'live' if address == LIVE_SERVER else status.status}")]
        return [*found, self._reset(status)]

    def _limited(self) -> str | None:
        """Why nobody is asked now: who asks while the server limits waits as long as it likes."""
        numbers = self.requests()
        return None if numbers.limited_until is None else str(numbers.trouble).rstrip(".")

    def _reset(self, status: ServerStatus) -> Finding:
        known = self.roster.universe.reset_date
        text = f"universe of {status.reset_date}"
        if known and known != status.reset_date:
            return warn(
                "reset",
                f"{text}, work is of {known}",
                "Wait: a reset is believed once it is repeated.",
            )
        if status.next_reset is None:
            return ok("reset", f"{text}; the server names no next reset")
        left = (status.next_reset - self.clock.now()).total_seconds()
        text += f"; next reset in {duration(max(0.0, left))}"
        if left < 86_400:
            return warn("reset", text, "Start nothing that needs longer; what is aboard is lost then.")
        return ok("reset", text)

    def _skew(self) -> Finding:
        if self.roster.game_time() is None:
            return warn("clock", "the server has told no time yet", "Wait until it answers.")
        speed = self.speed()
        if speed != 1.0:
            return ok("clock", f"the server's time runs at {speed:g} seconds a second and is followed")
        skew = (self.clock.now() - self.machine()).total_seconds()
        side = "ahead of" if skew >= 0 else "behind"
        text = f"the server's clock is {abs(skew):.1f} s {side} this machine's"
        if abs(skew) > LARGEST_SKEW:
            return warn("clock", text, "Set this machine's clock by NTP; the server's is followed.")
        return ok("clock", text)

    async def _troubles(self, *, answers: bool) -> list[Finding]:
        """What ``daemon status`` counts as trouble; each sentence says what is done or helps."""
        remedy = "`spacetraders daemon status` says whether it lasts."
        told = [
            _outdated("daemon", sentence)
            if answers and sentence == self.roster.closed
            else fail("daemon", sentence, remedy)
            for sentence in await self.roster.troubles()
        ]
        return told or [ok("daemon", "nothing keeps it from working")]

    async def _agent(self, player: Player, *, answers: bool) -> Finding:
        sign = player.agent_symbol
        if answers and self.roster.closed is not None:
            return _outdated("agent", f"{sign}: {self.roster.closed}")
        if (limited := self._limited()) is not None:
            return warn("agent", f"{sign}: {limited}", "Ask again after that.")
        try:
            api = self.roster.crew(player.id).api
            with waited_for():
                state = await api.agent()
        except GoodsFactoryError as trouble:
            refused = isinstance(trouble, StaleToken) or self.roster.needs_token(player.id)
            remedy = "`spacetraders daemon status` tells what is tried again by itself."
            if refused:
                remedy = "Give a token that works: `spacetraders player add`."
                if self.roster.is_by_environment(player.id):
                    remedy = WITHOUT_VARIABLE
            return fail("agent", f"{sign}: {trouble}", remedy)
        return ok("agent", f"{sign}: {state.credits:,} credits, {counted(state.ship_count, 'ship')}")

    def _allowance(self, players: Sequence[Player]) -> Finding:
        limit, done = self.settings.rate_limit, self.requests()
        shared = in_words((player.agent_symbol for player in players), none="nobody")
        text = (
            f"{limit.per_second} requests a second and {limit.burst} more in {limit.burst_window:g} s,"
            f" shared by {shared}; {done.sent:,} sent, {done.limited:,} rate limited"
        )
        if done.limited:
            return warn("allowance", text, "If another program uses the same address or token, stop it.")
        return ok("allowance", text)

    async def _database(self, players: Sequence[Player]) -> Finding:
        def rewrite(tx: Transaction) -> None:
            for player in players:
                balance = tx.players.balance(player.id)
                if balance is not None:
                    tx.players.set_balance(player.id, balance)

        remedy = "Make it writable, or name another --database."
        # What the work met counts: a row that is written in place needs no room.
        if (unwritten := self.unwritten()) is not None:
            return fail("database", f"{self.database}: {unwritten}", remedy)
        try:
            await self.store.transact(rewrite)
        except GoodsFactoryError as trouble:
            return fail("database", f"{self.database}: {trouble}", remedy)
        return ok("database", f"{self.database} can be written")

    async def _markets(self, player: Player) -> Finding:
        def read(tx: Transaction) -> tuple[list[MarketSnapshot], list[Container], dict[str, list[str]]]:
            own = tx.ships.of_player(player.id)
            systems = sorted({ship.nav.system for ship in own})
            markets = [market for system in systems for market in tx.markets.in_system(system)]
            probes = {system: free_probes(tx, player.id, own, system) for system in systems}
            return markets, standing_scouts(tx, player.id), probes

        markets, scouts, probes = await self.store.transact(read)
        sign, seen = player.agent_symbol, [at for one in markets if (at := one.observed_at) is not None]
        text = f"{sign}: {counted(len(scouts), 'standing scout')}, "
        text += f"{len(seen)} of {counted(len(markets), 'market')} seen" if markets else "no market known yet"
        now = self.roster.game_time(player.id)
        if seen and now:
            oldest = (now - min(seen)).total_seconds()
            text += f", the oldest prices are {duration(max(0.0, oldest))} old"
        if scouts and markets and len(seen) == len(markets):
            return ok("scouts", text)
        return warn("scouts", text, how_to_see(sign, markets, scouts, probes))

    async def _ships(self, player: Player) -> Finding:
        def read(tx: Transaction) -> tuple[list[Ship], dict[str, Kept]]:
            ships = [ship for ship in tx.ships.of_player(player.id) if not ship.is_probe]
            return ships, kept_cargo(tx, ships)

        ships, kept = await self.store.transact(read)
        keeping = [ship for ship in ships if keeps_cargo(ship, None, kept.get(ship.symbol))]
        text = f"{player.agent_symbol}: {len(keeping)} of {len(ships)} cargo ships keep what is aboard"
        if keeping and len(keeping) == len(ships):
            remedy = f"No factory is given a ship; {how_to_free(keeping)}."
            return warn("ships", text, remedy)
        return ok("ships", text)

    async def _purse(self, player: Player) -> Finding:
        balance, reserved, hold = await self.store.transact(
            lambda tx: (
                tx.players.balance(player.id),
                tx.money.reserved(player.id),
                tx.spending_holds.of_player(player.id),
            )
        )
        sign, floor = player.agent_symbol, self.settings.policy.credit_floor
        if hold is not None:
            return fail("purse", f"{sign}: {hold.reason}", "Look at `spacetraders ledger show`.")
        if balance is None:
            return warn("purse", f"{sign}: the balance is not known yet", "Wait until the server answers.")
        free = balance.credits - reserved - floor
        text = f"{sign}: {balance.credits:,} credits, floor {floor:,}, {max(0, free):,} free to spend"
        if free <= 0:
            return warn("purse", text, "Nothing is bought: sell cargo, or lower policy.credit_floor.")
        return ok("purse", text)


def _outdated(check: str, sentence: str) -> Finding:
    """What kept work from going on when the server was asked before; it has just answered."""
    return warn(
        check,
        f"When the daemon asked last: {sentence.rstrip('.')}. The server answers now",
        "Wait: the daemon asks again by itself and goes on; `spacetraders player register` asks at once.",
    )


def check_server(address: str, status: ServerStatus | GoodsFactoryError) -> Finding:
    """Whether a server answers, and which universe it has."""
    if isinstance(status, GoodsFactoryError):
        return fail(
            "server",
            f"{address} gives no answer: {status}",
            "It is asked again; where this lasts, check base_url and the network.",
        )
    return ok("server", f"{address}, universe of {status.reset_date}")


def check_socket(socket: Path) -> Finding:
    """Owner and mode of the socket and of its directory."""
    try:
        trouble = distrusted(socket.parent)
        mode, owner = socket.lstat().st_mode, socket.lstat().st_uid
    except OSError as error:
        return fail("socket", f"{socket}: {error.strerror}", "Start a daemon: `spacetraders daemon run`.")
    if trouble is not None:
        return fail("socket", f"{socket.parent} {trouble}", "Give --socket in a directory of mode 0700.")
    if owner != os.geteuid() or stat.S_IMODE(mode) & 0o077:
        return fail(
            "socket", f"{socket} is open to others (mode {stat.S_IMODE(mode):04o})", f"chmod 600 {socket}"
        )
    return ok("socket", f"{socket}, mode {stat.S_IMODE(mode):04o}, yours alone")


def check_disk(file: Path | None) -> Finding:
    """Room on the disk of a database file; None: there is no such file on this machine."""
    if file is None:
        return ok("disk", "the database is on a server, which knows its own disk")
    folder = next(_existing(file.absolute()))
    free = shutil.disk_usage(folder).free
    amount = f"{free / 1e9:,.1f} GB" if free >= NO_DISK else f"{free / 1e6:.1f} MB"
    text = f"{amount} free below {folder}"
    if free < NO_DISK:
        return fail("disk", text, "Make room: work waits where a step cannot be written down.")
    if free < LITTLE_DISK:
        return warn("disk", text, "Make room soon; the database grows while it works.")
    return ok("disk", text)


@contextmanager
def _examined(check: str, found: list[Finding]) -> Iterator[None]:
    """Around every check: what keeps it from being made is its finding, and the others are made."""
    try:
        yield
    except GoodsFactoryError as trouble:
        found.append(fail(check, str(trouble), "See what is said of the database and its disk."))
    except OSError as trouble:
        found.append(fail(check, str(trouble), "Let the daemon's user read it."))


def _existing(path: Path) -> Iterator[Path]:
    yield from (parent for parent in path.parents if parent.is_dir())
