"""Whether the good of a node can be loaded now, and where: bought, or made and ready to be lifted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.factory import Strategy
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, TradeType
from goodsfactory.domain.supply_chain import Acquisition, NodeState, SupplyChainNode
from goodsfactory.planning.decision import at_clock
from goodsfactory.planning.dispatch.setbacks import troubled_sources
from goodsfactory.planning.market.sourcing import SourceChoice, choose_source
from goodsfactory.planning.market.stock import DUE_FROM, loadable, seconds_until
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import FactorySnapshot

_ORDERED = (NodeState.WAITING_SHIP, NodeState.WAITING_BUDGET, NodeState.WAITING_PRICE)
"""States of a node that would load at a market it has chosen."""


@dataclass(frozen=True)
class Availability:
    """Whether a node's good can be loaded now, and the sentence that says so.

    ``look_at`` names the markets that must be looked at before the answer can change.
    """

    waypoint: str | None
    reason: str
    look_at: tuple[str, ...] = ()
    producing: bool = False


def availability(
    snapshot: FactorySnapshot, node: SupplyChainNode, now: datetime, policy: Policy
) -> Availability:
    """Can ``node.good`` be loaded now, and where?"""
    if node.acquisition is Acquisition.BUY:
        return _purchasable(snapshot, node, now, policy)
    return _produced(snapshot, node, now, policy)


def source_of(snapshot: FactorySnapshot, good: Good, now: datetime, policy: Policy) -> SourceChoice:
    """The market where the factory buys ``good`` now; one in trouble where nobody else sells it."""
    near = _wanted_at(snapshot.tree, good)
    avoid = troubled_sources(snapshot, good, now, policy)
    markets = list(snapshot.markets.values())
    ratio = policy.ceiling_ratio
    choice = choose_source(good, markets, snapshot.chart, near=near, avoid=avoid, ceiling_ratio=ratio)
    if avoid and choice.waypoint is None and not choice.unseen:
        # Nobody else sells it: the back-off alone decides when the troubled source is tried again.
        choice = choose_source(good, markets, snapshot.chart, near=near, ceiling_ratio=ratio)
    return choice


def _purchasable(
    snapshot: FactorySnapshot, node: SupplyChainNode, now: datetime, policy: Policy
) -> Availability:
    choice = source_of(snapshot, node.good, now, policy)
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
    missing = [child.good for child in node.children if snapshot.still_to_feed(child.good, node.good)]
    if missing:
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
    least = policy.ready_supply
    if node.good != snapshot.tree.good or _is_the_rest(snapshot, listing):
        least = min(least, DUE_FROM, key=lambda supply: supply.rank)
    if not (listing.type is TradeType.EXPORT and listing.supply.at_least(least)):
        sentence = f"{waypoint} has {node.good} {listing.supply}, lifted from {least} up"
        if soon := seconds_until(listing, least):
            activity = listing.activity or Activity.WEAK
            then = market.observed_at + timedelta(seconds=soon)
            sentence += f": due at about {at_clock(then, now)} if it stays {activity}"
        look = (waypoint,) if _stale(market, now, policy.poll_interval_initial) else ()
        return Availability(None, sentence, look, producing=True)
    stale = _stale(market, now, policy.market_ttl)
    if stale and not (node.good != snapshot.tree.good and _worth_a_flight(snapshot, listing, policy)):
        return Availability(None, f"{stale} at {waypoint}", (waypoint,), producing=True)
    return Availability(waypoint, f"{waypoint} exports {node.good} {listing.supply}")


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


def _is_the_rest(snapshot: FactorySnapshot, listing: Listing) -> bool:
    """Whether all that is still wanted of the target can be loaded before its export is SCARCE, with the
    tranche that begins there. An order that feeds first wants it made, and an endless one has no rest."""
    request, there = snapshot.factory.request, loadable(listing) + listing.trade_volume
    return not (request.strategy.feeds_first or request.continuous) and 0 < snapshot.still_wanted <= there


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
    """True once ``good`` was waited for long enough; what wanted a ship waits no second time."""
    if snapshot.legs_for(good) or snapshot.totals_for(good):
        return True
    progress = snapshot.progress.get(good)
    if progress is None:
        return False
    return progress.state in _ORDERED or (now - progress.since).total_seconds() >= seconds


def _stale(market: MarketSnapshot, now: datetime, ttl: float) -> str | None:
    if market.is_fresh(now, timedelta(seconds=ttl)):
        return None
    seen = market.observed_at
    return "its prices were never seen" if seen is None else f"its prices are of {at_clock(seen, now)}"


def _outdated(
    choice: SourceChoice, snapshot: FactorySnapshot, now: datetime, policy: Policy
) -> tuple[str, ...]:
    """Markets whose refusal rests on data too old to believe."""
    return tuple(
        candidate.waypoint
        for candidate in choice.considered
        if _stale(snapshot.markets[candidate.waypoint], now, policy.market_ttl)
    )
