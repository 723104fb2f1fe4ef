"""One pass over a factory: what is flown next, and what stops it from being flown."""

from dataclasses import replace
from typing import Any

import pytest
from tests.planning.flow_world import (
    LEFT,
    ORE,
    POLICY,
    RIGHT,
    SAND,
    SHOPS,
    SINK,
    SITES,
    TARGET,
    WIRE,
    World,
    after,
    buy,
    circuitry,
    claim,
    edge_of,
    edges,
    listing,
    make,
    market,
    node,
    ship,
)
from tests.planning.shared_market import set_level
from tests.wishes import fabricating

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.factory import FactoryRequest, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.flow import next_pass
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import Verdict

SELL = fabricating(terminal=Terminal.SELL)


def test_nothing_is_lifted_and_nothing_made_before_its_inputs() -> None:
    """The first pass asks for what can be bought, for every use, and for nothing else."""
    decision = circuitry().decide()
    assert decision.verdict is Verdict.CONTINUE
    assert set(edges(decision.lots)) == {(ORE, WIRE), (SAND, LEFT), (SAND, RIGHT)}


def test_a_good_made_of_a_good_that_is_missing_waits_and_says_for_what() -> None:
    """A node whose inputs have not come names them and the place where they are wanted."""
    waiting = node(circuitry().decide(), TARGET)
    assert waiting.state is NodeState.WAITING_SOURCE
    assert waiting.reason == f"waits for {LEFT}, {RIGHT} at {SITES[TARGET]}"


def test_a_leg_starts_when_its_own_good_exists_whatever_its_siblings_do() -> None:
    """One half of the chain is carried on while the other half has not even been begun."""
    world = circuitry()
    world.feed(LEFT)
    world.supply(SITES[LEFT], LEFT, Supply.HIGH)
    assert (LEFT, TARGET) in edges(world.decide().lots)


def test_a_shared_input_serves_both_its_uses() -> None:
    """Copper goes to both factories that need it, as two legs from one source."""
    world = circuitry()
    world.feed(WIRE)
    world.supply(SITES[WIRE], WIRE, Supply.MODERATE)
    wire = [demand for demand in world.decide().lots if demand.good == WIRE]
    assert {(one.feeds, one.destination, one.source) for one in wire} == {
        (LEFT, SITES[LEFT], SITES[WIRE]),
        (RIGHT, SITES[RIGHT], SITES[WIRE]),
    }


def test_a_load_is_as_large_as_the_largest_hold_that_may_be_used() -> None:
    """Ships that are excluded do not set the size of a load."""
    world = circuitry(fabricating(exclude=("BIG",)))
    world.fleet(ship("BIG", hold=300), ship("SMALL", hold=15), ship("MIDDLE", hold=60))
    assert {demand.units for demand in world.decide().lots} == {60}


def test_deeper_lots_weigh_more() -> None:
    """What is farther from the target holds up more of the chain and is matched first."""
    worth = {edge_of(one): one.worth.at(0) for one in circuitry().decide().lots}
    assert worth[ORE, WIRE] > worth[SAND, LEFT] > 0


def test_nothing_is_wanted_while_no_hold_exists() -> None:
    """A load would be cut to one unit; the nodes say instead that no ship carries cargo."""
    world = circuitry().fleet(ship("PROBE", hold=0))
    decision = world.decide()
    assert decision.lots == ()
    waiting = node(decision, SAND)
    assert waiting.state is NodeState.WAITING_SHIP
    assert "all are probes" in waiting.reason


