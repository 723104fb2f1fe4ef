"""Lifts of the target that the strategy SMART wants: by what is there, with a ship left for the inputs, and
after those who need it more."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.decision import counted, in_words
from goodsfactory.planning.dispatch.eligibility import cargo_aboard
from goodsfactory.planning.market.stock import PLENTY, TICK_SECONDS
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import Availability
from goodsfactory.planning.requirements.demand import EdgeDemand, most_lifts
from goodsfactory.planning.requirements.lifting import last_lifts, next_lifts
from goodsfactory.planning.requirements.needs import (
    bespoken,
    listing_at,
    loads_of,
    needs,
    others_take,
    still_wanted,
)
from goodsfactory.planning.snapshot import FactorySnapshot


def with_a_ship_for_inputs(
    snapshot: FactorySnapshot, made: Availability, now: datetime, policy: Policy
) -> Availability:
    """The target is lifted at once in the end where a part of it would fill the last ship for its inputs.

    What is lifted stays aboard, and nobody could bring what the rest is made of. The node waits as one that
    produces: with this reason, and looked at again and again.
    """
    root, hold = snapshot.tree.good, max(1, snapshot.fleet.largest_hold)
    wanted = still_wanted(snapshot, hold)
    listing = listing_at(snapshot, made.waypoint, root)
    if made.waypoint is None or listing is None or not _fits_at_once(snapshot, wanted, hold):
        return made
    sizes = _sizes(snapshot, made.waypoint, wanted, policy.max_loads_per_edge, policy)
    empty = len(_empty_ships(snapshot))
    if sum(sizes) >= wanted or not empty or _takes_empty(snapshot, sizes) < empty:
        return made
    carried = any(leg.state.is_open and leg.good != root for leg in snapshot.legs)
    if not carried and not any(needs(snapshot, hold, growing=False).to_deliver.values()):
        return made
    look = _looks_again(snapshot, made.waypoint, now, policy)
    reason = f"{made.reason}, but not {counted(wanted, 'unit')} yet, and its ships are needed for the inputs"
    return Availability(None, reason, look, producing=True)


def with_a_ship_for_others(
    snapshot: FactorySnapshot, made: Availability, now: datetime, policy: Policy
) -> Availability:
    """What is kept without end never fills the last ship that anything else could be flown with."""
    last = _free_ships(snapshot)
    if made.waypoint is None or not _leaves_a_ship(snapshot) or not last:
        return made
    wanted = still_wanted(snapshot, max(1, snapshot.fleet.largest_hold))
    sizes = _sizes(snapshot, made.waypoint, wanted, policy.max_loads_per_edge, policy)
    if not sizes or _leaving_one(snapshot, sizes):
        return made
    alone = in_words(ship.symbol for ship in last)
    reason = (
        f"{made.reason}, but {alone} alone is free of what is kept, and is left for other work: sell some"
        " of it with `spacetraders ships sell`"
    )
    return Availability(None, reason, _looks_again(snapshot, made.waypoint, now, policy), producing=True)


def with_more_urgent_first(
    snapshot: FactorySnapshot, made: Availability, now: datetime, policy: Policy
) -> Availability:
    """What another factory lacks and needs more is not lifted away from it: the node waits for the rest."""
    if made.waypoint is None:
        return made
    kept, for_whom = _kept(snapshot, made.waypoint)
    most = policy.max_loads_per_edge
    wanted = still_wanted(snapshot, max(1, snapshot.fleet.largest_hold))
    if not kept or not _sizes(snapshot, made.waypoint, wanted, most, policy):
        return made
    if _sizes(snapshot, made.waypoint, wanted, most, policy, kept):
        return made
    look = _looks_again(snapshot, made.waypoint, now, policy)
    reason = f"{made.reason}, but {counted(kept, 'unit')} {'is' if kept == 1 else 'are'} kept for {for_whom}"
    return Availability(None, reason, look, producing=True)


def lifts_wanted(snapshot: FactorySnapshot, ready: Availability, hold: int, policy: Policy) -> EdgeDemand:
    """The lifts to add now, by ``ready`` of the target; a load is a ``hold`` at most, in units."""
    root = snapshot.tree.good
    wanted = still_wanted(snapshot, hold)
    legs = snapshot.legs_of(root, None)
    open_ = sum(leg.state.is_open for leg in legs)
    most = max(0, most_lifts(snapshot, policy) - open_)
    listing = listing_at(snapshot, ready.waypoint, root)
    reason = f"lift {root}"
    sizes = loads_of(wanted, hold, most)
    if ready.waypoint is not None and listing is not None and sizes:
        kept, _ = _kept(snapshot, ready.waypoint)
        sizes = _leaving_one(snapshot, _sizes(snapshot, ready.waypoint, wanted, most, policy, kept))
        left = max(0, wanted - sum(sizes))
        if left:
            # Small ones too: drained to LIMITED, a fed export works at full pace (economy.md §11.6).
            verb = "is" if left == 1 else "are"
            reason = f"lift {root}, {left} of {counted(wanted, 'unit')} {verb} left for later"
    short = max(0, wanted - sum(sizes))
    return EdgeDemand(root, None, len(sizes), reason, sizes=sizes, short=short)


def _sizes(
    snapshot: FactorySnapshot, source: str, wanted: int, most: int, policy: Policy, kept: int = 0
) -> tuple[int, ...]:
    """Lifts of the target to make now, ``wanted`` units in ``most`` loads at most, ``kept`` being left."""
    listing = listing_at(snapshot, source, snapshot.tree.good)
    if listing is None:
        return ()
    hold = max(1, snapshot.fleet.largest_hold)
    promised, request = _promised(snapshot, source), snapshot.factory.request
    if request.continuous and request.terminal is Terminal.SELL:
        return next_lifts(listing, promised, hold, most, kept)
    wanted += PLENTY if request.continuous else 0  # there is no last lift to prepare
    at_last = most_lifts(snapshot, policy)
    return last_lifts(wanted, listing, promised, hold, most, at_last, kept, policy.ready_supply)


def _kept(snapshot: FactorySnapshot, source: str) -> tuple[int, str]:
    """Units that are left to others, and to whom: what they lack now, or will before the next lift; and what
    they could lift as their own target with a higher priority."""
    root, others = snapshot.tree.good, snapshot.neighbours
    needing = others.needing(source, root)
    before_us = others.lifted_first(source, root, snapshot.factory.request.priority)
    units = sum(max(want.short, want.soon) for want in needing) + sum(want.lifts for want in before_us)
    whom = [f"{needing[0].target}, which needs them sooner"] if needing else []
    whom += [f"another {root}, which has a higher priority"] if before_us else []
    return units, " and ".join(whom)


def liftable(snapshot: FactorySnapshot, ready: Availability, now: datetime) -> int:
    """Units of the target that the factory could take away now, beside its open lifts: for these it may go
    before others that make the same.

    It has ships for them, and its market makes some; and something moved in the last two steps. One that is
    stuck, or that goes on without end, keeps nothing from others.
    """
    root, hold = snapshot.tree.good, max(1, snapshot.fleet.largest_hold)
    if snapshot.factory.request.continuous or not (ready.waypoint or ready.producing):
        return 0
    if _stands_still(snapshot, now):
        return 0
    return min(still_wanted(snapshot, hold), hold * snapshot.fleet.free(root, room=True))


def has_no_ship(snapshot: FactorySnapshot, now: datetime) -> bool:
    """Whether nothing can be kept for the factory: no ship may fly for it, or none has for two steps."""
    fleet = snapshot.fleet
    return not fleet.usable or (
        _stands_still(snapshot, now) and not fleet.free(snapshot.tree.good, room=False)
    )


def _stands_still(snapshot: FactorySnapshot, now: datetime) -> bool:
    """Whether nothing has moved for two steps of production."""
    moved = (leg.moved_at for leg in snapshot.legs if leg.moved_at)
    before = (one.moved_at for one in snapshot.totals if one.moved_at)
    moments = [snapshot.factory.created_at, *moved, *before]
    return now - max(moments) > timedelta(seconds=2 * TICK_SECONDS)


def _looks_again(snapshot: FactorySnapshot, waypoint: str, now: datetime, policy: Policy) -> tuple[str, ...]:
    """The market of a node that waits there, unless somebody has just looked."""
    fresh = timedelta(seconds=policy.poll_interval_initial)
    return () if snapshot.markets[waypoint].is_fresh(now, fresh) else (waypoint,)


def _promised(snapshot: FactorySnapshot, source: str) -> int:
    """Units of the target's stock that open legs, of whichever factory, have yet to load."""
    root, market = snapshot.tree.good, snapshot.markets[source]
    return bespoken(snapshot.legs_of(root, None), market, root) + others_take(snapshot, market, root)


