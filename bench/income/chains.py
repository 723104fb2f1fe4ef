"""Which chains are run: the best five by one rule, from the prices of the universe as it begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.market import TradeType
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.universe import Universe

CHAINS = 5

FED, EATEN = 0.75, 0.5
"""Trade volumes in half an hour that a fed export makes, and that a consumer eats (economy.md §4.2)."""


@dataclass(frozen=True)
class Chain:
    """A good that is made at ``site`` and sold to consumers, ``sink`` the dearest of them.

    ``worth`` is credits an hour: what the export makes while it is fed, no more than its consumers eat, times
    the best bid less the ask. Only markets that make nothing of the good count as consumers: others take in
    no more than they use themselves (§4.8, §4.9).
    """

    good: str
    site: str
    sink: str
    worth: int


def best_chains(universe: Universe, now: datetime, count: int = CHAINS) -> list[Chain]:
    """The ``count`` goods of most worth that the home system makes and eats."""
    traded = {
        place: {good.symbol: good for good in market.goods(now)}
        for place, market in universe.markets_in(universe.home.symbol).items()
    }
    best: dict[str, Chain] = {}
    for place, goods in traded.items():
        for good in goods.values():
            inputs = universe.recipes.get(good.symbol, ())
            makes = good.type is TradeType.EXPORT and inputs
            if not makes or any(i not in goods or goods[i].type is TradeType.EXPORT for i in inputs):
                continue
            eaters = _consumers(good.symbol, traded, universe.recipes)
            if not eaters:
                continue
            bid, sink = max((eater.bid, where) for where, eater in eaters.items())
            eaten = EATEN * sum(eater.trade_volume for eater in eaters.values())
            worth = 2 * min(FED * good.trade_volume, eaten) * (bid - good.ask)
            chain = Chain(good.symbol, place, sink, round(worth))
            if good.symbol not in best or chain.worth > best[good.symbol].worth:
                best[good.symbol] = chain
    return sorted(best.values(), key=lambda chain: (-chain.worth, chain.good))[:count]


def _consumers(
    good: str, traded: Mapping[str, Mapping[str, MarketGood]], recipes: Mapping[str, tuple[str, ...]]
) -> dict[str, MarketGood]:
    """The markets that import ``good`` and make nothing of it."""
    return {
        place: goods[good]
        for place, goods in traded.items()
        if good in goods
        and goods[good].type is TradeType.IMPORT
        and not any(
            good in recipes.get(other.symbol, ())
            for other in goods.values()
            if other.type is TradeType.EXPORT
        )
    }
