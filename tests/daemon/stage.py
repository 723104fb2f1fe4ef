"""One universe on which applications come and go: killed, restarted, with requests that get lost."""

import asyncio
import contextlib
import functools
import inspect
import json
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any, TextIO

from tests.playground import HAULERS, a_folder, settings_for
from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.adapters.spacetraders import transports
from goodsfactory.daemon import bootstrap
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.factories import Refuse
from goodsfactory.daemon.journal import keep_journal
from goodsfactory.daemon.log import open_log
from goodsfactory.daemon.reports import FactoryReport
from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.money import LedgerEntry, MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.ports.clock import Clock
from goodsfactory.sandbox.faults import Faults
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.scenarios import Scenario
from goodsfactory.sandbox.transactions import History, MarketTransaction
from goodsfactory.sandbox.world import World

MONEY = r"POST .*/(purchase|sell|refuel)$"
AGENT = "FACTORY"


def in_virtual_time(story: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A test whose first argument is the clock of its own virtual loop."""

    @functools.wraps(story)
    def test(*arguments: Any, **fixtures: Any) -> None:
        async def told(clock: VirtualClock) -> None:
            await story(clock, *arguments, **fixtures)

        run_virtual(told)

    signature = inspect.signature(story)
    vars(test)["__signature__"] = signature.replace(parameters=list(signature.parameters.values())[1:])
    return test


@asynccontextmanager
async def logged(
    application: Application, stream: TextIO
) -> AsyncIterator[Callable[[str, str, Sequence[str]], None]]:
    """Log to ``stream`` as a daemon does; give what this gives the address, what was resumed, complaints."""
    settings = application.settings
    with open_log(
        stream,
        level=settings.log_level,
        now=application.clock.now,
        as_json=settings.log_format == "json",
        secrets=settings.secrets(),
    ):
        async with keep_journal(application) as opened:
            yield opened


class Fate(Enum):
    """What becomes of a request."""

    FAILS_BEFORE = auto()
    """an internal error before the game did anything"""
    FAILS_AFTER = auto()
    """done, and the answer lost in an internal error"""
    FREEZES_BEFORE = auto()
    """never reaches the game, and never ends"""
    FREEZES_AFTER = auto()
    """done, and the answer never comes"""
    ARRIVES_LATE = auto()
    """done after twenty seconds, and then answered"""
    ANSWERED_LATE = auto()
    """done at once, and the answer takes twenty seconds"""
    LANDS_LATE = auto()
    """answered with an error at once, and done three seconds later"""


@dataclass
class Disturbance:
    """What happens to the ``nth`` request (and, with ``on``, every later one) that matches ``pattern``."""

    pattern: str
    fate: Fate | None = None
    nth: int = 1
    on: bool = False
    first: Callable[[], None] | None = None
    seen: int = 0

    def hits(self, request: str) -> bool:
        if not re.search(self.pattern, request):
            return False
        self.seen += 1
        return self.seen == self.nth or (self.on and self.seen > self.nth)


@dataclass
class Answer:
    """What the sandbox answered, to be changed on its way; ``body`` is JSON, or bytes for anything else."""

    status: int
    headers: dict[str, str]
    body: Any


class Line:
    """The sandbox's ASGI app with a bad connection before it. ``frozen`` is set once a request hangs."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._application = application
        self.disturbances: list[Disturbance] = []
        self.requests: list[str] = []
        self.gone: set[str] = set()
        self.frozen = asyncio.Event()
        self.landing: list[asyncio.Task[None]] = []
        self._changes: dict[str, Callable[[Answer], None]] = {}

    def serve(self, application: Callable[..., Awaitable[None]]) -> None:
        """Put another server behind the same address."""
        self._application = application

    def disturb(self, pattern: str, fate: Fate | None = None, **how: Any) -> Disturbance:
        disturbance = Disturbance(pattern, fate, **how)
        self.disturbances.append(disturbance)
        return disturbance

    def change(self, pattern: str, change: Callable[[Answer], None] | None) -> None:
        """Change every answer to requests that match, from now on; None ends it."""
        if change is None:
            self._changes.pop(pattern, None)
        else:
            self._changes[pattern] = change

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = f"{scope['method']} {scope['path']}"
        self.requests.append(request)
        fate = None
        for disturbance in self.disturbances:
            if disturbance.hits(request):
                if disturbance.first is not None:
                    disturbance.first()
                fate = disturbance.fate or fate
        if any(re.search(rf"/my/ships/{ship}(/|$)", request) for ship in self.gone):
            await _answer(send, 404, b'{"error":{"message":"Ship not found.","code":404}}')
        elif fate is None:
            changes = [change for pattern, change in self._changes.items() if re.search(pattern, request)]
            await self._application(scope, receive, _changing(send, changes) if changes else send)
        else:
            await self._suffer(fate, scope, receive, send)

    async def _suffer(self, fate: Fate, scope: Any, receive: Any, send: Any) -> None:
        if fate is Fate.ARRIVES_LATE:
            await asyncio.sleep(20)
            await self._application(scope, receive, send)
            return
        if fate is Fate.ANSWERED_LATE:
            await self._application(scope, receive, _slowly(send))
            return
        if fate is Fate.LANDS_LATE:
            messages = [await receive()]
            while messages[-1].get("more_body"):
                messages.append(await receive())
            self.landing.append(asyncio.create_task(self._land(scope, messages)))
        if fate in (Fate.FAILS_AFTER, Fate.FREEZES_AFTER):
            await self._application(scope, receive, _swallow)
        if fate in (Fate.FREEZES_BEFORE, Fate.FREEZES_AFTER):
            self.frozen.set()
            await asyncio.Event().wait()
        await _answer(send, 500, b'{"error":{"message":"Something broke.","code":500}}')

    async def _land(self, scope: Any, messages: list[Any]) -> None:
        async def receive() -> Any:
            return messages.pop(0)

        await asyncio.sleep(3)
        await self._application(scope, receive, _swallow)


def _changing(send: Any, changes: Sequence[Callable[[Answer], None]]) -> Any:
    """A ``send`` that passes a whole answer on as it is after the changes."""
    answer = Answer(0, {}, b"")

    async def pass_on(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        answer.body += message.get("body", b"")
        if message.get("more_body"):
            return
        with contextlib.suppress(ValueError):
            answer.body = json.loads(answer.body)
        for change in changes:
            change(answer)
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        kept = [(name, value) for name, value in headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": answer.status, "headers": kept})
        await send({"type": "http.response.body", "body": body})

    return pass_on


def _slowly(send: Any) -> Any:
    """A ``send`` that takes twenty seconds for an answer."""

    async def pass_on(message: Any) -> None:
        if message["type"] == "http.response.start":
            await asyncio.sleep(20)
        await send(message)

    return pass_on


async def _swallow(message: Any) -> None:
    return


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class FullHistory(History[MarketTransaction]):
    """Every trade of the universe; a market itself forgets all but twenty."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[MarketTransaction] = []

    def add(self, transaction: MarketTransaction) -> None:
        self.all.append(transaction)
        super().add(transaction)


@dataclass
class Stage:
    """``world`` and database outlive every application; ``trades`` is what the sandbox itself wrote down."""

    clock: VirtualClock
    world: World
    line: Line
    folder: Path
    flags: dict[str, Any]
    trades: FullHistory
    faults: Faults
    """the sandbox's own faults; arm them here"""
    opened: list[Application] = field(default_factory=list)
    watch: Clock | None = None
    """what applications tell the time by; None: the clock of the universe itself"""

    @property
    def application(self) -> Application:
        """The newest one."""
        return self.opened[-1]

    @property
    def credits(self) -> int:
        """The agent's balance as the sandbox keeps it."""
        return self.world.agents.find(AGENT).credits

    async def open(self, **flags: Any) -> Application:
        """Build one more application on the same files; it is not started."""
        settings = settings_for(self.folder, **{**self.flags, **flags})
        application = await bootstrap.build(
            settings,
            clock=self.watch or self.clock,
            transport=transports.in_process(self.line),
            inline_store=True,
            seed=len(self.opened) + 1,
        )
        self.opened.append(application)
        return application

    async def begin(self) -> Player:
        """Open the first application, start it and register the agent."""
        application = await self.open()
        await application.start()
        return await application.register_player(AGENT, self.world.universe.factions[0])

    async def kill(self) -> None:
        """End the application as SIGKILL does: from one moment to the next it can write nothing more."""
        await self.application.store.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.application.stop()

    async def produce(self, player: Player, good: str, **request: Any) -> str:
        """Start a factory, whatever speaks against it; returns its id."""
        report = await self.application.start_factory(
            player.id, good, None, fabricating(**request), refuse=Refuse.NOTHING
        )
        return report.factory.id

    async def until_over(self, player: Player, factory_id: str, *, hours: float = 24) -> FactoryReport:
        for _ in range(int(hours * 60)):
            report = await self.application.factory(player.id, factory_id)
            if report.factory.status.is_over:
                return report
            await self.clock.sleep(60)
        raise AssertionError(f"not over after {hours} h: {report.to_json()}")

    async def until(self, kind: EventKind, *, count: int = 1, hours: float = 4, **fields: Any) -> Event:
        """The ``count``-th event of a kind, waited for."""
        store = self.application.store
        found: list[Event] = []
        seen = 0
        for _ in range(int(hours * 3600)):
            changed = store.changed()
            for event in await self._events_after(seen):
                seen = event.seq
                if event.kind is kind and all(getattr(event, name) == fields[name] for name in fields):
                    found.append(event)
            if len(found) >= count:
                return found[count - 1]
            await self.clock.wait(changed, 60)
        raise AssertionError(f"no {kind} within {hours} h")

    async def until_event(self, number: int) -> None:
        """Until so many events are written, or nothing happens for an hour."""
        store = self.application.store
        while True:
            changed = store.changed()
            if await store.transact(lambda tx: tx.events.last_seq()) >= number:
                return
            if not await self.clock.wait(changed, 3600):
                return

    async def events(self, *kinds: EventKind) -> list[Event]:
        return [event for event in await self._events_after(0) if not kinds or event.kind in kinds]

    async def _events_after(self, seq: int) -> list[Event]:
        return await self.application.store.transact(lambda tx: tx.events.after(seq, limit=100_000))

    async def legs(self, factory_id: str) -> list[Leg]:
        return await self.application.store.transact(lambda tx: tx.legs.newest(factory_id, 10_000))

    async def ledger(self, player: Player) -> list[LedgerEntry]:
        return await self.application.store.transact(lambda tx: tx.money.ledger(player.id))

    def intents(self) -> list[sqlite3.Row]:
        """Every intent that was ever written, straight from the file."""
        with sqlite3.connect(self.folder / "goodsfactory.sqlite") as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute("SELECT * FROM intents ORDER BY created_at").fetchall()
        connection.close()
        return rows


@asynccontextmanager
async def stage(
    clock: VirtualClock,
    *,
    seed: int = 1,
    ships: Sequence[str] = HAULERS,
    credits: int = 2_000_000,
    scenario: Scenario = Scenario.YOUNG,
    **flags: Any,
) -> AsyncIterator[Stage]:
    """Open a universe; every application opened on it is stopped in the end."""
    universe = generate_universe(seed, epoch=clock.now(), scenario=scenario)
    world = World(universe, now=clock.now, seed=seed, starting_credits=credits, starting_fleet=ships)
    trades, faults = FullHistory(), Faults()
    world.trading.history = trades
    app = create_app(world, faults=faults, sleep=clock.sleep)
    with a_folder() as folder:
        one = Stage(clock, world, Line(app), folder, flags, trades, faults)
        try:
            yield one
        finally:
            for application in one.opened:
                await application.stop()


def _of_trade(trade: MarketTransaction) -> tuple[object, ...]:
    return (trade.type, trade.ship, trade.good, trade.units, trade.unit_price, trade.waypoint)


def _of_entry(entry: LedgerEntry) -> tuple[object, ...]:
    kind = "SELL" if entry.kind is MoneyKind.SALE else "PURCHASE"
    return (kind, entry.ship, entry.good, entry.units, entry.unit_price, entry.waypoint)


async def check_books(stage: Stage, player: Player) -> None:
    """Laws L1 and L3: every trade of the sandbox is one DONE intent and one ledger row, and no more.

    Nobody but us moved credits, so the comparison with the balance must never have stopped spending either.
    """
    assert await stage.events(EventKind.SPENDING_STOPPED, EventKind.BALANCE_CORRECTED) == []
    ledger = await stage.ledger(player)
    assert [entry.kind for entry in ledger].count(MoneyKind.OPENING) == 1
    moved = [entry for entry in ledger if entry.kind not in (MoneyKind.OPENING, MoneyKind.WRITE_OFF)]
    assert Counter(map(_of_entry, moved)) == Counter(map(_of_trade, stage.trades.all))
    assert sum(entry.amount for entry in ledger) == stage.credits
    intents = stage.intents()
    assert [row["state"] for row in intents].count("OPEN") == 0
    done = sorted(row["id"] for row in intents if row["state"] == "DONE")
    assert sorted(str(entry.intent_id) for entry in moved) == done


async def check_nothing_leaks(stage: Stage, player: Player, factory_id: str) -> None:
    """Law L2 for a factory that is over: no claim without work, no leg without worker, no stray cargo."""
    store = stage.application.store
    claims, alive, legs, ships = await store.transact(
        lambda tx: (
            tx.claims.of_player(player.id),
            tx.containers.find(statuses=(ContainerStatus.RUNNING, ContainerStatus.PENDING)),
            tx.legs.newest(factory_id, 10_000),
            tx.ships.of_player(player.id),
        )
    )
    assert {claim.container_id for claim in claims} <= {container.id for container in alive}
    assert [c.id for c in alive if c.type in (ContainerType.WORKER, ContainerType.COORDINATOR)] == []
    assert [leg for leg in legs if leg.state.is_open] == []
    aboard = Counter[tuple[str, str]]()
    for leg in legs:
        # What a failed leg left aboard was taken over by the next one of its good.
        if leg.aboard and leg.state is LegState.DONE:
            aboard[str(leg.ship), leg.good] += leg.aboard
    in_sandbox = {
        (ship.symbol, good): units for ship in stage.world.fleets for good, units in ship.hold.items()
    }
    assert dict(aboard) == in_sandbox
    assert {(ship.symbol, good): n for ship in ships for good, n in ship.hold.inventory.items()} == in_sandbox
