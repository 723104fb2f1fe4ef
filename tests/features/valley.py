"""A small system made to measure: a few markets whose every number a scenario can know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.sandbox.economy import Market, MarketGood
from goodsfactory.sandbox.universe import System, Universe, Waypoint

SYSTEM = "X1-VALE"
OTHER_SYSTEM = "X1-HILL"
PLACES = {
    "A1": (0, 0),
    "B1": (30, 0),
    "B2": (0, 30),
    "B3": (-30, 0),
    "B4": (0, -30),
    "C1": (60, 0),
    "C2": (0, 60),
    "D1": (300, 0),
}
"""Map positions: the Bs are equally far from A1, D1 is far from everything."""

_NEVER = timedelta(days=3650).total_seconds()
_STOCK = {
    Supply.SCARCE: -6.0,
    Supply.LIMITED: -3.0,
    Supply.MODERATE: 0.0,
    Supply.HIGH: 3.0,
    Supply.ABUNDANT: 6.0,
}


@dataclass
class Row:
    """One good at one market, as a scenario states it."""

    waypoint: str
    good: str
    type: TradeType = TradeType.EXPORT
    supply: Supply = Supply.MODERATE
    volume: int = 60
    activity: Activity | None = None
    premium: int = 0


def symbol(place: str) -> str:
    """``B1`` is in the valley; whatever has a hyphen is a whole symbol already."""
    return place if "-" in place else f"{SYSTEM}-{place}"


def units_of(supply: Supply, volume: int) -> int:
    """Net supply in the middle of a label, in units."""
    return round(_STOCK[supply] * volume)


def valley(rows: Sequence[Row], *, epoch: datetime, living: bool, reset_date: str) -> Universe:
    """The universe of a scenario. Its markets stand still, but for trades, unless ``living``."""
    recipes = RecipeMap.bundled().imports_of
    by_place: dict[str, list[Row]] = {}
    for row in rows:
        by_place.setdefault(symbol(row.waypoint), []).append(row)
    systems = {
        name: System(name, "X1", "BLUE_STAR", place, 0, _waypoints(name, by_place))
        for place, name in enumerate((SYSTEM, OTHER_SYSTEM))
    }
    markets = {
        waypoint: _market(waypoint, by_place[waypoint], recipes, epoch, living) for waypoint in by_place
    }
    return Universe(
        seed=1,
        reset_date=reset_date,
        systems=systems,
        markets=markets,
        shipyards={},
        constructions={},
        jump_gates={},
        factions=["COSMIC"],
        headquarters=symbol("A1"),
        recipes=recipes,
        epoch=epoch,
    )


def _waypoints(system: str, by_place: Mapping[str, object]) -> dict[str, Waypoint]:
    return {
        f"{system}-{name}": Waypoint(
            f"{system}-{name}",
            "PLANET",
            system,
            x,
            y,
            traits=("MARKETPLACE",) if f"{system}-{name}" in by_place else (),
            faction="COSMIC",
        )
        for name, (x, y) in PLACES.items()
    }


def _market(
    waypoint: str, rows: Sequence[Row], recipes: Mapping[str, tuple[str, ...]], epoch: datetime, living: bool
) -> Market:
    goods = [_good(row, living) for row in rows]
    if all(good.symbol != "FUEL" for good in goods):
        goods.append(_good(Row(waypoint, "FUEL", TradeType.EXCHANGE, volume=180), living))
    return Market(waypoint, goods, recipes=recipes, epoch=epoch, seed=1)


def _good(row: Row, living: bool) -> MarketGood:
    return MarketGood(
        row.good,
        row.type,
        BASE_PRICES[row.good],
        8,
        row.volume,
        units_of(row.supply, row.volume),
        activity=row.activity,
        phase=900.0 if living else _NEVER,
        ask_offset=row.premium,
    )
