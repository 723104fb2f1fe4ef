"""What all orders of an agent still need, in units, added up at each market."""

import pytest
from tests.planning.flow_world import (
    LEFT,
    ORE,
    RIGHT,
    SAND,
    SHOPS,
    SITES,
    TARGET,
    WIRE,
    World,
    buy,
    circuitry,
    diamond,
    make,
    ship,
)
from tests.planning.shared_market import HOLD, begun, set_level, smart

from goodsfactory.domain.factory import FactoryRequest, Strategy
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.requirements.needs import GROWS_FROM, Needs, in_order
from goodsfactory.planning.snapshot import Edge

AT_TARGET = SITES[TARGET], TARGET
MIDDLE = "MACHINERY"
FED: Edge = LEFT, TARGET


def for_all(found: Needs, edge: Edge) -> int:
    """Units to be delivered along an edge, by all orders together."""
    return sum(units for (_, other), units in found.to_deliver.items() if other == edge)


def stocked() -> World:
    """80 units of the target can be loaded before it is SCARCE, and its inputs are at their edge."""
    world = begun(smart(60))
    set_level(world, SITES[TARGET], TARGET, 0)
    for half in (LEFT, RIGHT):
        set_level(world, SITES[TARGET], half, -2)
    return world


class TestOneOrder:
    def test_what_is_in_stock_needs_no_inputs(self) -> None:
        """A target ABUNDANT beyond what is asked for takes nothing at all."""
        world = smart(40)
        set_level(world, SITES[TARGET], TARGET, 6)
        assert set(world.needs().to_deliver.values()) == {0}

    @pytest.mark.parametrize("strategy", [Strategy.PREFER_BUY, Strategy.PREFER_FABRICATE])
    def test_whoever_prefers_a_way_proves_it_at_every_node(self, strategy: Strategy) -> None:
        """Nothing made is taken before each input was delivered once, however much lies there."""
        world = circuitry(FactoryRequest(strategy, 40))
        for good in (TARGET, LEFT, RIGHT, WIRE):
            set_level(world, SITES[good], good, 6)
        found = world.needs().to_deliver
        assert all(found["F", (child.good, node.good)] > 0 for child, node in world.tree.edges())

    @pytest.mark.parametrize(("hold", "units", "first"), [(40, 200, 20), (15, 200, 15), (40, 7, 7)])
    def test_the_first_tranche_is_no_larger_than_a_hold_or_the_order(
        self, hold: int, units: int, first: int
    ) -> None:
        """That the target is made and not only bought, a trade volume of 20 proves; so does less."""
        world = circuitry(FactoryRequest(Strategy.PREFER_BUY, units)).fleet(ship("S1", hold=hold))
        set_level(world, SITES[TARGET], TARGET, 20)
        set_level(world, SITES[TARGET], LEFT, 6)
        assert world.needs().to_deliver["F", FED] == first

    def test_every_unit_to_be_made_takes_one_of_each_input(self) -> None:
        """20 of 200 can be loaded from LIMITED. SCARCE inputs are brought up by 80 besides.

        The last step, of twenty, is made of what lies there below the edge.
        """
        found = smart(200).needs()
        assert found.to_make[AT_TARGET] == 180
        assert found.to_deliver["F", FED] == 180 + 80 - 20

    def test_what_a_good_is_wanted_for_adds_up_where_it_is_loaded(self) -> None:
        """Sand and wire feed two goods each."""
        found = smart(200).needs()
        for good, place in ((SAND, SHOPS[SAND]), (WIRE, SITES[WIRE])):
            uses = sum(found.to_deliver["F", (good, half)] for half in (LEFT, RIGHT))
            assert found.to_load[place, good] == {"F": uses}

    def test_loads_under_way_are_needed_no_second_time(self) -> None:
        """They are still to be loaded, as long as they are not aboard."""
        world = smart(200)
        before = world.needs()
        world.leg(LEFT, TARGET, LegState.LOADING)
        after = world.needs()
        assert after.to_deliver["F", FED] == before.to_deliver["F", FED] - HOLD
        assert after.to_load[SITES[LEFT], LEFT] == before.to_load[SITES[LEFT], LEFT]

    def test_lifts_under_way_are_wanted_no_second_time(self) -> None:
        world = smart(200)
        assert world.needs().to_load[AT_TARGET] == {"F": 200}
        world.leg(TARGET, TARGET, LegState.LADEN)
        assert world.needs().to_load[AT_TARGET] == {"F": 160}


