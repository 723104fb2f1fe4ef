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
from tests.wishes import fabricating

from goodsfactory.domain.factory import FactoryRequest, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.flow import next_pass
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.snapshot import Verdict

SELL = fabricating(terminal=Terminal.SELL)


def test_nothing_is_lifted_and_nothing_made_before_its_inputs() -> None:
    """The first pass asks for what can be bought, once for every use, and for nothing else."""
    decision = circuitry().decide()
    assert decision.verdict is Verdict.CONTINUE
    assert sorted(edges(decision.demands)) == [(ORE, WIRE), (SAND, LEFT), (SAND, RIGHT)]


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
    assert (LEFT, TARGET) in edges(world.decide().demands)


def test_a_shared_input_serves_both_its_uses() -> None:
    """Copper goes to both factories that need it, as two legs from one source."""
    world = circuitry()
    world.feed(WIRE)
    world.supply(SITES[WIRE], WIRE, Supply.MODERATE)
    wire = [demand for demand in world.decide().demands if demand.good == WIRE]
    assert {(one.feeds, one.destination, one.source) for one in wire} == {
        (LEFT, SITES[LEFT], SITES[WIRE]),
        (RIGHT, SITES[RIGHT], SITES[WIRE]),
    }


def test_a_load_is_as_large_as_the_largest_hold_that_may_be_used() -> None:
    """Ships that are excluded do not set the size of a load."""
    world = circuitry(fabricating(exclude=("BIG",)))
    world.fleet(ship("BIG", hold=300), ship("SMALL", hold=15), ship("MIDDLE", hold=60))
    assert {demand.units for demand in world.decide().demands} == {60}


def test_deeper_legs_weigh_more() -> None:
    """What is farther from the target holds up more of the chain and is matched first."""
    value = {edge_of(one): one.value for one in circuitry().decide().demands}
    assert value[ORE, WIRE] > value[SAND, LEFT] > 0


def test_no_leg_is_opened_while_no_hold_exists() -> None:
    """A load would be cut to one unit; the nodes say instead that no ship carries cargo."""
    world = circuitry().fleet(ship("PROBE", hold=0))
    decision = world.decide()
    assert decision.demands == ()
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
    assert (decision.demands, decision.nodes) == ((), ())


def test_a_factory_that_has_begun_does_not_fail_for_want_of_a_ship() -> None:
    """fail-if-no-ship asks about the start only: later its own workers hold the ships."""
    world = circuitry(fabricating(fail_if_no_ship=True), ships=1)
    world.step()
    world.claims["S1"] = claim("S1")
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
        return [one.units for one in world.decide().demands if one.feeds is None]

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
        world.step()
        assert world.step().withdrawn == ()
        assert len(world.open_legs(LEFT, TARGET)) == POLICY.max_loads_per_edge

    def test_what_open_lifts_have_reserved_is_not_asked_for_again(self) -> None:
        """Need is units less what was lifted and what open lifts are about to lift."""
        world = ready_to_lift(fabricating(units=100))
        world.leg(TARGET, TARGET, bought=30)
        world.leg(TARGET, TARGET, LegState.LOADING, units=40)
        assert [one.units for one in world.decide().demands if one.feeds is None] == [30]

    def test_feeding_follows_the_units_that_are_asked_for(self) -> None:
        """Two holds of output ask for two loads of every input from the start."""
        decision = circuitry(fabricating(units=80)).decide()
        assert sorted(edges(decision.demands)) == 2 * [(ORE, WIRE)] + 2 * [(SAND, LEFT)] + 2 * [(SAND, RIGHT)]


