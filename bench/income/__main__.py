"""``python -m bench.income``: earn for three simulated days in both ways; JSON in build/bench/income.json."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.income.run import SHIPS, Income, Way, run
from bench.makespan.systems import System

RESULTS = Path("build/bench/income.json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 where the factory earned more than the traders in every system."""
    options = _parser().parse_args(arguments)
    incomes: list[Income] = []
    for system in options.systems:
        for way in options.ways:
            done = tuple(incomes)
            last = run(
                way,
                system,
                options.hours,
                _tell if options.verbose else _silent,
                lambda so_far: _write(options.output, options.hours, [*done, so_far]),  # noqa: B023 - in time
            )
            incomes.append(last)
    for one in incomes:
        sys.stdout.write("\n".join(_lines(one)) + "\n")
    return 0 if _factory_wins(incomes) else 1


def _write(output: Path, hours: int, incomes: Sequence[Income]) -> None:
    """Keep what there is; a run that was not finished has fewer hours than were asked for."""
    document = {
        "hours": hours,
        "ships": SHIPS,
        "scenario": "young",
        "summary": [
            {
                "system": one.system,
                "way": one.way,
                "hours": one.hours,
                "credits_per_hour": round(one.per_hour),
                "longest_below_water_hours": max((chain.below_water for chain in one.chains), default=0),
            }
            for one in incomes
        ],
        "runs": [asdict(one) for one in incomes],
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(document, indent=1, default=str) + "\n")


def _factory_wins(incomes: Sequence[Income]) -> bool:
    earned = {(one.system, one.way): one.per_hour for one in incomes}
    return all(
        earned[system, Way.FACTORY] > earned[system, Way.GREEDY]
        for system in {one.system for one in incomes}
        if (system, Way.FACTORY) in earned and (system, Way.GREEDY) in earned
    )


def _lines(one: Income) -> list[str]:
    lines = [
        f"{one.system} {one.way}: {one.per_hour:,.0f} credits an hour over {one.hours:g} h "
        f"({one.credits:+,}; {one.aboard:,} more in the holds), {one.requests:,} requests, "
        f"{one.cpu_seconds:.0f} s of work"
    ]
    for chain in one.chains:
        worst = "-" if chain.worst_window is None else f"{chain.worst_window:+,.0f}"
        lines.append(
            f"  {chain.good:24} {chain.status:9} {chain.made:6} units, {sum(chain.realised):+12,} realised, "
            f"{chain.below_water} h below water at most, worst window {worst} an hour"
        )
    return lines


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _silent(line: str) -> None:
    del line


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.income", description=__doc__)
    parser.add_argument("--hours", type=int, default=72, help="simulated; default: 72")
    parser.add_argument("--systems", type=_systems, default=(System.FIRST,), metavar="S,...")
    parser.add_argument("--ways", type=_ways, default=tuple(Way), metavar="W,...", help="factory, greedy")
    parser.add_argument("--output", type=Path, default=RESULTS, help=f"default: {RESULTS}")
    parser.add_argument("--verbose", action="store_true", help="tell every hour")
    return parser


def _systems(text: str) -> tuple[System, ...]:
    return tuple(System(name) for name in text.split(","))


def _ways(text: str) -> tuple[Way, ...]:
    return tuple(Way(name) for name in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
