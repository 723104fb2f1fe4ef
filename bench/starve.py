"""``python -m bench.starve``: six continuous factories that sell, with few ships.

What is asked is whether goods that lie ready rot while ships carry inputs: when each good is lifted first,
and what the purse holds hour by hour, for one frigate alone and with haulers beside it. Virtual time, the
real application and sandbox; the markets have been looked at before the factories begin.
"""

import argparse
import itertools
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.makespan.run import HAULER
from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.money import MoneyKind
from goodsfactory.sandbox.scenarios import Scenario

RESULTS = Path("build/bench/starve.json")
GOODS = ("SHIP_PARTS", "SHIP_PLATING", "CLOTHING", "MEDICINE", "ELECTRONICS", "EQUIPMENT")
SEED = 1
PURSE = 175_000
"""credits of an agent that begins"""
FLEETS = (0, 1, 4, 10)
"""light haulers beside the command frigate"""
HOURS = 8
TOLD = (1, 2, 4, 8)
"""hours after which the summary tells each purse"""
FIRST_VERSION_GAIN = 742_810
"""credits that the frigate alone gained in two hours when each factory planned for itself"""
FIRST_VERSION_PURSE = 819_467
"""credits that were left of ten haulers' purse after three hours then, less than after one"""
LEAST_IN_STOCK = (Supply.MODERATE, Supply.HIGH, Supply.ABUNDANT)


@dataclass(frozen=True)
class Starve:
    """One fleet. ``purse`` is the balance in credits after each hour, ``start`` the one before the first.

    ``first_lift_minutes`` is when the first unit of each good was taken from where it is made, None where it
    never was; ``in_stock`` are the goods of which there was plenty at the start.
    """

    haulers: int
    start: int
    purse: list[int]
    first_lift_minutes: dict[str, float | None]
    in_stock: list[str]
    fuel: int
    requests: int
    cpu_seconds: float


def run(haulers: int, hours: int) -> Starve:
    """Play so many simulated hours with so many haulers beside the frigate."""
    return run_virtual(lambda clock: _play(haulers, hours, clock))


async def _play(haulers: int, hours: int, clock: VirtualClock) -> Starve:
    async with playground(
        clock, seed=SEED, scenario=Scenario.YOUNG, ships=(HAULER,) * haulers, credits=PURSE
    ) as ground:
        crew = ground.application.roster.crew(ground.player.id)
        await crew.scout.survey(ground.world.universe.home.symbol)
        began, start, purse = clock.now(), ground.credits, []
        spent = time.process_time()
        stocked = _in_stock(ground, clock)
        request = FactoryRequest(strategy=Strategy.SMART, terminal=Terminal.SELL, continuous=True)
        factories = {await ground.produce(good, request): good for good in GOODS}
        for _ in range(hours):
            await clock.sleep(3600)
            purse.append(ground.credits)
        rows = await ground.application.store.transact(lambda tx: tx.money.ledger(ground.player.id))
        first: dict[str, float | None] = dict.fromkeys(GOODS)
        for row in rows:
            good = factories.get(row.factory_id or "")
            if row.kind is MoneyKind.PURCHASE and good == row.good and good and first[good] is None:
                first[good] = round((row.at - began).total_seconds() / 60, 1)
        numbers = await ground.application.statistics()
        return Starve(
            haulers,
            start,
            purse,
            first,
            stocked,
            -sum(row.amount for row in rows if row.kind is MoneyKind.REFUEL),
            numbers["requests_sent"],
            round(time.process_time() - spent, 1),
        )


def _in_stock(ground: Playground, clock: VirtualClock) -> list[str]:
    universe = ground.world.universe
    made = {
        good.symbol: good.supply
        for market in universe.markets_in(universe.home.symbol).values()
        for good in market.goods(clock.now())
        if good.type is TradeType.EXPORT
    }
    return [good for good in GOODS if made.get(good) in LEAST_IN_STOCK]


def document_of(runs: Sequence[Starve]) -> dict[str, object]:
    """All runs, and in ``summary`` what is looked at first; None there for what was not played."""
    by_haulers = {one.haulers: one for one in runs}
    alone, ten = by_haulers.get(0), by_haulers.get(10)
    return {
        "seed": SEED,
        "goods": GOODS,
        "summary": {
            "first_lift_minutes": None if alone is None else alone.first_lift_minutes,
            "latest_first_lift_minutes": None if alone is None else _latest_first_lift(alone),
            "credits_2h_vs_today": _share(alone, 2, FIRST_VERSION_GAIN, gained=True),
            "ten_haulers_never_falls": None if ten is None else _never_falls(ten),
            "ten_haulers_3h_vs_today": _share(ten, 3, FIRST_VERSION_PURSE),
            "purse": {_fleet(one): {f"{hour} h": _purse(one, hour) for hour in TOLD} for one in runs},
            "gained": {_fleet(one): [purse - one.start for purse in one.purse] for one in runs},
        },
        "runs": [asdict(one) for one in runs],
    }


def _fleet(one: Starve) -> str:
    return f"{one.haulers} haulers"


def _latest_first_lift(one: Starve) -> float | None:
    """Minutes, of the goods that were in stock; what was never lifted counts as late as the run is long."""
    lifts = [one.first_lift_minutes[good] for good in one.in_stock]
    return max((60.0 * len(one.purse) if minutes is None else minutes for minutes in lifts), default=None)


def _purse(one: Starve, hour: int) -> int | None:
    return one.purse[hour - 1] if hour <= len(one.purse) else None


def _share(one: Starve | None, hour: int, before: int, *, gained: bool = False) -> float | None:
    """The purse after so many hours, or what it gained, over what it was ``before``."""
    purse = None if one is None else _purse(one, hour)
    if one is None or purse is None:
        return None
    return round((purse - one.start if gained else purse) / before, 3)


def _never_falls(one: Starve) -> bool:
    """Whether the purse holds no less after any hour than before it."""
    return all(before <= after for before, after in itertools.pairwise([one.start, *one.purse]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 once all fleets have played."""
    options = _parser().parse_args(arguments)
    runs: list[Starve] = []
    for haulers in options.fleets:
        runs.append(run(haulers, options.hours))
        sys.stdout.write("\n".join(_lines(runs[-1])) + "\n")
        sys.stdout.flush()
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(document_of(runs), indent=1) + "\n")
    return 0


def _lines(one: Starve) -> list[str]:
    lifts = ", ".join(
        f"{good} {'never' if minutes is None else f'{minutes:g}'}"
        for good, minutes in one.first_lift_minutes.items()
    )
    return [
        f"frigate and {one.haulers} haulers: " + " ".join(f"{credits:,}" for credits in one.purse),
        f"  first lifts, minutes: {lifts} (in stock: {', '.join(one.in_stock)})",
        f"  {one.fuel:,} credits of fuel, {one.requests:,} requests, {one.cpu_seconds:.0f} s of work",
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.starve", description=__doc__)
    parser.add_argument("--hours", type=int, default=HOURS, help=f"simulated; default: {HOURS}")
    parser.add_argument("--fleets", type=_numbers, default=FLEETS, metavar="N,...", help="haulers")
    parser.add_argument("--output", type=Path, default=RESULTS, help=f"default: {RESULTS}")
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
