"""How many shiploads each edge of a chain wants now.

There are no quantities in recipes (economy.md §6.1): an edge wants as many loads as are asked for, and more
only while its factory waypoint neither has the product nor the stock of the input to make it. Nothing here
waits for a level: that is the discipline's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bench.makespan.baselines.at_hand import AtHand, is_stocked

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.goods import Good
from goodsfactory.domain.pricing import units_to_supply
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import Edge, FactorySnapshot


@dataclass(frozen=True)
class Demand:
    """Shiploads along an edge that are ``missing``: wanted now, beside those that fly.

    ``capped`` is True where even more are wanted than may be under way at the same time.
    """

    good: Good
    feeds: Good | None
    missing: int
    reason: str
    capped: bool = False


def demands_of(snapshot: FactorySnapshot, ready: Mapping[Good, AtHand], policy: Policy) -> dict[Edge, Demand]:
    """Shiploads wanted along every edge, decided from the target down to the raw goods."""
    root = snapshot.tree.good
    demands: dict[Edge, Demand] = {(root, None): _lifting(snapshot, policy)}
    for node in reversed(snapshot.tree.flatten()):
        if node.acquisition is Acquisition.BUY:
            continue
        outgoing = [demand for (good, _), demand in demands.items() if good == node.good]
        # What can be had now is under way after this pass: only the rest must still be made.
        missing = sum(demand.missing for demand in outgoing) - _adrift_loads(snapshot, node.good)
        to_be_made = missing > 0 and ready[node.good].waypoint is None
        unserved = to_be_made or any(demand.capped for demand in outgoing)
        for child in node.children:
            demands[child.good, node.good] = _feeding(
                snapshot, child, node, ready[node.good], unserved, policy
            )
    _take_up_adrift(snapshot, demands, policy)
    return demands


def _adrift_loads(snapshot: FactorySnapshot, good: Good) -> int:
    """Loads of ``good`` that ships adrift bring to where it goes, without any having to be made."""
    return 0 if snapshot.factory.leaves_aboard(good) else len(snapshot.fleet.adrift(good))


def _take_up_adrift(snapshot: FactorySnapshot, demands: dict[Edge, Demand], policy: Policy) -> None:
    """Want a load for every ship that has an input aboard and no leg: it can do nothing else before."""
    edges: dict[Good, list[Demand]] = {}
    for demand in demands.values():
        if demand.feeds is not None:
            edges.setdefault(demand.good, []).append(demand)
    for good, uses in edges.items():
        adrift = snapshot.fleet.adrift(good)
        more = len(adrift) - sum(use.missing for use in uses)
        if not adrift or more <= 0:
            continue
        first = uses[0]
        most = min(policy.max_loads_per_edge - _flying(snapshot, good, first.feeds), first.missing + more)
        demands[good, first.feeds] = replace(
            first,
            missing=max(first.missing, most),
            reason=f"{', '.join(ship.symbol for ship in adrift)} still carries {good}",
        )


def _lifting(snapshot: FactorySnapshot, policy: Policy) -> Demand:
    """As many lifts as the missing units fill holds; one where no number was asked for."""
    root, hold = snapshot.tree.good, max(1, snapshot.fleet.largest_hold)
    if snapshot.asked is None:
        lifts = 0 if snapshot.lifted or snapshot.lifting else 1
    else:
        lifts = max(0, -(-(snapshot.asked - snapshot.lifted - snapshot.lifting) // hold))
    missing = max(0, min(lifts, policy.max_loads_per_edge - _flying(snapshot, root, None)))
    return Demand(root, None, missing, f"lift {root}", capped=lifts > missing)


def _flying(snapshot: FactorySnapshot, good: Good, feeds: Good | None) -> int:
    return sum(leg.state.is_open for leg in snapshot.legs_of(good, feeds))


def _feeding(
    snapshot: FactorySnapshot,
    child: SupplyChainNode,
    node: SupplyChainNode,
    product: AtHand,
    unserved: bool,
    policy: Policy,
) -> Demand:
    if not unserved:
        return Demand(child.good, node.good, 0, f"{node.good} needs no more {child.good}")
    owed = _owed(snapshot, child, node, policy)
    if not snapshot.was_delivered(child.good, node.good):
        wanted = max(1, owed)
        why = f"{node.good} at {node.factory_waypoint} needs its first {child.good}"
    elif owed:
        wanted = owed
        why = f"{node.factory_waypoint} gets as much {child.good} as is asked of {node.good}"
    elif product.waypoint is not None or is_stocked(snapshot, node, policy):
        wanted, why = 0, f"{node.good} is there to be lifted"
    else:
        wanted, why = _shortage(snapshot, child, node, policy)
    missing = max(0, wanted - _flying(snapshot, child.good, node.good))
    return Demand(child.good, node.good, missing, why)


def _owed(snapshot: FactorySnapshot, child: SupplyChainNode, node: SupplyChainNode, policy: Policy) -> int:
    """Loads that have not arrived yet where a number of units was asked for.

    Markets use about one unit of each input for a unit of output (economy.md §6.3, spread 1.5): feeding as
    much as is asked for keeps production going. It is no condition: whatever the market has made is lifted.
    """
    if snapshot.asked is None:
        return 0
    loads = -(-snapshot.asked // max(1, snapshot.fleet.largest_hold))
    legs = snapshot.legs_of(child.good, node.good)
    arrived = sum(leg.delivered > 0 and not leg.state.is_open for leg in legs)
    arrived += sum(one.arrived for one in snapshot.totals_of(child.good, node.good))
    return max(0, min(loads - arrived, policy.max_loads_per_edge))


def _shortage(
    snapshot: FactorySnapshot, child: SupplyChainNode, node: SupplyChainNode, policy: Policy
) -> tuple[int, str]:
    """Loads that lift the input to the feeding level, by the price law; all allowed where it cannot tell."""
    market = snapshot.markets.get(node.factory_waypoint or "")
    listing = market.listing(child.good) if market else None
    if listing is None or listing.supply.at_least(policy.feed_supply):
        return 0, f"{node.factory_waypoint} has {child.good} enough and produces"
    units = units_to_supply(
        listing.type,
        listing.ask,
        listing.bid,
        listing.trade_volume,
        BASE_PRICES.get(child.good),
        policy.feed_supply,
        supply=listing.supply,
    )
    loads = policy.max_loads_per_edge
    if units is not None:
        loads = min(loads, -(-units // max(1, snapshot.fleet.largest_hold)))
    return loads, f"{child.good} is {listing.supply} at {node.factory_waypoint} and holds back {node.good}"
