"""SELL: the output goes to the market that pays best, one seller at a time, and only where it pays enough."""

import math
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from goodsfactory.domain.factory import Terminal
from goodsfactory.planning.dispatch.eligibility import Kept
from goodsfactory.planning.market.markup import least_margin
from goodsfactory.planning.market.selling import SinkChoice, choose_sink
from goodsfactory.planning.market.spreading import mean_bid
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import Availability
from goodsfactory.planning.snapshot import FactorySnapshot


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


def sparing_dear_stock(snapshot: FactorySnapshot, policy: Policy) -> FactorySnapshot:
    """The order with the stock of its output that it leaves aboard, since no sale pays what that had cost."""
    dear = dear_ships(snapshot, policy)
    return replace(snapshot, fleet=replace(snapshot.fleet, dear=dear)) if dear else snapshot


def dear_ships(snapshot: FactorySnapshot, policy: Policy, sink: SinkChoice | None = None) -> dict[str, Kept]:
    """By ship, why stock is not sold at ``sink``, or where it brings most: a load meets all its bids."""
    found: dict[str, Kept] = {}
    for row in snapshot.fleet.stock:
        if row.good == snapshot.tree.good and snapshot.factory.request.terminal is Terminal.SELL:
            at = sink or sink_of(snapshot, units=row.units)
            pays = mean_bid(at.listing, row.units) if at.listing else math.inf
            if short := _pays_too_little(snapshot, at, pays, "cost", row.basis, policy):
                found[row.ship] = Kept(f"stock of factory {row.factory_id}: {short}")
    return found


def with_sink(snapshot: FactorySnapshot, made: Availability, now: datetime, policy: Policy) -> Availability:
    """What is to be sold is not lifted before there is a market to sell it at.

    Nor before that market pays enough, as whoever loads it will ask: no ship flies only to find that out.
    """
    if snapshot.factory.request.terminal is not Terminal.SELL:
        return made
    if made.waypoint is None and not snapshot.fleet.adrift(snapshot.tree.good):
        return made
    sink = sink_of(snapshot, taken=sinks_in_use(snapshot))
    if sink.waypoint is None:
        sink = sink_of(snapshot)
    if sink.waypoint is None:
        return Availability(None, f"{made.reason}, but {sink.reason}", sink.unseen)
    if made.waypoint is None:
        return made
    waits = lift_short(snapshot, made.waypoint, sink, policy)
    if waits is None:
        return made
    market = snapshot.markets[sink.waypoint]
    old = not market.is_fresh(now, timedelta(seconds=policy.market_ttl))
    return Availability(None, f"{made.reason}, but {waits}", (sink.waypoint,) if old else ())


def lift_short(snapshot: FactorySnapshot, source: str, sink: SinkChoice, policy: Policy) -> str | None:
    """Why a load is not lifted yet although it could be; None where the next tranche pays."""
    listing = snapshot.markets[source].listing(snapshot.tree.good)
    if listing is None or sink.listing is None:
        return None
    return _pays_too_little(snapshot, sink, sink.listing.bid, "asks", listing.ask, policy)


def _pays_too_little(
    snapshot: FactorySnapshot, sink: SinkChoice, pays: float, verb: str, cost: float, policy: Policy
) -> str | None:
    """How much a sale pays too little for what a unit ``cost``; None where it pays."""
    made = snapshot.listing(snapshot.tree.source, snapshot.tree.good)
    least = cost * (1 + (least_margin(made, policy) if snapshot.factory.request.continuous else 0.0))
    if pays >= least:
        return None
    return f"{sink.waypoint} pays {pays:,.0f} for what {verb} {cost:,.0f}, and is to pay {least:,.0f}"


def sink_of(
    snapshot: FactorySnapshot, *, units: int | None = None, taken: Collection[str] = ()
) -> SinkChoice:
    """Where the output is sold: never where it was lifted, which pays back half of it (economy.md §1.10)."""
    markets = [market for market in snapshot.markets.values() if market.waypoint not in taken]
    source = snapshot.tree.source
    return choose_sink(snapshot.tree.good, markets, snapshot.chart, near=source, made_at=source, units=units)
