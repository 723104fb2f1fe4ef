"""Runs cases, several at a time where asked, and keeps what is done when somebody interrupts."""

import multiprocessing
import pickle
import pickletools
import signal
import traceback
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bench.makespan.bound import Bound, lower_bound
from bench.makespan.cases import Case, Setting, Workload
from bench.makespan.chart import Chart
from bench.makespan.figures import BeatenBound, Figures
from bench.makespan.foretelling import foretell, is_quoted
from bench.makespan.run import Outcome, observe
from bench.makespan.schedules import Scheduler
from bench.makespan.systems import build_universe

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The instant at which runs in virtual time begin."""


@dataclass(frozen=True)
class Measurement:
    """``figures`` in the order of the cases asked for, of which there were ``asked``.

    ``complaints`` name the cases that crashed or beat their bound.
    """

    figures: tuple[Figures, ...]
    asked: int
    complaints: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return len(self.figures) == self.asked


def measure(asked: Sequence[Case], *, jobs: int, tell: Callable[[str], None], kept: Path) -> Measurement:
    """Play the cases, the longest first; ``tell`` hears of each one as it ends.

    Outcomes are added to the file ``kept`` one by one, and those that it has already are not played again. An
    interrupt ends it with what there is by then.
    """
    outcomes = read_kept(kept)
    wanted = dict.fromkeys(case.played for case in asked)
    plays = sorted((case for case in wanted if case not in outcomes), key=_weight, reverse=True)
    complaints: list[str] = []
    try:
        for number, (case, outcome) in enumerate(_play_all(plays, jobs), start=1):
            if isinstance(outcome, Outcome):
                outcomes[case] = outcome
                with kept.open("ab") as file:
                    pickle.dump((case, outcome), file)
                took = f"{outcome.seconds / 3600:.2f} h simulated in {outcome.cpu_seconds:.0f} s of work"
            else:
                complaints.append(f"{case.name} crashed: {outcome}")
                took = "crashed"
            tell(f"[{number}/{len(plays)}] {case.name}: {took}")
    except KeyboardInterrupt:
        tell(f"interrupted after {len(outcomes)} of {len(plays)} runs")
    figures = []
    for case in asked:
        if case.played in outcomes:
            try:
                figures.append(Figures(case, outcomes[case.played], bound_of(case.played.setting)))
            except BeatenBound as beaten:
                complaints.append(str(beaten))
    return Measurement(tuple(figures), len(asked), tuple(complaints))


@cache
def bound_of(setting: Setting) -> Bound:
    """The lower bound of a setting, from its universe as it is at the start."""
    return lower_bound(Chart(build_universe(setting.system, setting.scenario, EPOCH)), setting)


def run(case: Case) -> Outcome:
    """Play the case to its end, and its quotes in a second run."""
    outcome, _ = observe(case)
    if not is_quoted(case):
        return outcome
    foretold = foretell(case)
    if len(foretold) > 1:
        return replace(outcome, foretold_beside=foretold)
    return replace(outcome, foretold=foretold[0])


def forget(kept: Path, schedulers: Collection[Scheduler]) -> None:
    """Drop from the file ``kept`` all that these schedulers did, so that it is played again."""
    left = [one for one in read_kept(kept).items() if one[0].scheduler not in schedulers]
    new = kept.with_suffix(".new")
    with new.open("wb") as file:
        for one in left:
            pickle.dump(one, file)
    new.replace(kept)


def read_kept(kept: Path) -> dict[Case, Outcome]:
    """What an earlier run kept. What it was writing when it was killed is cut off.

    What a program kept whose parts had other names cannot be read: it is played again.
    """
    found: dict[Case, Outcome] = {}
    with kept.open("a+b") as file:
        file.seek(0)
        whole = 0
        with suppress(ValueError, pickle.UnpicklingError):
            while True:
                deque(pickletools.genops(file), maxlen=0)
                end = file.tell()
                file.seek(whole)
                record = file.read(end - whole)
                whole = end
                with suppress(AttributeError, ImportError):
                    case, outcome = pickle.loads(record)
                    found[case] = outcome
        file.truncate(whole)
    return found


def _play_all(plays: Sequence[Case], jobs: int) -> Iterator[tuple[Case, Outcome | str]]:
    """Each case in a process of a pool; the pool is taken down when nobody asks for more."""
    with multiprocessing.get_context("spawn").Pool(jobs, initializer=_leave_interrupts) as pool:
        yield from pool.imap_unordered(_play, plays)


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal: only the one that keeps the results acts on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _play(case: Case) -> tuple[Case, Outcome | str]:
    try:
        return case, run(case)
    except Exception:  # noqa: BLE001 - whatever a case dies of, the others are measured
        return case, traceback.format_exc()


def _weight(case: Case) -> float:
    """About how long a case takes, so that the long ones do not come last."""
    hours = {Scheduler.SEQUENTIAL: 3.0, Scheduler.LEVELS: 3.0}.get(case.scheduler, 1.0)
    spread = 4.0 if case.setting.workload is Workload.PORTFOLIO else 1.0
    return hours * spread * len(case.setting.targets) * case.setting.workload.loads
