"""Loads along every edge, and whether their good can be had."""

from dataclasses import replace

import pytest
from tests.planning.flow_world import (
    LEFT,
    ORE,
    POLICY,
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
    edges,
    listing,
    make,
    market,
    node,
    ship,
)
from tests.wishes import fabricating

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.decision import at_clock
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import Availability, availability, is_ready
from goodsfactory.planning.requirements.demand import EdgeDemand, edge_demands


def found(world: World, good: str) -> Availability:
    wanted = next(one for one in world.tree.flatten() if one.good == good)
    return availability(world.snapshot(), wanted, world.now, world.policy)


def wanted(world: World, good: str, output: str) -> EdgeDemand:
    ready = {one.good: found(world, one.good) for one in world.tree.flatten()}
    return edge_demands(world.snapshot(), ready, world.policy)[good, output]


class TestBought:
    """Goods that are bought."""

    def test_an_unseen_source_is_waited_for(self) -> None:
        """Nothing is bought blind: the market is named for a look."""
        answer = found(circuitry(seen=None), SAND)
        assert answer.waypoint is None
        assert answer.look_at == (SHOPS[SAND],)
        assert answer.reason == f"prices at {SHOPS[SAND]} were not seen yet"

    def test_a_known_source_waits_a_while_for_one_that_may_be_better(self) -> None:
        """Before the patience is over the unseen market is looked at; afterwards the known one is used."""
        world = circuitry()
        world.show(market("X1-W-N", listing(SAND), seen=None))
        world.step()
        assert found(world, SAND).look_at == ("X1-W-N",)
        world.step(POLICY.first_look_patience - 1)
        assert found(world, SAND).waypoint is None
        world.now = after(POLICY.first_look_patience)
        assert found(world, SAND).waypoint == SHOPS[SAND]

    def test_patience_is_spent_once(self) -> None:
        """A good that was ordered once does not wait for the unseen market again."""
        world = circuitry()
        world.show(market("X1-W-N", listing(SAND), seen=None))
        world.leg(SAND, LEFT)
        assert found(world, SAND).waypoint == SHOPS[SAND]

    def test_without_any_known_source_the_wait_is_longer(self) -> None:
        """Where all that was seen is SCARCE, the unseen market is the hope and stays named."""
        world = circuitry()
        world.supply(SHOPS[SAND], SAND, Supply.SCARCE)
        world.show(market("X1-W-N", listing(SAND), seen=None))
        world.step()
        world.step(POLICY.market_ttl - 1)
        assert "not seen yet" in found(world, SAND).reason
        world.now = after(POLICY.market_ttl + 1)
        assert found(world, SAND).waypoint is None
        assert set(found(world, SAND).look_at) == {SHOPS[SAND], "X1-W-N"}

    @pytest.mark.parametrize(("age", "usable"), [(0, True), (900, True), (901, False)])
    def test_old_prices_ask_for_a_look(self, age: int, usable: bool) -> None:
        """Data beyond its time to live is not planned on."""
        world = circuitry()
        world.now = after(age)
        answer = found(world, SAND)
        assert (answer.waypoint is not None) is usable
        assert answer.look_at == (() if usable else (SHOPS[SAND],))
        assert usable or answer.reason.endswith(f"its prices are of {at_clock(after(0), after(age))}")

    def test_a_scarce_source_parks_without_a_look_while_its_data_is_fresh(self) -> None:
        """Looking again at once would change nothing; old data about it is worth a look."""
        world = circuitry()
        world.supply(SHOPS[SAND], SAND, Supply.SCARCE)
        answer = found(world, SAND)
        assert (answer.waypoint, answer.look_at) == (None, ())
        assert "SCARCE, parked until it recovers" in answer.reason
        world.now = after(901)
        assert found(world, SAND).look_at == (SHOPS[SAND],)

    def test_a_limited_source_is_used_with_a_warning(self) -> None:
        """Nothing better is known, and the reason says so."""
        world = circuitry()
        world.supply(SHOPS[SAND], SAND, Supply.LIMITED)
        assert "warning: only LIMITED supply" in found(world, SAND).reason

    def test_a_good_nobody_sells_says_where_was_looked(self) -> None:
        """The sentence names the markets, and no look is asked for."""
        world = circuitry()
        del world.markets[SHOPS[SAND]]
        answer = found(world, SAND)
        assert (answer.waypoint, answer.look_at) == (None, ())
        assert answer.reason.startswith(f"no market exports or exchanges {SAND}")


