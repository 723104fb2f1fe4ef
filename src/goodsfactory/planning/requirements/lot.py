"""A lot: one shipload that is wanted now and that no ship has yet. It is a line of the plan, and no row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.planning.requirements.value import Worth

LotKey = tuple[str, Good, Good, int]
"""Order, good, the output it is an input of or nothing, and number."""

Ages = Mapping[tuple[str, Good, Good | None], Sequence[datetime]]
"""By order, good and output: since when lots have waited for a ship, the oldest first."""


@dataclass(frozen=True)
class Lot:
    """``units`` of a good, from ``source`` to ``destination``, or to be kept where that is None.

    ``feeds`` is the output that it is an input of; None where an output is lifted, or a leftover cleared.
    ``number`` tells lots of one edge apart. ``since`` is when it was first wanted, and ``reason`` the
    sentence that explains it. Until ``not_before`` nobody tries to fly it;
    ``failure`` and ``rule`` say what was refused where the spend gate did. ``dear`` are ships that do not fly
    it: it would sell their stock for less than that had cost.
    """

    order_id: str
    good: Good
    feeds: Good | None
    source: str
    destination: str | None
    units: int
    worth: Worth
    reason: str
    since: datetime
    number: int = 0
    clears: bool = False
    aboard: bool = False
    """whether only a ship flies it that has the good aboard already: nobody sells any for it now"""
    not_before: datetime | None = None
    failure: str | None = None
    rule: SpendRule | None = None
    dear: frozenset[str] = frozenset()

    @property
    def hand_over(self) -> HandOver:
        """What becomes of the load in the end."""
        return HandOver.KEEP if self.destination is None else HandOver.SELL

    @property
    def key(self) -> LotKey:
        """Tells it apart from all others of a plan, and comes out the same in each plan that wants it."""
        return self.order_id, self.good, self.feeds or "", self.number

    def waits(self, now: datetime) -> bool:
        """Whether it may not be flown yet."""
        return self.not_before is not None and self.not_before > now

    def held(self, refused: Leg | None) -> "Lot":
        """As long as the purchase that ``refused`` was to make is refused."""
        if refused is None or refused.not_before is None:
            return self
        until = max(refused.not_before, self.not_before or refused.not_before)
        return replace(self, not_before=until, failure=refused.failure, rule=refused.rule)

    def held_until(self, until: datetime, why: str, rule: SpendRule) -> "Lot":
        """As long as nothing at all is bought."""
        return replace(self, not_before=until, failure=why, rule=rule)

    def flown(self, player_id: int, leg_id: str, ship: str, container_id: str, now: datetime) -> Leg:
        """The leg by which ``ship`` carries it, as it is written down."""
        return Leg(
            id=leg_id,
            player_id=player_id,
            good=self.good,
            source=self.source,
            destination=self.destination,
            hand_over=self.hand_over,
            feeds=self.feeds,
            pegs=(Peg(self.order_id, self.units),),
            value=round(self.worth.at(0.0)),
            reason=self.reason,
            created_at=now,
            clears=self.clears,
            state=LegState.LOADING,
            ship=ship,
            container_id=container_id,
            assigned_at=now,
        )
