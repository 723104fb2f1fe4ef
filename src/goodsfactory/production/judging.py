"""The kill rule at work: reads what a factory has realised, and ends one that does not pay."""

from datetime import datetime, timedelta

from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.planning.killing import judge, window_of
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.chronicle import event_of

JUDGE_EVERY = timedelta(seconds=300)
"""Game time between two judgements of one factory: hours count, not seconds."""


class Judge:
    """Of one factory."""

    def __init__(self, store: Store, clock: Clock, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._due: datetime | None = None

    async def look(self, factory: GoodsFactory) -> bool:
        """Judge it where that is due; True where it ends from now on, with the event that says so."""
        now = self._clock.now()
        if factory.ending is not None or (self._due is not None and now < self._due):
            return False
        self._due = now + JUDGE_EVERY
        since = window_of(factory, now, self._policy)
        if since is None:
            return False

        def work(tx: Transaction) -> bool:
            current = tx.factories.get(factory.id, factory.player_id)
            if current is None or window_of(current, now, self._policy) is None:
                return False
            realised = tx.money.realised(factory.player_id, factory.id, since)
            found = judge(current, since, realised, now, self._policy)
            if found.ends is None:
                return False
            tx.factories.update(current.end(now, found.ends))
            tx.events.append(
                event_of(
                    current,
                    EventKind.FACTORY_UNPROFITABLE,
                    found.ends,
                    now,
                    realised=found.realised,
                    per_hour=round(found.per_hour),
                    window_seconds=round(self._policy.kill_window),
                    kill_below=self._policy.kill_below,
                )
            )
            return True

        return await self._store.transact(work)
