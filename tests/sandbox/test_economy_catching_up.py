"""Markets catch up over any stretch of time when they are looked at, and not before (economy.md §11.10)."""

import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from goodsfactory.domain.market import TradeType
from goodsfactory.domain.pricing import BASE_PRICES
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.sandbox.economy import Market, MarketGood
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.lazy_mapping import LazyMapping
from goodsfactory.sandbox.parameters import EconomyParameters
from goodsfactory.sandbox.scenarios import Scenario

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def homes(seed: int, scenario: Scenario) -> tuple[list[Market], list[Market]]:
    """The markets of a home system twice over."""
    one, two = (generate_universe(seed, epoch=EPOCH, scenario=scenario) for _ in range(2))
    return list(one.markets.values()), list(two.markets.values())


@pytest.mark.parametrize("scenario", Scenario)
def test_a_jump_of_weeks_ends_where_watching_would(scenario: Scenario) -> None:
    """Markets read every hour for forty days and markets read once agree in everything."""
    watched, alone = homes(11, scenario)
    end = EPOCH + timedelta(days=40)
    for market in watched[::3]:
        now = EPOCH
        while now < end:
            market.goods(now)
            now += HOUR
    for market, other in zip(watched[::3], alone[::3], strict=True):
        assert market.goods(end) == other.goods(end)


def test_trades_between_jumps_count_the_same() -> None:
    """A market traded with at odd times over two months does not depend on the looks in between."""
    watched, alone = homes(12, Scenario.YOUNG)
    chance = random.Random(12)
    now, traded = EPOCH, set()
    for _ in range(25):
        later = now + chance.choice((1, 7, 50, 200)) * HOUR + timedelta(minutes=chance.randint(0, 59))
        place = chance.randrange(len(watched))
        traded.add(place)
        symbol = chance.choice(watched[place].goods(now)).symbol
        buys = chance.random() < 0.5
        while now < later:
            watched[place].goods(now)
            now += HOUR
        now = later
        for market in (watched[place], alone[place]):
            if buys:
                market.buy(symbol, 6, now)
            else:
                market.sell(symbol, 6, now)
    end = now + timedelta(days=30)
    for place in traded:
        assert watched[place].goods(end) == alone[place].goods(end)


def sink(parameters: EconomyParameters | None = None) -> Market:
    """A market that uses DRUGS and has had its fill of none."""
    goods = [MarketGood("DRUGS", TradeType.IMPORT, BASE_PRICES["DRUGS"], 8, 20, -170)]
    recipes = RecipeMap.bundled().imports_of
    return Market("X1-T1-A1", goods, recipes=recipes, epoch=EPOCH, seed=1, parameters=parameters)


def test_a_market_at_rest_wakes_when_it_is_traded_with() -> None:
    """Rest is no end: units sold into a market that stood still for a year are used up again."""
    market = sink()
    now = EPOCH + timedelta(days=365)
    before = market.goods(now)[0].net_supply
    for _ in range(6):
        market.sell("DRUGS", 20, now)
    assert market.goods(now)[0].net_supply == before + 120
    assert market.goods(now + 24 * HOUR)[0].net_supply < before + 60


def test_a_sink_falls_asleep_in_time_however_it_is_looked_at() -> None:
    """Sales are remembered across a jump: a sink is awake for a day after them and not longer."""
    market = sink(EconomyParameters(growth_import=0, growth_idle=0))
    for _ in range(5):
        market.sell("DRUGS", 20, EPOCH)
    woken = market.goods(EPOCH + HOUR)[0].activity
    asleep = market.goods(EPOCH + timedelta(days=30))[0].activity
    assert (str(woken), str(asleep)) == ("GROWING", "WEAK")


def test_a_halted_good_is_not_taken_for_one_at_rest() -> None:
    """A fault that ends after a week is over after a jump of a month."""
    goods = [MarketGood("DRUGS", TradeType.IMPORT, BASE_PRICES["DRUGS"], 8, 20, 0)]
    market = Market("X1-T1-A1", goods, recipes={}, epoch=EPOCH, seed=1)
    market.halt("DRUGS", EPOCH, EPOCH + timedelta(days=7))
    assert market.goods(EPOCH + timedelta(days=7))[0].net_supply == 0
    assert market.goods(EPOCH + timedelta(days=37))[0].net_supply < -40


def calls(act: Callable[[], object]) -> int:
    """How many functions an action calls: its cost, counted and not timed."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def test_a_century_costs_no_more_than_a_year() -> None:
    """However far time jumps, catching up ends where the market comes to rest."""
    year, century = (calls(partial(sink().goods, EPOCH + timedelta(days=days))) for days in (365, 36_500))
    assert century <= 1.1 * year


def test_a_market_without_imbalance_costs_nothing_to_catch_up() -> None:
    """An exchange in balance is as cheap after a year as after a day."""

    def cost(days: int) -> int:
        goods = [MarketGood("FUEL", TradeType.EXCHANGE, 70, 8, 180, 0)]
        market = Market("X1-T1-A1", goods, recipes={}, epoch=EPOCH, seed=1)
        return calls(lambda: market.goods(EPOCH + timedelta(days=days)))

    assert cost(365) <= cost(1) + 5


def test_a_second_look_at_the_same_time_ticks_nothing() -> None:
    """Reading is cheap when nothing has fallen due since the last reading."""
    market = sink()
    now = EPOCH + timedelta(days=3)
    first = calls(lambda: market.goods(now))
    assert calls(lambda: market.goods(now + timedelta(seconds=1))) < 20 < first


def test_what_nobody_looks_at_is_not_ticked() -> None:
    """After a jump of a month in a galaxy, reading one market makes and moves that one alone."""
    universe = generate_universe(1, epoch=EPOCH, systems=60)
    waypoint = universe.headquarters
    universe.markets[waypoint].goods(EPOCH + timedelta(days=30))
    assert isinstance(universe.markets, LazyMapping)
    assert list(universe.markets.made) == [waypoint]


def test_a_market_of_nothing_catches_up_too() -> None:
    """No goods, no ticks."""
    market = Market("X1-T1-A1", [], recipes={}, epoch=EPOCH, seed=1)
    assert market.goods(EPOCH + timedelta(days=1000)) == []
