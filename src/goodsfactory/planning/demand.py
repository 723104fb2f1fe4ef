"""How many shiploads each edge of a supply chain wants now, and where they would come from.

There are no quantities in recipes (economy.md §6.1): an edge wants one load to begin with, and more only
while its factory waypoint neither has the product nor the stock of the input to make it. Nothing here waits
for a level: an edge is ready the moment its own input is, whatever its siblings do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.factory import Strategy, Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.market import Listing, MarketSnapshot, TradeType
from goodsfactory.domain.pricing import units_to_supply
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.setbacks import troubled_sources
from goodsfactory.planning.snapshot import FactorySnapshot
from goodsfactory.planning.sourcing import SourceChoice, choose_source


@dataclass(frozen=True)
class Availability:
    """Whether a node's good can be loaded now, and the sentence that says so.

    ``look_at`` names the markets that must be looked at before the answer can change.
    """

    waypoint: str | None
    reason: str
    look_at: tuple[str, ...] = ()
    producing: bool = False


@dataclass(frozen=True)
class EdgeDemand:
    """``wanted`` shiploads of ``good`` for ``output``, of which ``missing`` have no open leg yet.

    ``capped`` is True where even more are wanted than may be under way at the same time.
    """

    good: Good
    output: Good
    wanted: int
    missing: int
    reason: str
    capped: bool = False
    sizes: tuple[int, ...] | None = None
    """units of each missing load; None where each is a hold"""


def fed(snapshot: FactorySnapshot, node: SupplyChainNode) -> bool:
    """True when every input of a FABRICATE node was delivered at least once."""
    return all(
        any(leg.delivered > 0 for leg in snapshot.legs_of(child.good, node.good)) for child in node.children
    )


def last_delivery(snapshot: FactorySnapshot, node: SupplyChainNode) -> datetime | None:
    """When the newest load reached the factory waypoint of a node."""
    moments = [
        leg.updated_at
        for child in node.children
        for leg in snapshot.legs_of(child.good, node.good)
        if leg.delivered > 0 and leg.updated_at
    ]
    return max(moments, default=None)


def availability(
    snapshot: FactorySnapshot, node: SupplyChainNode, now: datetime, policy: Policy
) -> Availability:
    """Can ``node.good`` be loaded now, and where?"""
    if node.acquisition is Acquisition.BUY:
        return _purchasable(snapshot, node, now, policy)
    return _produced(snapshot, node, now, policy)


def _purchasable(
    snapshot: FactorySnapshot, node: SupplyChainNode, now: datetime, policy: Policy
) -> Availability:
    near = _wanted_at(snapshot.tree, node.good)
    avoid = troubled_sources(snapshot, node.good, now, policy)
    markets = list(snapshot.markets.values())
    ratio = policy.ceiling_ratio
    choice = choose_source(node.good, markets, snapshot.places, near=near, avoid=avoid, ceiling_ratio=ratio)
    if avoid and choice.waypoint is None and not choice.unseen:
        # Nobody else sells it: the back-off alone decides when the troubled source is tried again.
        choice = choose_source(node.good, markets, snapshot.places, near=near, ceiling_ratio=ratio)
    patience = policy.market_ttl if choice.waypoint is None else policy.first_look_patience
    if choice.unseen and not _settled(snapshot, choice) and not _waited(snapshot, node.good, now, patience):
        places = ", ".join(choice.unseen)
        return Availability(None, f"prices at {places} were not seen yet", choice.unseen)
    if choice.waypoint is None:
        return Availability(None, choice.reason, _outdated(choice, snapshot, now, policy))
    stale = _stale(snapshot.markets[choice.waypoint], now, policy.market_ttl)
    if stale and _worth_a_flight(snapshot, choice.listing, policy):
        return Availability(choice.waypoint, f"{choice.reason}; {stale}: whoever comes to buy looks first")
    if stale:
        return Availability(None, f"{choice.reason}, but {stale}", (choice.waypoint,))
    return Availability(choice.waypoint, choice.reason)


def _worth_a_flight(snapshot: FactorySnapshot, listing: Listing | None, policy: Policy) -> bool:
    """SMART sends a ship to what was well stocked when it was last seen: it looks before it buys anyway.

    A probe's look first would take as long as the flight, with the ship idle.
    """
    if listing is None or snapshot.factory.request.strategy is not Strategy.SMART:
        return False
    return listing.type is TradeType.EXCHANGE or listing.supply.at_least(policy.ready_supply)


def _produced(
    snapshot: FactorySnapshot, node: SupplyChainNode, now: datetime, policy: Policy
) -> Availability:
    assert node.factory_waypoint is not None
    waypoint = node.factory_waypoint
    if not (lifts_at_once(snapshot, node) or fed(snapshot, node)):
        missing = [
            child.good
            for child in node.children
            if not any(leg.delivered > 0 for leg in snapshot.legs_of(child.good, node.good))
        ]
        return Availability(None, f"waits for {', '.join(missing)} at {waypoint}")
    market = snapshot.markets.get(waypoint)
    listing = market.listing(node.good) if market else None
    if market is None or listing is None or market.observed_at is None:
        return Availability(None, f"{waypoint} must be looked at", (waypoint,), producing=True)
    delivered_at = last_delivery(snapshot, node)
    if delivered_at is not None and market.observed_at < delivered_at:
        return Availability(
            None, f"{waypoint} was not looked at since the last delivery", (waypoint,), producing=True
        )
    if not is_ready(listing, policy):
        at_least = policy.ready_supply.value
        sentence = f"{waypoint} has {node.good} {listing.supply}, lifted from {at_least} up"
        look = (waypoint,) if _stale(market, now, policy.poll_interval_initial) else ()
        return Availability(None, sentence, look, producing=True)
    stale = _stale(market, now, policy.market_ttl)
    if stale and not (node.good != snapshot.tree.good and _worth_a_flight(snapshot, listing, policy)):
        return Availability(None, f"{stale} at {waypoint}", (waypoint,), producing=True)
    return Availability(waypoint, f"{waypoint} exports {node.good} {listing.supply}")


def lifts_at_once(snapshot: FactorySnapshot, node: SupplyChainNode) -> bool:
    """SMART takes what the market of an input has already, and feeds it beside; the target itself is made."""
    return snapshot.factory.request.strategy is Strategy.SMART and node.good != snapshot.tree.good


def is_ready(listing: Listing, policy: Policy) -> bool:
    """An export at the ready level or above may be lifted."""
    return listing.type is TradeType.EXPORT and listing.supply.at_least(policy.ready_supply)


def edge_demands(
    snapshot: FactorySnapshot, ready: Mapping[Good, Availability], policy: Policy
) -> dict[tuple[Good, Good], EdgeDemand]:
    """Shiploads wanted along every edge, decided from the target down to the raw goods."""
    demands: dict[tuple[Good, Good], EdgeDemand] = {}
    root = snapshot.tree.good
    demands[root, root] = _lifting(snapshot, policy)
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
    if good == snapshot.tree.good and snapshot.factory.request.terminal is not Terminal.SELL:
        return 0
    waiting = sum(leg.state is LegState.READY for leg in snapshot.legs_for(good))
    return max(0, len(snapshot.fleet.adrift(good)) - waiting)


def take_up_adrift(
    snapshot: FactorySnapshot, demands: dict[tuple[Good, Good], EdgeDemand], policy: Policy
) -> None:
    """Want a load for every ship that has an input aboard and no leg: it can do nothing else before."""
    edges: dict[Good, list[EdgeDemand]] = {}
    for demand in demands.values():
        if demand.good != demand.output:
            edges.setdefault(demand.good, []).append(demand)
    for good, uses in edges.items():
        adrift = snapshot.fleet.adrift(good)
        if not adrift:
            continue
        flying = [sum(leg.state.is_flying for leg in snapshot.legs_of(good, use.output)) for use in uses]
        taken = sum(max(0, use.wanted - away) for use, away in zip(uses, flying, strict=True))
        if taken >= len(adrift):
            continue
        first = uses[0]
        more = len(adrift) - taken
        wanted = min(policy.max_loads_per_edge, max(first.wanted, flying[0]) + more)
        open_ = sum(leg.state.is_open for leg in snapshot.legs_of(good, first.output))
        demands[good, first.output] = replace(
            first,
            wanted=max(first.wanted, wanted),
            missing=max(first.missing, wanted - open_),
            reason=f"{', '.join(ship.symbol for ship in adrift)} still carries {good}",
        )


def _lifting(snapshot: FactorySnapshot, policy: Policy) -> EdgeDemand:
    root = snapshot.tree.good
    lifts = _lifts_wanted(snapshot)
    open_ = sum(leg.state.is_open for leg in snapshot.legs_of(root, root))
    missing = max(0, min(lifts, most_lifts(snapshot, policy) - open_))
    return EdgeDemand(root, root, open_ + missing, missing, f"lift {root}", capped=lifts > missing)


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
    """Markets that open lifts of the target are on their way to."""
    lifts = snapshot.legs_of(snapshot.tree.good, snapshot.tree.good)
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
    delivered = any(leg.delivered > 0 for leg in legs)
    if not unserved:
        return EdgeDemand(child.good, node.good, 0, 0, f"{node.good} needs no more {child.good}")
    owed = _owed(snapshot, legs, policy)
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
    return EdgeDemand(child.good, node.good, wanted, max(0, wanted - open_), why)


def _owed(snapshot: FactorySnapshot, legs: Sequence[Leg], policy: Policy) -> int:
    """Loads that have not arrived yet where a number of units was asked for.

    Markets use about one unit of each input for a unit of output (economy.md §6.3, spread 1.5): feeding as
    much as is asked for keeps production going. It is no condition: whatever the market has made is lifted.
    """
    asked = snapshot.asked
    if asked is None:
        return 0
    loads = -(-asked // max(1, snapshot.fleet.largest_hold))
    arrived = sum(leg.delivered > 0 and not leg.state.is_open for leg in legs)
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


def _wanted_at(tree: SupplyChainNode, good: Good) -> str | None:
    for child, output in tree.edges():
        if child.good == good:
            return output.factory_waypoint
    return None


def _settled(snapshot: FactorySnapshot, choice: SourceChoice) -> bool:
    """SMART buys from an exchange it knows at once: others can hardly be better (economy.md §7.4)."""
    smart = snapshot.factory.request.strategy is Strategy.SMART
    return smart and choice.listing is not None and choice.listing.type is TradeType.EXCHANGE


def _waited(snapshot: FactorySnapshot, good: Good, now: datetime, seconds: float) -> bool:
    """True once ``good`` was waited for long enough; a good that was ordered once waits no second time."""
    if snapshot.legs_for(good):
        return True
    progress = snapshot.progress.get(good)
    return progress is not None and (now - progress.since).total_seconds() >= seconds


def _stale(market: MarketSnapshot, now: datetime, ttl: float) -> str | None:
    if market.is_fresh(now, timedelta(seconds=ttl)):
        return None
    age = market.age(now)
    return "its prices were never seen" if age is None else f"its prices are {age.total_seconds():.0f} s old"


def _outdated(
    choice: SourceChoice, snapshot: FactorySnapshot, now: datetime, policy: Policy
) -> tuple[str, ...]:
    """Markets whose refusal rests on data too old to believe."""
    return tuple(
        candidate.waypoint
        for candidate in choice.considered
        if _stale(snapshot.markets[candidate.waypoint], now, policy.market_ttl)
    )
