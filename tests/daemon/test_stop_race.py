"""A stop that meets the planner at work: after it nothing is bought for the factory any more."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from tests.daemon.stage import in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.money import MoneyKind
from goodsfactory.ports.store import Store, Transaction


class BusyStore:
    """The store of a machine under load: the second answer reaches the caller two seconds late."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self._store = store
        self._clock = clock
        self._asked = 0

    async def transact(self, work: Callable[[Transaction], Any]) -> Any:
        result = await self._store.transact(work)
        self._asked += 1
        if self._asked == 2:
            await self._clock.sleep(2)
        return result


@in_virtual_time
async def test_a_planner_at_work_while_the_stop_runs_buys_nothing(clock: VirtualClock) -> None:
    """A ship was about to be given to it: between the stop's transactions and after them none is."""
    async with stage(clock, policy__first_look_patience=0.0) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.CONTAINER_ENDED)  # a scout's: now the planner knows where to buy
        factories = one.application._factories
        await replace(factories, store=cast("Store", BusyStore(one.application.store, clock))).stop(
            player.id, factory
        )
        stopped = clock.now()
        await clock.sleep(3600)
        later = [
            (entry.kind, entry.good, entry.units, entry.amount)
            for entry in await one.ledger(player)
            if entry.at > stopped and entry.kind is not MoneyKind.OPENING
        ]
        assert later == []
        assert await one.legs(factory) == []