@pytest.mark.parametrize(
    ("fleet", "why"),
    [
        ((), "the player has no ship"),
        ((ship("PROBE", hold=0),), "no ship carries cargo"),
        ((ship("FAR", "X1-V-A"),), "1 of 1 ships in another system"),
        ((ship("FULL", cargo={"FOOD": 40}),), "1 of 1 ships laden with other goods"),
    ],
)
def test_a_factory_that_must_not_wait_for_ships_fails_at_once(fleet: tuple[Any, ...], why: str) -> None:
    """With fail-if-no-ship the first pass ends the factory and counts the ships that could not work."""
    world = circuitry(fabricating(fail_if_no_ship=True)).fleet(*fleet)
    decision = world.decide()
    assert decision.verdict is Verdict.FAIL
    assert why in decision.reason
    assert (decision.lots, decision.nodes) == ((), ())


def test_a_factory_that_has_begun_does_not_fail_for_want_of_a_ship() -> None:
    """fail-if-no-ship asks about the start only: later its own workers hold the ships."""
    world = circuitry(fabricating(fail_if_no_ship=True), ships=1)
    assert world.assign(world.step().lots)
    assert world.decide().verdict is Verdict.CONTINUE


def test_without_the_wish_to_fail_a_factory_waits_for_a_ship() -> None:
    """Busy ships make the nodes wait with the count, not the factory fail."""
    world = circuitry(ships=2)
    world.claims |= {"S1": claim("S1"), "S2": claim("S2")}
    waiting = node(world.step(), SAND)
    assert waiting.state is NodeState.WAITING_SHIP
    assert "2 of 2 ships busy: no ship is free" in waiting.reason


class TestUnits:
    """A number of units becomes loads."""

    def lifts(self, units: int | None, *, ships: int = 3, policy: Policy = POLICY) -> list[int]:
        world = ready_to_lift(fabricating(units=units), ships=ships)
        world.policy = policy
        return [one.units for one in world.decide().lots if one.feeds is None]

    @pytest.mark.parametrize(
        ("units", "sizes"), [(None, [40]), (1, [1]), (40, [40]), (41, [40, 1]), (100, [40, 40, 20])]
    )
    def test_units_are_shared_out_over_holds(self, units: int | None, sizes: list[int]) -> None:
        """Every lift takes a hold full, the last one what is left; without a number it is one hold."""
        assert self.lifts(units) == sizes

    def test_lifts_are_capped_like_every_edge(self) -> None:
        """A wish for ten thousand units opens three lifts, not two hundred and fifty."""
        assert self.lifts(10_000) == [40, 40, 40]
        assert self.lifts(10_000, policy=Policy(max_loads_per_edge=1)) == [40]

    def test_inputs_go_on_while_capped_lifts_do_not_bring_all_that_is_asked(self) -> None:
        """Three open lifts of a large order leave units to make, so the inputs are still wanted."""
        world = ready_to_lift(fabricating(units=10_000))
        for lot in world.step().lots:
            if lot.feeds is None:
                world.fly(lot)
        wanted = edges(world.step().lots)
        assert wanted.count((TARGET, TARGET)) == 0
        assert wanted.count((LEFT, TARGET)) == POLICY.max_loads_per_edge

    def test_what_open_lifts_have_reserved_is_not_asked_for_again(self) -> None:
        """Need is units less what was lifted and what open lifts are about to lift."""
        world = ready_to_lift(fabricating(units=100))
        world.leg(TARGET, TARGET, bought=30)
        world.leg(TARGET, TARGET, LegState.LOADING, units=40)
        assert [one.units for one in world.decide().lots if one.feeds is None] == [30]

    @pytest.mark.parametrize(("units", "fed"), [(20, 0), (60, 20), (70, 30)])
    def test_feeding_follows_the_units_that_are_asked_for(self, units: int, fed: int) -> None:
        """20 units lie there, a step is made of what lies below the edge, and the rest takes one each."""
        world = circuitry(fabricating(units=units))
        world.feed(TARGET, LEFT, RIGHT, WIRE)
        for half in (LEFT, RIGHT):
            set_level(world, SITES[TARGET], half, -2)
            set_level(world, SITES[half], half, 6)
        loads = [lot.units for lot in world.decide().lots if edge_of(lot) == (LEFT, TARGET)]
        assert sum(loads) == fed


