"""Markets as they are believed to be: the law of prices, ticks, feeding, blocking and growth."""

import random
from dataclasses import replace

import pytest
from tests.planning.forecast.models import TICK, electronics, good

from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.domain.price_law import Quote
from goodsfactory.planning.quote.beliefs import USUAL
from goodsfactory.planning.quote.market_model import MarketModel

STILL = replace(USUAL, growth_fed=0.0, growth_otherwise=0.0, growth_import=0.0, growth_idle=0.0)
"""Trade volumes stay as they are."""

EVEN = replace(STILL, appetites=(1.0,), growing=(0.85,))
"""And a unit of output takes one of each input."""


def test_a_tranche_is_charged_at_the_quote_before_it() -> None:
    """A purchase is charged at the ask seen; the next one at what the price law makes of it (§1.6)."""
    market = electronics(own=4.0)
    first = market.listings(0.0)[0]
    assert market.buy("ELECTRONICS", 20, 0.0) == first.ask
    law = Quote(TradeType.EXPORT, 2000.0, 8, 60, 20)
    assert market.buy("ELECTRONICS", 20, 0.0) == law.ask > first.ask


def test_a_sale_is_paid_at_the_quote_before_it() -> None:
    """Selling a trade volume lowers the next bid by the law."""
    market = electronics(silicon=-4.0)
    assert market.sell("SILICON_CRYSTALS", 20, 0.0) > market.goods["SILICON_CRYSTALS"].bid


def test_nothing_happens_between_ticks() -> None:
    """Until its tick a good stays as it is, and is the very same listing."""
    market = electronics(own=1.0)
    before = market.listings(0.0)
    assert all(one is other for one, other in zip(market.listings(99.0), before, strict=True))


@pytest.mark.parametrize(
    ("inputs", "own", "made"),
    [(-5.0, 0.0, 4), (-3.0, 0.0, 5), (3.0, 0.0, 17), (0.0, -3.0, 20)],
    ids=["scarce-inputs", "limited-inputs", "plenty", "short-of-it"],
)
def test_the_worst_input_sets_the_pace(inputs: float, own: float, made: int) -> None:
    """A tick makes 0.2 of a trade volume with a SCARCE input, and a whole one when fed and short (§4.2)."""
    market = electronics(own=own, silicon=inputs, copper=4.0, beliefs=EVEN)
    market.run(100.0)
    assert market.goods["ELECTRONICS"].net_supply == own * 20 + made


def test_production_eats_its_inputs() -> None:
    """Each unit made takes a unit of each input (economy.md §11.5)."""
    market = electronics(own=-3.0, silicon=1.0, copper=1.0, beliefs=EVEN)
    market.run(100.0)
    assert [market.goods[name].net_supply for name in ("SILICON_CRYSTALS", "COPPER")] == [0, 0]


def test_a_starved_market_makes_a_little_and_eats_nothing() -> None:
    """The basal pace needs no input that is SCARCE, or untouched systems would run dry (§11.5)."""
    market = electronics(own=0.0, silicon=-5.0, copper=-5.0, beliefs=EVEN)
    market.run(100.0 + 3 * TICK)
    assert market.goods["ELECTRONICS"].net_supply == 16
    assert market.goods["SILICON_CRYSTALS"].net_supply == -100


def test_an_export_that_is_full_makes_nothing() -> None:
    """At eight trade volumes production stops, whatever lies ready (§3.3)."""
    market = electronics(own=8.0, silicon=4.0, copper=4.0, touched_at=0.0, beliefs=EVEN)
    market.run(100.0 + 10 * TICK)
    assert market.goods["ELECTRONICS"].net_supply == 160


def test_a_full_product_blocks_what_feeds_it() -> None:
    """An import is RESTRICTED once everything it feeds is ABUNDANT (§4.8)."""
    market = electronics(own=5.0, silicon=0.0, copper=0.0)
    market.run(1000.0)
    assert market.goods["COPPER"].activity is Activity.RESTRICTED


