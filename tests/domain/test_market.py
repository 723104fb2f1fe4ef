"""Markets as a ship sees them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TTL = timedelta(minutes=15)


def listing(kind: TradeType, supply: Supply) -> Listing:
    return Listing("IRON", kind, 60, supply, None, 100, 50)


def market(**fields: Any) -> MarketSnapshot:
    return MarketSnapshot("X1-T-A", frozenset({"IRON"}), frozenset({"COPPER"}), frozenset({"FUEL"}), **fields)


@pytest.mark.parametrize("supply", Supply)
def test_an_import_never_sells(supply: Supply) -> None:
    """Buying at an importer was ruinous (economy.md §9.3)."""
    assert not listing(TradeType.IMPORT, supply).sells


@pytest.mark.parametrize("supply", Supply)
def test_an_export_sells_above_scarce_and_an_exchange_always(supply: Supply) -> None:
    """SCARCE parks; the exchange is exempt."""
    assert listing(TradeType.EXPORT, supply).sells is (supply is not Supply.SCARCE)
    assert listing(TradeType.EXCHANGE, supply).sells


def test_supply_and_activity_are_scales() -> None:
    """From the lowest to the highest, whatever the alphabet says."""
    assert [s.rank for s in Supply] == [0, 1, 2, 3, 4]
    assert Supply.HIGH.at_least(Supply.MODERATE)
    assert not Supply.LIMITED.at_least(Supply.MODERATE)
    assert Supply.MODERATE.at_least(Supply.MODERATE)
    assert [a.value for a in Activity] == ["RESTRICTED", "WEAK", "GROWING", "STRONG"]


def test_a_market_not_looked_at_has_no_prices_and_no_age() -> None:
    """The lists are public, the prices are not (api-facts §7.1)."""
    unseen = market()
    assert unseen.listing("IRON") is None
    assert unseen.age(NOW) is None
    assert not unseen.is_fresh(NOW, TTL)


def test_prices_are_fresh_up_to_their_ttl() -> None:
    """The last second still counts."""
    seen = market(listings=(listing(TradeType.EXPORT, Supply.HIGH),), observed_at=NOW)
    iron = seen.listing("IRON")
    assert iron is not None
    assert iron.ask == 100
    assert seen.is_fresh(NOW + TTL, TTL)
    assert not seen.is_fresh(NOW + TTL + timedelta(seconds=1), TTL)


def test_a_good_stands_in_one_list() -> None:
    """Export, import, exchange, or not traded here."""
    kinds = [market().type_of(good) for good in ("IRON", "COPPER", "FUEL", "GOLD")]
    assert kinds == [TradeType.EXPORT, TradeType.IMPORT, TradeType.EXCHANGE, None]
