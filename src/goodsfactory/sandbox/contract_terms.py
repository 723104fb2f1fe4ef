"""What a faction asks for and what it pays: the two kinds of contract there are (operations.md §4.1, §10 S1).

A new agent's first contract wants ore. Every other one may want anything that the home imports, pays by what
the destination asks for it just then, and a larger part of that in advance.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.market_good import MarketGood

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ContractParameters:
    """How contracts are drawn; spans include both ends. Sources are sections of operations.md.

    starter_units, starter_pay, starter_advance: units of the first contract, its whole payment per unit in
        base prices, and the share paid when it is accepted (§4.1: six agents).
    units: for the others by the first trade volume of the import: up to which, and how many (§4.1, S1).
    ore_units: the same for ores (§4.1).
    pay: whole payment per unit in units of the destination's ask. §4.1 reads 0.7 to 1.1, and a mean of 1.7
        base prices: both hold where imports ask about 1.8, as in a developed home. Here they ask more, 2.5 in
        the mean, so the mean is kept and half of the draws lie above 0.69.
    pay_skew: how much they crowd at the lower end of ``pay``; 1 spreads them evenly (*thin*).
    rich, rich_pay: share of contracts that pay better, and what those pay (§4.1: up to 2; share *assumed*).
    pay_cap: the most any contract pays per unit, in base prices (§4.1).
    advance: share of the payment when accepted (§4.1: twelve contracts).
    unobtainable: share of contracts for an import that nobody in the home sells or makes (*assumed*).
    """

    starter_units: tuple[int, int] = (43, 69)
    starter_pay: Span = (3.2, 4.3)
    starter_advance: Span = (0.12, 0.17)
    units: tuple[tuple[int, tuple[int, int]], ...] = ((10, (6, 15)), (40, (14, 40)), (10_000, (45, 60)))
    ore_units: tuple[int, int] = (40, 212)
    pay: Span = (0.60, 1.0)
    pay_skew: float = 2.2
    rich: float = 0.02
    rich_pay: Span = (1.0, 2.0)
    pay_cap: float = 5.6
    advance: Span = (0.20, 0.29)
    unobtainable: float = 0.02


@dataclass(frozen=True, slots=True)
class Terms:
    """``units`` of ``good`` for ``destination``; ``payment`` in credits, ``advance`` of it at once."""

    good: str
    destination: str
    units: int
    payment: int
    advance: int


def starter_terms(
    markets: Mapping[str, Market], now: datetime, dice: random.Random, parameters: ContractParameters
) -> Terms:
    """Ore for a market that imports it; where none does, terms as of any other contract."""
    ores = [(good, at) for good, at in _imports(markets) if good.endswith("_ORE")]
    if not ores:
        return negotiated_terms(markets, now, dice, parameters)
    good, at = dice.choice(ores)
    units = dice.randint(*parameters.starter_units)
    payment = round(units * dice.uniform(*parameters.starter_pay) * _listing(markets, good, at, now).base)
    return Terms(good, at, units, payment, round(payment * dice.uniform(*parameters.starter_advance)))


def negotiated_terms(
    markets: Mapping[str, Market], now: datetime, dice: random.Random, parameters: ContractParameters
) -> Terms:
    """Any import that somebody in the home sells or makes, and now and then one that nobody does.

    Raises ValueError where the markets trade nothing.
    """
    good, at = dice.choice(_wanted(markets, unobtainable=dice.random() < parameters.unobtainable))
    listing = _listing(markets, good, at, now)
    units = dice.randint(*_span_of_units(listing, parameters))
    per_unit = min(_asks_paid(dice, parameters) * listing.ask, parameters.pay_cap * listing.base)
    payment = max(1, round(units * per_unit))
    return Terms(good, at, units, payment, round(payment * dice.uniform(*parameters.advance)))


def _asks_paid(dice: random.Random, parameters: ContractParameters) -> float:
    if dice.random() < parameters.rich:
        return dice.uniform(*parameters.rich_pay)
    low, high = parameters.pay
    share: float = dice.random() ** parameters.pay_skew
    return low + (high - low) * share


def obtainable(markets: Mapping[str, Market]) -> Collection[str]:
    """The goods that some market of the home sells, because it makes them or merely trades them."""
    return {good for market in markets.values() for good in (*market.exports, *market.exchange)}


def _wanted(markets: Mapping[str, Market], *, unobtainable: bool) -> Sequence[tuple[str, str]]:
    imports, sold = list(_imports(markets)), obtainable(markets)
    chosen = [(good, at) for good, at in imports if (good in sold) is not unobtainable]
    listed = ((good, at) for at in sorted(markets) for good in markets[at].exchange)
    wanted = chosen or imports or list(listed)
    if not wanted:
        raise ValueError("a contract needs a market that imports or exchanges something")
    return wanted


def _imports(markets: Mapping[str, Market]) -> Iterator[tuple[str, str]]:
    return iter(sorted((good, at) for at, market in markets.items() for good in market.imports))


def _listing(markets: Mapping[str, Market], good: str, at: str, now: datetime) -> MarketGood:
    listing = markets[at].good(good, now)
    if listing is None:
        raise LookupError(f"{at} does not trade {good}")
    return listing


def _span_of_units(listing: MarketGood, parameters: ContractParameters) -> tuple[int, int]:
    if listing.symbol.endswith("_ORE"):
        return parameters.ore_units
    return next(span for volume, span in parameters.units if listing.first_volume <= volume)
