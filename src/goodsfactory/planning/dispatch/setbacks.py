"""Failed legs: which sources they speak against, how long to wait, and when to report them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.planning.back_off import pause_after
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import FactorySnapshot


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
        and leg.ended_at is not None
        and leg.ended_at > since
    )


def troubled_sites(
    legs: Sequence[Leg], now: datetime, policy: Policy, totals: Sequence[LegTotals] = ()
) -> dict[Good, frozenset[str]]:
    """Factory waypoints, by the good made there, that would not take what was brought.

    So many laden legs in a row have failed there as make a node report its error, the last of them within six
    times the longest back-off. Another market that makes the good is the better place then.
    """
    since = now - timedelta(seconds=6 * policy.retry_limit)
    bound: dict[tuple[Good, str], list[Leg]] = defaultdict(list)
    for leg in legs:
        if leg.feeds is not None and leg.destination is not None and leg.bought:
            bound[leg.feeds, leg.destination].append(leg)
    sites: dict[Good, set[str]] = defaultdict(set)
    for (output, site), brought in bound.items():
        taken = [one.taken[site] for one in totals if one.feeds == output and site in one.taken]
        failed = [one for one in failures_in_a_row(brought) if all(one.created_at > at for at in taken)]
        if len(failed) >= policy.leg_attempts and (failed[0].ended_at or now) > since:
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


@dataclass(frozen=True)
class Setback:
    """An edge whose newest leg that ended failed: so many ``failures`` since one went well, ``last`` last."""

    failures: int
    last: Leg


def setback_of(snapshot: FactorySnapshot, good: Good, feeds: Good | None) -> Setback | None:
    """What holds an edge back; None where its newest leg that ended went well, or none ended."""
    legs, totals = snapshot.legs_of(good, feeds), snapshot.totals_of(good, feeds)
    if not legs:
        return None
    failed = [leg for leg in failures_in_a_row(legs) if all(one.none_went_well_since(leg) for one in totals)]
    if not failed:
        return None
    ended_well = any(leg.state is LegState.DONE for leg in legs)
    before = 0 if ended_well else sum(one.failures for one in totals)
    return Setback(len(failed) + before, failed[0])


def back_off(setback: Setback | None, now: datetime, policy: Policy) -> datetime | None:
    """When an edge may be tried again; None where nothing holds it back."""
    if setback is None:
        return None
    wait = timedelta(seconds=pause_after(setback.failures, policy))
    return (setback.last.ended_at or now) + wait


def refusal_of(
    snapshot: FactorySnapshot, good: Good, feeds: Good | None, source: str | None, now: datetime
) -> Leg | None:
    """The leg that was given back and holds the same purchase up now; None where nothing does.

    What a ship was refused for money holds up the edge it flew for; what is about the purse, the good or its
    source holds up whoever would buy it there (``SpendRule.is_of_any_ship``).
    """
    refused = [
        leg
        for leg in (*snapshot.legs_for(good), *snapshot.refused)
        if (leg.good, leg.source) == (good, source) and leg.is_given_back
        if leg.not_before is not None and leg.not_before > now
        if holds_for_all(leg) or (leg.feeds == feeds and leg.factory_id == snapshot.factory.id)
    ]
    return max(refused, key=lambda leg: (leg.not_before or now, leg.id), default=None)


def holds_for_all(leg: Leg) -> bool:
    """Whether any ship would hear what the ship of a leg was refused."""
    return leg.is_given_back and leg.rule is not None and leg.rule.is_of_any_ship
