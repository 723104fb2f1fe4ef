"""How much of a product is lifted now, and how much is left for later."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.flow_world import SINK, SITES, TARGET, circuitry, listing
from tests.planning.shared_market import HOLD, at_level, sent, set_level, smart

from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Listing, Supply
from goodsfactory.planning.market.stock import net_supply
from goodsfactory.planning.requirements.lifting import last_lifts, next_lifts


def at(volumes: float, volume: int = 20) -> Listing:
    """The target at so many trade volumes of net supply."""
    return at_level(listing(TARGET, volume=volume), volumes)


class TestTheLastLift:
    def test_all_is_lifted_where_there_is_enough(self) -> None:
        """From MODERATE (0) four trade volumes and one tranche more: 100 units of 20."""
        assert last_lifts(100, listing(TARGET), 0, HOLD, 3, 3) == (40, 40, 20)

    def test_a_last_lift_is_left_that_can_be_made_in_one_go(self) -> None:
        """From the edge of LIMITED no more than 60 can be lifted, so 60 of 110 are kept for later."""
        assert sum(last_lifts(110, listing(TARGET), 0, 80, 3, 3)) == 50

    def test_what_others_were_promised_is_left_to_them(self) -> None:
        assert sum(last_lifts(160, listing(TARGET), 100, 80, 3, 3)) == 0

    def test_no_more_ships_than_may_be_sent(self) -> None:
        assert len(last_lifts(10_000, listing(TARGET, supply=Supply.ABUNDANT), 0, HOLD, 2, 2)) == 2

    def test_the_second_pass_leaves_to_the_last_lift_what_the_first_left(self) -> None:
        """Of 110 units 50 are lifted and the other 60 can be the last lift, which takes three ships.

        While two lifts are open only one more may be added. The last one is as large as before all the same:
        by then none of them is.
        """
        assert sum(last_lifts(110, listing(TARGET), 0, HOLD, 3, 3)) == 50
        assert last_lifts(60, listing(TARGET), 50, HOLD, 1, 3) == ()

    @pytest.mark.parametrize("wanted", range(10, 200, 10))
    def test_fewer_ships_now_lift_no_more_now(self, wanted: int) -> None:
        """With one ship to add, as long as three may go at last, no more leaves than with three."""
        of_one = sum(last_lifts(wanted, listing(TARGET), 0, HOLD, 1, 3))
        assert of_one <= sum(last_lifts(wanted, listing(TARGET), 0, HOLD, 3, 3))

    def test_while_another_lift_is_to_come_a_tranche_less_is_sure(self) -> None:
        """It goes from -15 to -31 and -39 of eight: 24 in one go, but only if nobody loads one unit before.

        Whichever comes first would leave the other at SCARCE, for hours; so the rest waits until it is seen.
        """
        seen = at(-15 / 8, volume=8)
        assert last_lifts(24, seen, 0, 80, 3, 3) == (24,)
        assert sum(last_lifts(24, seen, 1, 80, 3, 3)) < 24

    def test_what_stays_for_others_changes_nothing_about_the_order(self) -> None:
        """They load after us: 100 less 20 that are kept can be had in any case, promised ones leave 60."""
        assert sum(last_lifts(80, listing(TARGET), 0, 80, 3, 3, kept=20)) == 80
        assert sum(last_lifts(80, listing(TARGET), 20, 80, 3, 3)) < 80


class TestBeforeTheLastLift:
    @pytest.mark.parametrize(
        ("volumes", "tranches"), [(4, 7), (0, 3), (-1, 2), (-1.5, 1), (-2, 1), (-2.05, 0), (-4, 0)]
    )
    def test_only_tranches_that_begin_at_moderate_are_lifted(self, volumes: float, tranches: int) -> None:
        """LIMITED after them, the market makes as much as it would emptied, and the next ones are cheaper."""
        assert sum(last_lifts(10_000, at(volumes), 0, 80, 9, 9)) == tranches * 20

    def test_a_step_later_the_next_tranche_is_lifted(self) -> None:
        """STRONG, it makes a trade volume a step: each visit takes one, and never at the price of LIMITED."""
        level = -2.5
        for _ in range(3):
            level += 1
            lifted = sum(last_lifts(10_000, at(level), 0, 80, 9, 9))
            assert lifted == 20
            level -= lifted / 20


class TestLastLiftInAnyOrder:
    def test_loads_are_of_whole_tranches_where_the_order_of_the_ships_would_matter(self) -> None:
        """105 of 39 a tranche, from -68 units: 80 and 25 end two short where the small one comes first."""
        assert last_lifts(105, at(-68 / 39, volume=39), 0, 80, 3, 3) == (78, 27)

    def test_holds_are_filled_where_there_is_enough(self) -> None:
        assert last_lifts(105, at(4, volume=39), 0, 80, 3, 3) == (80, 25)

    @pytest.mark.parametrize(("room", "all_of_it"), [(96, False), (99, True)])
    def test_a_small_rest_of_a_load_must_still_be_bought_where_it_comes_last(
        self, room: int, all_of_it: bool
    ) -> None:
        """102 of eleven a tranche by 80 and 22: three of the 80 are bought when 99 are gone."""
        lifted = last_lifts(102, at((room - 44) / 11, volume=11), 0, 80, 3, 3)
        assert (sum(lifted) == 102) is all_of_it

    @given(
        volume=st.integers(5, 60),
        above=st.integers(-20, 240),
        wanted=st.integers(1, 240),
        hold=st.sampled_from([40, 80]),
        chance=st.randoms(use_true_random=False),
    )
    def test_a_last_lift_brings_all_however_its_purchases_follow_each_other(
        self, volume: int, above: int, wanted: int, hold: int, chance: Random
    ) -> None:
        """Ships that are there at the same moment buy a tranche each in turn, in whichever order.

        A unit that is left would be waited for until the market is MODERATE again, for hours.
        """
        seen = at((above - 4 * volume) / volume, volume=volume)
        missing = list(last_lifts(wanted, seen, 0, hold, 3, 3))
        if sum(missing) < wanted:
            return
        level = net_supply(seen)
        while any(missing):
            ship = chance.choice([number for number, units in enumerate(missing) if units])
            assert level >= -4 * volume, f"{missing} of {wanted} are left"
            tranche = min(volume, missing[ship])
            missing[ship] -= tranche
            level -= tranche


class TestWhatThePricesDoNotShowYet:
    """A ship buys tranche by tranche, and looks before each: its newest purchase is in its leg alone."""

    @pytest.mark.parametrize(
        ("seen_after", "source", "left"),
        [(10, SITES[TARGET], 40), (0, SITES[TARGET], 20), (-10, SITES[TARGET], 20), (-10, "X1-W-Q", 80)],
    )
    def test_a_tranche_bought_since_the_market_was_looked_at_is_gone(
        self, seen_after: int, source: str, left: int
    ) -> None:
        """80 may be lifted before the last lift as it was seen, and 40 of them are still to be loaded.

        Of the two tranches that the ship has bought the market showed the first when it looked again.
        """
        world = smart(400)
        world.feed(TARGET)
        world.now += timedelta(seconds=60)
        world.leg(TARGET, TARGET, LegState.LOADING, units=80, bought=40, source=source)
        world.now += timedelta(seconds=seen_after)
        world.look()
        set_level(world, SITES[TARGET], TARGET, 1)
        world.now += timedelta(seconds=20)
        assert sent(world.decide(), TARGET) == left


class TestWithoutEnd:
    """A chain that goes on sells what it lifts: the sale decides how deep a purchase pays, not the market."""

    @pytest.mark.parametrize(("volumes", "tranches"), [(0, 5), (-2, 3), (-4, 1), (-4.05, 0)])
    def test_each_lift_goes_as_deep_as_it_may(self, volumes: float, tranches: int) -> None:
        assert sum(next_lifts(at(volumes), 0, 80, 9)) == tranches * 20

    def test_what_others_load_or_need_stays(self) -> None:
        assert sum(next_lifts(listing(TARGET), 40, 80, 9, kept=20)) == 40

    @pytest.mark.parametrize(
        ("terminal", "endless", "lifted"),
        [
            (Terminal.SELL, True, 40),
            (Terminal.STOCK, True, 20),
            (Terminal.HOLD, True, 20),
            (Terminal.HOLD, False, 20),
        ],
    )
    def test_a_sale_without_end_lifts_deeper_and_what_is_kept_does_not(
        self, terminal: Terminal, endless: bool, lifted: int
    ) -> None:
        """At the edge of LIMITED one tranche of 20 may be lifted, and another 40 until it is SCARCE."""
        world = circuitry(FactoryRequest(Strategy.SMART, 200, terminal=terminal, continuous=endless), ships=9)
        world.supply(SINK, TARGET, Supply.SCARCE)
        set_level(world, SITES[TARGET], TARGET, -2)
        assert sent(world.decide(), TARGET) == lifted


class TestReadyLevel:
    @pytest.mark.parametrize(
        ("ready", "volumes", "tranches"),
        [
            (Supply.LIMITED, -3, 2),
            (Supply.SCARCE, -3, 2),
            (Supply.MODERATE, -3, 0),
            (Supply.MODERATE, 3, 6),
            (Supply.HIGH, 3, 2),
            (Supply.ABUNDANT, 3, 0),
        ],
    )
    def test_before_the_last_lift_nothing_is_taken_below_it(
        self, ready: Supply, volumes: float, tranches: int
    ) -> None:
        """`policy.ready_supply` says from where on it is lifted; nothing SCARCE is bought in any case."""
        sizes = last_lifts(10_000, at(volumes), 0, 80, 9, 9, ready=ready)
        assert sum(sizes) == tranches * 20

    def test_it_is_the_policy_that_says_so(self) -> None:
        world = smart(400)
        world.policy = replace(world.policy, ready_supply=Supply.LIMITED)
        world.feed(TARGET)
        world.now += timedelta(seconds=60)
        world.look()
        set_level(world, SITES[TARGET], TARGET, -3)
        assert sent(world.decide(), TARGET) == 40
