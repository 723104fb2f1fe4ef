"""What a market made or used up of a good between two looks, read out of its prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.market import Listing, Sighting, TradeType
from goodsfactory.domain.pricing import invert

TICK = timedelta(minutes=30)
"""Markets produce and consume once in this time (economy.md §4.1): a shorter span tells nothing."""


@dataclass(frozen=True)
class OwnTrade:
    """What a trade of ours did to the stock of a market: units sold there; negative: bought there."""

    at: datetime
    units: int


@dataclass(frozen=True)
class MeasuredOutput:
    """``per_tick`` units in half an hour, negative where more is used up than made, over ``span``."""

    per_tick: float
    span: timedelta


def measured_output(sightings: Sequence[Sighting], trades: Sequence[OwnTrade]) -> MeasuredOutput | None:
    """What the market itself did to its stock between the first and the last sighting that tell it exactly.

    ``sightings`` are of one good at one market, oldest first; trades of others count as the market's own.
    None where the prices do not tell: for an exchange, a good of unknown base price or of a few credits, and
    for less than half an hour.
    """
    told = [(one.observed_at, n) for one in sightings if (n := exact_net_supply(one.listing)) is not None]
    if not told:
        return None
    (first_at, first), (last_at, last) = told[0], told[-1]
    span = last_at - first_at
    if span < TICK:
        return None
    ours = sum(trade.units for trade in trades if first_at < trade.at <= last_at)
    return MeasuredOutput((last - first - ours) * (TICK / span), span)


def exact_net_supply(listing: Listing) -> int | None:
    """The hidden stock in units, 0 at balance; None where the prices leave more than one answer."""
    base = BASE_PRICES.get(listing.good)
    if base is None or listing.type is TradeType.EXCHANGE:
        return None
    hidden = invert(
        listing.type.value, listing.ask, listing.bid, listing.trade_volume, base, listing.supply.value
    )
    return hidden.n if hidden is not None and hidden.exact else None
