"""The figures of a run: each case against its bound, and the summary over all of them."""

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.makespan.bound import Bound
from bench.makespan.cases import LARGEST, Case, Setting, Workload
from bench.makespan.run import Foretold, Outcome
from bench.makespan.schedules import Scheduler
from bench.makespan.systems import System

from goodsfactory.domain.quote import Band

REQUESTS_PER_SECOND, BURST, BURST_SECONDS = 2, 30, 60
"""What the game allows one account (api-facts §2)."""

ROUNDING = 1.0
"""Seconds by which a run may seem to beat its bound: the sandbox rounds instants to milliseconds, the bound
counts whole seconds of flight."""


Told = tuple[Band, float]
"""A figure as it was quoted, and as it came."""


class BeatenBound(AssertionError):
    """A case was faster than is possible within the rules. Where it broke none, the bound reasons wrongly:
    find out why before believing any of them."""


@dataclass(frozen=True)
class Figures:
    """One case. Per unit of all its targets together; ``credits`` may be negative where feeding paid."""

    case: Case
    outcome: Outcome
    bound: Bound

    def __post_init__(self) -> None:
        if self.complete and self.outcome.seconds < self.bound.seconds - ROUNDING:
            raise BeatenBound(
                f"{self.case.name} took {self.outcome.seconds:.0f} s and the bound is {self.bound}; "
                f"{self.bought_scarce} units were bought against the rules"
            )

    @property
    def complete(self) -> bool:
        """False where a target was given up: the time is then only the least it would have taken."""
        return len(self.outcome.finished) == len(self.case.setting.targets)

    @property
    def bought_scarce(self) -> int:
        """Units of the targets bought against the rules."""
        return sum(self.outcome.bought_scarce.get(target, 0) for target in self.case.setting.targets)

    @property
    def ratio_to_bound(self) -> float:
        return self.outcome.seconds / self.bound.seconds

    @property
    def mean_finish(self) -> float:
        """Seconds from the start until a target was done, on average; one given up, at the end."""
        outcome = self.outcome
        return statistics.fmean(outcome.finished.get(t, outcome.seconds) for t in self.case.setting.targets)

    @property
    def budget_share(self) -> float:
        """Requests sent, of those that the limit allows in the time."""
        seconds = self.outcome.seconds
        allowed = REQUESTS_PER_SECOND * seconds + BURST * math.ceil(seconds / BURST_SECONDS)
        return self.outcome.requests / allowed

    def per_unit(self, amount: float) -> float | None:
        return amount / self.outcome.units if self.outcome.units else None

    @property
    def foretold(self) -> dict[str, Told]:
        """What was quoted where the case makes one good; empty where there is no quote to compare."""
        found = self.outcome.foretold
        return {} if found is None else _told(found)

    @property
    def foretold_beside(self) -> list[dict[str, Told]]:
        """The same of each order of a case that makes several."""
        return [told for one in self.outcome.foretold_beside if (told := _told(one))]

    def quote_error(self, figure: str) -> float | None:
        """Share by which the quote missed what came, either way."""
        return _error(self.foretold, figure)

    def to_json(self) -> dict[str, Any]:
        setting, outcome = self.case.setting, self.outcome
        return {
            "case": self.case.name,
            "system": setting.system.value,
            "scenario": setting.scenario.value,
            "workload": setting.workload.value,
            "targets": list(setting.targets),
            "ships": setting.ships,
            "scheduler": self.case.scheduler.value,
            "complete": self.complete,
            "units": outcome.units,
            "simulated_seconds": _rounded(outcome.seconds),
            "credits_per_unit": _rounded(self.per_unit(outcome.credits)),
            "requests_per_unit": _rounded(self.per_unit(outcome.requests)),
            "ship_hours_per_unit": _rounded(self.per_unit(outcome.hauler_seconds / 3600), 5),
            "request_budget_share": _rounded(self.budget_share, 4),
            "bound_seconds": {
                "production": _rounded(self.bound.production),
                "path": _rounded(self.bound.path),
                "shipping": _rounded(self.bound.shipping),
            },
            "ratio_to_bound": _rounded(self.ratio_to_bound),
            "bought_scarce": sum(self.outcome.bought_scarce.values()),
            "quote": _quote_json(self.foretold),
            "quotes_beside": [
                {"target": one.quote.target_good, "beside": one.beside, **_quote_json(_told(one))}
                for one in outcome.foretold_beside
            ],
            "finished": {target: _rounded(seconds) for target, seconds in outcome.finished.items()},
            "mean_finish_seconds": _rounded(self.mean_finish),
        }


def _told(found: Foretold) -> dict[str, Told]:
    if found.seconds is None:
        return {}
    return {"credits": (found.quote.credits, found.credits), "seconds": (found.quote.seconds, found.seconds)}


