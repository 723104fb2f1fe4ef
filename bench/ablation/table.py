"""What each rule is worth: docs/reference/ablation.md."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.ablation.cases import FIGURES, HOURS, Figure
from bench.ablation.rules import Rule

WORTH_KEEPING = 2.0
"""Per cent that some figure must lose without a rule that is worth its lines."""

_HEAD = f"""# What each rule of planning is worth

Written by `make bench-ablation`: a fixed subset of cases is played with all rules, then without each of them
alone. A cell has the figure without the rule, and by how many per cent it is another one than with all rules.
*worth* is how much worse the figures are without the rule, in per cent, on average and where it is most: less
time, fewer credits spent, fewer ship-hours and more credits earned are better. Rules without which no figure
is worse by {WORTH_KEEPING:g} per cent are named below the table. A case is given up after {HOURS:g} hours.

The rows of chance change nothing that should matter: as far as their figures move, any figure may move by
itself. More of it is told in [how fast, and how fast at most](../explanation/benchmarks.md).
"""


@dataclass(frozen=True)
class Row:
    """Figures without a rule, by name; those not played are missing. ``crash`` tells where it ended."""

    rule: str
    figures: Mapping[str, float]
    cpu_seconds: float = 0.0
    crash: str = ""


@dataclass(frozen=True)
class Judgement:
    """``changes`` in per cent of the figure with all rules; ``losses`` are how much worse each is without."""

    changes: Mapping[str, float]
    losses: Mapping[str, float]

    @property
    def mean(self) -> float:
        return fmean(self.losses.values()) if self.losses else 0.0

    @property
    def most(self) -> float:
        return max(self.losses.values(), default=0.0)

    @property
    def is_met(self) -> bool:
        """Whether any figure is another one at all: else no case has met the rule."""
        return any(self.changes.values())


def judge(with_all: Mapping[str, float], without: Mapping[str, float]) -> Judgement:
    """Both sets of figures beside one another, as far as both have them."""
    changes = {
        name: 100 * (without[name] - with_all[name]) / abs(with_all[name])
        for name in FIGURES
        if name in without and with_all.get(name)
    }
    losses = {name: -change if FIGURES[name].earns else change for name, change in changes.items()}
    return Judgement(changes, losses)


def page(rules: Sequence[Rule], rows: Mapping[str, Row]) -> str:
    """The whole page, in Markdown; ``rows`` by the name of their rule, that with all rules by ""."""
    with_all = rows[""].figures
    shown = {name: figure for name, figure in FIGURES.items() if name in with_all}
    columns = ("rule", "without it", *(figure.title for figure in shown.values()), "worth: mean", "most")
    lines = [columns, ["---"] * len(columns), _with_all(with_all, shown)]
    lines += [
        _line(rule, rows[rule.name], with_all, shown)
        for rule in rules
        if rule.name in rows and not rows[rule.name].crash
    ]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return "\n".join([_HEAD, table, *_judged(rules, rows), _where(rules)])


def _with_all(figures: Mapping[str, float], shown: Mapping[str, Figure]) -> list[str]:
    return ["*all rules*", "", *(_number(figures[name]) for name in shown), "", ""]


def _line(rule: Rule, row: Row, with_all: Mapping[str, float], shown: Mapping[str, Figure]) -> Sequence[str]:
    found = judge(with_all, row.figures)
    cells = [
        f"{_number(row.figures[name])} ({found.changes[name]:+.1f})" if name in found.changes else ""
        for name in shown
    ]
    return [rule.name, rule.without, *cells, f"{found.mean:+.1f}", f"{found.most:+.1f}"]


def _judged(rules: Sequence[Rule], rows: Mapping[str, Row]) -> Iterator[str]:
    with_all = rows[""].figures
    own = [rule for rule in rules if not rule.chance and not rule.added and rule.name in rows]
    found = {rule.name: judge(with_all, rows[rule.name].figures) for rule in own if not rows[rule.name].crash}
    unmet = [name for name, one in found.items() if not one.is_met]
    small = [name for name, one in found.items() if one.is_met and one.most < WORTH_KEEPING]
    crashed = [rule.name for rule in own if rows[rule.name].crash]
    for names, words in (
        (small, f"Worth less than {WORTH_KEEPING:g} per cent in every figure"),
        (unmet, "Met by no case: every figure is the same without it"),
        (crashed, "The program does not run without it"),
    ):
        if names:
            yield f"{words}: {', '.join(names)}.\n"


def _where(rules: Sequence[Rule]) -> str:
    rows = [f"| {rule.name} | `{rule.lives}` |\n" for rule in rules if rule.lives and not rule.chance]
    return "".join(["| rule | where it lives |\n| --- | --- |\n", *rows])


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.2f}"
