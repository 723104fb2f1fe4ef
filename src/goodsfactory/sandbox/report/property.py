"""A testable property of the economy: figures measured in the sandbox, and the bounds they must keep."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bound:
    """What a figure must keep to, both ends included; ``digits`` is the precision of the source.

    Without ends it is a figure to look at, beside those that decide.
    """

    name: str
    at_least: float | None = None
    at_most: float | None = None
    digits: int = 2

    def holds(self, value: float) -> bool:
        """Whether a value keeps the bound at the precision in which the bound is stated."""
        value = round(value, self.digits)
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )

    def __str__(self) -> str:
        low, high = (None if end is None else f"{end:g}" for end in (self.at_least, self.at_most))
        if low is None and high is None:
            return f"{self.name} any"
        if low is not None and high is not None:
            return f"{self.name} {low}" if low == high else f"{self.name} {low} … {high}"
        return f"{self.name} ≥ {low}" if high is None else f"{self.name} ≤ {high}"


@dataclass(frozen=True, slots=True)
class Property:
    """One row of economy.md §12; ``measure`` gives the figures of a seed under the names of the bounds."""

    id: str
    bounds: Sequence[Bound]
    measure: Callable[[int], Mapping[str, float]]

    @property
    def expected(self) -> str:
        """The bounds in one line."""
        return "; ".join(map(str, self.bounds))


@dataclass(frozen=True, slots=True)
class Finding:
    """A property as measured: ``figures`` holds one value per seed under each bound's name."""

    subject: Property
    figures: Mapping[str, Sequence[float]]

    @property
    def passed(self) -> bool:
        """Whether every figure of every seed keeps its bound."""
        return all(bound.holds(value) for bound in self.subject.bounds for value in self.figures[bound.name])

    @property
    def measured(self) -> str:
        """The range of every figure over the seeds, in one line."""
        return "; ".join(
            f"{bound.name} {_span(self.figures[bound.name], bound.digits)}" for bound in self.subject.bounds
        )


def find(subject: Property, seeds: Sequence[int]) -> Finding:
    """Measure a property in one universe per seed."""
    measured = [subject.measure(seed) for seed in seeds]
    return Finding(subject, {bound.name: [one[bound.name] for one in measured] for bound in subject.bounds})


def share(verdicts: Iterable[bool]) -> float:
    """The share of verdicts that are true; there is at least one."""
    return statistics.mean(map(float, verdicts))


def _span(values: Sequence[float], digits: int) -> str:
    low, high = (f"{end:.{digits}f}" for end in (min(values), max(values)))
    return low if low == high else f"{low} … {high}"
