"""What is scarce goes where it is due first: how much is told, kept, counted for others, and weighed."""

from dataclasses import replace

import pytest
from tests.planning.flow_world import LEFT, RIGHT, SITES, TARGET, WIRE, World, after, listing
from tests.planning.test_needs import HOLD, set_level, smart
from tests.planning.test_neighbours import lot, made_at, sent, short_of_electronics, wants

from goodsfactory.domain.factory import FactoryRequest, Strategy
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply
from goodsfactory.planning.requirements.needs import DUE_STEPS, SOON_STEPS, Needs, needs
from goodsfactory.planning.requirements.neighbours import Neighbours, Want
from goodsfactory.planning.requirements.urgency import STEP, USUAL_VOLUME, urgencies


def hungry(volume: int = 20, steps: float = -1.0) -> World:
    """Electronics for so many steps lie where the target is made; 60 more are there to be brought ahead."""
    world = made_at(smart(200, ships=8), volume)
    set_level(world, SITES[TARGET], LEFT, steps * volume / 20 - 2)
    set_level(world, SITES[LEFT], LEFT, 0)
    world.leg(LEFT, TARGET)  # the first load is there
    return world


def told(short: int, urgency: float, *, soon: int = 0, good: str = LEFT) -> Want:
    """What another factory told."""
    return Want(SITES[good], good, 500, short, urgency, "MACHINERY", soon)


def urgency_of(world: World, good: str = TARGET) -> float:
    snapshot = world.snapshot()
    return urgencies(snapshot, needs(snapshot, HOLD))[good]


class TestWhatIsDue:
    def test_what_is_due_is_told_and_not_what_is_brought_ahead(self) -> None:
        """A step is missing, and the market is filled up to 2.5; due are 1.25."""
        assert wants(short_of_electronics(steps=-1), LEFT).short == (DUE_STEPS + 1) * 20

    def test_what_will_be_due_before_the_next_lift_is_told_too(self) -> None:
        """1.5 steps are left: nothing is sent yet, and a step more is taken before the source gives again."""
        request = FactoryRequest(Strategy.SMART, 100)  # too few to let the market grow
        told_of = wants(short_of_electronics(steps=1.5, request=request), LEFT)
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
        assert wants(world, LEFT).soon == soon

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


class TestLotsOfOthers:
    @pytest.mark.parametrize(("urgency", "left"), [(1_000.0, 30), (0.0, 60)])
    def test_a_lot_of_another_counts_if_it_is_more_urgent(self, urgency: float, left: int) -> None:
        """Of 100 units it loads 50, and 20 are the tranche that whoever comes last may not get."""
        world = hungry()
        world.neighbours = Neighbours(lots=[lot(LEFT, TARGET, 50, urgency=urgency, at="X1-W-Q")])
        assert sent(world.decide(), LEFT) == left

    def test_a_leg_of_another_that_loads_counts_whatever_it_is_worth(self) -> None:
        """It has its ship."""
        world = hungry()
        leg = smart().leg(LEFT, TARGET, LegState.LOADING, units=50, destination="X1-W-Q")
        world.neighbours = Neighbours([replace(leg, value=0)])
        assert sent(world.decide(), LEFT) == 30

    def test_a_lot_weighs_what_its_work_weighs_now(self) -> None:
        """Another chain comes to lack the target: what it is made of is needed sooner than before."""
        world = smart(200, ships=8)
        before = {lot.key: lot.value for lot in world.step().lots}
        assert before
        pressing = 2 * urgency_of(world)
        world.neighbours = Neighbours((), [told(5, pressing, good=TARGET)])
        heavier = [lot for lot in world.decide().lots if lot.value > before[lot.key] + STEP // 2]
        assert {lot.feeds for lot in heavier} == {LEFT, RIGHT, WIRE}


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
