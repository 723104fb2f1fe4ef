"""What a shipload of a chain that sells without end is worth, in credits: what it brings by itself, and what
the chain loses while it is not there.

A lift earns the bids of its market less the asks it is bought at. An input earns a little, or costs some,
where it is fed (economy.md §9.12); beyond that it is worth the pace that it keeps up, as long as somebody
takes what is made at that pace. So goods that lie ready go before inputs that earn pennies, and what no
market takes is not fed for.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from goodsfactory.domain.market import Activity, Listing, TradeType
from goodsfactory.domain.pricing import quote_of
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.chain.acquisition import MOST_TRANCHES, purchase
from goodsfactory.planning.market.markup import least_margin
from goodsfactory.planning.market.spreading import asks_of, bids_of, mean_bid, tranches_of
from goodsfactory.planning.market.stock import PACE, TICK_SECONDS, loadable, net_supply
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.requirement import Requirement
from goodsfactory.planning.requirements.traffic import under_way
from goodsfactory.planning.requirements.value import AHEAD, HORIZON, Worth
from goodsfactory.planning.snapshot import Edge, FactorySnapshot

_STEPS = HORIZON * 3600 / TICK_SECONDS
_MOST_TRANCHES = 12
_FULL, _EDGE, _SCARCE = 2.0, -2.0, -4.0
"""Trade volumes at which an input is HIGH, MODERATE and LIMITED."""
_BLOCKED = 8.0
"""Trade volumes of its own from which a market makes no more (economy.md §11.4)."""


def by_worth(
    snapshot: FactorySnapshot, demands: Mapping[Edge, Requirement], policy: Policy
) -> dict[Edge, Requirement]:
    """The demands with what each load is worth; of a sale without end, those worth nothing are dropped.

    Other demands are returned as they are, and so are edges whose prices were not seen yet.
    """
    if not snapshot.sells_without_end:
        return dict(demands)
    chain = Earnings(snapshot, policy)
    return {edge: chain.weighed(edge, demand) for edge, demand in demands.items()}


class Earnings:
    """What loads of the chain of a sale without end earn, by its markets as they were seen last."""

    def __init__(self, snapshot: FactorySnapshot, policy: Policy) -> None:
        self._snapshot = snapshot
        tree = snapshot.tree
        self._own = snapshot.listing(tree.source, tree.good)
        self._sinks = [
            listing
            for market in snapshot.markets.values()
            if market.waypoint != tree.source
            and (listing := market.listing(tree.good)) is not None
            and listing.type is not TradeType.EXPORT
        ]
        self._least = 0.0 if self._own is None else self._own.ask * (1 + least_margin(self._own, policy))
        self._nodes = {node.good: node for node in tree.flatten()}
        self._outputs: dict[Edge, SupplyChainNode] = {
            (child.good, node.good): node for child, node in tree.edges()
        }

    def weighed(self, edge: Edge, demand: Requirement) -> Requirement:
        """The demand with what a load is worth; without loads where that does not pay the flights."""
        # A hold, whatever is missing: what is worth a flight must not change by how much another one brings.
        units = max(1, self._snapshot.fleet.largest_hold)
        worth = self.lift(units) if demand.feeds is None else self.feed(edge, units)
        if worth is None:
            return demand
        demand = replace(demand, worth=Worth(round(worth)))
        # The ship has to get there first; how far that is nobody knows yet.
        left = worth - (0 if demand.feeds is None else 2 * self._way(edge))
        if left > 0 or demand.feeds is None:
            return demand
        reason = f"{demand.feeds} does not pay for {demand.good}: {self.words(left)}"
        return replace(demand, short=0, sizes=(), due=0, soon=0, reason=reason)

    def _way(self, edge: Edge) -> float:
        """Credits of fuel from where an input is bought to where it is used."""
        child, node = self._nodes[edge[0]], self._outputs[edge]
        return self._snapshot.chart.haul(
            child.source or child.factory_waypoint, node.factory_waypoint
        ).credits

    def lift(self, units: int) -> float | None:
        """Credits that a lift of so many units earns, tranche by tranche on both ladders, and by what its
        market makes once it has room again."""
        if self._own is None or not self._sinks:
            return None
        own, tree = self._own, self._snapshot.tree
        gain = max(_gain(own, sink, units) for sink in self._sinks)
        worst = self._worst_input(tree)
        volume = own.trade_volume
        level = net_supply(own) / volume
        more = pace(worst, level - units / volume) - pace(worst, level)
        return gain + max(0.0, more) * volume * _STEPS * self._margin

    def feed(self, edge: Edge, units: int) -> float | None:
        """Credits that an input earns where it is fed, and the pace of what is made of it."""
        node = self._outputs.get(edge)
        good = edge[0]
        if node is None or good not in self._nodes:
            return None
        child = self._nodes[good]
        source = self._snapshot.listing(child.source or child.factory_waypoint, good)
        there = self._snapshot.listing(node.factory_waypoint, good)
        if source is None or there is None:
            return None
        trade = units * mean_bid(there, units) - purchase(source, units)
        return trade + self._loss(node, there, units)

    def words(self, worth: float) -> str:
        """The numbers behind what a load is worth."""
        return f"{worth:+,.0f} credits a load, and {self._margin:+,.0f} for a unit sold"

    @cached_property
    def _margin(self) -> float:
        """Credits that a unit earns which is made within the horizon: what the next one would, and no less
        than what is asked for before anything is lifted."""
        if self._own is None or not self._sinks:
            return 0.0
        asked = self._least - self._own.ask
        return max(asked, max(sink.bid for sink in self._sinks) - self._own.ask)

    def _loss(self, node: SupplyChainNode, there: Listing, units: int) -> float:
        """Credits lost within the horizon if this load does not come."""
        own = self._snapshot.listing(node.factory_waypoint, node.good)
        if own is None:
            return 0.0
        coming = under_way(
            [leg for leg in self._snapshot.legs_of(there.good, node.good) if leg.state.is_open]
        )
        level = (net_supply(there) + coming) / there.trade_volume
        own_level = net_supply(own) / own.trade_volume
        with_it = pace(level + units / there.trade_volume, own_level)
        lasts = max(0.0, level - _FULL)
        without = pace(level - 0.01 if lasts == 0.0 else _FULL - 0.01, own_level)
        more = max(0.0, with_it - without) * own.trade_volume
        late = max(0.0, _STEPS - lasts) * (1 - AHEAD) + _STEPS * AHEAD
        return min(more, self._used(node)) * late * self._margin

    def _used(self, node: SupplyChainNode) -> float:
        """Units of what ``node`` makes that somebody takes in a step beyond what lies there already."""
        own = self._snapshot.listing(node.factory_waypoint, node.good)
        assert own is not None
        lies = loadable(own)
        if node.good == self._snapshot.tree.good:
            return max(0.0, self._taken - lies) / _STEPS
        users = [one for edge, one in self._outputs.items() if edge[0] == node.good]
        use = 0.0
        for user in users:
            made = self._snapshot.listing(user.factory_waypoint, user.good)
            there = self._snapshot.listing(user.factory_waypoint, node.good)
            if made is not None:
                spare = 0 if there is None else max(0.0, net_supply(there) - _FULL * there.trade_volume)
                use += max(0.0, made.trade_volume * _STEPS - spare)
        return max(0.0, use - lies) / _STEPS

    @cached_property
    def _taken(self) -> float:
        """Units that the markets for the output take within the horizon at bids that pay."""
        units = sum(max(0.0, _room(sink, self._least)) for sink in self._sinks)
        lifts = self._snapshot.legs_of(self._snapshot.tree.good, None)
        return max(0.0, units - under_way([leg for leg in lifts if leg.state.is_open]))

    def _worst_input(self, node: SupplyChainNode) -> float:
        """Trade volumes of the scarcest input where ``node`` is made; balance where none was seen."""
        listed = [self._snapshot.listing(node.factory_waypoint, child.good) for child in node.children]
        return min((net_supply(one) / one.trade_volume for one in listed if one is not None), default=0.0)


def pace(worst: float, own: float) -> float:
    """Trade volumes a market makes in a step, with its scarcest input and the product at these levels, in
    trade volumes above balance (economy.md §4.2, §4.7, §11.6)."""
    if own >= _BLOCKED:
        return 0.0
    if worst < _SCARCE:
        return 0.2
    if worst < _EDGE:
        return 0.25
    if own < _EDGE:
        return 1.0
    return 0.75 if worst >= _FULL else 0.35


def _gain(source: Listing, sink: Listing, units: int) -> float:
    """Credits for as many of the units as pay: bought at one ladder, sold at the other."""
    units = min(units, MOST_TRANCHES * min(source.trade_volume, sink.trade_volume))
    sales = tranches_of(units, sink)
    bids = [bid for bid, count in zip(bids_of(sink, sales), sales, strict=True) for _ in range(count)]
    purchases = tranches_of(units, source)
    best = earned = 0.0
    for ask, count in zip(asks_of(source, purchases), purchases, strict=True):
        earned += sum(bids[:count]) - ask * count
        del bids[:count]
        best = max(best, earned)
    return best


def _room(sink: Listing, least: float) -> float:
    """Units that a market takes within the horizon before it bids less than ``least``; negative where it
    needs longer to recover."""
    volume = sink.trade_volume
    quote = quote_of(sink)
    if quote is None:
        return float(volume if sink.bid >= least else 0)
    steps = range(-_MOST_TRANCHES, _MOST_TRANCHES + 1)
    paying = (step for step in reversed(steps) if replace(quote, net_supply=step * volume).bid >= least)
    full = next(paying, None)
    if full is None:
        return 0.0
    eaten = 0.0 if sink.type is TradeType.EXCHANGE else PACE[sink.activity or Activity.WEAK] * volume * _STEPS
    return full * volume - quote.net_supply + eaten
