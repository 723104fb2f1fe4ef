"""The store as the crew of one agent sees it: nothing is kept for an agent that is another daemon's."""

import asyncio
from collections.abc import Callable

from goodsfactory.daemon.tenancy import Tenancy
from goodsfactory.domain.events import ONLY_TOLD, EventKind
from goodsfactory.ports.store import Result, Store, Transaction


class OwnedStore(Store):
    """Asks in every transaction, by the database, whether the agent is still this daemon's (law L5).

    ``transact`` raises Fenced where it is not; then nothing is kept.
    """

    def __init__(self, store: Store, tenancy: Tenancy, player_id: int) -> None:
        self._store = store
        self._tenancy = tenancy
        self._player_id = player_id

    async def transact(self, work: Callable[[Transaction], Result]) -> Result:
        def owned(tx: Transaction) -> Result:
            self._tenancy.check(tx, self._player_id)
            return work(tx)

        return await self._store.transact(owned)

    def changed(
        self, player_id: int | None = None, *, unless: frozenset[EventKind] = ONLY_TOLD
    ) -> asyncio.Event:
        return self._store.changed(player_id, unless=unless)

    async def close(self) -> None:
        """The store belongs to all agents: whoever opened it closes it."""
