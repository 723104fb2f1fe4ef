"""A time below which no scheduler can be, whatever it does within the spending rules.

docs/explanation/benchmarks.md gives the reasons. Wherever something is not known, the best is assumed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from bench.makespan.cases import LOAD, Setting
from bench.makespan.chart import RULES, Chart, Step

from goodsfactory.domain.market import TradeType

_LEFT = 5
"""Trade volumes below balance at which a market may be left: after a full tranche at the edge of SCARCE."""

_LEAST_APPETITE = min(RULES.appetites)


@dataclass(frozen=True)
class Bound:
    """Seconds from the start. Each part is a lower bound of its own.

    ``production``: when the target's market can have made all. ``path``: when the first lift can be.
    ``shipping``: how long the fleet flies the loads that cannot be spared.
    """

    production: float
    path: float
    shipping: float

    @property
    def seconds(self) -> float:
        return max(self.production, self.path, self.shipping)


def lower_bound(chart: Chart, setting: Setting) -> Bound:
    """The bound of all the targets of a setting together. ``chart`` is of its universe, untouched."""
    jobs = [_best_job(chart, target, setting) for target in setting.targets]
    if len(jobs) == 1:
        shipping = jobs[0].shipping(setting.ships)
    else:
        # Coming back from one factory a ship may serve another: only laden flights are sure to be flown.
        shipping = sum(min(job.laden_seconds(step) for step in job.steps) for job in jobs) / setting.ships
    return Bound(max(job.production for job in jobs), max(job.path for job in jobs), shipping)


def _best_job(chart: Chart, target: str, setting: Setting) -> "_Job":
    jobs = [_Job(chart, place, target, setting.units) for place in chart.makers(target)]
    return min(jobs, key=lambda job: max(job.production, job.path))


@dataclass(frozen=True)
class _Job:
    """``units`` of ``target``, made at ``place``."""

    chart: Chart
    place: str
    target: str
    units: int

    @cached_property
    def arrivals(self) -> Mapping[str, float]:
        return self.chart.arrivals(self.place, self.target)

    @cached_property
    def steps(self) -> list[Step]:
        """At its best, until everything is made."""
        found = []
        for step in self.chart.at_its_best(self.place, self.target, self.arrivals):
            found.append(step)
            if self._stock + step.made + _LEFT * step.volume >= self.units:
                return found
        raise ValueError(f"{self.place} makes no {self.units} {self.target} within the time a case is given")

    @property
    def _stock(self) -> int:
        return self.chart.listed(self.place, self.target).net_supply

    @property
    def production(self) -> float:
        """All it had, all it made, and nothing left that a tranche may take."""
        return self.steps[-1].second

    @property
    def path(self) -> float:
        """A ship is there, and so much of the target that a tranche may be bought."""
        return self.chart.aboard(self.place, self.target, ())

    def shipping(self, ships: int) -> float:
        """Loads times flights over ships; the longer it lasts, the more is made of nothing."""
        for step, following in zip_longest(self.steps, self.steps[1:]):
            needed = max(step.second, self._flown(step, ships))
            if following is None or needed < following.second:
                return needed
        raise AssertionError("the last step has none that follows")

    def _flown(self, step: Step, ships: int) -> float:
        """Laden flights, and a way back between any two loads of the same ship."""
        empty = max(0, sum(self._loads(step).values()) - ships) * self._way_back
        return (self.laden_seconds(step) + empty) / ships

    def laden_seconds(self, step: Step) -> float:
        return sum(loads * self._way(name) for name, loads in self._loads(step).items())

    def _loads(self, step: Step) -> dict[str, int]:
        """Loads of each input without which there were not enough units by then."""
        fed = self.units - self._stock - _LEFT * step.volume - step.basal
        loads = {}
        for name in self.arrivals:
            listed = self.chart.listed(self.place, name)
            lacking = 0.0
            if listed.type is TradeType.IMPORT:
                there = listed.net_supply + _LEFT * step.input_volumes[name]
                lacking = _LEAST_APPETITE * fed - there
            loads[name] = max(0, math.ceil(lacking / LOAD))
        return loads

    def _way(self, name: str) -> int:
        return min(self.chart.flight(seller, self.place) for seller in self.chart.sellers(name))

    @cached_property
    def _way_back(self) -> int:
        return min(self._way(name) for name in self.arrivals)
