"""The kill rule at work: reads what a factory has realised, lets it rest where it does not pay, wakes it."""

from datetime import datetime

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import GoodsFactory
from goodsfactory.planning.killing import JUDGE_EVERY, could_work, is_judged, judge, looked_at
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.chronicle import event_of

_TOO_OLD = frozenset(rule for rule in SpendRule if rule.is_about_age)

_EVENTS_READ = 50


class Judge:
    """Of one factory. All it knows is kept with the factory: a restart forgets nothing."""

    def __init__(self, store: Store, clock: Clock, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def look(self, factory: GoodsFactory) -> None:
        """Judge or wake it where that is due."""
        now = self._clock.now()
        if not self._is_due(factory, now):
            return

        def work(tx: Transaction) -> None:
            current = tx.factories.get(factory.id, factory.player_id)
            if current is None or not self._is_due(current, now):
                return
            if current.hibernation is not None:
                _wake(tx, current, now)
            else:
                self._judge(tx, current, now)

        await self._store.transact(work)

    def _is_due(self, factory: GoodsFactory, now: datetime) -> bool:
        if factory.status.is_over or factory.paused_at is not None:
            return False
        if factory.hibernation is not None:
            return now >= factory.hibernation.until
        return is_judged(factory) and (factory.trial is None or now >= factory.trial.seen + JUDGE_EVERY)

    def _judge(self, tx: Transaction, factory: GoodsFactory, now: datetime) -> None:
        trial = looked_at(factory.trial, now, self._could_work(tx, factory, now))
        if trial.seconds < self._policy.kill_window:
            tx.factories.update(factory.on_trial(trial))
            return
        realised = tx.money.realised(factory.player_id, factory.id, trial.since)
        found = judge(factory, trial, realised, now, self._policy)
        if found.rests is None:
            tx.factories.update(factory.on_trial(trial.anew(now, failures=0)))
            return
        tx.factories.update(factory.hibernate(now, found.rests, trial.anew(now, failures=trial.failures + 1)))
        tx.events.append(
            event_of(
                factory,
                EventKind.FACTORY_UNPROFITABLE,
                found.rests.why,
                now,
                realised=found.realised,
                per_hour=round(found.per_hour),
                window_seconds=round(found.seconds),
                kill_below=self._policy.kill_below,
                until=found.rests.until.isoformat(),
            )
        )

    def _could_work(self, tx: Transaction, factory: GoodsFactory, now: datetime) -> bool:
        seen = factory.trial.seen if factory.trial is not None else now
        told = [e for e in tx.events.newest_of_factory(factory.id, _EVENTS_READ) if e.at > seen]
        balance = tx.players.balance(factory.player_id)
        open_legs = tx.legs.open_of_player(factory.player_id)
        return could_work(
            tx.factories.nodes(factory.id),
            [leg for leg in open_legs if leg.factory_id == factory.id],
            money_held=tx.spending_holds.of_player(factory.player_id) is not None,
            prices_too_old=_only_too_old(told),
            heard=balance.observed_at if balance is not None else None,
            now=now,
            policy=self._policy,
        )


def _only_too_old(told: list[Event]) -> bool:
    """Whether something was to be bought, and nothing was because of the age of prices."""
    refused = any(e.kind is EventKind.SPEND_REFUSED and e.data.get("rule") in _TOO_OLD for e in told)
    return refused and not any(e.kind in (EventKind.PURCHASED, EventKind.SOLD) for e in told)


def _wake(tx: Transaction, factory: GoodsFactory, now: datetime) -> None:
    tx.factories.update(factory.wake(now))
    sentence = f"{factory.target_good} is tried again; its markets have had time to recover"
    tx.events.append(event_of(factory, EventKind.FACTORY_RESUMED, sentence, now))
