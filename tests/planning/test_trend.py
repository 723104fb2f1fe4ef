"""What a market made of a good, read out of the prices at which it was seen."""

from datetime import timedelta

import pytest
from tests.planning.flow_world import START

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.market import Activity, Listing, Sighting, TradeType
from goodsfactory.domain.price_law import Quote
from goodsfactory.planning.market.trend import OwnTrade, measured_output

GOOD = "ELECTRONICS"
PLACE = "X1-W-A"


def sighting(minute: float, n: int, *, good: str = GOOD, type: TradeType = TradeType.EXPORT) -> Sighting:
    """What a ship sees at balance plus ``n`` units, at margin 8 and a trade volume of 20."""
    quote = Quote(type, BASE_PRICES.get(good, 1000), 8, n, 20)
    activity = None if type is TradeType.EXCHANGE else Activity.WEAK
    seen = Listing(good, type, 20, quote.supply, activity, quote.ask, quote.bid)
    return Sighting(PLACE, seen, START + timedelta(minutes=minute))


def trade(minute: float, units: int) -> OwnTrade:
    return OwnTrade(START + timedelta(minutes=minute), units)


def test_units_made_are_told_per_half_hour() -> None:
    """Sixteen units in two hours are four in half an hour."""
    output = measured_output([sighting(0, -10), sighting(50, -2), sighting(120, 6)], [])
    assert output is not None
    assert (output.per_tick, output.span) == (4.0, timedelta(hours=2))


def test_what_is_used_up_is_negative() -> None:
    """An import that nobody feeds drains."""
    seen = [sighting(0, 20, type=TradeType.IMPORT), sighting(60, 10, type=TradeType.IMPORT)]
    output = measured_output(seen, [])
    assert output is not None
    assert output.per_tick == -5.0


def test_own_trades_are_taken_off() -> None:
    """Forty units bought and ten sold by ourselves are no doing of the market's; trades outside count not."""
    trades = [trade(-5, -100), trade(0, -100), trade(10, -40), trade(20, 10), trade(60, 0), trade(61, -100)]
    output = measured_output([sighting(0, 30), sighting(60, 8)], trades)
    assert output is not None
    assert output.per_tick == 4.0


@pytest.mark.parametrize(
    "seen",
    [
        [],
        [sighting(0, 5)],
        [sighting(0, 5), sighting(29, 9)],
        [sighting(0, 0, type=TradeType.EXCHANGE), sighting(90, 9, type=TradeType.EXCHANGE)],
        [sighting(0, 0, good="NO_SUCH_GOOD"), sighting(90, 9, good="NO_SUCH_GOOD")],
        [sighting(0, 0, good="QUARTZ_SAND"), sighting(90, 2, good="QUARTZ_SAND")],
    ],
    ids=["never seen", "seen once", "half an hour is not over", "exchange", "no base price", "a few credits"],
)
def test_nothing_is_made_up_where_prices_do_not_tell(seen: list[Sighting]) -> None:
    """An unknown rate stays unknown."""
    assert measured_output(seen, []) is None
