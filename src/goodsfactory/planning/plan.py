"""The plan of one agent: what all its orders want, and which ship does what. A situation in, a plan out.

Nothing is remembered from one plan to the next but what is durable, and since when a lot has waited for a
ship: it is wanted again by the next plan as long as it is worth it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property, partial
from typing import cast

from goodsfactory.domain.errors import CannotEver
from goodsfactory.domain.goods import Good
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.chain.current import Chains, units_left
from goodsfactory.planning.dispatch.leftovers import clear_leftovers
from goodsfactory.planning.dispatch.matching import Match, held_back, match_lots
from goodsfactory.planning.dispatch.positioning import plan_positions
from goodsfactory.planning.dispatch.setbacks import holds_for_all, troubled_sites
from goodsfactory.planning.flow import going, next_pass, settled, told, wishes
from goodsfactory.planning.looking.lookout import plan_looks
from goodsfactory.planning.looking.scouting import ScoutVoyage
from goodsfactory.planning.market.stock import Spot
from goodsfactory.planning.outlets.sale import sparing_dear_stock
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.lot import Ages, Lot
from goodsfactory.planning.requirements.needs import Going, Needs, needs
from goodsfactory.planning.requirements.traffic import Traffic
from goodsfactory.planning.situation import Situation
from goodsfactory.planning.snapshot import FactoryDecision, FleetView, Verdict


@dataclass(frozen=True)
class Plan:
    """``decisions`` and ``trees`` are by order. ``matches`` are lots with the ships that fly them, leftovers
    to sell among them; ``looks`` and ``posts`` are where idle ships go to look, or to wait. Nothing changes
    by itself for ``pause`` game seconds."""

    decisions: Mapping[str, FactoryDecision]
    trees: Mapping[str, SupplyChainNode]
    matches: Sequence[Match]
    looks: Sequence[ScoutVoyage]
    posts: Sequence[ScoutVoyage]
    pause: float

    @cached_property
    def waiting(self) -> list[Lot]:
        """The lots that are wanted and get no ship."""
        flown = {match.lot.key for match in self.matches}
        lots = (lot for decision in self.decisions.values() for lot in decision.lots)
        return [lot for lot in lots if lot.key not in flown]

    @property
    def ages(self) -> Ages:
        """Since when they have been wanted: all that the next plan knows of them."""
        found = defaultdict[tuple[str, Good, Good | None], list[datetime]](list)
        for lot in sorted(self.waiting, key=lambda lot: lot.since):
            found[lot.order_id, lot.good, lot.feeds].append(lot.since)
        return found


class _Bug(Exception):
    """A fault of ours, met while orders were planned."""


@contextmanager
def _planning() -> Iterator[None]:
    try:
        yield
    except Exception as bug:
        raise _Bug from bug


def plan(situation: Situation, now: datetime, policy: Policy, chains: Chains) -> Plan:
    """What every order wants and waits for, and what each ship that is free does now."""
    aside: dict[str, FactoryDecision] = {}
    while True:
        sound = replace(situation, orders=[one for one in situation.orders if one.id not in aside])
        try:
            with _planning():
                decisions, trees = want(sound, now, policy, chains)
            break
        except _Bug as found:
            aside |= _at_fault(sound, found, now, policy)
    decisions |= aside
    lots = [lot for decision in decisions.values() for lot in decision.lots]
    return give_out(situation, decisions, trees, lots, now, policy)


def _at_fault(situation: Situation, met: _Bug, now: datetime, policy: Policy) -> dict[str, FactoryDecision]:
    """The orders that cannot be planned for a fault of ours, and without which the others can be (law L9):
    those that cannot be even alone, or else the newest."""
    bugs: dict[str, BaseException | None] = {}
    for order in situation.orders:
        try:
            with _planning():
                want(replace(situation, orders=[order]), now, policy, Chains())
        except _Bug as found:
            bugs[order.id] = found.__cause__
    bugs = bugs or {situation.orders[-1].id: met.__cause__}
    return {
        name: FactoryDecision(
            Verdict.CONTINUE, f"it cannot be planned: {type(bug).__name__}: {bug}", bug=cast("Exception", bug)
        )
        for name, bug in bugs.items()
    }


def want(
    situation: Situation, now: datetime, policy: Policy, chains: Chains
) -> tuple[dict[str, FactoryDecision], dict[str, SupplyChainNode]]:
    """What every order wants, and its chain, by order; one whose chain can never be has none, and fails."""
    decisions, trees = resolved(situation, now, policy, chains)
    refused = [leg for order in situation.orders for leg in order.legs if holds_for_all(leg)]
    at_work = []
    for order in situation.orders:
        if order.id not in trees:
            continue
        snapshot = replace(situation.snapshot(order, trees[order.id]), refused=refused)
        snapshot = sparing_dear_stock(snapshot, policy)
        decided = settled(snapshot, now, policy)
        if decided is not None:
            decisions[order.id] = decided
        else:
            at_work.append(going(snapshot, now, policy))
    found = wishes(at_work, Traffic.of(situation.flying, now), now, policy)
    decisions |= {one.id: told(one.snapshot, found[one.id], now, policy) for one in at_work}
    return decisions, trees


def give_out(
    situation: Situation,
    decisions: Mapping[str, FactoryDecision],
    trees: Mapping[str, SupplyChainNode],
    lots: Sequence[Lot],
    now: datetime,
    policy: Policy,
) -> Plan:
    """The ships that fly ``lots``, sell leftovers, look and wait: each free one does one thing at most."""
    factories = [replace(one, tree=trees.get(one.id, one.tree)) for one in situation.at_work]
    nodes = [node for one in factories if one.id in decisions for node in decisions[one.id].nodes]
    requests = {factory.id: factory.request for factory in factories}
    kept, resting = situation.kept, situation.resting
    fleet = (lots, situation.ships, requests, situation.chart, now)
    claims = situation.claims
    matches = match_lots(*fleet, claims=claims, kept=kept, resting=resting)
    idle = _without(situation.ships, [*claims, *(match.ship.symbol for match in matches)])
    if soon_free := situation.soon_free:
        held = {ship: claim for ship, claim in claims.items() if ship not in soon_free}
        hoped = match_lots(*fleet, claims=held, kept=kept, resting=resting)
        late = held_back(matches, hoped, soon_free)
        matches = [match for match in matches if match not in late]
    clears = clear_leftovers(
        situation.stock,
        idle,
        kept,
        factories,
        situation.markets,
        situation.chart,
        now,
        policy,
    )
    idle = _without(idle, [match.ship.symbol for match in clears])
    looks = plan_looks(
        nodes,
        situation.markets,
        situation.ships,
        idle,
        situation.chart,
        now,
        scouted=situation.scouted,
        watched=situation.watched,
        standing=situation.standing,
        requests=list(requests.values()),
        resting=resting,
    )
    probes = {ship.symbol for ship in situation.ships if ship.is_probe}
    stops = [stop for look in looks if look.ship not in probes for stop in look.waypoints]
    posts = plan_positions(
        factories,
        nodes,
        situation.flying,
        situation.markets,
        _without(idle, [look.ship for look in looks]),
        situation.chart,
        now,
        policy,
        approached=(*situation.approached, *stops),
        kept=kept,
        resting=resting,
    )
    at_work = factories or situation.flying or situation.stock
    pause = policy.planner_interval if at_work else policy.roll_call_interval
    pause = min([pause, *(next_pass(decision, now, policy) for decision in decisions.values())])
    return Plan(decisions, trees, [*matches, *clears], looks, posts, pause)


def resolved(
    situation: Situation, now: datetime, policy: Policy, chains: Chains
) -> tuple[dict[str, FactoryDecision], dict[str, SupplyChainNode]]:
    """The chain of every order as it is best now, beside what the others have yet to load by the chains they
    had; of one that is idle as it was."""
    memory = chains.of([order.id for order in situation.orders])
    failed: dict[str, FactoryDecision] = {}
    trees: dict[str, SupplyChainNode] = {}
    at_work = [order for order in situation.orders if not order.factory.is_idle]

    @cache
    def before() -> Needs:
        kept = [(order, order.factory.tree) for order in at_work]
        traffic = Traffic.of(situation.flying, now)
        return needs([Going(situation.snapshot(order, tree)) for order, tree in kept if tree], traffic)

    def wanted_beside(name: str, spot: Spot) -> int:
        return before().of_others(spot, name) if len(at_work) > 1 else 0

    for order in situation.orders:
        factory = order.factory
        if factory.is_idle and factory.tree is not None:
            trees[order.id] = factory.tree
            continue
        system = factory.system_symbol
        fleet = FleetView(situation.ships, {}, factory.request, system)
        try:
            trees[order.id] = memory[order.id].resolve(
                factory,
                situation.recipes,
                list(situation.by_system.get(system, {}).values()),
                situation.chart,
                left=units_left(factory, order.legs, order.totals),
                largest_hold=fleet.largest_hold,
                policy=policy,
                troubled=troubled_sites(order.legs, now, policy, order.totals),
                beside=partial(wanted_beside, order.id),
            )
        except CannotEver as never:
            failed[order.id] = FactoryDecision(Verdict.FAIL, str(never))
    return failed, trees


def _without(ships: Sequence[Ship], taken: Collection[str]) -> list[Ship]:
    return [ship for ship in ships if ship.symbol not in taken]
