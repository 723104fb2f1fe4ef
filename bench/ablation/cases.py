"""The subset of cases on which rules are judged, and the figures they come to."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from statistics import fmean
from typing import NamedTuple

from bench.income.run import Way
from bench.income.run import run as earn
from bench.makespan.cases import LARGEST, Case, Setting, Workload, targets_of
from bench.makespan.run import PROBE, observe
from bench.makespan.schedules import Scheduler
from bench.makespan.systems import System
from bench.starve import run as sell
from tests.playground import Playground

from goodsfactory.daemon.scouting_orders import ScoutWish
from goodsfactory.sandbox.scenarios import Scenario

HOURS = 24
"""Simulated hours after which a case is given up: without a rule it may never end."""

ORDERS: Mapping[str, Setting] = {
    "five_young": Setting(System.FIRST, Scenario.YOUNG, Workload.FIVE, ("ELECTRONICS",), LARGEST),
    "five_drained": Setting(System.FIRST, Scenario.DRAINED, Workload.FIVE, ("EQUIPMENT",), LARGEST),
    "one_ship": Setting(System.FIRST, Scenario.DRAINED, Workload.FIVE, ("EQUIPMENT",), 1),
    "portfolio_young": Setting(
        System.CAPTURED, Scenario.YOUNG, Workload.PORTFOLIO, targets_of(System.CAPTURED), LARGEST
    ),
    "portfolio_drained": Setting(
        System.SECOND,
        Scenario.DRAINED,
        Workload.PORTFOLIO,
        ("EQUIPMENT", "CLOTHING", "MEDICINE", "MACHINERY"),
        LARGEST,
    ),
}

FLEETS: Mapping[str, int] = {"frigate": 0, "four_haulers": 4}
"""Light haulers beside the frigate, that sell without end for two hours (``bench.starve``)."""

SELLING_HOURS, CHAIN_HOURS, CHAIN_SHIPS = 2, 12, 10


class Figure(NamedTuple):
    """A column: what it is called, and whether more of it is better."""

    title: str
    earns: bool = False


FIGURES: Mapping[str, Figure] = {
    "five_young": Figure("five loads, young, h"),
    "five_drained": Figure("five loads, drained, h"),
    "one_ship": Figure("one ship, h"),
    "portfolio_young": Figure("portfolio, young, h"),
    "portfolio_young_mean": Figure("mean finish, h"),
    "portfolio_drained": Figure("portfolio, drained, h"),
    "portfolio_drained_mean": Figure("mean finish, h"),
    "orders_credits": Figure("credits of these five"),
    "orders_ship_hours": Figure("ship-hours of these five"),
    "frigate": Figure("frigate, 2 h, credits", earns=True),
    "four_haulers": Figure("four haulers, 2 h, credits", earns=True),
    "chain": Figure("one chain, 12 h, credits", earns=True),
}

Part = Callable[[bool], Mapping[str, float]]
"""Plays, beside a standing scout or without one, and returns figures by name."""


def parts() -> dict[str, Part]:
    """What is played for one row, by name."""
    return {
        **{name: ordering(name, setting) for name, setting in ORDERS.items()},
        **{name: _selling(name, haulers) for name, haulers in FLEETS.items()},
        "chain": _chain,
    }


def totals(figures: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Figures over all orders: there once each of them was played."""
    for what in ("credits", "ship_hours"):
        each = [figures.get(f"{name}_{what}") for name in ORDERS]
        known = [amount for amount in each if amount is not None]
        if len(known) == len(each):
            yield f"orders_{what}", round(sum(known), 1)


def ordering(name: str, setting: Setting) -> Part:
    """The product makes what is ordered: when it is done, what it costs, and what ships work for it."""

    def play(scouted: bool) -> Mapping[str, float]:
        case = Case(setting, Scheduler.PRODUCT)
        outcome, _ = observe(case, _send_scout if scouted else None, timedelta(hours=HOURS))
        ends = [outcome.finished.get(target, outcome.seconds) for target in setting.targets]
        figures = {
            name: round(outcome.seconds / 3600, 3),
            f"{name}_credits": outcome.credits,
            f"{name}_ship_hours": round(outcome.hauler_seconds / 3600, 3),
        }
        return figures | ({f"{name}_mean": round(fmean(ends) / 3600, 3)} if len(ends) > 1 else {})

    return play


def _send_scout(ground: Playground) -> asyncio.Task[None]:
    async def send() -> None:
        await ground.application.desks.scouting.start(ground.player.id, ScoutWish(ships=(PROBE,)))

    return asyncio.create_task(send(), name="scout-order")


def _selling(name: str, haulers: int) -> Part:
    def play(scouted: bool) -> Mapping[str, float]:
        if scouted:  # these fleets begin with markets that were looked at, and without a scout
            return {}
        ran = sell(haulers, SELLING_HOURS)
        return {name: ran.purse[-1] - ran.start}

    return play


def _chain(scouted: bool) -> Mapping[str, float]:
    if scouted:
        return {}
    income = earn(
        Way.FACTORY,
        System.FIRST,
        CHAIN_HOURS,
        lambda line: None,
        lambda so_far: None,
        ships=CHAIN_SHIPS,
        chains=1,
    )
    return {"chain": income.credits}
