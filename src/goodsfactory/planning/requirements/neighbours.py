"""What the other orders of an agent are about to do at the markets that an order uses too.

Without this, five chains that share an import would all fill it, and all reckon with the same stock of an
export.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.planning.requirements.lot import Lot

COUNTS_FOR = timedelta(minutes=30)
"""How long a lot without a ship, or a leg that is held up before it has loaded, counts for the others: one
step of production."""

Spot = tuple[str, Good]
"""A good at a market: (waypoint, good)."""


@dataclass(frozen=True)
class Want:
    """What another factory still wants of a good at one market.

    ``units`` are all that it has yet to load there, ``short`` those of them that are due now and not to be
    had, ``soon`` those that will be before the market can be lifted from again. ``urgency`` is about how
    many steps of production they hold up, times the factory's priority.
    ``lifts`` are the units of its own target that it could take away now, beside its open legs, and
    ``priority`` is the factory's.
    """

    waypoint: str
    good: Good
    units: int
    short: int = 0
    urgency: float = 0.0
    target: Good = ""
    soon: int = 0
    lifts: int = 0
    priority: float = 1.0


def going_on(legs: Iterable[Leg], now: datetime) -> list[Leg]:
    """The legs of others, without those that wait for money or out an outage before they have loaded: they
    would hold the stock of a market back for ever.
    """
    return [leg for leg in legs if leg.state is LegState.LADEN or _moves(leg, now)]


def _moves(leg: Leg, now: datetime) -> bool:
    if leg.state is LegState.LOADING and leg.failure is None:
        return True
    return now - leg.created_at < COUNTS_FOR and (leg.not_before is None or leg.not_before <= now)


def expected(lots: Iterable[Lot], now: datetime) -> list[Lot]:
    """The lots of others that will soon have a ship: whoever finds none for long holds nothing back."""
    return [lot for lot in lots if not lot.waits(now) and now - lot.since < COUNTS_FOR]


@dataclass(frozen=True)
class Neighbours:
    """The open legs of the agent's other orders, the lots they have no ship for, and what they still want.

    ``refused`` are the legs of theirs that ended with a refusal which every ship hears.
    """

    legs: Sequence[Leg] = ()
    wants: Sequence[Want] = ()
    lots: Sequence[Lot] = ()
    refused: Sequence[Leg] = ()

    def feeding(self, waypoint: str | None, good: Good) -> Sequence[Leg]:
        """Their legs that bring ``good`` to a market."""
        return self._to.get((waypoint or "", good), ())

    def loading(self, waypoint: str | None, good: Good) -> Sequence[Leg]:
        """Their legs that load ``good`` at a market."""
        return self._from.get((waypoint or "", good), ())

    def claimed(self, waypoint: str | None, good: Good, urgency: float = 0.0, value: int = 0) -> int:
        """Units of lots that load ``good`` at a market before one of this ``urgency`` and ``value`` may.

        The urgency decides here as it does about wants: by two measures each of two would wait for the other.
        """
        lots = (lot for lot in self.lots if (lot.source, lot.good) == (waypoint, good))
        return sum(lot.units for lot in lots if (lot.urgency, lot.value) >= (urgency, value))

    def promised_to(self, waypoint: str | None, good: Good) -> int:
        """Units of lots that bring ``good`` to a market, to be used there."""
        lots = (lot for lot in self.lots if (lot.destination, lot.good) == (waypoint, good))
        return sum(lot.units for lot in lots if lot.feeds is not None)

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
