"""How much of an input is brought to where it is used now, of what is needed in the end."""

from dataclasses import replace
from typing import Any

import pytest
from tests.planning.flow_world import (
    LEFT,
    SITES,
    TARGET,
    WIRE,
    World,
    after,
    circuitry,
    traffic_of,
)
from tests.planning.shared_market import HOLD, STEP, begun, set_level, smart
from tests.wishes import fabricating

from goodsfactory.domain.factory import FactoryRequest, Strategy
from goodsfactory.domain.leg import LegState
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.needs import FULL, Needs
from goodsfactory.planning.requirements.requirement import Requirement
from goodsfactory.planning.requirements.top_up import (
    CHEAP,
    DEAR,
    DUE_STEPS,
    GROWING_AHEAD,
    SOON_STEPS,
    feeds,
    loads_of,
)
from goodsfactory.planning.snapshot import Edge

FED: Edge = LEFT, TARGET
MANY = Policy(max_loads_per_edge=10)


def wanted(
    world: World, edge: Edge = FED, *, missing: int = 2000, grows: bool = False, policy: Policy = MANY
) -> Requirement:
    """What an order brings of an input of which so much is needed, whatever its source has."""
    found = world.needs()
    made = SITES[edge[1] or ""], edge[1] or ""
    growing = {made} if grows else set[tuple[str, str]]()
    missed = dict.fromkeys(found.to_deliver, 0) | {("F", edge): missing}
    found = replace(found, to_deliver=missed, growing=growing)
    return _feeds(world, found, policy)["F"][edge]


def lasting(steps: float, edge: Edge = FED) -> World:
    """The first load has come, and the input lasts so many steps of production now."""
    good, output = edge
    assert output is not None
    world = smart(2000)
    world.leg(good, output)
    there = world.markets[SITES[output]].listing(good)
    assert there is not None
    set_level(world, SITES[output], good, steps * STEP / there.trade_volume - 2)
    return world


def together(world: World) -> dict[str, Requirement]:
    """What each of several orders brings of the left half, by what they really need."""
    return {name: edges[FED] for name, edges in _feeds(world, world.needs(), world.policy).items()}


def _feeds(world: World, found: Needs, policy: Policy) -> dict[str, dict[Edge, Requirement]]:
    orders = [world.going(), *(other.going() for other in world.beside)]
    return feeds(orders, found, traffic_of(world.snapshots(), world.now), world.now, policy)


