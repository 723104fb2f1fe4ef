"""What watching a market has taught: when in the half hour a good ticks, and how much is produced.

A look is compared with the one before it. What the price law says net supply has moved by, less what we
traded ourselves in between, was produced or consumed (economy.md §4.1): there was a tick between the two.
"""

import itertools
import random
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Activity, Listing, Sighting, TradeType
from goodsfactory.planning.decision import counted
from goodsfactory.planning.market.trend import OwnTrade, exact_net_supply
from goodsfactory.planning.quote.beliefs import TICK, USUAL

_ORIGIN = datetime(2020, 1, 1, tzinfo=UTC)
_BINS = 180
_BIN = TICK / _BINS
"""The half hour is divided so finely that a poll each minute can be told."""

_LOOKS_INTO = 4
"""Into so many parts looks divide the time in which a tick is to come."""

_FED = (Activity.GROWING, Activity.STRONG)


@dataclass(frozen=True)
class Phase:
    """When in the half hour a good ticks: within one of these bins. ``evidence`` counts ticks seen."""

    bins: tuple[int, ...]
    evidence: int

    def draw_wait(self, since: datetime, chance: random.Random) -> float:
        """Seconds from an instant to the next tick, as one of the moments still possible."""
        second = (chance.choice(self.bins) + chance.random()) * _BIN
        return (second - _second(since)) % TICK

    @cached_property
    def middle(self) -> float:
        """The middle of what is possible, in seconds of the half hour."""
        offsets = [(one - self._first) % _BINS for one in self.bins]
        return ((self._first + statistics.fmean(offsets) + 0.5) * _BIN) % TICK

    @cached_property
    def begin(self) -> float:
        """The first moment that is possible, in seconds of the half hour."""
        return self._first * _BIN

    @cached_property
    def width(self) -> float:
        """Seconds from the first moment that is possible to the last."""
        return (1 + max((one - self._first) % _BINS for one in self.bins)) * _BIN

    @property
    def is_narrow(self) -> bool:
        """Whether the moment is known well enough to look just then."""
        return self.width <= TICK / 6

    @property
    def step(self) -> float:
        """Seconds between the looks that divide the time in which the tick is to come."""
        return max(_BIN, self.width / _LOOKS_INTO)

    @cached_property
    def _first(self) -> int:
        # The bins may straddle the end of the half hour: begin behind the widest gap.
        following = (*self.bins[1:], self.bins[0])
        gaps = [(after - before) % _BINS or _BINS for before, after in zip(self.bins, following, strict=True)]
        return following[gaps.index(max(gaps))]


@dataclass(frozen=True)
class Production:
    """What a good's market makes, or eats, in half an hour.

    ``mean`` and ``spread`` (standard deviation) are units per tick over ``samples`` ticks that were seen;
    with none, ``mean`` is what its activity lets expect. ``phase`` is None while it cannot be told.
    """

    good: Good
    waypoint: str
    mean: float
    spread: float
    samples: int
    activity: Activity | None
    phase: Phase | None = None

    def next_tick(self, now: datetime) -> datetime | None:
        """About when it produces next; None while the moment of the half hour is not known."""
        if self.phase is None:
            return None
        return now + timedelta(seconds=(self.phase.middle - _second(now)) % TICK)

    def sentence(self, now: datetime) -> str:
        """Such as ``produces 20 units per 30 min when fed, next tick in about 12m``."""
        verb = "uses" if self.mean < 0 else "produces"
        words = f"{verb} {abs(self.mean):.0f} units per 30 min"
        words += " when fed" if self.activity in _FED and self.mean > 0 else ""
        words += f" (seen in {counted(self.samples, 'tick')})" if self.samples else " (by its activity)"
        following = self.next_tick(now)
        if following is not None:
            minutes = round((following - now).total_seconds() / 60)
            words += f", next tick in about {minutes}m"
        return words


