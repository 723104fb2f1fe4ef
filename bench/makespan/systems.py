"""The systems the cases play in: the captured home system and two generated ones, rested or drained."""

from collections import ChainMap
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from tests.recorded import CAPTURED

from goodsfactory.domain.market import TradeType
from goodsfactory.sandbox import draws
from goodsfactory.sandbox.captured import load_universe
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.scenarios import Scenario
from goodsfactory.sandbox.seeding import seed_good
from goodsfactory.sandbox.universe import Universe

EXTRA_WORKSHOP = "EXOTIC_MATTER"
"""Made in no generated home. One more workshop for it gives these a second chain of five levels."""


class System(StrEnum):
    """Where a case plays."""

    CAPTURED = "captured"
    FIRST = "generated-1"
    SECOND = "generated-2"

    @property
    def seed(self) -> int:
        return 2 if self is System.SECOND else 1


def build_universe(system: System, scenario: Scenario, epoch: datetime) -> Universe:
    """The same universe for the same arguments, always new: a run changes its markets.

    The captured system was recorded three days after its reset, untouched: that is its ``YOUNG``.
    """
    if system is not System.CAPTURED:
        return _with_workshop(generate_universe(system.seed, epoch=epoch, scenario=scenario), scenario)
    universe = load_universe(CAPTURED, seed=system.seed, epoch=epoch)
    if scenario is Scenario.DRAINED:
        markets = {place: _drained(market, universe) for place, market in universe.markets.items()}
        return replace(universe, markets=markets)
    return universe


def _drained(market: Market, universe: Universe) -> Market:
    """The market as the scenario ``DRAINED`` seeds it, with the trade volumes and margins it has."""
    goods = []
    for good in market.goods(universe.epoch):
        chance = draws.source(universe.seed, market.waypoint, good.symbol, "drained")
        seeded = seed_good(good.symbol, good.type, Scenario.DRAINED, chance)
        if good.type is TradeType.EXCHANGE or seeded.s >= 0:  # spared by the scenario
            goods.append(replace(good, touched_at=None, sales=[]))
        else:
            stock = round(seeded.s * good.trade_volume)
            goods.append(_rested(good, net_supply=stock))
    return Market(market.waypoint, goods, recipes=universe.recipes, epoch=universe.epoch, seed=universe.seed)


def _rested(good: MarketGood, *, net_supply: int) -> MarketGood:
    """With another stock the captured activity and the deviations of the quote mean nothing."""
    return replace(good, net_supply=net_supply, activity=None, ask_offset=0, bid_offset=0, sales=[])


def _with_workshop(universe: Universe, scenario: Scenario) -> Universe:
    """Put a workshop for ``EXTRA_WORKSHOP`` on the first place of the home that has no market."""
    home = universe.home
    trading = universe.markets_in(home.symbol)
    place = next(
        place for place in home.waypoints.values() if place.symbol not in trading and place.orbits is not None
    )
    goods = [(EXTRA_WORKSHOP, TradeType.EXPORT)]
    goods += [(name, TradeType.IMPORT) for name in universe.recipes[EXTRA_WORKSHOP]]
    goods.append(("FUEL", TradeType.EXCHANGE))
    market = Market(
        place.symbol,
        [
            seed_good(name, type, scenario, draws.source(universe.seed, place.symbol, name, "workshop"))
            for name, type in goods
        ],
        recipes=universe.recipes,
        epoch=universe.epoch,
        seed=universe.seed,
    )
    settled = replace(place, traits=(*place.traits, "MARKETPLACE"))
    waypoints = {symbol: settled if symbol == place.symbol else it for symbol, it in home.waypoints.items()}
    return replace(
        universe,
        systems=ChainMap(
            {home.symbol: replace(home, waypoints=waypoints)}, cast("dict[str, Any]", universe.systems)
        ),
        markets=ChainMap({place.symbol: market}, cast("dict[str, Market]", universe.markets)),
    )
