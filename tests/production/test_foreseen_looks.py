"""A market is looked at just when it should have made something, by the real application."""

from datetime import timedelta

from tests.playground import playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy

TARGET = "CLOTHING"
STEP = timedelta(minutes=30)


def test_after_one_step_that_was_seen_the_next_are_met_within_seconds() -> None:
    """Polls every minute tell the first one to the minute; later looks divide that minute.

    Guarded: without the phases in `Planner._order` the next two are found by polls, 31 and 33 s late.
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
            ticks = [first + number * STEP for number in range(3)]
            late = [min(at - tick for at in looks if at >= tick).total_seconds() for tick in ticks]
            assert late[0] >= 20
            assert max(late[1:]) <= 15

    run_virtual(play)
