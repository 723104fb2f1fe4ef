"""Whether the good of a node can be loaded now, and where: bought, or made and ready to be lifted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Listing, MarketSnapshot, TradeType
from goodsfactory.domain.supply_chain import Acquisition, NodeState, SupplyChainNode
from goodsfactory.planning.dispatch.setbacks import troubled_sources
from goodsfactory.planning.market.sourcing import SourceChoice, choose_source
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import FactorySnapshot

_ORDERED = (NodeState.WAITING_SHIP, NodeState.WAITING_BUDGET, NodeState.WAITING_PRICE)
"""States of a node that would load at a market it has chosen."""


@dataclass(frozen=True)
class AtHand:
    """Where a good can be loaded now, None where it cannot; ``producing`` while its market makes it.

    ``look_at`` names the markets that must be looked at before the answer can change.
    """

    waypoint: str | None
    reason: str
    look_at: tuple[str, ...] = ()
    producing: bool = False


def at_hand(snapshot: FactorySnapshot, node: SupplyChainNode, now: datetime, policy: Policy) -> AtHand:
    """Can ``node.good`` be loaded now, and where?"""
    if node.acquisition is Acquisition.BUY:
        return _purchasable(snapshot, node.good, now, policy)
    return _produced(snapshot, node, now, policy)


def is_stocked(snapshot: FactorySnapshot, node: SupplyChainNode, policy: Policy) -> bool:
    """Whether as much of the product was seen at its factory waypoint as may be lifted."""
    market = snapshot.markets.get(node.factory_waypoint or "")
    listing = market.listing(node.good) if market else None
    return listing is not None and _is_ready(listing, policy)


def last_delivery(snapshot: FactorySnapshot, node: SupplyChainNode) -> datetime | None:
    """When the newest load reached the factory waypoint of a node."""
    moments = [
        leg.traded_at
        for child in node.children
        for leg in snapshot.legs_of(child.good, node.good)
        if leg.delivered > 0 and leg.traded_at
    ]
    moments += [
        one.delivered_at
        for child in node.children
        for one in snapshot.totals_of(child.good, node.good)
        if one.delivered_at
    ]
    return max(moments, default=None)


def _purchasable(snapshot: FactorySnapshot, good: Good, now: datetime, policy: Policy) -> AtHand:
    choice = _source(snapshot, good, now, policy)
    patience = policy.market_ttl if choice.waypoint is None else policy.first_look_patience
    if choice.unseen and not _waited(snapshot, good, now, patience):
        return AtHand(None, f"prices at {', '.join(choice.unseen)} were not seen yet", choice.unseen)
    if choice.waypoint is None:
        outdated = (
            candidate.waypoint
            for candidate in choice.considered
            if not _is_fresh(snapshot.markets[candidate.waypoint], now, policy.market_ttl)
        )
        return AtHand(None, choice.reason, tuple(outdated))
    if not _is_fresh(snapshot.markets[choice.waypoint], now, policy.market_ttl):
        return AtHand(None, f"{choice.reason}, but its prices are old", (choice.waypoint,))
    return AtHand(choice.waypoint, choice.reason)


def _source(snapshot: FactorySnapshot, good: Good, now: datetime, policy: Policy) -> SourceChoice:
    """The market where a good is bought now; one in trouble where nobody else sells it."""
    near = next((one.factory_waypoint for child, one in snapshot.tree.edges() if child.good == good), None)
    markets, chart, ratio = list(snapshot.markets.values()), snapshot.chart, policy.ceiling_ratio
    avoid = troubled_sources(snapshot, good, now, policy)
    choice = choose_source(good, markets, chart, near=near, avoid=avoid, ceiling_ratio=ratio)
    if avoid and choice.waypoint is None and not choice.unseen:
        # Nobody else sells it: the back-off alone decides when the troubled source is tried again.
        return choose_source(good, markets, chart, near=near, ceiling_ratio=ratio)
    return choice


def _waited(snapshot: FactorySnapshot, good: Good, now: datetime, seconds: float) -> bool:
    """True once ``good`` was waited for long enough; what wanted a ship waits no second time."""
    if snapshot.legs_for(good) or snapshot.totals_for(good):
        return True
    progress = snapshot.progress.get(good)
    if progress is None:
        return False
    return progress.state in _ORDERED or (now - progress.since).total_seconds() >= seconds


def _produced(snapshot: FactorySnapshot, node: SupplyChainNode, now: datetime, policy: Policy) -> AtHand:
    """What a market made is lifted once each input was delivered there and somebody has looked since."""
    assert node.factory_waypoint is not None
    waypoint = node.factory_waypoint
    missing = [child.good for child in node.children if not snapshot.was_delivered(child.good, node.good)]
    if missing:
        return AtHand(None, f"waits for {', '.join(missing)} at {waypoint}")
    market = snapshot.markets.get(waypoint)
    listing = market.listing(node.good) if market else None
    if market is None or listing is None or market.observed_at is None:
        return AtHand(None, f"{waypoint} must be looked at", (waypoint,), producing=True)
    delivered_at = last_delivery(snapshot, node)
    if delivered_at is not None and market.observed_at < delivered_at:
        why = f"{waypoint} was not looked at since the last delivery"
        return AtHand(None, why, (waypoint,), producing=True)
    if not _is_ready(listing, policy):
        why = f"{waypoint} has {node.good} {listing.supply}, lifted from {policy.ready_supply} up"
        look = () if _is_fresh(market, now, policy.poll_interval_initial) else (waypoint,)
        return AtHand(None, why, look, producing=True)
    if not _is_fresh(market, now, policy.market_ttl):
        return AtHand(None, f"prices at {waypoint} are old", (waypoint,), producing=True)
    return AtHand(waypoint, f"{waypoint} exports {node.good} {listing.supply}")


def _is_ready(listing: Listing, policy: Policy) -> bool:
    return listing.type is TradeType.EXPORT and listing.supply.at_least(policy.ready_supply)


def _is_fresh(market: MarketSnapshot, now: datetime, seconds: float) -> bool:
    return market.is_fresh(now, timedelta(seconds=seconds))
