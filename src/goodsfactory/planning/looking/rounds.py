"""Standing scouts: which of them keeps which markets fresh, and where each looks next.

A probe that is parked at a market reads it with one request and no flight; one that tours needs four requests
and the flight. So markets that factories at work depend on get a probe each where there are enough of them,
and the rest is toured. The shares follow from what is stored: every scout works them out for itself, and
all get the same answer, however often factories and scouts come and go.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Sighting
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.decision import counted, duration, in_words
from goodsfactory.planning.policy import Policy

USUAL_SWING = 0.05
"""By how much of itself a price that nobody trades at moves in an hour: untouched exports fall by a few
percent in many hours, worked ones move by that in one production tick (economy.md §4.4, §4.5)."""

LOOKS_PER_MINUTE = 12
"""Looks that all scouts of a player may take: a tenth of the 120 requests the game allows (api-facts §2)."""

LONGEST_PAUSE = 60.0
"""Game seconds after which an idle scout works its share out anew: factories and scouts come and go."""

_IN_USE, _OTHER = 4.0, 1.0
_NEVER = 24.0
"""A market never seen counts as seen so many hours ago."""

_AT_THE_MARKET = 10.0
"""Seconds a stop costs beside the flight."""


@dataclass(frozen=True)
class Interest:
    """Why a market is looked at. ``goods`` are those that factories at work buy, feed or make there.

    ``wanted`` is True while a node waits for a look. ``seen`` is the newest look with prices, None for none;
    ``swing`` is by how much of itself a price there moves in an hour.
    """

    waypoint: str
    goods: tuple[Good, ...] = ()
    wanted: bool = False
    seen: datetime | None = None
    swing: float = USUAL_SWING

    def value(self, at: datetime) -> float:
        """What a look at that moment is worth: the error of its prices, summed up since the last look.

        The error grows with the age of the prices, so its sum grows with the square: a market that lies far
        away is not left out for ever.
        """
        age = _NEVER if self.seen is None else max(0.0, (at - self.seen).total_seconds() / 3600)
        return (_IN_USE if self.goods else _OTHER) * self.swing * age**2 / 2


@dataclass(frozen=True)
class Share:
    """The markets one scout keeps fresh; ``parked`` where it stays at the only one."""

    markets: tuple[str, ...]
    parked: bool
    reason: str


@dataclass(frozen=True)
class NextLook:
    """Look at ``waypoint`` after ``pause`` game seconds; None: nothing is due before another decision."""

    waypoint: str | None
    pause: float
    reason: str


def price_swing(sightings: Iterable[Sighting]) -> float | None:
    """By how much of itself an ask moved in an hour, by these sightings of one good, oldest first.

    None where they cover less than a tenth of an hour.
    """
    seen = list(sightings)
    hours = (seen[-1].observed_at - seen[0].observed_at).total_seconds() / 3600 if seen else 0.0
    if hours < 0.1:
        return None
    moved = sum(
        abs(later.listing.ask - one.listing.ask) / max(1, one.listing.ask)
        for one, later in itertools.pairwise(seen)
    )
    return moved / hours


def divide(interests: Sequence[Interest], ships: Sequence[Ship], chart: Chart) -> dict[str, Share]:
    """Share the markets among the scouts, by ship symbol. The same input gives the same shares.

    Where a ship is counts only to keep it where it is: a scout at its post stays there. A ship too many gets
    an empty share.
    """
    scouts = sorted((ship for ship in ships if ship.nav.waypoint in chart), key=lambda ship: ship.symbol)
    known = sorted(
        (one for one in interests if one.waypoint in chart), key=lambda one: (not one.goods, one.waypoint)
    )
    if not scouts or not known:
        return {ship.symbol: Share((), False, "there is no market to look at") for ship in ships}
    shares: dict[str, Share] = {}
    for groups in _cut(known, len(scouts), chart):
        free = [ship for ship in scouts if ship.symbol not in shares]
        shares |= {ship.symbol: _share(group, known) for ship, group in _nearest(free, groups, chart)}
    spare = Share((), False, "every market has a scout already")
    return {ship.symbol: shares.get(ship.symbol, spare) for ship in ships}


def _cut(known: Sequence[Interest], scouts: int, chart: Chart) -> list[list[list[str]]]:
    """The markets in as many groups as there are scouts, or one group for each market; in order of choice.

    Markets of factories are kept apart from the others, and one scout is enough for those.
    """
    used = [one.waypoint for one in known if one.goods]
    rest = [one.waypoint for one in known if not one.goods]
    if scouts >= len(known):
        return [[[waypoint] for waypoint in used], [[waypoint] for waypoint in rest]]
    if not used or not rest or scouts == 1:
        return [_groups([*used, *rest], scouts, chart)]
    keepers = min(len(used), scouts - 1)
    return [_groups(used, keepers, chart), _groups(rest, scouts - keepers, chart)]


def _share(group: Sequence[str], known: Sequence[Interest]) -> Share:
    if len(group) == 1:
        return Share(tuple(group), True, f"parked at {group[0]}, {_why(group[0], known)}")
    in_use = [one.waypoint for one in known if one.goods and one.waypoint in group]
    words = f"tours {counted(len(group), 'market')}"
    if in_use:
        words += f", first {in_words(in_use)}, where factories trade"
    return Share(tuple(group), False, words)


def looks_interval(parked: int, in_use: bool, policy: Policy) -> float:
    """Game seconds between two looks at one market, so that ``parked`` scouts keep to their requests."""
    usual = policy.scout_interval if in_use else policy.market_ttl
    return max(usual, parked * 60.0 / LOOKS_PER_MINUTE)


def next_look(
    share: Share,
    ship: Ship,
    interests: Mapping[str, Interest],
    chart: Chart,
    now: datetime,
    policy: Policy,
    *,
    parked: int,
) -> NextLook:
    """Where the scout of ``share`` looks next: where a look is worth most for the time it takes.

    A market that a node waits for goes first, wherever it is.

    ``parked`` is how many scouts of the player read by a timer.
    """
    best: tuple[bool, float, str] | None = None
    soonest = LONGEST_PAUSE
    for waypoint in share.markets:
        interest = interests.get(waypoint, Interest(waypoint))
        there = ship.nav.waypoint == waypoint
        flight = 0 if there else chart.seconds(ship, (waypoint,), now)
        if flight is None or waypoint not in chart:
            continue
        # Whoever wants to know a market looks itself through the ship that is there.
        called = interest.wanted and not there
        interval = 0.0 if called else looks_interval(parked, bool(interest.goods), policy)
        age = math.inf if interest.seen is None else (now - interest.seen).total_seconds()
        due = max(interval, policy.poll_interval_initial) - age
        if due > flight:
            soonest = min(soonest, due - flight)
            continue
        rate = interest.value(now) / (flight + _AT_THE_MARKET)
        rank = (not called, -rate, waypoint)
        best = rank if best is None else min(best, rank)
    if best is not None:
        return NextLook(best[2], 0.0, f"{best[2]} is worth the next look")
    if not share.markets:
        return NextLook(None, LONGEST_PAUSE, share.reason)
    return NextLook(None, max(1.0, soonest), f"nothing is due within {duration(soonest)}")


def _why(post: str, known: Sequence[Interest]) -> str:
    goods = next(one.goods for one in known if one.waypoint == post)
    return f"where factories trade {in_words(goods)}" if goods else "a market no factory trades at now"


def _nearest(
    ships: Sequence[Ship], groups: Sequence[Sequence[str]], chart: Chart
) -> list[tuple[Ship, Sequence[str]]]:
    """Give each group the nearest ship that is left; one that is in its group already comes first."""

    def away(ship: Ship, group: Sequence[str]) -> float:
        here = ship.nav.waypoint
        return 0 if here in group else 1 + min(_far(chart, here, post) for post in group)

    pairs = sorted(
        (away(ship, group), ship.symbol, number) for ship in ships for number, group in enumerate(groups)
    )
    by_symbol = {ship.symbol: ship for ship in ships}
    given: dict[int, Ship] = {}
    for _, symbol, number in pairs:
        if number not in given and symbol in by_symbol:
            given[number] = by_symbol.pop(symbol)
    return [(given[number], group) for number, group in enumerate(groups) if number in given]


def _groups(posts: Sequence[str], number: int, chart: Chart) -> list[list[str]]:
    """Cut ``posts`` (those in use first) into compact groups of about the same size.

    The middles lie far apart; every market then goes to the nearest that has room for it.
    """
    middles = [posts[0]]
    while len(middles) < number:
        rest = [post for post in posts if post not in middles]
        farthest = max(rest, key=lambda post: min(_far(chart, post, middle) for middle in middles))
        middles.append(farthest)
    room = math.ceil(len(posts) / number)
    groups: dict[str, list[str]] = {middle: [middle] for middle in middles}
    pairs = sorted(
        (_far(chart, post, middle), post, middle)
        for post in posts
        if post not in groups
        for middle in middles
    )
    placed = set(middles)
    for _, post, middle in pairs:
        if post not in placed and len(groups[middle]) < room:
            groups[middle].append(post)
            placed.add(post)
    return list(groups.values())


def _far(chart: Chart, one: str, other: str) -> float:
    units = chart.distance(one, other)
    return math.inf if units is None else units
