"""Shiploads that the strategy SMART wants along every edge: fed ahead of need, lifted by what is there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.availability import Availability
from goodsfactory.planning.demand import EdgeDemand, surplus_of, take_up_adrift
from goodsfactory.planning.giving_way import gives_way
from goodsfactory.planning.keeping_full import keep_full
from goodsfactory.planning.lifts import lifts_wanted
from goodsfactory.planning.needs import (
    bespoken,
    listing_at,
    needs,
    top_up,
    worth_a_ship,
)
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import Edge, FactorySnapshot
from goodsfactory.planning.stock import SCARCE_BELOW, THROTTLES_BELOW, loadable
from goodsfactory.planning.urgency import urgencies, value_of
from goodsfactory.planning.worth import by_worth


def demands_ahead(
    snapshot: FactorySnapshot, ready: Mapping[Good, Availability], now: datetime, policy: Policy
) -> dict[Edge, EdgeDemand]:
    """Shiploads wanted along every edge now, decided from the target down to the raw goods."""
    hold = max(1, snapshot.fleet.largest_hold)
    root = snapshot.tree.good
    found = needs(snapshot, hold)
    missing = found.to_deliver
    demands: dict[Edge, EdgeDemand] = {(root, None): lifts_wanted(snapshot, ready[root], hold, now, policy)}
    for node in reversed(snapshot.tree.flatten()):
        if node.acquisition is Acquisition.BUY:
            continue
        for child in node.children:
            wanted = missing.get((child.good, node.good), 0)
            demands[child.good, node.good] = _feeding(snapshot, child, node, wanted, hold, policy)
    urgent = urgencies(snapshot, found)
    for edge, demand in demands.items():
        if demand.pressing and demand.feeds is not None:
            demands[edge] = replace(demand, urgency=urgent[demand.feeds])
    demands = by_worth(snapshot, demands, policy)
    _fit_to_stock(snapshot, demands, ready, hold, now, policy)
    take_up_adrift(snapshot, demands, policy)
    return demands


def _feeding(
    snapshot: FactorySnapshot,
    child: SupplyChainNode,
    node: SupplyChainNode,
    missing: int,
    hold: int,
    policy: Policy,
) -> EdgeDemand:
    legs = snapshot.legs_of(child.good, node.good)
    flying = sum(leg.state.is_flying for leg in legs)
    waiting = sum(leg.state.is_open for leg in legs) - flying
    most = max(0, policy.max_loads_per_edge - flying)
    if snapshot.factory.request.continuous:
        top = keep_full(snapshot, child, node, hold, most)
    else:
        top = top_up(snapshot, child, node, missing, hold, most)
    return EdgeDemand(
        child.good,
        node.good,
        flying + len(top.sizes),
        max(0, len(top.sizes) - waiting),
        top.reason,
        sizes=top.sizes[waiting:],
        pressing=top.pressing,
        due=max(0, top.due - sum(top.sizes[:waiting])),
        soon=max(0, top.soon - sum(top.sizes[:waiting])),
    )


def _kept(snapshot: FactorySnapshot, demands: Mapping[Edge, EdgeDemand], good: Good) -> list[Leg]:
    """Open legs of a good, without those waiting for a ship that are wanted no longer."""
    kept: list[Leg] = []
    for edge, demand in demands.items():
        if edge[0] == good:
            legs = snapshot.legs_of(*edge)
            surplus = surplus_of(legs, demand.wanted)
            kept += [leg for leg in legs if leg.state.is_open and leg not in surplus]
    return kept


def _fit_to_stock(
    snapshot: FactorySnapshot,
    demands: dict[Edge, EdgeDemand],
    ready: Mapping[Good, Availability],
    hold: int,
    now: datetime,
    policy: Policy,
) -> None:
    """Send no more ships to an export than what it has fills: the others would come back empty.

    What is due comes first, the most urgent before the rest, of whichever factory it is; then what is
    brought ahead. So one market is filled up to where it works at full pace, and not each by halves.
    """
    root, endless = snapshot.tree.good, snapshot.factory.request.continuous
    left: dict[Good, int] = {}
    for edge, demand in sorted(demands.items(), key=lambda item: -item[1].urgency):
        good, source = demand.good, ready[demand.good].waypoint
        listing = listing_at(snapshot, source, good)
        if good == root or not demand.sizes:
            continue
        if source is None:
            demands[edge] = replace(demand, short=sum(demand.sizes), lacking=demand.due)
        if source is None or listing is None:
            continue
        market, value = snapshot.markets[source], value_of(snapshot, demand)
        tranche = min(hold, listing.trade_volume)  # the last one begins at the edge of SCARCE and ends beyond
        if good not in left:
            own = bespoken(_kept(snapshot, demands, good), market, good)
            left[good] = loadable(listing) + tranche - own
        promised = bespoken(snapshot.neighbours.loading(source, good, value), market, good)
        # Whoever loads last may find a tranche less: the more urgent load first, then what is left is seen.
        there = left[good] - promised - (tranche if promised else 0)
        before_us = snapshot.neighbours.more_urgent(source, good, demand.urgency)
        first = gives_way(snapshot, source, good, demand.urgency, now, policy)
        due = max(0, min(demand.due, there - sum(want.short for want in before_us)))
        others = snapshot.neighbours.lacking(source, good)
        # A chain that goes on lives on full inputs: it buys them as deep as they pay.
        deep = 0 if endless else (SCARCE_BELOW - THROTTLES_BELOW) * listing.trade_volume
        ours = max(due, min(sum(demand.sizes), there - others - deep))
        sizes = []
        for size in () if first else demand.sizes:
            units = min(size, ours)
            if units < size and not worth_a_ship(units, hold):
                break
            sizes.append(units)
            ours -= units
            left[good] -= units
        if tuple(sizes) != demand.sizes:
            what = f"what is not kept for {before_us[0].target}" if before_us else f"as much as {source} has"
            taken = sum(sizes)
            demands[edge] = replace(
                demand,
                wanted=demand.wanted - len(demand.sizes) + len(sizes),
                missing=len(sizes),
                reason=f"{demand.reason}; {what}",
                sizes=tuple(sizes),
                short=sum(demand.sizes) - taken,
                lacking=max(0, demand.due - taken),
                gives_way=bool(first),
            )
