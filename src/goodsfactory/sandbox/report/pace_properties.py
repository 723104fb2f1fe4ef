"""P8, P9, P12 and P13: how fast markets produce, consume and grow (economy.md §4, §5 and §12)."""

from __future__ import annotations

import random
import statistics
from collections.abc import Mapping
from datetime import datetime, timedelta

from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.report.laboratory import EPOCH, TICK, clothing_factory, make_market, stand
from goodsfactory.sandbox.report.property import Bound, Property

_SAMPLES = 16
"""Factories per seed."""


def paces(seed: int) -> Mapping[str, float]:
    """P8: trade volumes gained or lost per half hour, by activity."""

    def pace(market: Market, symbol: str, ticks: int) -> float:
        before = stand(market, symbol, EPOCH).s
        return (stand(market, symbol, EPOCH + ticks * TICK).s - before) / ticks

    samples = range(seed * _SAMPLES, (seed + 1) * _SAMPLES)
    return {
        "RESTRICTED export": pace(clothing_factory(-2, -6, seed=seed), "CLOTHING", 10),
        "STRONG export": pace(clothing_factory(-5, 0, seed=seed), "CLOTHING", 2),
        "GROWING export, mean": statistics.mean(
            pace(clothing_factory(-1.5, 7, seed=sample), "CLOTHING", 2) for sample in samples
        ),
        "WEAK import": pace(make_market(("DRUGS", TradeType.IMPORT, 20, 0), seed=seed), "DRUGS", 9),
    }


def level_times(seed: int) -> Mapping[str, float]:
    """P9: minutes from one change of level to the next rise, of exports that a hauler keeps lifting."""
    fed = [_rises(clothing_factory(2, 3, seed=seed * 100 + number), True, number) for number in range(12)]
    starved = [
        _rises(clothing_factory(2, -6, seed=seed * 100 + number), False, number) for number in range(12)
    ]
    fed_mean = statistics.mean(minutes for one in fed for minutes in one)
    starved_mean = statistics.mean(minutes for one in starved for minutes in one)
    return {
        "fed, mean minutes": fed_mean,
        "fed, median minutes": statistics.median(minutes for one in fed for minutes in one),
        "RESTRICTED / fed": starved_mean / fed_mean,
    }


def _rises(market: Market, fed: bool, number: int) -> list[float]:
    """Look every three minutes for a day, as the bot that measured it did (§4.5).

    A hauler of 40 calls every 20 to 45 minutes and lifts while the good is HIGH.
    """
    chance = random.Random(number)
    now, next_visit = EPOCH, EPOCH
    level, since, minutes = stand(market, "CLOTHING", EPOCH).supply, EPOCH, list[float]()
    while now < EPOCH + timedelta(hours=24):
        now += timedelta(minutes=3)
        while fed and stand(market, "FABRICS", now).s < 2:
            market.sell("FABRICS", 60, now)
        clothing = stand(market, "CLOTHING", now)
        if clothing.supply is not level:
            if clothing.supply.rank > level.rank and since > EPOCH:
                minutes.append((now - since) / timedelta(minutes=1))
            level, since = clothing.supply, now
        if now >= next_visit:
            for _ in range(2):
                if clothing.supply.at_least(Supply.HIGH):
                    market.buy("CLOTHING", clothing.trade_volume, now)
            next_visit = now + timedelta(minutes=chance.randint(20, 45))
            if clothing.supply is not level:
                level, since = clothing.supply, now
    return minutes


