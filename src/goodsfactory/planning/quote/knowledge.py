"""How much of what a factory needs has been seen: a quote is worth more once the first looks are done."""

from collections.abc import Mapping, Sequence

from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.supply_chain import NodeProgress


def first_looks_due(nodes: Sequence[NodeProgress], markets: Mapping[str, MarketSnapshot]) -> frozenset[str]:
    """Markets never looked at that a node waits to know."""
    wanted = {place for node in nodes for place in node.look_at}
    return frozenset(place for place in wanted if place in markets and markets[place].observed_at is None)
