"""When an export is emptied, by the real application."""

from datetime import timedelta

from tests.playground import playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy
from goodsfactory.domain.money import MoneyKind
from goodsfactory.sandbox.scenarios import Scenario

TARGET = "ELECTRONICS"

MODERATE_AT_MOST = 1 + 0.11 * (4 * 2**0.6 - 5)
"""What an export asks at the edge of LIMITED, in base prices, with the largest margin that was seen at
a trade volume of 10 or more (economy.md §1.1 and §1.5)."""


def test_only_the_last_lift_pays_the_prices_of_a_market_that_runs_dry() -> None:
    """200 units are more than a young market has: until it has made the rest nothing LIMITED is bought.

    Guarded: with `THROTTLES_BELOW` left out in `last_lifts` the first visit takes three tranches more, up to
    1.4 base prices.
    """

    async def play(clock: VirtualClock) -> None:
        async with playground(clock, scenario=Scenario.YOUNG) as ground:
            factory = await ground.produce(TARGET, FactoryRequest(Strategy.SMART, 200))
            report = await ground.until_over(factory, hours=12)
            assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error
            store, player = ground.application.store, ground.player.id
            booked = await store.transact(lambda tx: tx.money.ledger(player))
            lifted = [row for row in booked if row.kind is MoneyKind.PURCHASE and row.good == TARGET]
            over = max(row.at for row in lifted)
            before = [row for row in lifted if row.at < over - timedelta(minutes=10)]
            assert sum(row.units for row in before) >= 60
            assert max(row.unit_price for row in before) <= MODERATE_AT_MOST * BASE_PRICES[TARGET]

    run_virtual(play)
