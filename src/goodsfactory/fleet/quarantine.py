"""Which ships rest after failures, read from how their containers ended: a restart forgets nothing."""

from datetime import datetime

from goodsfactory.domain.container import Container, ContainerStatus
from goodsfactory.planning.dispatch.resting import SHIP_WORK, Rest, forgotten, rests_of
from goodsfactory.ports.store import Transaction

_NEWEST = 200
"""More failures than a fleet has in the time a failure counts; history behind them is not read."""


def resting_ships(tx: Transaction, player_id: int, now: datetime) -> dict[str, Rest]:
    """The player's ships that are given no work now, by ship symbol, and why.

    What a ship has done well is asked ship by ship: a large fleet ends hundreds of voyages an hour.
    """
    failed = tx.containers.newest(player_id, ContainerStatus.FAILED, SHIP_WORK, limit=_NEWEST)
    resting = rests_of(failed, (), now)
    if not resting:
        return {}
    first: dict[str, Container] = {}
    for container in failed:  # the newest first
        ship = str(container.metadata.get("ship"))
        if ship in resting and not forgotten(container, now):
            first[ship] = container
    completed = [tx.containers.completed_since(container, SHIP_WORK) for container in first.values()]
    return rests_of(failed, [one for one in completed if one is not None], now)
