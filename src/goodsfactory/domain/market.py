"""Markets as a ship sees them: listings with ask, bid, supply and activity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, cached_property

from goodsfactory.domain.goods import Good


class TradeType(StrEnum):
    """The one list of a market in which a good stands (api-facts §7.1)."""

    EXPORT = "EXPORT"
    IMPORT = "IMPORT"
    EXCHANGE = "EXCHANGE"


class _Ordered(StrEnum):
    """A scale: members are declared from the lowest to the highest."""

    @property
    def rank(self) -> int:
        """Place on the scale, 0 for the lowest."""
        return _rank(self)

    def at_least(self, other: "_Ordered") -> bool:
        """True when this is ``other`` or higher on the scale."""
        return self.rank >= other.rank


@cache
def _rank(step: _Ordered) -> int:
    return list(type(step)).index(step)


class Supply(_Ordered):
    """Stock of a good in trade volumes (economy.md §3.1)."""

    SCARCE = "SCARCE"
    LIMITED = "LIMITED"
    MODERATE = "MODERATE"
    HIGH = "HIGH"
    ABUNDANT = "ABUNDANT"


class Activity(_Ordered):
    """Strength of production or consumption, weakest first (economy.md §4.10)."""

    RESTRICTED = "RESTRICTED"
    WEAK = "WEAK"
    GROWING = "GROWING"
    STRONG = "STRONG"


@dataclass(frozen=True)
class Listing:
    """One good at one market. ``ask`` is what we pay per unit, ``bid`` what we get, in credits.

    ``trade_volume`` is the most units of one transaction. Exchange goods carry no activity.
    """

    good: Good
    type: TradeType
    trade_volume: int
    supply: Supply
    activity: Activity | None
    ask: int
    bid: int

    @property
    def sells(self) -> bool:
        """True when a planner may buy here: listed as export or exchange, and above SCARCE."""
        return self.type is not TradeType.IMPORT and (
            self.type is TradeType.EXCHANGE or self.supply is not Supply.SCARCE
        )


@dataclass(frozen=True)
class Sighting:
    """One good as it was seen at one market at one moment: a row of ``market_history``."""

    waypoint: str
    listing: Listing
    observed_at: datetime


@dataclass(frozen=True)
class MarketSnapshot:
    """What is known of a market. ``listings`` is empty until a ship has looked (``observed_at`` None).

    ``exports``, ``imports`` and ``exchange`` are public without a ship; they never change in a universe.
    """

    waypoint: str
    exports: frozenset[Good]
    imports: frozenset[Good]
    exchange: frozenset[Good]
    listings: tuple[Listing, ...] = ()
    observed_at: datetime | None = None

    @cached_property
    def _by_good(self) -> Mapping[Good, Listing]:
        return {listing.good: listing for listing in self.listings}

    def listing(self, good: Good) -> Listing | None:
        """The priced listing of ``good``, or None while prices are unknown or the good is not here."""
        return self._by_good.get(good)

    @property
    def lists(self) -> tuple[frozenset[Good], frozenset[Good], frozenset[Good]]:
        """What is traded: exports, imports, exchange goods."""
        return self.exports, self.imports, self.exchange

    def type_of(self, good: Good) -> TradeType | None:
        """In which list ``good`` stands; None where the market does not trade it."""
        if good in self.exports:
            return TradeType.EXPORT
        if good in self.imports:
            return TradeType.IMPORT
        return TradeType.EXCHANGE if good in self.exchange else None

    def age(self, now: datetime) -> timedelta | None:
        """How old the prices are; None while they were never seen."""
        return None if self.observed_at is None else now - self.observed_at

    def is_fresh(self, now: datetime, ttl: timedelta) -> bool:
        """True when prices were seen within ``ttl``."""
        age = self.age(now)
        return age is not None and age <= ttl

    def was_seen_since(self, moment: datetime) -> bool:
        """True when prices were seen at ``moment`` or later."""
        return self.observed_at is not None and self.observed_at >= moment
