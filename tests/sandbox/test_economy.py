"""What trades and half-hour ticks do to one market (economy.md §11, properties of §12)."""

import itertools
import statistics
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.sandbox.economy import Market, MarketGood, NotTraded, OverTradeVolume
from goodsfactory.sandbox.parameters import USUAL, EconomyParameters
from goodsfactory.sandbox.scenarios import Scenario

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
TICK = timedelta(minutes=30)
RECIPES: Mapping[str, tuple[str, ...]] = {"CLOTHING": ("FABRICS",), "FAB_MATS": ("IRON", "QUARTZ_SAND")}
STEADY = EconomyParameters(growth_fed=0, growth_otherwise=0, growth_import=0, growth_idle=0)
"""Trade volumes that never grow, so that a pace can be measured alone."""


def good(
    symbol: str, type: TradeType, net_supply: int, *, base: float = 4000, volume: int = 20, margin: int = 8
) -> MarketGood:
    return MarketGood(symbol, type, base, margin, volume, net_supply)


def factory(
    output: int, fabrics: int, *, parameters: EconomyParameters = STEADY, seed: int = 1, volume: int = 20
) -> Market:
    """A CLOTHING factory with the given net supplies of output and input."""
    goods = [
        good("CLOTHING", TradeType.EXPORT, output, volume=volume),
        good("FABRICS", TradeType.IMPORT, fabrics, base=2000, volume=60),
    ]
    return Market("X1-T1-A1", goods, recipes=RECIPES, epoch=EPOCH, seed=seed, parameters=parameters)


def stand(market: Market, symbol: str, now: datetime) -> MarketGood:
    found = market.good(symbol, now)
    assert found is not None
    return found


def test_a_trade_is_settled_at_the_quote_before_it() -> None:
    """All units of a transaction trade at the shown price; only then does the quote move (§1.6)."""
    market = factory(40, -40)
    ask = stand(market, "CLOTHING", EPOCH).ask
    assert market.buy("CLOTHING", 20, EPOCH) == ask
    dearer = stand(market, "CLOTHING", EPOCH).ask
    assert dearer > ask
    assert market.buy("CLOTHING", 1, EPOCH) == dearer
    assert stand(market, "CLOTHING", EPOCH).net_supply == 19


def test_selling_fills_supply_and_lowers_the_bid() -> None:
    """A sale adds exactly its units to net supply and the next seller gets less."""
    market = factory(40, -100)
    first = market.sell("FABRICS", 60, EPOCH)
    assert stand(market, "FABRICS", EPOCH).net_supply == -40
    assert market.sell("FABRICS", 60, EPOCH) < first


@pytest.mark.parametrize("units", [0, -1, 21])
def test_a_transaction_takes_one_to_trade_volume_units(units: int) -> None:
    """Anything else is refused with a sentence and changes nothing."""
    market = factory(40, -40)
    with pytest.raises(OverTradeVolume, match="1 to 20 units of CLOTHING"):
        market.buy("CLOTHING", units, EPOCH)
    assert stand(market, "CLOTHING", EPOCH).net_supply == 40
    assert stand(market, "CLOTHING", EPOCH).touched_at is None


def test_an_unlisted_good_is_refused() -> None:
    """A market trades what it lists, and says so otherwise."""
    market = factory(40, -40)
    with pytest.raises(NotTraded, match="GOLD is not traded at X1-T1-A1"):
        market.sell("GOLD", 1, EPOCH)
    with pytest.raises(NotTraded, match="GOLD"):
        market.buy("GOLD", 1, EPOCH)
    assert market.good("GOLD", EPOCH) is None


def test_lists_are_kept_by_type_and_order() -> None:
    """Listings keep their order, and each good stands in exactly one of the three lists."""
    goods = [
        good("IRON", TradeType.IMPORT, 0),
        good("FAB_MATS", TradeType.EXPORT, 0),
        good("FUEL", TradeType.EXCHANGE, 0),
        good("QUARTZ_SAND", TradeType.IMPORT, 0),
    ]
    market = Market("X1-T1-A1", goods, recipes=RECIPES, epoch=EPOCH, seed=1)
    assert [item.symbol for item in market.goods(EPOCH)] == ["IRON", "FAB_MATS", "FUEL", "QUARTZ_SAND"]
    assert (market.exports, market.imports, market.exchange) == (
        ["FAB_MATS"],
        ["IRON", "QUARTZ_SAND"],
        ["FUEL"],
    )


