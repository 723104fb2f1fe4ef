"""The rules by which the baselines feed and lift: their own, whatever the product's planner does.

A factory is fed in whole loads. An edge wants one load to begin with, then as many as the units asked for
fill, and more only while its market neither has the product nor the stock of the input to make it. Nothing is
lifted before each of its inputs was delivered once, and nothing below MODERATE. What is deeper in the tree
goes first. Each order is planned as if it were the only one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Listing, MarketSnapshot, TradeType
from goodsfactory.domain.pricing import units_to_supply
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.chain.current import Chains
from goodsfactory.planning.dispatch.setbacks import holds_for_all
from goodsfactory.planning.flow import Wish, settled, told
from goodsfactory.planning.plan import resolved
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import Availability, availability, last_delivery
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.lots import lots
from goodsfactory.planning.requirements.requirement import Requirement
from goodsfactory.planning.requirements.value import Worth
from goodsfactory.planning.situation import Situation
from goodsfactory.planning.snapshot import Edge, FactoryDecision, FactorySnapshot

STEP = 4_000
"""Weight, in credits, of one step on the way to the target."""


def want(
    situation: Situation, now: datetime, policy: Policy, chains: Chains
) -> tuple[dict[str, FactoryDecision], dict[str, SupplyChainNode]]:
    """What every order wants by the rules of a baseline, and its chain, by order."""
    decisions, trees = resolved(situation, now, policy, chains)
    refused = [leg for order in situation.orders for leg in order.legs if holds_for_all(leg)]
    for order in situation.orders:
        if order.id not in trees:
            continue
        snapshot = replace(situation.snapshot(order, trees[order.id]), refused=refused)
        decided = settled(snapshot, now, policy)
        if decided is None:
            decided = told(snapshot, _wish(snapshot, now, policy), now, policy)
        decisions[order.id] = decided
    return decisions, trees


def _wish(snapshot: FactorySnapshot, now: datetime, policy: Policy) -> Wish:
    ready = {node.good: _at_hand(snapshot, node, now, policy) for node in snapshot.tree.flatten()}
    demands = edge_demands(snapshot, ready, policy)
    hold = max(1, snapshot.fleet.largest_hold)
    wanted: dict[Edge, Requirement] = {}
    for edge, demand in demands.items():
        sizes = [hold] * demand.missing
        if demand.feeds is None and snapshot.asked is not None:
            left = snapshot.asked - snapshot.lifted - snapshot.lifting
            sizes = [max(1, min(hold, left - number * hold)) for number in range(demand.missing)]
        wanted[edge] = Requirement(demand.good, demand.feeds, demand.reason, tuple(sizes))
    found = [_valued(lot, snapshot.tree) for lot in lots(snapshot, ready, wanted, now, policy)]
    return Wish(ready, wanted, tuple(found))


def _valued(lot: Lot, tree: SupplyChainNode) -> Lot:
    """Ships go to what is deeper in the tree first."""
    lift = lot.feeds is None
    return replace(lot, worth=Worth(STEP * (1 + _steps(tree, lot.feeds or lot.good) + (0 if lift else 1))))


def _steps(tree: SupplyChainNode, good: Good, depth: int = 0) -> int:
    """Longest way from a good to the target, in recipes; 0 for what is not in the tree."""
    here = depth if tree.good == good else 0
    return max(here, max((_steps(child, good, depth + 1) for child in tree.children), default=0))


def _at_hand(snapshot: FactorySnapshot, node: SupplyChainNode, now: datetime, policy: Policy) -> Availability:
    """Whether ``node.good`` can be loaded now, and where."""
    waypoint = node.factory_waypoint
    if node.acquisition is Acquisition.BUY or waypoint is None:
        return availability(snapshot, node, now, policy)
    missing = [child.good for child in node.children if not snapshot.was_delivered(child.good, node.good)]
    if missing:
        return Availability(None, f"waits for {', '.join(missing)} at {waypoint}")
    market = snapshot.markets.get(waypoint)
    listing = market.listing(node.good) if market else None
    if market is None or listing is None or market.observed_at is None:
        return Availability(None, f"{waypoint} must be looked at", (waypoint,), producing=True)
    delivered_at = last_delivery(snapshot, node)
    if delivered_at is not None and market.observed_at < delivered_at:
        why = f"{waypoint} was not looked at since the last delivery"
        return Availability(None, why, (waypoint,), producing=True)
    if not _is_ready(listing, policy):
        look = (waypoint,) if _is_older(market, now, policy.poll_interval_initial) else ()
        return Availability(None, f"{waypoint} has {node.good} {listing.supply}", look, producing=True)
    if _is_older(market, now, policy.market_ttl):
        return Availability(None, f"{waypoint} was not looked at for long", (waypoint,), producing=True)
    return Availability(waypoint, f"{waypoint} exports {node.good} {listing.supply}")


def _is_ready(listing: Listing, policy: Policy) -> bool:
    return listing.type is TradeType.EXPORT and listing.supply.at_least(policy.ready_supply)


def _is_older(market: MarketSnapshot, now: datetime, seconds: float) -> bool:
    return not market.is_fresh(now, timedelta(seconds=seconds))


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


def edge_demands(
    snapshot: FactorySnapshot, ready: Mapping[Good, Availability], policy: Policy
) -> dict[Edge, Demand]:
    """Shiploads wanted along every edge, decided from the target down to the raw goods."""
    root = snapshot.tree.good
    demands: dict[Edge, Demand] = {(root, None): _lifting(snapshot, policy)}
    for node in reversed(snapshot.tree.flatten()):
        if node.acquisition is Acquisition.BUY:
            continue
        outgoing = [demand for (good, _), demand in demands.items() if good == node.good]
        # What can be had now is under way after this pass: only the rest must still be made.
        to_be_made = ready[node.good].waypoint is None
        adrift = 0 if snapshot.factory.leaves_aboard(node.good) else len(snapshot.fleet.adrift(node.good))
        still_missing = sum(demand.missing for demand in outgoing) - adrift
        unserved = any(demand.capped for demand in outgoing) or (still_missing > 0 and to_be_made)
        for child in node.children:
            demands[child.good, node.good] = _feeding(
                snapshot, child, node, ready[node.good], unserved, policy
            )
    _take_up_adrift(snapshot, demands, policy)
    return demands


def _take_up_adrift(snapshot: FactorySnapshot, demands: dict[Edge, Demand], policy: Policy) -> None:
    """Want a load for every ship that has an input aboard and no leg: it can do nothing else before."""
    edges: dict[Good, list[Demand]] = {}
    for demand in demands.values():
        if demand.feeds is not None:
            edges.setdefault(demand.good, []).append(demand)
    for good, uses in edges.items():
        adrift, first = snapshot.fleet.adrift(good), uses[0]
        more = len(adrift) - sum(use.missing for use in uses)
        if more <= 0:
            continue
        flying = sum(leg.state.is_open for leg in snapshot.legs_of(good, first.feeds))
        most = min(policy.max_loads_per_edge - flying, first.missing + more)
        reason = f"{', '.join(ship.symbol for ship in adrift)} still carries {good}"
        demands[good, first.feeds] = replace(first, missing=max(first.missing, most), reason=reason)


def _lifting(snapshot: FactorySnapshot, policy: Policy) -> Demand:
    """As many lifts as the missing units fill holds; one where no number was asked for."""
    root = snapshot.tree.good
    lifts = 0 if snapshot.lifted or snapshot.lifting else 1
    if snapshot.asked is not None:
        need = snapshot.asked - snapshot.lifted - snapshot.lifting
        lifts = max(0, -(-need // max(1, snapshot.fleet.largest_hold)))
    open_ = sum(leg.state.is_open for leg in snapshot.legs_of(root, None))
    missing = max(0, min(lifts, policy.max_loads_per_edge - open_))
    return Demand(root, None, missing, f"lift {root}", capped=lifts > missing)


def _feeding(
    snapshot: FactorySnapshot,
    child: SupplyChainNode,
    node: SupplyChainNode,
    product: Availability,
    unserved: bool,
    policy: Policy,
) -> Demand:
    if not unserved:
        return Demand(child.good, node.good, 0, f"{node.good} needs no more {child.good}")
    open_ = sum(leg.state.is_open for leg in snapshot.legs_of(child.good, node.good))
    owed = _owed(snapshot, child, node, policy)
    if not snapshot.was_delivered(child.good, node.good):
        wanted = max(1, owed)
        why = f"{node.good} at {node.factory_waypoint} needs its first {child.good}"
    elif owed:
        wanted = owed
        why = f"{node.factory_waypoint} gets as much {child.good} as is asked of {node.good}"
    elif product.waypoint is not None or _stocked(snapshot, node, policy):
        wanted, why = 0, f"{node.good} is there to be lifted"
    else:
        wanted, why = _shortage(snapshot, child, node, policy)
    return Demand(child.good, node.good, max(0, wanted - open_), why)


def _owed(snapshot: FactorySnapshot, child: SupplyChainNode, node: SupplyChainNode, policy: Policy) -> int:
    """Loads that have not arrived yet where a number of units was asked for."""
    if snapshot.asked is None:
        return 0
    loads = -(-snapshot.asked // max(1, snapshot.fleet.largest_hold))
    legs = snapshot.legs_of(child.good, node.good)
    arrived = sum(leg.delivered > 0 and not leg.state.is_open for leg in legs)
    arrived += sum(one.arrived for one in snapshot.totals_of(child.good, node.good))
    return max(0, min(loads - arrived, policy.max_loads_per_edge))


def _stocked(snapshot: FactorySnapshot, node: SupplyChainNode, policy: Policy) -> bool:
    """True when the factory waypoint has the product, whatever else the node still waits for."""
    listing = snapshot.listing(node.factory_waypoint, node.good)
    return listing is not None and _is_ready(listing, policy)


def _shortage(
    snapshot: FactorySnapshot, child: SupplyChainNode, node: SupplyChainNode, policy: Policy
) -> tuple[int, str]:
    """Loads that lift the input to MODERATE, by the price law; all allowed where it cannot tell."""
    listing = snapshot.listing(node.factory_waypoint, child.good)
    if listing is None or listing.supply.at_least(policy.ready_supply):
        return 0, f"{node.factory_waypoint} has {child.good} enough and produces"
    units = units_to_supply(
        listing.type,
        listing.ask,
        listing.bid,
        listing.trade_volume,
        BASE_PRICES.get(child.good),
        policy.ready_supply,
        supply=listing.supply,
    )
    loads = policy.max_loads_per_edge
    if units is not None:
        loads = min(loads, -(-units // max(1, snapshot.fleet.largest_hold)))
    return loads, f"{child.good} is {listing.supply} at {node.factory_waypoint} and holds back {node.good}"
