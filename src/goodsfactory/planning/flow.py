"""What one order wants now: the lots to fly, and what every node waits for.

The decision is taken from scratch each time, from what is durable and what was seen. A lot is wanted as soon
as its own good can be loaded; there are no levels to wait for.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.factory import Hibernation, Strategy, Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState
from goodsfactory.planning.decision import counted
from goodsfactory.planning.dispatch.eligibility import Kept
from goodsfactory.planning.dispatch.setbacks import back_off, refusal_of, setback_of
from goodsfactory.planning.market.markup import least_margin
from goodsfactory.planning.market.selling import SinkChoice, choose_sink
from goodsfactory.planning.market.spreading import mean_bid
from goodsfactory.planning.node_states import describe_nodes
from goodsfactory.planning.pausing import PAUSED_BY_USER, idle_nodes, stuck_legs
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.ahead import demands_ahead
from goodsfactory.planning.requirements.availability import Availability, availability
from goodsfactory.planning.requirements.demand import EdgeDemand, edge_demands, sinks_in_use, take_up_adrift
from goodsfactory.planning.requirements.lifts import (
    with_a_ship_for_inputs,
    with_a_ship_for_others,
    with_more_urgent_first,
)
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.needs import listing_at, needs, still_wanted
from goodsfactory.planning.requirements.neighbours import Want
from goodsfactory.planning.requirements.urgency import urgencies, value_of
from goodsfactory.planning.requirements.wanting import wants_of
from goodsfactory.planning.requirements.worth import by_worth
from goodsfactory.planning.snapshot import Edge, FactoryDecision, FactorySnapshot, Verdict, is_complete
from goodsfactory.planning.voyage import try_again_at


@dataclass(frozen=True)
class Wanted:
    """What one order wants: where each good can be had (``ready``), the loads along every edge, the lots of
    them that can be flown, and what the agent's other orders should know of."""

    ready: Mapping[Good, Availability]
    demands: Mapping[Edge, EdgeDemand]
    lots: tuple[Lot, ...]
    wants: tuple[Want, ...] = ()


def settled(snapshot: FactorySnapshot, now: datetime, policy: Policy) -> FactoryDecision | None:
    """The decision about an order that wants nothing now; None about any other.

    While the user has paused it nothing is wanted, and it completes only by what flies already. One that
    hibernates wants nothing either, and its ships wait for no price.
    """
    factory, target = snapshot.factory, snapshot.tree.good
    if is_complete(factory.request, snapshot.legs, snapshot.totals):
        reason = made_of(factory.target_good, snapshot.lifted)
        nodes = _idle(snapshot, NodeState.DONE, reason, now, None)
        return FactoryDecision(Verdict.COMPLETE, reason, nodes)
    if factory.paused_at is not None:
        later = now + timedelta(seconds=policy.planner_interval)
        nodes = _idle(snapshot, NodeState.PAUSED, PAUSED_BY_USER, factory.paused_at, later)
        return FactoryDecision(Verdict.CONTINUE, PAUSED_BY_USER, nodes)
    if factory.hibernation is not None:
        return _rest(snapshot, factory.hibernation, now)
    begun = snapshot.progress or snapshot.legs or snapshot.totals
    if factory.request.fail_if_no_ship and not begun and not snapshot.fleet.free(target, room=True):
        why = snapshot.fleet.why_none(target)
        return FactoryDecision(Verdict.FAIL, f"No ship can work for this factory: {why}.")
    return None


def at_hand(snapshot: FactorySnapshot, now: datetime, policy: Policy) -> dict[Good, Availability]:
    """Whether each good of the chain can be loaded now, and where, whatever other orders want of it."""
    ready = {node.good: availability(snapshot, node, now, policy) for node in snapshot.tree.flatten()}
    target = snapshot.tree.good
    ready[target] = _with_sink(snapshot, ready[target], now, policy)
    return ready


def wanted(
    snapshot: FactorySnapshot, found: Mapping[Good, Availability], now: datetime, policy: Policy
) -> Wanted:
    """What an order wants beside its neighbours; ``found`` is as ``at_hand`` tells."""
    ready, target = dict(found), snapshot.tree.good
    if snapshot.factory.request.strategy is Strategy.SMART:
        ready[target] = with_more_urgent_first(snapshot, ready[target], now, policy)
        ready[target] = with_a_ship_for_inputs(snapshot, ready[target], now, policy)
        ready[target] = with_a_ship_for_others(snapshot, ready[target], now, policy)
        lacking = needs(snapshot, max(1, snapshot.fleet.largest_hold))
        urgent = urgencies(snapshot, lacking)
        demands = demands_ahead(snapshot, ready, lacking, urgent, policy)
        wants = wants_of(snapshot, ready, demands, lacking, urgent, now)
    else:
        demands = by_worth(snapshot, edge_demands(snapshot, ready, policy), policy)
        take_up_adrift(snapshot, demands, policy)  # also what is not worth buying
        wants = ()
    return Wanted(ready, demands, tuple(_lots(snapshot, ready, demands, now, policy)), wants)