class TestWantedNoLonger:
    """A lot that gets no ship is wanted again as long as there is a reason for it, and no longer."""

    def test_an_input_of_what_can_be_lifted_is_wanted_no_longer(self) -> None:
        """Once the product is there, a second load of its input waits for nothing."""
        world = circuitry()
        assert (SAND, LEFT) in edges(world.step().lots)
        world.feed(TARGET, LEFT, RIGHT, WIRE)
        for good, site in SITES.items():
            world.supply(site, good, Supply.HIGH)
        assert edges(world.step().lots) == [(TARGET, TARGET)]

    @pytest.mark.parametrize("state", [LegState.LOADING, LegState.LADEN])
    def test_a_leg_is_never_withdrawn(self, state: LegState) -> None:
        """A worker flies it, and waits for money with it: only its worker ends it."""
        world = ready_to_lift()
        world.leg(SAND, LEFT, state, rule=SpendRule.BALANCE, failure="no money", not_before=after(150))
        assert world.decide().withdrawn == ()

    def test_a_load_that_flies_is_wanted_by_no_second_lot(self) -> None:
        """Where all that is wanted flies, nothing waits for a ship."""
        world = circuitry()
        world.leg(SAND, LEFT, LegState.LADEN, units=500)
        assert (SAND, LEFT) not in edges(world.decide().lots)

    def test_an_edge_that_left_the_tree_is_wanted_no_longer(self) -> None:
        """When a good is bought after all, loads of what it was made of are dropped."""
        world = circuitry()
        assert (ORE, WIRE) in edges(world.step().lots)
        world.tree = make(TARGET, make(LEFT, buy(SAND), buy(WIRE)), make(RIGHT, buy(SAND), buy(WIRE)))
        assert ORE not in {lot.good for lot in world.step().lots}

    def test_a_flying_leg_of_an_edge_that_left_the_tree_is_waited_for(self) -> None:
        """Its ship has work until it ends, so the factory is not complete before."""
        world = ready_to_lift()
        world.leg(TARGET, TARGET)
        world.leg(ORE, WIRE, LegState.LADEN)
        world.tree = make(TARGET, make(LEFT, buy(SAND)), make(RIGHT, buy(SAND)))
        assert world.decide().verdict is Verdict.CONTINUE

    def test_nothing_is_loaded_at_a_source_known_to_be_scarce(self) -> None:
        """No ship is sent to a market that is known to have nothing (fail closed), and the node says so."""
        world = circuitry()
        assert SAND in {lot.good for lot in world.step().lots}
        world.supply(SHOPS[SAND], SAND, Supply.SCARCE)
        decision = world.step()
        assert SAND not in {lot.good for lot in decision.lots}
        waiting = node(decision, SAND)
        assert waiting.state is NodeState.WAITING_SOURCE
        assert "SCARCE, parked until it recovers" in waiting.reason

    def test_a_source_that_recovers_is_used_in_the_next_pass(self) -> None:
        world = circuitry()
        world.supply(SHOPS[SAND], SAND, Supply.SCARCE)
        assert SAND not in {lot.good for lot in world.step().lots}
        world.supply(SHOPS[SAND], SAND, Supply.MODERATE)
        assert {(SAND, LEFT), (SAND, RIGHT)} <= set(edges(world.step(30).lots))

    def test_data_that_has_grown_old_is_looked_at_first(self) -> None:
        """Nothing is known against the source: seen again as it was, the same is wanted from there."""
        world = circuitry()
        before = world.step().lots
        decision = world.step(POLICY.market_ttl + 1)
        assert decision.lots == ()
        assert node(decision, SAND).look_at == (SHOPS[SAND],)
        world.look()
        assert edges(world.step().lots) == edges(before)


