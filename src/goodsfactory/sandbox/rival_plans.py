"""What a greedy rival does next, decided from what its own ships have seen and from public facts alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Literal

from goodsfactory.domain.market import TradeType
from goodsfactory.sandbox.navigation import distance, fuel_cost, travel_seconds
from goodsfactory.sandbox.ships import FlightMode, Ship
from goodsfactory.sandbox.trading import FUEL
from goodsfactory.sandbox.universe import Bill, Waypoint

KNOWN_ENOUGH = 8
"""Markets a rival has looked at before it trades: a greedy player does not scout for long."""

PATIENCE = 2
"""Trade volumes a rival buys and sells in one place: more would cost it the margin (economy.md §1.7)."""

FUEL_MONEY = 10_000
"""Credits a rival never trades with: a fleet that cannot refuel is stranded with all it bought."""

_WORTH_TIMING = 20
"""Lanes of which it is reckoned how long they take: those that earn most a trip."""

WORTH_ANOTHER_LOOK = timedelta(minutes=30)
"""A market tells nothing new before its next tick (economy.md §11)."""

GATE_FROM = 400_000
"""Credits from which on a rival spends the rest on the gate: before that it is busy getting rich."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A good as a ship saw it: ask and bid in credits, trade volume in units."""

    type: TradeType
    ask: int
    bid: int
    trade_volume: int


Quotes = Mapping[str, Mapping[str, Seen]]
"""What was seen, by market and good."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Take units of a good from ``source`` to ``target``: to sell them, or into a building site.

    Without a good it is a way to ``target`` to look around.
    """

    target: str
    good: str = ""
    source: str = ""
    units: int = 0
    purpose: Literal["look", "sell", "build"] = "look"


@dataclass(frozen=True, slots=True)
class Outlook:
    """All a ship decides by: the places of its system, quotes seen, credits at hand, and the gate's bill.

    ``fuel`` are the markets that trade FUEL, which everybody may know; ``pace`` is in seconds per map unit at
    speed 1 in the mode rivals fly. ``looked`` is when each market was seen last.
    """

    places: Mapping[str, Waypoint]
    markets: frozenset[str]
    fuel: frozenset[str]
    pace: float
    quotes: Quotes
    credits: int
    gate: str | None
    bill: Bill
    now: datetime
    looked: Mapping[str, datetime]


def next_errand(ship: Ship, outlook: Outlook) -> Errand | None:
    """The gate if there is money to spare, else the lane that earns most per second, else a look around."""
    unseen = _nearest_first(ship, outlook, outlook.markets - outlook.quotes.keys())
    if len(outlook.quotes) < KNOWN_ENOUGH and (look := _look(ship, outlook, unseen)):
        return look
    rated = [*_gate_trips(ship, outlook)] or [*_lanes(ship, outlook)]
    if rated:
        return max(rated, key=lambda found: (found[0], found[1].good, found[1].source, found[1].target))[1]
    return _look(ship, outlook, [*unseen, *_stale(outlook)])


def next_hop(ship: Ship, target: str, outlook: Outlook) -> str | None:
    """Where to fly on the way to ``target``: itself, or one stop for fuel; None where neither is in reach."""
    way = _way(ship, outlook, ship.waypoint, target, ship.fuel)
    return way.hop if way else None


def best_bidder(ship: Ship, outlook: Outlook) -> str | None:
    """The market in reach, perhaps this one, that paid most for a good the ship carries; None for none."""
    bids = [
        (goods[good].bid, market)
        for good in ship.hold
        for market, goods in outlook.quotes.items()
        if good in goods and next_hop(ship, market, outlook) is not None
    ]
    return max(bids)[1] if bids else None


def nearest_fuel(ship: Ship, outlook: Outlook) -> str | None:
    """Where to drift with what is left in the tank: the nearest other market with fuel; None for none."""
    here, places = outlook.places[ship.waypoint], outlook.places
    near = [(distance(here, places[market]), market) for market in outlook.fuel if market != ship.waypoint]
    return min(near)[1] if near else None


def stranded(ship: Ship, outlook: Outlook) -> bool:
    """Whether even the nearest fuel is out of reach; who is not may rest until something pays again."""
    goal = nearest_fuel(ship, outlook)
    return goal is not None and next_hop(ship, goal, outlook) is None


