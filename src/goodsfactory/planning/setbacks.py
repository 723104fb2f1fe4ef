"""Failed legs: which sources they speak against, how long to wait, and when to report them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegKind, LegState
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


def troubled_sites(legs: Sequence[Leg], now: datetime, policy: Policy) -> dict[Good, frozenset[str]]:
    """Factory waypoints, by the good made there, that would not take what was brought.

    So many laden legs in a row have failed there as make a node report its error, the last of them within six
    times the longest back-off. Another market that makes the good is the better place then.
    """
    since = now - timedelta(seconds=6 * policy.retry_limit)
    bound: dict[tuple[Good, str], list[Leg]] = defaultdict(list)
    for leg in legs:
        if leg.kind is LegKind.FEED and leg.destination is not None and leg.bought:
            bound[leg.output, leg.destination].append(leg)
    sites: dict[Good, set[str]] = defaultdict(set)
    for (output, site), brought in bound.items():
        failed = failures_in_a_row(brought)
        if len(failed) >= policy.leg_attempts and (failed[0].updated_at or now) > since:
            sites[output].add(site)
    return {good: frozenset(found) for good, found in sites.items()}


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
