"""One case, played in virtual time by the real application against the real sandbox."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.makespan.cases import Case
from bench.makespan.schedules import Scheduler, hold_back
from bench.makespan.systems import build_universe
from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.daemon.application import Application
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, GoodsFactory, Strategy
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.pricing import label
from goodsfactory.domain.quote import Quote
from goodsfactory.sandbox.transactions import History, MarketTransaction
from goodsfactory.sandbox.universe import Universe

HAULER = "SHIP_LIGHT_HAULER"
FRIGATE, PROBE = "FACTORY-1", "FACTORY-2"
"""What every agent starts with. The frigate is left out: a fleet has as many cargo ships as it says."""

_CLAIMS = (EventKind.LEG_ASSIGNED, EventKind.SCOUT_SENT, EventKind.SHIP_POSITIONED)
"""Events with which the planner claims a ship."""

PURSE = 200_000_000
"""Credits at the start: money limits no scheduler."""

LONGEST = timedelta(days=6)
"""Simulated time after which a case is given up."""


@dataclass(frozen=True)
class Foretold:
    """A quote, and the seconds and credits that came; ``seconds`` None where the target was given up.

    ``beside`` counts the orders that were at work already when the quote was taken.
    """

    quote: Quote
    seconds: float | None
    credits: int
    beside: int = 0


@dataclass(frozen=True)
class Outcome:
    """What a case took. ``cpu_seconds`` is the work of the machine; everything else repeats exactly.

    ``credits`` is what the purse has lost: purchases and fuel, scouts' too, less what feeding brought back.
    ``hauler_seconds`` is how long haulers were claimed, for legs, to look at markets and to get to where they
    wait. ``finished`` says for each target when, in seconds from the start; a target that is missing was
    given up. ``bought_scarce`` are the units of each good that were bought from an export that was SCARCE,
    against the rules: two ships that look at the same moment may do that. ``foretold`` is a quote with its
    own outcome, in a run apart (``foretell``): the product has one where it makes one good. Where it makes
    several, ``foretold_beside`` has one for each order. Both have a default: older files have neither.
    """

    seconds: float
    units: int
    credits: int
    requests: int
    hauler_seconds: float
    finished: dict[str, float]
    bought_scarce: dict[str, int]
    cpu_seconds: float
    foretold: Foretold | None = None
    foretold_beside: tuple[Foretold, ...] = ()


STRATEGIES = {
    scheduler: Strategy.SMART if scheduler is Scheduler.PRODUCT else Strategy.PREFER_FABRICATE
    for scheduler in Scheduler
}
"""The product decides by itself what to buy; the baselines make whatever can be made, level by level."""


class WatchfulHistory(History[MarketTransaction]):
    """Notes what was bought where nothing should have been."""

    def __init__(self, universe: Universe) -> None:
        super().__init__()
        self._universe = universe
        self.bought_scarce: Counter[str] = Counter()

    def add(self, transaction: MarketTransaction) -> None:
        super().add(transaction)
        if transaction.type != "PURCHASE":
            return
        good = self._universe.markets[transaction.waypoint].good(transaction.good, transaction.at)
        if good is None or good.type is not TradeType.EXPORT:
            return
        before = (good.net_supply + transaction.units) / good.trade_volume
        if label(before) is Supply.SCARCE:
            self.bought_scarce[transaction.good] += transaction.units


Watch = Callable[[Playground], asyncio.Task[None]]
"""Begins to watch a run; the task is cancelled in the end."""


def observe(
    case: Case, watch: Watch | None = None, longest: timedelta = LONGEST
) -> tuple[Outcome, Sequence[Event]]:
    """Play the case, for so long at the most; returns its events too."""
    return run_virtual(lambda clock: _play(case, clock, watch, longest))


async def _play(
    case: Case, clock: VirtualClock, watch: Watch | None, longest: timedelta
) -> tuple[Outcome, Sequence[Event]]:
    setting = case.setting
    async with open_case(case, clock) as ground:
        ground.world.trading.history = history = WatchfulHistory(ground.world.universe)
        began = time.process_time()
        start, purse = clock.now(), ground.credits
        asked = (await ground.application.statistics())["requests_sent"]
        watching = [] if watch is None else [watch(ground)]
        async with customer(ground, setting.targets):
            finished = await _make_all(ground, case, start, longest)
        for task in watching:
            task.cancel()
        events = await ground.events()
        numbers = await ground.application.statistics()
        whole = len(finished) == len(setting.targets)
        outcome = Outcome(
            seconds=max(finished.values()) if whole else (clock.now() - start).total_seconds(),
            units=setting.units * len(finished),
            credits=purse - ground.credits,
            requests=numbers["requests_sent"] - asked,
            hauler_seconds=sum((end - at).total_seconds() for at, end in voyages(events, clock.now())),
            finished=finished,
            bought_scarce=dict(history.bought_scarce),
            cpu_seconds=round(time.process_time() - began, 2),
        )
        return outcome, events


@asynccontextmanager
async def open_case(case: Case, clock: VirtualClock) -> AsyncIterator[Playground]:
    """The universe of a case with its fleet, before anything is ordered."""
    setting = case.setting
    chance = random.Random(setting.system.seed)

    def prepare(application: Application) -> None:
        hold_back(application, case.scheduler, lambda: f"{chance.getrandbits(48):012x}")

    async with playground(
        clock,
        seed=setting.system.seed,
        universe=build_universe(setting.system, setting.scenario, clock.now()),
        ships=(HAULER,) * case.ships,
        credits=PURSE,
        prepare=prepare,
    ) as ground:
        yield ground


def request_of(case: Case) -> FactoryRequest:
    """What each target of a case is ordered with."""
    return FactoryRequest(STRATEGIES[case.scheduler], case.setting.units, exclude=(FRIGATE,))


async def _make_all(ground: Playground, case: Case, start: datetime, longest: timedelta) -> dict[str, float]:
    """Order every target; returns when each was done. ``SEQUENTIAL`` orders one after the other."""

    async def make(target: str) -> tuple[str, float | None]:
        factory = await until_over(ground, await ground.produce(target, request_of(case)), start + longest)
        done = factory.completed_at if factory.status is FactoryStatus.COMPLETED else None
        return target, None if done is None else (done - start).total_seconds()

    if case.scheduler is Scheduler.SEQUENTIAL:
        ends = [await make(target) for target in case.setting.targets]
    else:
        ends = await asyncio.gather(*(make(target) for target in case.setting.targets))
    return {target: seconds for target, seconds in ends if seconds is not None}


async def until_over(ground: Playground, factory_id: str, latest: datetime) -> GoodsFactory:
    """The factory once it is over, or as it is at the ``latest``."""
    store, player = ground.application.store, ground.player.id
    while True:
        changed = store.changed()
        factory = await store.transact(lambda tx: tx.factories.get(factory_id, player))
        assert factory is not None
        now = ground.clock.now()
        if factory.status.is_over or now >= latest:
            return factory
        await ground.clock.wait(changed, (latest - now).total_seconds())


@asynccontextmanager
async def customer(ground: Playground, goods: Collection[str]) -> AsyncIterator[None]:
    """Somebody who takes each load over where it was lifted, the moment it is aboard.

    No part of the product: it stands for whatever the goods are wanted for. Without it a fleet would soon be
    full of its own output, and a single ship could not make more than one hold.
    """
    task = asyncio.create_task(_serve(ground, goods), name="customer")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _serve(ground: Playground, goods: Collection[str]) -> None:
    store = ground.application.store
    crew = ground.application.roster.crew(ground.player.id)
    agent = ground.world.agents.find(ground.player.agent_symbol)
    seen = await store.transact(lambda tx: tx.events.last_seq())
    while True:
        changed = store.changed()
        news = await store.transact(lambda tx: tx.events.after(seen, limit=1000))  # noqa: B023 - used at once
        for event in news:
            seen = event.seq
            if (
                event.kind is not EventKind.LEG_DONE
                or not event.ship
                or not event.good
                or event.good not in goods
            ):
                continue
            if event.data["destination"] is None:
                ground.world.fleets.own(agent, event.ship).hold.pop(event.good, None)
                await crew.pilot.observe(event.ship)
        if not news:
            await ground.clock.wait(changed, LONGEST.total_seconds())


def voyages(events: Collection[Event], end: datetime) -> list[tuple[datetime, datetime]]:
    """From when to when haulers were claimed; those still under way until the ``end``."""
    over = {event.container_id: event.at for event in events if event.kind is EventKind.CONTAINER_ENDED}
    return [
        (event.at, over.get(event.container_id, end))
        for event in events
        if event.kind in _CLAIMS and event.ship != PROBE
    ]
