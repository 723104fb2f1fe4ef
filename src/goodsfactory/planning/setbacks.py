"""Failed legs: which sources they speak against, how long to wait, and when to report them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import FactorySnapshot

_DOUBLINGS = 30
"""More doublings than this reach every limit; without an end the power outgrows a float."""


def troubled_sources(snapshot: FactorySnapshot, good: Good, now: datetime, policy: Policy) -> frozenset[str]:
    """Sources at which a leg of ``good`` failed, with nothing bought, within the longest back-off.

    A leg whose ship is gone says nothing about its source.
    """
    since = now - timedelta(seconds=policy.retry_limit)
    fleet = {ship.symbol for ship in snapshot.fleet.ships}
    return frozenset(
        leg.source
        for leg in snapshot.legs_for(good)
        if leg.state is LegState.FAILED
        and leg.bought == 0
        and leg.ship in fleet
        and leg.updated_at is not None
        and leg.updated_at > since
    )


def failures_in_a_row(legs: Sequence[Leg]) -> list[Leg]:
    """The newest failed legs of an edge since the last one that went well, newest first."""
    failed: list[Leg] = []
    for leg in reversed([leg for leg in legs if not leg.state.is_open]):
        if leg.state is LegState.DONE:
            break
        if leg.state is LegState.FAILED:
            failed.append(leg)
    return failed


def back_off(failed: Sequence[Leg], now: datetime, policy: Policy) -> datetime | None:
    """When an edge may be tried again after ``failed`` (newest first); None where nothing failed."""
    if not failed:
        return None
    doublings = min(len(failed) - 1, _DOUBLINGS)
    wait = min(policy.retry_limit, policy.retry_initial * 2**doublings)
    return (failed[0].updated_at or now) + timedelta(seconds=wait)
