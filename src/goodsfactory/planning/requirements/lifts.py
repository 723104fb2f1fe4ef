"""Lifts of the target: by what is there, with a ship left for the inputs, after those who need it more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.decision import counted, in_words
from goodsfactory.planning.dispatch.eligibility import cargo_aboard
from goodsfactory.planning.market.stock import PLENTY, TICK_SECONDS
from goodsfactory.planning.outlets.sale import most_lifts
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import Availability
from goodsfactory.planning.requirements.held_up import is_held_up, stands_still
from goodsfactory.planning.requirements.lifting import last_lifts, next_lifts
from goodsfactory.planning.requirements.needs import Going, Needs, hold_of
from goodsfactory.planning.requirements.promise import Claims
from goodsfactory.planning.requirements.requirement import Requirement
from goodsfactory.planning.requirements.top_up import loads_of
from goodsfactory.planning.requirements.traffic import Traffic
from goodsfactory.planning.requirements.value import Worth
from goodsfactory.planning.snapshot import FactorySnapshot


def lift(
    one: Going, found: Needs, claims: Claims, traffic: Traffic, now: datetime, policy: Policy
) -> tuple[Availability, Requirement]:
    """The lifts that an order adds now, and whether its target is to be had beside all that is promised."""
    snapshot, made = one.snapshot, one.ready[one.root]
    held_up = is_held_up(one, (one.root, None), now, policy)
    tank = _Tank(one, claims, traffic, policy)
    made = tank.with_more_urgent_first(made, now)
    made = tank.with_a_ship_for_inputs(made, now, one.id in found.lacking)
    made = tank.with_a_ship_for_others(made, now)
    wish = tank.lifts(made)
    spot = one.spot_of(snapshot.tree)
    worth = Worth(0, policy.hour_value, found.slack(spot) * TICK_SECONDS / 3600)
    wish = replace(wish, worth=worth)
    if spot is not None and not held_up:
        taken = 0 if made.waypoint is None else sum(wish.sizes)
        claims.take(spot, one.id, taken)
        # For these it goes before others that make the same and have a lower priority.
        left = max(0, _liftable(one, made, now) - taken)
        claims.first.setdefault(spot, []).append((one.priority, left))
    return made, wish


@dataclass(frozen=True)
class _Tank:
    """The market of an order's target, as it may be lifted from beside what is promised of its stock."""

    one: Going
    claims: Claims
    traffic: Traffic
    policy: Policy

    @property
    def _snapshot(self) -> FactorySnapshot:
        return self.one.snapshot

    @cached_property
    def _wanted(self) -> int:
        return self._snapshot.still_wanted

    def with_a_ship_for_inputs(self, made: Availability, now: datetime, lacking: bool) -> Availability:
        """The target is lifted at once in the end where a part of it would fill the last ship for its inputs.

        What is lifted stays aboard, and nobody could bring what the rest is made of. The node waits as one
        that produces: with this reason, and looked at again and again.
        """
        snapshot, root = self._snapshot, self.one.root
        there = snapshot.listing(made.waypoint, root)
        if there is None or snapshot.asked is None or not _fits_at_once(snapshot, self._wanted):
            return made
        sizes = self._sizes(made.waypoint, self.policy.max_loads_per_edge)
        empty = len(_empty_ships(snapshot))
        if sum(sizes) >= self._wanted or not empty or _takes_empty(snapshot, sizes) < empty:
            return made
        if not lacking and not any(leg.state.is_open and leg.good != root for leg in snapshot.legs):
            return made
        units = counted(self._wanted, "unit")
        return self._waits(made, now, f"but not {units} yet, and its ships are needed for the inputs")

    def with_a_ship_for_others(self, made: Availability, now: datetime) -> Availability:
        """What is kept without end never fills the last ship that anything else could be flown with."""
        if made.waypoint is None or not _leaves_a_ship(self._snapshot):
            return made
        last = _free_ships(self._snapshot)
        if not last:
            return made
        sizes = self._sizes(made.waypoint, self.policy.max_loads_per_edge)
        if not sizes or _leaving_one(self._snapshot, sizes):
            return made
        alone = in_words(ship.symbol for ship in last)
        return self._waits(
            made,
            now,
            f"but {alone} alone is free of what is kept, and is left for other work: sell some of it with"
            " `spacetraders ships sell`",
        )

    def with_more_urgent_first(self, made: Availability, now: datetime) -> Availability:
        """What others lack and need more is not lifted away from them: the node waits for the rest."""
        if made.waypoint is None:
            return made
        kept, for_whom = self._kept(made.waypoint)
        most = self.policy.max_loads_per_edge
        if not kept or not self._sizes(made.waypoint, most) or self._sizes(made.waypoint, most, kept):
            return made
        are = "is" if kept == 1 else "are"
        return self._waits(made, now, f"but {counted(kept, 'unit')} {are} kept for {for_whom}")

    def lifts(self, made: Availability) -> Requirement:
        """The lifts to add now, by what is to be had of the target."""
        snapshot, root, wanted = self._snapshot, self.one.root, self._wanted
        open_ = sum(leg.state.is_open for leg in snapshot.legs_of(root, None))
        most = max(0, most_lifts(snapshot, self.policy) - open_)
        reason = f"lift {root}"
        sizes = loads_of(wanted, hold_of(snapshot), most)
        if snapshot.listing(made.waypoint, root) is not None and sizes:
            kept, _ = self._kept(made.waypoint or "")
            sizes = _leaving_one(snapshot, self._sizes(made.waypoint, most, kept))
            left = max(0, wanted - sum(sizes))
            if left:
                # Small ones too: drained to LIMITED, a fed export works at full pace (economy.md §11.6).
                verb = "is" if left == 1 else "are"
                reason = f"lift {root}, {left} of {counted(wanted, 'unit')} {verb} left for later"
        return Requirement(root, None, reason, sizes, short=max(0, wanted - sum(sizes)))

    def _sizes(self, source: str | None, most: int, kept: int = 0) -> tuple[int, ...]:
        """Lifts to make now, in ``most`` loads at most, ``kept`` units being left."""
        snapshot, root = self._snapshot, self.one.root
        listing = snapshot.listing(source, root)
        if source is None or listing is None:
            return ()
        hold, request = hold_of(snapshot), snapshot.factory.request
        promised = self.traffic.bespoken(snapshot.markets[source], root)
        promised += self.claims.promised[source, root]
        if snapshot.sells_without_end:
            return next_lifts(listing, promised, hold, most, kept)
        if snapshot.asked is None:  # whatever one lift brings: nothing is left for a later one
            return next_lifts(listing, promised, hold, min(most, 1), kept)
        wanted = self._wanted + (PLENTY if request.continuous else 0)  # there is no last lift to prepare
        at_last = most_lifts(snapshot, self.policy)
        return last_lifts(wanted, listing, promised, hold, most, at_last, kept, self.policy.ready_supply)

    def _kept(self, source: str) -> tuple[int, str]:
        """Units that are left to others, and to whom: what they lack now, or will before the next lift; and
        what they could lift as their own target with a higher priority."""
        spot = source, self.one.root
        units, needing = self.claims.kept_from(spot, self.one.id)
        before_us = sum(
            left for priority, left in self.claims.first.get(spot, ()) if priority > self.one.priority
        )
        whom = [f"{needing[0]}, which needs them sooner"] if needing else []
        whom += [f"another {self.one.root}, which has a higher priority"] if before_us > 0 else []
        return units + max(0, before_us), " and ".join(whom)

    def _waits(self, made: Availability, now: datetime, why: str) -> Availability:
        """Not lifted yet for a reason; its market is looked at, unless somebody has just done so."""
        assert made.waypoint is not None
        fresh = timedelta(seconds=self.policy.poll_interval_initial)
        look = () if self._snapshot.markets[made.waypoint].is_fresh(now, fresh) else (made.waypoint,)
        return Availability(None, f"{made.reason}, {why}", look, producing=True)


def _liftable(one: Going, made: Availability, now: datetime) -> int:
    """Units of the target that an order could take away now, beside its open lifts.

    It has ships for them, and its market makes some; and something moved in the last two steps. One that is
    stuck, or that goes on without end, keeps nothing from others.
    """
    snapshot = one.snapshot
    if snapshot.factory.request.continuous or not (made.waypoint or made.producing):
        return 0
    if stands_still(snapshot, now):
        return 0
    return min(snapshot.still_wanted, hold_of(snapshot) * snapshot.fleet.free(one.root, room=True))


def _fits_at_once(snapshot: FactorySnapshot, wanted: int) -> bool:
    """Whether all that is wanted can be kept aboard; where not, somebody must empty ships meanwhile."""
    kept = snapshot.factory.request.terminal is not Terminal.SELL
    return kept and wanted <= hold_of(snapshot) * len(_empty_ships(snapshot)) + sum(_rooms_beside(snapshot))


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
