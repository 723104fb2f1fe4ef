"""Lifts of the target, where other factories load at the same market."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.planning.flow_world import LEFT, SITES, TARGET, World, after, claim, edges, node, ship
from tests.planning.test_needs import HOLD, set_level, smart
from tests.planning.test_neighbours import sent, want

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.requirements.neighbours import Neighbours, Want


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
        assert (TARGET, TARGET) not in edges(decision.lots)
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


class TestWithoutEnd:
    """What is kept without end would fill one ship after the other: the last one is left for other work."""

    def lifted(self, terminal: Terminal, *, aboard: int = 0, ships: int = 2) -> int:
        world = TestHeldBackLifts().world()
        set_level(world, SITES[TARGET], TARGET, 12)
        world.request = replace(world.request, continuous=True, terminal=terminal)
        cargo = [{TARGET: HOLD} if number < aboard else {} for number in range(ships)]
        world.ships = {f"S{n}": ship(f"S{n}", SITES[TARGET], cargo=one) for n, one in enumerate(cargo)}
        return sent(world.decide(), TARGET)

    @pytest.mark.parametrize("terminal", [Terminal.HOLD, Terminal.STOCK])
    def test_it_leaves_one_ship_empty(self, terminal: Terminal) -> None:
        assert self.lifted(terminal, ships=3) > 0
        assert self.lifted(terminal, ships=2, aboard=1) == 0

    def test_a_lift_on_its_way_counts(self) -> None:
        """Its ship has nothing aboard yet: the next pass fills no other one."""
        world = TestHeldBackLifts().world()
        set_level(world, SITES[TARGET], TARGET, 12)
        world.request = replace(world.request, continuous=True, terminal=Terminal.STOCK)
        world.ships = {name: ship(name, SITES[TARGET]) for name in ("S0", "S1")}
        [lift] = [lot for lot in world.decide().lots if lot.good == TARGET]
        world.fly(lift, "S0")
        assert [lot for lot in world.decide().lots if lot.good == TARGET] == []

    def test_there_may_be_more_beside_what_is_kept(self) -> None:
        """Into the room of a ship that keeps some already, though no ship is empty, or one alone."""
        for empty in (0, 1):
            world = TestHeldBackLifts().world()
            set_level(world, SITES[TARGET], TARGET, 12)
            world.request = replace(world.request, continuous=True, terminal=Terminal.STOCK)
            kept = [ship(f"K{n}", SITES[TARGET], cargo={TARGET: HOLD - 20}) for n in range(2 - empty)]
            free = [ship("S0", SITES[TARGET])] * empty
            world.ships = {one.symbol: one for one in [*kept, *free]}
            assert 0 < sent(world.decide(), TARGET) <= 40

    def test_its_only_ship_is_used(self) -> None:
        """Nothing else was meant for it."""
        assert self.lifted(Terminal.STOCK, ships=1) > 0

    def test_the_node_says_what_helps(self) -> None:
        world = TestHeldBackLifts().world()
        set_level(world, SITES[TARGET], TARGET, 12)
        world.request = replace(world.request, continuous=True, terminal=Terminal.STOCK)
        full = ship("S0", SITES[TARGET], cargo={TARGET: HOLD})
        world.ships = {"S0": full, "S1": ship("S1", SITES[TARGET])}
        told = node(world.decide(), TARGET)
        assert "S1 alone is free of what is kept, and is left for other work" in told.reason
        assert told.next_check is not None


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
        world.neighbours = Neighbours((), [self.told(80)])
        decision = world.decide()
        assert sent(decision, TARGET) == lifted
        if not lifted:
            reason = node(decision, TARGET).reason
            assert f"80 units are kept for another {TARGET}, which has a higher priority" in reason

    def test_all_for_whom_units_are_kept_are_named(self) -> None:
        world = self.world(0.5)
        world.neighbours = Neighbours(
            (), [self.told(40), want(TARGET, SITES[TARGET], 40, short=40, urgency=1)]
        )
        assert (
            f"80 units are kept for MACHINERY, which needs them sooner and another {TARGET},"
            " which has a higher priority"
        ) in node(world.decide(), TARGET).reason

    def test_no_more_is_kept_than_it_could_lift_now(self) -> None:
        """It wants 200 units more than its ships can take: what is beside that is ours."""
        world = self.world(0.5)
        world.neighbours = Neighbours((), [replace(self.told(20), units=220)])
        assert sent(world.decide(), TARGET) == 60

    def test_who_makes_it_elsewhere_is_not_meant(self) -> None:
        world = self.world(0.5)
        world.neighbours = Neighbours((), [replace(self.told(200), waypoint="X1-W-Q")])
        assert sent(world.decide(), TARGET) == 60

    def told(self, lifts: int) -> Want:
        return Want(SITES[TARGET], TARGET, lifts, target=TARGET, lifts=lifts, priority=1.0)


class TestWhatCouldBeLifted:
    """What a factory tells the others that make the same good."""

    def world(self) -> World:
        world = smart(200, ships=3)
        world.feed(TARGET)
        world.now = after(1)
        world.look()
        return world

    def lifts(self, world: World) -> dict[str, int]:
        return {one.good: one.lifts for one in world.wants() if one.lifts}

    def test_as_much_as_its_free_ships_take(self) -> None:
        world = self.world()
        assert self.lifts(world) == {TARGET: 3 * HOLD}
        world.claims = {"S1": claim("S1")}
        assert self.lifts(world) == {TARGET: 2 * HOLD}

    def test_nothing_without_a_ship_that_has_room(self) -> None:
        """Where all its ships are full of it somebody must empty them, and nobody waits for that."""
        world = self.world().fleet(ship("S1", cargo={TARGET: HOLD}))
        assert self.lifts(world) == {}

    def test_nothing_for_ever(self) -> None:
        """A factory without end would stand before the others for good."""
        world = self.world()
        world.request = replace(world.request, continuous=True)
        assert self.lifts(world) == {}

    def test_nothing_before_its_market_makes_some(self) -> None:
        """Its inputs have not come: others lift meanwhile."""
        world = self.world()
        world.legs = []
        assert self.lifts(world) == {}

    def test_nothing_once_nothing_has_moved_for_two_steps(self) -> None:
        """It is stuck, for whatever reason; the others are not."""
        world = self.world()
        world.now += timedelta(minutes=59)
        world.look()
        assert self.lifts(world) == {TARGET: 3 * HOLD}
        world.now += timedelta(minutes=2)
        world.look()
        world.leg(LEFT, TARGET, LegState.LOADING)  # tried again this moment, and nothing bought
        assert self.lifts(world) == {}
