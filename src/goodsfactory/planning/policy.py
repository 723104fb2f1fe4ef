"""The numbers a user may turn: intervals, ages, floors and levels."""

from dataclasses import dataclass
from enum import StrEnum

from goodsfactory.domain.market import Supply


class OutsideSpending(StrEnum):
    """What follows when credits leave the agent's purse without this daemon."""

    STOP = "stop"
    """nothing is bought until the user books the difference"""
    BOOK = "book"
    """the difference is booked, and spending goes on"""


@dataclass(frozen=True)
class Policy:
    """Durations in game seconds, money in credits."""

    poll_interval_initial: float = 30.0
    """first re-check of a producing market after delivery"""
    poll_interval_settled: float = 60.0
    """every further re-check"""
    warn_after_checks: int = 20
    """looks at a market without a product after which a warning event is written"""
    ready_supply: Supply = Supply.MODERATE
    """an export at this level or above may be lifted"""
    feed_supply: Supply = Supply.MODERATE
    """an import below this level wants more of its good"""
    max_loads_per_edge: int = 3
    """shiploads along one edge that may be under way at the same time"""
    market_ttl: float = 900.0
    """age at which market data is too old to plan on"""
    scout_interval: float = 300.0
    """how often a standing scout looks at a market where factories trade; at others every `market_ttl`"""
    first_look_patience: float = 240.0
    """how long a known source waits for markets that were never seen and may be better"""
    price_window: float = 120.0
    """age at which a price is too old to spend on"""
    credit_floor: int = 5_000
    """credits that no purchase of cargo or ships may touch"""
    outside_spending: OutsideSpending = OutsideSpending.STOP
    """whether credits that left the purse without the daemon stop its spending, or are only booked"""
    ceiling_ratio: float = 1.5
    """a purchase above this multiple of the median ask of other healthy sources is refused"""
    dump_ratio: float = 0.5
    """share of its cost below which the output is not sold: a crushed market is left to recover"""
    sale_margin: float = 0.3
    """share of its ask that the output of a continuous factory must bring on top (a third while it grows)"""
    kill_below: int = 0
    """credits an hour: a continuous factory that earned less over its window ends"""
    kill_window: float = 21_600.0
    """how long a continuous factory may earn too little"""
    leftover_patience: float = 1_800.0
    """how long inputs that a factory left aboard wait for another that needs them, before they are sold"""
    arrival_margin: float = 1.0
    """how long after the announced arrival a ship is read again"""
    coordinator_interval: float = 30.0
    """longest pause between two passes of a coordinator"""
    dispatcher_interval: float = 15.0
    """longest pause between two passes of the dispatcher"""
    roll_call_interval: float = 300.0
    """how often ships and balance are read, for what was bought, sold or earned elsewhere"""
    settle_interval: float = 1.0
    """pause after a change before it is acted on, so that changes that come together are seen together"""
    retry_initial: float = 15.0
    """first back-off after the world refused; it doubles"""
    retry_limit: float = 600.0
    """longest back-off"""
    leg_attempts: int = 3
    """failures of one edge in a row after which its node reports the error as its reason"""
    profit_threshold: int = -5_000
    """SMART makes an input where that saves more than so many credits over buying it"""
    hour_value: int = 40_000
    """credits that an hour of waiting costs: what one factory earns in it (economy.md §9.13)"""
    ship_hour_value: int = 15_000
    """credits that an hour of one ship is worth (economy.md §9.7)"""
    hysteresis: int = 2_500
    """credits by which SMART must be wrong before it changes its mind"""
