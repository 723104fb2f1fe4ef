"""The coordinator of one factory owns its life: start, kill rule, totals and completion. The planner decides
what its ships do."""

from dataclasses import replace

from goodsfactory.domain.container import Container
from goodsfactory.domain.events import ONLY_TOLD, EventKind
from goodsfactory.domain.factory import FactoryStatus, GoodsFactory
from goodsfactory.planning.flow import made_of
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.chronicle import lived
from goodsfactory.production.judging import Judge
from goodsfactory.production.pulse import Pulse

_NO_LIFE = ONLY_TOLD | {
    EventKind.MARKET_OBSERVED,
    EventKind.NODE_STATE,
    EventKind.TREE_RESOLVED,
    EventKind.PRODUCTION_SLOW,
    EventKind.SCOUT_SENT,
    EventKind.SHIP_POSITIONED,
    EventKind.SHIP_FREED,
}
"""Events that change nothing in the life of a factory."""


class Coordinator:
    """Runs `goods_factory_coordinator` containers."""

    def __init__(self, store: Store, clock: Clock, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def run(self, container: Container) -> str:
        """Keep the factory's books until it is over; returns how it ended."""
        factory_id = str(container.metadata["factory_id"])
        pulse, judge = (
            Pulse(self._store, self._clock, container),
            Judge(self._store, self._clock, self._policy),
        )
        while True:
            changed = self._store.changed(container.player_id, unless=_NO_LIFE)
            factory = await self._store.transact(lambda tx: self._live(tx, factory_id, container.player_id))
            if factory is None or factory.status.is_over:
                return _end_of(factory)
            await judge.look(factory)
            await pulse.beat()
            await self._clock.wait(changed, self._policy.coordinator_interval)
            await self._clock.sleep(self._policy.settle_interval)

    def _live(self, tx: Transaction, factory_id: str, player_id: int) -> GoodsFactory | None:
        """The factory as it now is, and so it is written down."""
        now = self._clock.now()
        factory = tx.factories.get(factory_id, player_id)
        if factory is None or factory.status.is_over:
            return factory
        after, nodes, told = lived(factory, tx, now)
        tx.factories.save_nodes(nodes)
        if replace(after, updated_at=factory.updated_at) != factory:
            tx.factories.update(after)
        for event in told:
            tx.events.append(event)
        return after


def _end_of(factory: GoodsFactory | None) -> str:
    match factory:
        case GoodsFactory(status=FactoryStatus.COMPLETED):
            return f"completed: {made_of(factory.target_good, factory.quantity_acquired)}"
        case GoodsFactory(status=FactoryStatus.FAILED):
            return f"failed: {factory.error}"
        case _:
            return "the factory is over"
