"""What a system looks like in figures, so that a generated one can be laid beside a captured one."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path

from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.sandbox.captured import load_universe, reproduced
from goodsfactory.sandbox.report.captured_figures import CAPTURED_FIGURES
from goodsfactory.sandbox.report.laboratory import EPOCH, home
from goodsfactory.sandbox.universe import Universe, Waypoint

Figures = Mapping[str, float]

CAPTURED_AGE = timedelta(days=3)
"""How old the captured system was when it was captured, untouched but by one new agent (economy.md §8.4)."""


def side_by_side(seeds: Sequence[int], captured: Path | None) -> list[dict[str, object]]:
    """Rows of figure, captured value and the mean over young home systems of the captured one's age.

    ``captured`` is a folder of captured answers; without one the known captured system stands there. Raises
    ValueError when the folder cannot be read.
    """
    if captured is None:
        real: Figures = CAPTURED_FIGURES
    else:
        real = figures_of(load_universe(captured, seed=0, epoch=EPOCH), EPOCH)
    young = [figures_of(home(seed), EPOCH + CAPTURED_AGE) for seed in seeds]
    return [
        {
            "figure": name,
            "captured": real[name],
            "young": round(statistics.mean(one[name] for one in young), 3),
            "lowest": min(one[name] for one in young),
            "highest": max(one[name] for one in young),
        }
        for name in young[0]
        if name in real
    ]


def share_of(captured: Path) -> dict[str, object]:
    """How many listings of a captured system the price law gives, ask and bid to the credit and the label.

    ``left_out`` names the others and says why. Raises ValueError when the folder cannot be read.
    """
    found = reproduced(captured, seed=0, epoch=EPOCH)
    return {
        "universe": load_universe(captured, seed=0, epoch=EPOCH).name,
        "listings": found.listings,
        "reproduced": found.listings - len(found.left_out),
        "share": round(found.share, 4),
        "left_out": [
            {"waypoint": left.waypoint, "good": left.good, "why": left.why} for left in found.left_out
        ],
    }


def figures_of(universe: Universe, now: datetime) -> Figures:
    """Counts, shares of labels and activities by list, prices in units of B, and distances of a home."""
    markets = universe.markets_in(universe.home.symbol)
    goods = [good for market in markets.values() for good in market.goods(now)]
    types = Counter(waypoint.type for waypoint in universe.home.waypoints.values())
    figures: dict[str, float] = {
        "waypoints": types.total(),
        **{f"waypoints {type}": types[type] for type in sorted(types)},
        "markets": len(markets),
        "shipyards": len(universe.shipyards_in(universe.home.symbol)),
    }
    for type in TradeType:
        mine = [good for good in goods if good.type is type]
        figures[f"{type} entries"] = len(mine)
        for level in Supply:
            figures[f"{type} {level}"] = _share(good.supply is level for good in mine)
        if type is not TradeType.EXCHANGE:
            for activity in Activity:
                figures[f"{type} {activity}"] = _share(good.activity is activity for good in mine)
        figures[f"{type} ask/B, median"] = _median(good.ask / good.base for good in mine)
        figures[f"{type} bid/B, median"] = _median(good.bid / good.base for good in mine)
        figures[f"{type} ask/bid, median"] = _median(good.ask / good.bid for good in mine)
    figures.update(_distances(universe, markets))
    return {name: round(value, 3) for name, value in figures.items()}


def _distances(universe: Universe, markets: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    spots = [universe.home.waypoints[symbol] for symbol in markets]
    yield "markets within 200", sum(math.hypot(spot.x, spot.y) <= 200 for spot in spots)
    # A partial capture may hold too little for a distance.
    if pairs := sorted(_apart(one, other) for one, other in combinations(spots, 2)):
        yield "market to market, p10", pairs[len(pairs) // 10]
        yield "market to market, median", statistics.median(pairs)
        yield "market to market, p90", pairs[len(pairs) * 9 // 10]
        yield "market to market, most", pairs[-1]
    if nearest := sorted(_to_nearest_source(universe)):
        yield "import to nearest source, p25", nearest[len(nearest) // 4]
        yield "import to nearest source, median", statistics.median(nearest)
        yield "import to nearest source, p75", nearest[len(nearest) * 3 // 4]
        yield "import to nearest source, most", nearest[-1]
    yield "imports with a source", len(nearest)


def _to_nearest_source(universe: Universe) -> Iterator[float]:
    waypoints, markets = universe.home.waypoints, universe.markets_in(universe.home.symbol)
    sources: dict[str, list[Waypoint]] = {}
    for symbol, market in markets.items():
        for good in (*market.exports, *market.exchange):
            sources.setdefault(good, []).append(waypoints[symbol])
    for symbol, market in markets.items():
        for good in market.imports:
            if good in sources:
                yield min(_apart(waypoints[symbol], source) for source in sources[good])


def _apart(one: Waypoint, other: Waypoint) -> float:
    return math.dist((one.x, one.y), (other.x, other.y))


def _share(verdicts: Iterable[bool]) -> float:
    found = list(verdicts)
    return sum(found) / len(found) if found else 0.0


def _median(values: Iterable[float]) -> float:
    found = list(values)
    return statistics.median(found) if found else 0.0
