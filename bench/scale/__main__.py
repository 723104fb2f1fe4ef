"""``python -m bench.scale``: measure passes of one agent's planner at several sizes; JSON in build/bench."""

import argparse
import itertools
import json
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from bench.scale.run import Figures, run

TARGET = Path("build/bench/scale.json")
FACTORIES, SHIPS, HISTORIES = (10, 50), (50, 200), (0, 10_000, 50_000)
ASKED = (10, 50)
"""Factories and ships of the size that the summary is of."""

MOST_MS, MOST_BLOCK_MS, FLAT = 25.0, 50.0, 0.1
"""What a pass at that size may take at the 95th percentile, what may hold the loop, and what is flat."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    found: list[Figures] = []
    sys.stdout.write(HEADING)
    for factories, ships in itertools.product(options.factories, options.ships):
        # A process of its own, so that no size inherits another one's memory.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            passes = options.passes if (factories, ships) == ASKED else options.passes // 2
            work = partial(run, warm_up=options.warm_up, seconds=options.seconds, passes=passes)
            figures = pool.apply(work, (factories, ships, options.legs))
        found += figures
        sys.stdout.writelines(_line(one) for one in figures)
        sys.stdout.flush()
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(document_of(found), indent=1) + "\n")
    sys.stdout.write(json.dumps(document_of(found)["summary"]) + "\n")
    return 0


def document_of(found: Sequence[Figures]) -> dict[str, Any]:
    """All sizes; in ``summary`` what is looked at first, None where that size was not measured."""
    asked = [one for one in found if (one.factories, one.ships) == ASKED]
    longest = max((one.finished_legs for one in asked), default=0)
    last = next((one for one in asked if one.finished_legs == longest), None)
    summary = {
        "planner_pass_ms": None if last is None else asdict(last.planner_pass_ms),
        **{f"pass_ratio_{one.finished_legs}": one.ratio for one in asked if one.finished_legs},
        "longest_block_ms": max(one.longest_block_ms for one in found),
        "longest_block_ms_asked": max((one.longest_block_ms for one in asked), default=None),
    }
    return {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0]},
        "summary": summary,
        "sizes": [asdict(one) for one in found],
        "met": dict(_met(asked, found)),
    }


def _met(asked: Sequence[Figures], found: Sequence[Figures]) -> Iterator[tuple[str, bool]]:
    size = f"{ASKED[0]} factories and {ASKED[1]} ships"
    if asked:
        worst = max(one.planner_pass_ms.p95 for one in asked)
        yield f"a pass with {size} takes {MOST_MS:g} ms at the most, 95 of 100 times", worst <= MOST_MS
        flat = all(abs(one.ratio - 1) <= FLAT for one in asked)
        yield f"a pass with {size} costs the same within {FLAT:.0%} however many legs have ended", flat
    blocks = max(one.longest_block_ms for one in found)
    yield f"no planner work holds the loop for more than {MOST_BLOCK_MS:g} ms", blocks <= MOST_BLOCK_MS


HEADING = (
    "factories ships  ended legs  passes flying queries   mean ms     p95   worst  longest block ms  ratio\n"
)


def _line(one: Figures) -> str:
    took = one.planner_pass_ms
    return (
        f"{one.factories:9} {one.ships:5} {one.finished_legs:11} {one.passes:7} {one.legs_flying:6}"
        f" {one.queries:7.1f} {took.mean:9.1f} {took.p95:7.1f} {took.worst:7.1f} {one.longest_block_ms:17.1f}"
        f" {one.ratio:6.3f}\n"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    for name, usual in (("factories", FACTORIES), ("ships", SHIPS), ("legs", HISTORIES)):
        parser.add_argument(f"--{name}", type=_numbers, default=usual, metavar="N,...")
    parser.add_argument("--warm-up", type=float, default=120.0, help="game seconds before the measurement")
    parser.add_argument("--seconds", type=float, default=1_200.0, help="game seconds it takes at the most")
    parser.add_argument("--passes", type=int, default=120, help="of the size asked for; half of other sizes")
    parser.add_argument("--output", type=Path, default=TARGET, help=f"default: {TARGET}")
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
