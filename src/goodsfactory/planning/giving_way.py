"""Who decides first about a scarce good that several factories see at the same moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from goodsfactory.domain.goods import Good
from goodsfactory.planning.neighbours import Want
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import FactorySnapshot


def gives_way(
    snapshot: FactorySnapshot, source: str | None, good: Good, urgency: float, now: datetime, policy: Policy
) -> Sequence[Want]:
    """Who is to go first at an export that was looked at this moment.

    Its stock may be lifted from MODERATE up: whoever came first would take it below, and what is kept for
    the others could not be lifted.
    """
    market = snapshot.markets.get(source or "")
    moment = timedelta(seconds=3 * policy.settle_interval)
    if market is None or market.observed_at is None or now - market.observed_at >= moment:
        return ()
    return snapshot.neighbours.unheard(source, good, urgency, market.observed_at)
