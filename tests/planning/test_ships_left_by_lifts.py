"""Lifts leave a ship empty for what the rest of the target is made of, or for other work."""

from dataclasses import replace

import pytest
from tests.planning.flow_world import SITES, TARGET, World, node, ship
from tests.planning.shared_market import HOLD, begun, set_level, smart
from tests.planning.test_lifts import liftable, lifts

from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.supply_chain import NodeState


class TestForInputs:
    """From 30 below balance a part of the target can be lifted, and its inputs are SCARCE."""

    def world(self, units: int, *ships: Ship) -> World:
        world = begun(smart(units)).fleet(*ships)
        set_level(world, SITES[TARGET], TARGET, -1.5)
        return world

    @pytest.mark.parametrize(("units", "ships", "count"), [(80, 1, 0), (80, 2, 1), (60, 1, 1), (400, 1, 1)])
    def test_the_last_free_ship_is_not_filled_with_a_part_of_the_output(
        self, units: int, ships: int, count: int
    ) -> None:
        """What is lifted stays aboard, and the inputs of the rest would have nobody to carry them.

        More than the fleet can keep is lifted all the same: somebody must empty the ships meanwhile.
        """
        world = self.world(units, *(ship(f"S{number}", hold=80) for number in range(ships)))
        decision = world.decide()
        assert len([lot for lot in decision.lots if lot.feeds is None]) == count
        if not count:
            waiting = node(decision, TARGET)
            assert waiting.state is NodeState.PRODUCING
            assert "its ships are needed for the inputs" in waiting.reason
            assert waiting.next_check is not None

    def test_nor_where_another_order_brings_the_inputs_with_it(self) -> None:
        """Two orders share the ship: neither fills it with a part, whoever the inputs are reckoned to."""
        world = self.world(80, ship("S1", hold=80))
        other = world.another("G", legs=list(world.legs))
        assert [lifts(decision) for decision in world.decide_all().values()] == [0, 0]
        other.request = FactoryRequest(Strategy.SMART, 60)
        assert [lifts(decision) for decision in world.decide_all().values()] == [0, 60]

    @pytest.mark.parametrize(("aboard", "wanted", "count"), [(20, 130, 1), (75, 84, 0), (75, 90, 1)])
    def test_a_ship_that_keeps_some_takes_more_and_the_other_brings_the_inputs(
        self, aboard: int, wanted: int, count: int
    ) -> None:
        """What is there now goes beside what is aboard, or waits where all that is wanted fits into both."""
        kept, empty = ship("S1", hold=80, cargo={TARGET: aboard}), ship("S2", hold=80)
        world = self.world(aboard + wanted, kept, empty)
        world.leg(TARGET, TARGET, bought=aboard, units=aboard)
        assert len([lot for lot in world.decide().lots if lot.feeds is None]) == count


class TestWithoutEnd:
    """What is kept without end would fill one ship after the other: the last one is left for other work."""

    def world(self, *ships: Ship, terminal: Terminal = Terminal.STOCK) -> World:
        world = liftable()
        set_level(world, SITES[TARGET], TARGET, 12)
        world.request = replace(world.request, continuous=True, terminal=terminal)
        return world.fleet(*ships)

    def full(self, name: str, aboard: int = HOLD) -> Ship:
        return ship(name, SITES[TARGET], cargo={TARGET: aboard})

    @pytest.mark.parametrize("terminal", [Terminal.HOLD, Terminal.STOCK])
    def test_it_leaves_one_ship_empty(self, terminal: Terminal) -> None:
        empty = [ship(f"S{number}", SITES[TARGET]) for number in range(3)]
        assert lifts(self.world(*empty, terminal=terminal).decide()) > 0
        assert lifts(self.world(self.full("K"), empty[0], terminal=terminal).decide()) == 0

    def test_a_lift_on_its_way_counts(self) -> None:
        """Its ship has nothing aboard yet: the next pass fills no other one."""
        world = self.world(ship("S0", SITES[TARGET]), ship("S1", SITES[TARGET]))
        [lift] = [lot for lot in world.decide().lots if lot.good == TARGET]
        world.fly(lift, "S0")
        assert lifts(world.decide()) == 0

    @pytest.mark.parametrize("empty", [0, 1])
    def test_there_may_be_more_beside_what_is_kept(self, empty: int) -> None:
        """Into the room of a ship that keeps some already, though no ship is empty, or one alone."""
        kept = [self.full(f"K{number}", HOLD - 20) for number in range(2 - empty)]
        assert 0 < lifts(self.world(*kept, *[ship("S0", SITES[TARGET])] * empty).decide()) <= 40

    def test_its_only_ship_is_used(self) -> None:
        """Nothing else was meant for it."""
        assert lifts(self.world(ship("S0", SITES[TARGET])).decide()) > 0

    def test_the_node_says_what_helps(self) -> None:
        told = node(self.world(self.full("S0"), ship("S1", SITES[TARGET])).decide(), TARGET)
        assert "S1 alone is free of what is kept, and is left for other work" in told.reason
        assert told.next_check is not None