def _error(told: Mapping[str, Told], figure: str) -> float | None:
    if figure not in told:
        return None
    band, came = told[figure]
    return abs(band.expected - came) / abs(came) if came else None


def _quote_json(told: Mapping[str, Told]) -> dict[str, Any]:
    return {figure: {**band.to_json(), "came": came} for figure, (band, came) in told.items()}


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)


def by_setting(results: Iterable[Figures]) -> dict[Setting, dict[Scheduler, Figures]]:
    """The figures of all schedulers beside one another, in the order in which they came."""
    table: dict[Setting, dict[Scheduler, Figures]] = {}
    for figures in results:
        table.setdefault(figures.case.setting, {})[figures.case.scheduler] = figures
    return table


def times_as_fast(results: Iterable[Figures], workload: Workload, other: Scheduler) -> list[float]:
    """How many times as fast as another scheduler the product was, for each setting with the most ships."""
    return [
        other_one.outcome.seconds / product.outcome.seconds
        for product, other_one in _beside(results, workload, other)
    ]


def credits_beside(results: Iterable[Figures], workload: Workload, other: Scheduler) -> list[float]:
    """Credits a unit over another scheduler's, for each setting with the most ships that both made whole."""
    return [
        product.outcome.credits / product.outcome.units * other_one.outcome.units / other_one.outcome.credits
        for product, other_one in _beside(results, workload, other)
        if product.complete and other_one.complete and other_one.outcome.credits > 0
    ]


def _beside(
    results: Iterable[Figures], workload: Workload, other: Scheduler
) -> Iterator[tuple[Figures, Figures]]:
    """The product's figures and another scheduler's, for each setting with the most ships."""
    for setting, row in by_setting(results).items():
        largest = setting.workload is workload and setting.ships == LARGEST
        if largest and {Scheduler.PRODUCT, other} <= row.keys():
            yield row[Scheduler.PRODUCT], row[other]


def summary(results: Sequence[Figures]) -> dict[str, float | None]:
    """Medians over the cases with the most ships, of quotes over all; None where nothing was measured."""
    ratios = [one.ratio_to_bound for one in _of_product(results, Workload.FIVE)]
    portfolios = list(_of_product(results, Workload.PORTFOLIO))
    credits = credits_beside(results, Workload.FIVE, Scheduler.SEQUENTIAL)
    quotes = [one.foretold for one in results]
    captured = [one.foretold for one in results if one.case.setting.system is System.CAPTURED]
    beside = [told for one in results for told in one.foretold_beside]
    return {
        "five_loads_ratio_to_bound": _median(ratios),
        "five_loads_worst": _rounded(max(ratios, default=None)),
        "five_loads_vs_levels": _median(times_as_fast(results, Workload.FIVE, Scheduler.LEVELS)),
        "five_loads_vs_sequential": _median(times_as_fast(results, Workload.FIVE, Scheduler.SEQUENTIAL)),
        "five_loads_credits_vs_sequential": _median(credits),
        "five_loads_dearest_vs_sequential": _rounded(max(credits, default=None)),
        "portfolio_ratio_to_bound": _median([one.ratio_to_bound for one in portfolios]),
        "portfolio_mean_finish": _median([one.mean_finish / 3600 for one in portfolios]),
        "portfolio_vs_sequential": _median(times_as_fast(results, Workload.PORTFOLIO, Scheduler.SEQUENTIAL)),
        "portfolio_vs_levels": _median(times_as_fast(results, Workload.PORTFOLIO, Scheduler.LEVELS)),
        "quote_credits_error": _median(_errors(quotes, "credits")),
        "quote_time_error": _median(_errors(quotes, "seconds")),
        "quote_band_coverage": _coverage(quotes),
        "quote_captured_coverage": _coverage(captured),
        "quote_portfolio_time_error": _median(_errors(beside, "seconds")),
        "quote_portfolio_coverage": _coverage(beside),
    }


def _of_product(results: Iterable[Figures], workload: Workload) -> Iterator[Figures]:
    """The product's figures of a workload with the most ships."""
    for one in results:
        setting = one.case.setting
        is_product = one.case.scheduler is Scheduler.PRODUCT
        if is_product and setting.workload is workload and setting.ships == LARGEST:
            yield one


def _errors(quotes: Iterable[Mapping[str, Told]], figure: str) -> list[float]:
    return [error for told in quotes if (error := _error(told, figure)) is not None]


def _coverage(quotes: Iterable[Mapping[str, Told]]) -> float | None:
    """Of all bands that were stated, for credits and for time, the share that held what came."""
    held = [band.holds(came) for told in quotes for band, came in told.values()]
    return round(sum(held) / len(held), 3) if held else None


def _median(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 3) if values else None
