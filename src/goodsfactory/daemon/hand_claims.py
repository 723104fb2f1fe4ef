"""The short claim that an order by hand holds while it is carried out."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from goodsfactory.domain.container import Claim
from goodsfactory.fleet.pilot import Duty
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction

BY_HAND = "manual order"
"""How such a claim names its operation."""


@asynccontextmanager
async def held_by_hand(
    store: Store,
    clock: Clock,
    new_id: Callable[[], str],
    player_id: int,
    subject: str,
    taken: Callable[[Transaction, Claim | None], Exception],
) -> AsyncIterator[Duty]:
    """Hold a ship, or what else a money step binds, for one order.

    Raises what ``taken`` makes of the claim in the way, where somebody else holds it.
    """
    holder = f"manual-{new_id()}"
    claim = Claim(subject, player_id, holder, BY_HAND, 0, clock.now())
    if not await store.transact(lambda tx: tx.claims.claim(claim)):
        raise await store.transact(lambda tx: taken(tx, tx.claims.of_ship(subject)))
    try:
        yield Duty(player_id, holder, 0)
    finally:
        await store.transact(lambda tx: tx.claims.release(subject, holder))