class TestWithdrawn:
    """READY legs that nobody needs any more."""

    def test_what_the_edge_no_longer_wants_is_withdrawn_with_the_reason(self) -> None:
        """Once the product can be lifted, a second load of its input waits for nothing."""
        world = ready_to_lift()
        extra = world.leg(SAND, LEFT, LegState.READY)
        decision = world.decide()
        assert [leg.id for leg in decision.withdrawn] == [extra.id]
        assert decision.withdrawn[0].state is LegState.CANCELLED
        assert decision.withdrawn[0].failure

    @pytest.mark.parametrize("state", [LegState.LOADING, LegState.LADEN])
    def test_a_leg_that_has_a_ship_is_never_withdrawn(self, state: LegState) -> None:
        """A worker flies it: only its worker ends it."""
        world = ready_to_lift()
        world.leg(SAND, LEFT, state)
        assert world.decide().withdrawn == ()

    def test_flying_loads_count_before_waiting_ones(self) -> None:
        """Where one load is wanted and one flies, the one that waits is surplus."""
        world = circuitry()
        world.leg(SAND, LEFT, LegState.LADEN)
        waiting = world.leg(SAND, LEFT, LegState.READY)
        assert [leg.id for leg in world.decide().withdrawn] == [waiting.id]

    def test_an_edge_that_left_the_tree_is_withdrawn_and_never_redirected(self) -> None:
        """When a good is bought after all, loads of what it was made of are dropped."""
        world = circuitry()
        orphan = world.leg(ORE, WIRE, LegState.READY, source="X1-W-ELSEWHERE")
        world.tree = make(TARGET, make(LEFT, buy(SAND), buy(WIRE)), make(RIGHT, buy(SAND), buy(WIRE)))
        decision = world.decide()
        assert [leg.id for leg in decision.withdrawn] == [orphan.id]
        assert decision.withdrawn[0].failure == f"{WIRE} is no longer made from {ORE}"
        assert decision.redirected == ()

    def test_a_flying_leg_of_an_edge_that_left_the_tree_is_waited_for(self) -> None:
        """Its ship has work until it ends, so the factory is not complete before."""
        world = ready_to_lift()
        world.leg(TARGET, TARGET)
        world.leg(ORE, WIRE, LegState.LADEN)
        world.tree = make(TARGET, make(LEFT, buy(SAND)), make(RIGHT, buy(SAND)))
        assert world.decide().verdict is Verdict.CONTINUE

    def test_a_source_known_to_be_scarce_parks_the_legs_that_wait(self) -> None:
        """No ship is sent to a market that is known to have nothing (fail closed)."""
        world = circuitry()
        world.step()
        world.supply(SHOPS[SAND], SAND, Supply.SCARCE)
        decision = world.step()
        assert {edge_of(leg) for leg in decision.withdrawn} == {(SAND, LEFT), (SAND, RIGHT)}
        assert "SCARCE, parked until it recovers" in (decision.withdrawn[0].failure or "")
        assert node(decision, SAND).state is NodeState.WAITING_SOURCE
        assert world.step().demands == ()

    def test_parked_legs_come_back_with_the_source(self) -> None:
        """A source that recovers is used in the next pass."""
        world = circuitry()
        world.supply(SHOPS[SAND], SAND, Supply.SCARCE)
        assert SAND not in {demand.good for demand in world.step().demands}
        world.supply(SHOPS[SAND], SAND, Supply.LIMITED)
        assert {(SAND, LEFT), (SAND, RIGHT)} <= set(edges(world.step(30).demands))

    def test_data_that_is_merely_old_parks_nothing(self) -> None:
        """The market is to be looked at; until then the leg stays where it stands in the row."""
        world = circuitry()
        world.step()
        assert world.step(POLICY.market_ttl + 1).withdrawn == ()


