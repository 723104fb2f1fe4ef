"""What a replay came to."""

from collections.abc import Mapping
from dataclasses import dataclass

from goodsfactory.domain.goods import Good
from goodsfactory.domain.quote import QuoteMoment


@dataclass(frozen=True)
class Outcome:
    """``seconds`` from the start of the replay to its end; ``units`` are made by then.

    ``finished`` is False where the replay was given up, for ``reason``. ``spent`` credits are for goods and
    fuel, ``revenue`` is what feeding and selling brought. ``ship_seconds`` is how long cargo ships had work.
    ``short_of_money`` is True where something could not be bought for want of credits. ``nodes`` holds
    (units, credits) of every good that was bought. ``value`` is what the best market would pay in the end for
    output that is aboard; 0 where it was sold.
    """

    finished: bool
    reason: str
    seconds: float
    units: int
    spent: int
    revenue: int
    requests: int
    ship_seconds: float
    short_of_money: bool
    nodes: Mapping[Good, tuple[int, int]]
    value: int
    story: tuple[QuoteMoment, ...]

    @property
    def credits(self) -> int:
        """What the purse loses."""
        return self.spent - self.revenue
