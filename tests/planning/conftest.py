"""The captured home system, for the tests that check decisions against real data."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.recorded import recorded

from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.planning.chart.chart import Chart, chart_of


@dataclass(frozen=True)
class CapturedSystem:
    """Every market and waypoint of a real home system three days after a reset."""

    markets: tuple[MarketSnapshot, ...]
    chart: Chart


@pytest.fixture(scope="session")
def captured() -> CapturedSystem:
    markets = tuple(_market(one) for one in recorded("markets"))
    return CapturedSystem(markets, chart_of(map(_waypoint, recorded("waypoints")), markets))


def _market(data: dict[str, Any]) -> MarketSnapshot:
    return MarketSnapshot(
        waypoint=data["symbol"],
        exports=frozenset(good["symbol"] for good in data["exports"]),
        imports=frozenset(good["symbol"] for good in data["imports"]),
        exchange=frozenset(good["symbol"] for good in data["exchange"]),
        listings=tuple(
            Listing(
                good=entry["symbol"],
                type=TradeType(entry["type"]),
                trade_volume=entry["tradeVolume"],
                supply=Supply(entry["supply"]),
                activity=Activity(entry["activity"]) if entry.get("activity") else None,
                ask=entry["purchasePrice"],
                bid=entry["sellPrice"],
            )
            for entry in data["tradeGoods"]
        ),
        observed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _waypoint(data: dict[str, Any]) -> Waypoint:
    return Waypoint(
        symbol=data["symbol"],
        system=data["systemSymbol"],
        type=data["type"],
        x=data["x"],
        y=data["y"],
        traits=frozenset(trait["symbol"] for trait in data["traits"]),
        orbits=data.get("orbits"),
    )
