"""Legs: one shipload along an edge of the supply chain, or the final lift."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.goods import Good


class LegKind(StrEnum):
    """What is carried, and why.

    FEED carries an input to a factory waypoint; LIFT takes the target good off the last one; CLEAR sells what
    a factory that is over left aboard.
    """

    FEED = "FEED"
    LIFT = "LIFT"
    CLEAR = "CLEAR"

    @property
    def is_sale(self) -> bool:
        """True where the destination is a market to earn at, not one to feed."""
        return self is not LegKind.FEED


class LegState(StrEnum):
    """READY waits for a ship; LOADING has one; LADEN has bought; the rest are ends."""

    READY = "READY"
    LOADING = "LOADING"
    LADEN = "LADEN"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_open(self) -> bool:
        return self in (LegState.READY, LegState.LOADING, LegState.LADEN)

    @property
    def is_flying(self) -> bool:
        return self in (LegState.LOADING, LegState.LADEN)


@dataclass(frozen=True)
class Leg:
    """A durable demand for one shipload, and what became of it.

    ``output`` is the good that ``good`` is an input of (equal to ``good`` for a LIFT). ``units`` is the most
    wanted, the hold decides the rest. ``value`` is the weight the dispatcher matches by (credits, larger
    first) and ``reason`` the sentence that explains the demand. ``destination`` is None where the good stays
    in the hold. ``failure`` says what went wrong or holds it up, ``rule`` the guard of the spend gate where
    it was a refusal to spend. Counters: ``bought`` units for ``cost`` credits, ``delivered`` units for
    ``revenue`` credits.
    """

    id: str
    factory_id: str
    player_id: int
    kind: LegKind
    good: Good
    output: Good
    source: str
    destination: str | None
    units: int
    value: int
    reason: str
    created_at: datetime
    state: LegState = LegState.READY
    ship: str | None = None
    container_id: str | None = None
    bought: int = 0
    cost: int = 0
    delivered: int = 0
    revenue: int = 0
    failure: str | None = None
    rule: SpendRule | None = None
    not_before: datetime | None = None
    updated_at: datetime | None = None

    @property
    def aboard(self) -> int:
        """Units bought and not yet delivered, by our own books."""
        return self.bought - self.delivered
