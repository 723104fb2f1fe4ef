"""Failed legs speak against a place only where they failed in front of it; refusals hold up a purchase."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.planning.flow_world import (
    LEFT,
    ORE,
    POLICY,
    RIGHT,
    SAND,
    SHOPS,
    SITES,
    WIRE,
    World,
    after,
    circuitry,
)

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.planning.dispatch.setbacks import holds_for_all, refusal_of, troubled_sites


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


def given_back(rule: SpendRule = SpendRule.FLOOR, *, until: float = 150, **facts: Any) -> Leg:
    """A leg of sand for electronics that the spend gate refused before anything was bought."""
    return circuitry().leg(
        SAND, LEFT, LegState.CANCELLED, rule=rule, failure="no", not_before=after(until), **facts
    )


class TestRefusals:
    """What a ship was refused holds up the same purchase, and of which lots."""

    def refused(
        self,
        *legs: Leg,
        good: str = SAND,
        feeds: str | None = LEFT,
        source: str = SHOPS[SAND],
        others: tuple[Leg, ...] = (),
        now: float = 0,
    ) -> Leg | None:
        world = circuitry()
        world.legs = list(legs)
        return refusal_of(replace(world.snapshot(), refused=others), good, feeds, source, after(now))

    @pytest.mark.parametrize("rule", SpendRule)
    def test_the_edge_it_flew_for_waits(self, rule: SpendRule) -> None:
        """Whatever was refused: the next ship along it would hear the same, or as good as."""
        back = given_back(rule)
        assert self.refused(back) == back

    @pytest.mark.parametrize("rule", SpendRule)
    def test_another_edge_waits_only_where_every_ship_hears_the_same(self, rule: SpendRule) -> None:
        """What is about the purse, the good or its source, and not what one purchase came to."""
        back = given_back(rule)
        every = rule in (SpendRule.FLOOR, SpendRule.CEILING, SpendRule.PRICE_UNKNOWN)
        assert self.refused(back, feeds=RIGHT) == (back if every else None)
        assert holds_for_all(back) is every

    def test_what_another_order_was_refused_counts_as_well(self) -> None:
        back = given_back()
        assert self.refused(others=(back,), feeds=RIGHT) == back

    def test_another_purchase_does_not_wait(self) -> None:
        """Another good, or the same one elsewhere, of this order or of another."""
        back = given_back()
        for own, others in (((back,), ()), ((), (back,))):
            assert self.refused(*own, others=others, good=ORE, feeds=WIRE, source=SHOPS[ORE]) is None
            assert self.refused(*own, others=others, source="X1-W-N") is None

    @pytest.mark.parametrize(("now", "waits"), [(149, True), (150, False), (151, False)])
    def test_it_is_over_when_its_time_has_come(self, now: float, waits: bool) -> None:
        assert (self.refused(given_back(), now=now) is not None) is waits

    def test_of_several_the_last_to_be_over_counts(self) -> None:
        soon, late = given_back(until=20), given_back(until=300)
        assert self.refused(late, soon) == self.refused(soon, late) == late
        assert self.refused(soon, others=(late,)) == late

    @pytest.mark.parametrize(
        ("state", "rule"),
        [
            (LegState.CANCELLED, None),
            (LegState.LOADING, SpendRule.FLOOR),
            (LegState.FAILED, SpendRule.FLOOR),
            (LegState.DONE, SpendRule.FLOOR),
        ],
    )
    def test_a_leg_that_was_not_given_back_refuses_nothing(
        self, state: LegState, rule: SpendRule | None
    ) -> None:
        """It was called off, or goes on, or ended by something else."""
        leg = circuitry().leg(SAND, LEFT, state, rule=rule, failure="no", not_before=after(150))
        assert self.refused(leg) is None
        assert not holds_for_all(leg)
