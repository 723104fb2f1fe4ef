"""The demo tells the same story each time, whenever in the life of its universe it begins."""

import inspect

from tests.playground import playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.cli.demo import demo
from goodsfactory.cli.performance import CREDITS, EXTRA_SHIPS
from goodsfactory.domain.factory import FactoryRequest

DEFAULTS = {name: one.default for name, one in inspect.signature(demo).parameters.items()}
BEGINS = (0, 17, 97, 251)
"""Game seconds after the universe began: how long a machine took to start two processes. At 17 a
scout has just looked at the source of an input, and is not free yet, when that input is given to a ship."""


def took(begin: float) -> float:
    """Game seconds until the demo's good is made."""

    async def story(clock: VirtualClock) -> float:
        async with playground(clock, seed=DEFAULTS["seed"], ships=EXTRA_SHIPS, credits=CREDITS) as play:
            await clock.sleep(begin)
            started = clock.now()
            factory_id = await play.produce(DEFAULTS["good"], FactoryRequest(units=DEFAULTS["units"]))
            factory = (await play.until_over(factory_id)).factory
            assert factory.quantity_acquired == DEFAULTS["units"]
            assert factory.completed_at is not None
            return (factory.completed_at - started).total_seconds()

    return run_virtual(story)


def test_its_game_time_hardly_differs() -> None:
    """By ten parts in a hundred at most, and it is minutes: nobody waits for a market's next production."""
    times = [took(begin) for begin in BEGINS]
    assert max(times) < 1.1 * min(times), times
    assert max(times) < 600, times
