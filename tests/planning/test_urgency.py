"""How many steps of production wait for the inputs of a market, times the priority of whoever wants them."""

from typing import Any

from tests.planning.flow_world import (
    LEFT,
    RIGHT,
    SITES,
    TARGET,
    WIRE,
    World,
    circuitry,
    diamond,
    make,
    ship,
)
from tests.planning.shared_market import made_at, set_level, smart

from goodsfactory.domain.factory import FactoryRequest, Strategy
from goodsfactory.planning.requirements.needs import USUAL_VOLUME

AT_TARGET = SITES[TARGET], TARGET
MIDDLE = "MACHINERY"


def urgency(volume: int, **wish: Any) -> float:
    """Of the inputs of the target at a market of this size, 60 units of which are wanted."""
    world = made_at(World(request=FactoryRequest(Strategy.SMART, 60, **wish)), volume)
    world.fleet(ship("S1"))
    set_level(world, SITES[TARGET], TARGET, -4)
    return world.needs().urgent[AT_TARGET]


def test_a_small_market_needs_its_inputs_before_a_large_one() -> None:
    """60 units are ten steps of six; a market of 60 must make two steps before anything is lifted."""
    assert urgency(6) == 1 + 10
    assert urgency(60) == 1 + 2


def test_priority_multiplies() -> None:
    assert urgency(6, priority=3) == 3 * urgency(6)


def test_the_longest_work_on_the_way_to_the_target_counts() -> None:
    """A quick intermediate of a slow target holds the target up; each recipe adds a step."""
    world = circuitry(FactoryRequest(Strategy.SMART, 600))
    for good, output in world.tree.edges():
        set_level(world, SITES[output.good], good.good, -2)
    urgent = {spot[1]: steps for spot, steps in world.needs().urgent.items()}
    assert urgent[LEFT] == urgent[TARGET] + 1
    assert urgent[WIRE] == urgent[LEFT] + 1
    world.another("G", diamond().children[1], request=FactoryRequest(Strategy.SMART, 6000))
    more = {spot[1]: steps for spot, steps in world.needs().urgent.items()}
    assert (more[TARGET], more[LEFT]) == (urgent[TARGET], urgent[LEFT])
    assert more[RIGHT] > 300
    assert more[WIRE] == more[RIGHT] + 1


def test_the_work_of_others_that_waits_for_a_good_is_inherited() -> None:
    """Nobody may wait for the least urgent of those that feed a market for all."""
    world = smart(60)
    alone = world.needs().urgent[AT_TARGET]
    world.another("G", make(MIDDLE, world.tree), request=FactoryRequest(Strategy.SMART, 400))
    found = world.needs()
    assert found.urgent[f"X1-W-{MIDDLE}", MIDDLE] == 1 + 400 / USUAL_VOLUME
    assert found.urgent[AT_TARGET] > found.urgent[f"X1-W-{MIDDLE}", MIDDLE] > alone


def test_all_that_is_wanted_of_a_good_counts_where_it_is_made() -> None:
    """For the highest priority of those that live on it."""
    world = smart(200)
    alone = world.needs().urgent[AT_TARGET]
    other = world.another("G")
    assert world.needs().urgent[AT_TARGET] == alone + 200 / 20
    other.request = FactoryRequest(Strategy.SMART, 200, priority=3)
    assert world.needs().urgent[AT_TARGET] == 3 * (alone + 200 / 20)


def test_the_start_of_what_is_made_in_between_counts() -> None:
    """60 electronics are missing before the target can begin: three steps of twenty."""
    world = made_at(smart(60), 20)
    set_level(world, SITES[LEFT], LEFT, -4)
    set_level(world, SITES[TARGET], LEFT, -2)
    begun = world.needs().urgent
    set_level(world, SITES[TARGET], LEFT, -5)
    after = world.needs().urgent
    assert after[AT_TARGET] == begun[AT_TARGET]
    assert after[SITES[LEFT], LEFT] == after[AT_TARGET] + 1 + 3
    assert begun[SITES[LEFT], LEFT] == begun[AT_TARGET] + 1


def test_a_market_that_was_not_seen_is_taken_for_a_usual_one() -> None:
    assert smart(200, seen=None).needs().urgent[AT_TARGET] == 1 + 200 / USUAL_VOLUME
