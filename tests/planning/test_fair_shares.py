"""What is scarce goes where it is due first: how much is told, kept, given way for, and weighed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.planning.flow_world import LEFT, RIGHT, SITES, TARGET, WIRE, World, after, listing, node
from tests.planning.test_needs import HOLD, set_level, smart
from tests.planning.test_neighbours import made_at, sent, short_of_electronics, wants

from goodsfactory.domain.leg import Leg, LegState
from goodsfactory.domain.market import Supply
from goodsfactory.planning.flow import next_pass
from goodsfactory.planning.needs import DUE_STEPS, SOON_STEPS, Needs, needs
from goodsfactory.planning.neighbours import Neighbours, Want
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.urgency import STEP, USUAL_VOLUME, urgencies

POLICY = Policy()


def hungry(volume: int = 20, steps: float = -1.0) -> World:
    """Electronics for so many steps lie where the target is made; 60 more are there to be brought ahead."""
    world = made_at(smart(200, ships=8), volume)
    set_level(world, SITES[TARGET], LEFT, steps * volume / 20 - 2)
    set_level(world, SITES[LEFT], LEFT, 0)
    world.leg(LEFT, TARGET)  # the first load is there
    return world


def told(short: int, urgency: float, *, soon: int = 0, good: str = LEFT, seconds: float = 0.0) -> Want:
    """What another factory told, so many seconds after the start."""
    return Want(SITES[good], good, 500, short, urgency, "MACHINERY", after(seconds), soon)


def urgency_of(world: World, good: str = TARGET) -> float:
    snapshot = world.snapshot()
    return urgencies(snapshot, needs(snapshot, HOLD))[good]


class TestWhatIsDue:
    def test_what_is_due_is_told_and_not_what_is_brought_ahead(self) -> None:
        """A step is missing, and the market is filled up to 2.5; due are 1.25."""
        assert wants(short_of_electronics(steps=-1).decide(), LEFT).short == (DUE_STEPS + 1) * 20

    def test_what_will_be_due_before_the_next_lift_is_told_too(self) -> None:
        """1.5 steps are left: nothing is sent yet, and a step more is taken before the source gives again."""
        told_of = wants(short_of_electronics(steps=1.5).decide(), LEFT)
        assert (told_of.short, told_of.soon) == (0, (SOON_STEPS - 1.5) * 20)

    @pytest.mark.parametrize(("level", "soon"), [(0, 10), (-1, 30)])
    def test_what_the_source_cannot_give_ahead_of_need_will_be_due_as_well(
        self, level: float, soon: int
    ) -> None:
        """70 are taken until the next lift; at MODERATE 60 of them are sent now, below that 40."""
        world = hungry()
        set_level(world, SITES[LEFT], LEFT, level)
        decision = world.decide()
        assert sent(decision, LEFT) + soon == (SOON_STEPS + 1) * 20
        assert wants(decision, LEFT).soon == soon

    @pytest.mark.parametrize(("level", "left"), [(0, 60), (-0.5, 50), (-1, 40), (-2, 40)])
    def test_what_is_brought_ahead_of_need_does_not_empty_its_source(self, level: float, left: int) -> None:
        """45 units are due, of which a ship takes 40; more goes only above what a lift leaves."""
        world = hungry()
        set_level(world, SITES[LEFT], LEFT, level)
        assert sent(world.decide(), LEFT) == left

    @pytest.mark.parametrize(("others", "left"), [(0, 60), (10, 50), (15, 40), (60, 40), (500, 40)])
    def test_what_the_less_urgent_need_now_goes_before_what_is_only_brought_ahead(
        self, others: int, left: int
    ) -> None:
        """45 units are due here, and 15 more that would be loaded too are left to whoever lacks them.

        Five are not worth the second ship where so many are left.
        """
        world = hungry()
        world.neighbours = Neighbours((), [told(others, 0.1)])
        assert sent(world.decide(), LEFT) == left

    def test_a_load_that_is_worth_a_ship_is_due_whole(self) -> None:
        """Six a step: seven units and a half would do, but no ship is sent for so few."""
        world = hungry(volume=6, steps=0.5)
        world.neighbours = Neighbours((), [told(500, 0.1)])
        assert sent(world.decide(), LEFT) == HOLD // 4

    @pytest.mark.parametrize(("slow", "fast"), [(LEFT, RIGHT), (RIGHT, LEFT)])
    def test_the_most_urgent_work_of_a_factory_is_served_first(self, slow: str, fast: str) -> None:
        """160 of wire for two markets: one is filled, where most is held up, and not both by halves.

        Wire is traded by 60, but a hold takes 40: the last that may be bought begins at the edge of SCARCE.
        """
        world = smart(200, ships=8)
        set_level(world, SITES[WIRE], WIRE, -2)
        site = world.markets[SITES[slow]]
        small = [
            listing(slow, supply=Supply.LIMITED, volume=6) if one.good == slow else one
            for one in site.listings
        ]
        world.show(replace(site, listings=tuple(small)))
        assert urgency_of(world, slow) > urgency_of(world, fast)
        decision = world.decide()
        assert (sent(decision, WIRE, slow), sent(decision, WIRE, fast)) == (120, 40)


class TestKeptFromLifts:
    """The target is an input of others: 100 units of it can be lifted, 60 are wanted."""

    def world(self) -> World:
        world = smart(60)
        world.feed(TARGET)
        world.now = after(60)
        world.look()
        set_level(world, SITES[TARGET], TARGET, 0)
        return world

    @pytest.mark.parametrize(("soon", "lifted"), [(0, 60), (40, 60), (60, 0)])
    def test_what_others_will_need_before_the_next_lift_stays_there(self, soon: int, lifted: int) -> None:
        """Lifted down to SCARCE, the market gives them nothing for an hour."""
        world = self.world()
        world.neighbours = Neighbours((), [told(0, 0.0, soon=soon, good=TARGET)])
        assert sent(world.decide(), TARGET) == lifted


class TestGivingWay:
    """Whoever looks first would take the market below the level from which it may be lifted."""

    def world(self, said_at: float) -> World:
        world = hungry()
        world.now = after(60)
        world.look()
        world.neighbours = Neighbours((), [told(5, urgency_of(world) + 1, seconds=said_at)])
        return world

    def test_the_more_urgent_goes_first_at_a_market_that_was_looked_at_this_moment(self) -> None:
        world = self.world(said_at=50)
        decision = world.decide()
        assert sent(decision, LEFT) == 0
        assert decision.gives_way
        assert next_pass(decision, world.now, POLICY) == POLICY.settle_interval

    def test_it_was_heard_once_it_has_decided_anew(self) -> None:
        assert sent(self.world(said_at=60).decide(), LEFT) == 55

    def test_nobody_waits_for_one_that_says_nothing(self) -> None:
        world = self.world(said_at=50)
        world.now += timedelta(seconds=3 * POLICY.settle_interval)
        decision = world.decide()
        assert sent(decision, LEFT) == 55
        assert not decision.gives_way

    def test_nobody_gives_way_to_the_less_urgent(self) -> None:
        world = self.world(said_at=50)
        world.neighbours = Neighbours((), [told(5, urgency_of(world) - 1, seconds=50)])
        assert sent(world.decide(), LEFT) > 0

    def test_a_lift_gives_way_to_who_lacks_it_as_an_input(self) -> None:
        world = TestKeptFromLifts().world()
        world.neighbours = Neighbours((), [told(5, 0.5, good=TARGET, seconds=50)])
        decision = world.decide()
        assert sent(decision, TARGET) == 0
        assert decision.gives_way


class TestWaitingLegs:
    def other(self, value: int, state: LegState = LegState.READY) -> Sequence[Leg]:
        return [replace(smart().leg(LEFT, TARGET, state, units=50, destination="X1-W-Q"), value=value)]

    @pytest.mark.parametrize(
        ("value", "state", "left"),
        [
            (1_000_000, LegState.READY, 30),
            (0, LegState.READY, 60),
            (0, LegState.LOADING, 30),
        ],
    )
    def test_a_waiting_leg_of_another_counts_if_it_gets_its_ship_first(
        self, value: int, state: LegState, left: int
    ) -> None:
        """Of 100 units it loads 50, and 20 are the tranche that whoever comes last may not get."""
        world = hungry()
        world.neighbours = Neighbours(self.other(value, state))
        assert sent(world.decide(), LEFT) == left

    def test_a_waiting_leg_weighs_what_its_work_weighs_now(self) -> None:
        """Another chain comes to lack the target: what it is made of is needed sooner than before."""
        world = smart(200, ships=8)
        first = world.step()
        assert first.demands
        pressing = 2 * urgency_of(world)
        world.neighbours = Neighbours((), [told(5, pressing, good=TARGET)])
        again = world.decide()
        before = {leg.id: leg.value for leg in world.legs}
        heavier = [leg for leg in again.redirected if leg.value > before[leg.id] + STEP // 2]
        assert {leg.feeds for leg in heavier} == {LEFT, RIGHT, WIRE}


class TestUrgency:
    def test_the_work_of_others_that_waits_for_a_good_is_inherited(self) -> None:
        """Nobody may wait for the least urgent of those that feed a market for all."""
        world = hungry()
        world.neighbours = Neighbours((), [told(5, 77.0, good=TARGET)])
        assert urgency_of(world) == 77.0

    def test_all_that_others_want_of_it_counts_where_it_is_made(self) -> None:
        alone = hungry()
        shared = hungry()
        shared.neighbours = Neighbours((), [Want(SITES[LEFT], LEFT, 1000)])
        assert urgency_of(shared, LEFT) > urgency_of(alone, LEFT)

    def test_the_start_of_what_is_made_in_between_counts(self) -> None:
        """60 electronics are missing before the target can begin: three steps of twenty."""
        world = made_at(smart(60), 20)
        found = Needs({}, {}, {}, {TARGET: 100, LEFT: 20})
        set_level(world, SITES[LEFT], LEFT, -4)
        set_level(world, SITES[TARGET], LEFT, -2)
        begun = urgencies(world.snapshot(), found)[LEFT]
        set_level(world, SITES[TARGET], LEFT, -5)
        assert urgencies(world.snapshot(), found)[LEFT] == begun + 3

    def test_a_market_that_was_not_seen_is_taken_for_a_usual_one(self) -> None:
        world = smart(200, seen=None)
        assert urgency_of(world) == 1 + 200 / USUAL_VOLUME


def test_the_node_says_that_it_gives_way() -> None:
    world = TestGivingWay().world(said_at=50)
    held = node(world.decide(), LEFT)
    assert held.reason.endswith("what is not kept for MACHINERY")
