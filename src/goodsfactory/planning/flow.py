"""One pass over a factory: which legs to fly, and what every node waits for.

The decision is taken from scratch each time, from what is durable and what was seen. Legs start as soon as
their own good can be loaded; there are no levels to wait for.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from goodsfactory.domain.factory import Hibernation, Strategy, Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import HandOver, Leg, LegState
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState, SupplyChainNode
from goodsfactory.planning.ahead import demands_ahead
from goodsfactory.planning.availability import Availability, availability
from goodsfactory.planning.decision import counted
from goodsfactory.planning.demand import (
    EdgeDemand,
    edge_demands,
    sinks_in_use,
    surplus_of,
    take_up_adrift,
)
from goodsfactory.planning.lifts import with_a_ship_for_inputs, with_more_urgent_first
from goodsfactory.planning.markup import least_margin
from goodsfactory.planning.node_states import describe_nodes
from goodsfactory.planning.pausing import PAUSED_BY_USER, paused_nodes, stuck_legs, waiting_legs
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.selling import SinkChoice, choose_sink
from goodsfactory.planning.setbacks import back_off, setback_of
from goodsfactory.planning.snapshot import Edge, FactoryDecision, FactorySnapshot, LegDemand, Verdict
from goodsfactory.planning.urgency import STEP, value_of
from goodsfactory.planning.wanting import wants_of
from goodsfactory.planning.worth import by_worth


def decide(snapshot: FactorySnapshot, now: datetime, policy: Policy) -> FactoryDecision:
    """Decide what to add, redirect and withdraw, and describe every node. Pure; never waits.

    While the user has paused the factory nothing is added, and it completes only by what flies already. One
    that hibernates adds nothing either, and waits for no price.
    """
    if snapshot.factory.hibernation is not None and snapshot.factory.paused_at is None:
        return _rest(snapshot, snapshot.factory.hibernation, now, policy)
    if snapshot.factory.paused_at is None:
        return _decide(snapshot, now, policy)
    withdrawn = waiting_legs(snapshot.legs, now)
    landed = snapshot.without(withdrawn)
    if _is_complete(landed):
        over = _decide(landed, now, policy)
        return replace(over, withdrawn=(*withdrawn, *over.withdrawn))
    described = _paused_nodes(landed, now, policy)
    return FactoryDecision(Verdict.CONTINUE, PAUSED_BY_USER, described, withdrawn=withdrawn)


def _rest(snapshot: FactorySnapshot, rest: Hibernation, now: datetime, policy: Policy) -> FactoryDecision:
    why = rest.why
    withdrawn = (*waiting_legs(snapshot.legs, now, why), *stuck_legs(snapshot.legs, now, why))
    landed = snapshot.without(withdrawn)
    described = tuple(
        node if node.state is NodeState.DONE else replace(node, since=rest.since, next_check=rest.until)
        for node in _paused_nodes(landed, now, policy, why)
    )
    return FactoryDecision(Verdict.CONTINUE, why, described, withdrawn=withdrawn)


def _paused_nodes(
    snapshot: FactorySnapshot, now: datetime, policy: Policy, why: str = PAUSED_BY_USER
) -> tuple[NodeProgress, ...]:
    progress = snapshot.progress.values()
    return paused_nodes(snapshot.factory, progress, snapshot.legs, snapshot.totals, now, policy, why)


def _decide(snapshot: FactorySnapshot, now: datetime, policy: Policy) -> FactoryDecision:
    request = snapshot.factory.request
    target = snapshot.tree.good
    begun = snapshot.legs or snapshot.totals
    if request.fail_if_no_ship and not begun and not snapshot.fleet.free(target, room=True):
        why = snapshot.fleet.why_none(target)
        return FactoryDecision(Verdict.FAIL, f"No ship can work for this factory: {why}.")
    nodes = snapshot.tree.flatten()
    ready = {node.good: availability(snapshot, node, now, policy) for node in nodes}
    ready[target] = _with_sink(snapshot, ready[target], now, policy)
    smart = request.strategy is Strategy.SMART
    if smart:
        ready[target] = with_more_urgent_first(snapshot, ready[target], now, policy)
        ready[target] = with_a_ship_for_inputs(snapshot, ready[target], now, policy)
    parked = _parked(snapshot, ready, now)
    snapshot = snapshot.without(parked)
    if smart:
        demands = demands_ahead(snapshot, ready, now, policy)
    else:
        demands = by_worth(snapshot, edge_demands(snapshot, ready, policy), policy)
        take_up_adrift(snapshot, demands, policy)  # also what is not worth buying
    surplus = _no_longer_wanted(snapshot, demands, now)
    snapshot = snapshot.without(surplus)
    withdrawn = (*parked, *surplus)
    described = describe_nodes(snapshot, nodes, ready, demands, now, policy)
    if _is_complete(snapshot):
        reason = (
            f"{counted(snapshot.lifted, 'unit')} of {target} {'is' if snapshot.lifted == 1 else 'are'} made"
        )
        return FactoryDecision(Verdict.COMPLETE, reason, described, withdrawn=withdrawn)
    added = tuple(_legs_to_add(snapshot, nodes, ready, demands, now, policy))
    redirected = _redirected(snapshot, ready, demands)
    wants = wants_of(snapshot, ready, demands, now) if smart else ()
    return FactoryDecision(
        Verdict.CONTINUE,
        "work goes on",
        described,
        added,
        redirected,
        withdrawn,
        wants,
        gives_way=any(demand.gives_way for demand in demands.values()),
    )


def next_pass(decision: FactoryDecision, now: datetime, policy: Policy) -> float:
    """Game seconds until something can have changed by itself."""
    checks = [
        node.next_check for node in decision.nodes if node.next_check is not None and node.next_check > now
    ]
    soonest = min(checks, default=now + timedelta(seconds=policy.coordinator_interval))
    if decision.gives_way:
        return policy.settle_interval
    return min(policy.coordinator_interval, (soonest - now).total_seconds())


def _is_complete(snapshot: FactorySnapshot) -> bool:
    if any(leg.state.is_open for leg in snapshot.legs):
        return False
    request = snapshot.factory.request
    return not request.continuous and snapshot.lifted >= (request.total or 1)


def _with_sink(snapshot: FactorySnapshot, made: Availability, now: datetime, policy: Policy) -> Availability:
    """What is to be sold is not lifted before there is a market to sell it at.

    Nor, where lots have no end, before that market pays enough: no ship flies only to find that out.
    """
    if made.waypoint is None or snapshot.factory.request.terminal is not Terminal.SELL:
        return made
    sink = _sink(snapshot, taken=sinks_in_use(snapshot, waiting=False))
    if sink.waypoint is None:
        sink = _sink(snapshot)
    if sink.waypoint is None:
        return Availability(None, f"{made.reason}, but {sink.reason}", sink.unseen)
    waits = _pays_too_little(snapshot, made.waypoint, sink, policy)
    if waits is None:
        return made
    market = snapshot.markets[sink.waypoint]
    old = not market.is_fresh(now, timedelta(seconds=policy.market_ttl))
    return Availability(None, f"{made.reason}, but {waits}", (sink.waypoint,) if old else ())


def _pays_too_little(snapshot: FactorySnapshot, source: str, sink: SinkChoice, policy: Policy) -> str | None:
    """Why a load is not lifted yet although it could be; None where the next tranche pays."""
    good = snapshot.tree.good
    listing = snapshot.markets[source].listing(good)
    if not snapshot.factory.request.continuous or listing is None or sink.listing is None:
        return None
    least = listing.ask * (1 + least_margin(listing, policy))
    if sink.listing.bid >= least:
        return None
    pays = f"{sink.waypoint} pays {sink.listing.bid:,} for what asks {listing.ask:,}"
    return f"{pays}, and is to pay {least:,.0f}"


def _parked(snapshot: FactorySnapshot, ready: Mapping[Good, Availability], now: datetime) -> tuple[Leg, ...]:
    """READY legs whose good is known not to be had now; what must be looked at first stays open."""
    parked = []
    for leg in snapshot.legs:
        found = ready.get(leg.good)
        if leg.state is not LegState.READY or found is None or found.waypoint or found.look_at:
            continue
        if leg.hand_over is HandOver.KEEP or not snapshot.fleet.adrift(leg.good):
            parked.append(leg.cancel(found.reason, now))
    return tuple(parked)


def _no_longer_wanted(
    snapshot: FactorySnapshot, demands: Mapping[Edge, EdgeDemand], now: datetime
) -> tuple[Leg, ...]:
    """READY legs beyond what their edge wants: nobody flies them yet, so they cost nothing to drop."""
    dropped = []
    for edge, legs in snapshot.legs_by_edge.items():
        demand = demands.get(edge)
        reason = demand.reason if demand else f"{edge[1]} is no longer made from {edge[0]}"
        surplus = surplus_of(legs, demand.wanted if demand else 0)
        dropped += [leg.cancel(reason, now) for leg in surplus]
    return tuple(dropped)


def _legs_to_add(
    snapshot: FactorySnapshot,
    nodes: list[SupplyChainNode],
    ready: Mapping[Good, Availability],
    demands: Mapping[Edge, EdgeDemand],
    now: datetime,
    policy: Policy,
) -> Iterable[LegDemand]:
    hold = snapshot.fleet.largest_hold
    if hold == 0:
        return  # a load is as large as a hold, and there is none
    sites = {node.good: node.factory_waypoint for node in nodes}
    taken = sinks_in_use(snapshot, waiting=True)
    for demand in demands.values():
        lift = demand.feeds is None
        found = ready[demand.good]
        destination, note = (
            _terminal(snapshot) if demand.feeds is None else (sites[demand.feeds], demand.reason)
        )
        setback = setback_of(snapshot, demand.good, demand.feeds)
        asked = snapshot.asked
        sizes = [*(demand.sizes or ())[: demand.missing]]
        sizes += [hold] * (demand.missing - len(sizes))
        if lift and asked is not None and demand.sizes is None:
            sizes = _shared_out(asked - snapshot.lifted - snapshot.lifting, hold, demand.missing)
        places = [found.waypoint] * demand.missing
        if found.waypoint is None:
            adrift = _not_promised(snapshot, demand.good)[: demand.missing] if destination else ()
            places = [ship.nav.waypoint for ship in adrift]
            sizes = [ship.hold.of(demand.good) for ship in adrift]
        for source, units in zip(places, sizes, strict=True):
            assert source is not None
            if lift and snapshot.factory.request.terminal is Terminal.SELL:
                # One seller at a sink: two would each reckon with a bid the other's sale has crushed (§9.9).
                sink = _sink(snapshot, units=units, taken=taken)
                if sink.waypoint is None or (
                    found.waypoint and _pays_too_little(snapshot, source, sink, policy)
                ):
                    break
                taken.add(sink.waypoint)
                destination, note = sink.waypoint, sink.reason
            yield LegDemand(
                good=demand.good,
                feeds=demand.feeds,
                source=source,
                destination=destination,
                units=units,
                value=value_of(snapshot, demand),
                reason=f"{note}; {found.reason}",
                not_before=back_off(setback, now, policy),
            )


def _shared_out(units: int, hold: int, loads: int) -> list[int]:
    """Sizes of the next ``loads`` towards ``units``, each a hold at most."""
    return [max(1, min(hold, units - number * hold)) for number in range(loads)]


def _not_promised(snapshot: FactorySnapshot, good: Good) -> tuple[Ship, ...]:
    """Ships adrift with ``good`` for which no leg waits yet."""
    waiting = sum(leg.state is LegState.READY for leg in snapshot.legs_for(good))
    return snapshot.fleet.adrift(good)[waiting:]


def _terminal(snapshot: FactorySnapshot) -> tuple[str | None, str]:
    if snapshot.factory.request.terminal is not Terminal.SELL:
        kept = " as stock" if snapshot.factory.request.terminal is Terminal.STOCK else ""
        return None, f"{snapshot.tree.good} stays in the hold{kept}"
    sink = _sink(snapshot)
    return sink.waypoint, sink.reason


def _sink(snapshot: FactorySnapshot, *, units: int | None = None, taken: Collection[str] = ()) -> SinkChoice:
    """Where the output is sold: never where it was lifted, which pays back half of it (economy.md §1.10)."""
    markets = [market for market in snapshot.markets.values() if market.waypoint not in taken]
    source = snapshot.tree.source
    return choose_sink(snapshot.tree.good, markets, snapshot.chart, near=source, made_at=source, units=units)


def _redirected(
    snapshot: FactorySnapshot,
    ready: Mapping[Good, Availability],
    demands: Mapping[Edge, EdgeDemand],
) -> tuple[Leg, ...]:
    """READY legs whose best source or destination is another one by now, or that weigh more or less."""
    sites = {node.good: node.factory_waypoint for node in snapshot.tree.flatten()}
    changed = []
    for leg in snapshot.legs:
        source = ready[leg.good].waypoint if leg.good in ready else None
        if leg.state is not LegState.READY or source is None:
            continue
        destination = leg.destination if leg.feeds is None else sites[leg.feeds]
        demand = demands.get((leg.good, leg.feeds))
        # Others may wait for it by now, or no longer; who has it aboard flies it anyway.
        anew = snapshot.neighbours.wants and not snapshot.fleet.adrift(leg.good)
        value = value_of(snapshot, demand) if anew and demand is not None else leg.value
        weighs = value if abs(value - leg.value) >= STEP // 2 else leg.value
        if (leg.source, leg.destination) != (source, destination):
            reason = ready[leg.good].reason
            changed.append(leg.decide_anew(source, destination, weighs, reason))
        elif weighs != leg.value:
            changed.append(leg.decide_anew(source, destination, weighs, leg.reason))
    return tuple(changed)
