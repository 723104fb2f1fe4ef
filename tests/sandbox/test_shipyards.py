"""What a yard asks after sales, under every parameter nobody has measured."""

from datetime import timedelta
from typing import Any

import pytest
from tests.sandbox.conftest import EPOCH, YARD, make_universe

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.shipyards import Shipyards


@pytest.fixture
def rich() -> Agent:
    """An agent for whom no ship is too dear."""
    return Agent("RICH", "account", "COSMIC", YARD, 10_000_000, 10_000_000, EPOCH)


def sold(rich: Agent, probes: int, **rules: Any) -> Shipyards:
    """A yard that has sold some probes, all at the epoch."""
    yards = Shipyards(make_universe(), ShipParameters(**rules))
    for _ in range(probes):
        yards.sell(rich, YARD, "SHIP_PROBE", EPOCH)
    return yards


def asked(yards: Shipyards, hours: float = 0) -> tuple[int, str]:
    """Price and supply of a probe so long after the epoch."""
    offer = yards.offers(YARD, EPOCH + timedelta(hours=hours))[0]
    return offer.price, offer.supply


def test_prices_stay_up_unless_told_otherwise(rich: Agent) -> None:
    """Two sales raise the price as recorded; a month later it is the same, and so is the label."""
    yards = sold(rich, 2)
    assert asked(yards) == asked(yards, hours=720) == (round(20_000 * 1.025**2), "HIGH")


def test_a_yard_may_recover(rich: Agent) -> None:
    """With a recovery half of the rise is gone after it, and a later sale builds on what is left."""
    yards = sold(rich, 2, yard_recovery=timedelta(hours=6))
    assert asked(yards, hours=6)[0] == round(20_000 * 1.025)
    yards.sell(rich, YARD, "SHIP_PROBE", EPOCH + timedelta(hours=6))
    assert asked(yards, hours=6)[0] == round(20_000 * 1.025**2)


def test_the_supply_of_a_yard_may_move_its_price(rich: Agent) -> None:
    """Every third sale takes a level off the label, and each level adds its share; SCARCE is the last."""
    yards = sold(rich, 6, yard_step=0.0, yard_level_sales=3, yard_supply_price=0.1)
    assert asked(yards) == (24_000, "LIMITED")
    yards = sold(rich, 99, yard_step=0.0, yard_level_sales=3, yard_supply_price=0.1)
    assert asked(yards) == (26_000, "SCARCE")


def test_one_type_and_yard_does_not_move_another(rich: Agent) -> None:
    """Demand is felt where it was, and by what was bought."""
    yards = sold(rich, 5)
    assert yards.offers(YARD, EPOCH)[1].price == 270_000
