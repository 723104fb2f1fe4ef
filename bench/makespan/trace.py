"""Where the time of a case goes: every production step along its chain, and what the fleet did meanwhile."""

import asyncio
import heapq
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bench.makespan.bound import lower_bound
from bench.makespan.cases import Case
from bench.makespan.chart import RULES, Chart
from bench.makespan.run import Outcome, observe
from bench.makespan.systems import build_universe
from tests.playground import Playground

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.pricing import label
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.universe import Universe

_INSTANT = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Production:
    """One tick of an export of the chain. ``worst`` is the input that holds it back, with its supply."""

    at: datetime
    good: str
    waypoint: str
    activity: str
    made: int
    volume: int
    supply: str
    worst: str


@dataclass
class Watcher:
    """Looks at the markets of a chain before and after each of their ticks, from behind the scenes."""

    targets: Sequence[str]
    seen: list[Production] = field(default_factory=list)

    def __call__(self, ground: Playground) -> asyncio.Task[None]:
        return asyncio.create_task(self._watch(ground), name="watcher")

    async def _watch(self, ground: Playground) -> None:
        clock, universe = ground.clock, ground.world.universe
        exports = list(_exports(universe, self.targets))
        due = [(_first_tick(universe, market, good), number) for number, (market, good) in enumerate(exports)]
        heapq.heapify(due)
        while due:
            at, number = heapq.heappop(due)
            if at > clock.now():
                market, good = exports[number]
                await _until(clock, at - _INSTANT)
                before = market.good(good, clock.now())
                stock, inputs = (before.net_supply if before else 0), _inputs(universe, market, good, clock)
                await _until(clock, at + _INSTANT)
                after = market.good(good, clock.now())
                if after is not None:
                    made = after.net_supply - stock
                    self.seen.append(
                        Production(
                            at,
                            good,
                            market.waypoint,
                            str(after.activity),
                            made,
                            after.trade_volume,
                            f"{label(stock / after.trade_volume)} {stock / after.trade_volume:+.1f}",
                            inputs,
                        )
                    )
            heapq.heappush(due, (at + RULES.tick, number))


async def _until(clock: VirtualClock, moment: datetime) -> None:
    await clock.sleep((moment - clock.now()).total_seconds())


def _exports(universe: Universe, targets: Sequence[str]) -> Iterator[tuple[Market, str]]:
    """Every market-good on the way to the targets that is made, the targets first."""
    markets, waiting, done = universe.markets_in(universe.home.symbol), list(targets), set[str]()
    while waiting:
        good = waiting.pop(0)
        if good in done or good.endswith("_ORE"):
            continue
        done.add(good)
        for market in markets.values():
            inputs = universe.recipes.get(good, ())
            if good in market.exports and any(name in market.imports for name in inputs):
                waiting += inputs
                yield market, good


def _first_tick(universe: Universe, market: Market, good: str) -> datetime:
    found = market.good(good, universe.epoch)
    return universe.epoch + timedelta(seconds=found.phase if found else 0.0)


def _inputs(universe: Universe, market: Market, good: str, clock: VirtualClock) -> str:
    found = [market.good(name, clock.now()) for name in universe.recipes.get(good, ())]
    worst = min((one for one in found if one is not None), key=lambda one: one.s, default=None)
    return "" if worst is None else f"{worst.symbol} {worst.supply} {worst.s:+.1f}"


def trace(case: Case) -> None:
    """Play a case and print its story."""
    watcher = Watcher(case.setting.targets)
    outcome, events = observe(case, watcher)
    start = next(event.at for event in events if event.kind is EventKind.FACTORY_CREATED)
    chart = Chart(build_universe(case.setting.system, case.setting.scenario, start))
    bound = lower_bound(chart, case.played.setting)
    lines = [f"{case.name}: {outcome.seconds / 3600:.2f} h, {bound}"]
    lines += [*_story(events, start), *_ticks(watcher.seen, start), *_waits(case, outcome, events)]
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _hours(at: datetime, start: datetime) -> str:
    return f"{(at - start).total_seconds() / 3600:6.2f}"


def _story(events: Sequence[Event], start: datetime) -> Iterator[str]:
    told = (
        EventKind.LEG_ASSIGNED,
        EventKind.LEG_LADEN,
        EventKind.LEG_DONE,
        EventKind.LEG_CANCELLED,
        EventKind.LEG_FAILED,
        EventKind.SCOUT_SENT,
        EventKind.SHIP_POSITIONED,
        EventKind.NODE_STATE,
        EventKind.SPEND_REFUSED,
    )
    for event in events:
        if event.kind in told:
            yield f"{_hours(event.at, start)} {event.kind:14} {event.ship or '':12} {event.message[:170]}"


def _ticks(seen: Sequence[Production], start: datetime) -> Iterator[str]:
    by_good: dict[str, list[Production]] = defaultdict(list)
    for tick in seen:
        by_good[tick.good].append(tick)
    for good, ticks in by_good.items():
        made, could = sum(tick.made for tick in ticks), sum(tick.volume for tick in ticks)
        yield f"\n{good} at {ticks[0].waypoint}: {made} of {could} made"
        for tick in ticks:
            yield (
                f"{_hours(tick.at, start)} {tick.activity:10} {tick.made:3} of {tick.volume:3}"
                f"  {tick.supply:14} {tick.worst}"
            )


def _waits(case: Case, outcome: Outcome, events: Sequence[Event]) -> Iterator[str]:
    """How long some node was in each state, and how busy the haulers were."""
    begun: dict[tuple[str | None, str | None], tuple[str, datetime]] = {}
    spent: Counter[tuple[str, str]] = Counter()
    for event in events:
        if event.kind is EventKind.NODE_STATE:
            node = (event.factory_id, event.good)
            if node in begun:
                state, since = begun[node]
                spent[state, str(event.good)] += round((event.at - since).total_seconds())
            begun[node] = (str(event.data["state"]), event.at)
    share = outcome.hauler_seconds / (outcome.seconds * case.ships)
    yield f"\nhaulers busy {share:.1%} of the time; {outcome.requests} requests"
    for (state, good), seconds in sorted(spent.items()):
        if state != "DONE":
            yield f"{state:15} {good:22} {seconds / 3600:6.2f} h"
