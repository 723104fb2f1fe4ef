"""One run: three days of one way to earn, in virtual time, by the real application and sandbox."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bench.income.chains import CHAINS, Chain, best_chains
from bench.income.greedy import FACTORY, trade_greedily, trading_house
from bench.makespan.run import FRIGATE, HAULER
from bench.makespan.systems import System, build_universe
from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.daemon.application import Application
from goodsfactory.domain.factory import FactoryRequest, GoodsFactory, Strategy, Terminal
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.money import LedgerEntry, MoneyKind
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.sandbox.scenarios import Scenario

SHIPS = 10
PURSE = 10_000_000
"""Credits at the start; neither way is short of money."""

Tell = Callable[[str], None]


class Way(StrEnum):
    """How the fleet earns."""

    FACTORY = "factory"
    GREEDY = "greedy"


@dataclass(frozen=True)
class ChainResult:
    """``realised`` credits hour by hour: sales less what they had cost, less fuel.

    ``below_water`` is the longest time in hours between two highs of their sum. ``worst_window`` is the least
    that any full kill window came to while it worked, in credits an hour.
    """

    good: str
    status: str
    realised: list[int]
    below_water: int
    worst_window: float | None
    made: int


@dataclass(frozen=True)
class Income:
    """``credits`` is what the purse gained; ``aboard`` what the goods in the holds had cost at the end."""

    way: Way
    system: System
    hours: int
    credits: int
    aboard: int
    by_hour: list[int]
    chains: list[ChainResult]
    requests: int
    cpu_seconds: float

    @property
    def per_hour(self) -> float:
        return self.credits / self.hours


Keep = Callable[[Income], None]

KEEP_EVERY = 6
"""Simulated hours between two results that are kept: whoever interrupts a run has most of it."""


def run(
    way: Way,
    system: System,
    hours: int,
    tell: Tell,
    keep: Keep,
    *,
    ships: int = SHIPS,
    chains: int = CHAINS,
) -> Income:
    """Earn for so many simulated hours, by so many of the best chains or by trade; ``keep`` is given what
    there is every few hours."""
    return run_virtual(lambda clock: _play(way, system, hours, ships, chains, clock, tell, keep))


async def _play(
    way: Way, system: System, hours: int, ships: int, count: int, clock: VirtualClock, tell: Tell, keep: Keep
) -> Income:
    universe = build_universe(system, Scenario.YOUNG, clock.now())
    chains = best_chains(universe, clock.now(), count)
    chance = random.Random(system.seed)
    recipes = RecipeMap({good: tuple(inputs) for good, inputs in universe.recipes.items()})

    def prepare(application: Application) -> None:
        if way is Way.GREEDY:
            trade_greedily(
                application, lambda: f"{chance.getrandbits(48):012x}", recipes, frozenset({FRIGATE})
            )

    async with playground(
        clock,
        seed=system.seed,
        universe=universe,
        ships=(HAULER,) * ships,
        credits=PURSE,
        prepare=prepare,
    ) as ground:
        began, start, purse = time.process_time(), clock.now(), ground.credits
        await _begin(ground, way, chains)
        by_hour: list[int] = []
        for hour in range(1, hours + 1):
            await clock.sleep(3600)
            by_hour.append(ground.credits - purse - sum(by_hour))
            tell(f"{way} hour {hour}: {by_hour[-1]:+,}, {sum(by_hour) / hour:,.0f} an hour on average")
            if hour % KEEP_EVERY == 0 or hour == hours:
                seconds = round(time.process_time() - began, 1)
                keep(await _income(ground, way, system, start, by_hour, seconds))
        return await _income(ground, way, system, start, by_hour, round(time.process_time() - began, 1))


async def _income(
    ground: Playground, way: Way, system: System, start: datetime, by_hour: Sequence[int], seconds: float
) -> Income:
    """What was earned until now."""
    store, player = ground.application.store, ground.player.id
    hours = len(by_hour)
    rows = await store.transact(lambda tx: tx.money.ledger(player))
    factories = await store.transact(lambda tx: tx.factories.find(player_id=player))
    legs: dict[str, Leg] = {}
    for factory in factories:
        known = await store.transact(lambda tx: tx.legs.newest(factory.id, 10_000))  # noqa: B023 - used at once
        legs |= {leg.id: leg for leg in known}
    window = round(ground.application.settings.policy.kill_window / 3600)
    results = []
    for factory in factories:
        if factory.id == FACTORY:
            continue
        own = [row for row in rows if row.factory_id == factory.id]
        ended = factory.completed_at
        worked = hours if ended is None else max(1, round((ended - start) / timedelta(hours=1)))
        results.append(_chain_result(factory, _realised(own, legs, start, hours), window, worked))
    aboard = sum(round(leg.cost * leg.aboard / leg.bought) for leg in legs.values() if leg.aboard > 0)
    numbers = await ground.application.statistics()
    return Income(
        way,
        system,
        hours,
        sum(by_hour),
        aboard,
        list(by_hour),
        results,
        numbers["requests_sent"],
        seconds,
    )


async def _begin(ground: Playground, way: Way, chains: Sequence[Chain]) -> None:
    if way is Way.GREEDY:
        crew = ground.application.roster.crew(ground.player.id)
        home = ground.world.universe.home.symbol
        await crew.scout.survey(home)
        house = trading_house(ground.player.id, home, ground.application)
        await ground.application.store.transact(lambda tx: tx.factories.add(house))
        return
    request = FactoryRequest(
        strategy=Strategy.SMART, terminal=Terminal.SELL, continuous=True, exclude=(FRIGATE,)
    )
    for chain in chains:
        await ground.produce(chain.good, request)


def _realised(rows: Sequence[LedgerEntry], legs: Mapping[str, Leg], start: datetime, hours: int) -> list[int]:
    """Sales less the cost of what was sold, less fuel and losses, hour by hour."""
    sums: dict[int, float] = defaultdict(float)
    for row in rows:
        hour = min(hours - 1, int((row.at - start) / timedelta(hours=1)))
        if row.kind is MoneyKind.SALE:
            leg = legs.get(row.leg_id or "")
            sums[hour] += row.amount - (row.units * leg.cost / leg.bought if leg and leg.bought else 0)
        elif row.kind is MoneyKind.REFUEL:
            sums[hour] += row.amount
        elif row.kind is MoneyKind.WRITE_OFF:
            sums[hour] -= row.units * row.unit_price
    return [round(sums[hour]) for hour in range(hours)]


def _chain_result(factory: GoodsFactory, realised: list[int], window: int, hours: int) -> ChainResult:
    worked = realised[:hours]
    high = total = since = longest = 0
    for hour, amount in enumerate(worked, start=1):
        total += amount
        if total >= high:
            high, since = total, hour
        else:
            longest = max(longest, hour - since)
    windows = [sum(worked[end - window : end]) / window for end in range(window, len(worked) + 1)]
    return ChainResult(
        factory.target_good,
        factory.status.value,
        realised,
        longest,
        min(windows, default=None),
        factory.quantity_acquired,
    )
