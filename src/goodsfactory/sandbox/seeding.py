"""The first state of a market-good, as drawn at a reset (economy.md §5.2, §11.8 and §11.9)."""

from __future__ import annotations

import random

from goodsfactory.domain.goods import FUEL, RAW_GOODS
from goodsfactory.domain.market import TradeType
from goodsfactory.domain.pricing import BASE_PRICES
from goodsfactory.sandbox import draws
from goodsfactory.sandbox.growth import next_volume
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.parameters import USUAL
from goodsfactory.sandbox.scenarios import Scenario

REFINED_GOODS = frozenset(
    {"ALUMINUM", "COPPER", "FERTILIZERS", "GOLD", "IRON", "PLASTICS", "PLATINUM", "SILVER"}
)
"""Goods one step away from raw ones: traded in bulk, and spared by a draining fleet."""

_BULK = RAW_GOODS | REFINED_GOODS | {FUEL, "FOOD", "FABRICS"}
_BULKY_SHIPWARE = frozenset({"SHIP_PARTS", "SHIP_PLATING"})
_EXOTIC_BASE = 10_000

_DEVELOPED_EXPORTS = (
    ((-5.5, -4.1), 3),
    ((-3.9, -2.1), 3),
    ((-1.9, 1.9), 6),
    ((2.1, 3.9), 10),
    ((4.1, 8.2), 17),
)
"""Stocks in trade volumes and how many exports of a developed system had them, by label (economy.md §8.5)."""
_DEVELOPED_IMPORTS = (((-8.5, -4.1), 50), ((-3.9, -2.1), 14), ((-1.9, 1.9), 9), ((2.1, 3.9), 3))
"""The same for imports: 50 of 76 SCARCE (§8.5), most of the dear ones drained to about -8 (§3.3)."""
_EXPORT_STEPS = (4, 5, 6, 7, 7, 7, 7, 7)
"""Exports end at seven steps, and most had reached them (§5.5)."""
_IMPORT_STEPS = (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
"""Import trade volumes of 8 to 111 were seen there (§5.4)."""
_DEEPEST = 111
"""The largest trade volume of the developed system (§8.5)."""


def first_trade_volume(symbol: str, type: TradeType) -> int:
    """The trade volume at a reset, in units (economy.md §5.2)."""
    if type is TradeType.EXCHANGE:
        return 18 if symbol == "ANTIMATTER" else 180
    if symbol in _BULKY_SHIPWARE or BASE_PRICES[symbol] >= _EXOTIC_BASE:
        return 6
    return 60 if symbol in _BULK else 20


def seed_good(symbol: str, type: TradeType, scenario: Scenario, source: random.Random) -> MarketGood:
    """Draw one market-good; activity is left to the market, which knows its neighbours."""
    trade_volume = first_trade_volume(symbol, type)
    young = _young_stock(symbol, type, trade_volume, source)
    drained = _drained_stock(trade_volume, type, source)
    margin = draws.margin(source, trade_volume)
    phase = source.uniform(1.0, 1799.0)
    if scenario is Scenario.DEVELOPED and type is not TradeType.EXCHANGE:
        return _developed(symbol, type, trade_volume, phase, source)
    spared = type is TradeType.EXCHANGE or (
        type is TradeType.EXPORT and symbol in RAW_GOODS | REFINED_GOODS | {FUEL}
    )
    return MarketGood(
        symbol=symbol,
        type=type,
        base=BASE_PRICES[symbol],
        margin=margin,
        trade_volume=trade_volume,
        net_supply=drained if scenario is Scenario.DRAINED and not spared else young,
        phase=phase,
    )


def _young_stock(symbol: str, type: TradeType, trade_volume: int, source: random.Random) -> int:
    if type is TradeType.EXCHANGE:
        return round(source.uniform(-0.5, 0.5) * trade_volume)
    if type is TradeType.EXPORT:
        low, high = {6: (90, 102), 20: (20, 100), 60: (60, 215)}[trade_volume]
        return source.randint(low, high)
    if BASE_PRICES[symbol] >= _EXOTIC_BASE:
        return -source.randint(90, 108)
    low, high = {6: (8, 50), 20: (5, 110), 60: (0, 280)}[trade_volume]
    return -source.randint(low, high)


def _developed(
    symbol: str, type: TradeType, trade_volume: int, phase: float, source: random.Random
) -> MarketGood:
    """A good that has been traded for weeks: grown, and its stock where a busy fleet leaves it."""
    is_export, first = type is TradeType.EXPORT, trade_volume
    steps = source.choice(_EXPORT_STEPS if is_export else _IMPORT_STEPS)
    for growths in range(steps):
        grown = next_volume(trade_volume, USUAL)
        if grown > (_DEEPEST if is_export else min(_DEEPEST, USUAL.import_per_first * first)):
            steps = growths
            break
        trade_volume = grown
    shares = _DEVELOPED_EXPORTS if is_export else _DEVELOPED_IMPORTS
    low, high = source.choices([span for span, _ in shares], [weight for _, weight in shares])[0]
    return MarketGood(
        symbol=symbol,
        type=type,
        base=BASE_PRICES[symbol],
        margin=draws.margin(source, trade_volume),
        trade_volume=trade_volume,
        net_supply=round(source.uniform(low, high) * trade_volume),
        phase=phase,
        growths=steps,
        first_volume=first,
    )


def _drained_stock(trade_volume: int, type: TradeType, source: random.Random) -> int:
    scarce = round(-source.uniform(4.1, 5.0) * trade_volume)
    limited = round(-source.uniform(2.5, 3.9) * trade_volume)
    is_limited = source.random() < 0.25
    return limited if type is TradeType.EXPORT and is_limited else min(scarce, -4 * trade_volume - 1)
