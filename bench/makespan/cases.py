"""Which cases are run: targets, workloads, fleets, systems and schedulers."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bench.makespan.schedules import Scheduler
from bench.makespan.systems import EXTRA_WORKSHOP, System

from goodsfactory.sandbox.scenarios import Scenario

LOAD = 80
"""Units of one load: the hold of a light hauler."""

FLEETS = (1, 3, 6, 10)
LARGEST = max(FLEETS)
SCENARIOS = (Scenario.DRAINED, Scenario.YOUNG)

TARGETS = (
    "MACHINERY",
    "ELECTRONICS",
    "FAB_MATS",
    "MICROPROCESSORS",
    "EQUIPMENT",
    "CLOTHING",
    "MEDICINE",
    "ADVANCED_CIRCUITRY",
    "ASSAULT_RIFLES",
    "SHIP_PLATING",
    "SHIP_PARTS",
    "LAB_INSTRUMENTS",
    "BOTANICAL_SPECIMENS",
    EXTRA_WORKSHOP,
)
"""From three levels to five: the last two have five."""

SMALLER_FLEETS = ("EQUIPMENT", "ADVANCED_CIRCUITRY")
"""Targets that are also made with fewer than the most ships."""


QUICK = ("MACHINERY", "ADVANCED_CIRCUITRY", "LAB_INSTRUMENTS", "BOTANICAL_SPECIMENS")
"""Targets of the quick run."""


class Workload(StrEnum):
    """``ONE`` and ``FIVE`` loads of one good, or two loads of each target at once."""

    ONE = "one"
    FIVE = "five"
    PORTFOLIO = "portfolio"

    @property
    def loads(self) -> int:
        return {Workload.ONE: 1, Workload.FIVE: 5, Workload.PORTFOLIO: 2}[self]


@dataclass(frozen=True)
class Setting:
    """What is to be made, where and with what; each scheduler does it once."""

    system: System
    scenario: Scenario
    workload: Workload
    targets: tuple[str, ...]
    ships: int

    @property
    def units(self) -> int:
        """Units of each target."""
        return self.workload.loads * LOAD

    @property
    def name(self) -> str:
        what = "all" if self.workload is Workload.PORTFOLIO else self.targets[0]
        return f"{self.system}/{self.scenario}/{self.workload}/{what}/{self.ships}"


@dataclass(frozen=True)
class Case:
    """One run."""

    setting: Setting
    scheduler: Scheduler

    @property
    def name(self) -> str:
        return f"{self.setting.name}/{self.scheduler}"

    @property
    def ships(self) -> int:
        """Haulers at work: ``SEQUENTIAL`` has one, however many there are."""
        return 1 if self.scheduler is Scheduler.SEQUENTIAL else self.setting.ships

    @property
    def played(self) -> "Case":
        """The case that is really run for this one; the same for all that come to the same."""
        return Case(replace(self.setting, ships=self.ships), self.scheduler)


def targets_of(system: System) -> tuple[str, ...]:
    """What can be made in a system."""
    return tuple(t for t in TARGETS if t != EXTRA_WORKSHOP or system is not System.CAPTURED)


def settings(*, quick: bool) -> Iterator[Setting]:
    """All settings, the shortest workload first.

    All targets at once are made everywhere. One target is made in one place for each workload, drained and
    young by turns, in a system by turns: all of them everywhere, by all schedulers, would take a day.
    """
    for turn, workload in enumerate((Workload.ONE, Workload.FIVE)):
        for number, target in enumerate(TARGETS):
            if quick and target not in QUICK:
                continue
            system = _system_for(target, number)
            scenario = SCENARIOS[(number + turn + 1) % len(SCENARIOS)]
            fleets = FLEETS if target in SMALLER_FLEETS and not quick else (LARGEST,)
            for ships in fleets:
                yield Setting(system, scenario, workload, (target,), ships)
    if quick:
        yield Setting(System.CAPTURED, SCENARIOS[0], Workload.PORTFOLIO, QUICK, LARGEST)
        return
    for system in System:
        for scenario in SCENARIOS:
            yield Setting(system, scenario, Workload.PORTFOLIO, targets_of(system), LARGEST)


def _system_for(target: str, number: int) -> System:
    able = [system for system in System if target in targets_of(system)]
    return able[number % len(able)]


def cases(
    *,
    quick: bool = False,
    workloads: Collection[Workload] = tuple(Workload),
    fleets: Collection[int] = FLEETS,
    schedulers: Collection[Scheduler] = tuple(Scheduler),
    pattern: str = "",
) -> list[Case]:
    """The cases that fit all of what was asked for; ``pattern`` is a part of their names."""
    found = [
        Case(setting, scheduler)
        for setting in settings(quick=quick)
        for scheduler in Scheduler
        if scheduler in schedulers and setting.workload in workloads and setting.ships in fleets
        if scheduler is not Scheduler.LEVELS_FED or _shows_feeding(setting)
    ]
    return [case for case in found if pattern in case.name]


def _shows_feeding(setting: Setting) -> bool:
    return setting.workload is Workload.FIVE and setting.ships == LARGEST
