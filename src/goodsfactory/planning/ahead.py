"""Shiploads that the strategy SMART wants along every edge: fed ahead of need, lifted by what is there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.availability import Availability
from goodsfactory.planning.demand import EdgeDemand, most_lifts, surplus_of, take_up_adrift
from goodsfactory.planning.eligibility import cargo_aboard
from goodsfactory.planning.keeping_full import keep_full
from goodsfactory.planning.lifting import last_lifts, next_lifts
from goodsfactory.planning.needs import (
    bespoken,
    listing_at,
    loads_of,
    needs,
    still_wanted,
    top_up,
    worth_a_ship,
)
from goodsfactory.planning.neighbours import Want
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import FactorySnapshot
from goodsfactory.planning.stock import PLENTY, SCARCE_BELOW, THROTTLES_BELOW, loadable
from goodsfactory.planning.urgency import urgencies, value_of


def demands_ahead(
    snapshot: FactorySnapshot, ready: Mapping[Good, Availability], now: datetime, policy: Policy
) -> dict[tuple[Good, Good], EdgeDemand]:
    """Shiploads wanted along every edge now, decided from the target down to the raw goods."""
    hold = max(1, snapshot.fleet.largest_hold)
    root = snapshot.tree.good
    found = needs(snapshot, hold)
    missing = found.to_deliver
    demands = {(root, root): _lifts(snapshot, ready[root], hold, now, policy)}
    for node in reversed(snapshot.tree.flatten()):
        if node.acquisition is Acquisition.BUY:
            continue
        for child in node.children:
            edge = (child.good, node.good)
            demands[edge] = _feeding(snapshot, child, node, missing.get(edge, 0), hold, policy)
    urgent = urgencies(snapshot, found)
    for edge, demand in demands.items():
        if demand.pressing and demand.good != demand.output:
            demands[edge] = replace(demand, urgency=urgent[demand.output])
    _fit_to_stock(snapshot, demands, ready, hold, now, policy)
    take_up_adrift(snapshot, demands, policy)
    return demands


def with_a_ship_for_inputs(
    snapshot: FactorySnapshot, made: Availability, now: datetime, policy: Policy
) -> Availability:
    """The target is lifted at once in the end where a part of it would fill the last ship for its inputs.

    What is lifted stays aboard, and nobody could bring what the rest is made of. The node waits as one that
    produces: with this reason, and looked at again and again.
    """
    snapshot = _without_waiting_lifts(snapshot)
    root, hold = snapshot.tree.good, max(1, snapshot.fleet.largest_hold)
    wanted = still_wanted(snapshot, hold)
    listing = listing_at(snapshot, made.waypoint, root)
    if made.waypoint is None or listing is None or not _fits_at_once(snapshot, wanted, hold):
        return made
    sizes = _sizes(snapshot, made.waypoint, wanted, policy.max_loads_per_edge, policy)
    beside = sum(sizes) <= _room_beside(snapshot)  # matching prefers ships that have some already
    if sum(sizes) >= wanted or beside or len(sizes) < _empty_ships(snapshot):
        return made
    carried = any(leg.state.is_open and leg.good != root for leg in snapshot.legs)
    if not carried and not any(needs(snapshot, hold).to_deliver.values()):
        return made
    look = _looks_again(snapshot, made.waypoint, now, policy)
    reason = f"{made.reason}, but not {wanted} units yet, and its ships are needed for the inputs"
    return Availability(None, reason, look, producing=True)


def with_more_urgent_first(
    snapshot: FactorySnapshot, made: Availability, now: datetime, policy: Policy
) -> Availability:
    """What another factory lacks and needs more is not lifted away from it: the node waits for the rest."""
    snapshot = _without_waiting_lifts(snapshot)
    if made.waypoint is None:
        return made
    before_us, most = _more_urgent(snapshot, made.waypoint), policy.max_loads_per_edge
    wanted = still_wanted(snapshot, max(1, snapshot.fleet.largest_hold))
    if not before_us or not _sizes(snapshot, made.waypoint, wanted, most, policy):
        return made
    kept = _kept_for(before_us)
    if _sizes(snapshot, made.waypoint, wanted, most, policy, kept):
        return made
    look = _looks_again(snapshot, made.waypoint, now, policy)
    reason = f"{made.reason}, but {kept} units are kept for {before_us[0].target}, which needs them sooner"
    return Availability(None, reason, look, producing=True)


def _sizes(
    snapshot: FactorySnapshot, source: str, wanted: int, most: int, policy: Policy, kept: int = 0
) -> tuple[int, ...]:
    """Lifts of the target to make now, ``wanted`` units in ``most`` loads at most, ``kept`` being left."""
    listing = listing_at(snapshot, source, snapshot.tree.good)
    if listing is None:
        return ()
    hold = max(1, snapshot.fleet.largest_hold)
    promised, request = _promised(snapshot, source), snapshot.factory.request
    if request.continuous and request.terminal is Terminal.SELL:
        return next_lifts(listing, promised, hold, most, kept)
    wanted += PLENTY if request.continuous else 0  # there is no last lift to prepare
    at_last = most_lifts(snapshot, policy)
    return last_lifts(wanted, listing, promised, hold, most, at_last, kept, policy.ready_supply)


def _without_waiting_lifts(snapshot: FactorySnapshot) -> FactorySnapshot:
    """As if no lift waited for a ship: whether one may is decided anew, and none stands in its own way."""
    root = snapshot.tree.good
    return snapshot.without(leg for leg in snapshot.legs_of(root, root) if leg.state is LegState.READY)


def _kept_for(wants: Sequence[Want]) -> int:
    """Units that are left to others: what they lack now, or will before the next lift."""
    return sum(max(want.short, want.soon) for want in wants)


def _looks_again(snapshot: FactorySnapshot, waypoint: str, now: datetime, policy: Policy) -> tuple[str, ...]:
    """The market of a node that waits there, unless somebody has just looked."""
    fresh = timedelta(seconds=policy.poll_interval_initial)
    return () if snapshot.markets[waypoint].is_fresh(now, fresh) else (waypoint,)


def _more_urgent(snapshot: FactorySnapshot, source: str | None) -> Sequence[Want]:
    """What others lack of the target, or will soon, and need more than it is needed here."""
    return snapshot.neighbours.needing(source, snapshot.tree.good)


def _promised(snapshot: FactorySnapshot, source: str) -> int:
    """Units of the target's stock that open legs, of whichever factory, have yet to load."""
    root = snapshot.tree.good
    legs = (*snapshot.legs_of(root, root), *snapshot.neighbours.loading(source, root))
    return bespoken(legs, snapshot.markets[source], root)


