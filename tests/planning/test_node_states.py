"""What a node is told to wait for: a state, a sentence, since when and until when (law L8)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

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
    after,
    buy,
    circuitry,
    claim,
    make,
    node,
    ship,
)
from tests.wishes import fabricating

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.decision import at_clock
from goodsfactory.planning.dispatch.eligibility import Kept
from goodsfactory.planning.looking.lookout import NO_SCOUT

NO_MONEY: dict[str, Any] = {"failure": "no money", "rule": SpendRule.FLOOR}


def refused(rule: SpendRule, why: str) -> dict[str, Any]:
    """Facts of a leg that was given back: the same purchase is held up for two minutes and a half."""
    return {"failure": why, "rule": rule, "not_before": after(150)}


def producing() -> World:
    """Copper ore was delivered this instant; no copper can be lifted yet."""
    world = circuitry()
    world.feed(WIRE)
    world.supply(SITES[WIRE], WIRE, Supply.SCARCE)
    world.look()
    return world


class TestProductionChecks:
    """A market that was fed is looked at after 30 s, then every 60 s, without end."""

    def test_the_first_check_comes_half_a_minute_after_the_delivery(self) -> None:
        """It is counted from the delivery, not from the pass that noticed it."""
        world = producing()
        told = node(world.step(5), WIRE)
        assert told.state is NodeState.PRODUCING
        assert (told.next_check, told.checks) == (after(30), 0)

    def test_every_further_check_comes_a_minute_after_the_last(self) -> None:
        """Each check whose time has come counts once."""
        world = producing()
        world.step()
        told = [node(world.step(seconds), WIRE) for seconds in (30, 60, 60)]
        assert [(one.next_check, one.checks) for one in told] == [
            (after(90), 1),
            (after(150), 2),
            (after(210), 3),
        ]

    def test_a_pass_before_the_check_is_due_counts_nothing(self) -> None:
        """Passes come with every change in the store; checks do not."""
        world = producing()
        world.step()
        assert node(world.step(29), WIRE).checks == 0
        assert node(world.step(0.5), WIRE).next_check == after(30)

    def test_a_check_that_was_due_long_ago_is_set_into_the_future(self) -> None:
        """After an hour in which nobody ran, the next check is not in the past."""
        told = node(producing().step(3600), WIRE)
        assert told.state is NodeState.PRODUCING
        assert told.next_check == after(3630)
        assert told.look_at == (SITES[WIRE],)

    def test_checks_go_on_for_ever(self) -> None:
        """There is no time-out: a thousand looks later the node still produces."""
        world = producing()
        world.step()
        for _ in range(1000):
            told = node(world.step(60), WIRE)
        assert (told.state, told.checks) == (NodeState.PRODUCING, 1000)
        assert told.since == after(0)

    def test_another_state_starts_counting_anew(self) -> None:
        """Once lifted and drained again, the wait for the next product begins with no checks."""
        world = producing()
        world.step()
        world.step(30)
        world.supply(SITES[WIRE], WIRE, Supply.HIGH)
        assert node(world.step(60), WIRE).state is NodeState.WAITING_SHIP
        world.now = after(150)
        world.supply(SITES[WIRE], WIRE, Supply.SCARCE)
        told = node(world.step(), WIRE)
        assert (told.state, told.checks, told.since) == (NodeState.PRODUCING, 0, after(150))

    def test_the_sentence_names_the_level_that_is_missing_and_when_it_should_be_reached(self) -> None:
        """Two trade volumes are missing, and a WEAK market makes a quarter of one in half an hour."""
        world = producing()
        reason = node(world.step(), WIRE).reason
        sentence = f"{SITES[WIRE]} has {WIRE} SCARCE, lifted from LIMITED up"
        seen = world.now
        due = at_clock(seen + timedelta(hours=4), seen)
        assert reason == f"{sentence}: due at about {due} if it stays WEAK"
        assert node(world.step(10), WIRE).reason == reason, "the same hour, whenever it is read"


class TestWaitingForAShip:
    """What stands between a load and its ship."""

    def test_a_state_keeps_its_since(self) -> None:
        """Later passes tell the same beginning."""
        world = circuitry()
        world.step()
        assert [node(world.step(30), SAND).since for _ in range(3)] == [after(0)] * 3

    def test_a_full_ship_explains_itself(self) -> None:
        """One ship with a full hold can lift no more of what it carries."""
        world = World(tree=make(WIRE, buy(ORE))).fleet(ship("S1", cargo={WIRE: 40}))
        world.markets = circuitry().markets
        world.feed(WIRE)
        world.supply(SITES[WIRE], WIRE, Supply.HIGH)
        told = node(world.step(), WIRE)
        assert told.state is NodeState.WAITING_SHIP
        assert f"S1 can load no more {WIRE}, and no other ship is free" in told.reason

    def test_a_ship_that_keeps_what_is_to_be_sold_explains_itself(self) -> None:
        """Room would not help: nobody sells it but its owner."""
        world = World(tree=make(WIRE, buy(ORE)), request=fabricating(units=40, terminal=Terminal.SELL))
        world.fleet(ship("S1", cargo={WIRE: 40}))
        world.kept["S1"] = Kept("made by factory F9")
        world.markets = circuitry().markets
        world.feed(WIRE)
        world.supply(SITES[WIRE], WIRE, Supply.HIGH)
        told = node(world.step(), WIRE)
        assert told.state is NodeState.WAITING_SHIP
        assert told.reason.endswith(f"S1 keeps 40 {WIRE}: `spacetraders ships sell S1` frees it")

    def test_a_free_ship_is_about_to_be_sent(self) -> None:
        """Until the plan is carried out there is nothing else to wait for."""
        assert "a ship is about to be sent" in node(circuitry().step(), SAND).reason

    def test_after_a_failure_nobody_is_about_to_be_sent(self) -> None:
        """The back-off holds the next load back, from pass to pass."""
        world = circuitry()
        world.leg(SAND, LEFT, LegState.FAILED)
        world.leg(SAND, RIGHT, LegState.FAILED)
        told = node(world.step(5), SAND)
        assert told.state is NodeState.WAITING_SHIP
        assert told.reason.endswith(f"; tries again at {at_clock(after(15), after(0))}")
        told = node(world.step(4), SAND)
        again = f"tries again at {at_clock(after(15), after(0))}"
        assert (told.reason.rpartition("; ")[2], told.next_check) == (again, after(15))
        assert node(world.step(6), SAND).reason.endswith("; a ship is about to be sent")

    @pytest.mark.parametrize(
        ("rule", "waits"),
        [(SpendRule.FLOOR, NodeState.WAITING_BUDGET), (SpendRule.CEILING, NodeState.WAITING_PRICE)],
    )
    def test_a_wait_for_money_lasts_through_its_attempts(self, rule: SpendRule, waits: NodeState) -> None:
        """A ship that flies to be refused once more ends nothing; one that buys does."""
        world = circuitry()
        world.leg(SAND, LEFT, LegState.CANCELLED, **refused(rule, "no"))
        world.step()
        world.now = after(200)
        leg = world.leg(SAND, LEFT, LegState.LOADING, ship="S1")
        told = node(world.step(), SAND)
        assert (told.state, told.since) == (waits, after(0))
        assert told.reason == f"S1 is on its way to {SHOPS[SAND]} for {SAND}, to try again"
        world.put(leg.give_back("no", rule, after(400), world.now))
        assert node(world.step(), SAND).since == after(0)
        world.put(replace(leg, state=LegState.LADEN, bought=10))
        assert node(world.step(10), SAND).state is NodeState.IN_TRANSIT

    @pytest.mark.parametrize(
        ("rule", "state"),
        [
            *((rule, NodeState.WAITING_BUDGET) for rule in SpendRule if rule.is_about_money),
            *((rule, NodeState.WAITING_PRICE) for rule in SpendRule if rule.is_about_prices),
        ],
    )
    @pytest.mark.parametrize("sentence", ["floor: 20 may cost 1,300", "price: dear", "Nobody may."])
    def test_a_load_that_money_stopped_says_so(
        self, rule: SpendRule, state: NodeState, sentence: str
    ) -> None:
        """The guard decides what is waited for, its sentence is the reason, and is never read."""
        world = circuitry()
        world.leg(SAND, LEFT, LegState.CANCELLED, **refused(rule, sentence))
        told = node(world.step(), SAND)
        assert (told.state, told.reason, told.next_check) == (state, sentence, after(150))

    def test_an_old_refusal_is_not_told_once_the_wait_is_over(self) -> None:
        """When the load may be tried again but every ship is busy, it waits for a ship, not for money."""
        world = circuitry(ships=1)
        world.leg(SAND, LEFT, LegState.CANCELLED, **refused(SpendRule.FLOOR, "no money"))
        world.step()
        world.claims["S1"] = claim("S1")
        told = node(world.step(151), SAND)
        assert told.state is NodeState.WAITING_SHIP
        assert "1 of 1 ships busy" in told.reason


class TestUnderWay:
    """Legs with a ship."""

    def test_a_ship_on_its_way_is_named_with_its_goal(self) -> None:
        """LOADING flies to the source, LADEN to the destination."""
        world = circuitry()
        world.leg(SAND, LEFT, LegState.LOADING, ship="S1")
        world.leg(SAND, RIGHT, LegState.LADEN, ship="S2", bought=12)
        told = node(world.step(), SAND)
        assert told.state is NodeState.IN_TRANSIT
        assert f"S1 is on its way to {SHOPS[SAND]} for {SAND}" in told.reason
        assert f"S2 carries 12 {SAND} to {SITES[RIGHT]}" in told.reason

    @pytest.mark.parametrize(
        ("failure", "rule", "state"),
        [
            ("2 FUEL may cost 200", SpendRule.FLOOR, NodeState.WAITING_BUDGET),
            ("X1-W-E pays 1 for COPPER that cost 9", SpendRule.PRICE, NodeState.WAITING_PRICE),
            ("The game server failed.", None, NodeState.IN_TRANSIT),
        ],
    )
    def test_a_voyage_that_is_held_up_says_by_what_and_until_when(
        self, failure: str, rule: SpendRule | None, state: NodeState
    ) -> None:
        """A laden ship that waits for money or a price makes its node wait; an outage is told too."""
        world = circuitry()
        held: dict[str, Any] = {"failure": failure, "rule": rule, "not_before": after(90)}
        leg = world.leg(SAND, LEFT, LegState.LADEN, ship="S1", bought=12, **held)
        told = node(world.step(), SAND)
        assert (told.state, told.next_check) == (state, after(90))
        assert told.reason == f"S1 carries 12 {SAND} to {SITES[LEFT]}, but waits: {failure.rstrip('.')}"
        world.put(replace(leg, failure=None, rule=None, not_before=None))
        told = node(world.step(), SAND)
        assert (told.state, told.reason) == (NodeState.IN_TRANSIT, f"S1 carries 12 {SAND} to {SITES[LEFT]}")

    @pytest.mark.parametrize("word", ["floor", "balance", "ledger", "price", "ceiling", "tranche"])
    def test_an_outage_is_no_refusal_whatever_its_sentence_begins_with(self, word: str) -> None:
        """The server words its own errors; none of them makes a node wait for money or a price."""
        world = circuitry()
        failure = f"{word} service is down for maintenance"
        world.leg(SAND, LEFT, LegState.LADEN, ship="S1", bought=12, failure=failure, not_before=after(90))
        told = node(world.step(), SAND)
        assert told.state is NodeState.IN_TRANSIT
        assert told.reason.endswith(f"but waits: {failure}")

    def test_one_voyage_held_up_does_not_make_the_others_wait(self) -> None:
        """The node is under way, and says of each ship what it does."""
        world = circuitry()
        world.leg(SAND, LEFT, LegState.LADEN, ship="S1", bought=12, **NO_MONEY)
        world.leg(SAND, RIGHT, LegState.LOADING, ship="S2")
        told = node(world.step(), SAND)
        assert told.state is NodeState.IN_TRANSIT
        assert "but waits: no money; S2 is on its way" in told.reason

    def test_what_stays_aboard_goes_to_the_hold(self) -> None:
        """A lift that is held has no destination."""
        world = circuitry()
        world.leg(TARGET, TARGET, LegState.LADEN, ship="S1", bought=40)
        assert node(world.step(), TARGET).reason == f"S1 carries 40 {TARGET} to its hold"

    def test_quantity_cost_and_ships_are_those_of_all_its_legs(self) -> None:
        """The node adds up what was bought for it, failed legs included, each ship once."""
        world = circuitry()
        world.leg(SAND, LEFT, ship="S1", bought=40, cost=1500)
        world.leg(SAND, RIGHT, LegState.FAILED, ship="S2", bought=10, cost=400)
        world.leg(SAND, RIGHT, LegState.LOADING, ship="S1")
        told = node(world.step(), SAND)
        assert (told.quantity, told.cost, told.ships) == (50, 1900, ("S1", "S2"))


class TestDone:
    """Nodes that need nothing."""

    def test_a_node_whose_output_still_misses_it_is_not_done(self) -> None:
        """One use that is served does not make the node DONE while the other is not."""
        world = circuitry()
        world.leg(SAND, LEFT)
        world.supply(SITES[LEFT], SAND, Supply.MODERATE)
        world.supply(SHOPS[SAND], SAND, Supply.SCARCE)
        assert node(world.step(), SAND).state is NodeState.WAITING_SOURCE

    def test_done_has_no_next_check(self) -> None:
        """Nothing is waited for."""
        world = circuitry()
        world.feed(WIRE)
        world.supply(SITES[WIRE], ORE, Supply.HIGH)
        told = node(world.step(), ORE)
        assert (told.state, told.next_check) == (NodeState.DONE, None)
        assert told.reason == f"{SITES[WIRE]} has {ORE} for 5.0 steps of {WIRE}"

    def test_a_good_that_left_the_tree_is_told_done_once(self) -> None:
        """Its row asks for no more looks, so that no ship flies for it."""
        world = circuitry(seen=None)
        world.step()
        assert world.progress[ORE].look_at
        world.tree = make(TARGET, make(LEFT, buy(SAND), buy(WIRE)), make(RIGHT, buy(SAND), buy(WIRE)))
        told = node(world.step(10), ORE)
        assert (told.state, told.look_at, told.next_check) == (NodeState.DONE, (), None)
        assert told.reason == f"{TARGET} is no longer made from {ORE}"
        assert ORE not in {one.good for one in world.step().nodes}

    def test_a_done_node_wakes_when_its_output_runs_dry(self) -> None:
        """DONE is the state of now, not a promise."""
        world = circuitry()
        world.feed(WIRE)
        world.supply(SITES[WIRE], ORE, Supply.HIGH)
        world.step()
        world.supply(SITES[WIRE], ORE, Supply.SCARCE)
        told = node(world.step(30), ORE)
        assert (told.state, told.since) == (NodeState.WAITING_SHIP, after(30))


def test_a_held_lot_does_not_hide_that_a_leg_flies() -> None:
    """A node with a ship under way is IN_TRANSIT whatever else it waits for."""
    world = circuitry()
    world.leg(SAND, LEFT, LegState.CANCELLED, **refused(SpendRule.FLOOR, "no money"))
    world.leg(SAND, RIGHT, LegState.LOADING, ship="S1")
    assert node(world.step(), SAND).state is NodeState.IN_TRANSIT


def test_a_look_that_is_wanted_is_named_by_its_market() -> None:
    """A node that waits for prices names every market somebody must look at."""
    told = node(circuitry(seen=None).step(), ORE)
    assert (told.state, told.look_at) == (NodeState.WAITING_SOURCE, (SHOPS[ORE],))


def test_progress_of_another_state_gives_no_since() -> None:
    """A node that changes state begins its wait at that pass."""
    world = circuitry()
    world.step()
    world.progress[SAND] = replace(world.progress[SAND], state=NodeState.PAUSED)
    assert node(world.step(77), SAND).since == after(77)


class TestWithoutAScout:
    """Prices that nobody is there to read grow old: the wait for them says what is missing."""

    def test_a_look_that_takes_a_cargo_ship_says_that_no_scout_is_there(self) -> None:
        """Nobody has seen the seller, and no probe could go."""
        told = node(circuitry(seen=None).step(), SAND)
        assert told.reason == f"prices at {SHOPS[SAND]} were not seen yet; {NO_SCOUT}"

    def test_with_a_probe_in_the_system_nothing_is_amiss(self) -> None:
        """It will go and look."""
        world = circuitry(seen=None).fleet(ship("S1"), ship("P1", hold=0))
        assert node(world.step(), SAND).reason == f"prices at {SHOPS[SAND]} were not seen yet"

    def test_where_a_ship_is_there_to_look_none_is_missed(self) -> None:
        """The planner looks through it."""
        world = circuitry(seen=None).fleet(ship("S1", SHOPS[SAND]))
        assert NO_SCOUT not in node(world.step(), SAND).reason

    def test_a_node_that_needs_no_prices_misses_nobody(self) -> None:
        """Everything was seen a moment ago."""
        assert not [one for one in circuitry().step().nodes if NO_SCOUT in one.reason]
