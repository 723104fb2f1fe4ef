"""Whether one more unit of an output pays for what it takes, all the way down the supply chain.

A unit lifted earns the bid of its best market less the ask it is lifted at. To be made it took about one unit
of each input (economy.md §6.3), and each was bought at one ask and fed at another bid: most feeding earns a
little, some costs (§9.12). Where the output no longer pays for all of that, the edges that cost are fed no
more; those that earn by themselves go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.demand import EdgeDemand
from goodsfactory.planning.selling import choose_sink
from goodsfactory.planning.snapshot import Edge, FactorySnapshot
from goodsfactory.planning.spreading import mean_bid


@dataclass(frozen=True)
class Margin:
    """Credits for a unit: ``output`` from lifting and selling it, ``feeding`` along each edge.

    Negative is what it costs. An edge whose prices are not known is not in ``feeding``.
    """

    output: float
    feeding: Mapping[Edge, float]

    @property
    def chain(self) -> float:
        """What one more unit earns, everything counted."""
        return self.output + sum(self.feeding.values())


def margin_of(snapshot: FactorySnapshot) -> Margin | None:
    """The margin of the factory as prices were seen last; None while the output's own are not known."""
    tree = snapshot.tree
    hold = max(1, snapshot.fleet.largest_hold)
    site = snapshot.markets.get(tree.source or "")
    listing = site.listing(tree.good) if site else None
    others = [market for market in snapshot.markets.values() if market.waypoint != tree.source]
    sink = choose_sink(tree.good, others, snapshot.chart, near=tree.source, units=hold)
    if listing is None or sink.listing is None:
        return None
    feeding: dict[Edge, float] = {
        (child.good, node.good): earns
        for child, node in tree.edges()
        if (earns := _fed(snapshot, child, node)) is not None
    }
    return Margin(mean_bid(sink.listing, min(hold, sink.listing.trade_volume)) - listing.ask, feeding)


def withhold(snapshot: FactorySnapshot, demands: Mapping[Edge, EdgeDemand]) -> dict[Edge, EdgeDemand]:
    """The demands without the edges that cost, where a continuous sale no longer pays for them."""
    request = snapshot.factory.request
    kept = dict(demands)
    if not request.continuous or request.terminal is not Terminal.SELL:
        return kept
    margin = margin_of(snapshot)
    if margin is None or margin.chain >= 0:
        return kept
    for edge, earns in margin.feeding.items():
        if earns < 0 and edge in kept:
            reason = (
                f"{snapshot.tree.good} does not pay for {edge[0]}: {margin.output:+,.0f} credits a unit sold,"
                f" {margin.chain:+,.0f} with what its inputs cost"
            )
            kept[edge] = replace(kept[edge], wanted=0, missing=0, short=0, reason=reason)
    return kept


def _fed(snapshot: FactorySnapshot, child: SupplyChainNode, node: SupplyChainNode) -> float | None:
    """What a unit of ``child`` earns where it is fed, less what it costs; by the next tranche of each."""
    source = snapshot.markets.get(child.source or "")
    site = snapshot.markets.get(node.factory_waypoint or "")
    bought = source.listing(child.good) if source else None
    sold = site.listing(child.good) if site else None
    if bought is None or sold is None:
        return None
    return float(sold.bid - bought.ask)