class TestSeveralOrders:
    def test_what_flies_for_one_is_brought_by_none_a_second_time(self) -> None:
        world = smart(200)
        other = world.another("G")
        before = for_all(world.needs(), FED)
        other.leg(LEFT, TARGET, LegState.LADEN)
        assert for_all(world.needs(), FED) == before - HOLD

    def test_what_flies_elsewhere_counts_nothing(self) -> None:
        world = smart(200)
        other = world.another("G")
        before = for_all(world.needs(), (WIRE, LEFT))
        other.leg(WIRE, RIGHT, LegState.LADEN)
        assert for_all(world.needs(), (WIRE, LEFT)) == before

    def test_one_order_alone_takes_what_is_there(self) -> None:
        found = stocked().needs()
        assert found.to_make[AT_TARGET] == 0
        assert for_all(found, FED) == 0

    def test_two_that_want_more_than_there_is_have_inputs_brought_once(self) -> None:
        """60 and 60 of 80: 40 must be made, the last 20 of them of what lies there."""
        world = stocked()
        world.another("G", legs=list(world.legs))
        found = world.needs()
        assert found.to_make[AT_TARGET] == 40
        assert for_all(found, FED) == 20

    def test_none_has_more_brought_than_its_own_share(self) -> None:
        """However much others want, 60 units take 40 of each input, and one step; others bring theirs."""
        world = stocked()
        for half in (LEFT, RIGHT):
            set_level(world, SITES[TARGET], half, 3)
        world.another("G", legs=list(world.legs), request=FactoryRequest(Strategy.SMART, 5000))
        found = world.needs()
        assert found.to_deliver["F", FED] == 40
        assert for_all(found, FED) == 5060 - 80 - 20 - 100

    def test_who_wants_nothing_more_brings_nothing_for_others(self) -> None:
        world = stocked()
        world.another("G", legs=list(world.legs), request=FactoryRequest(Strategy.SMART, 5000))
        world.leg(TARGET, TARGET, units=60, bought=60)
        assert world.needs().to_deliver["F", FED] == 0

    def test_who_asks_what_others_have_yet_to_load_is_not_told_its_own(self) -> None:
        """So a chain is weighed beside them."""
        world = smart(200)
        world.another("G", request=FactoryRequest(Strategy.SMART, 30))
        found = world.needs()
        assert (found.of_others(AT_TARGET, "F"), found.of_others(AT_TARGET, "G")) == (30, 200)
        assert found.of_others(("X1-W-Q", TARGET), "F") == 0


