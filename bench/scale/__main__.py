"""``python -m bench.scale``: measure planning at several sizes; writes build/bench/scale.json."""

import argparse
import json
import multiprocessing
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from bench.scale.exponent import exponent
from bench.scale.run import Figures, run

TARGET = Path("build/bench/scale.json")
SIZES = (10, 30, 100, 300, 1_000)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    found: list[Figures] = []
    sys.stdout.write(HEADING)
    for size in options.sizes:
        # A process of its own, so that no size inherits another one's memory.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            figures = pool.apply(partial(run, size, warm_up=options.warm_up, seconds=options.seconds))
        found.append(figures)
        sys.stdout.write(_line(figures))
        sys.stdout.flush()
        document = {"summary": summary(found), "sizes": [asdict(one) for one in found]}
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(document, indent=1) + "\n")
    sys.stdout.write(json.dumps(summary(found)) + "\n")
    return 0


def summary(found: Sequence[Figures]) -> dict[str, float]:
    """Exponents over all sizes, and the passes of the largest one."""
    largest = found[-1]
    told: dict[str, Any] = {
        "factories": largest.factories,
        "planner_pass_ms": largest.planner.mean_ms,
        "planner_pass_p95_ms": largest.planner.p95_ms,
        "planner_pass_worst_ms": largest.planner.worst_ms,
        "coordinator_pass_ms": largest.coordinator.mean_ms,
        "coordinator_pass_p95_ms": largest.coordinator.p95_ms,
        "coordinator_pass_worst_ms": largest.coordinator.worst_ms,
    }
    if len(found) > 1:
        sizes = [one.factories for one in found]
        costs: dict[str, list[float]] = {
            "planning_cpu_exponent": [one.planning_cpu_seconds for one in found],
            "planner_pass_exponent": [one.planner.mean_ms for one in found],
            "coordinator_pass_exponent": [one.coordinator.mean_ms for one in found],
            "passes_exponent": [one.coordinator.count + one.planner.count for one in found],
        }
        told |= {name: round(exponent(sizes, cost), 2) for name, cost in costs.items()}
    return told


HEADING = (
    "factories agents  ships flying requests   coordinator: passes queries   ms  p95 worst"
    "   planner: passes queries   ms  p95 worst   planning CPU s\n"
)


def _line(one: Figures) -> str:
    passes = "".join(
        f"{p.count:{width}} {p.queries:7.1f} {p.mean_ms:5.1f} {p.p95_ms:4.1f} {p.worst_ms:5.1f}"
        for p, width in ((one.coordinator, 22), (one.planner, 20))
    )
    return (
        f"{one.factories:9} {one.agents:6} {one.ships:6} {one.legs_flying:6} {one.requests:8}{passes}"
        f" {one.planning_cpu_seconds:16.2f}\n"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--sizes", type=_numbers, default=SIZES, metavar="N,...", help="numbers of factories")
    parser.add_argument("--warm-up", type=float, default=300.0, help="game seconds before the measurement")
    parser.add_argument("--seconds", type=float, default=120.0, help="game seconds that are measured")
    parser.add_argument("--output", type=Path, default=TARGET, help=f"default: {TARGET}")
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
