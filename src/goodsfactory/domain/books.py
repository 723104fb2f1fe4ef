"""The books of one factory: every credit it moved, in parts that add up."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from goodsfactory.domain.goods import Good
from goodsfactory.domain.money import MoneyKind


@dataclass(frozen=True)
class Posting:
    """The sum of a factory's ledger rows of one kind and good.

    ``amount`` is signed credits as in the ledger; of a WRITE_OFF, which moves none, what the cargo cost.
    """

    kind: MoneyKind
    good: Good
    units: int
    amount: int

    @property
    def credits(self) -> int:
        """By how much the purse grew; negative is spent."""
        return 0 if self.kind is MoneyKind.WRITE_OFF else self.amount


@dataclass(frozen=True)
class FactoryBooks:
    """Credits; purchases, fuel, sales and what was written off are sums of the ledger.

    ``in_work`` is what the cargo cost that is aboard for the factory now, its output included. ``acquired``
    is what all goods cost that its legs carried, by their own books. ``seconds`` is its age, or its age at
    its end.
    """

    purchases: int
    fuel: int
    sales: int
    written_off: int
    in_work: int
    acquired: int
    seconds: float

    @property
    def spent(self) -> int:
        """Purchases and fuel: what left the purse."""
        return self.purchases + self.fuel

    @property
    def net(self) -> int:
        """By how many credits the purse has grown."""
        return self.sales - self.spent

    @property
    def taken_over(self) -> int:
        """What goods cost that another factory paid for and this one used; negative where it gave some."""
        return self.acquired + self.written_off - self.purchases

    @property
    def cost(self) -> int:
        """What its goods cost, whoever paid for them, and its fuel: what ``total_cost`` says."""
        return self.spent + self.taken_over

    @property
    def net_cost(self) -> int:
        """The cost less what sales brought."""
        return self.cost - self.sales

    @property
    def profit(self) -> int:
        """Sales less fuel and less what the goods had cost that are no longer aboard."""
        return self.in_work - self.net_cost

    @property
    def per_hour(self) -> int | None:
        """The profit of an hour of its whole life; None until that is a minute."""
        return round(self.profit * 3600 / self.seconds) if self.seconds >= 60 else None

    def to_json(self) -> dict[str, Any]:
        return {
            "purchases": self.purchases,
            "fuel": self.fuel,
            "sales": self.sales,
            "net": self.net,
            "acquired": self.acquired,
            "written_off": self.written_off,
            "taken_over": self.taken_over,
            "in_work": self.in_work,
            "profit": self.profit,
            "profit_per_hour": self.per_hour,
        }


def books_of(
    postings: Iterable[Posting], *, acquired: int, in_work: int = 0, seconds: float = 0.0
) -> FactoryBooks:
    """Add the postings of one factory up."""
    sums = dict.fromkeys(MoneyKind, 0)
    for posting in postings:
        sums[posting.kind] += posting.amount
    return FactoryBooks(
        purchases=-sums[MoneyKind.PURCHASE],
        fuel=-sums[MoneyKind.REFUEL],
        sales=sums[MoneyKind.SALE],
        written_off=sums[MoneyKind.WRITE_OFF],
        in_work=in_work,
        acquired=acquired,
        seconds=seconds,
    )
