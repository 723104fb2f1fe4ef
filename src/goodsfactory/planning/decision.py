"""What every decision carries: the places it looked at, and the words of its reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from goodsfactory.domain.geography import Waypoint, distance
from goodsfactory.domain.market import Listing, MarketSnapshot

NOT_SEEN = "not seen yet"
"""The verdict on a market whose prices nobody has looked at."""

AVOIDED = "avoided after a failure"
"""The verdict on a market the caller asked to leave out."""


@dataclass(frozen=True)
class Candidate:
    """A market that was weighed. ``verdict`` says in a few words why it was chosen or not.

    ``listing`` is None while its prices were never seen; ``distance`` (in distance units) is None where the
    decision has no place to measure from.
    """

    waypoint: str
    listing: Listing | None
    distance: int | None
    verdict: str


def unseen_of(considered: Iterable[Candidate]) -> tuple[str, ...]:
    """Markets that could matter but were never looked at: send a scout."""
    return tuple(candidate.waypoint for candidate in considered if candidate.verdict == NOT_SEEN)


def distance_from(near: str | None, waypoint: str, places: Mapping[str, Waypoint]) -> int | None:
    """Distance units between two known places of one system; None where one of them is not known."""
    if near is None or near not in places or waypoint not in places:
        return None
    if places[near].system != places[waypoint].system:
        return None
    return distance(places[near], places[waypoint])


def in_words(names: Iterable[str], *, none: str = "none") -> str:
    """``A``, ``A and B``, ``A, B and C``; ``none`` where there are no names."""
    listed = list(names)
    if not listed:
        return none
    if len(listed) == 1:
        return listed[0]
    return f"{', '.join(listed[:-1])} and {listed[-1]}"


def names_of(markets: Sequence[MarketSnapshot]) -> str:
    """Every market by name: what an error lists as the places looked at."""
    return in_words(sorted(market.waypoint for market in markets), none="no market at all")


def by_verdict(candidates: Iterable[Candidate]) -> str:
    """``A and B SCARCE; C not seen yet``: candidates that got the same verdict stand together."""
    words: dict[str, list[str]] = {}
    for candidate in candidates:
        words.setdefault(candidate.verdict, []).append(candidate.waypoint)
    return "; ".join(f"{in_words(places)} {verdict}" for verdict, places in words.items())


def describe(listing: Listing) -> str:
    """``export HIGH, WEAK`` or ``exchange MODERATE``."""
    words = f"{listing.type.value.lower()} {listing.supply.value}"
    return words if listing.activity is None else f"{words}, {listing.activity.value}"


def away(far: int | None) -> str:
    """``, 35 away``, or nothing where the distance is not known."""
    return "" if far is None else f", {far} away"


def counted(number: int, noun: str) -> str:
    """``1 market``, ``3 markets``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """``45s``, ``2m10s``, ``1h05m``: how long something takes, for people."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
