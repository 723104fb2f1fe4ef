"""Markets to measure in: single factories with known stocks, and whole home systems that are traded in."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.pricing import BASE_PRICES
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.parameters import EconomyParameters
from goodsfactory.sandbox.universe import Universe

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
TICK = timedelta(minutes=30)
DEAR = 1000
"""Base price in credits from which whole credits are fine enough to measure with (economy.md §12, P1)."""

FIXED_VOLUMES = EconomyParameters(growth_fed=0, growth_otherwise=0, growth_import=0, growth_idle=0)
"""Trade volumes that never grow, so that a price or a pace can be measured alone."""


def make_market(
    *goods: tuple[str, TradeType, int, float], seed: int, growing: bool = False, margin: int = 8
) -> Market:
    """A market of (symbol, type, trade volume, net supply in trade volumes), all of one margin."""
    return Market(
        f"X1-LAB{seed}-A1",
        [
            MarketGood(symbol, type, BASE_PRICES[symbol], margin, volume, round(s * volume))
            for symbol, type, volume, s in goods
        ],
        recipes=RecipeMap.bundled().imports_of,
        epoch=EPOCH,
        seed=seed,
        parameters=None if growing else FIXED_VOLUMES,
    )


def clothing_factory(output: float, fabrics: float, *, seed: int, growing: bool = False) -> Market:
    """CLOTHING of trade volume 20 made of FABRICS; both net supplies in trade volumes."""
    return make_market(
        ("CLOTHING", TradeType.EXPORT, 20, output),
        ("FABRICS", TradeType.IMPORT, 60, fabrics),
        seed=seed,
        growing=growing,
    )


def stand(market: Market, symbol: str, now: datetime) -> MarketGood:
    """A good that the market is known to trade."""
    good = market.good(symbol, now)
    if good is None:
        raise LookupError(f"{market.waypoint} does not trade {symbol}")
    return good


def home(seed: int, *, growing: bool = True) -> Universe:
    """A young home system."""
    return generate_universe(seed, epoch=EPOCH, parameters=None if growing else FIXED_VOLUMES)


def everything(universe: Universe, now: datetime) -> Iterator[tuple[Market, MarketGood]]:
    """Every market-good of a small universe as it stands."""
    for market in universe.markets.values():
        for good in market.goods(now):
            yield market, good


def trade_for_a_day(universe: Universe, seed: int) -> Mapping[tuple[str, str], list[MarketGood]]:
    """Mixed trading in dear goods: the quotes of every half hour, as snapshots by (waypoint, good).

    A quarter of the exports is bought from and of the imports sold into at each half hour, one to six trade
    volumes at a time; nobody buys where it is SCARCE or sells where it is ABUNDANT (§9.10).
    """
    chance = random.Random(seed)
    series: dict[tuple[str, str], list[MarketGood]] = {}
    for step in range(48):
        now = EPOCH + step * TICK
        for market, good in everything(universe, now):
            if good.type is TradeType.EXCHANGE or good.base < DEAR:
                continue
            series.setdefault((market.waypoint, good.symbol), []).append(snapshot(good))
            if chance.random() >= 0.25:
                continue
            for _ in range(chance.randint(1, 6)):
                if good.type is TradeType.EXPORT and good.supply is not Supply.SCARCE:
                    market.buy(good.symbol, good.trade_volume, now)
                elif good.type is TradeType.IMPORT and good.supply is not Supply.ABUNDANT:
                    market.sell(good.symbol, good.trade_volume, now)
    return series


def snapshot(good: MarketGood) -> MarketGood:
    """The good as it is now, unmoved by what comes."""
    return MarketGood(
        good.symbol,
        good.type,
        good.base,
        good.margin,
        good.trade_volume,
        good.net_supply,
        good.activity,
        growths=good.growths,
    )
