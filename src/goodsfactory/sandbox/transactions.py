"""What was traded where: the recent transactions a market or a yard shows (api-facts §7.1, §13)."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

_KEPT = 20

TradeKind = Literal["PURCHASE", "SELL"]


@dataclass(frozen=True, slots=True)
class MarketTransaction:
    """A trade of ``units`` at one ``unit_price`` in credits (api-facts §7.3)."""

    waypoint: str
    ship: str
    good: str
    type: TradeKind
    units: int
    unit_price: int
    at: datetime

    @property
    def total(self) -> int:
        """Credits that changed hands."""
        return self.units * self.unit_price


@dataclass(frozen=True, slots=True)
class ShipyardTransaction:
    """A ship sold; ``price`` in credits."""

    waypoint: str
    ship_type: str
    price: int
    agent: str
    at: datetime


_Transaction = TypeVar("_Transaction", MarketTransaction, ShipyardTransaction)


class History(Generic[_Transaction]):
    """The last 20 transactions of every waypoint, newest first (api-facts §7.1)."""

    def __init__(self) -> None:
        self._kept: dict[str, deque[_Transaction]] = {}

    def add(self, transaction: _Transaction) -> None:
        """Remember a transaction; the oldest of its waypoint is forgotten."""
        self._kept.setdefault(transaction.waypoint, deque(maxlen=_KEPT)).appendleft(transaction)

    def at(self, waypoint: str) -> list[_Transaction]:
        """The remembered transactions of a waypoint."""
        return list(self._kept.get(waypoint, ()))
