"""What was traded where: the recent transactions a market or a yard shows (api-facts §7.1, §13)."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

_KEPT = 20

BOOK_LENGTH = 20_000
"""Trades of the whole universe that the book holds: days of play, and a snapshot stays quick."""

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


class TradeBook:
    """Every trade at a market in its order, whoever made it: what a player's own books can be checked by."""

    def __init__(self) -> None:
        self._kept: deque[MarketTransaction] = deque(maxlen=BOOK_LENGTH)
        self.written = 0
        """Trades so far; the oldest are forgotten beyond BOOK_LENGTH."""

    def write(self, transaction: MarketTransaction) -> None:
        """Add a trade at the end."""
        self._kept.append(transaction)
        self.written += 1

    def of(self, agent: str) -> list[tuple[int, MarketTransaction]]:
        """The trades of an agent's ships, oldest first, each with its number (the first trade ever is 1)."""
        first = self.written - len(self._kept) + 1
        return [
            (number, trade)
            for number, trade in enumerate(self._kept, first)
            if trade.ship.rpartition("-")[0] == agent
        ]