class TestDecidedAnew:
    """A lot that has no ship yet follows the best source and the best place; what flies does not."""

    def test_a_load_comes_from_the_source_that_is_best_by_now(self) -> None:
        """The reason names the new source; all else about the lot stays."""
        world = circuitry()
        before = [lot for lot in world.step().lots if lot.good == SAND]
        world.supply(SHOPS[SAND], SAND, Supply.LIMITED)
        world.show(market("X1-W-N", listing(SAND, supply=Supply.ABUNDANT)))
        moved = [lot for lot in world.step(30).lots if lot.good == SAND]
        assert {lot.source for lot in moved} == {"X1-W-N"}
        assert all("X1-W-N" in lot.reason for lot in moved)
        assert [(lot.key, lot.since) for lot in moved] == [(lot.key, lot.since) for lot in before]

    @pytest.mark.parametrize("state", [LegState.LOADING, LegState.LADEN])
    def test_a_ship_under_way_is_not_called_back(self, state: LegState) -> None:
        """It counts as the load of its edge, whatever source it has."""
        world = circuitry()
        before = edges(world.decide().lots).count((SAND, LEFT))
        leg = world.leg(SAND, LEFT, state, source="X1-W-ELSEWHERE")
        assert edges(world.step().lots).count((SAND, LEFT)) == before - 1
        assert world.legs == [leg]

    def test_a_load_goes_where_its_output_is_made_by_now(self) -> None:
        """When the output is made elsewhere, nothing more is brought to the old place."""
        world = circuitry()
        world.step()
        new = replace(make(LEFT, *world.tree.children[0].children), factory_waypoint="X1-W-E2")
        world.tree = make(TARGET, new, world.tree.children[1])
        world.show(replace(world.markets[SITES[LEFT]], waypoint="X1-W-E2"))
        assert {lot.destination for lot in world.step().lots if edge_of(lot) == (SAND, LEFT)} == {"X1-W-E2"}

    def test_a_lot_keeps_its_age_from_pass_to_pass(self) -> None:
        """So it goes first in the end, also where another of its edge has found a ship meanwhile."""
        world = circuitry()
        assert {lot.since for lot in world.step(5).lots} == {after(5)}
        again = world.step(700).lots
        assert again
        assert {lot.since for lot in again} == {after(5)}
        world.leg(SAND, RIGHT, LegState.LOADING)
        world.step(5)
        assert {lot.since for lot in world.step(5).lots if lot.good == SAND} == {after(5)}


class TestComplete:
    """When a factory is over."""

    def test_nothing_lifted_is_not_complete(self) -> None:
        """A factory without a unit goes on."""
        assert ready_to_lift().decide().verdict is Verdict.CONTINUE

    def test_any_lifted_unit_completes_without_a_number(self) -> None:
        """One unit will do where no number was asked for."""
        world = ready_to_lift()
        world.leg(TARGET, TARGET, bought=1)
        decision = world.decide()
        assert decision.verdict is Verdict.COMPLETE
        assert decision.reason == f"1 unit of {TARGET} is made"

    def test_one_unit_short_is_not_complete(self) -> None:
        """39 of 40 units ask for another lift, of one unit."""
        world = ready_to_lift(fabricating(units=40))
        world.leg(TARGET, TARGET, bought=39)
        decision = world.decide()
        assert decision.verdict is Verdict.CONTINUE
        assert [one.units for one in decision.lots if one.feeds is None] == [1]

    @pytest.mark.parametrize("state", [LegState.LOADING, LegState.LADEN])
    def test_a_ship_under_way_keeps_the_factory_open(self, state: LegState) -> None:
        """All legs must have ended, so that no ship is left behind."""
        world = ready_to_lift()
        world.leg(TARGET, TARGET, bought=40)
        world.leg(SAND, LEFT, state)
        assert world.decide().verdict is Verdict.CONTINUE

    def test_nothing_is_wanted_at_the_end(self) -> None:
        """A complete factory has no lots, whatever its inputs lack."""
        world = circuitry()
        assert world.step().lots
        world.leg(TARGET, TARGET, bought=40)
        decision = world.decide()
        assert decision.verdict is Verdict.COMPLETE
        assert (decision.lots, decision.withdrawn) == ((), ())

    def test_every_node_of_a_complete_factory_is_done(self) -> None:
        """The last word about a node is DONE, not that it waits for a ship."""
        world = circuitry()
        assert node(world.step(), SAND).state is NodeState.WAITING_SHIP
        world.leg(TARGET, TARGET, bought=40)
        decision = world.decide()
        assert decision.verdict is Verdict.COMPLETE
        assert {one.state for one in decision.nodes} == {NodeState.DONE}
        assert {one.next_check for one in decision.nodes} == {None}

    def test_a_node_that_was_never_described_says_why_it_is_done(self) -> None:
        """A factory may be complete in the first pass that sees it."""
        world = circuitry()
        world.leg(TARGET, TARGET, bought=40)
        decision = world.decide()
        assert {one.good for one in decision.nodes} == {one.good for one in world.tree.flatten()}
        assert {one.reason for one in decision.nodes} == {decision.reason}

    def test_what_a_broken_lift_bought_stays_in_the_hold_and_counts(self) -> None:
        """A lift that failed after its purchase need not be made again: the units are where they belong."""
        world = ready_to_lift(fabricating(units=40))
        world.leg(TARGET, TARGET, LegState.FAILED, bought=40)
        assert world.decide().verdict is Verdict.COMPLETE


