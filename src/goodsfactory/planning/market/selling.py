"""Where to sell a good that a factory made."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Listing, MarketSnapshot, TradeType
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.decision import (
    AVOIDED,
    NOT_SEEN,
    Candidate,
    away,
    by_verdict,
    in_words,
    no_market,
    unseen_of,
)
from goodsfactory.planning.market.spreading import mean_bid


@dataclass(frozen=True)
class SinkChoice:
    """Where to sell a good. ``waypoint`` and ``listing`` are None where no market is known to take it.

    ``reason`` is the sentence a user reads; ``considered`` holds every market that trades the good, best
    first.
    """

    waypoint: str | None
    listing: Listing | None
    reason: str
    considered: tuple[Candidate, ...] = ()

    @property
    def unseen(self) -> tuple[str, ...]:
        """Markets that may take the good but were never looked at: send a scout."""
        return unseen_of(self.considered)


MAKES_IT = "makes it, and pays half of what it asks"
"""The verdict on the market where the good was lifted."""

_ORDER = (TradeType.IMPORT, TradeType.EXCHANGE, TradeType.EXPORT)


def choose_sink(
    good: Good,
    markets: Sequence[MarketSnapshot],
    chart: Chart,
    *,
    near: str | None,
    avoid: Collection[str] = (),
    made_at: str | None = None,
    units: int | None = None,
) -> SinkChoice:
    """Choose the market to sell ``good`` at: importers first, then exchanges, then exporters; best bid.

    An import bids about twice what an export of the same good does (economy.md §1.9). With ``units`` the bid
    is what so many of them bring on average, sold there in a row. Equal bids are told apart by distance from
    ``near``, then by symbol. Nothing is sold where it is ``made_at``: that pays back half of it (§1.10).
    """
    usable: list[tuple[tuple[int, int, float, str], Candidate, Listing]] = []
    refused: list[Candidate] = []
    for market in sorted(markets, key=lambda one: one.waypoint):
        kind = market.type_of(good)
        if kind is None:
            continue
        listing = market.listing(good)
        far = chart.distance(near, market.waypoint)
        if market.waypoint == made_at:
            refused.append(Candidate(market.waypoint, listing, far, MAKES_IT))
        elif market.waypoint in avoid:
            refused.append(Candidate(market.waypoint, listing, far, AVOIDED))
        elif listing is None:
            refused.append(Candidate(market.waypoint, None, far, NOT_SEEN))
        else:
            rank = (
                _ORDER.index(kind),
                -(listing.bid if units is None else round(mean_bid(listing, units))),
                math.inf if far is None else float(far),
                market.waypoint,
            )
            verdict = f"{kind.value.lower()}, bid {listing.bid}"
            usable.append((rank, Candidate(market.waypoint, listing, far, verdict), listing))
    usable.sort(key=lambda entry: entry[0])
    considered = (*(candidate for _, candidate, _ in usable), *refused)
    if not considered:
        return SinkChoice(None, None, no_market(markets, f"trades {good}"))
    if not usable:
        return SinkChoice(None, None, f"no market to sell {good} at: {by_verdict(refused)}", considered)
    _, best, listing = usable[0]
    reason = f"{good} sells at {best.waypoint} ({listing.type.value.lower()}) for {listing.bid} each"
    reason += away(best.distance)
    if listing.type is not TradeType.IMPORT:
        reason += "; no market seen imports it, so the bid is low"
    if unseen := unseen_of(refused):
        reason += f"; {in_words(unseen)} {NOT_SEEN}"
    return SinkChoice(best.waypoint, listing, reason, considered)
