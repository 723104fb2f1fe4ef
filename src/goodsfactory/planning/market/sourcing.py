"""Where to buy a good.

The sourcing order is supply level, then activity, then distance, then ask: never price first, because every
measured blow-up of input prices started at a SCARCE or LIMITED source (economy.md §9.5, §9.10).

An exchange is ranked one level above its label and as steady as a GROWING export. Supply labels count trade
volumes (economy.md §3.1) and an exchange trades 180 units where a raw export trades 60 (§5.2), so a MODERATE
exchange holds as many units above LIMITED as a HIGH export does, and its ask does not move for thousands of
units (§7.3): it is the deep, riskless source of raw goods (§7.4). An ABUNDANT export still goes first.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.decision import (
    AVOIDED,
    NOT_SEEN,
    Candidate,
    away,
    by_verdict,
    counted,
    describe,
    in_words,
    no_market,
    unseen_of,
)
from goodsfactory.planning.market.tranches import ceiling_for

PARKED = "SCARCE, parked until it recovers"
"""The verdict on an export that must not be bought from (fail closed)."""

ABOVE_CEILING = "above ceiling"
"""The verdict on a market whose ask is far above that of the others."""


@dataclass(frozen=True)
class SourceChoice:
    """Where to buy a good. ``waypoint`` and ``listing`` are None where no market may be bought from now.

    ``reason`` is the sentence a user reads; ``considered`` holds every market that lists the good as export
    or exchange, the chosen one first, then the usable ones in order, then the refused ones by symbol.
    """

    waypoint: str | None
    listing: Listing | None
    reason: str
    considered: tuple[Candidate, ...] = ()

    @property
    def unseen(self) -> tuple[str, ...]:
        """Markets that may sell the good but were never looked at: send a scout."""
        return unseen_of(self.considered)


def sellers_of(good: Good, markets: Sequence[MarketSnapshot]) -> list[MarketSnapshot]:
    """Markets that list ``good`` as export or exchange, priced or not, by symbol."""
    found = [market for market in markets if good in market.exports or good in market.exchange]
    return sorted(found, key=lambda market: market.waypoint)


def supply_level(listing: Listing) -> int:
    """Rank of the stock that can be bought, 0 (SCARCE) to 4; an exchange counts one level higher."""
    if listing.type is TradeType.EXCHANGE:
        return min(listing.supply.rank + 1, Supply.ABUNDANT.rank)
    return listing.supply.rank


def choose_source(
    good: Good,
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    *,
    near: str | None,
    avoid: Collection[str] = (),
    ceiling_ratio: float | None = None,
) -> SourceChoice:
    """Choose the market to buy ``good`` at, for use at the waypoint ``near``.

    A SCARCE export and a market in ``avoid`` are never chosen. LIMITED is chosen only when nothing better
    exists, with a warning in the reason. A market whose prices were never seen is never chosen either. With
    ``ceiling_ratio``, neither is one that asks more than that multiple of the median of the other healthy
    sources: the purchase would be refused there.
    """
    usable: list[tuple[_Rank, Candidate, Listing]] = []
    refused: list[Candidate] = []
    sellers = sellers_of(good, markets)
    for market in sellers:
        listing = market.listing(good)
        far = chart.distance(near, market.waypoint)
        candidate = Candidate(market.waypoint, listing, far, "chosen")
        if market.waypoint in avoid:
            refused.append(replace(candidate, verdict=AVOIDED))
        elif listing is None:
            refused.append(replace(candidate, verdict=NOT_SEEN))
        elif not listing.sells:
            refused.append(replace(candidate, verdict=PARKED))
        elif _above_ceiling(listing, market, sellers, ceiling_ratio):
            refused.append(replace(candidate, verdict=ABOVE_CEILING))
        else:
            usable.append((_rank(listing, far, market.waypoint), candidate, listing))
    if not usable:
        return SourceChoice(None, None, _no_source(good, markets, refused), tuple(refused))
    usable.sort(key=lambda entry: entry[0])
    rank, best, listing = usable[0]
    behind = [replace(other, verdict=_behind(rank, its_rank)) for its_rank, other, _ in usable[1:]]
    return SourceChoice(
        best.waypoint,
        listing,
        _source_reason(good, best, listing, len(usable), refused),
        (best, *behind, *refused),
    )


def _above_ceiling(
    listing: Listing, market: MarketSnapshot, sellers: Sequence[MarketSnapshot], ratio: float | None
) -> bool:
    if ratio is None:
        return False
    ceiling = ceiling_for(listing.good, sellers, exclude=market.waypoint, ratio=ratio)
    return ceiling is not None and listing.ask > ceiling


_Rank = tuple[int, int, float, int, str]
_TOLD_APART = ("lower supply", "weaker activity", "farther", "dearer", "later by name")


def _rank(listing: Listing, far: int | None, waypoint: str) -> _Rank:
    if listing.type is TradeType.EXCHANGE:
        steadiness = Activity.GROWING.rank
    else:
        steadiness = -1 if listing.activity is None else listing.activity.rank
    distance = math.inf if far is None else float(far)
    return (-supply_level(listing), -steadiness, distance, listing.ask, waypoint)


def _behind(best: _Rank, other: _Rank) -> str:
    return next(words for words, ours, theirs in zip(_TOLD_APART, best, other, strict=True) if ours != theirs)


def _source_reason(
    good: Good, best: Candidate, listing: Listing, choices: int, refused: list[Candidate]
) -> str:
    reason = f"{good} from {best.waypoint}: {describe(listing)}{away(best.distance)}, ask {listing.ask}"
    if choices > 1:
        reason += f", best of {counted(choices, 'market')}"
    if supply_level(listing) <= Supply.LIMITED.rank:
        reason += f"; warning: only {listing.supply.value} supply, nothing better is known"
    if unseen := unseen_of(refused):
        reason += f"; {in_words(unseen)} {NOT_SEEN}"
    return reason


def _no_source(good: Good, markets: Sequence[MarketSnapshot], refused: list[Candidate]) -> str:
    if not refused:
        return no_market(markets, f"exports or exchanges {good}")
    return f"no source of {good} now: {by_verdict(refused)}"