class TestMade:
    """Goods that are made."""

    def test_one_missing_input_is_enough_to_wait(self) -> None:
        """A factory waypoint makes nothing from half its inputs."""
        world = circuitry()
        world.leg(SAND, LEFT)
        assert found(world, LEFT).reason == f"waits for {WIRE} at {SITES[LEFT]}"
        assert not found(world, LEFT).producing

    @pytest.mark.parametrize("state", [LegState.LOADING, LegState.LADEN, LegState.FAILED, LegState.CANCELLED])
    def test_a_load_that_never_arrived_feeds_nothing(self, state: LegState) -> None:
        """Only delivered units count."""
        world = circuitry()
        world.leg(ORE, WIRE, state)
        assert not found(world, WIRE).producing

    def test_part_of_a_load_feeds(self) -> None:
        """No quantity is asked of an input: one unit that arrived before the leg failed is enough (W15)."""
        world = circuitry()
        world.leg(ORE, WIRE, LegState.FAILED, bought=40, delivered=1)
        assert found(world, WIRE).producing

    def test_a_market_seen_before_the_delivery_must_be_seen_again(self) -> None:
        """What it showed then says nothing about what it makes now."""
        world = circuitry()
        world.leg(ORE, WIRE, at=after(60))
        world.supply(SITES[WIRE], WIRE, Supply.HIGH)
        world.now = after(61)
        answer = found(world, WIRE)
        assert (answer.waypoint, answer.look_at, answer.producing) == (None, (SITES[WIRE],), True)

    def test_a_market_that_was_never_seen_must_be_seen(self) -> None:
        """Without prices there is no level."""
        world = circuitry(seen=None)
        world.feed(WIRE)
        assert found(world, WIRE).look_at == (SITES[WIRE],)

    @pytest.mark.parametrize("supply", [Supply.SCARCE, Supply.LIMITED])
    def test_below_the_ready_level_it_is_not_lifted(self, supply: Supply) -> None:
        """The node produces and waits."""
        world = circuitry()
        world.feed(WIRE)
        world.supply(SITES[WIRE], WIRE, supply)
        assert (found(world, WIRE).waypoint, found(world, WIRE).producing) == (None, True)

    @pytest.mark.parametrize("supply", [Supply.MODERATE, Supply.HIGH, Supply.ABUNDANT])
    def test_from_the_ready_level_it_is_lifted_at_once(self, supply: Supply) -> None:
        """No further check is waited for (W10)."""
        world = circuitry()
        world.feed(WIRE)
        world.supply(SITES[WIRE], WIRE, supply)
        assert found(world, WIRE).waypoint == SITES[WIRE]

    def test_old_data_of_a_product_asks_for_a_look(self) -> None:
        """Somebody else may have lifted it."""
        world = circuitry()
        world.feed(WIRE)
        world.supply(SITES[WIRE], WIRE, Supply.HIGH)
        world.now = after(POLICY.market_ttl + 1)
        assert found(world, WIRE).look_at == (SITES[WIRE],)

    def test_only_an_export_is_a_product(self) -> None:
        """A market that imports the good does not make it, however full it is."""
        assert is_ready(listing(WIRE, supply=Supply.MODERATE), POLICY)
        assert not is_ready(listing(WIRE, TradeType.IMPORT, Supply.ABUNDANT), POLICY)
        assert not is_ready(listing(WIRE, supply=Supply.MODERATE), Policy(ready_supply=Supply.HIGH))


