"""One row: the subset of cases without one rule, in a process of its own."""

import multiprocessing
import signal
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

from bench.ablation.cases import Part, parts, totals
from bench.ablation.rules import CHANCE, RULES
from bench.ablation.table import Row

ALL = ""
"""The name of the row with all rules."""

EVERY = {rule.name: rule for rule in (*CHANCE, *RULES)}


def play(name: str, played: Mapping[str, Part]) -> Row:
    """The figures that these parts come to without one rule, or with all."""
    began = time.process_time()
    figures: dict[str, float] = {}
    try:
        with ExitStack() as stack:
            rule = EVERY.get(name)
            if rule is not None:
                stack.enter_context(rule.aside())
            for part in played.values():
                figures |= part(rule is not None and rule.added)
    except Exception:  # noqa: BLE001 - without a rule the program may fail anywhere: the row says so
        return Row(name, figures, round(time.process_time() - began, 1), traceback.format_exc())
    return Row(name, figures | dict(totals(figures)), round(time.process_time() - began, 1))


def play_all(names: Sequence[str], chosen: Sequence[str], jobs: int) -> Iterator[Row]:
    """Each row in a process of its own: what is put aside there is put aside nowhere else.

    Where parts are chosen, these alone are played.
    """
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, initializer=_leave_interrupts, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(_play, [(name, chosen) for name in names])


def _play(task: tuple[str, Sequence[str]]) -> Row:
    name, chosen = task
    return play(name, {part: played for part, played in parts().items() if not chosen or part in chosen})


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal: only the one that keeps the results acts on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
