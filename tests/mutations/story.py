"""One life of a daemon beside a server that answers nonsense now and then, in virtual time.

A life is a chain of chapters. In each one the daemon has some work, and for ten minutes a share of all
answers is harmed; then they are sane again for a while. In the end everything has to come right.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.daemon.stage import Stage, stage
from tests.mutations.findings import Findings, inspect, troubles_told
from tests.mutations.line import MutatingLine
from tests.treasury.deeds import MATERIAL, SHIP
from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.daemon.scouting_orders import ScoutWish
from goodsfactory.domain.errors import GoodsFactoryError
from goodsfactory.domain.factory import FactoryStatus, Terminal
from goodsfactory.domain.player import Player

FLEET = ("SHIP_LIGHT_SHUTTLE",) * 2
BURST = 600.0
"""Game seconds in which answers are harmed, at most."""

PATIENCE = 7200.0
"""Game seconds in which whatever a user orders has to end, in any way."""

AT_ONCE = 25
"""Mutations that are enough for one chapter."""

CALM = 300.0
"""Game seconds of sane answers after them."""

RECOVERY = 12.0
"""Game hours of sane answers at the end in which all work has to end."""

GOODS = ("IRON", "COPPER", "ALUMINUM", "PLASTICS")


@dataclass
class Life:
    """``line`` stands between the application and the sandbox of ``one``."""

    one: Stage
    line: MutatingLine
    chance: random.Random
    player: Player
    findings: Findings
    factories: list[str] = field(default_factory=list)
    named: int = 0
    agents: int = 1

    async def live(self, mutations: int) -> None:
        """Until so many answers were harmed; then see that all comes right."""
        chapters = [*CHAPTERS]
        while self.line.mutations < mutations:
            self.chance.shuffle(chapters)
            for name, chapter in chapters:
                if self.line.mutations >= mutations:
                    break
                await self._burst(name, chapter)
        await self._siege()
        await self._recover()
        await inspect(self.one, self.factories, self.findings)

    async def _burst(self, name: str, chapter: "Chapter") -> None:
        clock = self.one.clock
        end = clock.now().timestamp() + BURST
        enough = self.line.mutations + AT_ONCE
        async with self._harm(name):
            await self._do(name, chapter)
            while self.line.mutations < enough and clock.now().timestamp() < end:
                await clock.sleep(30)
        await self.alive(name)
        await clock.sleep(CALM)

    async def _do(self, name: str, chapter: "Chapter") -> None:
        """What a user orders may be refused or fail, with a sentence; anything else is a bug."""
        try:
            await asyncio.wait_for(chapter(self), PATIENCE)
        except GoodsFactoryError:
            pass
        except TimeoutError:
            self.findings.bugs.append(f"{name}: no end after {PATIENCE} s; {self.line.tail[-5:]}")
        except Exception as bug:  # noqa: BLE001 - told with all that was found
            self.findings.bugs.append(f"{name}: {type(bug).__name__}: {bug}; {self.line.tail[-5:]}")

    @asynccontextmanager
    async def _harm(self, state: str, *, only: str = "", rate: float | None = None) -> AsyncIterator[None]:
        self.line.state, self.line.only = state, only
        self.line.rate = self.chance.choice((0.3, 0.6, 0.9)) if rate is None else rate
        try:
            yield
        finally:
            self.line.rate, self.line.siege = 0.0, False

    async def alive(self, when: str) -> None:
        """The daemon answers what faces ask."""
        application = self.one.application
        try:
            await application.statistics()
            await application.factories(self.player.id, ())
            await application.ships(self.player.id)
            for factory in self.factories[-3:]:
                if (await application.factory(self.player.id, factory)).factory.tree is not None:
                    await application.insight.explanations.of_factory(self.player.id, factory, None)
        except Exception as bug:  # noqa: BLE001 - told with all that was found
            self.findings.bugs.append(f"a face after {when}: {type(bug).__name__}: {bug}")

    async def _siege(self) -> None:
        """Nothing can be understood for twenty minutes: whoever asks hears of it."""
        await self._do("siege", start_factory)
        self.line.siege = True
        async with self._harm("siege", rate=1.0):
            await self.one.clock.sleep(1200)
            self.findings.siege_told = await troubles_told(self.one, self.player, self.factories)

    async def _recover(self) -> None:
        """Sane answers from here on: everything that was begun comes to its end."""
        application, clock = self.one.application, self.one.clock
        with suppress(GoodsFactoryError):
            await application.desks.scouting.stop(self.player.id)
        for number in range(2, self.agents + 1):
            await self._come_back(f"RIVAL{number}")
        for _ in range(int(RECOVERY * 12)):
            reports = [await application.factory(self.player.id, name) for name in self.factories]
            if all(report.factory.status.is_over for report in reports):
                break
            await clock.sleep(300)
        await clock.sleep(1800)

    async def _come_back(self, agent: str) -> None:
        """As a user does who was told that it failed, and has the token where it was lost on the way."""
        try:
            await enrol(self, agent)
        except GoodsFactoryError as refused:
            known = {player.agent_symbol for player in await self.one.application.players()}
            issued = self.one.world.agents._by_token.items()
            tokens = [token for token, owner in issued if owner.symbol == agent]
            if agent in known and "does not take the token" in str(refused):
                await self.one.application.add_player(tokens[-1])


Chapter = Callable[[Life], Awaitable[None]]


async def idle(life: Life) -> None:
    """Nothing is ordered: the roll is called."""


async def produce(life: Life) -> None:
    """A factory of one good, which is sold."""
    if len(life.factories) - len(await over(life)) < 3:
        await start_factory(life)


async def start_factory(life: Life) -> None:
    units = life.chance.choice((20, 40))
    request = fabricating(units=units, terminal=Terminal.SELL, exclude=(SHIP,))
    report = await life.one.application.start_factory(
        life.player.id, life.chance.choice(GOODS), None, request
    )
    life.factories.append(report.factory.id)


async def over(life: Life) -> list[str]:
    reports = [await life.one.application.factory(life.player.id, name) for name in life.factories]
    return [report.factory.id for report in reports if report.factory.status is not FactoryStatus.ACTIVE]


async def quote(life: Life) -> None:
    await life.one.application.quotes.quote(life.player.id, "MACHINERY", None, fabricating(units=40))


async def by_hand(life: Life) -> None:
    """A ship is moved, docked and refuelled."""
    application = life.one.application
    await produce(life)
    places = [m.waypoint for m in (await application.find_markets(life.player.id, "FUEL", None)).markets]
    for act in life.chance.sample(["navigate", "dock", "orbit", "refuel"], 4):
        with suppress(GoodsFactoryError):
            match act:
                case "navigate":
                    await application.navigate(life.player.id, SHIP, life.chance.choice(places))
                case "dock":
                    await application.dock(life.player.id, SHIP)
                case "orbit":
                    await application.orbit(life.player.id, SHIP)
                case _:
                    await application.refuel(life.player.id, SHIP)


async def look(life: Life) -> None:
    application = life.one.application
    for market in (await application.find_markets(life.player.id, "FUEL", None)).markets[:3]:
        with suppress(GoodsFactoryError):
            await application.market(life.player.id, market.waypoint)


async def yard(life: Life) -> None:
    """One probe more, if it can be had."""
    life.findings.ships_ordered += 1
    await life.one.application.desks.yard.buy(life.player.id, "probe")


async def contract(life: Life) -> None:
    """As far as it goes: accept, deliver, fulfil."""
    desk, player = life.one.application.desks.contract, life.player.id
    with suppress(GoodsFactoryError):
        await desk.accept(player, None)
    deal = await desk.one(player, None)
    hold = next(one for one in life.one.world.fleets if one.symbol == SHIP).hold
    if not hold:
        hold[deal.good] = life.findings.put_aboard(deal.good, min(20, max(1, deal.owed[0].missing)))
    with suppress(GoodsFactoryError):
        await life.one.application.roster.crew(player).pilot.observe(SHIP)
    with suppress(GoodsFactoryError):
        await desk.deliver(player, SHIP)
    await desk.fulfil(player, None)


async def construction(life: Life) -> None:
    """What is missing at the gate is brought there."""
    desk, player = life.one.application.desks.construction, life.player.id
    hold = next(one for one in life.one.world.fleets if one.symbol == SHIP).hold
    if not hold:
        hold[MATERIAL] = life.findings.put_aboard(MATERIAL, 20)
    with suppress(GoodsFactoryError):
        await life.one.application.roster.crew(player).pilot.observe(SHIP)
    with suppress(GoodsFactoryError):
        await desk.show(player)
    await desk.supply(player, SHIP)


async def sell(life: Life) -> None:
    await life.one.application.sell(life.player.id, SHIP)


async def scout(life: Life) -> None:
    """A standing scout begins, or ends."""
    desk, player = life.one.application.desks.scouting, life.player.id
    if (await desk.show(player)).scouts:
        await desk.stop(player)
    else:
        await desk.start(player, ScoutWish())


async def register(life: Life) -> None:
    """Another agent joins, whose answers are harmed from the first one on."""
    life.agents += 1
    await enrol(life, f"RIVAL{life.agents}")


async def enrol(life: Life, agent: str) -> None:
    await life.one.application.register_player(agent, life.one.world.universe.factions[0])


async def restart(life: Life) -> None:
    """The daemon ends, and begins again while answers are harmed."""
    await life.one.application.stop()
    application = await life.one.open()
    try:
        await application.start()
    except GoodsFactoryError as refused:
        life.findings.starts_refused.append(str(refused))
        await application.stop()
        life.line.rate = 0.0
        await begin_again(life)


async def begin_again(life: Life) -> None:
    """The answers are sane: now it has to start."""
    try:
        await (await life.one.open()).start()
    except GoodsFactoryError as refused:
        life.findings.bugs.append(f"no start with sane answers: {type(refused).__name__}: {refused}")


CHAPTERS: list[tuple[str, Chapter]] = [
    ("idle", idle),
    ("producing", produce),
    ("quoting", quote),
    ("by hand", by_hand),
    ("looking", look),
    ("buying a ship", yard),
    ("contract", contract),
    ("construction", construction),
    ("selling", sell),
    ("scouting", scout),
    ("registering", register),
    ("starting", restart),
    ("producing more", produce),
]


async def live(clock: VirtualClock, *, seed: int, mutations: int) -> tuple[Findings, MutatingLine]:
    """A whole life with ``mutations`` harmed answers."""
    async with stage(clock, seed=1 + seed % 7, ships=FLEET, credits=2_000_000) as one:
        chance = random.Random(seed)
        line = MutatingLine(one.line._application, chance)
        one.line.serve(line)
        player = await one.begin()
        findings = Findings()
        await Life(one, line, chance, player, findings).live(mutations)
        return findings, line
