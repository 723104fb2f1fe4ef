"""docs/reference/kill-matrix.md, written by the tests themselves from what they found."""

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.kill.books import Findings
from tests.kill.case import Result
from tests.kill.points import BY_HAND, CASES, COORDINATOR, PLANNER, POINTS, VOYAGE
from tests.kill.random_run import Toll

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "kill-matrix.md"
BUILD = ROOT / "build" / "kill"

HEADING = "## At random times\n"
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_PREFACE = """\
# Killed anywhere

A real daemon makes a good against a real sandbox, and kills itself with SIGKILL at the moment named: at a
commit of its database, or at a request. Started again with the settings it had, it finishes, and its books
are compared with the server's own record of every trade. `pytest -m kill_matrix` runs every row and writes
this page; `pytest -m kill_random` writes the figures at its end.

*double purchases*: cargo or fuel bought on the server that the ledger has not exactly once, and loads beyond
what a leg needed. *lost units*: bought and neither sold, delivered nor aboard; or aboard when all work has
ended. *leaked claims*: ships that are still held then. *not resumed*: containers at work at the kill that the
next start did not take up, by what it printed. *ledger − server*: credits.
"""
_COLUMNS = ("double purchases", "lost units", "leaked claims", "not resumed", "ledger − server")


@dataclass(frozen=True)
class Row:
    """The figures of one case that do not depend on the time it took; all are 0 where all is well."""

    doubles: int
    lost_units: int
    leaked_claims: int
    not_resumed: int
    difference: int

    @classmethod
    def of(cls, result: Result) -> "Row":
        found = result.findings
        missing = result.promised - result.resumed + result.lost
        return cls(found.doubles, found.lost_units, found.leaked_claims, missing, found.difference)


def case_name(points: Sequence[str]) -> str:
    return "+".join(points)


def note_result(database: str, points: Sequence[str], result: Result, *, run: str) -> None:
    """Keep a case of this run; with the last one missing, write the page."""
    with _Kept(f"matrix-{database}.json", run) as kept:
        kept[case_name(points)] = asdict(Row.of(result))


def note_random(database: str, toll: Toll, found: Findings) -> None:
    """Keep a long run, and write its row of the page."""
    BUILD.mkdir(parents=True, exist_ok=True)
    figures = {"toll": asdict(toll), "findings": asdict(found)}
    (BUILD / f"random-{database}.json").write_text(json.dumps(figures, indent=1) + "\n")
    runs = {name: _read(BUILD / f"random-{name}.json") for name in _NAMES}
    before, heading, _ = _page().partition(HEADING)
    if heading:
        PAGE.write_text(before + HEADING + random_table({n: run for n, run in runs.items() if run}), "utf-8")


def random_table(runs: Mapping[str, Mapping[str, Any]]) -> str:
    """What the kills of each long run met, and what they did."""
    figures = ("doubles", "lost_units", "leaked_claims", "difference")
    columns = ("double purchases", "lost units", "leaked claims", "ledger − server")
    met = ("kills", "left a money step open", "after it had happened")
    lines = [
        f"\n| {' | '.join(('database', *met, *columns))} |",
        f"|{'---|' * (1 + len(met) + len(columns))}",
    ]
    for name, run in runs.items():
        toll, found = run["toll"], run["findings"]
        cells = [toll["kills"], toll["with_open_intent"], toll["after_the_deed"]]
        cells += [found[figure] for figure in figures]
        lines.append(f"| {_NAMES[name]} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


class _Kept:
    """The results of a run, one process at a time; those of an earlier run are forgotten."""

    def __init__(self, name: str, run: str) -> None:
        self._file = BUILD / name
        self._run = run

    def __enter__(self) -> dict[str, Any]:
        BUILD.mkdir(parents=True, exist_ok=True)
        self._lock = (BUILD / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        document = _read(self._file)
        self._kept: dict[str, Any] = document["results"] if document.get("run") == self._run else {}
        return self._kept

    def __exit__(self, *exception: object) -> None:
        self._file.write_text(json.dumps({"run": self._run, "results": self._kept}, indent=1))
        _write_matrix(self._run)
        self._lock.close()


def _read(file: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return document


def _write_matrix(run: str) -> None:
    """Write the page once every case ran on every database this run has met."""
    documents = {name: _read(BUILD / f"matrix-{name}.json") for name in _NAMES}
    runs = {name: document["results"] for name, document in documents.items() if document.get("run") == run}
    wanted = {case_name(points) for points in CASES}
    if all(set(results) >= wanted for results in runs.values()):
        _, heading, rest = _page().partition(HEADING)
        PAGE.write_text(matrix(runs) + "\n" + HEADING + (rest if heading else "\nNot run yet.\n"), "utf-8")


def _page() -> str:
    return PAGE.read_text("utf-8") if PAGE.exists() else ""


def matrix(runs: Mapping[str, Mapping[str, Mapping[str, int]]]) -> str:
    """The table of all cases: the worst of each figure over the databases."""
    where = " and ".join(_NAMES[name] for name in _NAMES if name in runs)
    parts = [_PREFACE, f"\n## At {len(CASES)} named moments, on {where}\n"]
    singles = [points for points in CASES if len(points) == 1]
    groups = {
        "a voyage": VOYAGE,
        "a coordinator": COORDINATOR,
        "the planner": PLANNER,
        "an order by hand": BY_HAND,
    }
    for title, points in groups.items():
        names = {point.name for point in points}
        parts.append(_table(title, [case for case in singles if case[0] in names], runs))
    parts.append(_table("killed again while it recovered", [case for case in CASES if len(case) > 1], runs))
    return "".join(parts)


def _table(
    title: str, cases: list[tuple[str, ...]], runs: Mapping[str, Mapping[str, Mapping[str, int]]]
) -> str:
    lines = [f"\n| {title}: killed … | {' | '.join(_COLUMNS)} |", f"|---|{'---|' * len(_COLUMNS)}"]
    for points in cases:
        worst = [
            max((results[case_name(points)][figure] for results in runs.values()), key=abs)
            for figure in Row.__dataclass_fields__
        ]
        lines.append(f"| {sentence(points)} | {' | '.join(map(str, worst))} |")
    return "\n".join(lines) + "\n"


def sentence(points: Sequence[str]) -> str:
    """Where a case kills, in words."""
    return "; again ".join(POINTS[name].moment for name in points)


def this_run() -> str:
    """What all workers of one run have in common."""
    return os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
