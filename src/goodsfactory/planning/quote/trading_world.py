"""The markets of a replay: as they are in the model, and as ships have last seen them."""

import random
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.market.priors import Priors, draw_market
from goodsfactory.planning.market.selling import choose_sink
from goodsfactory.planning.market.spreading import mean_bid
from goodsfactory.planning.quote.beliefs import Beliefs
from goodsfactory.planning.quote.market_model import GoodModel, MarketModel
from goodsfactory.planning.quote.reading import read_market
from goodsfactory.planning.quote.scene import Scene


class TradingWorld:
    """``seen`` is what decisions are made from; ``now`` is seconds since the start of the replay.

    What changes of the goods of ``interest`` is news.
    """

    def __init__(self, scene: Scene, beliefs: Beliefs, chance: random.Random) -> None:
        self._start = scene.now
        self._recipes = scene.situation.recipes.imports_of
        self._chart = scene.situation.chart
        self._beliefs = beliefs
        self._chance = chance
        self.seen = dict(scene.situation.markets)
        self.interest: Collection[Good] = ()
        self._models: dict[str, MarketModel] = {}
        read = {
            market.waypoint: self._read(scene, market)
            for market in self.seen.values()
            if market.observed_at is not None
        }
        seen = Priors.after(good for goods in read.values() for good in goods)
        self._condition = seen.condition(chance)
        for waypoint, goods in read.items():
            self._models[waypoint] = self._model(waypoint, goods + self._unread(self.seen[waypoint]))

    def instant(self, now: float) -> datetime:
        return self._start + timedelta(seconds=now)

    def market(self, waypoint: str) -> MarketModel:
        """The model of a market; one that was never seen is drawn when somebody gets there."""
        if waypoint not in self._models:
            goods = draw_market(self.seen[waypoint], self._condition, self._chance)
            self._models[waypoint] = self._model(waypoint, goods)
        return self._models[waypoint]

    def look(self, waypoint: str, now: float) -> bool:
        """A ship of ours sees the prices. True where that is news."""
        before = self.seen[waypoint]
        listings = self.market(waypoint).listings(now)
        self.seen[waypoint] = replace(before, listings=listings, observed_at=self.instant(now))
        news = (one for one in listings if one.good in self.interest and one not in before.listings)
        return before.observed_at is None or any(news)

    def best_bids(self, tree: SupplyChainNode, units: int, now: float) -> int:
        """What the best market pays for ``units`` of the target, tranche by tranche; 0 where nobody buys it.

        Never the one where it was lifted, which pays back half of it (economy.md §1.10).
        """
        elsewhere = [
            replace(market, listings=self.market(market.waypoint).listings(now))
            for market in self.seen.values()
            if market.waypoint != tree.source and market.type_of(tree.good) is not None
        ]
        listing = choose_sink(tree.good, elsewhere, self._chart, near=None).listing
        return 0 if listing is None else round(mean_bid(listing, units) * units)

    def _model(self, waypoint: str, goods: list[GoodModel]) -> MarketModel:
        return MarketModel(waypoint, goods, recipes=self._recipes, beliefs=self._beliefs, chance=self._chance)

    def _unread(self, market: MarketSnapshot) -> list[GoodModel]:
        """Goods a market trades whose prices made no sense: drawn like those of a market never seen."""
        listed = {listing.good for listing in market.listings}
        exports, imports = market.exports - listed, market.imports - listed
        left = replace(market, exports=exports, imports=imports, exchange=market.exchange - listed)
        return draw_market(left, self._condition, self._chance)

    def _read(self, scene: Scene, market: MarketSnapshot) -> list[GoodModel]:
        orders = scene.situation.orders
        known = {spot: phase for order in orders for spot, phase in order.phases.items()}
        phases = {good: phase for (place, good), phase in known.items() if place == market.waypoint}
        goods = read_market(market, scene.now, self._chance, phases=phases)
        for good in goods:
            for leg in (leg for order in orders for leg in order.legs):
                if leg.good != good.good or leg.traded_at is None:
                    continue
                traded_at = (leg.traded_at - scene.now).total_seconds()
                if leg.source == market.waypoint and leg.bought:
                    good.touched_at = max(good.touched_at, traded_at)
                if leg.destination == market.waypoint and leg.delivered:
                    good.touched_at = max(good.touched_at, traded_at)
                    good.sales.append((traded_at, leg.delivered))
        return goods
