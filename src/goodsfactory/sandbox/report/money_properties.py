"""P14 and P15: what a player can earn and how long they must wait (economy.md §9, §10 and §12)."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping, Sequence
from datetime import timedelta

from goodsfactory.domain.market import TradeType
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.report.laboratory import EPOCH, TICK, make_market, stand
from goodsfactory.sandbox.report.property import Bound, Property

_TRIP = timedelta(minutes=20)
_TRIPS = 16
"""Trips in five hours, the first one at once."""


def money(seed: int) -> Mapping[str, float]:
    """P14: churning, dumping, camping on one chain and rotating over four."""
    losses = []
    for type, s in itertools.product((TradeType.EXPORT, TradeType.IMPORT), (-4, -2, 0, 1, 3)):
        if type is TradeType.EXPORT or s <= 1:
            market = make_market(("CLOTHING", type, 20, s), seed=seed)
            quote = stand(market, "CLOTHING", EPOCH)
            losses.append(100 * (1 - quote.bid / quote.ask))
    dump = make_market(("EQUIPMENT", TradeType.IMPORT, 20, -5), seed=seed)
    bids = [dump.sell("EQUIPMENT", 20, EPOCH) for _ in range(20)]
    camping = _earnings([_chain(seed)])
    rotating = _earnings([_chain(seed + number) for number in range(4)])
    return {
        "least churn loss %": min(losses),
        "most churn loss %": max(losses),
        "last bid / first bid of 20 tv": bids[-1] / bids[0],
        "first trip, credits a unit": camping[0],
        "camping 5 h, mean / first": statistics.mean(camping[1:]) / camping[0],
        "camping 5 h, last / first": camping[-1] / camping[0],
        "rotating over 4, mean / first": statistics.mean(rotating[4:]) / statistics.mean(rotating[:4]),
    }


def _chain(seed: int) -> tuple[Market, Market]:
    """A rested SHIP_PARTS export and a hungry sink, as a young system has them (§3.3, §11.9)."""
    source = make_market(
        ("SHIP_PARTS", TradeType.EXPORT, 6, 98 / 6),
        ("EQUIPMENT", TradeType.IMPORT, 20, -3),
        ("ELECTRONICS", TradeType.IMPORT, 20, -3),
        seed=seed,
    )
    return source, make_market(("SHIP_PARTS", TradeType.IMPORT, 6, -29 / 6), seed=seed + 1000)


def _earnings(chains: Sequence[tuple[Market, Market]]) -> list[float]:
    """Credits a unit of every trip of one hauler: two trade volumes a trip, every 20 minutes, in turn."""
    earned = []
    for trip in range(_TRIPS):
        source, sink = chains[trip % len(chains)]
        now = EPOCH + trip * _TRIP
        paid = sum(source.buy("SHIP_PARTS", 6, now) for _ in range(2))
        got = sum(sink.sell("SHIP_PARTS", 6, now) for _ in range(2))
        earned.append((got - paid) / 2)
    return earned


def gate(seed: int) -> Mapping[str, float]:
    """P15: hours until one source has given the 1600 FAB_MATS of a jump gate."""
    return {
        "hours fed, tv 20": _hours_to_collect(1600, 20, True, seed),
        "hours fed, tv 43": _hours_to_collect(1600, 43, True, seed),
        "hours unfed, tv 20": _hours_to_collect(1600, 20, False, seed),
    }


def _hours_to_collect(units: int, trade_volume: int, fed: bool, seed: int) -> float:
    stocked = 5 if fed else -5
    market = make_market(
        ("FAB_MATS", TradeType.EXPORT, trade_volume, 0),
        ("IRON", TradeType.IMPORT, 60, stocked),
        ("QUARTZ_SAND", TradeType.IMPORT, 60, stocked),
        seed=seed,
    )
    now, lifted = EPOCH, 0
    while lifted < units:
        now += TICK
        for symbol in ("IRON", "QUARTZ_SAND"):
            while fed and stand(market, symbol, now).s < 2:
                market.sell(symbol, 60, now)
        spare = stand(market, "FAB_MATS", now).net_supply + 4 * trade_volume
        while spare > 0 and lifted < units:
            tranche = min(spare, trade_volume, units - lifted)
            market.buy("FAB_MATS", tranche, now)
            lifted += tranche
            spare -= tranche
    return (now - EPOCH) / timedelta(hours=1)


P14 = Property(
    "P14",
    (
        Bound("least churn loss %", 50, 58, 0),
        Bound("most churn loss %", 50, 58, 0),
        Bound("last bid / first bid of 20 tv", None, 0.05),
        Bound("first trip, credits a unit", 3000, 5300, 0),
        Bound("camping 5 h, mean / first"),
        Bound("camping 5 h, last / first", None, 0.60),
        Bound("rotating over 4, mean / first", 0.80, None),
    ),
    money,
)
P15 = Property(
    "P15",
    (
        Bound("hours fed, tv 20", 30, None, 1),
        Bound("hours fed, tv 43", 15, None, 1),
        Bound("hours unfed, tv 20", 90, None, 1),
    ),
    gate,
)