class TestRedirected:
    """READY legs follow the best source."""

    def test_a_waiting_leg_goes_to_the_source_that_is_best_by_now(self) -> None:
        """The leg keeps its id and gets the new source with its reason."""
        world = circuitry()
        world.step()
        world.supply(SHOPS[SAND], SAND, Supply.LIMITED)
        world.show(market("X1-W-N", listing(SAND, supply=Supply.ABUNDANT)))
        moved = world.step().redirected
        assert {(leg.good, leg.source) for leg in moved} == {(SAND, "X1-W-N")}
        assert all("X1-W-N" in leg.reason for leg in moved)
        assert world.step().redirected == ()

    @pytest.mark.parametrize("state", [LegState.LOADING, LegState.LADEN, LegState.DONE, LegState.FAILED])
    def test_only_waiting_legs_are_redirected(self, state: LegState) -> None:
        """A ship under way is not called back."""
        world = circuitry()
        world.leg(SAND, LEFT, state, source="X1-W-ELSEWHERE", at=after(-700))
        assert world.decide().redirected == ()

    def test_a_waiting_leg_follows_its_factory_waypoint(self) -> None:
        """When the output is made elsewhere by now, the load goes there."""
        world = circuitry()
        world.step()
        new = replace(make(LEFT, *world.tree.children[0].children), factory_waypoint="X1-W-E2")
        world.tree = make(TARGET, new, world.tree.children[1])
        world.show(replace(world.markets[SITES[LEFT]], waypoint="X1-W-E2"))
        assert {(leg.good, leg.destination) for leg in world.step().redirected} == {(SAND, "X1-W-E2")}

    def test_a_waiting_lift_keeps_its_sink(self) -> None:
        """A lift is only ever given another source."""
        world = ready_to_lift(SELL)
        world.leg(TARGET, TARGET, LegState.READY, source="X1-W-ELSEWHERE", destination=SINK)
        (moved,) = world.decide().redirected
        assert (moved.source, moved.destination) == (SITES[TARGET], SINK)


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
        assert [one.units for one in decision.demands if one.feeds is None] == [1]

    @pytest.mark.parametrize("state", [LegState.LOADING, LegState.LADEN])
    def test_a_ship_under_way_keeps_the_factory_open(self, state: LegState) -> None:
        """All legs must have ended, so that no ship is left behind."""
        world = ready_to_lift()
        world.leg(TARGET, TARGET, bought=40)
        world.leg(SAND, LEFT, state)
        assert world.decide().verdict is Verdict.CONTINUE

    def test_waiting_legs_are_withdrawn_at_the_end(self) -> None:
        """READY legs do not keep a factory open, and none is left behind."""
        world = ready_to_lift()
        world.leg(TARGET, TARGET, bought=40)
        world.leg(SAND, LEFT, LegState.READY)
        decision = world.decide()
        assert decision.verdict is Verdict.COMPLETE
        assert len(decision.withdrawn) == 1
        assert (decision.demands, decision.redirected) == ((), ())

    def test_every_node_of_a_complete_factory_is_done(self) -> None:
        """The last word about a node whose leg was withdrawn is DONE, not that it waits for a ship."""
        world = ready_to_lift()
        world.leg(SAND, LEFT, LegState.READY)
        world.step()
        world.leg(SAND, RIGHT, LegState.READY)
        world.leg(TARGET, TARGET, bought=40)
        for lift in world.open_legs(TARGET, TARGET):
            world.put(replace(lift, state=LegState.CANCELLED))
        decision = world.decide()
        assert decision.verdict is Verdict.COMPLETE
        assert {one.state for one in decision.nodes} == {NodeState.DONE}

    def test_what_a_broken_lift_bought_stays_in_the_hold_and_counts(self) -> None:
        """A lift that failed after its purchase need not be made again: the units are where they belong."""
        world = ready_to_lift(fabricating(units=40))
        world.leg(TARGET, TARGET, LegState.FAILED, bought=40)
        assert world.decide().verdict is Verdict.COMPLETE


