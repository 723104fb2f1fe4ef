"""The numbers a user may turn: intervals, ages, floors and levels."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from goodsfactory.domain.market import Supply

_YEAR = 31_536_000
_MOST_CREDITS = 10**12

Seconds = Annotated[float, Meta(ge=1, le=_YEAR)]
"""Game seconds of a rhythm or an age: under a second a daemon would do nothing but look."""

Pause = Annotated[float, Meta(ge=0.1, le=3600)]
"""Game seconds of a short rest."""

Patience = Annotated[float, Meta(ge=0, le=_YEAR)]
"""Game seconds; 0 waits for nothing."""

Count = Annotated[int, Meta(ge=1, le=1_000)]
Credits = Annotated[int, Meta(ge=0, le=_MOST_CREDITS)]
Balance = Annotated[int, Meta(ge=-_MOST_CREDITS, le=_MOST_CREDITS)]
"""Credits won or lost."""


class OutsideSpending(StrEnum):
    """What follows when credits leave the agent's purse without this daemon."""

    STOP = "stop"
    """nothing is bought until the user books the difference"""
    BOOK = "book"
    """the difference is booked, and spending goes on"""


@dataclass(frozen=True)
class Policy:
    """Durations in game seconds, money in credits."""

    poll_interval_initial: Seconds = 30.0
    """first re-check of a producing market after delivery"""
    poll_interval_settled: Seconds = 60.0
    """every further re-check"""
    warn_after_checks: Count = 20
    """looks at a market without a product after which a warning event is written"""
    ready_supply: Supply = Supply.MODERATE
    """a target is lifted from an export at this level or above"""
    max_loads_per_edge: Count = 3
    """shiploads along one edge that may be under way at the same time"""
    market_ttl: Seconds = 900.0
    """age at which market data is too old to plan on"""
    scout_interval: Seconds = 300.0
    """how often a standing scout looks at a market where factories trade; at others every `market_ttl`"""
    first_look_patience: Patience = 240.0
    """how long a known source waits for markets that were never seen and may be better"""
    price_window: Seconds = 120.0
    """age at which a price is too old to spend on"""
    credit_floor: Credits = 5_000
    """credits that no purchase of cargo or ships may touch"""
    outside_spending: OutsideSpending = OutsideSpending.STOP
    """whether credits that left the purse without the daemon stop its spending, or are only booked"""
    ceiling_ratio: Annotated[float, Meta(ge=0.1, le=100)] = 1.5
    """a purchase above this multiple of the median ask of other healthy sources is refused"""
    dump_ratio: Annotated[float, Meta(ge=0, le=100)] = 0.5
    """share of its cost below which the output is not sold: a crushed market is left to recover"""
    sale_margin: Annotated[float, Meta(ge=0, le=100)] = 0.3
    """share of its ask that the output of a continuous factory must bring on top (a third while it grows)"""
    kill_below: Balance = 0
    """credits an hour: a continuous factory that earned less over its window hibernates"""
    kill_window: Seconds = 21_600.0
    """how long a continuous factory may earn too little"""
    leftover_patience: Patience = 1_800.0
    """how long inputs that a factory left aboard wait for another that needs them, before they are sold"""
    arrival_margin: Pause = 1.0
    """how long after the announced arrival a ship is read again"""
    coordinator_interval: Seconds = 30.0
    """longest pause between two passes of a coordinator, which keeps the life of one factory"""
    planner_interval: Seconds = 30.0
    """longest pause between two passes of the planner while there is work"""
    roll_call_interval: Seconds = 300.0
    """how often ships and balance are read, for what was bought, sold or earned elsewhere"""
    settle_interval: Pause = 1.0
    """pause after a change before it is acted on, so that changes that come together are seen together"""
    retry_initial: Seconds = 15.0
    """first back-off after the world refused; it doubles"""
    retry_limit: Seconds = 600.0
    """longest back-off"""
    leg_attempts: Count = 3
    """failures of one edge in a row after which its node reports the error as its reason"""
    profit_threshold: Balance = -5_000
    """SMART makes an input where that saves more than so many credits over buying it"""
    hour_value: Credits = 40_000
    """credits that an hour of waiting costs: what one factory earns in it (economy.md §9.13)"""
    ship_hour_value: Credits = 15_000
    """credits that an hour of one ship is worth (economy.md §9.7)"""
    hysteresis: Credits = 2_500
    """credits by which SMART must be wrong before it changes its mind"""
