"""Shiploads that the strategy SMART wants along every edge: fed ahead of need, lifted by what is there."""

from collections.abc import Mapping
from dataclasses import replace

from goodsfactory.domain.goods import Good
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.market.stock import SCARCE_BELOW, THROTTLES_BELOW, loadable
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import Availability
from goodsfactory.planning.requirements.demand import EdgeDemand, take_up_adrift
from goodsfactory.planning.requirements.keeping_full import keep_full
from goodsfactory.planning.requirements.lifts import lifts_wanted
from goodsfactory.planning.requirements.needs import (
    Needs,
    bespoken,
    listing_at,
    others_take,
    top_up,
    worth_a_ship,
)
from goodsfactory.planning.requirements.urgency import value_of
from goodsfactory.planning.requirements.worth import by_worth
from goodsfactory.planning.snapshot import Edge, FactorySnapshot


def demands_ahead(
    snapshot: FactorySnapshot,
    ready: Mapping[Good, Availability],
    found: Needs,
    urgent: Mapping[Good, float],
    policy: Policy,
) -> dict[Edge, EdgeDemand]:
    """Shiploads wanted along every edge now, decided from the target down to the raw goods."""
    hold = max(1, snapshot.fleet.largest_hold)
    root = snapshot.tree.good
    missing = found.to_deliver
    demands: dict[Edge, EdgeDemand] = {(root, None): lifts_wanted(snapshot, ready[root], hold, policy)}
    for node in reversed(snapshot.tree.flatten()):
        if node.acquisition is Acquisition.BUY:
            continue
        for child in node.children:
            wanted = missing.get((child.good, node.good), 0)
            demands[child.good, node.good] = _feeding(snapshot, child, node, wanted, hold, policy)
    for edge, demand in demands.items():
        if demand.pressing and demand.feeds is not None:
            demands[edge] = replace(demand, urgency=urgent[demand.feeds])
    demands = by_worth(snapshot, demands, policy)
    _fit_to_stock(snapshot, demands, ready, hold)
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
    flying = sum(leg.state.is_open for leg in snapshot.legs_of(child.good, node.good))
    most = max(0, policy.max_loads_per_edge - flying)
    if snapshot.factory.request.continuous:
        top = keep_full(snapshot, child, node, hold, most)
    else:
        top = top_up(snapshot, child, node, missing, hold, most)
    return EdgeDemand(
        child.good,
        node.good,
        len(top.sizes),
        top.reason,
        sizes=top.sizes,
        pressing=top.pressing,
        due=top.due,
        soon=top.soon,
    )


def _fit_to_stock(
    snapshot: FactorySnapshot,
    demands: dict[Edge, EdgeDemand],
    ready: Mapping[Good, Availability],
    hold: int,
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
            own = [leg for edge in demands if edge[0] == good for leg in snapshot.legs_of(*edge)]
            left[good] = loadable(listing) + tranche - bespoken(own, market, good)
        promised = others_take(snapshot, market, good, demand.urgency, value)
        # Whoever loads last may find a tranche less: the more urgent load first, then what is left is seen.
        there = left[good] - promised - (tranche if promised else 0)
        before_us = snapshot.neighbours.more_urgent(source, good, demand.urgency)
        due = max(0, min(demand.due, there - sum(want.short for want in before_us)))
        others = snapshot.neighbours.lacking(source, good)
        # A chain that goes on lives on full inputs: it buys them as deep as they pay.
        deep = 0 if endless else (SCARCE_BELOW - THROTTLES_BELOW) * listing.trade_volume
        ours = max(due, min(sum(demand.sizes), there - others - deep))
        sizes = []
        for size in demand.sizes:
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
                missing=len(sizes),
                reason=f"{demand.reason}; {what}",
                sizes=tuple(sizes),
                short=sum(demand.sizes) - taken,
                lacking=max(0, demand.due - taken),
            )
