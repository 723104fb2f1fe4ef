"""Two factories of one player at the same markets, by the real application."""

from collections.abc import Sequence

from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy
from goodsfactory.domain.leg import Leg

TARGET, INPUT = "ADVANCED_CIRCUITRY", "ELECTRONICS"
SMART = FactoryRequest(Strategy.SMART, 100)
HOLD = 40


async def _flying(ground: Playground, factories: Sequence[str]) -> list[Leg]:
    """The legs on which ships bring the input to where the target is made."""
    reports = [await ground.application.factory(ground.player.id, one) for one in factories]
    legs = [leg for report in reports for leg in report.legs]
    return [leg for leg in legs if (leg.good, leg.output) == (INPUT, TARGET) and leg.state.is_flying]


def test_an_input_that_another_factory_brings_is_not_brought_a_second_time() -> None:
    """Both chains are made at one market, whose prices nobody saw: one hold of electronics is enough for it.

    The second factory begins while that hold is on its way, and there are ships to spare. It sends none of
    its own before the first load arrived, and makes what it was asked for all the same. Guarded: with
    `self._neighbours(scene)` in `Coordinator._pass` replaced by `Neighbours()`, two holds fly at once.
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
