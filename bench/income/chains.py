"""Which chains are run: the best five by one rule, from the prices of the universe as it begins."""

from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.market import TradeType
from goodsfactory.sandbox.universe import Universe

CHAINS = 5


@dataclass(frozen=True)
class Chain:
    """A good that is made at ``site`` and sold at ``sink``; ``worth`` credits for half an hour of production.

    ``worth`` is the trade volume of the export (what a market makes in a step at best, economy.md §4.2) times
    the best bid of an importer less the ask of the export.
    """

    good: str
    site: str
    sink: str
    worth: int


def best_chains(universe: Universe, now: datetime, count: int = CHAINS) -> list[Chain]:
    """The ``count`` goods of most worth that the home system makes and imports."""
    best: dict[str, Chain] = {}
    markets = universe.markets_in(universe.home.symbol)
    bids: dict[str, list[tuple[int, str]]] = {}
    for place, market in markets.items():
        for good in market.goods(now):
            if good.type is TradeType.IMPORT:
                bids.setdefault(good.symbol, []).append((good.bid, place))
    for place, market in markets.items():
        traded = {good.symbol: good for good in market.goods(now)}
        for good in traded.values():
            inputs = universe.recipes.get(good.symbol, ())
            if good.type is not TradeType.EXPORT or good.symbol not in bids or not inputs:
                continue
            if any(item not in traded or traded[item].type is TradeType.EXPORT for item in inputs):
                continue
            bid, sink = max(bids[good.symbol])
            chain = Chain(good.symbol, place, sink, good.trade_volume * (bid - good.ask))
            if good.symbol not in best or chain.worth > best[good.symbol].worth:
                best[good.symbol] = chain
    return sorted(best.values(), key=lambda chain: (-chain.worth, chain.good))[:count]
