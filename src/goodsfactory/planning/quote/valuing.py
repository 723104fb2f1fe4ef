"""What output that is aboard at the end of a replay would bring."""

from dataclasses import replace

from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.market.selling import choose_sink
from goodsfactory.planning.market.spreading import mean_bid
from goodsfactory.planning.quote.scene import Scene
from goodsfactory.planning.quote.trading_world import TradingWorld


def best_bids(tree: SupplyChainNode, units: int, world: TradingWorld, scene: Scene, now: float) -> int:
    """What the best market would pay for ``units`` of the target, tranche by tranche, as it is at ``now``.

    Never the one where it was lifted, which pays back half of it (economy.md §1.10); 0 where nobody buys it.
    """
    elsewhere = [
        replace(market, listings=world.market(market.waypoint).listings(now))
        for market in world.seen.values()
        if market.waypoint != tree.source and market.type_of(tree.good) is not None
    ]
    listing = choose_sink(tree.good, elsewhere, scene.situation.chart, near=None).listing
    return 0 if listing is None else round(mean_bid(listing, units) * units)
