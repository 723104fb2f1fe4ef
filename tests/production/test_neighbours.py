"""Two factories of one player at the same markets, by the real application."""

from collections.abc import Sequence

from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy
from goodsfactory.domain.leg import Leg

TARGET, INPUT = "ADVANCED_CIRCUITRY", "ELECTRONICS"
SMART = FactoryRequest(Strategy.SMART, 100)
HOLD = 40


async def _flying(ground: Playground, factories: Sequence[str]) -> list[Leg]:
    """The legs on which ships bring the input to where the target is made."""
    reports = [await ground.application.factory(ground.player.id, one) for one in factories]
    legs = [leg for report in reports for leg in report.legs]
    return [leg for leg in legs if (leg.good, leg.feeds) == (INPUT, TARGET) and leg.state.is_open]


def test_an_input_that_another_factory_brings_is_not_brought_a_second_time() -> None:
    """Both chains are made at one market, whose prices nobody saw: one hold of electronics is enough for it.

    The second factory begins while that hold is on its way, and there are ships to spare. It sends none of
    its own before the first load arrived, and makes what it was asked for all the same. Guarded: with
    `around` in `plan.want` replaced by `Neighbours()`, two holds fly at once.
    """

    async def play(clock: VirtualClock) -> None:
        async with playground(clock, ships=("SHIP_LIGHT_SHUTTLE",) * 11) as ground:
            factories = [await ground.produce(TARGET, SMART)]
            while not (first := await _flying(ground, factories)):
                await clock.sleep(5)
            factories.append(await ground.produce(TARGET, SMART))
            looks, now = 0, first
            while first[0].id in {leg.id for leg in now}:
                assert sum(leg.units for leg in now) <= HOLD
                looks += 1
                await clock.sleep(5)
                now = await _flying(ground, factories)
            assert looks > 3, "the second factory had no time to send ships"
            for one in factories:
                report = await ground.until_over(one, hours=6)
                assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error

    run_virtual(play)


def test_of_two_that_make_the_same_good_the_higher_priority_is_served_first() -> None:
    """The second one asks for 200 units as well, with three times the priority: then it lifts all there is.

    Nobody flies in vain. Guarded: without `lifted_first` in `lifts._kept` each lifts what it sees first.
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