def test_exchange_goods_carry_no_activity() -> None:
    """Activity belongs to production and consumption; exchanges have neither (§4.10)."""
    market = Market("X1-T1-A1", [good("FUEL", TradeType.EXCHANGE, 50)], recipes=RECIPES, epoch=EPOCH, seed=1)
    assert stand(market, "FUEL", EPOCH + timedelta(days=1)).activity is None


@pytest.mark.parametrize("start", [-170, 170, 3, -3, 0])
def test_exchanges_relax_to_balance_and_stay(start: int) -> None:
    """Without players an exchange returns to balance from either side and never overshoots (§11.5)."""
    market = Market(
        "X1-T1-A1",
        [good("FUEL", TradeType.EXCHANGE, start, base=70, volume=180)],
        recipes=RECIPES,
        epoch=EPOCH,
        seed=1,
    )
    seen = [stand(market, "FUEL", EPOCH + step * TICK).net_supply for step in range(400)]
    assert seen[-1] == 0
    assert all(abs(later) <= abs(earlier) for earlier, later in itertools.pairwise(seen))
    assert all(value * start >= 0 for value in seen)


@pytest.mark.parametrize(
    ("output", "fabrics", "expected"),
    [
        (0, -300, Activity.RESTRICTED),
        (0, -241, Activity.RESTRICTED),
        (0, -240, Activity.WEAK),
        (0, -121, Activity.WEAK),
        (-50, 0, Activity.STRONG),
        (0, 200, Activity.GROWING),
        (100, 200, Activity.GROWING),
    ],
)
def test_an_export_works_as_well_as_its_worst_input(output: int, fabrics: int, expected: Activity) -> None:
    """Activity follows the worst input's label: SCARCE, LIMITED, MODERATE, HIGH or better (§4.7)."""
    assert stand(factory(output, fabrics), "CLOTHING", EPOCH).activity is expected


def test_one_scarce_input_throttles_the_whole_factory() -> None:
    """However full the other input is, the worst one decides (§6.4)."""
    goods = [
        good("FAB_MATS", TradeType.EXPORT, 0, base=1600),
        good("IRON", TradeType.IMPORT, 300, base=120, volume=60),
        good("QUARTZ_SAND", TradeType.IMPORT, -290, base=20, volume=60),
    ]
    market = Market("X1-T1-A1", goods, recipes=RECIPES, epoch=EPOCH, seed=1)
    assert stand(market, "FAB_MATS", EPOCH).activity is Activity.RESTRICTED


def test_an_export_without_local_inputs_is_weak() -> None:
    """Where the inputs are not imported, nothing feeds the export (§11.6)."""
    market = Market("X1-T1-A1", [good("CLOTHING", TradeType.EXPORT, 0)], recipes=RECIPES, epoch=EPOCH, seed=1)
    assert stand(market, "CLOTHING", EPOCH + 3 * TICK).activity is Activity.WEAK


def test_moderate_inputs_sometimes_make_a_growing_export() -> None:
    """With MODERATE inputs about a fifth of rested exports is GROWING, the rest WEAK (§4.7)."""
    moods = [stand(factory(20, 0, seed=seed), "CLOTHING", EPOCH).activity for seed in range(300)]
    assert set(moods) == {Activity.GROWING, Activity.WEAK}
    assert 0.13 <= moods.count(Activity.GROWING) / 300 <= 0.27


def test_an_import_is_restricted_only_while_its_products_are_blocked() -> None:
    """A feeding import is RESTRICTED while all that is made of it is ABUNDANT (§4.8)."""
    market = factory(100, -100)
    assert stand(market, "FABRICS", EPOCH).activity is Activity.RESTRICTED
    for _ in range(4):
        market.buy("CLOTHING", 20, EPOCH)
    assert stand(market, "FABRICS", EPOCH + TICK).activity is not Activity.RESTRICTED


def test_a_pure_sink_wakes_under_sales_and_sleeps_again() -> None:
    """Four trade volumes within six hours make a sink GROWING; a quiet day makes it WEAK (§11.6)."""
    market = Market(
        "X1-T1-A1",
        [good("DRUGS", TradeType.IMPORT, -100)],
        recipes=RECIPES,
        epoch=EPOCH,
        seed=1,
        parameters=STEADY,
    )
    for _ in range(3):
        market.sell("DRUGS", 20, EPOCH)
    assert stand(market, "DRUGS", EPOCH + TICK).activity is Activity.WEAK
    market.sell("DRUGS", 20, EPOCH + TICK)
    assert stand(market, "DRUGS", EPOCH + 2 * TICK).activity is Activity.GROWING
    assert stand(market, "DRUGS", EPOCH + timedelta(hours=20)).activity is Activity.GROWING
    assert stand(market, "DRUGS", EPOCH + timedelta(hours=26)).activity is Activity.WEAK