def learn(
    waypoint: str, good: Good, looks: Sequence[Sighting], trades: Sequence[OwnTrade] = ()
) -> Production | None:
    """What the looks at a good, oldest first, tell of its production; None without any look."""
    if not looks:
        return None
    steps = _steps(looks, trades)
    activity = looks[-1].listing.activity
    amounts = [step.amount / step.ticks for step in steps if step.amount and step.activity is activity]
    if amounts:
        mean, spread = statistics.fmean(amounts), statistics.pstdev(amounts)
    else:
        mean, spread = expected_per_tick(looks[-1].listing), 0.0
    return Production(good, waypoint, mean, spread, len(amounts), activity, _phase(steps))


def expected_per_tick(listing: Listing) -> float:
    """Units per tick by the activity of a listing (economy.md §4.2); those of an import are negative."""
    paces = {
        Activity.RESTRICTED: USUAL.restricted,
        Activity.WEAK: USUAL.weak_export if listing.type is TradeType.EXPORT else USUAL.weak_import,
        Activity.GROWING: statistics.fmean(USUAL.growing),
        Activity.STRONG: USUAL.strong,
    }
    pace = 0.0 if listing.activity is None else paces[listing.activity] * listing.trade_volume
    return pace if listing.type is TradeType.EXPORT else -pace


def export_phase(looks: Sequence[Sighting]) -> Phase | None:
    """When an export ticks, told by its stock alone: purchases lower it, so where it rose there was a tick.

    Needs no ledger, and is not misled by what others bought.
    """
    return _phase([replace(step, changed=step.amount > 0) for step in _steps(looks, ())])


def next_production(phase: Phase | None, now: datetime) -> datetime | None:
    """When it is worth looking whether a market has made something; None where that is not known well enough.

    While the tick may be any moment, that is soon again: what is found out narrows the next one down.
    """
    if phase is None or not phase.is_narrow:
        return None
    gone = (_second(now) - phase.begin) % TICK
    wait = min(phase.step, phase.width - gone) if gone < phase.width else TICK - gone + phase.step
    return now + timedelta(seconds=wait)


def too_old_after(phase: Phase | None, now: datetime) -> float | None:
    """Seconds after which a look is too old while a market may make something any moment; None at others.

    The last look comes when it must have: one before that tells nothing.
    """
    if phase is None or not phase.is_narrow:
        return None
    gone = (_second(now) - phase.begin) % TICK
    if gone < phase.width:
        return phase.step
    return gone - phase.width if gone < phase.width + phase.step else None


@dataclass(frozen=True)
class _Step:
    """What became of a good between two looks. ``ticks`` is how many half hours lie between, at least 1."""

    since: datetime
    until: datetime
    amount: float
    ticks: int
    activity: Activity | None
    changed: bool


def _steps(looks: Sequence[Sighting], trades: Iterable[OwnTrade]) -> list[_Step]:
    found = []
    own = list(trades)
    for before, after in itertools.pairwise(looks):
        seconds = (after.observed_at - before.observed_at).total_seconds()
        if not seconds > 0:
            continue
        first, second = exact_net_supply(before.listing), exact_net_supply(after.listing)
        changed = (
            before.listing.trade_volume != after.listing.trade_volume
            or before.listing.activity is not after.listing.activity
        )
        amount = 0.0
        if first is not None and second is not None:
            traded = sum(trade.units for trade in own if before.observed_at <= trade.at < after.observed_at)
            amount = float(second - first - traded)
        found.append(
            _Step(
                before.observed_at,
                after.observed_at,
                amount,
                max(1, round(seconds / TICK)),
                after.listing.activity,
                changed or amount != 0,
            )
        )
    return found


def _phase(steps: Iterable[_Step]) -> Phase | None:
    """The moments of the half hour that most of the ticks seen allow."""
    votes = [0] * _BINS
    evidence = 0
    for step in steps:
        length = (step.until - step.since).total_seconds()
        if not step.changed or length >= TICK:
            continue
        evidence += 1
        begin = _second(step.since) / _BIN
        for offset in range(int(length / _BIN) + 2):
            # A bin counts where any of it lies between the two looks.
            if offset <= length / _BIN + (begin % 1.0):
                votes[(int(begin) + offset) % _BINS] += 1
    if not evidence:
        return None
    most = max(votes)
    return Phase(tuple(number for number, count in enumerate(votes) if count == most), evidence)


def _second(instant: datetime) -> float:
    """The second of the half hour."""
    return (instant - _ORIGIN).total_seconds() % TICK
