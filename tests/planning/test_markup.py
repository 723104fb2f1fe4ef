"""How much more than its ask an output must bring: less while its market may still grow."""

import pytest
from tests.planning.flow_world import listing

from goodsfactory.planning.market.markup import least_margin
from goodsfactory.planning.policy import Policy

POLICY = Policy(sale_margin=0.3)


@pytest.mark.parametrize("volume", [6, 13, 20, 39, 60, 111])
def test_a_market_that_may_grow_is_drained_for_a_third_of_the_margin(volume: int) -> None:
    """It grows only while it is MODERATE or less (economy.md §5.3)."""
    assert least_margin(listing("CLOTHING", volume=volume), POLICY) == pytest.approx(0.1)


@pytest.mark.parametrize("volume", [15, 43, 123, 180])
def test_a_full_grown_market_asks_for_all_of_it(volume: int) -> None:
    """Seven steps are the end of growth (§5.5)."""
    assert least_margin(listing("CLOTHING", volume=volume), POLICY) == pytest.approx(0.3)
