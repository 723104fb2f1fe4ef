"""The lower bound is one: nothing that can be done to a market or with a fleet beats it."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from inspect import signature

import pytest
from bench.makespan.bound import lower_bound
from bench.makespan.cases import Setting, Workload
from bench.makespan.chart import BUYABLE, RULES, Chart
from bench.makespan.systems import EXTRA_WORKSHOP, System, build_universe

from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.planning.market.tranches import next_tranche
from goodsfactory.sandbox.scenarios import Scenario

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SETTING = Setting(System.FIRST, Scenario.DRAINED, Workload.FIVE, ("ELECTRONICS",), 10)


def chart(scenario: Scenario = Scenario.DRAINED) -> Chart:
    return Chart(build_universe(System.FIRST, scenario, EPOCH))


@pytest.mark.parametrize("good", ["ELECTRONICS", "SHIP_PARTS", "MEDICINE"])
@pytest.mark.parametrize("level", [-4.0, -2.5, -1.0, 3.0])
def test_no_way_of_feeding_and_lifting_makes_more(good: str, level: float) -> None:
    """However far down a market is kept, with all its inputs plentiful, it makes no more than at its best."""
    map_ = chart()
    (place,) = map_.makers(good)
    at_once = dict.fromkeys(map_.inputs(good), 0.0)
    best = itertools.islice(map_.at_its_best(place, good, at_once), 1, 60)
    market = build_universe(System.FIRST, Scenario.DRAINED, EPOCH).markets[place]
    goods = {one.symbol: one for one in market.goods(EPOCH)}
    made = 0
    for step in best:
        due = EPOCH + timedelta(seconds=step.second)
        market.goods(due - timedelta(milliseconds=1))
        for name in map_.inputs(good):
            goods[name].net_supply = 3 * goods[name].trade_volume
        kept = round(level * goods[good].trade_volume)
        goods[good].net_supply = kept
        market.goods(due)
        made += goods[good].net_supply - kept
        assert made <= step.made
        assert goods[good].trade_volume <= step.volume


def test_what_has_not_arrived_feeds_nothing() -> None:
    """Before its inputs can be there, a market that lacks them makes the basal fifth of a trade volume."""
    map_ = chart()
    (place,) = map_.makers("ELECTRONICS")
    arrivals = dict.fromkeys(map_.inputs("ELECTRONICS"), 10 * RULES.tick.total_seconds())
    steps = [s for s in map_.at_its_best(place, "ELECTRONICS", arrivals) if s.second < arrivals["COPPER"]][1:]
    assert len(steps) == 10
    assert all(step.made == step.basal for step in steps)
    assert steps[-1].made == pytest.approx(10 * RULES.restricted * steps[-1].volume, abs=1)


def test_more_units_take_longer_and_more_ships_do_not() -> None:
    """Production grows with what is asked for; shipping shrinks with the fleet."""
    map_ = chart()
    one = lower_bound(map_, replace(SETTING, workload=Workload.ONE))
    five = lower_bound(map_, SETTING)
    alone = lower_bound(map_, replace(SETTING, ships=1))
    assert one.production < five.production
    assert one.path == five.path
    assert five.shipping < alone.shipping
    assert five.seconds == max(five.production, five.path, five.shipping)


def test_a_rested_market_needs_no_production_for_one_load() -> None:
    """With stock enough only the way remains, of the ship that lifts it: nothing need be brought."""
    setting = replace(SETTING, workload=Workload.ONE, scenario=Scenario.YOUNG)
    bound = lower_bound(chart(Scenario.YOUNG), setting)
    assert bound.production == 0
    assert 0 < bound.path < 300
    assert bound.shipping == 0


def test_a_portfolio_takes_as_long_as_its_slowest_target() -> None:
    """Targets are made beside one another at best; the fleet flies the loads of all of them."""
    map_ = chart()
    goods = ("ELECTRONICS", "MEDICINE")
    portfolio = replace(SETTING, workload=Workload.PORTFOLIO, targets=goods)
    alone = [lower_bound(map_, replace(portfolio, targets=(one,))) for one in goods]
    both = lower_bound(map_, portfolio)
    assert both.production == max(bound.production for bound in alone)
    assert both.path == max(bound.path for bound in alone)
    assert both.shipping > 0


def test_looking_at_a_universe_does_not_change_it() -> None:
    """The chart of an untouched universe stays one, whatever was tried on its markets."""
    map_ = chart()
    before = lower_bound(map_, SETTING)
    assert lower_bound(map_, SETTING) == before
    (place,) = map_.makers("ELECTRONICS")
    fresh = build_universe(System.FIRST, Scenario.DRAINED, EPOCH).markets[place].good("ELECTRONICS", EPOCH)
    assert map_.listed(place, "ELECTRONICS") == fresh


@pytest.mark.parametrize("system", System)
def test_a_drained_system_is_short_of_everything_that_is_made(system: System) -> None:
    """All imports are SCARCE, and every target is SCARCE or LIMITED where it is made."""
    map_ = Chart(build_universe(system, Scenario.DRAINED, EPOCH))
    markets = map_.universe.markets_in(map_.universe.home.symbol)
    goods = [good for market in markets.values() for good in market.goods(EPOCH)]
    assert {good.supply for good in goods if good.type is TradeType.IMPORT} == {Supply.SCARCE}
    for target in ("MACHINERY", "SHIP_PARTS", "BOTANICAL_SPECIMENS"):
        (place,) = map_.makers(target)
        assert map_.listed(place, target).supply in (Supply.SCARCE, Supply.LIMITED)


def test_the_extra_workshop_stands_in_the_generated_homes() -> None:
    """It takes everything its good is made of, and sells fuel like every market."""
    for system in (System.FIRST, System.SECOND):
        map_ = Chart(build_universe(system, Scenario.YOUNG, EPOCH))
        (place,) = map_.makers(EXTRA_WORKSHOP)
        waypoint = map_.universe.waypoint(place)
        assert waypoint is not None
        assert waypoint.has("MARKETPLACE")
        assert map_.listed(place, "FUEL").type is TradeType.EXCHANGE


def test_the_bound_knows_the_product_only_by_its_rules() -> None:
    """Its level is that of the program: any tranche from LIMITED up."""
    assert signature(next_tranche).parameters["minimum_supply"].default is BUYABLE