class TestSell:
    """Output that is to be sold."""

    def test_the_output_is_sold_to_the_importer(self) -> None:
        """The lift ends at the market that pays most."""
        (lift,) = [one for one in ready_to_lift(SELL).decide().lots if one.feeds is None]
        assert lift.destination == SINK
        assert "sells at X1-W-Z (import)" in lift.reason

    def test_bought_but_unsold_units_do_not_complete(self) -> None:
        """Only what was delivered counts."""
        world = ready_to_lift(SELL)
        world.leg(TARGET, TARGET, LegState.FAILED, bought=40, delivered=0, destination=SINK)
        assert world.decide().verdict is Verdict.CONTINUE

    def test_sold_units_complete(self) -> None:
        """Delivered units are the measure, whatever was bought."""
        world = ready_to_lift(replace(SELL, units=30))
        world.leg(TARGET, TARGET, bought=40, delivered=30, destination=SINK)
        assert world.decide().verdict is Verdict.COMPLETE

    def test_what_a_broken_lift_sold_is_not_made_again(self) -> None:
        """Of 40 units 25 were sold before the lift failed: 15 are still wanted."""
        world = ready_to_lift(replace(SELL, units=40))
        world.leg(TARGET, TARGET, LegState.FAILED, bought=40, delivered=25, destination=SINK)
        assert [one.units for one in world.decide().lots if one.feeds is None] == [15]

    def test_a_lift_that_sells_right_now_is_counted_once(self) -> None:
        """What an open lift has sold is lifted, the rest of it is reserved, and nothing is asked twice."""
        world = ready_to_lift(replace(SELL, units=40))
        world.leg(TARGET, TARGET, LegState.LADEN, bought=40, delivered=25, destination=SINK)
        assert not [one for one in world.decide().lots if one.feeds is None]
        assert world.snapshot().lifted == 25
        assert world.snapshot().lifting == 15

    def test_without_a_sink_the_output_is_not_lifted_and_the_node_says_why(self) -> None:
        """The maker alone trades the good and pays half for it: the output waits there, with a reason."""
        world = ready_to_lift(SELL)
        del world.markets[SINK]
        decision = world.step()
        assert not [one for one in decision.lots if one.feeds is None]
        waiting = node(decision, TARGET)
        assert waiting.state is NodeState.WAITING_SOURCE
        assert f"but no market to sell {TARGET} at: " in waiting.reason
        assert "makes it" in waiting.reason
        assert waiting.next_check is not None

    def test_one_seller_at_a_sink(self) -> None:
        """The second best market pays too little: one lift is wanted, pass after pass, and none beside it."""
        world = ready_to_lift(replace(SELL, continuous=True))
        world.supply(SITES[TARGET], TARGET, Supply.ABUNDANT)
        world.supply(SINK, TARGET, Supply.SCARCE)
        world.show(replace(world.markets[SINK], waypoint="X1-W-Y"))
        world.supply("X1-W-Y", TARGET, Supply.ABUNDANT)
        for _ in range(3):
            lifts = [lot for lot in world.step().lots if lot.feeds is None]
            assert [lot.destination for lot in lifts] == [SINK]
        world.fly(lifts[0])
        assert [lot for lot in world.step().lots if lot.feeds is None] == []

    def test_the_output_is_lifted_when_a_sink_is_found(self) -> None:
        """A market that turns up later ends the wait."""
        world = ready_to_lift(SELL)
        sink = world.markets.pop(SINK)
        world.step()
        world.show(sink)
        assert [one.destination for one in world.step().lots] == [SINK]

    def test_a_sink_that_was_never_seen_is_looked_at_first(self) -> None:
        """Where every buyer is unseen the output waits and names the markets to look at."""
        world = ready_to_lift(SELL)
        world.show(market(SINK, listing(TARGET, TradeType.IMPORT), seen=None))
        decision = world.decide()
        assert decision.lots == ()
        assert node(decision, TARGET).look_at == (SINK,)

    @pytest.mark.parametrize("lot", [40, None], ids=["a-number", "without-end"])
    def test_what_would_be_sold_for_less_than_it_asks_waits_for_a_better_price(self, lot: int | None) -> None:
        """No ship flies there only to find that out, and the reason tells both prices."""
        world = ready_to_lift(replace(SELL, units=lot, continuous=lot is None))
        world.supply(SINK, TARGET, Supply.ABUNDANT)
        decision = world.decide()
        assert [one for one in decision.lots if one.feeds is None] == []
        waiting = node(decision, TARGET)
        asks = world.markets[SITES[TARGET]].listing(TARGET)
        pays = world.markets[SINK].listing(TARGET)
        assert asks is not None
        assert pays is not None
        assert f"{SINK} pays {pays.bid:,} for what asks {asks.ask:,}" in waiting.reason

    def test_another_maker_is_a_sink_of_last_resort(self) -> None:
        """An exporter elsewhere buys too, and the reason says that it pays little."""
        world = ready_to_lift(SELL)
        del world.markets[SINK]
        world.supply(SITES[TARGET], TARGET, Supply.ABUNDANT)
        world.show(market("X1-W-B", listing(TARGET, supply=Supply.SCARCE)))
        (lift,) = world.decide().lots
        assert lift.destination == "X1-W-B"
        assert "no market seen imports it, so the bid is low" in lift.reason


