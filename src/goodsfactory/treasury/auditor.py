"""The auditor of one player: compares ledger and balance, again and again, only when both mean the same."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from goodsfactory.domain.errors import Unavailable
from goodsfactory.domain.instants import has_passed
from goodsfactory.domain.money import STEPS, Intent
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi, Trade
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.ports.waiting import is_waited_for
from goodsfactory.treasury.ledger import (
    OPENS_AT,
    Reconciliation,
    at_rest,
    correct_balance,
    hear_balance,
    meet_balance,
    resume_spending,
)

REST_SECONDS = 30.0
"""Game seconds that steps under way are given to end while the purse is counted, and that a command waits."""

STUCK_SECONDS = 60.0
"""A step that is open for longer does not end soon: its ship cannot be read. Nobody waits for it."""

Told = TypeVar("Told")


class Auditor:
    """While it counts, nobody may begin a step that moves credits; those under way end first."""

    def __init__(self, api: GameApi, store: Store, clock: Clock, policy: Policy, player_id: int) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._policy = policy
        self._player_id = player_id
        self._door = asyncio.Event()
        self._door.set()
        self._counting = asyncio.Lock()
        self._compared_at: datetime | None = None
        self._seen: list[int] = []
        """The differences told by readings that decided nothing, in credits: the next may confirm them."""

    async def admit(self) -> None:
        """Return when a step may begin: at once, but for the seconds in which the purse is counted.

        Raises Unavailable where somebody waits for the step and the game takes long to tell the balance.
        """
        if not is_waited_for():
            await self._door.wait()
        elif not await self._clock.wait(self._door, REST_SECONDS):
            raise Unavailable(
                "The purse is being counted, and the game takes long to tell the balance; give the command"
                " again in a minute."
            )

    def hear(self, tx: Transaction, intent: Intent, trade: Trade, now: datetime) -> bool:
        """Compare the balance told by the answer to a step that was alone, in the transaction that booked it.

        True where it differs in a new way: then ``count``.
        """
        difference = hear_balance(tx, intent, trade, now, self._policy)
        self._compared_at = now
        if difference is not None:
            self._seen.append(difference)
        return bool(difference)

    async def count(self) -> Reconciliation | None:
        """Read the balance at rest, twice where it differs, and do what follows (``meet_balance``).

        None where steps were under way all the time. Raises Unavailable, StaleToken or Refused as the game.
        """
        async with self._counting:
            found = await self._read()
            while found is not None and found.opening and len(self._seen) < OPENS_AT:
                found = await self._read()  # nothing moves the balance of an agent that has no work yet
            if found is not None and found.decided:
                return found
            if found is None and not await self._store.transact(self._worth_waiting):
                return None
            async with self._closed_door():
                return await self._read_twice(found)

    async def accept(self) -> int:
        """Book the present difference, whatever it is, and let spending go on; returns it in credits.

        Raises Unavailable where steps are still under way, or the balance cannot be read.
        """

        def work(tx: Transaction, credits: int, now: datetime) -> int:
            booked = correct_balance(tx, self._player_id, credits, now)
            resume_spending(tx, self._player_id, "the user accepted the difference; spending goes on", now)
            meet_balance(tx, self._player_id, credits, now, self._policy)
            return booked

        booked = await self.meet_at_rest(work)
        if booked is None:
            raise Unavailable("A trade is still under way; give the command again in a minute.")
        return booked

    async def meet_at_rest(
        self, work: Callable[[Transaction, int, datetime], Told], aside: Collection[str] = ()
    ) -> Told | None:
        """What ``work`` makes of the balance in credits, once no step but those ``aside`` is under way.

        None where some do not end: at once, and nobody is held up, where one is open for so long that it will
        not. Raises Unavailable, StaleToken or Refused as the game.
        """
        if not await self._store.transact(lambda tx: self._will_rest(tx, aside)):
            return None
        async with self._counting, self._closed_door():
            began = self._clock.now()
            while True:
                changed = self._store.changed(self._player_id, unless=frozenset())
                told = await self._meet(work, aside)
                if told is not None or has_passed(began, REST_SECONDS, self._clock.now()):
                    return told
                await self._clock.wait(changed, 1.0)

    async def _meet(
        self, work: Callable[[Transaction, int, datetime], Told], aside: Collection[str] = ()
    ) -> Told | None:
        """One reading, and ``work`` on it; None where a step was open, or ended, while it was made."""
        before = await self._store.transact(lambda tx: at_rest(tx, self._player_id, aside))
        if before is None:
            return None
        agent = await self._api.agent()
        now = self._clock.now()

        def keep(tx: Transaction) -> Told | None:
            if at_rest(tx, self._player_id, aside) != before:
                return None
            return work(tx, agent.credits, now)

        return await self._store.transact(keep)

    async def _read_twice(self, found: Reconciliation | None) -> Reconciliation | None:
        """Read until two readings in a row agree, with nothing new begun meanwhile."""
        began = self._clock.now()
        while not has_passed(began, REST_SECONDS, self._clock.now()):
            if found is not None:
                await self._clock.sleep(self._policy.settle_interval)
            changed = self._store.changed(self._player_id, unless=frozenset())
            found = await self._read()
            if found is None:
                await self._clock.wait(changed, 1.0)
            elif found.decided:
                return found
        return None

    async def _read(self) -> Reconciliation | None:
        """One reading compared; None where a step was open, or ended, while it was made."""

        def compare(tx: Transaction, credits: int, now: datetime) -> Reconciliation:
            return meet_balance(tx, self._player_id, credits, now, self._policy, seen=self._seen)

        found = await self._meet(compare)
        if found is not None:
            self._compared_at = self._clock.now()
            self._seen = [] if found.decided else [*self._seen[1 - OPENS_AT :], found.difference]
        return found

    def _worth_waiting(self, tx: Transaction) -> bool:
        """True when the last comparison is too long ago, and the steps under way will end soon."""
        now = self._clock.now()
        recent = timedelta(seconds=self._policy.roll_call_interval)
        if self._compared_at is not None and now - self._compared_at < recent:
            return False
        return self._will_rest(tx)

    def _will_rest(self, tx: Transaction, aside: Collection[str] = ()) -> bool:
        """True when no step that moves credits, but those ``aside``, is open for longer than it should be."""
        stuck = self._clock.now() - timedelta(seconds=STUCK_SECONDS)
        others = [one for one in tx.money.open_intents(self._player_id) if one.id not in aside]
        return all(one.created_at > stuck for one in others if STEPS[one.kind].money)

    @asynccontextmanager
    async def _closed_door(self) -> AsyncIterator[None]:
        self._door.clear()
        try:
            yield
        finally:
            self._door.set()