class TestLoads:
    """How many shiploads an edge wants."""

    def fed(self, supply: Supply, *, hold: int = 40, volume: int = 60, cap: int = 3) -> EdgeDemand:
        """The second question: the first load came, circuitry is LIMITED, electronics are at ``supply``."""
        world = World(tree=make(TARGET, buy(LEFT)), policy=Policy(max_loads_per_edge=cap))
        world.fleet(ship("S1", hold=hold))
        world.show(
            market("X1-W-L", listing(LEFT, supply=Supply.HIGH)),
            market(
                SITES[TARGET],
                listing(TARGET, supply=Supply.LIMITED),
                listing(LEFT, TradeType.IMPORT, supply, volume),
            ),
        )
        world.feed(TARGET)
        return wanted(world, LEFT, TARGET)

    def test_the_first_load_is_wanted_whatever_the_market_has(self) -> None:
        """Production is only ever counted on after a delivery of our own."""
        world = circuitry()
        world.supply(SITES[WIRE], ORE, Supply.ABUNDANT)
        assert wanted(world, ORE, WIRE).missing == 1

    @pytest.mark.parametrize("supply", [Supply.MODERATE, Supply.HIGH, Supply.ABUNDANT])
    def test_an_input_at_the_feeding_level_is_enough(self, supply: Supply) -> None:
        """The market has what it needs: more would be paid less."""
        assert self.fed(supply).missing == 0

    def test_a_short_input_is_lifted_to_the_feeding_level(self) -> None:
        """LIMITED at s = −3 and volume 20 lacks 20 units to s = −2: half a hold of 40."""
        assert self.fed(Supply.LIMITED, volume=20).missing == 1
        # s = −6, volume 20: 80 units below the edge of MODERATE, two holds of 40.
        assert self.fed(Supply.SCARCE, volume=20).missing == 2

    def test_loads_are_capped(self) -> None:
        """240 units are missing: twelve holds of 20, of which three may be under way."""
        assert self.fed(Supply.SCARCE, hold=20).missing == 3
        assert self.fed(Supply.SCARCE, hold=20, cap=1).missing == 1

    def test_open_legs_are_not_asked_for_again(self) -> None:
        """Of two loads for 80 units one is under way: the other is missing."""
        world = circuitry(fabricating(units=80))
        assert wanted(world, SAND, LEFT).missing == 2
        world.leg(SAND, LEFT, LegState.LOADING)
        assert wanted(world, SAND, LEFT).missing == 1

    def test_arrived_loads_are_taken_off_what_is_asked_for(self) -> None:
        """Of three loads for 120 units two have come."""
        world = circuitry(fabricating(units=120))
        world.leg(SAND, LEFT)
        world.leg(SAND, LEFT)
        assert wanted(world, SAND, LEFT).missing == 1

    def test_a_product_that_is_there_wants_no_input(self) -> None:
        """What can be lifted is lifted first."""
        world = circuitry()
        world.feed(WIRE)
        world.supply(SITES[WIRE], WIRE, Supply.MODERATE)
        assert wanted(world, ORE, WIRE).missing == 0

    def test_an_output_that_is_served_wants_no_input(self) -> None:
        """Where all loads of the output are under way, nothing more is made of it."""
        world = circuitry()
        world.feed(WIRE, LEFT, RIGHT)
        world.leg(LEFT, TARGET, LegState.LADEN)
        world.leg(RIGHT, TARGET, LegState.LADEN)
        assert wanted(world, SAND, LEFT).reason == f"{LEFT} needs no more {SAND}"


def test_a_look_follows_a_first_look_without_a_state_change() -> None:
    """Seen at last and good enough, the source is used in the same pass."""
    world = circuitry(seen=None)
    assert node(world.step(), ORE).state is NodeState.WAITING_SOURCE
    world.show(replace(circuitry().markets[SHOPS[ORE]], observed_at=after(10)))
    assert node(world.step(10), ORE).state is NodeState.WAITING_SHIP


def test_a_load_adrift_spares_its_inputs_in_the_same_pass() -> None:
    """A ship has the output aboard that is wanted: what it would be made from is not wanted any more."""
    world = circuitry(fabricating(terminal=Terminal.SELL))
    assert SAND in {lot.good for lot in world.step().lots}
    world.fleet(ship("S1", cargo={TARGET: 40}))
    lots = world.step().lots
    assert edges(lots) == [(TARGET, TARGET)]
    assert [leg.ship for leg in world.assign(lots)] == ["S1"]
    assert world.step().lots == ()
