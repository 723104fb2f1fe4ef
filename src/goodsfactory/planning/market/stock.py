"""How much of a good a market has, in units: read off its prices, or guessed from its label.

Net supply is hidden, but ask, bid and trade volume give it away (economy.md §1). Labels are bands of it, in
trade volumes (§3.1): SCARCE below -4, LIMITED to -2, MODERATE to +2, HIGH to +4, ABUNDANT beyond.
"""

import math
from functools import lru_cache

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Activity, Listing, Supply, TradeType
from goodsfactory.domain.pricing import invert, lowest_net_supply

Spot = tuple[str, Good]
"""A good at a market: (waypoint, good)."""

DUE_FROM = Supply.LIMITED
"""The least that an input which is due is bought at, and all that is still wanted: nobody waits for more."""

PLENTY = 1_000_000
"""Units of an exchange good: at its prices no fleet empties one (economy.md §7.3)."""

SCARCE_BELOW = 4
THROTTLES_BELOW = 2
"""Trade volumes below balance at which SCARCE begins, or an input throttles (economy.md §6.4)."""

TICK_SECONDS = 1800.0
"""Every market-good is produced and consumed in steps of half an hour (economy.md §4.1)."""

PACE = {
    Activity.RESTRICTED: 0.2,
    Activity.WEAK: 0.25,
    Activity.GROWING: 0.75,
    Activity.STRONG: 1.0,
}
"""Trade volumes an export makes in a step, by activity (economy.md §4.2 and §11.4)."""

_MIDDLE = {
    Supply.SCARCE: -6.0,
    Supply.LIMITED: -3.0,
    Supply.MODERATE: 0.0,
    Supply.HIGH: 3.0,
    Supply.ABUNDANT: 6.0,
}
"""Trade volumes of net supply in the middle of each label."""


@lru_cache(maxsize=8192)
def net_supply(listing: Listing) -> int:
    """Units above balance, negative below; by the price law, or the middle of the label where it cannot tell.

    An exchange has plenty whatever it shows.
    """
    if listing.type is TradeType.EXCHANGE:
        return PLENTY
    base = BASE_PRICES.get(listing.good)
    if base is not None:
        found = invert(listing.type, listing.ask, listing.bid, listing.trade_volume, base, listing.supply)
        if found is not None:
            return found.n
    return round(_MIDDLE[listing.supply] * listing.trade_volume)


def loadable(listing: Listing) -> int:
    """Units that can be bought before the export is SCARCE; 0 for an import."""
    if listing.type is TradeType.IMPORT:
        return 0
    return max(0, net_supply(listing) + SCARCE_BELOW * listing.trade_volume)


def spare(listing: Listing) -> int:
    """Units an input may lose before it throttles what is made of it; negative where it does already."""
    return net_supply(listing) + THROTTLES_BELOW * listing.trade_volume


def pace(listing: Listing, *, fed: bool = False) -> float:
    """Units an export makes in an hour as it is, or once it is ``fed`` (economy.md §4.3); 0 for an import."""
    if listing.type is TradeType.IMPORT:
        return 0.0
    if listing.type is TradeType.EXCHANGE:
        return float(PLENTY)
    activity = listing.activity or Activity.WEAK
    share = PACE[Activity.GROWING] if fed and not activity.at_least(Activity.GROWING) else PACE[activity]
    return share * listing.trade_volume * 3600 / TICK_SECONDS


def seconds_until(listing: Listing, supply: Supply, *, fed: bool = False) -> float | None:
    """Seconds until an export that goes on as it does, or is ``fed``, has reached ``supply``: whole steps of
    production, the last of which may come up to half an hour sooner; 0 where it has. None for what is not
    made here."""
    if listing.type is not TradeType.EXPORT:
        return None
    floor = lowest_net_supply(supply, listing.trade_volume)
    missing = 0 if floor is None else floor - net_supply(listing)
    step = pace(listing, fed=fed) * TICK_SECONDS / 3600
    return max(0, math.ceil(missing / step)) * TICK_SECONDS
