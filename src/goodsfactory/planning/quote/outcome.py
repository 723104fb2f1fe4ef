"""What a replay came to."""

from collections.abc import Mapping
from dataclasses import dataclass

from goodsfactory.domain.goods import Good
from goodsfactory.domain.quote import QuoteMoment


@dataclass
class Account:
    """What an order takes: credits ``spent`` on goods (out of stock among them) and fuel, ``revenue`` of what
    it feeds and sells, requests, and seconds in which cargo ships had work.

    ``traded_at`` is the second of its last purchase or sale. With ``short_of_money`` something could not be
    bought for want of credits.
    """

    spent: int = 0
    revenue: int = 0
    requests: int = 0
    ship_seconds: float = 0.0
    traded_at: float = 0.0
    short_of_money: bool = False


@dataclass(frozen=True)
class Outcome:
    """``seconds`` from the start of the replay to its end; ``units`` are made by then.

    ``finished`` is False where the replay was given up, for ``reason``. ``nodes`` holds (units, credits) of
    every good that was bought. ``value`` is what the best market would pay in the end for output that is
    aboard; 0 where it was sold.
    """

    finished: bool
    reason: str
    seconds: float
    units: int
    taken: Account
    nodes: Mapping[Good, tuple[int, int]]
    value: int
    story: tuple[QuoteMoment, ...]

    @property
    def credits(self) -> int:
        """What the order loses."""
        return self.taken.spent - self.taken.revenue
