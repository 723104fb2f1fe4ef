"""What every decision carries: the places it looked at, and the words of its reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.geography import system_of
from goodsfactory.domain.market import Listing, MarketSnapshot

NOT_SEEN = "not seen yet"
"""The verdict on a market whose prices nobody has looked at."""

NAMED = 8
"""Markets of a system that a sentence names; of more it tells the number."""

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


def in_words(names: Iterable[str], *, none: str = "none") -> str:
    """``A``, ``A and B``, ``A, B and C``; ``none`` where there are no names."""
    listed = list(names)
    if not listed:
        return none
    if len(listed) == 1:
        return listed[0]
    return f"{', '.join(listed[:-1])} and {listed[-1]}"


def no_market(markets: Sequence[MarketSnapshot], does: str) -> str:
    """``no market exports IRON (known: A and B)``, by the public lists of goods, whoever was there.

    Many are told by their number: ``none of the 25 markets of X1-RS84 exports IRON``.
    """
    if len(markets) > NAMED:
        systems = in_words(sorted({system_of(market.waypoint) for market in markets}))
        return f"none of the {len(markets)} markets of {systems} {does}"
    known = in_words(sorted(market.waypoint for market in markets), none="no market at all")
    return f"no market {does} (known: {known})"


def sentence_of(words: str) -> str:
    """The words with a capital letter first; those after it stay as they are."""
    return words[:1].upper() + words[1:]


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


def at_clock(moment: datetime, now: datetime) -> str:
    """``14:03:22`` by the game's clock (UTC), with its day where that is another one.

    A reason is read later than it was written: what it says of a time to come or gone by stays true so.
    """
    return moment.strftime("%H:%M:%S" if moment.date() == now.date() else "%Y-%m-%d %H:%M:%S")


def duration(seconds: float) -> str:
    """``45s``, ``2m10s``, ``1h05m``: how long something takes, for people."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
