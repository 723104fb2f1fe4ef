"""Which ships rest after failures, read from how their containers ended: a restart forgets nothing."""

from datetime import datetime

from goodsfactory.domain.container import ContainerStatus
from goodsfactory.planning.resting import SHIP_WORK, Rest, rests_of
from goodsfactory.ports.store import Transaction

_NEWEST = 200
"""More ends than a fleet has in the time a failure counts; history behind them is not read."""


def resting_ships(tx: Transaction, player_id: int, now: datetime) -> dict[str, Rest]:
    """The player's ships that are given no work now, by ship symbol, and why."""
    failed = tx.containers.newest(player_id, ContainerStatus.FAILED, SHIP_WORK, limit=_NEWEST)
    if not rests_of(failed, (), now):
        return {}
    completed = tx.containers.newest(player_id, ContainerStatus.COMPLETED, SHIP_WORK, limit=_NEWEST)
    return rests_of(failed, completed, now)
