"""How much of a good a market has, in units."""

from dataclasses import replace

import pytest
from tests.planning.flow_world import LEFT, SAND, TARGET, listing
from tests.planning.shared_market import at_level

from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.planning.market.stock import PLENTY, loadable, net_supply, pace, seconds_until, spare


@pytest.mark.parametrize(
    ("supply", "volumes"),
    [(Supply.SCARCE, -6), (Supply.LIMITED, -3), (Supply.HIGH, 3), (Supply.ABUNDANT, 6)],
)
def test_net_supply_is_read_off_the_prices(supply: Supply, volumes: int) -> None:
    """The price law gives back the units from which it made the prices."""
    assert net_supply(listing(TARGET, supply=supply)) == volumes * 20


def test_a_price_that_fits_no_law_is_guessed_from_the_label() -> None:
    """An ask far off the law leaves the middle of the label: three trade volumes below balance."""
    odd = replace(listing(TARGET, supply=Supply.LIMITED), ask=1, bid=1)
    assert net_supply(odd) == -60


def test_what_can_be_loaded_ends_at_scarce() -> None:
    """From MODERATE there are four trade volumes down to SCARCE; an import sells nothing."""
    assert loadable(listing(TARGET, supply=Supply.MODERATE)) == 80
    assert loadable(listing(TARGET, supply=Supply.SCARCE)) == 0
    assert loadable(listing(TARGET, TradeType.IMPORT, Supply.ABUNDANT)) == 0


def test_an_exchange_has_plenty_whatever_it_shows() -> None:
    assert net_supply(listing(SAND, TradeType.EXCHANGE, Supply.SCARCE)) == PLENTY


def test_an_input_may_fall_to_the_edge_of_limited() -> None:
    """Below it the factory is throttled: spare is negative then."""
    assert spare(listing(LEFT, TradeType.IMPORT, Supply.MODERATE)) == 40
    assert spare(listing(LEFT, TradeType.IMPORT, Supply.SCARCE)) == -80


def test_pace_follows_activity_and_rises_with_feeding() -> None:
    """WEAK makes a quarter of the trade volume in half an hour; fed it is reckoned as GROWING."""
    weak = listing(TARGET)
    assert pace(weak) == 10.0
    assert pace(weak, fed=True) == 30.0
    assert pace(listing(TARGET, TradeType.IMPORT)) == 0.0


@pytest.mark.parametrize(
    ("volumes", "activity", "ready", "hours"),
    [
        (-3, Activity.STRONG, Supply.MODERATE, 0.5),
        (-3.05, Activity.STRONG, Supply.MODERATE, 1.0),
        (-3, Activity.RESTRICTED, Supply.MODERATE, 2.5),
        (-3, None, Supply.MODERATE, 2.0),
        (0, Activity.STRONG, Supply.HIGH, 1.0),
        (0, Activity.STRONG, Supply.MODERATE, 0.0),
    ],
)
def test_a_level_is_reached_in_whole_steps_of_production(
    volumes: float, activity: Activity | None, ready: Supply, hours: float
) -> None:
    """A trade volume is 20 units: STRONG makes all of it in a step, RESTRICTED four; untold is WEAK."""
    seen = at_level(listing(TARGET), volumes)
    assert seconds_until(replace(seen, activity=activity), ready) == hours * 3600


def test_what_is_not_made_here_reaches_no_level() -> None:
    assert seconds_until(listing(LEFT, TradeType.IMPORT, Supply.SCARCE), Supply.MODERATE) is None