def _gate_trips(ship: Ship, outlook: Outlook) -> Iterator[tuple[float, Errand]]:
    spare = outlook.credits - GATE_FROM
    for material, (required, fulfilled) in outlook.bill.items():
        for market, goods in outlook.quotes.items():
            seen = goods.get(material)
            if outlook.gate is None or seen is None or seen.ask * seen.trade_volume > spare:
                continue
            units = min(required - fulfilled, ship.cargo_room, seen.trade_volume)
            seconds = _seconds(ship, outlook, market, outlook.gate)
            if units > 0 and seconds is not None:
                yield units * seen.ask / seconds, Errand(outlook.gate, material, market, units, "build")


def _lanes(ship: Ship, outlook: Outlook) -> Iterator[tuple[float, Errand]]:
    rich = nlargest(_WORTH_TIMING, _profits(ship, outlook), key=lambda found: (found[0], str(found[1])))
    for profit, errand in rich:
        seconds = _seconds(ship, outlook, errand.source, errand.target)
        if seconds is not None:
            yield profit / seconds, errand


def _profits(ship: Ship, outlook: Outlook) -> Iterator[tuple[int, Errand]]:
    purse, room = max(0, outlook.credits - FUEL_MONEY), ship.cargo_room
    best = _best_bids(outlook.quotes)
    for market, goods in outlook.quotes.items():
        for good, seen in goods.items():
            for bid, volume, target in best.get(good, ()):
                if bid <= seen.ask or target == market or good == FUEL:
                    continue
                units = min(room, PATIENCE * seen.trade_volume, PATIENCE * volume, purse // seen.ask)
                if units > 0:
                    yield units * (bid - seen.ask), Errand(target, good, market, units, "sell")


def _best_bids(quotes: Quotes) -> dict[str, list[tuple[int, int, str]]]:
    found: dict[str, list[tuple[int, int, str]]] = {}
    for market, goods in quotes.items():
        for good, seen in goods.items():
            found.setdefault(good, []).append((seen.bid, seen.trade_volume, market))
    return {good: sorted(bids, reverse=True)[:3] for good, bids in found.items()}


@dataclass(frozen=True, slots=True)
class _Way:
    """The first ``hop`` of a way, its whole length in map units, and the ``fuel`` left at its end."""

    hop: str
    length: int
    fuel: int


def _way(ship: Ship, outlook: Outlook, origin: str, target: str, fuel: int) -> _Way | None:
    """The shortest way with at most one stop for fuel; None where the tank does not last."""
    places, tank = outlook.places, ship.type.fuel_capacity
    if origin == target:
        return _Way(target, 0, fuel)
    here, there = places[origin], places[target]
    straight = distance(here, there)
    if not tank or _fuel(straight) <= fuel:
        return _Way(target, straight, fuel - _fuel(straight) if tank else 0)
    stops = [
        (first + last, stop, last)
        for stop in outlook.fuel - {origin, target}
        if _fuel(first := distance(here, places[stop])) <= fuel
        and _fuel(last := distance(places[stop], there)) <= tank
    ]
    if not stops:
        return None
    length, stop, last = min(stops)
    return _Way(stop, length, tank - _fuel(last))


def _fuel(units: int) -> int:
    return fuel_cost(FlightMode.CRUISE, units)


def _seconds(ship: Ship, outlook: Outlook, source: str, target: str) -> float | None:
    """Seconds to the source and on to the target; None where a tank does not last."""
    to_source = _way(ship, outlook, ship.waypoint, source, ship.fuel)
    if to_source is None:
        return None
    fuel = ship.type.fuel_capacity if source in outlook.fuel else to_source.fuel
    on = _way(ship, outlook, source, target, fuel)
    if on is None:
        return None
    legs = [way.length for way in (to_source, on) if way.length]
    return max(1.0, sum(travel_seconds(length, outlook.pace, ship.type.engine.speed) for length in legs))


def _look(ship: Ship, outlook: Outlook, markets: Sequence[str]) -> Errand | None:
    """A way to the first of the markets that is in reach; None where none is."""
    for market in markets:
        if market != ship.waypoint and next_hop(ship, market, outlook) is not None:
            return Errand(market)
    return None


def _nearest_first(ship: Ship, outlook: Outlook, markets: Collection[str]) -> list[str]:
    here = outlook.places[ship.waypoint]
    return [market for _, market in sorted((distance(here, outlook.places[each]), each) for each in markets)]


def _stale(outlook: Outlook) -> list[str]:
    """The markets that may tell something new, the one seen longest ago first."""
    seen = sorted(
        (at, market)
        for market, at in outlook.looked.items()
        if outlook.now - at >= WORTH_ANOTHER_LOOK and market in outlook.markets
    )
    return [market for _, market in seen]