class TestGrowing:
    """A market of 20 with three steps of work or more has its inputs kept HIGH, so that it grows."""

    @pytest.mark.parametrize(("units", "grows"), [(79, False), (80, True), (1000, True)])
    def test_work_for_three_steps_is_enough(self, units: int, grows: bool) -> None:
        """20 of the units can be loaded at once."""
        assert GROWS_FROM == 3
        assert (AT_TARGET in smart(units).needs().growing) is grows

    def test_the_work_of_all_orders_counts(self) -> None:
        world = smart(40)
        assert AT_TARGET not in world.needs().growing
        world.another("G")
        assert AT_TARGET in world.needs().growing

    @pytest.mark.parametrize(
        "request_",
        [
            FactoryRequest(Strategy.SMART, continuous=True),
            FactoryRequest(Strategy.SMART, 9000, ships=("S9",)),
        ],
        ids=["endless", "no ship"],
    )
    def test_work_that_nobody_flies_for_or_that_never_ends_does_not_count(
        self, request_: FactoryRequest
    ) -> None:
        """The first is not done by anybody, the second has its own rule."""
        world = smart(40)
        world.another("G", request=request_)
        assert AT_TARGET not in world.needs().growing

    def test_what_is_missing_until_its_inputs_are_full_is_needed(self) -> None:
        """60 units take 40 and a step; 60 of them lie there above the edge, and 40 more fill it up."""
        world = self.bought(80)
        assert world.needs().to_deliver["F", FED] == 40
        world.another("G", legs=list(world.legs), request=FactoryRequest(Strategy.SMART, 20))
        assert for_all(world.needs(), FED) == 40, "once for all"

    def test_who_has_a_ship_brings_what_makes_it_grow(self) -> None:
        """The first order never would. Nothing else is missing, and 22 units make the input full."""
        world = self.bought(30)
        world.request = FactoryRequest(Strategy.SMART, 30, ships=("S9",))
        world.another("G", legs=list(world.legs), request=FactoryRequest(Strategy.SMART, 80))
        set_level(world, SITES[TARGET], LEFT, 1.9)
        found = world.needs().to_deliver
        assert (found["F", FED], found["G", FED]) == (0, 22)

    def test_nobody_lacks_what_only_makes_a_market_grow(self) -> None:
        world = self.bought(80)
        assert world.needs().lacking == set()
        set_level(world, SITES[TARGET], LEFT, -2)
        assert world.needs().lacking == {"F"}

    def test_no_more_is_brought_for_growth_than_twice_what_is_made(self) -> None:
        world = self.bought(80)
        set_level(world, SITES[TARGET], LEFT, -5)
        assert world.needs().to_deliver["F", FED] == 2 * 60

    def bought(self, units: int) -> World:
        """Both halves are bought, and MODERATE where the target is made of them."""
        world = begun(smart(units))
        world.tree = make(TARGET, buy(LEFT), buy(RIGHT))
        for half in (LEFT, RIGHT):
            set_level(world, SITES[TARGET], half, 1)
        return world


class TestOrder:
    """What is made, each before the inputs that are made for it."""

    def parts(self, *trees: SupplyChainNode) -> list[str]:
        orders = [World(tree, name=f"F{number}").going() for number, tree in enumerate(trees)]
        return [part.good for part in in_order(orders)]

    def test_users_come_before_inputs(self) -> None:
        found = self.parts(diamond())
        assert sorted(found) == sorted([TARGET, LEFT, RIGHT, WIRE])
        assert found[0] == TARGET
        assert found[-1] == WIRE

    def test_so_they_do_over_several_orders(self) -> None:
        """The second makes something of what the first wants, the third wants an input of both."""
        trees = diamond(), make(MIDDLE, diamond()), make(WIRE, buy(ORE))
        for orders in (trees, trees[::-1]):
            found = self.parts(*orders)
            assert len(found) == len(set(found)) == 5
            assert found[:2] == [MIDDLE, TARGET]
            assert found[-1] == WIRE

    def test_who_makes_the_same_at_the_same_market_is_one_part(self) -> None:
        one, two = World(name="ONE").going(), World(name="TWO").going()
        parts = list(in_order([one, two]))
        assert all([user.id for user in part.users] == ["ONE", "TWO"] for part in parts)

    def test_a_ring_of_two_orders_comes_to_an_end(self) -> None:
        """One makes A of B, the other B of A, and each buys the rest: both are reckoned once."""
        one, two = make(TARGET, make(LEFT, buy(TARGET))), make(LEFT, make(TARGET, buy(LEFT)))
        assert sorted(self.parts(one, two)) == sorted([TARGET, LEFT])
        world = World(one, request=FactoryRequest(Strategy.SMART, 60)).fleet(ship("S1"))
        world.another("TWO", two)
        assert set(world.needs().to_make) == {AT_TARGET, (SITES[LEFT], LEFT)}
