"""Failed legs speak against a place only where they failed in front of it."""

from datetime import timedelta
from typing import Any

from tests.planning.flow_world import LEFT, POLICY, SAND, SITES, WIRE, World, circuitry

from goodsfactory.domain.leg import LegState
from goodsfactory.planning.setbacks import troubled_sites


def refused(world: World, good: str, *, times: int, **facts: Any) -> None:
    for _ in range(times):
        world.leg(good, LEFT, LegState.FAILED, bought=40, **facts)


def test_a_place_that_refuses_load_after_load_is_in_trouble() -> None:
    """As many laden legs in a row as make a node report its error, of whatever inputs."""
    world = circuitry()
    refused(world, SAND, times=POLICY.leg_attempts - 1)
    assert troubled_sites(world.legs, world.now, POLICY) == {}
    refused(world, WIRE, times=1)
    assert troubled_sites(world.legs, world.now, POLICY) == {LEFT: frozenset({SITES[LEFT]})}


def test_a_load_that_was_taken_ends_the_trouble() -> None:
    world = circuitry()
    refused(world, SAND, times=9)
    world.leg(SAND, LEFT)
    assert troubled_sites(world.legs, world.now, POLICY) == {}


def test_a_leg_that_never_loaded_says_nothing_about_where_it_was_bound() -> None:
    """Its source may be to blame."""
    world = circuitry()
    for _ in range(9):
        world.leg(SAND, LEFT, LegState.FAILED)
    assert troubled_sites(world.legs, world.now, POLICY) == {}


def test_trouble_is_forgotten() -> None:
    """An hour after the last refusal the place is as good as any other again."""
    world = circuitry()
    refused(world, SAND, times=9)
    later = world.now + timedelta(seconds=6 * POLICY.retry_limit)
    assert troubled_sites(world.legs, later, POLICY) == {}
