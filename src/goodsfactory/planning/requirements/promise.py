"""Available to promise: which loads the stock of each market is for, of all that would take from it.

A market is a tank. What is due comes first, the most urgent before the rest, of whichever order it is; then
what is brought ahead of need, which leaves the market at the edge where it would throttle; then lifts of the
target, which leave what others will lack before the market can be lifted from again (lifts.py).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from goodsfactory.domain.goods import Good
from goodsfactory.planning.market.stock import SCARCE_BELOW, THROTTLES_BELOW, Spot, loadable
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.held_up import is_held_up
from goodsfactory.planning.requirements.needs import Going
from goodsfactory.planning.requirements.requirement import Requirement
from goodsfactory.planning.requirements.top_up import worth_a_ship
from goodsfactory.planning.requirements.traffic import Traffic
from goodsfactory.planning.snapshot import Edge

Wanted = dict[str, dict[Edge, Requirement]]
"""What each order wants along each edge of its chain."""


@dataclass
class Claims:
    """What the plan has promised so far of the stock of each market, and keeps for whom: (order, units, good
    that it is for)."""

    promised: dict[Spot, int] = field(default_factory=lambda: defaultdict(int))
    kept: dict[Spot, list[tuple[str, int, Good]]] = field(default_factory=lambda: defaultdict(list))
    holders: dict[Spot, set[str]] = field(default_factory=lambda: defaultdict(set))
    first: dict[Spot, list[tuple[float, int]]] = field(default_factory=dict)
    """units that an order could lift as its target beyond what it is promised, with its priority"""

    def take(self, spot: Spot, order_id: str, units: int) -> None:
        """Promise so many units to an order."""
        if units:
            self.promised[spot] += units
            self.holders[spot].add(order_id)

    def kept_from(self, spot: Spot, order_id: str) -> tuple[int, Sequence[Good]]:
        """Units that a lift of an order leaves to others, and what they make of them."""
        kept = [(units, whom) for name, units, whom in self.kept[spot] if name != order_id and units > 0]
        return sum(units for units, _ in kept), [whom for _, whom in kept]


@dataclass(frozen=True)
class _Use:
    """A load of an input, or several, with the market that they would come from."""

    one: Going
    edge: Edge
    wish: Requirement
    spot: Spot
    held_up: bool


def promise(
    orders: Sequence[Going], wanted: Wanted, traffic: Traffic, now: datetime, policy: Policy
) -> Claims:
    """Cut the loads of inputs in ``wanted`` to what the markets have, those of all orders together.

    So no more ships are sent to a market than what it has fills, and one market is filled up to where it
    works at full pace, not each by halves. Returns what is promised thereby.
    """
    claims, uses = Claims(), []
    for one in orders:
        for edge, wish in wanted[one.id].items():
            source = one.ready[wish.good].waypoint
            if source is None:
                wanted[one.id][edge] = replace(
                    wish, short=sum(wish.sizes), lacking=wish.due if wish.sizes else 0
                )
            elif wish.sizes or wish.soon:
                spot, held_up = (source, wish.good), is_held_up(one, edge, now, policy)
                uses.append(_Use(one, edge, wish, spot, held_up))
    uses.sort(key=lambda use: -use.wish.urgency)
    given: dict[int, int] = {}
    for number, use in enumerate(uses):
        room = _room(use, claims, traffic)
        given[number] = sum(use.wish.sizes) if room is None else max(0, min(use.wish.due, room))
        _take(claims, use, given[number])
    for number, use in enumerate(uses):
        room = _room(use, claims, traffic, ahead=True)
        more = 0 if room is None else max(0, min(sum(use.wish.sizes) - given[number], room))
        _take(claims, use, more)
        given[number] += more
    for number, use in enumerate(uses):
        wish = _cut(use, given[number])
        wanted[use.one.id][use.edge] = wish
        _take(claims, use, sum(wish.sizes) - given[number])
        if not use.one.snapshot.factory.request.continuous and not use.held_up:
            left = max(wish.lacking, wish.soon - sum(wish.sizes))
            claims.kept[use.spot].append((use.one.id, left, use.one.root))
    return claims


def _take(claims: Claims, use: _Use, units: int) -> None:
    if not use.held_up:
        claims.take(use.spot, use.one.id, units)


def _room(use: _Use, claims: Claims, traffic: Traffic, *, ahead: bool = False) -> int | None:
    """Units that an order may still load at a market; None where its prices were not seen."""
    snapshot, (place, good) = use.one.snapshot, use.spot
    listing = snapshot.listing(place, good)
    if listing is None:
        return None
    tranche = min(use.one.hold, listing.trade_volume)
    # The last tranche begins at the edge of SCARCE and ends beyond. Whoever loads last may find one less.
    room = loadable(listing) + (0 if _others_load(use, claims, traffic) else tranche)
    room -= traffic.bespoken(snapshot.markets[place], good) + claims.promised[use.spot]
    if ahead and not use.wish.deep:
        room -= (SCARCE_BELOW - THROTTLES_BELOW) * listing.trade_volume
    return room


def _others_load(use: _Use, claims: Claims, traffic: Traffic) -> bool:
    """Whether other orders have yet to load there, or are to."""
    return bool({*claims.holders[use.spot], *traffic.loaders(*use.spot)} - {use.one.id})


def _cut(use: _Use, units: int) -> Requirement:
    """The loads that so many units are enough for; a small one waits for more."""
    wish, hold, sizes = use.wish, use.one.hold, list[int]()
    for size in wish.sizes:
        load = min(size, units)
        if load < size and not worth_a_ship(load, hold):
            break
        sizes.append(load)
        units -= load
    if tuple(sizes) == wish.sizes:
        return wish
    taken = sum(sizes)
    return replace(
        wish,
        sizes=tuple(sizes),
        reason=f"{wish.reason}; as much as {use.spot[0]} has for it",
        short=sum(wish.sizes) - taken,
        lacking=max(0, wish.due - taken),
    )
