"""Shipyards as a ship sees them: the types on offer, and their prices."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class ShipOffer:
    """A type of ship at one yard; ``price`` in credits."""

    type: str
    price: int


@dataclass(frozen=True)
class ShipyardSnapshot:
    """One look at a yard. ``types`` are always told, ``offers`` only while an own ship is there.

    ``observed_at`` is when the prices were seen; None where they never were (api-facts §7.1).
    """

    waypoint: str
    types: frozenset[str]
    offers: tuple[ShipOffer, ...] = ()
    observed_at: datetime | None = None

    def offer(self, type_: str) -> ShipOffer | None:
        """The priced offer of a type; None where it is not sold or its price was never seen."""
        return next((offer for offer in self.offers if offer.type == type_), None)

    def is_fresh(self, now: datetime, window: timedelta) -> bool:
        """True when the prices were seen within ``window``."""
        return self.observed_at is not None and now - self.observed_at <= window
