"""The page about a run: docs/reference/benchmarks.md."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bench.makespan.cases import LARGEST, LOAD, Setting, Workload
from bench.makespan.figures import Figures, by_setting
from bench.makespan.schedules import Scheduler

_HEAD = f"""# Benchmarks

Written by `make bench`. What is compared, and where the lower bound comes from, is told in
[how fast, and how fast at most](../explanation/benchmarks.md). Time is simulated, and a case gives the same
figures every time. *bound* and *product* are hours, *× bound* the one over the other; *levels*, *sequential*
and *levels-fed* are how many times as long as the product these took. *mean finish* is after how many hours
an order of the product was done on average; *product* is the last of them. A load is {LOAD} units.
"""

_SUMMARY = {
    "five_loads_ratio_to_bound": "Five loads of one good: time over lower bound",
    "five_loads_worst": "The same where it is longest",
    "five_loads_vs_levels": "Five loads: times as fast as `levels`",
    "five_loads_vs_sequential": "Five loads: times as fast as `sequential`",
    "five_loads_credits_vs_sequential": "Five loads: credits a unit, over those of `sequential`",
    "five_loads_dearest_vs_sequential": "The same where the product is dearest",
    "portfolio_ratio_to_bound": "Portfolio: time over lower bound",
    "portfolio_mean_finish": "Portfolio: hours until an order is done, on average",
    "portfolio_vs_sequential": "Portfolio: times as fast as `sequential`",
    "portfolio_vs_levels": "Portfolio: times as fast as `levels`",
    "quote_credits_error": "Quote against outcome: error of credits",
    "quote_time_error": "Quote against outcome: error of time",
    "quote_band_coverage": "Quote against outcome: share of outcomes within the stated band",
    "quote_captured_coverage": "The same in the captured system alone",
    "quote_portfolio_time_error": "Quotes of a portfolio's orders, each as it begins: error of time",
    "quote_portfolio_coverage": "The same: share of outcomes within the stated band",
}

_TITLES = {
    Workload.ONE: "One load of one good",
    Workload.FIVE: "Five loads of one good",
    Workload.PORTFOLIO: "Portfolio: two loads of every target at once",
}

_COLUMNS = (
    "target",
    "system",
    "scenario",
    "ships",
    "bound",
    "product",
    "× bound",
    "levels",
    "sequential",
    "levels-fed",
)
_COSTS = ("credits", "requests", "ship-hours", "budget")


def page(results: Sequence[Figures], summary: Mapping[str, float | None]) -> str:
    """The whole page, in Markdown."""
    parts = [_HEAD, _rows(("median, ten ships", "measured"), _summary_rows(summary))]
    for workload in Workload:
        chosen = [figures for figures in results if figures.case.setting.workload is workload]
        if chosen:
            mean = ("mean finish",) if workload is Workload.PORTFOLIO else ()
            parts += [f"## {_TITLES[workload]}\n", _rows((*_COLUMNS, *mean), _time_rows(chosen))]
    parts += [
        "## What it costs\n",
        "Per unit of output: credits for goods and fuel, less what feeding brought back; requests; hours of\n"
        "haulers at work. *budget* is the share of the request limit that was used. The fleet has\n"
        f"{LARGEST} haulers, that of `sequential` one.\n",
        _rows(("target", "system", "scenario", "workload", "scheduler", *_COSTS), _cost_rows(results)),
    ]
    return "\n".join(parts)


def _summary_rows(summary: Mapping[str, float | None]) -> Iterator[Sequence[str]]:
    for key, words in _SUMMARY.items():
        value = summary[key]
        yield words, "not measured yet" if value is None else f"{value:.3f}"


def _time_rows(results: Iterable[Figures]) -> Iterator[Sequence[str]]:
    for setting, row in by_setting(results).items():
        product = row.get(Scheduler.PRODUCT)
        if product is None:
            continue
        yield (
            *_where(setting),
            str(setting.ships),
            f"{product.bound.seconds / 3600:.2f}",
            _hours(product),
            f"{product.ratio_to_bound:.2f}",
            *(
                _times(row.get(other), product)
                for other in (Scheduler.LEVELS, Scheduler.SEQUENTIAL, Scheduler.LEVELS_FED)
            ),
            *((f"{product.mean_finish / 3600:.2f}",) if setting.workload is Workload.PORTFOLIO else ()),
        )


def _cost_rows(results: Iterable[Figures]) -> Iterator[Sequence[str]]:
    for figures in results:
        setting = figures.case.setting
        if setting.ships != LARGEST:
            continue
        yield (
            *_where(setting),
            setting.workload.value,
            figures.case.scheduler.value,
            _number(figures.per_unit(figures.outcome.credits), ",.0f"),
            _number(figures.per_unit(figures.outcome.requests), ".2f"),
            _number(figures.per_unit(figures.outcome.hauler_seconds / 3600), ".4f"),
            f"{figures.budget_share:.1%}",
        )


def _where(setting: Setting) -> tuple[str, str, str]:
    target = setting.targets[0] if len(setting.targets) == 1 else f"all {len(setting.targets)}"
    return target, setting.system.value, setting.scenario.value


def _hours(figures: Figures) -> str:
    return f"{'' if figures.complete else 'over '}{figures.outcome.seconds / 3600:.2f}"


def _times(other: Figures | None, product: Figures) -> str:
    if other is None:
        return ""
    return f"{'over ' if not other.complete else ''}{other.outcome.seconds / product.outcome.seconds:.2f}"


def _number(value: float | None, format: str) -> str:
    return "" if value is None else f"{value:{format}}"


def _rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
