"""Who is held up: what it wants keeps nothing from others, since nobody can tell when it will be flown."""

from datetime import datetime, timedelta

from goodsfactory.planning.dispatch.setbacks import back_off, refusal_of, setback_of
from goodsfactory.planning.market.stock import TICK_SECONDS
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.needs import Going
from goodsfactory.planning.requirements.traffic import COUNTS_FOR
from goodsfactory.planning.snapshot import Edge, FactorySnapshot


def is_held_up(one: Going, edge: Edge, now: datetime, policy: Policy) -> bool:
    """Whether nothing is flown for an order along an edge: no ship may, none was found for a step of
    production, or it may not be tried yet."""
    snapshot, (good, feeds) = one.snapshot, edge
    again = back_off(setback_of(snapshot, good, feeds), now, policy)
    ages = snapshot.waiting.get((one.id, good, feeds), ())
    return (
        one.stranded
        or (again is not None and again > now)
        or any(now - since >= COUNTS_FOR for since in ages)
        or refusal_of(snapshot, good, feeds, one.ready[good].waypoint, now) is not None
    )


def has_no_ship(snapshot: FactorySnapshot, now: datetime) -> bool:
    """Whether nothing can be kept for the order: no ship may fly for it, or none has for two steps."""
    fleet = snapshot.fleet
    return not fleet.usable or (
        stands_still(snapshot, now) and not fleet.free(snapshot.tree.good, room=False)
    )


def stands_still(snapshot: FactorySnapshot, now: datetime) -> bool:
    """Whether nothing has moved for two steps of production."""
    moved = (leg.moved_at for leg in snapshot.legs if leg.moved_at)
    before = (one.moved_at for one in snapshot.totals if one.moved_at)
    moments = [snapshot.factory.created_at, *moved, *before]
    return now - max(moments) > timedelta(seconds=2 * TICK_SECONDS)
