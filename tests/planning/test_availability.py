"""Whether a good can be loaded now, and where."""

from dataclasses import replace

import pytest
from tests.planning.flow_world import (
    LEFT,
    ORE,
    POLICY,
    SAND,
    SHOPS,
    SITES,
    TARGET,
    WIRE,
    World,
    after,
    circuitry,
    listing,
    market,
    node,
)
from tests.wishes import fabricating

from goodsfactory.domain.factory import FactoryRequest, Strategy
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.decision import at_clock
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import Availability, availability


def found(world: World, good: str) -> Availability:
    wanted = next(one for one in world.tree.flatten() if one.good == good)
    return availability(world.snapshot(), wanted, world.now, world.policy)


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
        world.supply(SITES[WIRE], WIRE, Supply.SCARCE)
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

    def test_a_scarce_product_is_not_lifted(self) -> None:
        """The node produces and waits."""
        world = circuitry()
        world.feed(WIRE)
        world.supply(SITES[WIRE], WIRE, Supply.SCARCE)
        assert (found(world, WIRE).waypoint, found(world, WIRE).producing) == (None, True)

    @pytest.mark.parametrize("supply", [Supply.LIMITED, Supply.MODERATE, Supply.HIGH, Supply.ABUNDANT])
    def test_an_input_is_lifted_at_once_from_limited_up(self, supply: Supply) -> None:
        """No further check is waited for (W10): who makes something of it does."""
        world = circuitry()
        world.feed(WIRE)
        world.supply(SITES[WIRE], WIRE, supply)
        assert found(world, WIRE).waypoint == SITES[WIRE]

    @pytest.mark.parametrize(
        ("request_", "supply", "ready"),
        [
            (FactoryRequest(units=41), Supply.LIMITED, False),
            (FactoryRequest(units=41), Supply.MODERATE, True),
            (FactoryRequest(units=40), Supply.LIMITED, True),
            (FactoryRequest(units=40), Supply.SCARCE, False),
            (FactoryRequest(units=40, continuous=True), Supply.LIMITED, False),
            (fabricating(units=40), Supply.LIMITED, False),
            (fabricating(units=40), Supply.MODERATE, True),
        ],
    )
    def test_the_target_is_lifted_from_the_ready_level_up_and_its_rest_from_limited(
        self, request_: FactoryRequest, supply: Supply, ready: bool
    ) -> None:
        """20 can be loaded before it is SCARCE, and a tranche of 20 begins there: 40 may be the rest.

        An endless order has no rest, and whoever proves that it makes the target waits for it.
        """
        world = circuitry(request_)
        world.feed(TARGET)
        world.supply(SITES[TARGET], TARGET, supply)
        assert (found(world, TARGET).waypoint is not None) is ready

    def test_only_whoever_proves_that_it_makes_a_good_waits_for_its_inputs(self) -> None:
        """SMART lifts what lies there."""
        for strategy in Strategy:
            world = circuitry(FactoryRequest(strategy, 40))
            lies_there = found(world, TARGET).waypoint is not None
            assert lies_there is (strategy is Strategy.SMART)

    def test_old_data_of_a_product_asks_for_a_look(self) -> None:
        """Somebody else may have lifted it."""
        world = circuitry()
        world.feed(WIRE)
        world.supply(SITES[WIRE], WIRE, Supply.HIGH)
        world.now = after(POLICY.market_ttl + 1)
        assert found(world, WIRE).look_at == (SITES[WIRE],)

    def test_only_an_export_is_a_product(self) -> None:
        """A market that imports the good does not make it, however full it is."""
        world = circuitry()
        world.feed(WIRE)
        world.show(market(SITES[WIRE], listing(WIRE, TradeType.IMPORT, Supply.ABUNDANT)))
        assert found(world, WIRE).waypoint is None

    def test_it_is_the_policy_that_says_from_where_on_a_target_is_lifted(self) -> None:
        world = circuitry(fabricating(units=1000))
        world.feed(TARGET)
        world.supply(SITES[TARGET], TARGET, Supply.MODERATE)
        assert found(world, TARGET).waypoint is not None
        world.policy = Policy(ready_supply=Supply.HIGH)
        assert found(world, TARGET).waypoint is None


def test_a_look_follows_a_first_look_without_a_state_change() -> None:
    """Seen at last and good enough, the source is used in the same pass."""
    world = circuitry(seen=None)
    assert node(world.step(), ORE).state is NodeState.WAITING_SOURCE
    world.show(replace(circuitry().markets[SHOPS[ORE]], observed_at=after(10)))
    assert node(world.step(10), ORE).state is NodeState.WAITING_SHIP
