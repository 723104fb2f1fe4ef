"""Why a factory is where it is, read for the face that asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from goodsfactory.daemon.crew import Crew
from goodsfactory.daemon.factories import Factories
from goodsfactory.daemon.reports import Parked, at_the_end, held_up, last_heard, put_by
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.scenes import read_fleet
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.planning.chart.chart import chart_of
from goodsfactory.planning.explanation import NodeExplanation, chosen_nodes, explain_node
from goodsfactory.planning.outlets.sale import sparing_dear_stock
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import FactorySnapshot
from goodsfactory.ports.store import Store, Transaction

EVENTS_READ = 2_000
"""The newest events of a factory among which those of a node are looked for."""

_ENDS = (EventKind.FACTORY_COMPLETED, EventKind.FACTORY_FAILED, EventKind.FACTORY_STOPPED)

EVENTS_TOLD = 10
REFUSALS_TOLD = 5
UNREADABLE_TOLD = 5


@dataclass(frozen=True)
class ToldNode:
    """A node with the events about it, oldest first, and the refused purchases among them, newest first."""

    explanation: NodeExplanation
    events: Sequence[Event]
    refusals: Sequence[Event]


@dataclass(frozen=True)
class FactoryExplanation:
    """``notes`` concern the whole factory; ``markets`` are those of its system, by waypoint."""

    factory: GoodsFactory
    nodes: Sequence[ToldNode]
    notes: Sequence[str]
    markets: Mapping[str, MarketSnapshot]
    parked: Parked | None = None


@dataclass(frozen=True)
class Explanations:
    store: Store
    roster: Roster
    factories: Factories
    policy: Policy

    async def of_factory(self, player_id: int, factory_id: str, good: str | None) -> FactoryExplanation:
        """Every node of a factory, or the one of ``good``; of one that is over, as it ended.

        Raises UserError where the player has no such factory, or it has no such node.
        """
        report = await self.factories.report(player_id, factory_id)
        factory = report.factory
        nodes = chosen_nodes(factory, good)
        snapshot, events, notes, now = await self.store.transact(
            lambda tx: _read(tx.in_universe_of(player_id), factory, report.now, self.policy)
        )
        trouble = self.roster.trouble(player_id)
        if trouble is not None and not factory.status.is_over:
            notes.append(trouble)
        crew = self._crew(player_id)
        if crew is not None and not factory.status.is_over:
            notes += crew.not_understood()[:UNREADABLE_TOLD]
        recipes = None if crew is None else crew.recipes
        told = []
        for node in nodes:
            about = [event for event in events if event.good == node.good]
            refused = [event for event in reversed(about) if event.kind is EventKind.SPEND_REFUSED]
            why = explain_node(snapshot, node, recipes, now, self.policy)
            ended = at_the_end(factory, why.progress, node)
            now_told = None if ended is None else held_up(ended, report.outage)
            if now_told is not None and report.parked is not None:
                now_told = put_by(now_told, report.parked)
            why = why if now_told is None else replace(why, progress=now_told)
            taken = tuple(event.message for event in about if event.kind is EventKind.STOCK_TAKEN)
            why = replace(why, stock=(*taken[-EVENTS_TOLD:], *why.stock))
            told.append(ToldNode(why, about[-EVENTS_TOLD:], refused[:REFUSALS_TOLD]))
        return FactoryExplanation(factory, told, notes, snapshot.markets, report.parked)

    def _crew(self, player_id: int) -> Crew | None:
        """None where nobody here works for the player, as after a reset of the universe."""
        try:
            return self.roster.crew_at_work(player_id)
        except UserError:
            return None


def _read(
    tx: Transaction, factory: GoodsFactory, now: datetime | None, policy: Policy
) -> tuple[FactorySnapshot, list[Event], list[str], datetime]:
    assert factory.tree is not None, "chosen_nodes has refused it"
    now = now or last_heard(tx, factory)
    player_id, system = factory.player_id, factory.system_symbol
    markets = tx.markets.in_system(system)
    seen = FactorySnapshot(
        factory,
        factory.tree,
        {node.good: node for node in tx.factories.nodes(factory.id)},
        tx.legs.at_hand(factory.id),
        {market.waypoint: market for market in markets},
        chart_of(tx.waypoints.in_system(system), markets),
        read_fleet(tx, factory, now),
        totals=tx.legs.totals(factory.id),
    )
    snapshot = sparing_dear_stock(seen, policy)
    events = tx.events.newest_of_factory(factory.id, EVENTS_READ)
    notes = [event.message for event in events if event.kind in _ENDS]
    hold = tx.spending_holds.of_player(player_id)
    if hold is not None and not factory.status.is_over:
        notes.append(f"nothing is bought: {hold.reason}")
    return snapshot, events, notes, now
