"""The next transaction of a purchase: how many units, and the most they may cost."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Listing, MarketSnapshot, Supply, TradeType

PRICE_SLACK = 0.15
"""How far the ask may rise between looking and buying: somebody else's full trade volume bought before ours
lifts it by 12.7 % at the edge of SCARCE (economy.md §1.7)."""


SOLE_SOURCE_RATIO = 5.0
"""How many times the base price is paid where no other source tells what a good is worth: no market asks so
much by itself (economy.md §1), only one that a crowd has emptied."""


@dataclass(frozen=True)
class TrancheDecision:
    """Buy ``units`` in one transaction, or stop where that is 0.

    ``worst_case`` is the credits to hold back for it; ``reason`` says why so many, or why none;
    ``rule`` the guard, where money or a price may allow it later.
    """

    units: int
    worst_case: int
    reason: str
    rule: SpendRule | None = None


def next_tranche(
    listing: Listing,
    *,
    wanted: int,
    free: int,
    budget: int,
    ceiling: int | None,
    minimum_supply: Supply = Supply.LIMITED,
    slack: float = PRICE_SLACK,
) -> TrancheDecision:
    """Decide the next purchase at ``listing``.

    ``wanted`` units are still missing, ``free`` units of the hold are empty, ``budget`` credits may be spent
    (balance less reservations less floor), ``ceiling`` is the highest ask to accept. An export below
    ``minimum_supply`` is left alone; an exchange is exempt (economy.md §7.4). The whole decision is made
    anew before every tranche, since each one moves the ask.
    """
    worst_ask = math.ceil(listing.ask * (1 + slack))
    if stop := _stop(listing, wanted, free, ceiling, minimum_supply):
        return stop
    affordable = budget // worst_ask
    if affordable < 1:
        return TrancheDecision(
            0,
            0,
            f"budget: {budget} credits to spend, one {listing.good} may cost {worst_ask} (ask {listing.ask})",
            SpendRule.FLOOR,
        )
    limits = {
        "all that is wanted": wanted,
        "all that fits": free,
        "one trade volume": listing.trade_volume,
        "all the budget allows": affordable,
    }
    words, units = min(limits.items(), key=lambda limit: limit[1])
    return TrancheDecision(
        units, units * worst_ask, f"{units} {listing.good} at an ask of {listing.ask}: {words}"
    )


def ceiling_for(good: Good, markets: Sequence[MarketSnapshot], *, exclude: str, ratio: float) -> int | None:
    """The highest ask to accept at ``exclude``: ``ratio`` × the median ask of the *other* healthy sources.

    A market's own history is no measure: our own purchases poison it (economy.md §9.5). Healthy is an export
    or exchange at MODERATE or above. Where there is no other one it is ``SOLE_SOURCE_RATIO`` × the base
    price; None where that is not known either.
    """
    asks = [
        listing.ask
        for market in markets
        if market.waypoint != exclude
        and (listing := market.listing(good)) is not None
        and listing.type is not TradeType.IMPORT
        and listing.supply.at_least(Supply.MODERATE)
    ]
    if asks:
        return math.floor(ratio * statistics.median(asks))
    base = BASE_PRICES.get(good)
    return None if base is None else math.ceil(SOLE_SOURCE_RATIO * base)


def _stop(
    listing: Listing, wanted: int, free: int, ceiling: int | None, minimum_supply: Supply
) -> TrancheDecision | None:
    good = listing.good
    if wanted < 1:
        return TrancheDecision(0, 0, f"wanted reached: no more {good} is needed")
    if free < 1:
        return TrancheDecision(0, 0, f"hold full: no room for {good}")
    if listing.type is TradeType.IMPORT:
        return TrancheDecision(0, 0, f"{good} is imported here, not sold to us")
    if listing.type is TradeType.EXPORT and not listing.supply.at_least(minimum_supply):
        return TrancheDecision(
            0, 0, f"supply {listing.supply.value}: {good} is bought from {minimum_supply.value} up"
        )
    if ceiling is not None and listing.ask > ceiling:
        return TrancheDecision(
            0,
            0,
            f"above ceiling: {good} asks {listing.ask}, no more than {ceiling} is paid",
            SpendRule.CEILING,
        )
    return None