def _fits_at_once(snapshot: FactorySnapshot, wanted: int, hold: int) -> bool:
    """Whether all that is wanted can be kept aboard; where not, somebody must empty ships meanwhile."""
    kept = snapshot.factory.request.terminal is not Terminal.SELL
    return kept and wanted <= hold * len(_empty_ships(snapshot)) + sum(_rooms_beside(snapshot))


def _rooms_beside(snapshot: FactorySnapshot) -> list[int]:
    """Units for which there is room in each ship that keeps some of the target already, the least first."""
    good = snapshot.tree.good
    return sorted(ship.hold.free for ship in snapshot.fleet.usable if set(cargo_aboard(ship)) == {good})


def _takes_empty(snapshot: FactorySnapshot, sizes: Sequence[int]) -> int:
    """How many of these lifts need an empty ship: matching prefers one that has some already and room."""
    rooms = _rooms_beside(snapshot)
    for size in sorted(sizes):
        room = next((one for one in rooms if one >= size), None)
        if room is not None:
            rooms.remove(room)
    return len(sizes) - (len(_rooms_beside(snapshot)) - len(rooms))


def _empty_ships(snapshot: FactorySnapshot) -> list[Ship]:
    """Usable ships that have none of the target aboard and keep nothing else."""
    good, fleet = snapshot.tree.good, snapshot.fleet
    stock = {row.ship for row in fleet.stock}
    return [
        ship
        for ship in fleet.usable
        if not ship.hold.of(good) and ship.symbol not in stock and not fleet.holds_back(ship)
    ]


def _leaves_a_ship(snapshot: FactorySnapshot) -> bool:
    """Whether the order would fill one ship after the other without end, and uses more than one."""
    request = snapshot.factory.request
    return request.continuous and request.terminal is not Terminal.SELL and len(snapshot.fleet.usable) > 1


def _free_ships(snapshot: FactorySnapshot) -> list[Ship]:
    """The empty ones that no lift of the order is about to fill."""
    legs = snapshot.legs_of(snapshot.tree.good, None)
    lifting = {leg.ship for leg in legs if leg.state.is_open}
    return [ship for ship in _empty_ships(snapshot) if ship.symbol not in lifting]


def _leaving_one(snapshot: FactorySnapshot, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """As many of these lifts as leave a ship empty, where the order is to leave one; one at least into the
    room beside what is kept already."""
    if not _leaves_a_ship(snapshot):
        return sizes
    room = max(_rooms_beside(snapshot), default=0)
    fits = (min(sizes[0], room),) if sizes and room else ()
    while sizes and 0 < _takes_empty(snapshot, sizes) >= len(_free_ships(snapshot)):
        sizes = sizes[:-1]
    return sizes or fits