def _gives_way(
    snapshot: FactorySnapshot, source: str | None, good: Good, urgency: float, now: datetime, policy: Policy
) -> Sequence[Want]:
    """Who is to go first at an export that was looked at this moment.

    Its stock may be lifted from MODERATE up: whoever came first would take it below, and what is kept for
    the others could not be lifted.
    """
    market = snapshot.markets.get(source or "")
    moment = timedelta(seconds=3 * policy.settle_interval)
    if market is None or market.observed_at is None or now - market.observed_at >= moment:
        return ()
    return snapshot.neighbours.unheard(source, good, urgency, market.observed_at)


def _lifts(
    snapshot: FactorySnapshot, ready: Availability, hold: int, now: datetime, policy: Policy
) -> EdgeDemand:
    root = snapshot.tree.good
    wanted = still_wanted(snapshot, hold)
    legs = snapshot.legs_of(root, root)
    open_ = sum(leg.state.is_open for leg in legs)
    most = max(0, most_lifts(snapshot, policy) - open_)
    listing = listing_at(snapshot, ready.waypoint, root)
    reason = f"lift {root}"
    sizes = loads_of(wanted, hold, most)
    if ready.waypoint is not None and listing is not None and sizes:
        kept = _kept_for(_more_urgent(snapshot, ready.waypoint))
        sizes = _sizes(snapshot, ready.waypoint, wanted, most, policy, kept)
        left = max(0, wanted - sum(sizes))
        if left:
            # Small ones too: drained to LIMITED, a fed export works at full pace (economy.md §11.6).
            reason = f"lift {root}, {left} of {wanted} units are left for later"
    first = _gives_way(snapshot, ready.waypoint, root, 0.0, now, policy) if sizes else ()
    if first:
        sizes, reason = (), f"lift {root}, after {first[0].target}"
    short = max(0, wanted - sum(sizes))
    return EdgeDemand(
        root, root, open_ + len(sizes), len(sizes), reason, sizes=sizes, short=short, gives_way=bool(first)
    )


def _fits_at_once(snapshot: FactorySnapshot, wanted: int, hold: int) -> bool:
    """Whether all that is wanted can be kept aboard; where not, somebody must empty ships meanwhile."""
    kept = snapshot.factory.request.terminal is not Terminal.SELL
    return kept and wanted <= hold * _empty_ships(snapshot) + _room_beside(snapshot)


def _room_beside(snapshot: FactorySnapshot) -> int:
    """Units for which there is room in ships that keep some of the target already."""
    good = snapshot.tree.good
    return sum(ship.hold.free for ship in snapshot.fleet.usable if set(cargo_aboard(ship)) == {good})


def _empty_ships(snapshot: FactorySnapshot) -> int:
    """Usable ships that have none of the target aboard."""
    return sum(not ship.hold.of(snapshot.tree.good) for ship in snapshot.fleet.usable)


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


def _kept(
    snapshot: FactorySnapshot, demands: Mapping[tuple[Good, Good], EdgeDemand], good: Good
) -> list[Leg]:
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
    demands: dict[tuple[Good, Good], EdgeDemand],
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
        first = _gives_way(snapshot, source, good, demand.urgency, now, policy)
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
