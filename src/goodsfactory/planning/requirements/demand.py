"""How many shiploads each edge of a supply chain wants now, and where they would come from.

There are no quantities in recipes (economy.md §6.1): an edge wants one load to begin with, and more only
while its factory waypoint neither has the product nor the stock of the input to make it. Nothing here waits
for a level: an edge is ready the moment its own input is, whatever its siblings do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.pricing import units_to_supply
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import Availability, is_ready
from goodsfactory.planning.snapshot import Edge, FactorySnapshot


@dataclass(frozen=True)
class EdgeDemand:
    """Shiploads along an edge that are ``missing``: wanted now, beside those that fly.

    ``capped`` is True where even more are wanted than may be under way at the same time.
    """

    good: Good
    feeds: Good | None
    missing: int
    reason: str
    capped: bool = False
    sizes: tuple[int, ...] | None = None
    """units of each missing load; None where each is a hold"""
    due: int = 0
    """units of ``sizes`` without which production would soon slow down"""
    urgency: float = 0.0
    """about how many steps of production wait for it, times the priority of the factory"""
    soon: int = 0
    """units, those of ``sizes`` included, that will be due before the source can be lifted from again"""
    short: int = 0
    """units beyond ``sizes`` that are wanted now and not to be had"""
    lacking: int = 0
    """those of them that are due"""
    pressing: bool = True
    """whether production waits for it"""
    worth: int | None = None
    """credits that a load of a sale without end earns; None where that is not what counts"""


def edge_demands(
    snapshot: FactorySnapshot, ready: Mapping[Good, Availability], policy: Policy
) -> dict[Edge, EdgeDemand]:
    """Shiploads wanted along every edge, decided from the target down to the raw goods."""
    demands: dict[Edge, EdgeDemand] = {}
    root = snapshot.tree.good
    demands[root, None] = _lifting(snapshot, policy)
    for node in reversed(snapshot.tree.flatten()):
        if node.acquisition is Acquisition.BUY:
            continue
        outgoing = [demand for (good, _), demand in demands.items() if good == node.good]
        # What can be had now is under way after this pass: only the rest must still be made.
        to_be_made = ready[node.good].waypoint is None
        missing = sum(demand.missing for demand in outgoing)
        still_missing = missing - _adrift_loads(snapshot, node.good)
        unserved = any(demand.capped for demand in outgoing) or (still_missing > 0 and to_be_made)
        for child in node.children:
            demands[child.good, node.good] = _feeding(
                snapshot, child, node, ready[node.good], unserved, policy
            )
    take_up_adrift(snapshot, demands, policy)
    return demands


def _adrift_loads(snapshot: FactorySnapshot, good: Good) -> int:
    """Loads of ``good`` that ships adrift bring to where it goes, without any having to be made."""
    return 0 if snapshot.factory.leaves_aboard(good) else len(snapshot.fleet.adrift(good))


def take_up_adrift(snapshot: FactorySnapshot, demands: dict[Edge, EdgeDemand], policy: Policy) -> None:
    """Want a load for every ship that has an input aboard and no leg: it can do nothing else before."""
    edges: dict[Good, list[EdgeDemand]] = {}
    for demand in demands.values():
        if demand.feeds is not None:
            edges.setdefault(demand.good, []).append(demand)
    for good, uses in edges.items():
        adrift = snapshot.fleet.adrift(good)
        if not adrift:
            continue
        more = len(adrift) - sum(use.missing for use in uses)
        if more <= 0:
            continue
        first = uses[0]
        flying = sum(leg.state.is_open for leg in snapshot.legs_of(good, first.feeds))
        most = min(policy.max_loads_per_edge - flying, first.missing + more)
        demands[good, first.feeds] = replace(
            first,
            missing=max(first.missing, most),
            reason=f"{', '.join(ship.symbol for ship in adrift)} still carries {good}",
            worth=None,  # what is aboard is not bought again
        )


def _lifting(snapshot: FactorySnapshot, policy: Policy) -> EdgeDemand:
    root = snapshot.tree.good
    lifts = _lifts_wanted(snapshot)
    open_ = sum(leg.state.is_open for leg in snapshot.legs_of(root, None))
    missing = max(0, min(lifts, most_lifts(snapshot, policy) - open_))
    return EdgeDemand(root, None, missing, f"lift {root}", capped=lifts > missing)


def most_lifts(snapshot: FactorySnapshot, policy: Policy) -> int:
    """How many lifts may be open at the same time.

    One seller at a sink: two would each reckon with a bid that the other's sale has crushed (§9.9). So what
    is sold goes by no more ships than there are markets that want it.
    """
    if snapshot.factory.request.terminal is not Terminal.SELL:
        return policy.max_loads_per_edge
    good = snapshot.tree.good
    importers = sum(good in market.imports for market in snapshot.markets.values())
    return max(1, min(importers, policy.max_loads_per_edge))


def sinks_in_use(snapshot: FactorySnapshot) -> set[str]:
    """Markets that lifts of the target are on their way to."""
    lifts = snapshot.legs_of(snapshot.tree.good, None)
    return {leg.destination for leg in lifts if leg.state.is_open and leg.destination}


def _lifts_wanted(snapshot: FactorySnapshot) -> int:
    """Lifts to add: one without a target, else as many as the missing units fill holds."""
    if snapshot.asked is None:
        return 0 if snapshot.lifted or snapshot.lifting else 1
    need = snapshot.asked - snapshot.lifted - snapshot.lifting
    hold = max(1, snapshot.fleet.largest_hold)
    return max(0, -(-need // hold))


def _feeding(
    snapshot: FactorySnapshot,
    child: SupplyChainNode,
    node: SupplyChainNode,
    product: Availability,
    unserved: bool,
    policy: Policy,
) -> EdgeDemand:
    legs = snapshot.legs_of(child.good, node.good)
    open_ = sum(leg.state.is_open for leg in legs)
    delivered = snapshot.was_delivered(child.good, node.good)
    if not unserved:
        return EdgeDemand(child.good, node.good, 0, f"{node.good} needs no more {child.good}")
    owed = _owed(snapshot, child, node, policy)
    if not delivered:
        wanted = max(1, owed)
        why = f"{node.good} at {node.factory_waypoint} needs its first {child.good}"
    elif owed:
        wanted = owed
        why = f"{node.factory_waypoint} gets as much {child.good} as is asked of {node.good}"
    elif product.waypoint is not None or _stocked(snapshot, node, policy):
        wanted, why = 0, f"{node.good} is there to be lifted"
    else:
        wanted, why = _shortage(snapshot, child, node, policy)
    return EdgeDemand(child.good, node.good, max(0, wanted - open_), why)


def _owed(snapshot: FactorySnapshot, child: SupplyChainNode, node: SupplyChainNode, policy: Policy) -> int:
    """Loads that have not arrived yet where a number of units was asked for.

    Markets use about one unit of each input for a unit of output (economy.md §6.3, spread 1.5): feeding as
    much as is asked for keeps production going. It is no condition: whatever the market has made is lifted.
    """
    asked = snapshot.asked
    if asked is None:
        return 0
    loads = -(-asked // max(1, snapshot.fleet.largest_hold))
    legs = snapshot.legs_of(child.good, node.good)
    arrived = sum(leg.delivered > 0 and not leg.state.is_open for leg in legs)
    arrived += sum(one.arrived for one in snapshot.totals_of(child.good, node.good))
    return max(0, min(loads - arrived, policy.max_loads_per_edge))


def _stocked(snapshot: FactorySnapshot, node: SupplyChainNode, policy: Policy) -> bool:
    """True when the factory waypoint has the product, whatever else the node still waits for."""
    market = snapshot.markets.get(node.factory_waypoint or "")
    listing = market.listing(node.good) if market else None
    return listing is not None and is_ready(listing, policy)


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
