"""Lifts of the target, where other factories load at the same market."""

from dataclasses import replace

import pytest
from tests.planning.flow_world import SITES, TARGET, World, after, edges, node
from tests.planning.test_needs import set_level, smart
from tests.planning.test_neighbours import sent, want

from goodsfactory.domain.leg import LegState
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.neighbours import Neighbours, Want


class TestHeldBackLifts:
    def world(self) -> World:
        """100 units of the target can be lifted, 60 are wanted."""
        world = smart(60)
        world.feed(TARGET)
        world.now = after(1)
        world.look()
        set_level(world, SITES[TARGET], TARGET, 0)
        return world

    def test_what_another_factory_needs_as_an_input_is_not_lifted_away(self) -> None:
        """The node says for whom it waits, as one that produces, and is looked at again (law L8)."""
        world = self.world()
        world.neighbours = Neighbours((), [want(TARGET, SITES[TARGET], 200, short=200, urgency=1)])
        decision = world.decide()
        assert (TARGET, TARGET) not in edges(decision.demands)
        waiting = node(decision, TARGET)
        assert waiting.state is NodeState.PRODUCING
        assert "200 units are kept for MACHINERY, which needs them sooner" in waiting.reason
        assert waiting.next_check is not None
        assert waiting.next_check > world.now

    def test_a_market_seen_a_while_ago_is_looked_at_again(self) -> None:
        """Otherwise nobody would notice that there is enough for both by now."""
        world = self.world()
        world.neighbours = Neighbours((), [want(TARGET, SITES[TARGET], 200, short=200, urgency=1)])
        world.step()
        assert node(world.step(120), TARGET).look_at == (SITES[TARGET],)

    def test_it_is_lifted_once_there_is_enough_for_both(self) -> None:
        world = self.world()
        world.neighbours = Neighbours((), [want(TARGET, SITES[TARGET], 200, short=200, urgency=1)])
        world.step()
        set_level(world, SITES[TARGET], TARGET, 12)
        assert sent(world.step(60), TARGET) == 60

    def test_a_target_that_others_are_about_to_lift_waits_for_more(self) -> None:
        """All of it is spoken for by ships on their way: the node waits, and is not done (law L8)."""
        world = self.world()
        others = [smart().leg(TARGET, TARGET, LegState.LOADING, units=60) for _ in range(2)]
        world.neighbours = Neighbours(others)
        decision = world.decide()
        assert sent(decision, TARGET) == 0
        assert node(decision, TARGET).state is NodeState.PRODUCING
        assert node(decision, TARGET).next_check is not None

    def test_what_others_do_not_lack_now_is_lifted(self) -> None:
        """A want without a shortage, and wants elsewhere, hold nothing back."""
        world = self.world()
        ahead, elsewhere = want(TARGET, SITES[TARGET], 200), want(TARGET, "X1-W-Q", 200, short=200)
        world.neighbours = Neighbours((), [ahead, elsewhere])
        assert sent(world.decide(), TARGET) == 60


class TestTheSameTarget:
    """Two factories make the same good at the same market: 100 units of it can be lifted, 60 are wanted."""

    def world(self, priority: float) -> World:
        world = TestHeldBackLifts().world()
        world.request = replace(world.request, priority=priority)
        return world

    @pytest.mark.parametrize(("priority", "lifted"), [(0.5, 0), (1.0, 60), (2.0, 60)])
    def test_the_higher_priority_lifts_first(self, priority: float, lifted: int) -> None:
        """Of equal ones whoever comes first."""
        world = self.world(priority)
        world.neighbours = Neighbours((), [Want(SITES[TARGET], TARGET, 200, target=TARGET, priority=1.0)])
        decision = world.decide()
        assert sent(decision, TARGET) == lifted
        if not lifted:
            reason = node(decision, TARGET).reason
            assert f"200 units are kept for another {TARGET}, which has a higher priority" in reason

    def test_what_its_ships_are_about_to_load_is_not_kept_twice(self) -> None:
        """Forty of 140 units are all that it wants, and ships come for them: enough of the rest is ours."""
        world = self.world(0.5)
        set_level(world, SITES[TARGET], TARGET, 2)
        leg = smart().leg(TARGET, TARGET, LegState.LOADING, units=40)
        told = Want(SITES[TARGET], TARGET, 40, target=TARGET, priority=1.0)
        world.neighbours = Neighbours([leg], [told])
        assert sent(world.decide(), TARGET) == 60

    def test_who_makes_it_elsewhere_or_as_an_input_is_not_meant(self) -> None:
        """A priority is told with the target alone."""
        world = self.world(0.5)
        elsewhere = Want("X1-W-Q", TARGET, 200, target=TARGET, priority=1.0)
        as_input = Want(SITES[TARGET], TARGET, 200, target="MACHINERY", priority=1.0)
        world.neighbours = Neighbours((), [elsewhere, as_input])
        assert sent(world.decide(), TARGET) == 60

    @pytest.mark.parametrize(("continuous", "told"), [(False, 3.0), (True, 0.0)])
    def test_a_factory_tells_its_priority_and_one_without_end_none(
        self, continuous: bool, told: float
    ) -> None:
        """It would stand before the others for ever."""
        world = self.world(3.0)
        world.request = replace(world.request, continuous=continuous)
        assert {one.good: one.priority for one in world.decide().wants if one.priority} == (
            {TARGET: told} if told else {}
        )
