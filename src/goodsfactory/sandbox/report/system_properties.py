"""P7, P10 and P11: what a whole home system looks like, traded in or left alone (economy.md §12)."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.report.laboratory import EPOCH, everything, home, trade_for_a_day
from goodsfactory.sandbox.report.property import Bound, Property
from goodsfactory.sandbox.universe import Universe

_HOMES = 6
"""Home systems per seed where shares of 35 or 68 market-goods are judged: one alone is a small sample."""


def rank_correlation(seed: int) -> Mapping[str, float]:
    """P7: supply level and ask move against each other over a day of mixed trading."""
    correlations = []
    for goods in trade_for_a_day(home(seed), seed).values():
        levels, asks = [good.supply.rank for good in goods], [good.ask for good in goods]
        if len(set(levels)) > 1 and len(set(asks)) > 1:
            correlations.append(statistics.correlation(_ranks(levels), _ranks(asks)))
    return {"mean correlation": statistics.mean(correlations)}


def activity_rules(seed: int) -> Mapping[str, float]:
    """P10: what activities tell of inputs and products."""
    counts: Counter[str] = Counter()
    for place in _homes(seed):
        for market in place.markets.values():
            goods = {good.symbol: good for good in market.goods(EPOCH + timedelta(hours=30))}
            users: dict[str, list[MarketGood]] = {}
            for export in market.exports:
                inputs = [goods[name] for name in place.recipes.get(export, ()) if name in market.imports]
                for item in inputs:
                    users.setdefault(item.symbol, []).append(goods[export])
                if inputs:
                    worst = min(inputs, key=lambda good: good.supply.rank).supply
                    activity = goods[export].activity
                    counts["scarce"] += worst is Supply.SCARCE
                    counts["restricted"] += activity is Activity.RESTRICTED
                    counts["both"] += worst is Supply.SCARCE and activity is Activity.RESTRICTED
                    counts["limited"] += worst is Supply.LIMITED
                    counts["weak"] += worst is Supply.LIMITED and activity is Activity.WEAK
            for name in market.imports:
                if goods[name].activity is Activity.RESTRICTED:
                    counts["blocked"] += 1
                    counts["sinks blocked"] += name not in users
                    counts["rightly blocked"] += all(
                        user.supply is Supply.ABUNDANT for user in users.get(name, ())
                    )
    return {
        "P(RESTRICTED | worst SCARCE)": counts["both"] / counts["scarce"],
        "P(worst SCARCE | RESTRICTED)": counts["both"] / counts["restricted"],
        "P(WEAK | worst LIMITED)": counts["weak"] / counts["limited"],
        "P(users ABUNDANT | import RESTRICTED)": counts["rightly blocked"] / counts["blocked"],
        "RESTRICTED sinks": counts["sinks blocked"],
    }


def untouched(seed: int) -> Mapping[str, float]:
    """P11: young systems three days alone."""
    goods, drifts = list[MarketGood](), list[float]()
    for place in _homes(seed):
        first = {
            (market.waypoint, good.symbol): good.ask
            for market, good in everything(place, EPOCH)
            if good.type is TradeType.EXPORT
        }
        for market, good in everything(place, EPOCH + timedelta(days=3)):
            goods.append(good)
            if good.type is TradeType.EXPORT:
                change = good.ask / first[market.waypoint, good.symbol]
                drifts.append(100 * (change ** (1 / 3) - 1))
    shares = {f"young {figure}": share for figure, share in label_shares(goods).items()}
    return {**shares, "young ask drift % a day": statistics.mean(drifts)}


def label_shares(goods: Iterable[MarketGood]) -> Mapping[str, float]:
    """The shares of labels that P11 speaks of; 0 where a system has no good of the kind."""
    labels: dict[TradeType, Counter[Supply]] = {type: Counter() for type in TradeType}
    for good in goods:
        labels[good.type][good.supply] += 1

    def share(type: TradeType, *levels: Supply) -> float:
        counts = labels[type]
        return sum(counts[level] for level in levels) / max(1, counts.total())

    return {
        "exports HIGH+ABUNDANT": share(TradeType.EXPORT, Supply.HIGH, Supply.ABUNDANT),
        "exports ABUNDANT": share(TradeType.EXPORT, Supply.ABUNDANT),
        "imports SCARCE": share(TradeType.IMPORT, Supply.SCARCE),
        "imports LIMITED": share(TradeType.IMPORT, Supply.LIMITED),
        "imports MODERATE": share(TradeType.IMPORT, Supply.MODERATE),
        "exchange MODERATE": share(TradeType.EXCHANGE, Supply.MODERATE),
    }


def _homes(seed: int) -> Sequence[Universe]:
    return [home(seed * _HOMES + number) for number in range(_HOMES)]


def _ranks(values: Sequence[int]) -> list[float]:
    """Ranks with ties shared, as Spearman's correlation wants them."""
    order = sorted(values)
    return [order.index(value) + (order.count(value) - 1) / 2 for value in values]


P7 = Property("P7", (Bound("mean correlation", None, -0.85),), rank_correlation)
P10 = Property(
    "P10",
    (
        Bound("P(RESTRICTED | worst SCARCE)", 0.97, None),
        Bound("P(worst SCARCE | RESTRICTED)", 0.97, None),
        Bound("P(WEAK | worst LIMITED)", 0.95, None),
        Bound("P(users ABUNDANT | import RESTRICTED)", 0.97, None),
        Bound("RESTRICTED sinks", None, 0, 0),
    ),
    activity_rules,
)
P11 = Property(
    "P11",
    (
        Bound("young exports HIGH+ABUNDANT", 0.90, None),
        Bound("young exports ABUNDANT", 0.35, 0.65),
        Bound("young imports SCARCE", 0.30, 0.55),
        Bound("young imports LIMITED", 0.35, 0.60),
        Bound("young imports MODERATE", None, 0.20),
        Bound("young exchange MODERATE", 0.85, None),
        Bound("young ask drift % a day", -6, -1, 1),
    ),
    untouched,
)