class TestSell:
    """Output that is to be sold."""

    def test_the_output_is_sold_to_the_importer(self) -> None:
        """The lift ends at the market that pays most."""
        (lift,) = [one for one in ready_to_lift(SELL).decide().demands if one.feeds is None]
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
        assert [one.units for one in world.decide().demands if one.feeds is None] == [15]

    def test_a_lift_that_sells_right_now_is_counted_once(self) -> None:
        """What an open lift has sold is lifted, the rest of it is reserved, and nothing is asked twice."""
        world = ready_to_lift(replace(SELL, units=40))
        world.leg(TARGET, TARGET, LegState.LADEN, bought=40, delivered=25, destination=SINK)
        assert not [one for one in world.decide().demands if one.feeds is None]
        assert world.snapshot().lifted == 25
        assert world.snapshot().lifting == 15

    def test_without_a_sink_the_output_is_not_lifted_and_the_node_says_why(self) -> None:
        """The maker alone trades the good and pays half for it: the output waits there, with a reason."""
        world = ready_to_lift(SELL)
        del world.markets[SINK]
        decision = world.step()
        assert not [one for one in decision.demands if one.feeds is None]
        waiting = node(decision, TARGET)
        assert waiting.state is NodeState.WAITING_SOURCE
        assert f"but No market to sell {TARGET} at: " in waiting.reason
        assert "makes it" in waiting.reason
        assert waiting.next_check is not None

    def test_a_lift_that_waits_for_a_ship_does_not_stand_in_its_own_way(self) -> None:
        """The second best market pays too little: the lift to the best one stays, pass after pass, alone."""
        world = ready_to_lift(replace(SELL, continuous=True))
        world.supply(SITES[TARGET], TARGET, Supply.ABUNDANT)
        world.supply(SINK, TARGET, Supply.SCARCE)
        world.show(replace(world.markets[SINK], waypoint="X1-W-Y"))
        world.supply("X1-W-Y", TARGET, Supply.ABUNDANT)
        assert [one.destination for one in world.step().demands if one.feeds is None] == [SINK]
        for _ in range(3):
            decision = world.step()
            assert [one for one in decision.demands if one.feeds is None] == []
            assert [leg for leg in decision.withdrawn if leg.feeds is None] == []

    def test_the_output_is_lifted_when_a_sink_is_found(self) -> None:
        """A market that turns up later ends the wait."""
        world = ready_to_lift(SELL)
        sink = world.markets.pop(SINK)
        world.step()
        world.show(sink)
        assert [one.destination for one in world.step().demands] == [SINK]

    def test_a_sink_that_was_never_seen_is_looked_at_first(self) -> None:
        """Where every buyer is unseen the output waits and names the markets to look at."""
        world = ready_to_lift(SELL)
        world.show(market(SINK, listing(TARGET, TradeType.IMPORT), seen=None))
        decision = world.decide()
        assert decision.demands == ()
        assert node(decision, TARGET).look_at == (SINK,)

    def test_another_maker_is_a_sink_of_last_resort(self) -> None:
        """An exporter elsewhere buys too, and the reason says that it pays little."""
        world = ready_to_lift(SELL)
        del world.markets[SINK]
        world.show(market("X1-W-B", listing(TARGET)))
        (lift,) = world.decide().demands
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
        again = [one for one in self.failed(times).decide().demands if one.feeds == LEFT]
        assert [one.not_before for one in again] == [after(wait)]

    def test_another_edge_of_the_same_good_does_not_wait(self) -> None:
        """The back-off belongs to the edge that failed (law L9)."""
        other = [one for one in self.failed(3).decide().demands if edge_of(one) == (SAND, RIGHT)]
        assert [one.not_before for one in other] == [None]

    def test_a_load_that_went_well_ends_the_back_off(self) -> None:
        """Failures count in a row only."""
        world = self.failed(3)
        world.leg(SAND, LEFT)
        world.leg(ORE, WIRE)
        again = [one for one in world.decide().demands if one.feeds == LEFT]
        assert all(one.not_before is None for one in again)

    def test_a_cancelled_leg_is_no_failure(self) -> None:
        """A ship that found nothing to buy broke nothing."""
        world = circuitry()
        world.leg(SAND, LEFT, LegState.CANCELLED)
        assert all(one.not_before is None for one in world.decide().demands)

    def test_another_source_is_tried_first(self) -> None:
        """A source at which a leg failed is left alone for the longest back-off."""
        world = self.failed(1)
        world.show(market("X1-W-N", listing(SAND, supply=Supply.MODERATE)))
        assert {one.source for one in world.decide().demands if one.good == SAND} == {"X1-W-N"}
        world.now = after(POLICY.retry_limit + 1)
        world.look()
        assert {one.source for one in world.decide().demands if one.good == SAND} == {SHOPS[SAND]}

    def test_another_source_that_is_too_dear_is_not_tried(self) -> None:
        """A purchase above the ceiling would be refused: the first is tried again after its pause."""
        world = self.failed(1)
        world.show(market("X1-W-N", listing(SAND, supply=Supply.LIMITED)))
        assert {one.source for one in world.decide().demands if one.good == SAND} == {SHOPS[SAND]}

    def test_a_leg_that_failed_with_its_load_says_nothing_about_the_source(self) -> None:
        """Where something was bought, the source is not to blame."""
        world = circuitry()
        world.show(market("X1-W-N", listing(SAND, supply=Supply.MODERATE)))
        world.leg(SAND, LEFT, LegState.FAILED, bought=20)
        assert {one.source for one in world.decide().demands if one.good == SAND} == {SHOPS[SAND]}

    def test_a_lone_source_is_tried_again_after_the_back_off(self) -> None:
        """Where nobody else sells the good, avoiding its only market would stop the factory."""
        again = [one for one in self.failed(1).decide().demands if one.feeds == LEFT]
        assert [(one.source, one.not_before) for one in again] == [(SHOPS[SAND], after(15))]

    @pytest.mark.parametrize(("times", "told"), [(2, False), (3, True), (5, True)])
    def test_the_error_is_reported_after_the_attempts(self, times: int, told: bool) -> None:
        """From the third failure in a row the node tells the error (scenario C11)."""
        reason = node(self.failed(times).decide(), SAND).reason
        assert (f"failed {times} times, last with it broke" in reason) is told