def told(snapshot: FactorySnapshot, wish: Wanted, now: datetime, policy: Policy) -> FactoryDecision:
    """The decision of an order that wants so much, with what every node is doing or waiting for."""
    nodes = snapshot.tree.flatten()
    described = describe_nodes(snapshot, nodes, wish.ready, wish.demands, wish.lots, now, policy)
    return FactoryDecision(Verdict.CONTINUE, "work goes on", described, wish.lots)


def sparing_dear_stock(snapshot: FactorySnapshot, policy: Policy) -> FactorySnapshot:
    """The order with the stock of its output that it leaves aboard, since no sale pays what that had cost."""
    dear = _dear(snapshot, policy)
    return replace(snapshot, fleet=replace(snapshot.fleet, dear=dear)) if dear else snapshot


def _dear(snapshot: FactorySnapshot, policy: Policy, sink: SinkChoice | None = None) -> dict[str, Kept]:
    """By ship, why stock is not sold at ``sink``, or where it brings most: a load meets all its bids."""
    found: dict[str, Kept] = {}
    for row in snapshot.fleet.stock:
        if row.good == snapshot.tree.good and snapshot.factory.request.terminal is Terminal.SELL:
            at = sink or _sink(snapshot, units=row.units)
            pays = mean_bid(at.listing, row.units) if at.listing else math.inf
            if short := _pays_too_little(snapshot, at, pays, "cost", row.basis, policy):
                found[row.ship] = Kept(f"stock of factory {row.factory_id}: {short}")
    return found


def _rest(snapshot: FactorySnapshot, rest: Hibernation, now: datetime) -> FactoryDecision:
    nodes = _idle(snapshot, NodeState.PAUSED, rest.why, rest.since, rest.until)
    return FactoryDecision(
        Verdict.CONTINUE, rest.why, nodes, withdrawn=stuck_legs(snapshot.legs, now, rest.why)
    )


def _idle(
    snapshot: FactorySnapshot, state: NodeState, why: str, since: datetime, next_check: datetime | None
) -> tuple[NodeProgress, ...]:
    known, order = snapshot.progress.values(), snapshot.factory
    return idle_nodes(
        order, known, snapshot.legs, snapshot.totals, state=state, why=why, since=since, next_check=next_check
    )


def made_of(good: Good, units: int) -> str:
    """``40 units of IRON are made``."""
    return f"{counted(units, 'unit')} of {good} {'is' if units == 1 else 'are'} made"


def next_pass(decision: FactoryDecision, now: datetime, policy: Policy) -> float:
    """Game seconds until something can have changed by itself."""
    checks = [
        node.next_check for node in decision.nodes if node.next_check is not None and node.next_check > now
    ]
    soonest = min(checks, default=now + timedelta(seconds=policy.planner_interval))
    return min(policy.planner_interval, (soonest - now).total_seconds())


def _with_sink(snapshot: FactorySnapshot, made: Availability, now: datetime, policy: Policy) -> Availability:
    """What is to be sold is not lifted before there is a market to sell it at.

    Nor before that market pays enough, as whoever loads it will ask: no ship flies only to find that out.
    """
    if snapshot.factory.request.terminal is not Terminal.SELL:
        return made
    if made.waypoint is None and not snapshot.fleet.adrift(snapshot.tree.good):
        return made
    sink = _sink(snapshot, taken=sinks_in_use(snapshot))
    if sink.waypoint is None:
        sink = _sink(snapshot)
    if sink.waypoint is None:
        return Availability(None, f"{made.reason}, but {sink.reason}", sink.unseen)
    if made.waypoint is None:
        return made
    waits = _lift_short(snapshot, made.waypoint, sink, policy)
    if waits is None:
        return made
    market = snapshot.markets[sink.waypoint]
    old = not market.is_fresh(now, timedelta(seconds=policy.market_ttl))
    return Availability(None, f"{made.reason}, but {waits}", (sink.waypoint,) if old else ())


