"""The factories of one player at the same markets: who brings what, and to whom a scarce good is left."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.planning.flow_world import (
    LEFT,
    RIGHT,
    SAND,
    SHOPS,
    SINK,
    SITES,
    START,
    TARGET,
    WIRE,
    World,
    after,
    circuitry,
    listing,
    market,
    node,
    ship,
)
from tests.planning.test_acquisition import RECIPES
from tests.planning.test_needs import HOLD, set_level, smart

from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.supply_chain import Acquisition, NodeState, SupplyChainNode
from goodsfactory.planning.chain.acquisition import Stake
from goodsfactory.planning.chain.resolver import resolve
from goodsfactory.planning.requirements.availability import Availability
from goodsfactory.planning.requirements.demand import EdgeDemand
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.needs import Needs, needs
from goodsfactory.planning.requirements.neighbours import COUNTS_FOR, Neighbours, Want, expected, going_on
from goodsfactory.planning.requirements.urgency import urgencies
from goodsfactory.planning.requirements.wanting import wants_of
from goodsfactory.planning.snapshot import FactoryDecision

PRESSING, IDLE = 1e6, 0.0
"""Urgencies above and below whatever these factories have."""


def want(good: str, at: str, units: int, *, short: int = 0, urgency: float = PRESSING) -> Want:
    return Want(at, good, units, short, urgency, "MACHINERY")


def lot(
    good: str,
    feeds: str | None,
    units: int,
    *,
    value: int = 1000,
    urgency: float = 0.0,
    at: str | None = None,
) -> Lot:
    """A load that another factory wants, from where the good is made to the market of its output."""
    place = at or SITES.get(feeds or "", SINK)
    return Lot("G", good, feeds, SITES[good], place, units, value, "wanted", START, urgency=urgency)


def wants(world: World, good: str) -> Want:
    found = [one for one in world.wants() if one.good == good]
    assert len(found) == 1
    return found[0]


def sent(decision: FactoryDecision, good: str, output: str | None = None) -> int:
    """Units for which there are lots."""
    return sum(one.units for one in decision.lots if one.good == good and output in (None, one.feeds))


def made_at(world: World, volume: int) -> World:
    """Make the target at a market of this trade volume; inputs are SCARCE there, in tranches of 20."""
    taken, empty = TradeType.IMPORT, Supply.SCARCE
    return world.show(
        market(
            SITES[TARGET],
            listing(TARGET, supply=Supply.LIMITED, volume=volume),
            listing(LEFT, taken, empty),
            listing(RIGHT, taken, empty),
        )
    )


def short_of_electronics(*, steps: float = -4, request: FactoryRequest | None = None) -> World:
    """Electronics for so many steps lie where the target is made, and where they are made there are none."""
    world = smart(200) if request is None else circuitry(request)
    world.feed(TARGET)
    world.now = after(1)
    world.look()
    set_level(world, SITES[TARGET], LEFT, steps - 2)
    world.supply(SITES[LEFT], LEFT, Supply.SCARCE)
    return world


class TestView:
    def test_legs_are_found_by_where_they_load_and_what_they_feed(self) -> None:
        leg = World().leg(LEFT, TARGET, LegState.LADEN)
        seen = Neighbours([leg])
        assert seen.feeding(SITES[TARGET], LEFT) == [leg]
        assert seen.loading(SITES[LEFT], LEFT) == [leg]
        assert not seen.feeding(SITES[LEFT], LEFT)
        assert not seen.loading(SITES[TARGET], LEFT)
        assert seen.feeding(None, LEFT) == seen.feeding(SITES[TARGET], RIGHT) == ()

    @pytest.mark.parametrize("clears", [False, True])
    def test_what_is_sold_at_a_market_feeds_nothing(self, clears: bool) -> None:
        """It was not meant as an input, and the next one may be sold elsewhere; what it loads counts."""
        leg = replace(World().leg(LEFT, TARGET, LegState.LADEN), feeds=None, clears=clears)
        seen = Neighbours([leg])
        assert seen.feeding(SITES[TARGET], LEFT) == ()
        assert seen.loading(SITES[LEFT], LEFT) == [leg]

    def test_only_more_urgent_wants_that_lack_something_now_come_first(self) -> None:
        more, same = want(SAND, "A", 9, short=5, urgency=2.1), want(SAND, "A", 9, short=5, urgency=2.0)
        later, elsewhere = want(SAND, "A", 9), want(SAND, "B", 9, short=5)
        seen = Neighbours((), (more, same, later, elsewhere))
        assert seen.more_urgent("A", SAND, 2.0) == [more]
        assert seen.wanted("A", SAND) == 27

    def test_lots_are_found_by_where_they_load_and_what_they_feed(self) -> None:
        """Whoever is more urgent, or as urgent and worth as much, is counted; a lift brings nothing."""
        feeding, lifting = lot(LEFT, TARGET, 30, urgency=2.0, value=500), lot(LEFT, None, 12, value=900)
        seen = Neighbours(lots=(feeding, lifting))
        asked = [(0.0, 0), (0.0, 901), (2.0, 500), (2.0, 501), (2.1, 0)]
        assert [seen.claimed(SITES[LEFT], LEFT, *one) for one in asked] == [42, 30, 30, 0, 0]
        assert seen.promised_to(SITES[TARGET], LEFT) == 30
        assert seen.claimed(SITES[TARGET], LEFT) == seen.claimed(None, LEFT) == 0
        assert seen.promised_to(SITES[LEFT], LEFT) == seen.promised_to(SITES[TARGET], RIGHT) == 0

    @pytest.mark.parametrize(
        ("state", "waited", "not_before", "counts"),
        [
            (LegState.LADEN, COUNTS_FOR * 9, None, True),
            (LegState.LADEN, COUNTS_FOR * 9, timedelta(minutes=5), True),
            (LegState.LOADING, COUNTS_FOR * 9, None, True),
            (LegState.LOADING, COUNTS_FOR / 2, timedelta(minutes=5), False),
            (LegState.LOADING, COUNTS_FOR * 2, timedelta(minutes=-5), False),
            (LegState.LOADING, COUNTS_FOR / 2, timedelta(minutes=-5), True),
        ],
    )
    def test_a_leg_that_is_held_up_holds_nobody_back_for_ever(
        self, state: LegState, waited: timedelta, not_before: timedelta | None, counts: bool
    ) -> None:
        """What moves counts, and for half an hour what tries again; what waits for money does not."""
        leg = circuitry().leg(LEFT, TARGET, state)
        now = leg.created_at + waited
        if not_before is not None:
            leg = replace(leg, not_before=now + not_before, failure="floor: no money")
        assert going_on([leg], now) == ([leg] if counts else [])

    @pytest.mark.parametrize(
        ("waited", "not_before", "counts"),
        [
            (COUNTS_FOR / 2, None, True),
            (COUNTS_FOR * 2, None, False),
            (COUNTS_FOR / 2, timedelta(minutes=5), False),
            (COUNTS_FOR / 2, timedelta(minutes=-5), True),
        ],
    )
    def test_a_lot_that_gets_no_ship_holds_nobody_back_for_ever(
        self, waited: timedelta, not_before: timedelta | None, counts: bool
    ) -> None:
        """For half an hour what waits for a ship counts; what waits for money does not."""
        now = START + waited
        one = lot(LEFT, TARGET, 40)
        if not_before is not None:
            one = replace(one, not_before=now + not_before)
        assert expected([one], now) == ([one] if counts else [])


class TestSharedImports:
    def test_what_another_factory_brings_is_not_brought_a_second_time(self) -> None:
        world = smart(200)
        alone = needs(world.snapshot(), HOLD).to_deliver[LEFT, TARGET]
        world.neighbours = Neighbours([smart().leg(LEFT, TARGET, LegState.LADEN)])
        assert needs(world.snapshot(), HOLD).to_deliver[LEFT, TARGET] == alone - HOLD

    def test_what_another_factory_is_about_to_bring_is_not_brought_a_second_time(self) -> None:
        """Its lot has no ship yet, and counts as one that flies; one that only passes by does not."""
        world = smart(200)
        alone = needs(world.snapshot(), HOLD).to_deliver[LEFT, TARGET]
        world.neighbours = Neighbours(lots=[lot(LEFT, TARGET, 30), lot(LEFT, TARGET, 99, at="X1-W-Q")])
        assert needs(world.snapshot(), HOLD).to_deliver[LEFT, TARGET] == alone - 30

    def test_nothing_is_sent_while_others_fill_an_import(self) -> None:
        """Three loads of 40 lift it from -120 to its edge at -40 and two and a half steps of 20 further."""
        world = smart(100)
        world.feed(TARGET)
        world.now = after(1)
        world.look()
        set_level(world, SITES[LEFT], LEFT, 0)
        assert sent(world.decide(), LEFT, TARGET) > 0
        others = [smart().leg(LEFT, TARGET, LegState.LADEN, units=units) for units in (50, 50, 30)]
        world.neighbours = Neighbours(others)
        assert sent(world.decide(), LEFT, TARGET) == 0

    def test_a_load_that_others_bring_elsewhere_counts_nothing(self) -> None:
        world = smart(200)
        alone = needs(world.snapshot(), HOLD)
        world.neighbours = Neighbours([smart().leg(WIRE, RIGHT, LegState.LADEN)])
        assert needs(world.snapshot(), HOLD).to_deliver[WIRE, LEFT] == alone.to_deliver[WIRE, LEFT]


class TestSharedExports:
    """80 units of the target can be loaded before it is SCARCE, and its inputs are at their edge."""

    def world(self) -> World:
        world = smart(60)
        world.feed(TARGET)
        world.now = after(1)
        world.look()
        set_level(world, SITES[TARGET], TARGET, 0)
        for half in (LEFT, RIGHT):
            set_level(world, SITES[TARGET], half, -2)
        return world

    def test_one_factory_alone_takes_what_is_there(self) -> None:
        found = needs(self.world().snapshot(), HOLD)
        assert found.to_make[TARGET] == 0
        assert found.to_deliver[LEFT, TARGET] == 0

    def test_two_that_want_more_than_there_is_have_inputs_brought_both(self) -> None:
        """60 and 60 of 80: 40 must be made, the last 20 of what lies there; nobody knows who is late."""
        one, two = self.world(), self.world()
        told = one.wants(), two.wants()
        one.neighbours, two.neighbours = Neighbours((), told[1]), Neighbours((), told[0])
        for world in (one, two):
            found = needs(world.snapshot(), HOLD)
            assert found.to_make[TARGET] == 40
            assert found.to_deliver[LEFT, TARGET] == 20

    def test_none_has_more_brought_than_its_own_share(self) -> None:
        """However much others want, 60 units take 40 of each input, and one step; others bring theirs."""
        world = self.world()
        world.neighbours = Neighbours((), [want(TARGET, SITES[TARGET], 5000)])
        found = needs(world.snapshot(), HOLD)
        assert found.to_make[TARGET] == 60
        assert found.to_deliver[LEFT, TARGET] == 40

    def test_who_wants_nothing_more_brings_nothing_for_others(self) -> None:
        world = self.world()
        world.leg(TARGET, TARGET, LegState.DONE, units=60, bought=60)
        world.neighbours = Neighbours((), [want(TARGET, SITES[TARGET], 5000)])
        assert needs(world.snapshot(), HOLD).to_deliver[LEFT, TARGET] == 0

    def test_what_others_have_yet_to_load_is_spoken_for(self) -> None:
        """100 units can be lifted at once: with 60 of them promised, 40."""
        world = self.world()
        assert sent(world.decide(), TARGET) == 60
        world.neighbours = Neighbours([smart().leg(TARGET, TARGET, LegState.LOADING, units=60)])
        assert sent(world.decide(), TARGET) <= 40


class TestUrgency:
    def urgency(self, volume: int, **wish: Any) -> float:
        """Of the inputs of the target, 60 units of which are to be made."""
        world = made_at(World(request=FactoryRequest(Strategy.SMART, 60, **wish)), volume)
        return urgencies(world.snapshot(), Needs({}, {}, {}, {TARGET: 60}))[TARGET]

    def test_a_small_market_needs_its_inputs_before_a_large_one(self) -> None:
        """60 units are ten steps of six and one step of sixty."""
        assert self.urgency(6) == 1 + 10
        assert self.urgency(60) == 1 + 1

    def test_priority_multiplies(self) -> None:
        assert self.urgency(6, priority=3) == 3 * self.urgency(6)

    def test_the_longest_work_on_the_way_to_the_target_counts(self) -> None:
        """A quick intermediate of a slow target holds the target up; each recipe adds a step."""
        world = circuitry(FactoryRequest(Strategy.SMART, 60))
        for good, output in world.tree.edges():
            set_level(world, SITES[output.good], good.good, -2)
        urgent = urgencies(world.snapshot(), Needs({}, {}, {}, {TARGET: 100, LEFT: 20, RIGHT: 400}))
        assert urgent == {TARGET: 6, LEFT: 7, RIGHT: 21, WIRE: 22}


class TestScarceSources:
    """Electronics are MODERATE by two volumes: 40 units down to SCARCE and one tranche, for two factories."""

    def world(self, volume: int) -> World:
        world = made_at(smart(200, ships=8), volume)
        set_level(world, SITES[LEFT], LEFT, -2)
        return world

    def test_who_has_more_work_waiting_goes_first(self) -> None:
        """Both tell what they lack. The slow market takes what it would alone, the fast one the rest."""
        slow, fast = self.world(6), self.world(60)
        alone, lacks = sent(slow.decide(), LEFT), wants(slow, LEFT)
        assert lacks.short > 0
        assert lacks.urgency > wants(fast, LEFT).urgency
        told = slow.wants(), fast.wants()
        slow.neighbours, fast.neighbours = Neighbours((), told[1]), Neighbours((), told[0])
        assert sent(slow.decide(), LEFT) == alone == 60
        assert sent(fast.decide(), LEFT) == 60 - lacks.short

    def test_a_higher_priority_outranks_a_slower_market(self) -> None:
        """200 units are 33 steps against three, so a priority of 100 turns it round."""
        slow, fast = self.world(6), self.world(60)
        fast.request = replace(fast.request, priority=100)
        slow.neighbours = Neighbours((), fast.wants())
        assert sent(slow.decide(), LEFT) == 0

    def test_the_node_says_for_whom_its_good_is_left(self) -> None:
        world = self.world(20)
        world.neighbours = Neighbours((), [want(LEFT, SITES[LEFT], 100, short=100)])
        decision = world.decide()
        assert sent(decision, LEFT) == 0
        held = node(decision, LEFT)
        assert held.reason.endswith("what is not kept for MACHINERY")
        assert held.state is NodeState.PRODUCING
        assert held.next_check is not None

    @pytest.mark.parametrize(
        ("good", "place", "state"),
        [
            (LEFT, SITES[LEFT], NodeState.PRODUCING),
            (SAND, SHOPS[SAND], NodeState.WAITING_SOURCE),
        ],
    )
    def test_a_source_with_too_little_for_a_ship_is_looked_at_again(
        self, good: str, place: str, state: NodeState
    ) -> None:
        """For some 15 units no ship with a hold of 80 is sent, so none would see that there are more."""
        world = smart(200).fleet(*(ship(f"S{number}", hold=80) for number in range(4)))
        others = [one for one in world.markets[place].listings if one.good != good]
        world.show(market(place, listing(good, volume=5), *others))
        set_level(world, place, good, -1.9)
        decision = world.step()
        assert sent(decision, good) == 0
        assert node(decision, good).state is state
        assert node(decision, good).next_check is not None
        world.now += timedelta(seconds=1000)
        world.look(*(set(world.markets) - {place}))
        assert node(world.step(), good).look_at == (place,)

    @pytest.mark.parametrize(
        ("short", "factor", "left"),
        [(100, 1.01, 0), (30, 1.01, 30), (100, 1.0, 60), (100, 0.5, 60), (0, 9, 60)],
    )
    def test_only_the_more_urgent_is_left_something(self, short: int, factor: float, left: int) -> None:
        """Equally urgent, less urgent, or lacking nothing right now, another factory holds nobody back."""
        world = self.world(20)
        snapshot = world.snapshot()
        ours = urgencies(snapshot, needs(snapshot, HOLD))[TARGET]
        assert ours > 1
        other = want(LEFT, SITES[LEFT], 100, short=short, urgency=ours * factor)
        world.neighbours = Neighbours((), [other])
        assert sent(world.decide(), LEFT) == left

    def test_what_is_brought_ahead_of_need_can_wait(self) -> None:
        """More than a step of input is left here: whoever lacks it now goes first, however small its work."""
        world = self.world(20)
        world.feed(TARGET)
        world.now = after(1)
        world.look()
        set_level(world, SITES[TARGET], LEFT, -0.9)
        assert sent(world.decide(), LEFT) > 0
        world.neighbours = Neighbours((), [want(LEFT, SITES[LEFT], 60, short=60, urgency=0.1)])
        assert sent(world.decide(), LEFT) == 0

    @pytest.mark.parametrize(("state", "left"), [(LegState.LOADING, 0), (LegState.LADEN, 60)])
    def test_legs_of_others_have_their_share_of_the_stock(self, state: LegState, left: int) -> None:
        """One of them has yet to load 40 of the 60 units.

        The other 20 are the last tranche, which whoever comes last may not get: what is left is seen then.
        """
        world = self.world(20)
        world.neighbours = Neighbours([smart().leg(LEFT, TARGET, state, destination="X1-W-Q")])
        assert sent(world.decide(), LEFT) == left


class TestWants:
    def test_one_want_a_good_at_the_market_where_it_is_loaded(self) -> None:
        """Sand and wire feed two goods each and are told of once, with all the units of both."""
        world = smart(200)
        told = world.wants()
        found = needs(world.snapshot(), HOLD).to_load
        assert {(one.good, one.waypoint, one.units) for one in told} == {
            (good, (SITES | SHOPS)[good], units) for good, units in found.items() if units
        }
        assert len(told) == len({one.good for one in told}) == 6
        assert {one.target for one in told} == {TARGET}

    def test_a_lack_is_told_with_the_work_that_waits_for_it(self) -> None:
        """Nothing is left of the input and the source has none: what is sent as soon as it has is lacking."""
        world = short_of_electronics()
        lack = wants(world, LEFT)
        snapshot = world.snapshot()
        assert 0 < lack.short <= lack.units
        assert lack.urgency == urgencies(snapshot, needs(snapshot, HOLD))[TARGET] > 1

    def test_what_is_only_brought_ahead_of_need_is_no_lack(self) -> None:
        """1.1 steps are left: another load is due, and nothing waits for it yet."""
        assert wants(short_of_electronics(steps=0.9), LEFT).short > 0
        assert wants(short_of_electronics(steps=1.1), LEFT).short == 0

    def test_the_target_itself_is_never_lacking(self) -> None:
        """It is wanted, but a lift holds up nothing."""
        told = wants(smart(200), TARGET)
        assert (told.units, told.short) == (200, 0)

    def test_a_continuous_factory_lacks_nothing(self) -> None:
        """It always could use more, and would stand before everybody else for ever."""
        endless = FactoryRequest(Strategy.SMART, continuous=True, terminal=Terminal.SELL)
        world = short_of_electronics(request=endless)
        told = world.wants()
        assert any(one.units for one in told)
        assert {one.short for one in told} == {0}

    @pytest.mark.parametrize(("continuous", "short"), [(True, 0), (False, 30)])
    def test_even_what_presses_a_continuous_factory_is_no_lack(self, continuous: bool, short: int) -> None:
        """Its demands never press by themselves; if one did, it would still hold nobody back."""
        world = short_of_electronics(request=FactoryRequest(Strategy.SMART, None if continuous else 200))
        world.request = replace(world.request, continuous=continuous)
        ready = {one.good: Availability(None, "none there") for one in world.tree.flatten()}
        pressing = EdgeDemand(LEFT, TARGET, 1, "needed now", sizes=(30,), lacking=30, pressing=True)
        snapshot = world.snapshot()
        found = needs(snapshot, HOLD)
        urgent = urgencies(snapshot, found)
        told = wants_of(snapshot, ready, {(LEFT, TARGET): pressing}, found, urgent, world.now)
        assert [one.short for one in told if one.good == LEFT] == [short]

    def test_the_older_strategies_tell_nothing(self) -> None:
        """They know no units beyond a load, and hold nobody back."""
        assert circuitry(FactoryRequest(Strategy.PREFER_FABRICATE, 200)).wants() == ()


class TestWeighing:
    """ABUNDANT electronics: 200 units can be had without making any."""

    def electronics(self, others: int, at: str = SITES[LEFT]) -> SupplyChainNode:
        world = circuitry()
        world.supply(SITES[LEFT], LEFT, Supply.ABUNDANT)
        tree = resolve(
            TARGET,
            RECIPES,
            list(world.markets.values()),
            world.chart,
            strategy=Strategy.SMART,
            max_depth=12,
            stake=Stake(40, 40, hour=1_000_000),
            neighbours=Neighbours((), [want(LEFT, at, others)]),
        )
        return next(one for one in tree.flatten() if one.good == LEFT)

    @pytest.mark.parametrize("others", [0, 160])
    def test_what_is_enough_for_all_is_bought(self, others: int) -> None:
        found = self.electronics(others)
        assert found.acquisition is Acquisition.BUY
        assert "has enough for the 40 units wanted" in found.reason

    @pytest.mark.parametrize("others", [161, 5000])
    def test_what_is_enough_for_us_alone_is_not_enough(self, others: int) -> None:
        """Both ways are weighed then, for the 40 units that are wanted here and no more."""
        found = self.electronics(others)
        assert "has enough" not in found.reason
        assert "40 units bought cost" in found.reason

    def test_what_others_will_take_away_is_made_where_time_is_dear(self) -> None:
        assert self.electronics(5000).acquisition is Acquisition.FABRICATE

    def test_wants_at_other_markets_change_nothing(self) -> None:
        assert self.electronics(5000, at="X1-W-Q").acquisition is Acquisition.BUY
