"""The demo tells the same story each time, whenever in the life of its universe it begins."""

import inspect

from tests.playground import playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.cli.demo import demo
from goodsfactory.cli.performance import CREDITS, EXTRA_SHIPS, FACTION, STRATEGY
from goodsfactory.domain.factory import FactoryRequest, Strategy
from goodsfactory.sandbox.galaxy_parameters import DEFAULT_SYSTEMS
from goodsfactory.sandbox.generation import generate_universe

DEFAULTS = {name: one.default for name, one in inspect.signature(demo).parameters.items()}
BEGINS = (0, 60, 97, 251)
"""Game seconds after the universe began: how long a machine took to start two processes."""


def took(begin: float, systems: int = DEFAULT_SYSTEMS, faction: str = FACTION) -> float:
    """Game seconds until the demo's good is made."""

    async def story(clock: VirtualClock) -> float:
        seed = DEFAULTS["seed"]
        place = generate_universe(seed, epoch=clock.now(), systems=systems)
        async with playground(
            clock, seed=seed, universe=place, faction=faction, ships=EXTRA_SHIPS, credits=CREDITS
        ) as play:
            await clock.sleep(begin)
            started = clock.now()
            request = FactoryRequest(Strategy(STRATEGY), DEFAULTS["units"])
            factory_id = await play.produce(DEFAULTS["good"], request)
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


def test_no_ship_is_sent_from_afar_while_one_at_the_source_ends_its_look() -> None:
    """At second 17 an input is given out just between a scout's look at its source and the scout's end.

    Guarded: with `late` empty in `plan.give_out` it takes more than twice as long.
    """
    assert took(17, 1, "GALACTIC") < 1.1 * took(97, 1, "GALACTIC")