def pace(market: Market, symbol: str, ticks: int) -> float:
    """Mean change of net supply per tick, in trade volumes."""
    before = stand(market, symbol, EPOCH).s
    return (stand(market, symbol, EPOCH + ticks * TICK).s - before) / ticks


def test_restricted_exports_gain_a_fifth_of_a_trade_volume_per_tick() -> None:
    """P8: RESTRICTED 0.20 ± 0.03 per half hour."""
    assert pace(factory(-40, -400), "CLOTHING", 10) == pytest.approx(0.20, abs=0.03)


def test_restricted_small_volumes_gain_whole_units_on_average() -> None:
    """P8 at trade volume 6: one or two units per tick, 1.2 on average (§4.2)."""
    market = factory(-6, -400, volume=6)
    steps = [stand(market, "CLOTHING", EPOCH + tick * TICK).net_supply for tick in range(11)]
    gains = [later - earlier for earlier, later in itertools.pairwise(steps)]
    assert set(gains) == {1, 2}
    assert sum(gains) == 12


def test_strong_exports_gain_a_whole_trade_volume_per_tick() -> None:
    """P8: STRONG 1.0 ± 0.05 per half hour."""
    assert pace(factory(-100, 0), "CLOTHING", 2) == pytest.approx(1.0, abs=0.05)


def test_growing_exports_gain_four_fifths_on_average() -> None:
    """P8: GROWING 0.8 ± 0.15 per half hour."""
    paces = [pace(factory(-30, 400, seed=seed), "CLOTHING", 2) for seed in range(60)]
    assert statistics.mean(paces) == pytest.approx(0.8, abs=0.15)


def test_weak_sinks_lose_a_fifth_of_a_trade_volume_per_tick() -> None:
    """P8: WEAK consumption 0.20 ± 0.04 per half hour."""
    market = Market(
        "X1-T1-A1",
        [good("DRUGS", TradeType.IMPORT, 0)],
        recipes=RECIPES,
        epoch=EPOCH,
        seed=1,
        parameters=STEADY,
    )
    assert pace(market, "DRUGS", 9) == pytest.approx(-0.20, abs=0.04)


def test_feeding_is_what_empties_an_input() -> None:
    """The input loses about as much as the output gains, within the factor 1.5 of §6.3."""
    market = factory(-60, 0)
    made = stand(market, "CLOTHING", EPOCH + 2 * TICK).net_supply + 60
    eaten = -stand(market, "FABRICS", EPOCH + 2 * TICK).net_supply
    assert made > 0
    assert 0.65 <= eaten / made <= 1.45


def test_basal_production_spares_scarce_inputs() -> None:
    """A starved factory goes on at the basal pace without using the input any further (§11.5)."""
    market = factory(-40, -300)
    later = EPOCH + 20 * TICK
    assert stand(market, "CLOTHING", later).net_supply > -40
    assert stand(market, "FABRICS", later).net_supply == -300


def test_an_untouched_market_creeps_beyond_the_brisk_zone() -> None:
    """Above s = 2 an untouched export gains a few units a day, a touched one goes on (§4.4)."""
    untouched, touched = factory(45, -300), factory(45, -300)
    touched.sell("FABRICS", 1, EPOCH)
    later = EPOCH + timedelta(hours=10)
    assert 0 < stand(untouched, "CLOTHING", later).net_supply - 45 <= 6
    assert stand(touched, "CLOTHING", later).net_supply - 45 >= 60


@pytest.mark.parametrize("hours", [48, 480])
def test_supply_never_runs_away(hours: int) -> None:
    """P12: however long players keep a market awake, no export passes s = 9 and no import s = -9."""
    market = Market(
        "X1-T1-A1",
        [
            good("CLOTHING", TradeType.EXPORT, 0),
            good("FABRICS", TradeType.IMPORT, 0, volume=60),
            good("DRUGS", TradeType.IMPORT, 0),
        ],
        recipes=RECIPES,
        epoch=EPOCH,
        seed=3,
    )
    for hour in range(0, hours, 6):
        now = EPOCH + timedelta(hours=hour)
        for symbol in ("CLOTHING", "DRUGS"):
            market.buy(symbol, 1, now)
            market.sell(symbol, 1, now)
    goods = market.goods(EPOCH + timedelta(hours=hours))
    assert all(-9 <= item.s <= 9 for item in goods)
    assert stand(market, "CLOTHING", EPOCH + timedelta(hours=hours)).s >= 7.5
    assert stand(market, "DRUGS", EPOCH + timedelta(hours=hours)).s <= -7.5