def _lift_short(snapshot: FactorySnapshot, source: str, sink: SinkChoice, policy: Policy) -> str | None:
    """Why a load is not lifted yet although it could be; None where the next tranche pays."""
    listing = snapshot.markets[source].listing(snapshot.tree.good)
    if listing is None or sink.listing is None:
        return None
    return _pays_too_little(snapshot, sink, sink.listing.bid, "asks", listing.ask, policy)


def _pays_too_little(
    snapshot: FactorySnapshot, sink: SinkChoice, pays: float, verb: str, cost: float, policy: Policy
) -> str | None:
    """How much a sale pays too little for what a unit ``cost``; None where it pays."""
    made = listing_at(snapshot, snapshot.tree.source, snapshot.tree.good)
    least = cost * (1 + (least_margin(made, policy) if snapshot.factory.request.continuous else 0.0))
    if pays >= least:
        return None
    return f"{sink.waypoint} pays {pays:,.0f} for what {verb} {cost:,.0f}, and is to pay {least:,.0f}"


def _lots(
    snapshot: FactorySnapshot,
    ready: Mapping[Good, Availability],
    demands: Mapping[Edge, EdgeDemand],
    now: datetime,
    policy: Policy,
) -> Iterable[Lot]:
    hold = snapshot.fleet.largest_hold
    if hold == 0:
        return  # a load is as large as a hold, and there is none
    sites = {node.good: node.factory_waypoint for node in snapshot.tree.flatten()}
    taken = sinks_in_use(snapshot)
    for edge, demand in demands.items():
        lift = demand.feeds is None
        found = ready[demand.good]
        destination, note = (
            _terminal(snapshot) if demand.feeds is None else (sites[demand.feeds], demand.reason)
        )
        setback = setback_of(snapshot, demand.good, demand.feeds)
        ages = snapshot.waiting.get((snapshot.factory.id, *edge), ())
        asked = snapshot.asked
        sizes = [*(demand.sizes or ())[: demand.missing]]
        sizes += [hold] * (demand.missing - len(sizes))
        if lift and asked is not None and demand.sizes is None:
            sizes = _shared_out(asked - snapshot.lifted - snapshot.lifting, hold, demand.missing)
        places = [found.waypoint] * demand.missing
        adrift: Sequence[Ship] = ()
        if found.waypoint is None:
            adrift = snapshot.fleet.adrift(demand.good)[: demand.missing] if destination else ()
            sizes = [ship.hold.of(demand.good) for ship in adrift]
            if lift:
                # The rest stays whose it is: no more is sold than was asked for.
                before = [0, *accumulate(sizes)]
                sizes = [
                    min(size, still_wanted(snapshot, hold) - done)
                    for size, done in zip(sizes, before, strict=False)
                ]
                sizes = [size for size in sizes if size > 0]
                adrift = adrift[: len(sizes)]
            places = [ship.nav.waypoint for ship in adrift]
        # What ships have aboard already is not bought: nothing holds it up.
        carried = len(snapshot.fleet.adrift(demand.good)) if destination else 0
        dear: Collection[str] = ()
        refused = refusal_of(snapshot, demand.good, demand.feeds, found.waypoint, now)
        for number, (source, units) in enumerate(zip(places, sizes, strict=True)):
            assert source is not None
            if lift and snapshot.factory.request.terminal is Terminal.SELL:
                # One seller at a sink: two would each reckon with a bid the other's sale has crushed (§9.9).
                sink = _sink(snapshot, units=units, taken=taken)
                if sink.waypoint is None or (found.waypoint and _lift_short(snapshot, source, sink, policy)):
                    break
                dear = _dear(snapshot, policy, sink)
                if not found.waypoint and adrift[number].symbol in dear:
                    continue
                taken.add(sink.waypoint)
                destination, note = sink.waypoint, sink.reason
            lot = Lot(
                order_id=snapshot.factory.id,
                good=demand.good,
                feeds=demand.feeds,
                source=source,
                destination=destination,
                units=units,
                value=value_of(snapshot, demand),
                reason=f"{note}; {found.reason}",
                since=next(iter(ages[number:]), now),
                number=number,
                urgency=demand.urgency,
                aboard=found.waypoint is None,
                not_before=back_off(setback, now, policy),
                dear=frozenset(dear),
            )
            if number < carried:
                yield lot
            elif snapshot.spending_held is not None:
                yield lot.held_until(try_again_at(now, policy), snapshot.spending_held, SpendRule.LEDGER)
            else:
                yield lot.held(refused)


def _shared_out(units: int, hold: int, loads: int) -> list[int]:
    """Sizes of the next ``loads`` towards ``units``, each a hold at most."""
    return [max(1, min(hold, units - number * hold)) for number in range(loads)]


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
