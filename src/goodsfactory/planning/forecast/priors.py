"""What is assumed of a market that nobody has looked at (economy.md §5.2, §8.4 and §11.9)."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.goods import FUEL, RAW_GOODS, Good
from goodsfactory.domain.market import MarketSnapshot, Supply, TradeType
from goodsfactory.planning.forecast.beliefs import TICK
from goodsfactory.planning.forecast.market_model import GoodModel, draw_margin

_REFINED = ("ALUMINUM", "COPPER", "FERTILIZERS", "GOLD", "IRON", "PLASTICS", "PLATINUM", "SILVER")
_BULK = RAW_GOODS | {*_REFINED, FUEL, "FOOD", "FABRICS"}
_BULKY = ("SHIP_PARTS", "SHIP_PLATING")
_EXOTIC_BASE = 10_000
_USUAL_BASE = 1_500.0
"""A guess for a good whose base price nobody knows: the middle of those that are."""

_ENOUGH_SEEN = 6
"""So many listings of a kind tell more about a system than what was measured in others."""

_UNTOUCHED: Mapping[TradeType, Sequence[tuple[tuple[float, float], int]]] = {
    TradeType.EXPORT: (((4.0, 6.0), 49), ((2.0, 4.0), 51)),
    TradeType.IMPORT: (((-6.0, -4.0), 43), ((-4.0, -2.0), 49), ((-2.0, 0.0), 9)),
    TradeType.EXCHANGE: (((-0.5, 0.5), 1),),
}
"""Stock in trade volumes and how many of a hundred markets had it, three days after a reset (§8.4)."""

_MIDDLE = {Supply.SCARCE: -5.0, Supply.LIMITED: -3.0, Supply.MODERATE: 0.0, Supply.HIGH: 3.0}


def first_trade_volume(good: Good, type: TradeType) -> int:
    """The trade volume at a reset (§5.2)."""
    if type is TradeType.EXCHANGE:
        return 18 if good == "ANTIMATTER" else 180
    if good in _BULKY or base_price(good) >= _EXOTIC_BASE:
        return 6
    return 60 if good in _BULK else 20


def base_price(good: Good) -> float:
    return BASE_PRICES.get(good, _USUAL_BASE)


def middle_of(supply: Supply) -> float:
    """A net supply, in trade volumes, for a label of which nothing more can be read."""
    return _MIDDLE.get(supply, 5.0)


@dataclass
class Priors:
    """Draws of what was not seen: like the measured shares, or like the markets of the system seen so far."""

    stocks: dict[TradeType, list[float]] = field(default_factory=dict)

    @classmethod
    def after(cls, goods: Iterable[GoodModel]) -> "Priors":
        """Like these goods, where they are enough of a kind."""
        stocks: dict[TradeType, list[float]] = {}
        for good in goods:
            stocks.setdefault(good.type, []).append(good.s)
        return cls({kind: found for kind, found in stocks.items() if len(found) >= _ENOUGH_SEEN})

    def draw(self, market: MarketSnapshot, chance: random.Random) -> list[GoodModel]:
        """Every good of a market never seen, as it may be at second 0."""
        return [
            self._draw(good, kind, chance)
            for kind, names in (
                (TradeType.EXPORT, market.exports),
                (TradeType.IMPORT, market.imports),
                (TradeType.EXCHANGE, market.exchange),
            )
            for good in sorted(names)
        ]

    def _draw(self, good: Good, kind: TradeType, chance: random.Random) -> GoodModel:
        volume = first_trade_volume(good, kind)
        if kind in self.stocks:
            stock = chance.choice(self.stocks[kind]) + chance.gauss(0.0, 0.5)
        else:
            spans = _UNTOUCHED[kind]
            low, high = chance.choices([span for span, _ in spans], [weight for _, weight in spans])[0]
            stock = chance.uniform(low, high)
        return GoodModel(
            good=good,
            type=kind,
            base=base_price(good),
            margin=draw_margin(volume, chance),
            trade_volume=volume,
            net_supply=round(stock * volume),
            next_tick=chance.uniform(0.0, TICK),
            carry=chance.random(),
        )
