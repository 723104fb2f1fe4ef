"""A goods factory: the durable wish to make one good, and its life cycle."""

import math
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from goodsfactory.domain.errors import IllegalTransition, UserError
from goodsfactory.domain.goods import Good
from goodsfactory.domain.supply_chain import SupplyChainNode


class FactoryStatus(StrEnum):
    """PENDING → ACTIVE → COMPLETED | FAILED | STOPPED (a pending factory may also fail or be stopped)."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"

    @property
    def is_over(self) -> bool:
        return self not in (FactoryStatus.PENDING, FactoryStatus.ACTIVE)


class Strategy(StrEnum):
    """How the acquisition of each input is chosen (DESIGN §5)."""

    SMART = "smart"
    """bought or made, whichever is expected to cost less, weighed anew on every pass"""
    PREFER_BUY = "prefer-buy"
    PREFER_FABRICATE = "prefer-fabricate"

    @property
    def feeds_first(self) -> bool:
        """Whether no good is lifted before a load of each of its inputs came: made, not only bought."""
        return self is not Strategy.SMART


class Terminal(StrEnum):
    """Where the output goes.

    HOLD and STOCK leave it in the hold: HOLD for its owner alone, STOCK for later factories that need it.
    """

    HOLD = "HOLD"
    SELL = "SELL"
    STOCK = "STOCK"


_NEXT: dict[FactoryStatus, frozenset[FactoryStatus]] = {
    FactoryStatus.PENDING: frozenset({FactoryStatus.ACTIVE, FactoryStatus.FAILED, FactoryStatus.STOPPED}),
    FactoryStatus.ACTIVE: frozenset({FactoryStatus.COMPLETED, FactoryStatus.FAILED, FactoryStatus.STOPPED}),
    FactoryStatus.COMPLETED: frozenset(),
    FactoryStatus.FAILED: frozenset(),
    FactoryStatus.STOPPED: frozenset(),
}


DEFAULT_STRATEGY = Strategy.SMART
"""How inputs are obtained where neither the user nor the settings choose."""

HIGHEST_PRIORITY = 1000.0
"""Beyond it a weight says nothing more, and an infinite one could not be compared with any other."""


@dataclass(frozen=True)
class FactoryRequest:
    """What the user asked for. ``units`` None means: whatever one lift brings (any positive output).

    With ``batches`` it is that many lots of ``units`` each, one after the other without a pause between them;
    ``continuous`` makes lots until somebody stops the factory or it no longer pays.

    ``ships`` limits the fleet to these (empty: all of the player's), ``exclude`` leaves ships out.
    ``priority`` weighs legs against those of other factories (1.0 is normal, above 0, at most 1000).
    Raises UserError for a number of units or lots or a priority that cannot be.
    """

    strategy: Strategy = DEFAULT_STRATEGY
    units: int | None = None
    terminal: Terminal = Terminal.HOLD
    max_depth: int = 12
    priority: float = 1.0
    ships: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    fail_if_no_ship: bool = False
    batches: int | None = None
    continuous: bool = False

    def __post_init__(self) -> None:
        if self.units is not None and self.units < 1:
            raise UserError(f"A factory makes at least 1 unit, not {self.units}.")
        if self.batches is not None and self.batches < 1:
            raise UserError(f"A factory makes at least 1 batch, not {self.batches}.")
        if self.batches is not None and self.continuous:
            raise UserError("A factory makes a number of batches or goes on without end; choose one of both.")
        if not (math.isfinite(self.priority) and 0 < self.priority <= HIGHEST_PRIORITY):
            raise UserError(
                f"The priority must be above 0 and at most {HIGHEST_PRIORITY:g}, not {self.priority:g}."
            )

    @property
    def in_lots(self) -> bool:
        """True where more than one lot is asked for, or may be."""
        return self.batches is not None or self.continuous

    @property
    def total(self) -> int | None:
        """Units over all lots; None where there is no number to reach."""
        if self.continuous or (self.units is None and self.batches is None):
            return None
        return (self.units or 1) * (self.batches or 1)

    def lot_of(self, made: int) -> int:
        """The lot in hand once ``made`` units are where they are wanted, from 1 on."""
        number = made // (self.units or 1) + 1
        return number if self.batches is None else min(number, self.batches)

    def to_json(self) -> dict[str, Any]:
        return {
            "strategy": self.strategy.value,
            "units": self.units,
            "terminal": self.terminal.value,
            "max_depth": self.max_depth,
            "priority": self.priority,
            "ships": list(self.ships),
            "exclude": list(self.exclude),
            "fail_if_no_ship": self.fail_if_no_ship,
            "batches": self.batches,
            "continuous": self.continuous,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "FactoryRequest":
        return cls(
            strategy=Strategy(data.get("strategy", DEFAULT_STRATEGY)),
            units=data.get("units"),
            terminal=Terminal(data.get("terminal", Terminal.HOLD)),
            max_depth=data.get("max_depth", 12),
            priority=data.get("priority", 1.0),
            ships=tuple(data.get("ships", ())),
            exclude=tuple(data.get("exclude", ())),
            fail_if_no_ship=data.get("fail_if_no_ship", False),
            batches=data.get("batches"),
            continuous=data.get("continuous", False),
        )


@dataclass(frozen=True)
class Work:
    """Ship-seconds flown for a factory until ``since``, and how many ``ships`` fly for it from then on."""

    seconds: float
    ships: int
    since: datetime

    def until(self, now: datetime) -> float:
        """Ship-seconds until ``now``."""
        return self.seconds + self.ships * max(0.0, (now - self.since).total_seconds())


@dataclass(frozen=True)
class Hibernation:
    """A continuous factory that did not pay rests from ``since`` to ``until``; ``why`` is a sentence."""

    since: datetime
    until: datetime
    why: str


@dataclass(frozen=True)
class Trial:
    """What the kill rule has seen of a factory ``since`` an instant: ``seconds`` in which it could work.

    It looked last at ``seen``. ``failures`` are trials in a row in which the factory did not pay.
    """

    since: datetime
    seconds: float
    seen: datetime
    failures: int = 0

    def anew(self, now: datetime, *, failures: int | None = None) -> "Trial":
        """The next trial; a failed one is remembered until one goes well, or ``failures`` says otherwise."""
        return Trial(now, 0.0, now, self.failures if failures is None else failures)


@dataclass(frozen=True)
class GoodsFactory:
    """One row of ``goods_factories``. Amounts in units and credits, instants in UTC.

    ``paused_at`` is set while the user has paused it: no new leg is flown then, whatever ``status`` says.
    ``hibernation`` is set while it rests because it did not pay; ``trial`` is how far the kill rule has
    watched it. ``work`` adds up what its ships flew; ``estimated_speedup`` is as it was at its last change.
    """

    id: str
    player_id: int
    target_good: Good
    system_symbol: str
    created_at: datetime
    updated_at: datetime
    status: FactoryStatus = FactoryStatus.PENDING
    tree: SupplyChainNode | None = None
    request: FactoryRequest = field(default_factory=FactoryRequest)
    error: str | None = None
    quantity_acquired: int = 0
    total_cost: int = 0
    started_at: datetime | None = None
    completed_at: datetime | None = None
    paused_at: datetime | None = None
    hibernation: Hibernation | None = None
    trial: Trial | None = None
    work: Work | None = None
    ships_used: int = 0
    market_queries: int = 0
    parallel_levels: int = 0
    estimated_speedup: float = 1.0

    def activate(self, now: datetime) -> "GoodsFactory":
        """PENDING → ACTIVE; raises IllegalTransition from any other state."""
        return replace(self._become(FactoryStatus.ACTIVE, now), started_at=now)

    def complete(self, now: datetime, *, quantity: int, cost: int) -> "GoodsFactory":
        """ACTIVE → COMPLETED with at least one unit acquired; raises IllegalTransition otherwise."""
        if quantity < 1:
            raise IllegalTransition(
                f"Factory {self.id} cannot complete without a unit of {self.target_good}."
            )
        done = self._become(FactoryStatus.COMPLETED, now)
        return replace(done, quantity_acquired=quantity, total_cost=cost, completed_at=now)

    def fail(self, now: datetime, error: str) -> "GoodsFactory":
        """PENDING or ACTIVE → FAILED with the error and its time."""
        return replace(self._become(FactoryStatus.FAILED, now), error=error, completed_at=now)

    def stop(self, now: datetime, why: str | None = None) -> "GoodsFactory":
        """PENDING or ACTIVE → STOPPED; ``why`` where nobody asked for it."""
        return replace(self._become(FactoryStatus.STOPPED, now), error=why, completed_at=now)

    def with_ships(self, ships: int, now: datetime) -> "GoodsFactory":
        """With so many ships that fly for it from now on."""
        if self.work is not None and self.work.ships == ships:
            return self
        done = self.work.until(now) if self.work is not None else 0.0
        return replace(self, work=Work(done, ships, now), estimated_speedup=self.speedup(now))

    def age(self, now: datetime) -> float | None:
        """Seconds from its creation to its end, or until now; None where the game's clock went back."""
        seconds = ((self.completed_at or now) - self.created_at).total_seconds()
        return seconds if seconds >= 0 else None

    def speedup(self, now: datetime) -> float:
        """Ship-hours flown for an hour since its start: how much of the work was done side by side.

        Never more than the ships that worked; 0 until the first one does.
        """
        end = self.completed_at or now
        if self.work is None or self.started_at is None or end <= self.started_at:
            return 0.0
        return round(self.work.until(end) / (end - self.started_at).total_seconds(), 2)

    def leaves_aboard(self, good: Good) -> bool:
        """Whether what it carries of ``good`` stays in the hold: its output, unless that is sold."""
        return good == self.target_good and self.request.terminal is not Terminal.SELL

    @property
    def is_idle(self) -> bool:
        """No new leg is flown: its user has paused it, or it hibernates."""
        return self.paused_at is not None or self.hibernation is not None

    def on_trial(self, trial: Trial) -> "GoodsFactory":
        """With what the kill rule has seen of it."""
        return replace(self, trial=trial)

    def hibernate(self, now: datetime, rest: Hibernation, trial: Trial) -> "GoodsFactory":
        """No new leg until it is woken; raises IllegalTransition where it is over."""
        self._check_goes_on("laid to rest")
        return replace(self, hibernation=rest, trial=trial, updated_at=now)

    def wake(self, now: datetime) -> "GoodsFactory":
        """It works again, and a new trial begins; raises IllegalTransition where it is over."""
        self._check_goes_on("woken")
        return replace(
            self, hibernation=None, trial=self.trial.anew(now) if self.trial else None, updated_at=now
        )

    def pause(self, now: datetime) -> "GoodsFactory":
        """Paused since ``now``, or since it was paused first; raises IllegalTransition where it is over."""
        self._check_goes_on("paused")
        return self if self.paused_at is not None else replace(self, paused_at=now, updated_at=now)

    def resume(self, now: datetime) -> "GoodsFactory":
        """Not paused any more; raises IllegalTransition where it is over."""
        self._check_goes_on("resumed")
        if self.paused_at is None:
            return self
        return replace(self, paused_at=None, updated_at=now)

    def _check_goes_on(self, wish: str) -> None:
        if self.status.is_over:
            raise IllegalTransition(f"Factory {self.id} is {self.status} already and cannot be {wish}.")

    def _become(self, status: FactoryStatus, now: datetime) -> "GoodsFactory":
        if status not in _NEXT[self.status]:
            raise IllegalTransition(f"Factory {self.id} is {self.status} and cannot become {status}.")
        paused_at = None if status.is_over else self.paused_at
        return replace(self, status=status, updated_at=now, paused_at=paused_at)
