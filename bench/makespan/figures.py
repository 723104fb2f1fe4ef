"""The figures of a run: each case against its bound, and the summary over all of them."""

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.makespan.bound import Bound
from bench.makespan.cases import LARGEST, Case, Setting, Workload
from bench.makespan.run import Outcome
from bench.makespan.schedules import Scheduler

from goodsfactory.domain.quote import Band

REQUESTS_PER_SECOND, BURST, BURST_SECONDS = 2, 30, 60
"""What the game allows one account (api-facts §2)."""

ROUNDING = 1.0
"""Seconds by which a run may seem to beat its bound: the sandbox rounds instants to milliseconds, the bound
counts whole seconds of flight."""


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
    def budget_share(self) -> float:
        """Requests sent, of those that the limit allows in the time."""
        seconds = self.outcome.seconds
        allowed = REQUESTS_PER_SECOND * seconds + BURST * math.ceil(seconds / BURST_SECONDS)
        return self.outcome.requests / allowed

    def per_unit(self, amount: float) -> float | None:
        return amount / self.outcome.units if self.outcome.units else None

    @property
    def foretold(self) -> dict[str, tuple[Band, float]]:
        """Credits and seconds as quoted, and as they came; empty where there is no quote to compare."""
        found = self.outcome.foretold
        if found is None or found.seconds is None:
            return {}
        return {
            "credits": (found.quote.credits, found.credits),
            "seconds": (found.quote.seconds, found.seconds),
        }

    def quote_error(self, figure: str) -> float | None:
        """Share by which the quote missed what came, either way."""
        if figure not in self.foretold:
            return None
        band, came = self.foretold[figure]
        return abs(band.expected - came) / abs(came) if came else None

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
            "quote": {
                figure: {**band.to_json(), "came": came} for figure, (band, came) in self.foretold.items()
            },
            "finished": {target: _rounded(seconds) for target, seconds in outcome.finished.items()},
        }


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
    ratios = [
        figures.ratio_to_bound
        for figures in results
        if figures.case.scheduler is Scheduler.PRODUCT
        and figures.case.setting.workload is Workload.FIVE
        and figures.case.setting.ships == LARGEST
    ]
    credits = credits_beside(results, Workload.FIVE, Scheduler.SEQUENTIAL)
    return {
        "five_loads_ratio_to_bound": _median(ratios),
        "five_loads_vs_levels": _median(times_as_fast(results, Workload.FIVE, Scheduler.LEVELS)),
        "five_loads_vs_sequential": _median(times_as_fast(results, Workload.FIVE, Scheduler.SEQUENTIAL)),
        "five_loads_credits_vs_sequential": _median(credits),
        "five_loads_dearest_vs_sequential": _rounded(max(credits, default=None)),
        "portfolio_vs_sequential": _median(times_as_fast(results, Workload.PORTFOLIO, Scheduler.SEQUENTIAL)),
        "portfolio_vs_levels": _median(times_as_fast(results, Workload.PORTFOLIO, Scheduler.LEVELS)),
        "quote_credits_error": _median(_errors(results, "credits")),
        "quote_time_error": _median(_errors(results, "seconds")),
        "quote_band_coverage": _coverage(results),
    }


def _errors(results: Iterable[Figures], figure: str) -> list[float]:
    return [error for one in results if (error := one.quote_error(figure)) is not None]


def _coverage(results: Iterable[Figures]) -> float | None:
    """Of all bands that were stated, for credits and for time, the share that held what came."""
    held = [band.holds(came) for one in results for band, came in one.foretold.values()]
    return round(sum(held) / len(held), 3) if held else None


def _median(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 3) if values else None