def overlifted(
    seed: int, hours: float, *, fed_to: float = 2, left: float = -2.5, parameters: EconomyParameters = USUAL
) -> MarketGood:
    """The output of a factory whose input is kept at ``fed_to`` volumes, lifted down to ``left`` at once."""
    market = factory(-60, round(60 * fed_to) + 80, parameters=parameters, seed=seed)
    now = EPOCH
    while now <= EPOCH + timedelta(hours=hours):
        while stand(market, "FABRICS", now).s < fed_to:
            market.sell("FABRICS", 60, now)
        while stand(market, "CLOTHING", now).s > left:
            market.buy("CLOTHING", stand(market, "CLOTHING", now).trade_volume // 2, now)
        now += timedelta(minutes=5)
    return stand(market, "CLOTHING", now)


def test_a_fed_and_lifted_export_grows_along_the_ladder() -> None:
    """P13: 20 -> 31...43 in four hours, only through ceil(1.1 tv), and never more than seven steps."""
    ladder = [20, 22, 25, 28, 31, 35, 39, 43]
    grown = [overlifted(seed, 4) for seed in range(8)]
    assert all(item.trade_volume in ladder for item in grown)
    assert all(ladder.index(item.trade_volume) == item.growths for item in grown)
    assert all(4 <= item.growths <= 7 for item in grown)
    assert overlifted(1, 24).trade_volume == 43


@pytest.mark.parametrize(("fed_to", "left"), [(0.0, -2.5), (2.0, 0.0)])
def test_an_export_that_is_not_both_fed_and_short_seldom_grows(fed_to: float, left: float) -> None:
    """With MODERATE inputs, or with a stock that never falls to LIMITED, a step takes hours (§10 S6)."""
    steps = [overlifted(seed, 4, fed_to=fed_to, left=left).growths for seed in range(12)]
    assert 0 < sum(steps) / len(steps) <= 2


def test_the_length_of_the_ladder_is_a_parameter() -> None:
    """Ten steps in a generous universe: 20 becomes 59 (§10 S4)."""
    assert overlifted(1, 12, parameters=Scenario.GENEROUS.economy).trade_volume == 59
    assert Scenario.YOUNG.economy == Scenario.DEVELOPED.economy == USUAL


def test_an_import_grows_to_three_times_its_first_volume() -> None:
    """Sold into for weeks a sink of 20 becomes 59, the last step of the ladder up to 60 (§10 S5)."""
    market = Market("X1-T1-A1", [good("DRUGS", TradeType.IMPORT, -80)], recipes=RECIPES, epoch=EPOCH, seed=1)
    for hour in range(0, 24 * 21, 2):
        now = EPOCH + timedelta(hours=hour)
        while (drugs := stand(market, "DRUGS", now)).s < 0:
            market.sell("DRUGS", drugs.trade_volume, now)
    assert (drugs.trade_volume, drugs.first_volume, drugs.growths) == (59, 20, 10)


def test_an_import_waits_for_its_export_to_grow() -> None:
    """An input of 60 beside an export of 20 stays where it is; beside one of 43 it passes 100 (§10 S5)."""
    for volume, low, high in ((20, 60, 60), (43, 100, 129)):
        market = factory(20 * volume, -200, parameters=replace(USUAL, export_steps=0), volume=volume)
        for hour in range(24 * 14):
            now = EPOCH + timedelta(hours=hour)
            while (fabrics := stand(market, "FABRICS", now)).s < 2:
                market.sell("FABRICS", 60, now)
            market.buy("CLOTHING", 1, now)
            if stand(market, "CLOTHING", now).s > 1:
                market.buy("CLOTHING", volume, now)
        assert low <= fabrics.trade_volume <= high


def test_growth_redraws_the_margin_and_keeps_net_supply_in_units() -> None:
    """Growth moves s toward balance; the margin is drawn anew (§1.5, §11.7)."""
    assert {overlifted(seed, 4).margin for seed in range(8)} != {8}


def test_a_rested_export_does_not_grow() -> None:
    """P13: none while HIGH or ABUNDANT; an unfed one at most one step in ten hours."""
    rested = [factory(60, 300, parameters=EconomyParameters(), seed=seed) for seed in range(20)]
    assert all(stand(market, "CLOTHING", EPOCH + timedelta(hours=10)).growths == 0 for market in rested)
    unfed = [factory(-75, -300, parameters=EconomyParameters(), seed=seed) for seed in range(20)]
    growths = [stand(market, "CLOTHING", EPOCH + timedelta(hours=10)).growths for market in unfed]
    assert max(growths) <= 1


def test_spread_and_slope_of_a_living_series() -> None:
    """P1, P6: along a day of trading bid is a straight line in ask, and spreads stay within their bands."""
    exports, imports = [], []
    market = factory(60, -200)
    for step in range(96):
        now = EPOCH + step * TICK / 2
        clothing, fabrics = stand(market, "CLOTHING", now), stand(market, "FABRICS", now)
        if clothing.s > -6:
            market.buy("CLOTHING", 10, now)
        if fabrics.s < 2:
            market.sell("FABRICS", 25, now)
        exports.append((clothing.ask, clothing.bid))
        imports.append((fabrics.ask, fabrics.bid))
    for series, slope, tolerance in ((exports, 0.406, 0.006), (imports, 0.615, 0.010)):
        line = statistics.linear_regression([ask for ask, _ in series], [bid for _, bid in series])
        assert line.slope == pytest.approx(slope, abs=tolerance)
        assert max(abs(bid - line.slope * ask - line.intercept) for ask, bid in series) <= 1.2
    assert all(2.00 <= ask / bid <= 2.40 for ask, bid in exports)
    assert all(2.00 <= ask / bid <= 2.25 for ask, bid in imports)


def test_reading_does_not_change_the_outcome() -> None:
    """A market read every minute and one left alone for two days agree in everything (§11.10)."""
    watched, alone = (
        factory(0, 100, parameters=EconomyParameters()),
        factory(0, 100, parameters=EconomyParameters()),
    )
    end = EPOCH + timedelta(days=2)
    now = EPOCH
    while now < end:
        watched.goods(now)
        now += timedelta(minutes=7)
    assert watched.goods(end) == alone.goods(end)


def test_time_does_not_run_backwards() -> None:
    """Reading an earlier instant leaves the market where it is."""
    market = factory(0, 100)
    later = [(item.symbol, item.net_supply) for item in market.goods(EPOCH + 5 * TICK)]
    assert [(item.symbol, item.net_supply) for item in market.goods(EPOCH)] == later


def test_seeds_differ() -> None:
    """Two universes take different courses from the same state."""
    end = EPOCH + timedelta(hours=6)
    courses = {stand(factory(-60, 500, seed=seed), "CLOTHING", end).net_supply for seed in range(20)}
    assert len(courses) > 3


@settings(max_examples=60, deadline=None)
@given(
    trades=st.lists(
        st.tuples(
            st.sampled_from(["CLOTHING", "FABRICS"]),
            st.booleans(),
            st.integers(1, 20),
            st.integers(0, 5 * 60),
        ),
        max_size=25,
    ),
    seed=st.integers(0, 5),
)
def test_between_ticks_net_supply_moves_by_traded_units_alone(
    trades: list[tuple[str, bool, int, int]], seed: int
) -> None:
    """Whatever is traded when: n changes exactly by the units, labels follow s, and no round trip pays."""
    market = factory(0, -60, parameters=EconomyParameters(), seed=seed)
    for symbol, is_purchase, units, minute in sorted(trades, key=lambda trade: trade[3]):
        now = EPOCH + timedelta(minutes=minute)
        before = stand(market, symbol, now)
        others = {item.symbol: item.net_supply for item in market.goods(now) if item.symbol != symbol}
        net_supply, ask, bid = before.net_supply, before.ask, before.bid
        if is_purchase:
            assert market.buy(symbol, units, now) == ask
        else:
            assert market.sell(symbol, units, now) == bid
        for item in market.goods(now):
            s = item.net_supply / item.trade_volume
            assert item.bid < item.ask
            assert (item.supply is Supply.SCARCE) == (s < -4)
            assert (item.supply is Supply.LIMITED) == (-4 <= s < -2)
            assert (item.supply is Supply.MODERATE) == (-2 <= s < 2)
            assert (item.supply is Supply.HIGH) == (2 <= s < 4)
            assert (item.supply is Supply.ABUNDANT) == (s >= 4)
        after = stand(market, symbol, now).net_supply
        assert after - net_supply == (-units if is_purchase else units)
        assert others == {item.symbol: item.net_supply for item in market.goods(now) if item.symbol != symbol}
