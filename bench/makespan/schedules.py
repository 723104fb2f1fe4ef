"""The schedulers that are compared: the product, and baselines that run in its planner's place.

A baseline has its own rules of what an order wants (``baselines``), and gives out only some of those lots.
Both are decided from what the planner reads, and ships are matched, sent and paid for by the program, so that
pilot, money, scouting and request limit are the same for all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bench.makespan.baselines import want

from goodsfactory.daemon.application import Application
from goodsfactory.domain.container import Container, ContainerType
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.supply_chain import NodeState, SupplyChainNode
from goodsfactory.planning.chain.current import Chains
from goodsfactory.planning.plan import Plan, give_out
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.situation import Order, Situation
from goodsfactory.planning.snapshot import Edge, FactoryDecision
from goodsfactory.production.planner import Planner, Planning

Steps = Callable[[SupplyChainNode], Mapping[Good, int]]
"""The step at which each good of a tree is carried."""


class Scheduler(StrEnum):
    """Who decides when a leg is flown.

    ``SEQUENTIAL``: one ship, depth first. ``LEVELS``: all ships, a barrier after each level of the tree.
    ``LEVELS_FED``: like it, but every load that is wanted at a level is carried before the next level, and a
    market that starves while it is waited for is fed again; not one of the three the product is judged by.
    """

    SEQUENTIAL = "sequential"
    LEVELS = "levels"
    PRODUCT = "product"
    LEVELS_FED = "levels-fed"


def depth_first(tree: SupplyChainNode) -> Mapping[Good, int]:
    """Each good a step of its own, inputs before outputs and one branch after the other."""
    return {node.good: step for step, node in enumerate(tree.flatten())}


def level_by_level(tree: SupplyChainNode) -> Mapping[Good, int]:
    """All goods that stand as high above the raw ones share a step."""
    return {node.good: node.depth() for node in tree.flatten()}


@dataclass(frozen=True)
class Discipline:
    """How a baseline holds back: the order of its steps, and whether it goes in rounds of one load."""

    steps: Steps
    in_rounds: bool = True

    def released(self, order: Order, decision: FactoryDecision, tree: SupplyChainNode) -> list[Lot]:
        """The lots of an order whose turn it is.

        In turn is the lowest step at which some good is not settled. A good is settled while nothing more of
        it is wanted; one that waits for its market to produce it, or for a source, is not. In rounds each
        edge is flown once, then the target is lifted once, whatever there is of it, then all begins anew.
        """
        steps = self.steps(tree)
        loads = _loads(tree, order) if self.in_rounds else dict.fromkeys(_edges(tree), 0)
        rounds: dict[Good, int] = {}
        for (good, _), count in loads.items():
            rounds[good] = min(rounds.get(good, count), count)
        unsettled = [
            (rounds[node.good], steps[node.good])
            for node in decision.nodes
            if node.good in steps and node.state is not NodeState.DONE
        ]
        turn = min(unsettled, default=None)
        ready = [
            lot
            for lot in decision.lots
            if (lot.good, lot.feeds) in loads and (loads[lot.good, lot.feeds], steps[lot.good]) == turn
        ]
        return _one_each(ready, order.legs) if self.in_rounds else ready


DISCIPLINES: Mapping[Scheduler, Discipline] = {
    Scheduler.SEQUENTIAL: Discipline(depth_first),
    Scheduler.LEVELS: Discipline(level_by_level),
    Scheduler.LEVELS_FED: Discipline(level_by_level, in_rounds=False),
}


def _edges(tree: SupplyChainNode) -> list[Edge]:
    """The edges of a tree, the lift of the target last."""
    return [*((child.good, output.good) for child, output in tree.edges()), (tree.good, None)]


def _loads(tree: SupplyChainNode, order: Order) -> dict[Edge, int]:
    """How many loads were carried along each edge."""
    loads = dict.fromkeys(_edges(tree), 0)
    for leg in order.legs:
        if leg.state is LegState.DONE and leg.bought and (leg.good, leg.feeds) in loads:
            loads[leg.good, leg.feeds] += 1
    for one in order.totals:
        if (one.good, one.feeds) in loads and not one.clears:
            loads[one.good, one.feeds] += one.legs - one.troubled
    return loads


def _one_each(ready: Sequence[Lot], legs: Sequence[Leg]) -> list[Lot]:
    """The first lot of each edge on which none is being flown."""
    chosen: dict[Edge, Lot] = {}
    for lot in ready:
        chosen.setdefault((lot.good, lot.feeds), lot)
    for leg in legs:
        if leg.state.is_open:
            chosen.pop((leg.good, leg.feeds), None)
    return list(chosen.values())


def planning_of(discipline: Discipline) -> Planning:
    """How a baseline plans that holds back so."""

    def planned(situation: Situation, now: datetime, policy: Policy, chains: Chains) -> Plan:
        decisions, trees = want(situation, now, policy, chains)
        free = [ship for ship in situation.ships if ship.symbol not in situation.claims]
        # What a failed leg left aboard must be taken to its place, or its ship could do nothing else.
        aboard = {good for ship in free for good, units in ship.hold.inventory.items() if units}
        lots: list[Lot] = []
        for order in situation.orders:
            decision = decisions[order.id]
            turn = discipline.released(order, decision, trees[order.id]) if order.id in trees else []
            lots += [lot for lot in decision.lots if lot in turn or lot.good in aboard]
        return give_out(situation, decisions, trees, lots, now, policy)

    return planned


def hold_back(application: Application, scheduler: Scheduler, new_id: Callable[[], str]) -> None:
    """Let the planners that start from now on plan as ``scheduler`` does."""
    discipline = DISCIPLINES.get(scheduler)
    if discipline is None:
        return
    planned = planning_of(discipline)

    async def run(container: Container) -> str | None:
        crew = application.roster.crew(container.player_id)
        planner = Planner(
            application.store,
            application.clock,
            application.settings.policy,
            application.engine,
            crew.recipes,
            crew.scout,
            crew.roll_call,
            new_id,
            planned,
        )
        return await planner.run(container)

    application.engine.register(ContainerType.PLANNER, run, restarts=None)