class TestTopUp:
    def test_an_input_that_lasts_is_left_alone(self) -> None:
        """Two steps above the edge of LIMITED is enough for now, however much will be needed in the end."""
        found = wanted(lasting(2))
        assert found.sizes == ()
        assert found.reason == f"{SITES[TARGET]} has {LEFT} for 2.0 steps of {TARGET}"

    def test_an_input_is_fed_before_it_throttles(self) -> None:
        """One step above the edge the next load is sent, though the label still says MODERATE.

        20 units lie above the edge, and a dear input is filled to two steps and a half: 50.
        """
        found = wanted(lasting(1))
        assert sum(found.sizes) == 30
        assert (found.pressing, found.due, found.urgency) == (False, 0, 0)

    def test_what_does_not_last_a_step_is_pressing(self) -> None:
        """The next step would make less: 10 of the 20 units of a step are left, and 40 fill it."""
        world = lasting(0.5)
        found = wanted(world)
        assert sum(found.sizes) == 40
        assert found.pressing
        assert found.urgency == world.needs().urgent[SITES[TARGET], TARGET] > 1

    @pytest.mark.parametrize("steps", [1.2, 0.5, 0.0, -1.0])
    def test_a_dear_input_is_filled_less_than_a_cheap_one(self, steps: float) -> None:
        """Electronics (2,200 credits) up to 2.5 steps, copper (240 credits) up to four; prices are round."""
        for buffer, edge in ((DEAR, FED), (CHEAP, (WIRE, LEFT))):
            units = sum(wanted(lasting(steps, edge), edge).sizes)
            assert units == pytest.approx((buffer.filled - steps) * STEP, abs=2)

    @pytest.mark.parametrize(
        ("edge", "steps", "sent"),
        [
            (FED, 1.4, False),
            (FED, 1.25, False),
            (FED, 1.2, True),
            ((WIRE, LEFT), 1.5, False),
            ((WIRE, LEFT), 1.4, True),
        ],
    )
    def test_a_dear_input_may_fall_lower_than_a_cheap_one(self, edge: Edge, steps: float, sent: bool) -> None:
        """At 1.4 steps copper is topped up already; electronics are left until less than 1.25."""
        assert bool(wanted(lasting(steps, edge), edge).sizes) is sent

    def test_nothing_is_sent_where_nothing_is_missing(self) -> None:
        found = wanted(lasting(-1), missing=0)
        assert found.sizes == ()
        assert found.reason == f"{TARGET} at {SITES[TARGET]} needs no more {LEFT}"

    def test_the_first_load_of_who_prefers_a_way_is_sent_in_any_case(self) -> None:
        """Made, not only bought (ADR 2), even where the inputs lie there in plenty.

        There is no room for it, so it is the least that a ship is sent for: more would only be paid less for.
        """
        world = circuitry(fabricating(units=40))
        set_level(world, SITES[TARGET], LEFT, 6)
        found = wanted(world, missing=40)
        assert found.sizes == (HOLD // 4,)
        assert found.pressing
        world.leg(LEFT, TARGET, LegState.LOADING)
        assert wanted(world, missing=40).sizes == ()

    @pytest.mark.parametrize(
        ("missing", "steps", "sent"), [(3, -1.0, 5), (3, 0.2, 7), (3, 1.0, 10), (9, 0.0, 10), (20, 0.0, 20)]
    )
    def test_the_last_few_units_are_rounded_up_to_what_they_may_become(
        self, missing: int, steps: float, sent: int
    ) -> None:
        """A unit takes 1.5 of an input at most: what lies there is used up sooner, too.

        More would stay there, and less than a quarter of a hold is sent for that reason only.
        """
        assert wanted(lasting(steps), missing=missing).sizes == (sent,)

    def test_less_is_due_than_is_sent(self) -> None:
        """A step is missing, and the market is filled up to 2.5; due are 1.25. No ship flies for less."""
        found = wanted(lasting(-1))
        assert (found.due, sum(found.sizes)) == ((DUE_STEPS + 1) * STEP, (DEAR.filled + 1) * STEP)
        assert wanted(lasting(0.9)).due == HOLD // 4

    def test_what_will_be_due_before_the_next_lift_is_told_too(self) -> None:
        """1.5 steps are left: nothing is sent yet, and a step more is taken before the source gives again."""
        found = wanted(lasting(1.5))
        assert (found.sizes, found.soon) == ((), (SOON_STEPS - 1.5) * STEP)

    def test_no_more_loads_are_sent_than_may_fly(self) -> None:
        """Those that fly already count."""
        world = lasting(-4)
        assert len(wanted(world, policy=Policy(max_loads_per_edge=2)).sizes) == 2
        world.leg(LEFT, TARGET, LegState.LADEN, units=1, delivered=0)
        assert len(wanted(world, policy=Policy(max_loads_per_edge=2)).sizes) == 1


class TestGrowth:
    """An input of a market that is to grow is kept HIGH."""

    @pytest.mark.parametrize(("level", "filled"), [(GROWING_AHEAD, False), (GROWING_AHEAD - 0.1, True)])
    def test_below_high_it_is_filled_up(self, level: float, filled: bool) -> None:
        """HIGH begins at two trade volumes, and three are there once it came."""
        world = lasting(level + 2)
        found = wanted(world, grows=True)
        assert sum(found.sizes) == (round((FULL - level) * STEP) if filled else 0)
        assert not wanted(world, grows=False).sizes

    def test_what_is_brought_for_it_is_not_pressing(self) -> None:
        """Nothing waits for it, and of more that is due the growth is no part."""
        found = wanted(lasting(1.5), grows=True)
        assert (found.pressing, found.due, found.urgency) == (False, 0, 0)
        assert f"{LEFT} is kept HIGH at {SITES[TARGET]}" in found.reason
        short = wanted(lasting(-1), grows=True)
        assert sum(short.sizes) == (FULL + 3) * STEP
        assert short.due == wanted(lasting(-1)).due

    def test_of_the_first_load_no_more_is_due_than_without_it(self) -> None:
        """Others may stand still for what only makes this market grow."""
        world = circuitry(fabricating(units=2000))
        first, grown = wanted(world), wanted(world, grows=True)
        assert first.due == sum(first.sizes) == grown.due < sum(grown.sizes)

    def test_it_is_bought_as_long_as_its_market_is_not_scarce(self) -> None:
        assert wanted(lasting(3), grows=True).deep
        assert not wanted(lasting(1)).deep


class TestBlindFeeding:
    """A market whose prices were not seen may be full, and then pays next to nothing for the rest."""

    def blind(self, world: World, edge: Edge, missing: int = 400) -> tuple[int, ...]:
        found = wanted(world, edge, missing=missing)
        assert found.reason == f"{SITES[edge[1] or '']} gets {edge[0]}, its prices there were not seen"
        return found.sizes

    def test_a_cheap_good_is_brought_for_so_many_credits(self) -> None:
        """50,000 credits are 208 copper at 240; 400 are missing and ten ships might go."""
        assert sum(self.blind(smart(seen=None), (WIRE, LEFT))) == 208

    def test_no_more_is_brought_than_is_missing(self) -> None:
        assert self.blind(smart(seen=None), (WIRE, LEFT), missing=50) == (40, 10)

    def test_of_a_dear_good_one_hold_is_brought_in_any_case(self) -> None:
        """Where it was not seen either how much of it is traded at a time."""
        assert self.blind(smart(seen=None), FED) == (HOLD,)

    def test_of_a_dear_good_one_trade_volume_is_brought(self) -> None:
        """20 at its source: the ship sees what more is needed, and other chains may need it sooner."""
        world = smart()
        world.markets[SITES[TARGET]] = replace(world.markets[SITES[TARGET]], listings=(), observed_at=None)
        assert self.blind(world, FED) == (20,)

    def test_for_a_few_units_of_it_no_ship_flies(self) -> None:
        """208 less five loads of 40 that fly."""
        world = smart(seen=None)
        for _ in range(5):
            world.leg(WIRE, LEFT, LegState.LADEN)
        assert self.blind(world, (WIRE, LEFT)) == ()

    @pytest.mark.parametrize("mine", [True, False], ids=["own", "of another order"])
    def test_what_flies_already_counts(self, mine: bool) -> None:
        """Five chains that all feed it blindly bring no more together than one does alone."""
        world = smart(seen=None)
        whose = world if mine else world.another("G")
        whose.leg(WIRE, LEFT, LegState.LADEN)
        whose.leg(LEFT, TARGET, LegState.LADEN)
        assert sum(self.blind(world, (WIRE, LEFT))) == 208 - HOLD
        assert self.blind(world, FED) == ()


class TestTogether:
    """What one order brings to a market is there for all.

    Of so many units 20 can be loaded, and a step of 20 is made of what lies below the edge; the left half is
    20 short of it.
    """

    def world(self, units: int) -> World:
        world = begun(smart(units))
        set_level(world, SITES[TARGET], LEFT, -3)
        return world

    def other(self, world: World, units: int, **wish: Any) -> World:
        request = FactoryRequest(Strategy.SMART, units, **wish)
        return world.another("G", legs=list(world.legs), request=request)

    def test_two_that_are_short_of_the_same_input_send_one_hold_and_not_two_halves(self) -> None:
        """60 units are wanted together, 40 made, of 20 above the edge."""
        world = self.world(30)
        assert together(world)["F"].sizes == (20,)
        self.other(world, 30)
        found = together(world)
        assert (found["F"].sizes, found["G"].sizes) == ((40,), ())
        assert found["G"].reason == f"{TARGET} at {SITES[TARGET]} needs no more {LEFT}"

    def test_who_lacks_most_brings_it(self) -> None:
        world = self.world(20)
        self.other(world, 50)
        found = together(world)
        assert (found["F"].sizes, found["G"].sizes) == ((), (40, 10))

    @pytest.mark.parametrize("units", [20, 50])
    def test_nobody_relies_on_one_that_is_held_up(self, units: int) -> None:
        """It may use no ship that there is: whoever lives on the same market brings its own."""
        world = self.world(20)
        self.other(world, units, ships=("S9",))
        assert together(world)["F"].sizes == (20,)

    def test_a_ship_that_waits_for_money_counts_for_its_own_order_alone(self) -> None:
        """Its order sends no second one; the others bring what they lack themselves."""
        waits = {"failure": "no money", "not_before": after(900), "units": 200}
        world = lasting(-1)
        assert wanted(world).sizes
        world.leg(LEFT, TARGET, LegState.LOADING, **waits)
        assert wanted(world).sizes == ()
        world = self.world(30)
        self.other(world, 30).leg(LEFT, TARGET, LegState.LOADING, **waits)
        found = together(world)
        assert (sum(found["F"].sizes) > 0, found["G"].sizes) == (True, ())


def test_loads_fill_holds_and_the_last_takes_the_rest() -> None:
    assert loads_of(100, HOLD, 5) == (40, 40, 20)
    assert loads_of(100, HOLD, 2) == (40, 40)
    assert loads_of(0, HOLD, 2) == ()
