"""The coordinator of one factory: looks, decides, writes down what is wanted. It never moves a ship."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from goodsfactory.domain.container import Container, ContainerLog
from goodsfactory.domain.errors import CannotEver
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import GoodsFactory, Strategy
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeProgress, NodeState, SupplyChainNode
from goodsfactory.fleet.scout import Scout
from goodsfactory.planning.chain import Chain, units_left
from goodsfactory.planning.chart.chart import Chart, chart_of
from goodsfactory.planning.flow import decide, next_pass
from goodsfactory.planning.forecast.learned import Phase
from goodsfactory.planning.neighbours import Neighbours, Spot, going_on
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.setbacks import troubled_sites
from goodsfactory.planning.snapshot import FactoryDecision, FactorySnapshot, FleetView, Verdict
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.almanac import Almanac
from goodsfactory.production.chronicle import event_of, leg_event, lived, node_event
from goodsfactory.production.judging import Judge
from goodsfactory.production.kept_cargo import kept_cargo
from goodsfactory.production.looks import Looks
from goodsfactory.production.notice_board import NoticeBoard
from goodsfactory.production.pulse import Pulse
from goodsfactory.production.quarantine import resting_ships


@dataclass(frozen=True)
class _Scene:
    """What one pass reads from the store."""

    factory: GoodsFactory
    nodes: dict[str, NodeProgress]
    legs: list[Leg]
    totals: list[LegTotals]
    ships: list[Ship]
    fleet: FleetView
    chart: Chart
    markets: dict[str, MarketSnapshot]
    others: list[Leg]
    phases: dict[Spot, Phase]


class Coordinator:
    """Runs `goods_factory_coordinator` containers."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        policy: Policy,
        recipes: RecipeMap,
        scout: Scout,
        board: NoticeBoard,
        almanac: Almanac,
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._recipes = recipes
        self._scout = scout
        self._board = board
        self._almanac = almanac
        self._new_id = new_id

    async def run(self, container: Container) -> str:
        """Reconcile until the factory is over; returns how it ended."""
        factory_id = str(container.metadata["factory_id"])
        pulse = Pulse(self._store, self._clock, container)

        async def warn(message: str) -> None:
            line = ContainerLog(container.id, self._clock.now(), "WARNING", message)
            await self._store.transact(lambda tx: tx.containers.log(line))

        looks = Looks(self._scout, self._clock, self._policy, container.id, warn)
        judge = Judge(self._store, self._clock, self._policy)
        chain = Chain()
        try:
            while True:
                changed = self._store.changed(container.player_id)
                outcome, pause = await self._pass(factory_id, container, looks, judge, chain)
                if outcome is not None:
                    return outcome
                await pulse.beat()
                await self._clock.wait(changed, pause)
                await self._clock.sleep(self._policy.settle_interval)
        finally:
            self._board.take_down(factory_id)

    async def _pass(
        self, factory_id: str, container: Container, looks: Looks, judge: Judge, chain: Chain
    ) -> tuple[str | None, float]:
        """Observe, decide, record. Returns the end, if this is it, and how long nothing changes by itself."""
        scene = await self._observe(factory_id, container.player_id)
        if scene is None or scene.factory.status.is_over:
            return "the factory is over", 0.0
        changed = await judge.look(scene.factory)
        idle = scene.factory.is_idle
        looked = not idle and await looks.take(
            scene.factory, scene.nodes.values(), scene.markets, scene.ships, scene.phases
        )
        if changed or looked:
            scene = await self._observe(factory_id, container.player_id)
            assert scene is not None
        now = self._clock.now()
        factory = scene.factory
        try:
            tree = self._tree(scene, chain)
        except CannotEver as never:
            await self._fail(factory_id, container, str(never))
            return f"failed: {never}", 0.0
        snapshot = FactorySnapshot(
            factory,
            tree,
            scene.nodes,
            scene.legs,
            scene.markets,
            scene.chart,
            scene.fleet,
            self._neighbours(scene),
            scene.phases,
            scene.totals,
        )
        decision = decide(snapshot, now, self._policy)
        decision = replace(decision, nodes=looks.explain(decision.nodes, scene.markets))
        self._board.post(factory_id, decision.wants)
        if decision.verdict is Verdict.FAIL:
            await self._fail(factory_id, container, decision.reason)
            return f"failed: {decision.reason}", 0.0
        if not await self._record(snapshot, decision, container, now):
            return None, 0.0
        if decision.verdict is Verdict.COMPLETE:
            return f"completed: {decision.reason}", 0.0
        return None, next_pass(decision, now, self._policy)

    def _neighbours(self, scene: _Scene) -> Neighbours:
        legs = going_on(scene.others, self._clock.now())
        return Neighbours(legs, self._board.others(scene.factory.id))

    def _tree(self, scene: _Scene, chain: Chain) -> SupplyChainNode:
        """The supply chain as it is best now; of one that is idle as it was. Raises CannotEver."""
        factory = scene.factory
        if factory.is_idle and factory.tree is not None:
            return factory.tree
        return chain.resolve(
            factory,
            self._recipes,
            list(scene.markets.values()),
            scene.chart,
            left=units_left(factory, scene.legs, scene.totals),
            largest_hold=scene.fleet.largest_hold,
            policy=self._policy,
            troubled=troubled_sites(scene.legs, self._clock.now(), self._policy, scene.totals),
            neighbours=self._neighbours(scene),
        )

    async def _observe(self, factory_id: str, player_id: int) -> _Scene | None:
        now = self._clock.now()

        def read(tx: Transaction) -> _Scene | None:
            factory = tx.factories.get(factory_id, player_id)
            if factory is None:
                return None
            system = factory.system_symbol
            ships = tx.ships.of_player(player_id)
            claims = {claim.ship: claim for claim in tx.claims.of_player(player_id)}
            nodes = {node.good: node for node in tx.factories.nodes(factory_id)}
            markets = tx.markets.in_system(system)
            return _Scene(
                factory=factory,
                nodes=nodes,
                legs=tx.legs.at_hand(factory_id),
                totals=tx.legs.totals(factory_id),
                ships=ships,
                fleet=FleetView(
                    ships,
                    claims,
                    factory.request,
                    system,
                    kept_cargo(tx, ships),
                    resting_ships(tx, player_id, now),
                ),
                chart=chart_of(tx.waypoints.in_system(system), markets),
                markets={market.waypoint: market for market in markets},
                others=[leg for leg in tx.legs.open_of_player(player_id) if leg.factory_id != factory_id],
                phases=self._almanac.phases(tx, _producing(factory, nodes), now),
            )

        return await self._store.transact(read)

    async def _record(
        self, snapshot: FactorySnapshot, decision: FactoryDecision, container: Container, now: datetime
    ) -> bool:
        """Write the decision down in one transaction, with an event for everything that changed.

        False, and nothing is written, where the user stopped, paused or resumed the factory meanwhile.
        """
        factory_id, player_id = snapshot.factory.id, container.player_id

        def work(tx: Transaction) -> bool:
            factory = tx.factories.get(factory_id, player_id)
            if factory is None or factory.status.is_over:
                return False
            seen = snapshot.factory
            if (factory.paused_at, factory.hibernation) != (seen.paused_at, seen.hibernation):
                return False
            told = [
                node_event(factory, node, snapshot, now, self._policy.warn_after_checks)
                for node in decision.nodes
            ]
            for leg in (*decision.redirected, *decision.withdrawn):
                current = tx.legs.get(leg.id)
                if current is not None and current.state is LegState.READY:
                    tx.legs.update(leg)
                elif current is not None and current.state.is_flying and current.failure and leg.ended_at:
                    # Its worker waits; it finds the leg over, and its ship is free with what is aboard.
                    tx.legs.update(current.cancel(leg.failure or decision.reason, now))
            legs = [demand.opened(factory, self._new_id(), now) for demand in decision.demands]
            tx.legs.add(legs)
            told += [leg_event(factory, leg, now) for leg in legs]
            tx.factories.save_nodes(decision.nodes)
            after, life = lived(factory, snapshot, decision, tx, now)
            if replace(after, updated_at=factory.updated_at) != factory:
                tx.factories.update(after)
            for event in (*filter(None, told), *life):
                tx.events.append(event)
            return True

        return await self._store.transact(work)

    async def _fail(self, factory_id: str, container: Container, reason: str) -> None:
        now = self._clock.now()

        def work(tx: Transaction) -> None:
            factory = tx.factories.get(factory_id, container.player_id)
            if factory is None or factory.status.is_over:
                return
            tx.factories.update(factory.fail(now, reason))
            for leg in tx.legs.at_hand(factory_id):
                if leg.state is LegState.READY:
                    tx.legs.update(leg.cancel(reason, now))
            tx.events.append(
                event_of(factory, EventKind.FACTORY_FAILED, f"{factory.target_good} failed: {reason}", now)
            )

        await self._store.transact(work)


def _producing(factory: GoodsFactory, nodes: Mapping[Good, NodeProgress]) -> list[Spot]:
    """Where a factory of the strategy SMART waits for what markets make."""
    smart = factory.request.strategy is Strategy.SMART
    chain = factory.tree.flatten() if factory.tree and smart else []
    return [
        (node.factory_waypoint, node.good)
        for node in chain
        if node.factory_waypoint and node.good in nodes and nodes[node.good].state is NodeState.PRODUCING
    ]
