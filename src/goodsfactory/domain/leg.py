"""Legs: one shipload from a source to a destination, and its life cycle."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from goodsfactory.domain.errors import IllegalTransition, SpendRule
from goodsfactory.domain.goods import Good


class HandOver(StrEnum):
    """What becomes of the load in the end: KEEP leaves it in the hold, SELL sells it to a market."""

    KEEP = "KEEP"
    SELL = "SELL"


class LegState(StrEnum):
    """LOADING flies to its source and buys there; LADEN has loaded; the rest are ends."""

    LOADING = "LOADING"
    LADEN = "LADEN"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_open(self) -> bool:
        """Whether a ship flies it."""
        return self is LegState.LOADING or self is LegState.LADEN


_NEXT: dict[LegState, frozenset[LegState]] = {
    LegState.LOADING: frozenset({LegState.LADEN, LegState.FAILED, LegState.CANCELLED}),
    LegState.LADEN: frozenset({LegState.DONE, LegState.FAILED, LegState.CANCELLED}),
    LegState.DONE: frozenset(),
    LegState.FAILED: frozenset(),
    LegState.CANCELLED: frozenset(),
}


@dataclass(frozen=True)
class Peg:
    """So many ``units`` of a load are for the order ``order_id``."""

    order_id: str
    units: int


@dataclass(frozen=True)
class Leg:
    """One shipload that a ship carries, and what became of it.

    ``feeds`` is the output that ``good`` is an input of; None where an output is lifted. With ``clears`` it
    takes away what an order that is over left aboard: nothing is bought for it, and it makes nothing for that
    order, but stays in its books. ``pegs`` says which orders the load is for; the first one pays the fuel.
    ``destination`` is None where the load is kept. ``value`` is what it was worth to the plan (credits) and
    ``reason`` the sentence that explains it. ``failure`` says what went wrong or holds it up, ``rule`` the
    guard of the spend gate where it was a refusal to spend, and ``not_before`` until when nobody tries again.
    Counters: ``bought`` units for ``cost`` credits, ``delivered`` units for ``revenue`` credits. ``stock_of``
    is the order whose stock it took over, for what that had cost.

    Instants: a ship was given to it (``assigned_at``), loading was over (``laden_at``), it came to an end
    (``ended_at``), and something was bought or handed over last (``traded_at``).

    Its state changes by the methods below alone. Each raises IllegalTransition where the state it is in does
    not allow it, and nothing has changed then.
    """

    id: str
    player_id: int
    good: Good
    source: str
    destination: str | None
    hand_over: HandOver
    feeds: Good | None
    pegs: tuple[Peg, ...]
    value: int
    reason: str
    created_at: datetime
    clears: bool = False
    state: LegState = LegState.LOADING
    ship: str | None = None
    container_id: str | None = None
    bought: int = 0
    cost: int = 0
    delivered: int = 0
    revenue: int = 0
    failure: str | None = None
    rule: SpendRule | None = None
    not_before: datetime | None = None
    assigned_at: datetime | None = None
    laden_at: datetime | None = None
    ended_at: datetime | None = None
    traded_at: datetime | None = None
    stock_of: str | None = None

    @property
    def factory_id(self) -> str:
        """The order whose books it is in."""
        return self.pegs[0].order_id

    @property
    def units(self) -> int:
        """The most that is wanted; the hold decides the rest."""
        return sum(peg.units for peg in self.pegs)

    @property
    def is_lift(self) -> bool:
        """True where it takes an output to where its order wants it."""
        return self.feeds is None and not self.clears

    @property
    def aboard(self) -> int:
        """Units bought and not yet delivered, by our own books."""
        return self.bought - self.delivered

    def cost_of(self, units: int) -> int:
        """What so many of the units bought had cost, in whole credits; all of them at most."""
        return round(self.cost * min(units, self.bought) / self.bought) if self.bought else 0

    @property
    def is_given_back(self) -> bool:
        """True where it ended with a refusal to spend, or a price that was not shown, and nothing bought."""
        return self.state is LegState.CANCELLED and self.rule is not None

    @property
    def moved_at(self) -> datetime | None:
        """When something it bought was loaded or traded last; None before."""
        moments = (self.laden_at, self.traded_at) if self.bought else ()
        return max(filter(None, moments), default=None)

    @property
    def ship_seconds(self) -> float:
        """How long a ship had it, once it is over; 0 where none flew it."""
        if self.ship is None or self.assigned_at is None or self.ended_at is None:
            return 0.0
        # The game's clock may have gone back meanwhile.
        return max(0.0, (self.ended_at - self.assigned_at).total_seconds())

    def take_over(self, units: int, cost: int, stock_of: str | None = None) -> "Leg":
        """LOADING, nothing bought: ``units`` that were aboard count as bought, for ``cost`` credits."""
        self._check(self.state is LegState.LOADING and not self.bought, "given what is aboard")
        return replace(self, bought=units, cost=self.cost + cost, stock_of=stock_of)

    def depart(self, now: datetime) -> "Leg":
        """LOADING → LADEN: loading is over, what is aboard is carried."""
        return replace(self._become(LegState.LADEN), laden_at=now)

    def go_on_to(self, destination: str, reason: str) -> "Leg":
        """LADEN: what is left of the load is handed over elsewhere."""
        self._check(self.state is LegState.LADEN, f"taken on to {destination}")
        return replace(self, destination=destination, reason=reason)

    def give_back(self, why: str, rule: SpendRule, until: datetime, now: datetime) -> "Leg":
        """LOADING → CANCELLED, nothing bought: whoever would buy the same is to wait ``until`` then."""
        self._check(not self.bought, "given back laden")
        return replace(self.cancel(why, now), rule=rule, not_before=until)

    def wait(self, why: str, rule: SpendRule | None, until: datetime) -> "Leg":
        """Open: it is held up ``until`` then."""
        self._check(self.state.is_open, "held up")
        return replace(self, failure=why, rule=rule, not_before=until)

    def go_on(self) -> "Leg":
        """Open: nothing holds it up any more."""
        self._check(self.state.is_open, "continued")
        return replace(self, failure=None, rule=None, not_before=None)

    def fail(self, why: str, now: datetime) -> "Leg":
        """LOADING or LADEN → FAILED: it speaks against its source, its destination or its ship."""
        return self.end(LegState.FAILED, why, now)

    def cancel(self, why: str, now: datetime) -> "Leg":
        """Open → CANCELLED: it is wanted no longer, or cannot be flown now."""
        return self.end(LegState.CANCELLED, why, now)

    def end(self, state: LegState, why: str, now: datetime) -> "Leg":
        """As the three above, for whom ``state`` tells which; DONE needs no reason."""
        failure = None if state is LegState.DONE else why
        return replace(self._become(state), failure=failure, rule=None, not_before=None, ended_at=now)

    def buy(self, units: int, cost: int, now: datetime) -> "Leg":
        """In any state, since a trade may be heard of late: ``units`` were bought for ``cost`` credits."""
        return replace(self, bought=self.bought + units, cost=self.cost + cost, traded_at=now)

    def deliver(self, units: int, revenue: int, now: datetime) -> "Leg":
        """In any state, as ``buy``: ``units`` were handed over for ``revenue`` credits."""
        delivered, earned = self.delivered + units, self.revenue + revenue
        return replace(self, delivered=delivered, revenue=earned, traded_at=now)

    def write_off(self, units: int, cost: int) -> "Leg":
        """In any state: ``units`` that were bought are gone, and ``cost`` credits with them."""
        return replace(self, bought=self.bought - units, cost=self.cost - cost)

    def _become(self, state: LegState) -> "Leg":
        self._check(state in _NEXT[self.state], f"made {state}")
        return replace(self, state=state)

    def _check(self, legal: bool, wish: str) -> None:
        if not legal:
            raise IllegalTransition(f"Leg {self.id} is {self.state} and cannot be {wish}.")