class TestAdrift:
    """Ships that a broken leg left laden."""

    def world(self, *, ships: tuple[Any, ...]) -> World:
        """Everything was fed and the product can be lifted, so no input is wanted any more."""
        return ready_to_lift().fleet(*ships)

    def test_a_laden_ship_that_nobody_needs_gets_a_leg(self) -> None:
        """The only ship can do nothing else before its cargo is delivered."""
        world = self.world(ships=(ship("S1", cargo={SAND: 30}),))
        legs = [one for one in world.decide().demands if one.good == SAND]
        assert len(legs) == 1
        assert "S1 still carries SILICON_CRYSTALS" in legs[0].reason

    def test_one_leg_for_each_laden_ship(self) -> None:
        """The second pass asks for no more and takes none back."""
        world = self.world(ships=(ship("S1", cargo={SAND: 30}), ship("S2", cargo={SAND: 5}), ship("S3")))
        world.step()
        assert len([leg for leg in world.legs if leg.good == SAND and leg.state is LegState.READY]) == 2
        again = world.step()
        assert (again.demands, again.withdrawn) == ((), ())

    def test_it_is_taken_up_where_the_good_cannot_be_bought_now(self) -> None:
        """What is aboard need not be bought: the leg begins where the ship is and is as large as its load."""
        world = self.world(ships=(ship("S1", "X1-W-Z", cargo={SAND: 30}),))
        world.supply(SHOPS[SAND], SAND, Supply.SCARCE)
        (leg,) = [one for one in world.step().demands if one.good == SAND]
        assert (leg.source, leg.units) == ("X1-W-Z", 30)
        assert world.step().withdrawn == ()

    def test_a_leg_that_is_wanted_anyway_takes_it_up(self) -> None:
        """No leg is added for a ship that a wanted leg will use."""
        world = circuitry().fleet(ship("S1", cargo={SAND: 30}), ship("S2"))
        assert len([one for one in world.decide().demands if one.good == SAND]) == 2

    @pytest.mark.parametrize(
        "cargo", [{"FOOD": 10}, {SAND: 10, "FOOD": 1}, {TARGET: 10}], ids=["foreign", "mixed", "the output"]
    )
    def test_other_cargo_is_left_alone(self, cargo: dict[str, int]) -> None:
        """Only inputs of this factory are taken up; the output belongs in the hold."""
        world = self.world(ships=(ship("S1", cargo=cargo), ship("S2")))
        assert {one.good for one in world.decide().demands} == {TARGET}

    def test_a_ship_that_works_is_not_adrift(self) -> None:
        """Cargo of a claimed ship is its worker's."""
        world = self.world(ships=(ship("S1", cargo={SAND: 10}), ship("S2")))
        world.claims["S1"] = claim("S1")
        assert {one.good for one in world.decide().demands} == {TARGET}


def test_the_next_pass_comes_with_the_next_check() -> None:
    """A coordinator sleeps until a node is due, and never longer than its interval."""
    world = circuitry()
    decision = world.decide()
    assert next_pass(decision, world.now, POLICY) == POLICY.coordinator_interval
    soon = replace(decision.nodes[0], next_check=after(7))
    late = replace(decision.nodes[1], next_check=after(7000))
    past = replace(decision.nodes[2], next_check=after(-7))
    assert next_pass(replace(decision, nodes=(soon, late, past)), world.now, POLICY) == 7
    assert next_pass(replace(decision, nodes=(late,)), world.now, POLICY) == POLICY.coordinator_interval
    assert next_pass(replace(decision, nodes=(past,)), world.now, POLICY) == POLICY.coordinator_interval


def ready_to_lift(request: FactoryRequest | None = None, *, ships: int = 3) -> World:
    """All inputs were delivered and every product can be taken."""
    world = circuitry(request, ships=ships)
    world.feed(TARGET, LEFT, RIGHT, WIRE)
    for good, site in SITES.items():
        world.supply(site, good, Supply.HIGH)
    return world
