"""When in the half hour markets produce, as their stored looks tell: worked out once for each new look."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from goodsfactory.planning.market.learned import Phase, export_phase
from goodsfactory.planning.market.stock import Spot
from goodsfactory.ports.store import Transaction

LOOK_BACK = timedelta(hours=6)
"""How far back looks are compared: a dozen ticks tell the moment as well as hundreds."""


class Almanac:
    """The phases of one player's markets. It is kept in memory, and found again after a start."""

    def __init__(self) -> None:
        self._known: dict[Spot, tuple[datetime, Phase | None]] = {}

    def phases(self, tx: Transaction, spots: Iterable[Spot], now: datetime) -> dict[Spot, Phase]:
        """What is known of the exports at ``spots``; those that were not seen to produce are left out."""
        found = {spot: self._phase(tx, spot, now) for spot in spots}
        return {spot: phase for spot, phase in found.items() if phase is not None}

    def _phase(self, tx: Transaction, spot: Spot, now: datetime) -> Phase | None:
        waypoint, good = spot
        market = tx.markets.get(waypoint)
        if market is None or market.observed_at is None:
            return None
        before = self._known.get(spot)
        if before is not None and before[0] == market.observed_at:
            return before[1]
        phase = export_phase(tx.markets.history(waypoint, good, since=now - LOOK_BACK))
        self._known[spot] = (market.observed_at, phase)
        return phase