def caps(seed: int) -> Mapping[str, float]:
    """P12: where stocks stop that players keep awake for twenty days, and lift from without ever feeding."""
    awake = make_market(
        ("CLOTHING", TradeType.EXPORT, 20, 0),
        ("FABRICS", TradeType.IMPORT, 60, 0),
        ("DRUGS", TradeType.IMPORT, 20, 0),
        seed=seed,
        growing=True,
    )
    lifted = make_market(
        ("MEDICINE", TradeType.EXPORT, 43, 0),
        ("BIOCOMPOSITES", TradeType.EXPORT, 39, 0),
        ("FABRICS", TradeType.IMPORT, 28, 0),
        ("POLYNUCLEOTIDES", TradeType.IMPORT, 20, 0),
        seed=seed,
    )
    stocks: list[float] = []
    for hour in range(0, 480, 6):
        now = EPOCH + timedelta(hours=hour)
        for symbol in ("CLOTHING", "DRUGS"):
            awake.buy(symbol, 1, now)
            awake.sell(symbol, 1, now)
        for symbol in ("MEDICINE", "BIOCOMPOSITES"):
            while (good := stand(lifted, symbol, now)).s > -3:
                lifted.buy(symbol, good.trade_volume // 2, now)
        stocks.extend(good.s for market in (awake, lifted) for good in market.goods(now))
    return {"highest s": max(stocks), "lowest s": min(stocks)}


def growth(seed: int) -> Mapping[str, float]:
    """P13: trade volumes climb ceil(1.1 tv) while fed and short, and seldom or never otherwise.

    Fed is what has HIGH inputs; with MODERATE ones an export grows now and then (operations.md §10 S6). An
    import ends at three times its first trade volume, and at three times its export's (S5).
    """
    grown = [_clothing(_overlifted(seed * _SAMPLES + number, 4)) for number in range(6)]
    halfway = [_clothing(_overlifted(seed * _SAMPLES + number, 4, fed_to=0)) for number in range(12)]
    works = _overlifted(seed, 48)
    old, fabrics = _clothing(works), stand(works, "FABRICS", EPOCH)
    sink = _oversold(seed)
    ladder = [20, 22, 25, 28, 31, 35, 39, 43]
    rested = [clothing_factory(3, 5, seed=seed * 100 + number, growing=True) for number in range(20)]
    unfed = [clothing_factory(-3.75, -5, seed=seed * 100 + number, growing=True) for number in range(40)]
    later = EPOCH + timedelta(hours=10)
    unfed_steps = sorted(stand(market, "CLOTHING", later).growths for market in unfed)
    return {
        "fewest steps in 4 h": min(good.growths for good in grown),
        "most steps in 4 h": max(good.growths for good in grown),
        "steps in 48 h": old.growths,
        "mean steps in 4 h, inputs MODERATE": statistics.mean(good.growths for good in halfway),
        "import / first volume": sink.trade_volume / sink.first_volume,
        "import / export": fabrics.trade_volume / old.trade_volume,
        "share on the ladder": statistics.mean(
            good.trade_volume == ladder[good.growths] for good in (*grown, old)
        ),
        "most steps while HIGH": max(stand(market, "CLOTHING", later).growths for market in rested),
        "steps unfed in 10 h, 19 of 20": unfed_steps[len(unfed_steps) * 19 // 20 - 1],
        "steps unfed in 10 h, most": unfed_steps[-1],
    }


def _overlifted(seed: int, hours: float, fed_to: float = 2) -> Market:
    """A factory whose input is kept at ``fed_to`` trade volumes and whose output is kept at LIMITED."""
    market = clothing_factory(-3, fed_to + 1.3, seed=seed, growing=True)
    now: datetime = EPOCH
    while now <= EPOCH + timedelta(hours=hours):
        while (fabrics := stand(market, "FABRICS", now)).s < fed_to:
            market.sell("FABRICS", fabrics.first_volume, now)
        while (clothing := stand(market, "CLOTHING", now)).s > -2.5:
            market.buy("CLOTHING", clothing.trade_volume // 2, now)
        now += timedelta(minutes=5)
    return market


def _oversold(seed: int) -> MarketGood:
    """A sink that is sold a trade volume whenever it is hungry, for three weeks."""
    market = make_market(("DRUGS", TradeType.IMPORT, 20, -4), seed=seed, growing=True)
    now = EPOCH
    while now <= EPOCH + timedelta(days=21):
        while (drugs := stand(market, "DRUGS", now)).s < 0:
            market.sell("DRUGS", drugs.trade_volume, now)
        now += timedelta(hours=2)
    return stand(market, "DRUGS", now)


def _clothing(market: Market) -> MarketGood:
    """The output as it stood last: an earlier instant does not turn time back."""
    return stand(market, "CLOTHING", EPOCH)


P8 = Property(
    "P8",
    (
        Bound("RESTRICTED export", 0.17, 0.23),
        Bound("STRONG export", 0.95, 1.05),
        Bound("GROWING export, mean", 0.65, 0.95),
        Bound("WEAK import", -0.24, -0.16),
    ),
    paces,
)
P9 = Property(
    "P9",
    (
        Bound("fed, mean minutes", 20, 30, 0),
        Bound("fed, median minutes"),
        Bound("RESTRICTED / fed", 1.5, None, 1),
    ),
    level_times,
)
P12 = Property("P12", (Bound("highest s", None, 9), Bound("lowest s", -9, None)), caps)
P13 = Property(
    "P13",
    (
        Bound("fewest steps in 4 h", 4, 7, 0),
        Bound("most steps in 4 h", 4, 7, 0),
        Bound("steps in 48 h", None, 7, 0),
        Bound("mean steps in 4 h, inputs MODERATE", None, 2, 1),
        Bound("import / first volume", 2, 3),
        Bound("import / export", None, 3),
        Bound("share on the ladder", 1, 1),
        Bound("most steps while HIGH", None, 0, 0),
        Bound("steps unfed in 10 h, 19 of 20", None, 1, 0),
        Bound("steps unfed in 10 h, most", digits=0),
    ),
    growth,
)