@pytest.mark.parametrize(("touched", "made"), [(0.0, True), (-13 * 3600.0, False)])
def test_beyond_two_volumes_only_a_traded_market_stays_brisk(touched: float, made: bool) -> None:
    """Where nobody traded for twelve hours a rich export only creeps (§4.4)."""
    market = electronics(own=3.0, silicon=4.0, copper=4.0, touched_at=touched, beliefs=EVEN)
    market.run(100.0)
    assert (market.goods["ELECTRONICS"].net_supply - 60 >= 10) is made


def test_a_busy_short_export_grows_and_ends_at_seven_steps() -> None:
    """20 becomes 43 in seven steps and no more (§5.1, §5.5)."""
    eager = replace(EVEN, growth_fed=1.0, growth_otherwise=1.0)
    market = electronics(own=-3.0, silicon=4.0, copper=4.0, beliefs=eager)
    for step in range(12):
        for name in ("SILICON_CRYSTALS", "COPPER"):
            market.goods[name].net_supply = 400
        market.goods["ELECTRONICS"].net_supply = -60
        market.run(100.0 + step * TICK)
    assert market.goods["ELECTRONICS"].trade_volume == 43
    assert market.goods["ELECTRONICS"].growths == 7


def test_growth_wants_plentiful_inputs_and_a_short_output() -> None:
    """With MODERATE inputs, or a MODERATE stock, the ready chance does not apply (operations.md §10 S6)."""
    eager = replace(EVEN, growth_fed=1.0, growth_otherwise=0.0, growth_idle=0.0)
    for own, inputs, grown in ((-3.0, 4.0, 22), (-3.0, 0.0, 20), (0.0, 4.0, 20)):
        market = electronics(own=own, silicon=inputs, copper=inputs, beliefs=eager)
        market.run(100.0)
        assert market.goods["ELECTRONICS"].trade_volume == grown


def test_a_rich_export_does_not_grow() -> None:
    """Growth ends once HIGH is reached (§5.3)."""
    eager = replace(EVEN, growth_fed=1.0, growth_otherwise=1.0, growth_idle=1.0)
    market = electronics(own=3.0, silicon=4.0, copper=4.0, beliefs=eager)
    market.run(100.0)
    assert market.goods["ELECTRONICS"].trade_volume == 20


def test_a_sink_is_woken_by_sales() -> None:
    """A pure sink is WEAK until four trade volumes were sold to it, then GROWING (§11.6)."""
    market = MarketModel(
        "X1-W-Z",
        [good("DRUGS", TradeType.IMPORT, s=-4.0)],
        recipes={},
        beliefs=STILL,
        chance=random.Random(1),
    )
    before = market.goods["DRUGS"].activity
    for _ in range(4):
        market.sell("DRUGS", 20, 50.0)
    market.run(100.0)
    assert (before, market.goods["DRUGS"].activity) == (Activity.WEAK, Activity.GROWING)


def test_an_exchange_goes_back_to_balance() -> None:
    """An exchange drifts towards balance, from either side (§11.5)."""
    for side in (-1, 1):
        market = MarketModel(
            "X1-W-X",
            [good("IRON_ORE", TradeType.EXCHANGE, s=2.0 * side, volume=180)],
            recipes={},
            beliefs=USUAL,
            chance=random.Random(1),
        )
        market.run(100.0 + 5 * TICK)
        assert 0 < side * market.goods["IRON_ORE"].net_supply < 360


@pytest.mark.parametrize("stops", [(5000.0,), (99.0, 100.0, 1000.0, 2000.0, 4999.9, 5000.0)])
def test_it_does_not_matter_how_often_somebody_looks(stops: tuple[float, ...]) -> None:
    """Ticks fall due in their own order, whoever looks when."""
    market = electronics(own=-3.0, silicon=1.0, copper=2.0, seed=5)
    for stop in stops:
        market.run(stop)
    found = market.listings(5000.0)
    once = electronics(own=-3.0, silicon=1.0, copper=2.0, seed=5)
    assert found == once.listings(5000.0)
    assert found[0].supply is not Supply.SCARCE
