"""How much of an input is sent to where it is used now: topped up ahead of need, and no more than it takes.

An input that stays MODERATE or better does not throttle what is made of it (economy.md §6.4); filled beyond
HIGH it only pays less. So each input is brought up before it falls to the edge, and topped up no further than
that: but where a market has work for hours. Its export grows while all its inputs are HIGH (economy.md §5.3),
and soon makes twice as much. So it is with a chain that sells without end, which lives on the pace.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Listing
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.market.stock import TICK_SECONDS, net_supply
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.held_up import is_held_up
from goodsfactory.planning.requirements.needs import FULL, Going, Needs, Part, volume_of
from goodsfactory.planning.requirements.requirement import Requirement
from goodsfactory.planning.requirements.traffic import Traffic, under_way
from goodsfactory.planning.requirements.value import Worth
from goodsfactory.planning.requirements.worth import Earnings
from goodsfactory.planning.snapshot import Edge


@dataclass(frozen=True)
class Buffer:
    """How an input is stocked, in steps of production: topped up when it lasts less than ``ahead``, and then
    to ``filled``."""

    ahead: float
    filled: float


CHEAP = Buffer(ahead=1.5, filled=4.0)
DEAR = Buffer(ahead=1.25, filled=2.5)
"""More at once is bought dearer and paid less for; with what costs little, fewer flights count more."""

DUE_STEPS = 1.25
"""Steps of production for which an input is brought before others bring theirs ahead of need."""

SOON_STEPS = 2.5
"""Steps of production until a source lifted down to SCARCE can be lifted from again, and a flight."""

DEAR_FROM = 500.0
"""Base price in credits from which an input counts as dear."""

BLIND_CREDITS = 50_000
"""Base value of what is cheap and on its way to a market whose prices were not seen, one load in any case: it
may be full, and then the last units bring next to nothing. Of what is dear one trade volume goes: the ship
sees what more is needed, and others may need it sooner."""

SPREAD = 1.5
"""Units of an input that a unit of output takes, on the safe side (economy.md §6.3: up to 1.4 was seen)."""

SMALL_LOAD = 0.25
"""Share of a hold for which no ship is sent while more is to come."""

GROWING_AHEAD = 2.0
"""Trade volumes above balance, where HIGH begins: an input of a market that is to grow is kept above."""

OUTPUT_FULL = 5.0
"""Trade volumes of the product beyond which nothing more is fed: ABUNDANT, it blocks its imports (§4.8)."""


@dataclass(frozen=True)
class _Input:
    """An input where it is used, as one order of several sees it."""

    one: Going
    part: Part
    child: SupplyChainNode
    there: Listing | None
    own: Listing | None
    coming: int
    missing: int
    grows: bool
    hold: int
    most: int

    @property
    def what(self) -> Good:
        return self.child.good

    def wants(
        self,
        sizes: tuple[int, ...],
        reason: str,
        *,
        pressing: bool = False,
        soon: int = 0,
        due: int = 0,
        lasts: float = 0.0,
    ) -> Requirement:
        # What lives on full inputs buys them as deep as they pay.
        deep = self.grows or self.one.snapshot.factory.request.continuous
        return Requirement(self.what, self.part.good, reason, sizes, due, soon, deep, pressing, lasts=lasts)


def feeds(
    orders: Sequence[Going], found: Needs, traffic: Traffic, now: datetime, policy: Policy
) -> dict[str, dict[Edge, Requirement]]:
    """What each order brings along each edge now. What one brings to a market is there for all: who lacks
    most fills whole holds for everybody."""
    wanted: dict[str, dict[Edge, Requirement]] = {one.id: {} for one in orders}
    earnings = {one.id: Earnings(one.snapshot, policy) for one in orders if one.snapshot.sells_without_end}
    for part in found.parts:
        for item, uses in part.inputs.items():
            edge, coming = (item, part.good), traffic.brings(part.place, item)
            missing = {one.id: found.to_deliver[one.id, edge] for one, _ in uses}
            held_up = {one.id for one, _ in uses if is_held_up(one, edge, now, policy)}
            together = sum(units for name, units in missing.items() if name not in held_up)
            for one, child in sorted(uses, key=lambda use: -missing[use[0].id]):
                own = missing[one.id]
                if own and one.id not in held_up:
                    own = max(together, own if one.snapshot.still_to_feed(*edge) else 0)
                flying = [leg for leg in one.snapshot.legs_of(*edge) if leg.state.is_open]
                stuck = under_way(leg for leg in flying if not traffic.goes_on(leg))
                top = _Input(
                    one,
                    part,
                    child,
                    one.snapshot.listing(part.place, item),
                    one.snapshot.listing(part.place, part.good),
                    coming + stuck,
                    own,
                    part.spot in found.growing,
                    one.hold,
                    max(0, policy.max_loads_per_edge - len(flying)),
                )
                wish = keep_full(top) if one.snapshot.factory.request.continuous else top_up(top)
                slack = found.slack(part.spot)
                worth = Worth(0, policy.hour_value, (wish.lasts + slack) * TICK_SECONDS / 3600)
                urgency = found.urgent[part.spot] if wish.pressing else 0.0
                wish = replace(wish, urgency=urgency, worth=worth)
                if sale := earnings.get(one.id):
                    wish = sale.weighed(edge, wish)
                wanted[one.id][edge] = wish
                if one.id not in held_up:
                    coming += sum(wish.sizes)
                    together = max(0, together - sum(wish.sizes))
    return wanted


def top_up(top: _Input) -> Requirement:
    """What is brought for an order with an end, of what is missing until the last unit is made."""
    site, item, output = top.part.place, top.what, top.part.good
    if top.missing <= 0:
        return top.wants((), f"{output} at {site} needs no more {item}")
    snapshot, there = top.one.snapshot, top.there
    if there is None:
        return _blind(top)
    first = snapshot.still_to_feed(item, output)
    volume = there.trade_volume
    level = net_supply(there) + top.coming
    use = volume if top.own is None else top.own.trade_volume
    edge = -2 * volume
    lasts = level - edge
    buffer = DEAR if _is_dear(item) else CHEAP
    soon = max(0, min(top.missing, round(SOON_STEPS * use - lasts)))
    low = lasts < buffer.ahead * use or (top.grows and level < GROWING_AHEAD * volume)
    if not low and not (first and not under_way(snapshot.legs_of(item, output))):
        return top.wants((), f"{site} has {item} for {lasts / max(1, use):.1f} steps of {output}", soon=soon)
    room = round(edge + buffer.filled * use - level)
    at_most = math.ceil(SPREAD * (top.missing + max(0, lasts))) - max(0, lasts)
    least = min(math.ceil(SMALL_LOAD * top.hold), at_most)
    units = needed = max(min(top.missing, room), least)
    if top.grows:
        units = max(units, min(top.missing, round(FULL * volume) - level))
    sizes = loads_of(units, top.hold, top.most)
    if lasts < 0:
        why = f"{item} is {there.supply} at {site} and holds back {output}"
    elif first:
        why = f"{output} at {site} needs its first {item}"
    elif top.grows and lasts >= buffer.ahead * use:
        why = f"{item} is kept HIGH at {site}, so that it makes more {output} at a time"
    else:
        why = f"{item} at {site} lasts {lasts / max(1, use):.1f} steps, {top.missing} more are needed"
    pressing = first or lasts < use
    due = needed if first else max(math.ceil(SMALL_LOAD * top.hold), round(DUE_STEPS * use - lasts))
    due = min(due, sum(sizes)) if pressing else 0
    steps = max(0.0, lasts / max(1, use))
    return top.wants(sizes, why, pressing=pressing, soon=soon, due=due, lasts=steps)


def _blind(top: _Input) -> Requirement:
    """What goes to a market whose prices were not seen."""
    if _is_dear(top.what):
        units = min(top.hold, volume_of(top.one.snapshot, top.child, None, top.hold)) - top.coming
    else:
        units = max(top.hold, round(BLIND_CREDITS / BASE_PRICES[top.what])) - top.coming
    sizes = loads_of(min(top.missing, units), top.hold, top.most) if worth_a_ship(units, top.hold) else ()
    why = f"{top.part.place} gets {top.what}, its prices there were not seen"
    return top.wants(sizes, why, pressing=True, due=sum(sizes))


def keep_full(top: _Input) -> Requirement:
    """What is brought for an order without end: an export whose worst input is MODERATE mostly makes a
    quarter of its trade volume in a step, and three quarters or all of it once that is HIGH (§4.2).
    """
    site, there, output = top.part.place, top.there, top.part.good
    if there is None:
        sizes = loads_of(top.hold, top.hold, min(1, top.most)) if top.coming < top.hold else ()
        return top.wants(sizes, f"{site} gets {top.what}, its prices there were not seen", pressing=True)
    if top.own is not None and net_supply(top.own) >= OUTPUT_FULL * top.own.trade_volume:
        return top.wants((), f"{site} has {output} {top.own.supply} and makes no more")
    room = round(FULL * there.trade_volume) - net_supply(there) - top.coming
    if not worth_a_ship(room, top.hold):
        return top.wants((), f"{site} has {top.what} {there.supply} to make {output} of")
    why = f"{top.what} is {there.supply} at {site} and kept full for {output}"
    lasts = (net_supply(there) + top.coming) / there.trade_volume + 2
    return top.wants(loads_of(room, top.hold, top.most), why, lasts=max(0.0, lasts))


def loads_of(units: int, hold: int, most: int) -> tuple[int, ...]:
    """``units`` in holds, at most so many of them, the last one smaller."""
    sizes: list[int] = []
    while units > 0 and len(sizes) < most:
        sizes.append(min(hold, units))
        units -= sizes[-1]
    return tuple(sizes)


def worth_a_ship(units: int, hold: int) -> bool:
    """Whether a ship should be sent for so few units while more is to come."""
    return units >= math.ceil(SMALL_LOAD * hold)


def _is_dear(good: Good) -> bool:
    return BASE_PRICES.get(good, DEAR_FROM) >= DEAR_FROM
