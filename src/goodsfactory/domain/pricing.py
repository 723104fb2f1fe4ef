"""Reading a market's hidden state from its quotes, and foretelling its next ones.

The planner's side of the price law (``price_law.py``): invert what a ship saw, then walk the law tranche by
tranche. Where a base price is unknown, or a market does not follow the law, steps measured on the live game
stand in (api-facts.md §7.4). Prices in credits per unit, quantities in units.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.market import Activity, Listing, Supply, TradeType
from goodsfactory.domain.price_law import (
    Quote,
    exchange_ask,
    exchange_bid,
    export_ask,
    export_bid,
    import_ask,
    import_bid,
    label,
    lowest_net_supply,
)

__all__ = [
    "BASE_PRICES",
    "MARGINS",
    "PURCHASE_STEPS",
    "SALE_STEPS",
    "NetSupply",
    "Quote",
    "exchange_ask",
    "exchange_bid",
    "export_ask",
    "export_bid",
    "import_ask",
    "import_bid",
    "invert",
    "label",
    "lowest_net_supply",
    "purchase_ladder",
    "quote_of",
    "sale_ladder",
    "units_to_supply",
    "usual_margin",
]

MARGINS = range(5, 14)
"""Every margin ever observed (economy.md §1.5), in percent."""

_DEAR = 1000
"""From this base price on, whole credits are fine enough to tell integer solutions apart (§1.3)."""

_FARTHEST = 24
"""Search no net supply beyond this many trade volumes: the widest seed seen is 18 (economy.md §3.3)."""

Steps = Mapping[Supply, Mapping[Activity, float]]

PURCHASE_STEPS: Steps = MappingProxyType(
    {
        Supply.ABUNDANT: {Activity.GROWING: 1.005, Activity.RESTRICTED: 1.033, Activity.WEAK: 1.026},
        Supply.HIGH: {Activity.GROWING: 1.004, Activity.RESTRICTED: 1.051, Activity.WEAK: 1.040},
        Supply.MODERATE: {
            Activity.GROWING: 1.033,
            Activity.STRONG: 1.035,
            Activity.RESTRICTED: 1.072,
            Activity.WEAK: 1.060,
        },
        Supply.LIMITED: {
            Activity.GROWING: 1.093,
            Activity.STRONG: 1.085,
            Activity.RESTRICTED: 1.102,
            Activity.WEAK: 1.060,
        },
        Supply.SCARCE: {
            Activity.GROWING: 1.063,
            Activity.STRONG: 1.056,
            Activity.RESTRICTED: 1.132,
            Activity.WEAK: 1.042,
        },
    }
)
"""Measured factor on the ask per trade volume bought (api-facts.md §7.4)."""

SALE_STEPS: Steps = MappingProxyType(
    {
        Supply.ABUNDANT: {Activity.GROWING: 0.976},
        Supply.HIGH: {Activity.GROWING: 0.870},
        Supply.MODERATE: {
            Activity.GROWING: 0.957,
            Activity.STRONG: 0.904,
            Activity.RESTRICTED: 0.958,
            Activity.WEAK: 0.961,
        },
        Supply.LIMITED: {
            Activity.GROWING: 0.976,
            Activity.STRONG: 0.964,
            Activity.RESTRICTED: 0.978,
            Activity.WEAK: 0.978,
        },
        Supply.SCARCE: {
            Activity.GROWING: 0.989,
            Activity.STRONG: 0.986,
            Activity.RESTRICTED: 0.985,
            Activity.WEAK: 0.989,
        },
    }
)
"""Measured factor on the bid per trade volume sold (api-facts.md §7.4)."""

_EXCHANGE_PURCHASE_STEP = 1.024
_EXCHANGE_SALE_STEP = 0.949
"""The worse ends of what was measured on exchanges (api-facts.md §7.4)."""


@dataclass(frozen=True, slots=True)
class NetSupply:
    """What a pair of quotes reveals: margin in percent (0 for an exchange) and net supply ``n`` in units.

    ``exact`` is True when this integer pair alone gives the ask, the bid and (if told) the label. Goods worth
    a few credits are rarely exact, because whole credits hide the difference; then this is the likeliest.
    """

    margin: int
    n: int
    exact: bool


def usual_margin(trade_volume: int) -> float:
    """The centre of the margins drawn for this trade volume (economy.md §1.5)."""
    return 9.8 if trade_volume < 10 else 8.0


@lru_cache(maxsize=16_384)
def invert(
    type: str, ask: int, bid: int, trade_volume: int, base: float, supply: str | None = None
) -> NetSupply | None:
    """Solve margin and net supply from both prices of a listing; ``supply``, when told, narrows the search.

    A dear good whose coarser price is off by its last credit is still solved, as not exact (5 of 49 in the
    captured system). None when nothing within the observed ranges comes that near: then the market does not
    follow the law with this base price, and measured steps are the honest forecast. Answers are remembered:
    the same listings are asked about on every pass.
    """
    kind = TradeType(type)
    found = list(_solutions(kind, ask, bid, trade_volume, base, supply, slack=0))
    exact = len(found) == 1 and len(found[0][1]) == 1
    if not found and base >= _DEAR and kind is not TradeType.EXCHANGE:
        slack = 2 if kind is TradeType.IMPORT else 1
        found = list(_solutions(kind, ask, bid, trade_volume, base, supply, slack=slack))
    if not found:
        return None
    usual = usual_margin(trade_volume)
    margin, stretch = min(found, key=lambda solution: abs(solution[0] - usual))
    n = stretch[len(stretch) // 2]
    if kind is TradeType.EXCHANGE:
        # A flat quote fits a long stretch of net supply; exchanges rest at balance.
        n = min(max(0, stretch.start), stretch.stop - 1)
    return NetSupply(margin, n, exact)


def _solutions(
    type: TradeType, ask: int, bid: int, trade_volume: int, base: float, supply: str | None, slack: int
) -> Iterator[tuple[int, range]]:
    """Margins with the stretch of net supply that fits; the coarser price may miss by ``slack`` credits."""
    slacks = (slack, 0) if type is TradeType.IMPORT else (0, slack)
    levels = _levels(trade_volume, supply)
    for margin in (0,) if type is TradeType.EXCHANGE else MARGINS:
        quote = Quote(type, base, margin, 0, trade_volume)

        # Prices fall with net supply, so what fits is one stretch, found by its two ends.
        def fits_from(n: int, quote: Quote = quote) -> bool:
            return quote.ask_at(n) <= ask + slacks[0] and quote.bid_at(n) <= bid + slacks[1]

        def beyond(n: int, quote: Quote = quote) -> bool:
            return quote.ask_at(n) < ask - slacks[0] or quote.bid_at(n) < bid - slacks[1]

        if beyond(levels[0]) or not fits_from(levels[-1]):
            continue
        stretch = levels[bisect_left(levels, True, key=fits_from) : bisect_left(levels, True, key=beyond)]
        if stretch:
            yield margin, stretch


def _levels(trade_volume: int, supply: str | None) -> range:
    """Net supply that is searched: all that carries the label, as far as any was seen."""
    reach = _FARTHEST * trade_volume
    if supply is None:
        return range(-reach, reach + 1)
    floors = (lowest_net_supply(level, trade_volume) for level in Supply)
    bounds = [*(-reach if floor is None else floor for floor in floors), reach + 1]
    rank = Supply(supply).rank
    return range(bounds[rank], bounds[rank + 1])


def purchase_ladder(
    type: str,
    ask: int,
    bid: int,
    trade_volume: int,
    base: float | None,
    tranches: Sequence[int],
    supply: str | None = None,
    activity: str | None = None,
) -> list[int]:
    """The ask at which each of the ``tranches`` (units per transaction) will be charged, in order.

    The first is the ask as seen. ``supply`` and ``activity`` as listed choose the measured step where the law
    cannot be used; what is unknown is taken at its worst.
    """
    quote = _solved(type, ask, bid, trade_volume, base, supply)
    if quote is None:
        step = _EXCHANGE_PURCHASE_STEP
        if type != TradeType.EXCHANGE:
            step = max(_steps(PURCHASE_STEPS, supply, activity))
        return _by_steps(ask, step, trade_volume, tranches)
    offset, level, asks = ask - quote.ask, quote.net_supply, []
    for units in tranches:
        asks.append(max(2, quote.ask_at(level) + offset))
        level -= units
    return asks


def sale_ladder(
    type: str,
    ask: int,
    bid: int,
    trade_volume: int,
    base: float | None,
    tranches: Sequence[int],
    supply: str | None = None,
    activity: str | None = None,
) -> list[int]:
    """The bid at which each of the ``tranches`` (units per transaction) will be paid, in order.

    The first is the bid as seen; the rest as in :func:`purchase_ladder`.
    """
    quote = _solved(type, ask, bid, trade_volume, base, supply)
    if quote is None:
        step = _EXCHANGE_SALE_STEP
        if type != TradeType.EXCHANGE:
            step = min(_steps(SALE_STEPS, supply, activity))
        return _by_steps(bid, step, trade_volume, tranches)
    offset, level, bids = bid - quote.bid, quote.net_supply, []
    for units in tranches:
        bids.append(max(1, quote.bid_at(level) + offset))
        level += units
    return bids


def units_to_supply(
    type: str,
    ask: int,
    bid: int,
    trade_volume: int,
    base: float | None,
    level: str,
    supply: str | None = None,
) -> int | None:
    """Units that must be sold here, all at once, until the good is listed at ``level`` or better.

    0 when it already is; None when the hidden net supply cannot be read.
    """
    quote = _solved(type, ask, bid, trade_volume, base, supply)
    if quote is None:
        return None
    floor = lowest_net_supply(Supply(level), trade_volume)
    return 0 if floor is None else max(0, floor - quote.net_supply)


def quote_of(listing: Listing) -> Quote | None:
    """The hidden state of a listing, from which the law gives its prices at any net supply; None where the
    law does not hold."""
    base = BASE_PRICES.get(listing.good)
    return _solved(listing.type, listing.ask, listing.bid, listing.trade_volume, base, listing.supply)


def _solved(
    type: str, ask: int, bid: int, trade_volume: int, base: float | None, supply: str | None
) -> Quote | None:
    if base is None:
        return None
    hidden = invert(type, ask, bid, trade_volume, base, supply)
    return None if hidden is None else Quote(TradeType(type), base, hidden.margin, hidden.n, trade_volume)


def _steps(table: Steps, supply: str | None, activity: str | None) -> list[float]:
    """The measured steps that apply; all that could, where label or activity are unknown."""
    labelled = [table[Supply(supply)]] if supply is not None else list(table.values())
    known = [row[Activity(activity)] for row in labelled if activity is not None and activity in row]
    return known or [step for row in labelled for step in row.values()]


def _by_steps(price: int, step: float, trade_volume: int, tranches: Sequence[int]) -> list[int]:
    prices, traded = [], 0
    for units in tranches:
        prices.append(max(1, round(price * step ** (traded / trade_volume))))
        traded += units
    return prices
