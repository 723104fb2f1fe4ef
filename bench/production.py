"""Production runs in virtual time: counts and simulated time first, ratios within one run.

``python -m bench.production [--json]`` runs each case on the sandbox over the in-process transport and writes
``build/bench/production.json``.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.json_wanted import json_wanted
from tests.playground import playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryRequest, Terminal
from goodsfactory.sandbox.scenarios import Scenario

TARGET = Path("build/bench/production.json")


@dataclass(frozen=True)
class Case:
    """One run: ``ships`` shuttles beside the command frigate."""

    name: str
    good: str
    units: int
    ships: int
    scenario: Scenario = Scenario.YOUNG
    seed: int = 1


@dataclass(frozen=True)
class Figures:
    """What one run took. ``wall_seconds`` is real and noisy; everything else repeats exactly.

    ``credits_spent`` and ``credits_earned`` are the factory's; ``credits_looking`` went to fuel of scouts,
    who look for all factories and belong to none.
    """

    case: str
    units: int
    simulated_seconds: float
    requests: int
    requests_per_unit: float
    credits_spent: int
    credits_earned: int
    credits_looking: int
    legs: int
    parallel_workers: int
    ledger_balanced: bool
    wall_seconds: float
    wall_milliseconds_per_request: float


CASES = (
    Case("one ship", "LAB_INSTRUMENTS", 80, 0),
    Case("three ships", "LAB_INSTRUMENTS", 80, 2),
    Case("six ships", "LAB_INSTRUMENTS", 80, 5),
    Case("twelve ships", "LAB_INSTRUMENTS", 80, 11),
    Case("six ships, drained system", "LAB_INSTRUMENTS", 80, 5, Scenario.DRAINED),
)


def run(case: Case) -> Figures:
    async def work(clock: VirtualClock) -> Figures:
        fleet = ("SHIP_LIGHT_SHUTTLE",) * case.ships
        async with playground(clock, seed=case.seed, scenario=case.scenario, ships=fleet) as ground:
            before, started = ground.credits, clock.now()
            began = time.perf_counter()
            factory = await ground.produce(
                case.good, FactoryRequest(units=case.units, terminal=Terminal.SELL)
            )
            report = await ground.until_over(factory, hours=96)
            wall = time.perf_counter() - began
            numbers = await ground.application.statistics()
            done = report.factory.completed_at or clock.now()
            over = [e for e in await ground.events(factory) if e.kind is EventKind.FACTORY_COMPLETED]
            assert over, f"{case.name} did not complete: {report.factory.error}"
            made = report.factory.quantity_acquired
            return Figures(
                case=case.name,
                units=made,
                simulated_seconds=(done - started).total_seconds(),
                requests=numbers["requests_sent"],
                requests_per_unit=round(numbers["requests_sent"] / made, 2),
                credits_spent=report.spent,
                credits_earned=report.books.sales,
                legs=len(report.legs),
                parallel_workers=numbers["max_parallel_workers"],
                credits_looking=before + report.books.sales - report.spent - ground.credits,
                ledger_balanced=numbers["ledger_sum"] == ground.credits,
                wall_seconds=round(wall, 2),
                wall_milliseconds_per_request=round(wall * 1000 / numbers["requests_sent"], 2),
            )

    return run_virtual(work)


def main() -> None:
    as_json = json_wanted("production", __doc__)
    figures = [run(case) for case in CASES]
    one = next(f for f in figures if f.case == "one ship")
    six = next(f for f in figures if f.case == "six ships")
    document = {
        "cases": [asdict(figure) for figure in figures],
        "speedup_six_ships": round(one.simulated_seconds / six.simulated_seconds, 2),
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(document, indent=1) + "\n")
    if as_json:
        sys.stdout.write(json.dumps(document) + "\n")
        return
    for figure in figures:
        sys.stdout.write(
            f"{figure.case:28} {figure.simulated_seconds:8.0f} game s  {figure.requests:5} requests"
            f"  {figure.requests_per_unit:6.2f} per unit  {figure.parallel_workers:2} at once"
            f"  {figure.wall_seconds:6.2f} s\n"
        )
    sys.stdout.write(f"six ships are {document['speedup_six_ships']} times as fast as one\n")


if __name__ == "__main__":
    main()
