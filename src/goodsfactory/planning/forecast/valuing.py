"""What output that is aboard at the end of a replay would bring."""

from dataclasses import replace

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.pricing import sale_ladder
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.forecast.scene import Scene
from goodsfactory.planning.forecast.trading_world import TradingWorld
from goodsfactory.planning.selling import choose_sink


def best_bids(tree: SupplyChainNode, units: int, world: TradingWorld, scene: Scene, now: float) -> int:
    """What the best market would pay for ``units`` of the target, tranche by tranche, as it is at ``now``.

    Never the one where it was lifted, which pays back half of it (economy.md §1.10); 0 where nobody buys it.
    """
    elsewhere = [
        replace(market, listings=world.market(market.waypoint).listings(now))
        for market in world.seen.values()
        if market.waypoint != tree.source and market.type_of(tree.good) is not None
    ]
    listing = choose_sink(tree.good, elsewhere, scene.chart, near=None).listing
    if listing is None or units < 1:
        return 0
    whole, rest = divmod(units, listing.trade_volume)
    steps = [listing.trade_volume] * whole + ([rest] if rest else [])
    bids = sale_ladder(
        listing.type,
        listing.ask,
        listing.bid,
        listing.trade_volume,
        BASE_PRICES.get(tree.good),
        steps,
        supply=listing.supply,
        activity=listing.activity,
    )
    return sum(bid * step for bid, step in zip(bids, steps, strict=True))
