"""Denials: that a ship or contract is gone is believed once several answers agree."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from goodsfactory.domain.errors import NotFound
from goodsfactory.ports.clock import Clock

ASKED_AGAIN = (5.0, 20.0)
"""Game seconds between the answers that have to agree before something counts as gone."""

Answer = TypeVar("Answer")


async def insist(ask: Callable[[], Awaitable[Answer]], clock: Clock) -> Answer:
    """What ``ask`` returns. Raises NotFound once three answers in a row say so: one is not believed."""
    for pause in ASKED_AGAIN:
        with suppress(NotFound):
            return await ask()
        await clock.sleep(pause)
    return await ask()
