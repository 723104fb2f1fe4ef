"""What the priority of a factory weighs."""

from tests.daemon.stage import stage

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import Strategy
from goodsfactory.planning.snapshot import Edge


def first_values(priority: float) -> dict[Edge, int]:
    """By edge, what the first loads of a chain are worth before they are matched with ships."""

    async def story(clock: VirtualClock) -> dict[Edge, int]:
        async with stage(clock) as one:
            player = await one.begin()
            factory = await one.produce(
                player, "ELECTRONICS", strategy=Strategy.SMART, units=80, priority=priority
            )
            await one.until(EventKind.LEG_ASSIGNED)
            return {(leg.good, leg.feeds): leg.value for leg in await one.legs(factory)}

    return run_virtual(story)


def test_priority_counts_once() -> None:
    """The matching of ships multiplies by it: the value of a leg must not hold it already."""
    usual, preferred = first_values(1.0), first_values(64.0)
    assert usual
    assert preferred == usual
