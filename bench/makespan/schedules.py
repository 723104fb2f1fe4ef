"""The schedulers that are compared: the product, and baselines made by holding it back.

A baseline is the product's own dispatcher that is not shown every leg. What it is shown is decided from the
rows that everybody reads, so that planner, pilot, money, scouting and request limit are the same for all.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from goodsfactory.daemon.application import Application
from goodsfactory.domain.container import Container, ContainerType
from goodsfactory.domain.factory import FactoryStatus, GoodsFactory
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.supply_chain import NodeProgress, NodeState, SupplyChainNode
from goodsfactory.planning.snapshot import Edge
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.dispatcher import Dispatcher

_AT_WORK = (FactoryStatus.PENDING, FactoryStatus.ACTIVE)

Order = Callable[[SupplyChainNode], Mapping[Good, int]]
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

    order: Order
    in_rounds: bool = True

    def released(self, factory: GoodsFactory, nodes: Sequence[NodeProgress], legs: Sequence[Leg]) -> set[str]:
        """The ids of the READY legs of a factory whose turn it is.

        In turn is the lowest step at which some good is not settled. A good is settled while nothing more of
        it is wanted; one that waits for its market to produce it, or for a source, is not. In rounds each
        edge is flown once, then the target is lifted once, whatever there is of it, then all begins anew.
        """
        if factory.tree is None:
            return set()
        steps = self.order(factory.tree)
        loads = _loads(factory.tree, legs) if self.in_rounds else dict.fromkeys(_edges(factory.tree), 0)
        rounds: dict[Good, int] = {}
        for (good, _), count in loads.items():
            rounds[good] = min(rounds.get(good, count), count)
        unsettled = [
            (rounds[node.good], steps[node.good])
            for node in nodes
            if node.good in steps and node.state is not NodeState.DONE
        ]
        turn = min(unsettled, default=None)
        ready = [
            leg
            for leg in legs
            if leg.state is LegState.READY
            and (leg.good, leg.feeds) in loads
            and (loads[leg.good, leg.feeds], steps[leg.good]) == turn
        ]
        return {leg.id for leg in (_one_each(ready, legs) if self.in_rounds else ready)}


DISCIPLINES: Mapping[Scheduler, Discipline] = {
    Scheduler.SEQUENTIAL: Discipline(depth_first),
    Scheduler.LEVELS: Discipline(level_by_level),
    Scheduler.LEVELS_FED: Discipline(level_by_level, in_rounds=False),
}


def _edges(tree: SupplyChainNode) -> list[Edge]:
    """The edges of a tree, the lift of the target last."""
    return [*((child.good, output.good) for child, output in tree.edges()), (tree.good, None)]


def _loads(tree: SupplyChainNode, legs: Sequence[Leg]) -> dict[Edge, int]:
    """How many loads were carried along each edge."""
    loads = dict.fromkeys(_edges(tree), 0)
    for leg in legs:
        if leg.state is LegState.DONE and leg.bought and (leg.good, leg.feeds) in loads:
            loads[leg.good, leg.feeds] += 1
    return loads


def _one_each(ready: Sequence[Leg], legs: Sequence[Leg]) -> list[Leg]:
    """The oldest leg of each edge on which none is being flown."""
    chosen: dict[Edge, Leg] = {}
    for leg in ready:
        chosen.setdefault((leg.good, leg.feeds), leg)
    for leg in legs:
        if leg.state.is_flying:
            chosen.pop((leg.good, leg.feeds), None)
    return list(chosen.values())


class _AllLegs:
    """Every leg a factory ever had, read once and brought up to date: what is over does not change."""

    def __init__(self) -> None:
        self._legs: dict[str, Leg] = {}

    def read(self, tx: Transaction, factory_id: str) -> list[Leg]:
        """All of them, in the order they were added."""
        at_hand = tx.legs.at_hand(factory_id)
        ever = sum(one.legs for one in tx.legs.totals(factory_id)) + len(at_hand)
        added = tx.legs.newest(factory_id, ever - len(self._legs)) if ever > len(self._legs) else []
        now = {leg.id: leg for leg in at_hand}
        for leg in [one for one in self._legs.values() if one.state.is_open]:
            if leg.id not in now:
                self._legs[leg.id] = tx.legs.get(leg.id) or leg
        self._legs |= {leg.id: leg for leg in added}
        self._legs |= {leg.id: now[leg.id] for leg in self._legs.values() if leg.id in now}
        return list(self._legs.values())


@dataclass(frozen=True)
class _HeldBackLegs:
    """The legs of a transaction, without the READY ones whose turn it is not."""

    transaction: Transaction
    discipline: Discipline
    all: defaultdict[str, _AllLegs]

    def open_of_player(self, player_id: int) -> list[Leg]:
        tx = self.transaction
        legs = tx.legs.open_of_player(player_id)
        if not any(leg.state is LegState.READY for leg in legs):
            return legs
        turn: set[str] = set()
        for factory in tx.factories.find(player_id=player_id, statuses=_AT_WORK):
            turn |= self.discipline.released(
                factory, tx.factories.nodes(factory.id), self.all[factory.id].read(tx, factory.id)
            )
        # What a failed leg left aboard must be taken to its place, or its ship could do nothing else.
        claimed = {claim.ship for claim in tx.claims.of_player(player_id)}
        free = [ship for ship in tx.ships.of_player(player_id) if ship.symbol not in claimed]
        aboard = {good for ship in free for good, units in ship.hold.inventory.items() if units}
        return [
            leg for leg in legs if leg.state is not LegState.READY or leg.id in turn or leg.good in aboard
        ]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transaction.legs, name)


@dataclass(frozen=True)
class _HeldBackTransaction:
    transaction: Transaction
    legs: _HeldBackLegs

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transaction, name)


@dataclass(frozen=True)
class HeldBackStore:
    """A store in which whoever asks for the open legs does not see those whose turn it is not."""

    store: Store
    discipline: Discipline
    all: defaultdict[str, _AllLegs] = field(default_factory=lambda: defaultdict(_AllLegs))

    async def transact(self, work: Callable[[Any], Any]) -> Any:
        return await self.store.transact(
            lambda tx: work(_HeldBackTransaction(tx, _HeldBackLegs(tx, self.discipline, self.all)))
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def hold_back(application: Application, scheduler: Scheduler, new_id: Callable[[], str]) -> None:
    """Let the dispatchers that start from now on see the legs as ``scheduler`` does."""
    discipline = DISCIPLINES.get(scheduler)
    if discipline is None:
        return

    async def dispatch(container: Container) -> str | None:
        dispatcher = Dispatcher(
            HeldBackStore(application.store, discipline),
            application.clock,
            application.settings.policy,
            application.engine,
            application.roster.crew(container.player_id).roll_call,
            new_id,
        )
        return await dispatcher.run(container)

    application.engine.register(ContainerType.DISPATCHER, dispatch, restarts=None)
