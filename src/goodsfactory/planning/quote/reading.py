"""From what was seen of a market to a model of it: what cannot be seen is inferred, or drawn."""

import math
import random
from collections.abc import Mapping
from datetime import datetime

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, TradeType
from goodsfactory.domain.price_law import Quote
from goodsfactory.domain.pricing import invert, usual_margin
from goodsfactory.planning.market.learned import Phase
from goodsfactory.planning.market.priors import first_trade_volume, middle_of
from goodsfactory.planning.quote.beliefs import TICK
from goodsfactory.planning.quote.market_model import GoodModel

_LONGEST_LADDER = 24


def read_market(
    market: MarketSnapshot,
    start: datetime,
    chance: random.Random,
    *,
    phases: Mapping[Good, Phase],
) -> list[GoodModel]:
    """The goods of a market that was seen, each in its state at that moment; second 0 is ``start``.

    ``phases`` tells, for goods that were watched, when in the half hour they produce or consume.
    """
    assert market.observed_at is not None
    seen = (market.observed_at - start).total_seconds()
    return [
        _read(listing, seen, phases.get(listing.good), market.observed_at, chance)
        for listing in market.listings
    ]


def _read(
    listing: Listing, seen: float, phase: Phase | None, at: datetime, chance: random.Random
) -> GoodModel:
    wait = chance.uniform(0.0, TICK) if phase is None else phase.draw_wait(at, chance)
    base = BASE_PRICES.get(listing.good) or _implied_base(listing)
    hidden = invert(listing.type, listing.ask, listing.bid, listing.trade_volume, base, supply=listing.supply)
    margin = hidden.margin if hidden else round(usual_margin(listing.trade_volume))
    net_supply = hidden.n if hidden else round(middle_of(listing.supply) * listing.trade_volume)
    law = Quote(listing.type, base, margin, net_supply, listing.trade_volume)
    return GoodModel(
        good=listing.good,
        type=listing.type,
        base=base,
        margin=margin,
        trade_volume=listing.trade_volume,
        net_supply=net_supply,
        next_tick=seen + wait,
        activity=listing.activity,
        mood=listing.activity if listing.activity in (Activity.GROWING, Activity.WEAK) else None,
        growths=steps_grown(listing.good, listing.type, listing.trade_volume),
        carry=chance.random(),
        ask_offset=listing.ask - law.ask,
        bid_offset=listing.bid - law.bid,
    )


def _implied_base(listing: Listing) -> float:
    """The base price at which the usual margin and the middle of the label give the ask seen."""
    kind, volume = listing.type, listing.trade_volume
    stock = round(middle_of(listing.supply) * volume)
    unit = Quote(kind, 10_000.0, round(usual_margin(volume)), stock, volume)
    return max(1.0, 10_000.0 * listing.ask / unit.ask)


def steps_grown(good: Good, type: TradeType, trade_volume: int) -> int:
    """How often a trade volume has grown since the reset, by the ladder of economy.md §5.1."""
    volume, steps = first_trade_volume(good, type), 0
    while volume < trade_volume and steps < _LONGEST_LADDER:
        volume, steps = math.ceil(1.1 * volume), steps + 1
    return steps
