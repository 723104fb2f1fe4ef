"""The price law of markets: quotes from hidden net supply (economy.md §1, §3 and §11.1).

Every price is in credits per unit, every quantity in units. ``s`` is net supply divided by trade volume.
*ask* is what we pay, *bid* what we get. A transaction of at most one trade volume is settled at the quote
shown before it; afterwards net supply moves by the units traded (§1.6).
"""

import math
from dataclasses import dataclass

from goodsfactory.domain.market import Supply, TradeType


def export_ask(base: float, margin: float, s: float) -> float:
    """The unrounded ask of an export (economy.md §1.1)."""
    return base * (1 + margin / 100 * (4 * 2 ** (-0.3 * s) - 5))


def export_bid(base: float, margin: float, s: float) -> float:
    """The unrounded bid of an export (economy.md §1.1)."""
    return base / 2 * (1 + margin / 100 * (3.25 * 2 ** (-0.3 * s) - 5))


def import_ask(base: float, margin: float, s: float) -> float:
    """The unrounded ask of an import (economy.md §1.2)."""
    return 2 * base * (1 + margin / 100 * (5 - 3.25 * 2 ** (0.3 * s)))


def import_bid(base: float, margin: float, s: float) -> float:
    """The unrounded bid of an import (economy.md §1.2)."""
    return base * (1 + margin / 100 * (5 - 4 * 2 ** (0.3 * s)))


def exchange_ask(base: float, s: float) -> float:
    """The unrounded ask of an exchange good, approximate away from balance (economy.md §11.1).

    At least two credits above the base price: ICE_WATER with base 15 is quoted 17 when balanced.
    """
    z = 2 ** (-0.3 * s) - 1
    return max(base * (1.01 + (0.0175 if z >= 0 else 0.001) * z), base + 2)


def exchange_bid(base: float, s: float) -> float:
    """The unrounded bid of an exchange good, approximate away from balance (economy.md §11.1).

    Never within two credits of the base price, and at most 82 % of the ask of a good that is drained dry.
    """
    z = 2 ** (-0.3 * s) - 1
    bid = base * (0.99 + (0.0012 * z**1.6 if z >= 0 else 0.01 * z))
    if abs(bid - base) < 2:
        bid = base - 2
    if z <= 20:
        return bid
    # Where the cap sets in, it must not push the bid below what a fuller market pays.
    return min(bid, max(0.82 * exchange_ask(base, s), base * (0.99 + 0.0012 * 20**1.6)))


def _half_up(price: float) -> int:
    # A price that is half a credit by the law must not fall short of it by the error of 2 ** x.
    return math.floor(price + 0.5 + 1e-6)


@dataclass(frozen=True, slots=True)
class Quote:
    """A market-good's hidden state and the prices that follow from it. Margin is ignored for exchanges.

    Whole credits arise as in the captured system: an import's ask is twice a whole number (68 of 68 even), an
    export's bid is half of one, rounded up; the other two are rounded half up.
    """

    type: TradeType
    base: float
    margin: int
    net_supply: int
    trade_volume: int

    @property
    def s(self) -> float:
        """Net supply in trade volumes."""
        return self.net_supply / self.trade_volume

    @property
    def ask(self) -> int:
        """Credits per unit a buyer pays, at least 2."""
        return self.ask_at(self.net_supply)

    @property
    def bid(self) -> int:
        """Credits per unit a seller gets, at least 1."""
        return self.bid_at(self.net_supply)

    def ask_at(self, net_supply: int) -> int:
        """What a buyer would pay at another net supply, as after trades here."""
        s = net_supply / self.trade_volume
        match self.type:
            case TradeType.EXPORT:
                price = export_ask(self.base, self.margin, s)
            case TradeType.IMPORT:
                price = 2 * _half_up(import_ask(self.base, self.margin, s) / 2)
            case _:
                price = exchange_ask(self.base, s)
        return max(2, _half_up(price))

    def bid_at(self, net_supply: int) -> int:
        """What a seller would get at another net supply, as after trades here."""
        s = net_supply / self.trade_volume
        match self.type:
            case TradeType.EXPORT:
                price = _half_up(2 * export_bid(self.base, self.margin, s)) / 2
            case TradeType.IMPORT:
                price = import_bid(self.base, self.margin, s)
            case _:
                price = exchange_bid(self.base, s)
        return max(1, _half_up(price))

    @property
    def supply(self) -> Supply:
        """The label a market shows."""
        return label(self.s)


def label(s: float) -> Supply:
    """The supply label at ``s`` trade volumes of net supply (economy.md §3.1, edges as in §11.2)."""
    if s < -4:
        return Supply.SCARCE
    if s < -2:
        return Supply.LIMITED
    if s < 2:
        return Supply.MODERATE
    return Supply.HIGH if s < 4 else Supply.ABUNDANT


def lowest_net_supply(level: Supply, trade_volume: int) -> int | None:
    """The least net supply, in units, that carries the label; None for SCARCE, which has no floor."""
    edges = {Supply.LIMITED: -4, Supply.MODERATE: -2, Supply.HIGH: 2, Supply.ABUNDANT: 4}
    edge = edges.get(level)
    return None if edge is None else edge * trade_volume
