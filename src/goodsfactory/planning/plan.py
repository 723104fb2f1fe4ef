"""The plan of one agent: what all its orders want, and which ship does what. A situation in, a plan out.

Nothing is remembered from one plan to the next but what is durable, and since when a lot has waited for a
ship: it is wanted again by the next plan as long as it is worth it.
"""

import operator
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from goodsfactory.domain.errors import CannotEver
from goodsfactory.domain.factory import Strategy
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.chain.current import Chains, units_left
from goodsfactory.planning.dispatch.leftovers import clear_leftovers
from goodsfactory.planning.dispatch.matching import Match, held_back, match_lots
from goodsfactory.planning.dispatch.positioning import plan_positions
from goodsfactory.planning.dispatch.setbacks import holds_for_all, troubled_sites
from goodsfactory.planning.flow import Wanted, at_hand, next_pass, settled, sparing_dear_stock, told, wanted
from goodsfactory.planning.looking.lookout import plan_looks
from goodsfactory.planning.looking.scouting import ScoutVoyage
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.lot import Ages, Lot
from goodsfactory.planning.requirements.needs import needs
from goodsfactory.planning.requirements.neighbours import Neighbours, Want, expected, going_on
from goodsfactory.planning.situation import Order, Situation
from goodsfactory.planning.snapshot import FactoryDecision, FleetView, Verdict

_SWEEPS = 4
"""How often at most orders say in turn what they want beside the others: until nobody wants anything else."""


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


class _OrderBug(Exception):
    """A fault of ours, met while one order was planned: the others can be planned without it (law L9)."""

    def __init__(self, order_id: str, bug: Exception) -> None:
        super().__init__(order_id)
        self.order_id, self.bug = order_id, bug


@contextmanager
def _planning(order_id: str) -> Iterator[None]:
    try:
        yield
    except Exception as bug:
        raise _OrderBug(order_id, bug) from bug


def plan(situation: Situation, now: datetime, policy: Policy, chains: Chains) -> Plan:
    """What every order wants and waits for, and what each ship that is free does now."""
    aside: dict[str, FactoryDecision] = {}
    while True:
        sound = replace(situation, orders=[one for one in situation.orders if one.id not in aside])
        try:
            decisions, trees = want(sound, now, policy, chains)
        except _OrderBug as found:
            sentence = f"it cannot be planned: {type(found.bug).__name__}: {found.bug}"
            aside[found.order_id] = FactoryDecision(Verdict.CONTINUE, sentence, bug=found.bug)
        else:
            break
    decisions |= aside
    lots = [lot for decision in decisions.values() for lot in decision.lots]
    return give_out(situation, decisions, trees, lots, now, policy)


def want(
    situation: Situation, now: datetime, policy: Policy, chains: Chains
) -> tuple[dict[str, FactoryDecision], dict[str, SupplyChainNode]]:
    """What every order wants, and its chain, by order; one whose chain can never be has none, and fails."""
    decisions, trees = _resolved(situation, now, policy, chains)
    going, ready = {}, {}
    for order in situation.orders:
        if order.id not in trees:
            continue
        with _planning(order.id):
            snapshot = sparing_dear_stock(situation.snapshot(order, trees[order.id]), policy)
            decided = settled(snapshot, now, policy)
            if decided is not None:
                decisions[order.id] = decided
            else:
                going[order.id], ready[order.id] = snapshot, at_hand(snapshot, now, policy)
    refused = [leg for order in situation.orders for leg in order.legs if holds_for_all(leg)]
    legs = going_on(situation.flying, now)
    wishes: dict[str, Wanted] = {}
    heard: dict[str, list[Wanted]] = {}
    for _ in range(_SWEEPS):
        for name, snapshot in going.items():
            others = [wish for other, wish in wishes.items() if other != name]
            known = heard.get(name)
            if known is not None and len(known) == len(others) and all(map(operator.is_, known, others)):
                continue
            heard[name] = others
            around = Neighbours(
                [leg for leg in legs if leg.factory_id != name],
                [one for wish in others for one in wish.wants],
                [lot for wish in others for lot in expected(wish.lots, now)],
                [leg for leg in refused if leg.factory_id != name],
            )
            with _planning(name):
                wish = wanted(replace(snapshot, neighbours=around), ready[name], now, policy)
            if wish != wishes.get(name):
                wishes[name] = wish
    for name, wish in wishes.items():
        with _planning(name):
            decisions[name] = told(going[name], wish, now, policy)
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


def _resolved(
    situation: Situation, now: datetime, policy: Policy, chains: Chains
) -> tuple[dict[str, FactoryDecision], dict[str, SupplyChainNode]]:
    """The chain of every order as it is best now; of one that is idle as it was.

    Each is resolved beside what the others have yet to load, by the chains of those before it, and by the
    ones that the others had.
    """
    memory = chains.of([order.id for order in situation.orders])
    several, legs = len(situation.orders) > 1, going_on(situation.flying, now)
    failed: dict[str, FactoryDecision] = {}
    trees: dict[str, SupplyChainNode] = {}
    gross: dict[str, list[Want]] = {}

    def around(order: Order) -> Neighbours:
        wants = [want for name, wants in gross.items() if name != order.id for want in wants]
        return Neighbours([leg for leg in legs if leg.factory_id != order.id], wants)

    for order in situation.orders if several else ():
        if order.factory.tree is not None:
            with _planning(order.id):
                gross[order.id] = _gross(situation, order, order.factory.tree, around(order))
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
                [market for name, market in situation.markets.items() if system_of(name) == system],
                situation.chart,
                left=units_left(factory, order.legs, order.totals),
                largest_hold=fleet.largest_hold,
                policy=policy,
                troubled=troubled_sites(order.legs, now, policy, order.totals),
                neighbours=around(order),
            )
        except CannotEver as never:
            failed[order.id] = FactoryDecision(Verdict.FAIL, str(never))
            continue
        except Exception as bug:
            raise _OrderBug(order.id, bug) from bug
        if several:
            gross[order.id] = _gross(situation, order, trees[order.id], around(order))
    return failed, trees


def _gross(situation: Situation, order: Order, tree: SupplyChainNode, around: Neighbours) -> list[Want]:
    """What an order has yet to load by a chain, at the markets where it would."""
    if order.factory.is_idle or order.factory.request.strategy is not Strategy.SMART:
        return []
    snapshot = replace(situation.snapshot(order, tree), neighbours=around)
    to_load = needs(snapshot, max(1, snapshot.fleet.largest_hold)).to_load
    places = {node.good: node.source or node.factory_waypoint for node in tree.flatten()}
    return [
        Want(place, good, units)
        for good, units in to_load.items()
        if units and (place := places.get(good)) is not None
    ]


def _without(ships: Sequence[Ship], taken: Collection[str]) -> list[Ship]:
    return [ship for ship in ships if ship.symbol not in taken]
