"""What the orders of a baseline want: the chain of each, its lots, and the progress of its nodes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bench.makespan.baselines.at_hand import AtHand, at_hand
from bench.makespan.baselines.demand import Demand, demands_of
from bench.makespan.baselines.progress import amounts, done, progress_of

from goodsfactory.domain.errors import CannotEver, SpendRule
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.supply_chain import NodeProgress, NodeState, SupplyChainNode
from goodsfactory.planning.chain.current import Chain, Chains, units_left
from goodsfactory.planning.dispatch.setbacks import back_off, holds_for_all, setback_of, troubled_sites
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.situation import Order, Situation
from goodsfactory.planning.snapshot import (
    Edge,
    FactoryDecision,
    FactorySnapshot,
    FleetView,
    Verdict,
    is_complete,
)

STEP = 4_000
"""Weight, in credits, of one step on the way to the target: deeper loads hold up more of the chain."""


def want(
    situation: Situation, now: datetime, policy: Policy, chains: Chains
) -> tuple[dict[str, FactoryDecision], dict[str, SupplyChainNode]]:
    """What every order wants, and its chain, by order; one whose chain can never be has none, and fails.

    Each order plans as if it were the only one, but for what was refused to every ship.
    """
    memory = chains.of([order.id for order in situation.orders])
    refused = [leg for order in situation.orders for leg in order.legs if holds_for_all(leg)]
    decisions: dict[str, FactoryDecision] = {}
    trees: dict[str, SupplyChainNode] = {}
    for order in situation.orders:
        try:
            tree = _chain(situation, order, now, policy, memory[order.id])
        except CannotEver as never:
            decisions[order.id] = FactoryDecision(Verdict.FAIL, str(never))
            continue
        trees[order.id] = tree
        decisions[order.id] = _decided(situation.snapshot(order, tree), refused, now, policy)
    return decisions, trees


def _chain(
    situation: Situation, order: Order, now: datetime, policy: Policy, memory: Chain
) -> SupplyChainNode:
    """The chain of an order as it is best now. Raises CannotEver."""
    factory = order.factory
    system = factory.system_symbol
    return memory.resolve(
        factory,
        situation.recipes,
        [market for name, market in situation.markets.items() if system_of(name) == system],
        situation.chart,
        left=units_left(factory, order.legs, order.totals),
        largest_hold=FleetView(situation.ships, {}, factory.request, system).largest_hold,
        policy=policy,
        troubled=troubled_sites(order.legs, now, policy, order.totals),
    )


def _decided(
    snapshot: FactorySnapshot, refused: Sequence[Leg], now: datetime, policy: Policy
) -> FactoryDecision:
    if is_complete(snapshot.factory.request, snapshot.legs, snapshot.totals):
        made = f"{snapshot.lifted} units of {snapshot.tree.good} are made"
        return FactoryDecision(Verdict.COMPLETE, made, _done(snapshot, made, now))
    ready = {node.good: at_hand(snapshot, node, now, policy) for node in snapshot.tree.flatten()}
    demands = demands_of(snapshot, ready, policy)
    lots = tuple(_lots(snapshot, ready, demands, refused, now, policy))
    nodes = progress_of(snapshot, ready, demands, lots, now, policy)
    return FactoryDecision(Verdict.CONTINUE, "work goes on", nodes, lots)


def _done(snapshot: FactorySnapshot, made: str, now: datetime) -> tuple[NodeProgress, ...]:
    """Every node of an order that is complete; those that were DONE before stay so since then."""
    known = dict(snapshot.progress)
    for node in snapshot.factory.tree.flatten() if snapshot.factory.tree else ():
        known.setdefault(node.good, NodeProgress(snapshot.factory.id, node.good, NodeState.DONE, made, now))
    return tuple(
        replace(node if node.state is NodeState.DONE else done(node, made, now), **amounts(snapshot, good))
        for good, node in known.items()
    )


def _lots(
    snapshot: FactorySnapshot,
    ready: Mapping[Good, AtHand],
    demands: Mapping[Edge, Demand],
    refused: Sequence[Leg],
    now: datetime,
    policy: Policy,
) -> Iterator[Lot]:
    """The loads that can be had now, or that ships have aboard already; what is lifted stays in the hold."""
    hold = snapshot.fleet.largest_hold
    if hold == 0:
        return  # a load is as large as a hold, and there is none
    sites = {node.good: node.factory_waypoint for node in snapshot.tree.flatten()}
    for (good, feeds), demand in demands.items():
        found, destination = ready[good], sites[feeds] if feeds else None
        note = demand.reason if feeds else f"{good} stays in the hold"
        adrift = snapshot.fleet.adrift(good) if destination else ()
        loads = [(found.waypoint, units) for units in _sizes(snapshot, demand, hold)]
        if found.waypoint is None:
            loads = [(ship.nav.waypoint, ship.hold.of(good)) for ship in adrift[: demand.missing]]
        waited = snapshot.waiting.get((snapshot.factory.id, good, feeds), ())
        refusal = _refusal(snapshot, good, feeds, found.waypoint, refused, now)
        for number, (source, units) in enumerate(loads):
            assert source is not None
            lot = Lot(
                order_id=snapshot.factory.id,
                good=good,
                feeds=feeds,
                source=source,
                destination=destination,
                units=units,
                value=STEP * (1 + _steps(snapshot.tree, feeds or good) + (1 if feeds else 0)),
                reason=f"{note}; {found.reason}",
                since=next(iter(waited[number:]), now),
                number=number,
                aboard=found.waypoint is None,
                not_before=back_off(setback_of(snapshot, good, feeds), now, policy),
            )
            if number < len(adrift):
                yield lot  # what ships have aboard already is not bought: nothing holds it up
            elif snapshot.spending_held is not None:
                later = now + timedelta(seconds=policy.retry_limit / 4)
                yield lot.held_until(later, snapshot.spending_held, SpendRule.LEDGER)
            else:
                yield lot.held(refusal)


def _sizes(snapshot: FactorySnapshot, demand: Demand, hold: int) -> list[int]:
    """Units of each missing load: a hold, but the last lifts take no more than is left of what was asked."""
    if demand.feeds is not None or snapshot.asked is None:
        return [hold] * demand.missing
    left = snapshot.asked - snapshot.lifted - snapshot.lifting
    return [max(1, min(hold, left - number * hold)) for number in range(demand.missing)]


def _steps(tree: SupplyChainNode, good: Good, depth: int = 0) -> int:
    """Longest way from a good to the target, in recipes; 0 for what is not in the tree."""
    here = depth if tree.good == good else 0
    return max(here, max((_steps(child, good, depth + 1) for child in tree.children), default=0))


def _refusal(
    snapshot: FactorySnapshot,
    good: Good,
    feeds: Good | None,
    source: str | None,
    of_all: Sequence[Leg],
    now: datetime,
) -> Leg | None:
    """The leg that was given back and holds the same purchase up now; None where nothing does."""
    given_back = [
        leg
        for leg in (*snapshot.legs_of(good, feeds), *of_all)
        if leg.is_given_back and (leg.good, leg.source) == (good, source)
        if leg.not_before is not None and leg.not_before > now
    ]
    return max(given_back, key=lambda leg: (leg.not_before or now, leg.id), default=None)
