"""A market is looked at just when it should have made something, by the real application."""

from datetime import timedelta

from tests.playground import playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy

TARGET = "ELECTRONICS"
STEP = timedelta(minutes=30)


def test_after_one_step_that_was_seen_the_next_is_met_within_seconds() -> None:
    """Polls every minute tell the first one to the minute; four looks divide that minute half an hour later.

    Guarded: without the phases in `Coordinator._pass` the second one is found by the next poll, 41 s late.
    """

    async def play(clock: VirtualClock) -> None:
        async with playground(clock) as ground:
            factory = await ground.produce(TARGET, FactoryRequest(Strategy.SMART, 200))
            report = await ground.until_over(factory, hours=3)
            assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error
            site = report.factory.tree.source if report.factory.tree else None
            assert site is not None
            universe = ground.world.universe
            good = universe.markets[site].good(TARGET, clock.now())
            assert good is not None
            first = universe.epoch + timedelta(seconds=good.phase)
            looks = [
                event.at
                for event in await ground.events()
                if event.kind is EventKind.MARKET_OBSERVED and event.data["waypoint"] == site
            ]
            late = [min(at - tick for at in looks if at >= tick) for tick in (first, first + STEP)]
            assert late[0] > timedelta(seconds=30)
            assert late[1] <= timedelta(seconds=20)

    run_virtual(play)
