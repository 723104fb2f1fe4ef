"""What is assumed of a market that nobody has looked at (economy.md §5.2, §8.4, §8.5 and §9.5).

A system is rested, developed, or drained by somebody's fleet. Which of them is told by the markets that were
seen; each replay draws one of the three, as likely as they make it, and then every unseen stock after it.
"""

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.goods import FUEL, RAW_GOODS, Good
from goodsfactory.domain.market import MarketSnapshot, Supply, TradeType
from goodsfactory.planning.quote.beliefs import TICK
from goodsfactory.planning.quote.market_model import GoodModel, draw_margin

_REFINED = frozenset({"ALUMINUM", "COPPER", "FERTILIZERS", "GOLD", "IRON", "PLASTICS", "PLATINUM", "SILVER"})
_BULK = RAW_GOODS | _REFINED | {FUEL, "FOOD", "FABRICS"}
_BULKY = ("SHIP_PARTS", "SHIP_PLATING")
_EXOTIC_BASE = 10_000
_USUAL_BASE = 1_500.0
"""A guess for a good whose base price nobody knows: the middle of those that are."""

_MIDDLE = {Supply.SCARCE: -5.0, Supply.LIMITED: -3.0, Supply.MODERATE: 0.0, Supply.HIGH: 3.0}


class Condition(StrEnum):
    """In what state a system is as a whole."""

    RESTED = "rested"
    DEVELOPED = "developed"
    DRAINED = "drained"


Shares = Mapping[Supply, float]

_EXPORTS: Mapping[Condition, Shares] = {
    Condition.RESTED: {Supply.ABUNDANT: 0.37, Supply.HIGH: 0.5, Supply.MODERATE: 0.13},
    Condition.DEVELOPED: {
        Supply.SCARCE: 0.08,
        Supply.LIMITED: 0.08,
        Supply.MODERATE: 0.15,
        Supply.HIGH: 0.26,
        Supply.ABUNDANT: 0.43,
    },
    Condition.DRAINED: {Supply.SCARCE: 0.7, Supply.LIMITED: 0.25, Supply.MODERATE: 0.05},
}
"""Shares of labels among exports that are made of something: rested between the reset (§11.9) and three days
after it (§8.4), developed as in §8.5, drained by a fleet as in §9.5."""

_IMPORTS: Mapping[Condition, Shares] = {
    Condition.RESTED: {Supply.SCARCE: 0.36, Supply.LIMITED: 0.43, Supply.MODERATE: 0.21},
    Condition.DEVELOPED: {
        Supply.SCARCE: 0.66,
        Supply.LIMITED: 0.18,
        Supply.MODERATE: 0.12,
        Supply.HIGH: 0.04,
    },
    Condition.DRAINED: {Supply.SCARCE: 0.96, Supply.LIMITED: 0.04},
}

_SURPRISE = 0.01
"""Chance of a label that a condition does not name: nothing seen rules one out altogether."""

_SPANS: Mapping[Supply, tuple[float, float]] = {
    Supply.SCARCE: (-5.0, -4.0),
    Supply.LIMITED: (-4.0, -2.0),
    Supply.MODERATE: (-2.0, 2.0),
    Supply.HIGH: (2.0, 4.0),
    Supply.ABUNDANT: (4.0, 6.0),
}
"""Net supply in trade volumes behind a label (§3.1); the outer ones as far as they were usually seen."""

_SHALLOW = 10
_FAR_OUT = (15.0, 17.0)
"""Stocks are drawn in units, so goods of the smallest trade volume start this far out (§3.3, §11.9)."""


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


@dataclass(frozen=True)
class Priors:
    """How likely each condition is, in the order of ``Condition``."""

    weights: tuple[float, ...]

    @classmethod
    def after(cls, seen: Iterable[GoodModel]) -> "Priors":
        """After what was seen of other markets of the system; all alike where that is nothing."""
        logs = dict.fromkeys(Condition, 0.0)
        for good in seen:
            for condition in Condition:
                if (shares := _shares(good.good, good.type, condition)) is not None:
                    logs[condition] += math.log(shares.get(good.supply, _SURPRISE))
        most = max(logs.values())
        return cls(tuple(math.exp(value - most) for value in logs.values()))

    def condition(self, chance: random.Random) -> Condition:
        """The condition of one replay."""
        return chance.choices(list(Condition), self.weights)[0]


def draw_market(market: MarketSnapshot, condition: Condition, chance: random.Random) -> list[GoodModel]:
    """Every good of a market never seen, as it may be at second 0."""
    lists: Sequence[tuple[TradeType, frozenset[Good]]] = (
        (TradeType.EXPORT, market.exports),
        (TradeType.IMPORT, market.imports),
        (TradeType.EXCHANGE, market.exchange),
    )
    return [_draw(good, kind, condition, chance) for kind, names in lists for good in sorted(names)]


def _draw(good: Good, kind: TradeType, condition: Condition, chance: random.Random) -> GoodModel:
    volume = first_trade_volume(good, kind)
    shares = _shares(good, kind, condition)
    if kind is TradeType.EXCHANGE:
        stock = chance.uniform(-0.5, 0.5)
    else:
        shares = shares or _EXPORTS[Condition.RESTED]
        label = chance.choices(list(shares), list(shares.values()))[0]
        stock = chance.uniform(*_SPANS[label])
        if label is Supply.ABUNDANT and kind is TradeType.EXPORT and volume < _SHALLOW:
            stock = chance.uniform(*_FAR_OUT)
        elif label is Supply.SCARCE and kind is TradeType.IMPORT and base_price(good) >= _EXOTIC_BASE:
            stock = -chance.uniform(*_FAR_OUT)
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


def _shares(good: Good, kind: TradeType, condition: Condition) -> Shares | None:
    """What a condition says of a good's label; None where it says nothing: raw goods are always to be had."""
    if kind is TradeType.IMPORT:
        return _IMPORTS[condition]
    if kind is TradeType.EXPORT and good not in RAW_GOODS | _REFINED | {FUEL}:
        return _EXPORTS[condition]
    return None
