"""Legs that are over, added up: what is left of them for planning once they are history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState

_KEPT = ""
"""Stands for a destination in ``taken`` where the good stayed in the hold."""


@dataclass(frozen=True)
class LegTotals:
    """What the folded legs of one edge came to: amounts in units, credits and seconds.

    ``feeds`` and ``clears`` are those of the legs.

    ``legs`` counts all of them, ``arrived`` those that delivered something, ``troubled`` those that failed or
    were given up with a ship on them, ``failures`` the failed ones since one went well. ``taken`` says by
    destination when the newest leg that went well there was written down. ``moved_at`` is when one loaded or
    traded last, ``delivered_at`` when one that delivered did. ``seconds`` is how long ships had them,
    ``ships`` who flew them, with when the first leg of each was written down.
    """

    good: Good
    feeds: Good | None
    clears: bool = False
    legs: int = 0
    bought: int = 0
    cost: int = 0
    delivered: int = 0
    revenue: int = 0
    arrived: int = 0
    troubled: int = 0
    failures: int = 0
    seconds: int = 0
    moved_at: datetime | None = None
    delivered_at: datetime | None = None
    ships: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    taken: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_lift(self) -> bool:
        """As that of its legs."""
        return self.feeds is None and not self.clears

    def plus(self, leg: Leg) -> "LegTotals":
        """With a leg that is over. Legs may be folded in another order than they were written down in."""
        taken, failures = self.taken, self.failures
        if leg.state is LegState.DONE:
            place = leg.destination or _KEPT
            taken = {**taken, place: max(leg.created_at, taken.get(place, leg.created_at))}
            failures = 0
        elif leg.state is LegState.FAILED and self.none_went_well_since(leg):
            failures += 1
        ships = dict(self.ships)
        if leg.ship is not None:
            ships[leg.ship] = min(leg.created_at, ships.get(leg.ship, leg.created_at))
        return replace(
            self,
            legs=self.legs + 1,
            bought=self.bought + leg.bought,
            cost=self.cost + leg.cost,
            delivered=self.delivered + leg.delivered,
            revenue=self.revenue + leg.revenue,
            arrived=self.arrived + (leg.delivered > 0),
            troubled=self.troubled + (leg.state is not LegState.DONE and leg.ship is not None),
            failures=failures,
            seconds=self.seconds + round(leg.ship_seconds),
            moved_at=_latest(self.moved_at, leg.moved_at),
            delivered_at=_latest(self.delivered_at, leg.traded_at) if leg.delivered else self.delivered_at,
            ships=ships,
            taken=taken,
        )

    def corrected(self, before: Leg, after: Leg) -> "LegTotals":
        """With the amounts of a folded leg as they are ``after`` somebody put them right."""
        return replace(
            self,
            bought=self.bought + after.bought - before.bought,
            cost=self.cost + after.cost - before.cost,
            delivered=self.delivered + after.delivered - before.delivered,
            revenue=self.revenue + after.revenue - before.revenue,
        )

    def none_went_well_since(self, leg: Leg) -> bool:
        """Whether no folded leg that was written down later than ``leg`` has gone well."""
        return all(leg.created_at > moment for moment in self.taken.values())


def ships_of(legs: Iterable[Leg], totals: Iterable[LegTotals] = ()) -> tuple[str, ...]:
    """Who flew these legs, and those before them that ``totals`` adds up, in the order of their first."""
    flights = [(moment, ship) for one in totals for ship, moment in one.ships.items()]
    flights += [(leg.created_at, leg.ship) for leg in legs if leg.ship]
    return tuple(dict.fromkeys(ship for _, ship in sorted(flights)))


def bought_of(flown: Iterable[Leg | LegTotals]) -> dict[Good, tuple[int, int]]:
    """Units and credits by each good that was bought."""
    found: dict[Good, tuple[int, int]] = {}
    for one in flown:
        if one.bought:
            units, cost = found.get(one.good, (0, 0))
            found[one.good] = (units + one.bought, cost + one.cost)
    return found


def _latest(*moments: datetime | None) -> datetime | None:
    return max(filter(None, moments), default=None)
