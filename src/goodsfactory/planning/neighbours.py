"""What a player's other factories are about to do at the markets that a factory uses too.

Each factory plans by itself. Without this, five chains that share an import would all fill it at the same
moment, all reckon with the same stock of an export, and whoever looks first would empty it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState

COUNTS_FOR = timedelta(minutes=30)
"""How long a leg that waits for a ship counts for the others: one step of production."""

Spot = tuple[str, Good]
"""A good at a market: (waypoint, good)."""


@dataclass(frozen=True)
class Want:
    """What another factory still wants of a good at one market.

    ``units`` are all that it has yet to load there, ``short`` those of them that are due now and not to be
    had, ``soon`` those that will be before the market can be lifted from again. ``urgency`` is about how
    many steps of production they hold up, times the factory's priority. It was told ``at`` this moment.
    ``lifts`` are the units of its own target that it could take away now, beside its open legs, and
    ``priority`` is the factory's.
    """

    waypoint: str
    good: Good
    units: int
    short: int = 0
    urgency: float = 0.0
    target: Good = ""
    at: datetime | None = None
    soon: int = 0
    lifts: int = 0
    priority: float = 1.0


def going_on(legs: Iterable[Leg], now: datetime) -> list[Leg]:
    """The legs of others that are flown, or soon will be.

    One whose ship does not come, or that waits for money or out an outage before it has loaded, would hold
    the stock of a market back for ever.
    """
    return [leg for leg in legs if leg.state is LegState.LADEN or _moves(leg, now)]


def _moves(leg: Leg, now: datetime) -> bool:
    if leg.state is LegState.LOADING and leg.failure is None:
        return True
    return now - leg.created_at < COUNTS_FOR and (leg.not_before is None or leg.not_before <= now)


@dataclass(frozen=True)
class Neighbours:
    """The open legs of the other factories, and what they still want."""

    legs: Sequence[Leg] = field(default_factory=tuple)
    wants: Sequence[Want] = field(default_factory=tuple)

    def feeding(self, waypoint: str | None, good: Good) -> Sequence[Leg]:
        """Their legs that bring ``good`` to a market."""
        return self._to.get((waypoint or "", good), ())

    def loading(self, waypoint: str | None, good: Good, value: int = 0) -> Sequence[Leg]:
        """Their legs that load ``good`` at a market; of those that wait for a ship, the ones that get it
        before a leg of this ``value``."""
        legs = self._from.get((waypoint or "", good), ())
        return [leg for leg in legs if leg.state is not LegState.READY or leg.value >= value]

    def wanted(self, waypoint: str | None, good: Good) -> int:
        """Units that they have yet to load of ``good`` at a market."""
        return self.wanted_units.get((waypoint or "", good), 0)

    @cached_property
    def wanted_units(self) -> Mapping[Spot, int]:
        """Units that they have yet to load, wherever there are any."""
        return {spot: sum(want.units for want in wants) for spot, wants in self._wants.items()}

    def more_urgent(self, waypoint: str | None, good: Good, urgency: float) -> Sequence[Want]:
        """What they lack now at a market and need more than one that has this ``urgency``."""
        wants = self._wants.get((waypoint or "", good), ())
        return [want for want in wants if want.short > 0 and want.urgency > urgency]

    def unheard(self, waypoint: str | None, good: Good, urgency: float, seen: datetime) -> Sequence[Want]:
        """The more urgent wants of those who have not decided anew since the market was ``seen``."""
        wants = self.more_urgent(waypoint, good, urgency)
        return [want for want in wants if want.at is not None and want.at < seen]

    def needing(self, waypoint: str | None, good: Good) -> Sequence[Want]:
        """Who lacks a good of a market now, or will before it can be lifted from again."""
        wants = self._wants.get((waypoint or "", good), ())
        return [want for want in wants if want.short > 0 or want.soon > 0]

    def lifted_first(self, waypoint: str | None, good: Good, priority: float) -> Sequence[Want]:
        """Who could lift a good as the target, at the same market, with more than this priority."""
        wants = self._wants.get((waypoint or "", good), ())
        return [want for want in wants if want.lifts > 0 and want.priority > priority]

    def lacking(self, waypoint: str | None, good: Good) -> int:
        """Units of a good that they lack now at a market, however urgent it is."""
        return sum(want.short for want in self._wants.get((waypoint or "", good), ()))

    def urgency(self, waypoint: str | None, good: Good) -> float:
        """The most urgent work that waits for a good of a market; 0 where nobody lacks it."""
        return max((want.urgency for want in self._wants.get((waypoint or "", good), ())), default=0.0)

    @cached_property
    def _to(self) -> Mapping[Spot, list[Leg]]:
        found: dict[Spot, list[Leg]] = defaultdict(list)
        for leg in self.legs:
            if leg.destination is not None and leg.feeds is not None:
                found[leg.destination, leg.good].append(leg)
        return dict(found)

    @cached_property
    def _from(self) -> Mapping[Spot, list[Leg]]:
        found: dict[Spot, list[Leg]] = defaultdict(list)
        for leg in self.legs:
            found[leg.source, leg.good].append(leg)
        return dict(found)

    @cached_property
    def _wants(self) -> Mapping[Spot, list[Want]]:
        found: dict[Spot, list[Want]] = defaultdict(list)
        for want in self.wants:
            found[want.waypoint, want.good].append(want)
        return dict(found)


ALONE = Neighbours()
"""No other factory."""
