"""``python -m bench.makespan``: run cases, write build/bench/makespan.json, and show or keep the table."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.makespan.cases import FLEETS, Workload, cases
from bench.makespan.figures import summary
from bench.makespan.measure import Measurement, forget, measure
from bench.makespan.schedules import Scheduler
from bench.makespan.systems import System
from bench.makespan.tables import page
from bench.makespan.trace import trace

RESULTS = Path("build/bench/makespan.json")
PAGE = Path("docs/reference/benchmarks.md")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 where everything that was asked for was measured."""
    options = _parser().parse_args(arguments)
    chosen = cases(
        quick=options.quick,
        workloads=options.workload,
        fleets=options.ships,
        schedulers=options.scheduler,
        pattern=options.cases,
    )
    if options.list:
        sys.stdout.writelines(f"{case.name}\n" for case in chosen)
        return 0
    if options.trace:
        for case in chosen:
            trace(case)
        return 0
    kept = options.output.with_suffix(".outcomes")
    kept.parent.mkdir(parents=True, exist_ok=True)
    if options.again:
        forget(kept, options.again)
    elif not options.resume:
        kept.unlink(missing_ok=True)
    measurement = measure(chosen, jobs=options.jobs, tell=_tell, kept=kept)
    whole = chosen == cases() and measurement.is_whole
    _keep(measurement, options.output)
    if measurement.figures:
        text = page(measurement.figures, summary(measurement.figures))
        if whole:
            PAGE.write_text(text)
        else:
            sys.stdout.write(text)
    for complaint in measurement.complaints:
        _tell(complaint)
    return 0 if measurement.is_whole else 1


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _keep(measurement: Measurement, target: Path) -> None:
    """Write what was measured, also where it is not all."""
    document = {
        "summary": summary(measurement.figures),
        "systems": [system.value for system in System],
        "complete": measurement.is_whole,
        "cases": [figures.to_json() for figures in measurement.figures],
        "cpu_seconds": {figures.case.name: figures.outcome.cpu_seconds for figures in measurement.figures},
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, indent=1) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.makespan", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few targets, in a few minutes")
    parser.add_argument("--cases", default="", metavar="PART", help="only cases with this part in their name")
    parser.add_argument("--workload", type=_workloads, default=tuple(Workload), metavar="W,...")
    parser.add_argument("--ships", type=_numbers, default=FLEETS, metavar="N,...", help="of 1,3,6,10")
    parser.add_argument("--scheduler", type=_schedulers, default=tuple(Scheduler), metavar="S,...")
    parser.add_argument("--jobs", type=int, default=1, help="cases at the same time")
    parser.add_argument("--output", type=Path, default=RESULTS, help=f"default: {RESULTS}")
    parser.add_argument("--resume", action="store_true", help="go on where a run of the same code ended")
    parser.add_argument(
        "--again",
        type=_schedulers,
        default=(),
        metavar="S,...",
        help="keep what an earlier run measured of all other schedulers, and play these anew",
    )
    parser.add_argument("--list", action="store_true", help="name the cases and run none")
    parser.add_argument("--trace", action="store_true", help="tell the story of the cases; keeps nothing")
    return parser


def _workloads(text: str) -> tuple[Workload, ...]:
    return tuple(Workload(name) for name in text.split(","))


def _schedulers(text: str) -> tuple[Scheduler, ...]:
    return tuple(Scheduler(name) for name in text.split(","))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
