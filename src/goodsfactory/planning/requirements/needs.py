"""What a supply chain still needs, in units: the strategy SMART feeds ahead of need, and no more than that.

From the target down, each good has so many units still to be loaded. What its market cannot give from stock
must be made there, and takes about one unit of each input for a unit made (economy.md §6.3). An input that
stays MODERATE or better does not throttle what is made of it (§6.4); filled beyond HIGH it only pays less.
So each input is brought up before it falls to the edge, and topped up no further than that.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.market import Listing, MarketSnapshot
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.market.stock import THROTTLES_BELOW, loadable, net_supply, spare
from goodsfactory.planning.snapshot import FactorySnapshot


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

GROWS_FROM = 6
"""Steps of work from which a market is fed to grow: the last ones use up what was brought for that."""

GROWING_AHEAD = 2.0
GROWING_FILLED = 3.0
"""Trade volumes above balance below which an input of a growing market is topped up, and to which: an export
grows while all its inputs are HIGH, which begins at 2 (docs/reference/sandbox-fidelity.md)."""

SPREAD = 1.5
"""Units of an input that a unit of output takes, on the safe side (economy.md §6.3: up to 1.4 was seen)."""

SMALL_LOAD = 0.25
"""Share of a hold for which no ship is sent while more is to come."""


@dataclass(frozen=True)
class Top:
    """How much an edge wants now: ``loads`` beside those that fly already, each of ``sizes`` units."""

    sizes: tuple[int, ...]
    reason: str
    pressing: bool = False
    """whether the market waits for it: without it the next step makes less"""
    soon: int = 0
    """units that it takes until the source can be lifted from again, ``sizes`` included"""
    due: int = 0
    """units of ``sizes`` without which it would soon make less; the rest is brought ahead"""


def loads_of(units: int, hold: int, most: int) -> tuple[int, ...]:
    """``units`` in holds, at most so many of them, the last one smaller."""
    sizes: list[int] = []
    while units > 0 and len(sizes) < most:
        sizes.append(min(hold, units))
        units -= sizes[-1]
    return tuple(sizes)


@dataclass(frozen=True)
class Needs:
    """Units still to be loaded of each good, to be delivered along each edge beyond what flies, and to be
    made of each good."""

    to_load: Mapping[Good, int]
    to_deliver: Mapping[tuple[Good, Good], int]
    to_make: Mapping[Good, int]
    to_make_for_all: Mapping[Good, int]


def needs(snapshot: FactorySnapshot, hold: int, *, growing: bool = True) -> Needs:
    """The needs of every node for the units that are still wanted of the target.

    Inputs that are there only so that a market grows are among them where ``growing``.
    """
    root = snapshot.tree.good
    to_load: dict[Good, int] = {root: still_wanted(snapshot, hold) + unladen(snapshot.legs_for(root))}
    to_deliver: dict[tuple[Good, Good], int] = {}
    made: dict[Good, int] = {}
    for_all: dict[Good, int] = {}
    for node in reversed(snapshot.tree.flatten()):
        if node.acquisition is Acquisition.BUY:
            continue
        site = node.factory_waypoint
        own = listing_at(snapshot, site, node.good)
        wanted = to_load.get(node.good, 0)
        others = snapshot.neighbours.wanted(site, node.good) if wanted else 0
        to_make_for_all = _to_make(wanted + others, own)
        to_make = min(wanted, to_make_for_all) if others else to_make_for_all
        # For the last step the inputs need only be above the edge: it is made of what lies there.
        step = 0 if own is None else own.trade_volume
        made[node.good], for_all[node.good] = to_make, to_make_for_all
        for child in node.children:
            legs = snapshot.legs_of(child.good, node.good)
            there = listing_at(snapshot, site, child.good)
            lasts = 0 if there is None else spare(there)
            # What others bring is there for all; each factory brings no more than it takes itself.
            brought = others_bring(snapshot, site, child.good)
            share = max(0, to_make - step) + max(0, -lasts)
            used = max(0, to_make_for_all - step)
            missing = max(0, min(share, used - lasts - brought)) if to_make else 0
            if growing and there is not None and grows(to_make_for_all, step):
                lacking = round((GROWING_FILLED + THROTTLES_BELOW) * there.trade_volume) - lasts - brought
                missing = max(missing, lacking if lacking <= share else 0)
            if node.good == root and not snapshot.was_delivered(child.good, node.good):
                # Made, not only bought: a tranche of each input will do, more would only be paid less for.
                first = min(hold, _volume(snapshot, child, there, hold))
                missing = max(missing, min(first, max(1, to_load[root])))
            missing = max(0, missing - under_way(legs))
            to_deliver[child.good, node.good] = missing
            to_load[child.good] = to_load.get(child.good, 0) + missing + unladen(legs)
    return Needs(to_load, to_deliver, made, for_all)


def grows(work: int, step: int) -> bool:
    """Whether a market that makes ``step`` units at a time is fed to grow for so many units of work."""
    return 0 < GROWS_FROM * step <= work


def _to_make(to_load: int, own: Listing | None) -> int:
    """Units to be made before so many can be loaded: a lift begins at MODERATE and ends at SCARCE."""
    if own is None or to_load == 0:
        return to_load
    return max(0, to_load - loadable(own), -spare(own))


def _volume(snapshot: FactorySnapshot, child: SupplyChainNode, there: Listing | None, unseen: int) -> int:
    """The trade volume of an input where it is used; while that was not seen, the one at its source."""
    seen = there or listing_at(snapshot, child.source or child.factory_waypoint, child.good)
    return unseen if seen is None else seen.trade_volume


def still_wanted(snapshot: FactorySnapshot, hold: int) -> int:
    """Units of the target that are neither made nor reserved by a lift."""
    units = snapshot.asked
    if units is None:
        return 0 if snapshot.lifted or snapshot.lifting else hold
    return max(0, units - snapshot.lifted - snapshot.lifting)


def top_up(
    snapshot: FactorySnapshot,
    child: SupplyChainNode,
    node: SupplyChainNode,
    missing: int,
    hold: int,
    most: int,
) -> Top:
    """What to send along one edge now, of the ``missing`` units that it will take in the end."""
    site = node.factory_waypoint
    there = listing_at(snapshot, site, child.good)
    legs = snapshot.legs_of(child.good, node.good)
    if missing <= 0:
        return Top((), f"{node.good} at {site} needs no more {child.good}")
    coming = under_way(legs) + others_bring(snapshot, site, child.good)
    if there is None:
        if _is_dear(child.good):
            blind = min(hold, _volume(snapshot, child, there, hold)) - coming
        else:
            blind = max(hold, round(BLIND_CREDITS / BASE_PRICES[child.good])) - coming
        sizes = loads_of(min(missing, blind), hold, most) if worth_a_ship(blind, hold) else ()
        why = f"{site} gets {child.good}, its prices there were not seen"
        return Top(sizes, why, pressing=True, due=sum(sizes))
    level = net_supply(there) + coming
    own = listing_at(snapshot, site, node.good)
    use = there.trade_volume if own is None else own.trade_volume
    edge = -2 * there.trade_volume
    lasts = level - edge
    first = node.good == snapshot.tree.good and not snapshot.was_delivered(child.good, node.good)
    buffer = DEAR if _is_dear(child.good) else CHEAP
    soon = max(0, min(missing, round(SOON_STEPS * use - lasts)))
    if lasts >= buffer.ahead * use and not (first and not under_way(legs)):
        volume = there.trade_volume
        # Its work takes what lies there, comes and is missing, and the last step what is left.
        if own is not None and level < GROWING_AHEAD * volume and grows(lasts + missing + use, use):
            sizes = loads_of(min(missing, round(GROWING_FILLED * volume) - level), hold, most)
            why = f"{child.good} is kept HIGH at {site}, so that it makes more {node.good}"
            return Top(sizes, why, soon=soon)
        why = f"{site} has {child.good} for {lasts / max(1, use):.1f} steps of {node.good}"
        return Top((), why, soon=soon)
    room = round(edge + buffer.filled * use - level)
    at_most = math.ceil(SPREAD * (missing + max(0, lasts))) - max(0, lasts)
    least = min(math.ceil(SMALL_LOAD * hold), at_most)
    sizes = loads_of(max(min(missing, room), least), hold, most)
    if lasts < 0:
        why = f"{child.good} is {there.supply} at {site} and holds back {node.good}"
    elif first:
        why = f"{node.good} at {site} needs its first {child.good}"
    else:
        why = f"{child.good} at {site} lasts {lasts / max(1, use):.1f} steps, {missing} more are needed"
    pressing = first or lasts < use
    due = sum(sizes) if first else max(math.ceil(SMALL_LOAD * hold), round(DUE_STEPS * use - lasts))
    return Top(sizes, why, pressing, soon, min(due, sum(sizes)) if pressing else 0)


def under_way(legs: Sequence[Leg]) -> int:
    """Units that open legs bring."""
    return sum(max(0, leg.units - leg.delivered) for leg in legs if leg.state.is_open)


def unladen(legs: Sequence[Leg]) -> int:
    """Units that open legs have yet to load."""
    return sum(max(0, leg.units - leg.bought) for leg in legs if leg.state.is_open)


def bespoken(legs: Sequence[Leg], market: MarketSnapshot, good: Good) -> int:
    """Units of an export's stock, as it was seen, that are not to be had: what open legs have yet to load,
    and the tranche that a ship has bought since, which the prices do not show until it looks again."""
    listing = market.listing(good)
    if listing is None:
        return unladen(legs)
    seen = market.observed_at
    unshown = (
        min(leg.bought, listing.trade_volume)
        for leg in legs
        if leg.state is LegState.LOADING and leg.source == market.waypoint
        if seen is not None and leg.traded_at is not None and leg.traded_at >= seen
    )
    return unladen(legs) + sum(unshown)


def others_bring(snapshot: FactorySnapshot, site: str | None, good: Good) -> int:
    """Units of an input that the agent's other orders bring to a market, or are about to."""
    return under_way(snapshot.neighbours.feeding(site, good)) + snapshot.neighbours.promised_to(site, good)


def others_take(
    snapshot: FactorySnapshot, market: MarketSnapshot, good: Good, urgency: float = 0.0, value: int = 0
) -> int:
    """Units of an export's stock that the agent's other orders have yet to load, or may before a load of this
    ``urgency`` and ``value``."""
    place, others = market.waypoint, snapshot.neighbours
    return bespoken(others.loading(place, good), market, good) + others.claimed(place, good, urgency, value)


def worth_a_ship(units: int, hold: int) -> bool:
    """Whether a ship should be sent for so few units while more is to come."""
    return units >= math.ceil(SMALL_LOAD * hold)


def listing_at(snapshot: FactorySnapshot, waypoint: str | None, good: Good) -> Listing | None:
    """The listing of a good at a market, None while its prices were not seen."""
    market = snapshot.markets.get(waypoint or "")
    return None if market is None else market.listing(good)


def _is_dear(good: Good) -> bool:
    return BASE_PRICES.get(good, DEAR_FROM) >= DEAR_FROM