class TestBackOff:
    """What failed is tried again, later and elsewhere."""

    def failed(self, times: int) -> World:
        world = circuitry()
        for _ in range(times):
            world.leg(SAND, LEFT, LegState.FAILED)
        return world

    @pytest.mark.parametrize(
        ("times", "wait"), [(1, 15), (2, 30), (3, 60), (4, 120), (6, 480), (7, 600), (8, 600), (2_000, 600)]
    )
    def test_the_wait_doubles_up_to_its_limit(self, times: int, wait: int) -> None:
        """15 s after one failure, ten minutes at most, after two thousand failures too."""
        again = [one for one in self.failed(times).decide().lots if one.feeds == LEFT]
        assert {one.not_before for one in again} == {after(wait)}

    def test_another_edge_of_the_same_good_does_not_wait(self) -> None:
        """The back-off belongs to the edge that failed (law L9)."""
        other = [one for one in self.failed(3).decide().lots if edge_of(one) == (SAND, RIGHT)]
        assert {one.not_before for one in other} == {None}

    def test_a_load_that_went_well_ends_the_back_off(self) -> None:
        """Failures count in a row only."""
        world = self.failed(3)
        world.leg(SAND, LEFT)
        world.leg(ORE, WIRE)
        again = [one for one in world.decide().lots if one.feeds == LEFT]
        assert all(one.not_before is None for one in again)

    def test_a_cancelled_leg_is_no_failure(self) -> None:
        """A ship that found nothing to buy broke nothing."""
        world = circuitry()
        world.leg(SAND, LEFT, LegState.CANCELLED)
        assert all(one.not_before is None for one in world.decide().lots)

    def test_another_source_is_tried_first(self) -> None:
        """A source at which a leg failed is left alone for the longest back-off."""
        world = self.failed(1)
        world.show(market("X1-W-N", listing(SAND, supply=Supply.MODERATE)))
        assert {one.source for one in world.decide().lots if one.good == SAND} == {"X1-W-N"}
        world.now = after(POLICY.retry_limit + 1)
        world.look()
        assert {one.source for one in world.decide().lots if one.good == SAND} == {SHOPS[SAND]}

    def test_another_source_that_is_too_dear_is_not_tried(self) -> None:
        """A purchase above the ceiling would be refused: the first is tried again after its pause."""
        world = self.failed(1)
        world.show(market("X1-W-N", listing(SAND, supply=Supply.LIMITED)))
        assert {one.source for one in world.decide().lots if one.good == SAND} == {SHOPS[SAND]}

    def test_a_leg_that_failed_with_its_load_says_nothing_about_the_source(self) -> None:
        """Where something was bought, the source is not to blame."""
        world = circuitry()
        world.show(market("X1-W-N", listing(SAND, supply=Supply.MODERATE)))
        world.leg(SAND, LEFT, LegState.FAILED, bought=20)
        assert {one.source for one in world.decide().lots if one.good == SAND} == {SHOPS[SAND]}

    def test_a_lone_source_is_tried_again_after_the_back_off(self) -> None:
        """Where nobody else sells the good, avoiding its only market would stop the factory."""
        again = [one for one in self.failed(1).decide().lots if one.feeds == LEFT]
        assert {(one.source, one.not_before) for one in again} == {(SHOPS[SAND], after(15))}

    @pytest.mark.parametrize(("times", "told"), [(2, False), (3, True), (5, True)])
    def test_the_error_is_reported_after_the_attempts(self, times: int, told: bool) -> None:
        """From the third failure in a row the node tells the error (scenario C11)."""
        reason = node(self.failed(times).decide(), SAND).reason
        assert (f"failed {times} times, last with it broke" in reason) is told


def test_the_next_pass_comes_with_the_next_check() -> None:
    """The planner sleeps until a node is due, and never longer than its interval."""
    world = circuitry()
    decision = world.decide()
    assert next_pass(decision, world.now, POLICY) == POLICY.planner_interval
    soon = replace(decision.nodes[0], next_check=after(7))
    late = replace(decision.nodes[1], next_check=after(7000))
    past = replace(decision.nodes[2], next_check=after(-7))
    assert next_pass(replace(decision, nodes=(soon, late, past)), world.now, POLICY) == 7
    assert next_pass(replace(decision, nodes=(late,)), world.now, POLICY) == POLICY.planner_interval
    assert next_pass(replace(decision, nodes=(past,)), world.now, POLICY) == POLICY.planner_interval


def ready_to_lift(request: FactoryRequest | None = None, *, ships: int = 3) -> World:
    """All inputs were delivered and every product can be taken."""
    world = circuitry(request, ships=ships)
    world.feed(TARGET, LEFT, RIGHT, WIRE)
    for good, site in SITES.items():
        world.supply(site, good, Supply.HIGH)
    return world
