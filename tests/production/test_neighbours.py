"""Two factories of one player at the same markets, by the real application."""

from collections.abc import Sequence

from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.market import TradeType

TARGET, INPUT = "ELECTRONICS", "SILICON_CRYSTALS"


async def _flying(ground: Playground, factories: Sequence[str]) -> list[Leg]:
    """The legs on which ships bring the input to where the target is made."""
    reports = [await ground.application.factory(ground.player.id, one) for one in factories]
    legs = [leg for report in reports for leg in report.legs]
    return [leg for leg in legs if (leg.good, leg.feeds) == (INPUT, TARGET) and leg.state.is_open]


async def _most_brought(clock: VirtualClock, *orders: int) -> int:
    """Units of the input that are under way at once at the most, while each order makes so many units."""
    async with playground(clock, ships=("SHIP_LIGHT_SHUTTLE",) * 11) as ground:
        for market in ground.world.universe.markets.values():  # nothing is lifted that is not made first
            made = market.good(TARGET, clock.now())
            if made is not None and made.type is TradeType.EXPORT:
                made.net_supply = -5 * made.trade_volume
        factories = [await ground.produce(TARGET, FactoryRequest(Strategy.SMART, units)) for units in orders]
        most = 0
        for _ in range(240):
            await clock.sleep(5)
            most = max(most, sum(leg.units for leg in await _flying(ground, factories)))
        for one in factories:
            report = await ground.until_over(one, hours=9)
            assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error
        return most


def test_an_input_that_another_factory_brings_is_not_brought_a_second_time() -> None:
    """Two orders of one good at one market send at most a load more of an input there at once than one order
    of the same units. Guarded: where `feeds` reckons for each order alone they send twice as much.
    """
    alone = run_virtual(lambda clock: _most_brought(clock, 160))
    assert 0 < run_virtual(lambda clock: _most_brought(clock, 80, 80)) <= alone + 40


def test_of_two_that_make_the_same_good_the_higher_priority_is_served_first() -> None:
    """The second one asks for 200 units as well, with three times the priority: then it lifts all there is.

    Nobody flies in vain. Guarded: without `claims.first` in `lifts._kept` each lifts what it sees first.
    """

    async def play(clock: VirtualClock) -> None:
        ships = ("SHIP_LIGHT_SHUTTLE",) * 11
        async with playground(clock, ships=ships, credits=50_000_000) as ground:
            usual = await ground.produce("MACHINERY", FactoryRequest(Strategy.SMART, 200))
            await clock.sleep(600)
            urgent = await ground.produce("MACHINERY", FactoryRequest(Strategy.SMART, 200, priority=3.0))
            known = clock.now()
            done = [(await ground.until_over(one, hours=6)).factory for one in (urgent, usual)]
            assert [one.status for one in done] == [FactoryStatus.COMPLETED] * 2
            first, second = (one.completed_at for one in done)
            assert first is not None
            assert second is not None
            assert first < second
            events = await ground.events()
            lifted = [one for one in events if one.kind is EventKind.PURCHASED and one.good == "MACHINERY"]
            assert {one.factory_id for one in lifted if one.at < known} == {usual}
            assert {one.factory_id for one in lifted if known < one.at < first} == {urgent}
            assert not [one.message for one in events if "bought nothing" in one.message]

    run_virtual(play)
