"""One good at one market, as the server knows it: what players see follows from what is hidden here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.domain.pricing import Quote, label


@dataclass(slots=True)
class MarketGood:
    """The living state of a market-good (economy.md §11).

    base and margin make the price law (credits; percent). trade_volume is the most units per transaction.
    net_supply is in units, 0 when balanced. phase is the delay in seconds of its ticks after the epoch.
    carry and owed are fractions of a unit not yet produced, and not yet eaten by a factory. mood is the
    chance verdict kept while inputs stay MODERATE. growths counts the steps of the trade volume since it was
    first_volume (where not told: what it is now). touched_at is the last trade of a player, sales the recent
    units sold here. The offsets are credits a captured quote deviates from the law; zero in a
    generated universe.
    """

    symbol: str
    type: TradeType
    base: float
    margin: int
    trade_volume: int
    net_supply: int
    activity: Activity | None = None
    phase: float = 900.0
    carry: float = 0.0
    owed: float = 0.0
    mood: Activity | None = None
    growths: int = 0
    touched_at: datetime | None = None
    sales: list[tuple[datetime, int]] = field(default_factory=list)
    ask_offset: int = 0
    bid_offset: int = 0
    first_volume: int = 0

    def __post_init__(self) -> None:
        """A good that has not grown began with the trade volume it has."""
        self.first_volume = self.first_volume or self.trade_volume

    @property
    def s(self) -> float:
        """Net supply in trade volumes."""
        return self.net_supply / self.trade_volume

    @property
    def quote(self) -> Quote:
        """The law's quote, before the offsets."""
        return Quote(self.type, self.base, self.margin, self.net_supply, self.trade_volume)

    @property
    def supply(self) -> Supply:
        """The label shown to players (economy.md §3.1)."""
        return label(self.s)

    @property
    def ask(self) -> int:
        """Credits per unit a player pays."""
        return max(2, self.quote.ask + self.ask_offset)

    @property
    def bid(self) -> int:
        """Credits per unit a player gets."""
        return max(1, self.quote.bid + self.bid_offset)
