"""The hidden state behind captured quotes: solved by the price law where it allows, else the nearest one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.domain.pricing import BASE_PRICES, MARGINS, Quote, invert, label, usual_margin
from goodsfactory.sandbox import draws
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.growth import steps_grown
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.parameters import USUAL
from goodsfactory.sandbox.seeding import first_trade_volume

_LABEL_CENTRES = {
    Supply.SCARCE: -5,
    Supply.LIMITED: -3,
    Supply.MODERATE: 0,
    Supply.HIGH: 3,
    Supply.ABUNDANT: 5,
}
_FARTHEST = 24
"""No net supply beyond this many trade volumes is looked at (the widest ever seen is 18, economy.md §3.3)."""

_DEAREST = 2**53 - 1
"""Credits: the largest whole number that every JSON reader understands."""

_ROUNDING = 1
"""Credits by which the law may miss a quote that counts as reproduced."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A captured listing that the price law does not give, and why."""

    waypoint: str
    good: str
    why: str


@dataclass(frozen=True, slots=True)
class Reproduction:
    """How many captured listings the law gives to the credit, label included, and those it does not."""

    listings: int
    left_out: Sequence[LeftOut]

    @property
    def share(self) -> float:
        """Share of the listings that are reproduced; 1 where nothing was captured."""
        return 1 - len(self.left_out) / self.listings if self.listings else 1.0


def captured_good(listing: Mapping[str, Any], waypoint: str, seed: int) -> MarketGood:
    """A captured listing as a market-good whose first quote and label are the captured ones.

    What the law misses of the quote stays with the good as its offsets. Raises KeyError, TypeError or
    ValueError for what is no listing.
    """
    symbol, volume = listing["symbol"], listing["tradeVolume"]
    kind, supply = TradeType(listing["type"]), Supply(listing["supply"])
    ask, bid = listing["purchasePrice"], listing["sellPrice"]
    if not (isinstance(volume, int) and volume > 0 and isinstance(ask, int) and isinstance(bid, int)):
        raise ValueError(f"{symbol} at {waypoint} needs whole tradeVolume, purchasePrice and sellPrice")
    if not 0 <= bid <= ask <= _DEAREST:
        raise ValueError(
            f"{symbol} at {waypoint} has a sellPrice of {bid} and a purchasePrice of {ask}: the first is at"
            f" least 0, the second not below it and at most {_DEAREST}"
        )
    base = BASE_PRICES.get(symbol) or _likely_base(kind, ask, bid, volume, supply)
    hidden = invert(kind, ask, bid, volume, base, supply)
    if hidden is not None:
        quote = Quote(kind, base, hidden.margin or round(usual_margin(volume)), hidden.n, volume)
    else:
        quote = _nearest(kind, ask, bid, volume, base, supply)
    first, growths = _first_volume(symbol, kind, volume)
    return MarketGood(
        symbol=symbol,
        type=kind,
        base=base,
        margin=quote.margin,
        trade_volume=volume,
        net_supply=quote.net_supply,
        activity=Activity(listing["activity"]) if "activity" in listing else None,
        growths=growths,
        first_volume=first,
        phase=draws.source(seed, waypoint, symbol, "first state").uniform(1.0, 1799.0),
        ask_offset=ask - quote.ask,
        bid_offset=bid - quote.bid,
    )


def _first_volume(symbol: str, kind: TradeType, volume: int) -> tuple[int, int]:
    """The trade volume a good began with, and the steps since; off the ladder it began with what it has."""
    first = first_trade_volume(symbol, kind) if symbol in BASE_PRICES else volume
    steps = steps_grown(first, volume, USUAL)
    return (first, steps) if steps else (volume, 0)


def reproduction(
    markets: Mapping[str, Market], captured: Mapping[str, Sequence[str]], at: datetime
) -> Reproduction:
    """How well the law alone, without offsets, gives the listings captured at each market at ``at``."""
    goods = [
        (waypoint, good)
        for waypoint, symbols in captured.items()
        for good in markets[waypoint].goods(at)
        if good.symbol in symbols
    ]
    return Reproduction(len(goods), [left for waypoint, good in goods for left in _left_out(waypoint, good)])


def _left_out(waypoint: str, good: MarketGood) -> Iterator[LeftOut]:
    if max(abs(good.ask_offset), abs(good.bid_offset)) <= _ROUNDING:
        return
    missed = f"the law misses the ask by {-good.ask_offset:+d} and the bid by {-good.bid_offset:+d}"
    if good.symbol not in BASE_PRICES:
        why = f"no base price is known: {missed}"
    elif good.type is TradeType.EXCHANGE:
        why = f"{missed}; for exchanges it is approximate away from balance"
    else:
        why = f"{missed} with every whole margin"
    yield LeftOut(waypoint, good.symbol, why)


def _likely_base(kind: TradeType, ask: int, bid: int, volume: int, supply: Supply) -> float:
    """The base price at which the usual margin and the middle of the label give the captured price."""
    if kind is TradeType.EXCHANGE:
        return float(max((ask + bid) / 2, 2))
    margin, n = round(usual_margin(volume)), _LABEL_CENTRES[supply] * volume
    unit = Quote(kind, 1e6, margin, n, volume)
    # A bid at its floor tells nothing; the ask of such a listing still does.
    seen, price = (unit.bid, bid) if kind is TradeType.IMPORT and bid > 1 else (unit.ask, ask)
    return max(price * 1e6 / seen, 2.0)


def _nearest(kind: TradeType, ask: int, bid: int, volume: int, base: float, supply: Supply) -> Quote:
    """The quote under this label that comes closest to the captured one."""
    usual = round(usual_margin(volume))
    # The margin plays no part on an exchange.
    margins = (usual,) if kind is TradeType.EXCHANGE else tuple(MARGINS)
    reach = _FARTHEST * volume
    step = max(1, reach // 480)
    coarse = [n for n in range(-reach, reach + 1, step) if label(n / volume) is supply]
    miss = partial(_miss, kind, ask, bid, volume, base, supply)
    margin, about = min(((m, n) for m in margins for n in coarse), key=lambda found: miss(*found))
    fine = range(about - step, about + step + 1)
    best = min((n for n in fine if label(n / volume) is supply), key=lambda n: miss(margin, n))
    return Quote(kind, base, margin, best, volume)


def _miss(
    kind: TradeType, ask: int, bid: int, volume: int, base: float, supply: Supply, margin: int, n: int
) -> tuple[int, float, int]:
    quote = Quote(kind, base, margin, n, volume)
    off = abs(quote.ask - ask) + abs(quote.bid - bid)
    return off, abs(margin - usual_margin(volume)), abs(n - _LABEL_CENTRES[supply] * volume)
