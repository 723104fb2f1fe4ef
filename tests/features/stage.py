"""The stage of one scenario: what is given is collected, then the real application is opened on it."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import date, timedelta
from typing import Any, TypeVar

from tests.daemon.stage import FullHistory, Line
from tests.features.valley import Row, symbol, units_of, valley
from tests.playground import Playground, Server, playground
from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock, VirtualLoop
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.reports import FactoryReport
from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import Strategy, Terminal
from goodsfactory.domain.market import Supply
from goodsfactory.sandbox.ships import Route
from goodsfactory.sandbox.ships import Ship as SandboxShip
from goodsfactory.sandbox.transactions import MarketTransaction
from goodsfactory.sandbox.world import World

Result = TypeVar("Result")

AT_WORK = (ContainerType.COORDINATOR, ContainerType.WORKER, ContainerType.SCOUT)
RESET_DATE = date(2026, 1, 1)


class Stage:
    """One event loop in virtual time for a whole scenario; steps run on it one after the other."""

    def __init__(self, runner: asyncio.Runner) -> None:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        self._runner = runner
        self.clock = VirtualClock(loop)
        self.rows: list[Row] = []
        self.cargo_ships = 1
        self.credits = 2_000_000
        self.living = False
        self.rate_limit = False
        self.on_disk = False
        self.line: Line | None = None
        self.flags: dict[str, Any] = {}
        self.factory_id = ""
        self.named: dict[str, str] = {}
        self.refusal: UserError | None = None
        self.credits_before = 0
        self.others_requests = 0
        self.marked = self.clock.now()
        self._play: Playground | None = None
        self._context: AbstractAsyncContextManager[Playground] | None = None

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(work)

    @property
    def play(self) -> Playground:
        """The application, opened on what was given so far; afterwards nothing more can be given."""
        if self._play is None:
            self._context = playground(
                self.clock,
                universe=valley(
                    self.rows, epoch=self.clock.now(), living=self.living, reset_date=RESET_DATE.isoformat()
                ),
                ships=("SHIP_LIGHT_SHUTTLE",) * (self.cargo_ships - 1),
                credits=self.credits,
                rate_limit=self.rate_limit,
                on_disk=self.on_disk,
                front=self._front,
                **self.flags,
            )
            self._play = self.run(self._context.__aenter__())
            self.credits_before = self._play.credits
        return self._play

    def _front(self, server: Server) -> Line:
        self.line = Line(server)
        return self.line

    def close(self) -> None:
        if self._context is not None:
            self.run(self._context.__aexit__(None, None, None))

    @property
    def world(self) -> World:
        return self.play.world

    @property
    def application(self) -> Application:
        return self.play.application

    @property
    def player_id(self) -> int:
        return self.play.player.id

    # What is done

    def produce(self, good: str, system: str | None = None, **wishes: Any) -> None:
        """Start a factory, or keep the refusal."""
        wishes.setdefault("strategy", Strategy.PREFER_FABRICATE)
        self.credits_before = self.play.credits
        self.marked = self.clock.now()
        try:
            report = self.run(
                self.application.start_factory(self.player_id, good, system, fabricating(**wishes))
            )
        except UserError as refusal:
            self.refusal = refusal
        else:
            self.factory_id = self.named[good] = report.factory.id

    def wait(self, seconds: float) -> None:
        self.run(self.clock.sleep(seconds))

    def wait_for(self, kind: EventKind, *, good: str | None = None, text: str = "") -> Event:
        """Let time pass until the factory has such an event, 12 hours at most; returns the first one."""
        return self.run(self._wait_for(kind, good, text))

    async def _wait_for(self, kind: EventKind, good: str | None, text: str) -> Event:
        deadline = self.clock.now() + timedelta(hours=12)
        seen = 0
        while self.clock.now() < deadline:
            for event in await self.application.events(self.player_id, self.factory_id, seen, 1000):
                if event.kind is kind and good in (None, event.good) and text in event.message:
                    return event
                seen = event.seq
            await self.application.events_changed(60)
        told = "\n".join(event.message for event in await self.play.events(self.factory_id))
        raise AssertionError(f"no {kind} {good or ''} {text!r}:\n{told}")

    def until_over(self, good: str | None = None, *, hours: float = 48) -> FactoryReport:
        return self.run(self.play.until_over(self.named[good] if good else self.factory_id, hours=hours))

    def hold_supply(self, place: str, good: str, supply: Supply) -> None:
        """Set what a market has of a good to the middle of a label."""
        row = next(row for row in self.rows if (row.waypoint, row.good) == (place, good))
        self.world.set_net_supply(symbol(place), good, units_of(supply, row.volume))

    def sandbox_ship(self, name: str) -> SandboxShip:
        return next(ship for ship in self.world.fleets if ship.symbol == name)

    def put(self, name: str, place: str) -> None:
        """Place a ship without a voyage, and have the application read it."""
        now = self.clock.now()
        ship = self.sandbox_ship(name)
        ship.route = Route(symbol(place), symbol(place), now, now, 0.0, now)
        ship.docked = True
        self.read(name)

    def read(self, name: str) -> None:
        """Have the application read a ship, as a manual order does."""
        self.run(self.application.orbit(self.player_id, name))
        self.run(self.application.dock(self.player_id, name))

    def reset_universe(self) -> None:
        """The server opens a new universe: no old token is worth anything."""
        later = (RESET_DATE + timedelta(days=7)).isoformat()
        place = valley(self.rows, epoch=self.clock.now(), living=self.living, reset_date=later)
        self.play.world = World(place, now=self.clock.now, seed=1, starting_credits=self.credits)
        self.play.server.open(self.play.world)

    def keep_every_trade(self) -> FullHistory:
        """From now on the sandbox remembers each trade; a market itself forgets all but twenty."""
        trades = self.world.trading.history = FullHistory()
        return trades

    # What is seen

    @property
    def report(self) -> FactoryReport:
        return self.run(self.application.factory(self.player_id, self.factory_id))

    def document(self) -> dict[str, Any]:
        return self.report.to_json()

    def node(self, good: str) -> dict[str, Any]:
        """The node of a good in the stable document."""
        return _find(self.document()["dependency_tree"], good) or {}

    def events(self, *kinds: EventKind, good: str | None = None, everywhere: bool = False) -> list[Event]:
        """The factory's events, or those of the whole player, in their order."""
        found = self.run(self.play.events(None if everywhere else self.factory_id))
        return [e for e in found if (not kinds or e.kind in kinds) and good in (None, e.good)]

    def bought(self, good: str) -> list[Event]:
        return self.events(EventKind.PURCHASED, good=good)

    def trades(self, place: str, good: str) -> list[MarketTransaction]:
        """What the market itself remembers of a good, oldest first."""
        kept = self.world.trading.history.at(symbol(place))
        return [line for line in reversed(kept) if line.good == good]

    def claimed(self) -> list[str]:
        """Ships that some container holds."""
        return [ship.symbol for ship, claim in self.run(self.application.ships(None)) if claim is not None]

    def at_work(self) -> list[str]:
        """Containers of factories that have not ended."""
        running = self.run(self.application.containers(self.player_id, ContainerStatus.RUNNING))
        return [container.id for container in running if container.type in AT_WORK]

    def request(self, words: str) -> dict[str, Any]:
        """``units=80 ships=FACTORY-1,FACTORY-3`` as wishes of a request."""
        wishes: dict[str, Any] = {}
        for word in words.split():
            name, _, value = word.partition("=")
            match name:
                case "ships" | "exclude":
                    wishes[name] = tuple(value.split(","))
                case "units" | "max_depth":
                    wishes[name] = int(value)
                case "priority":
                    wishes[name] = float(value)
                case "strategy":
                    wishes[name] = Strategy(value)
                case "terminal":
                    wishes[name] = Terminal(value)
                case "system":
                    wishes[name] = value
                case _:
                    assert word == "fail_if_no_ship", f"unknown wish {word}"
                    wishes[name] = True
        return wishes


def _find(node: dict[str, Any], good: str) -> dict[str, Any] | None:
    if node["good"] == good:
        return node
    return next((found for child in node["children"] if (found := _find(child, good))), None)
