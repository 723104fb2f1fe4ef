"""Which loads the stock of a market is for, of all that would take from it."""

from datetime import timedelta
from typing import Any

import pytest
from tests.planning.flow_world import (
    LEFT,
    RIGHT,
    SAND,
    SHOPS,
    SITES,
    TARGET,
    WIRE,
    World,
    buy,
    listing,
    make,
    market,
    node,
    ship,
)
from tests.planning.shared_market import HOLD, by_order, loads, sent, set_level, smart

from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.supply_chain import NodeState

MIDDLE = "MACHINERY"
AT_MIDDLE = f"X1-W-{MIDDLE}"
SOURCE = SITES[LEFT]


def slow_one(level: float, steps: float = -1, *, volume: int = 6, units: int = 20, **wish: Any) -> World:
    """An order whose target is made of electronics alone, so many a step, and has too little work to grow.

    Electronics are at ``level`` trade volumes of 20 where they are bought, and last so many ``steps`` where
    they are used. Its first load has come.
    """
    world = World(make(TARGET, buy(LEFT)), request=FactoryRequest(Strategy.SMART, units, **wish))
    world.show(market(SOURCE, listing(LEFT)), place(TARGET, SITES[TARGET], volume))
    set_level(world, SOURCE, LEFT, level)
    set_level(world, SITES[TARGET], LEFT, steps * volume / 20 - 2)
    world.leg(LEFT, TARGET)
    return world.fleet(*(ship(f"S{number}") for number in range(9)))


def fast_beside(world: World, steps: float = -0.5, *, units: int = 60, **wish: Any) -> World:
    """Another, whose market makes 60 a step and waits for electronics from the same source."""
    world.show(place(MIDDLE, AT_MIDDLE, 60))
    set_level(world, AT_MIDDLE, LEFT, steps * 60 / 20 - 2)
    request = FactoryRequest(Strategy.SMART, units, **wish)
    other = world.another("FAST", make(MIDDLE, buy(LEFT)), request=request)
    other.leg(LEFT, MIDDLE)
    return other


def place(good: str, at: str, volume: int) -> Any:
    """A market that makes a good of electronics."""
    return market(at, listing(good, supply=Supply.LIMITED, volume=volume), listing(LEFT, TradeType.IMPORT))


class TestOneOrder:
    @pytest.mark.parametrize(("level", "left"), [(0, 55), (-0.5, 50), (-1, 40), (-2, 40)])
    def test_what_is_brought_ahead_of_need_does_not_empty_its_source(self, level: float, left: int) -> None:
        """45 of 55 units are due, of which a ship takes 40; more goes only above what a lift leaves."""
        world = slow_one(level, volume=20, units=75)
        assert sent(world.decide(), LEFT) == left

    def test_no_more_ships_than_the_source_fills(self) -> None:
        """What it has down to SCARCE, and one tranche, is shared out; further ships would come back empty."""
        world = slow_one(-3, -4, volume=20, units=60)
        assert loads(world.decide(), LEFT, TARGET) == [40]

    def test_a_load_that_is_worth_a_ship_is_due_whole(self) -> None:
        """Six a step: two units would do, but no ship is sent for so few. Ahead of need none comes."""
        assert sent(slow_one(-3.2, 1.1, units=23).decide(), LEFT) == 0
        assert sent(slow_one(-3.2, 0.9, units=23).decide(), LEFT) == HOLD // 4

    def test_a_rest_that_is_not_worth_a_ship_waits(self) -> None:
        """Of 49 units a second ship would bring nine."""
        world = slow_one(-2.55, -4, volume=20, units=60)
        assert loads(world.decide(), LEFT, TARGET) == [40]
        set_level(world, SOURCE, LEFT, -2.5)
        assert loads(world.decide(), LEFT, TARGET) == [40, 10]

    @pytest.mark.parametrize(("slow", "fast"), [(LEFT, RIGHT), (RIGHT, LEFT)])
    def test_the_most_urgent_work_of_an_order_is_served_first(self, slow: str, fast: str) -> None:
        """160 of wire for two markets: one is filled, where most is held up, and not both by halves.

        Wire is traded by 60, but a hold takes 40: the last that may be bought begins at the edge of SCARCE.
        """
        world = smart(200, ships=8)
        set_level(world, SITES[WIRE], WIRE, -2)
        site = world.markets[SITES[slow]]
        small = [
            listing(slow, supply=Supply.LIMITED, volume=6) if one.good == slow else one
            for one in site.listings
        ]
        world.show(market(SITES[slow], *small))
        decision = world.decide()
        assert (sent(decision, WIRE, slow), sent(decision, WIRE, fast)) == (120, 40)

    @pytest.mark.parametrize(
        ("terminal", "endless", "fed"), [(Terminal.STOCK, True, 60), (Terminal.HOLD, False, 40)]
    )
    def test_a_chain_without_end_buys_its_inputs_as_deep_as_they_pay(
        self, terminal: Terminal, endless: bool, fed: int
    ) -> None:
        """It lives on full inputs: another stops where a lift would leave too little."""
        world = slow_one(-2, volume=20, units=60, terminal=terminal, continuous=endless)
        assert sent(world.decide(), LEFT) == fed

    def test_so_does_a_market_that_is_to_grow(self) -> None:
        """200 units are more than three steps of work for it."""
        assert sent(slow_one(-2, volume=20, units=200).decide(), LEFT) == 60

    @pytest.mark.parametrize(
        ("good", "place", "state"),
        [(LEFT, SITES[LEFT], NodeState.PRODUCING), (SAND, SHOPS[SAND], NodeState.WAITING_SOURCE)],
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


class TestSeveralOrders:
    """What is due for any of them goes before what is brought ahead for another."""

    def test_who_has_more_work_waiting_goes_first(self) -> None:
        """The fast one lacks 30, but the slow one has more steps before it: it takes what it would alone."""
        world = slow_one(-2, -2)
        alone = sent(world.decide(), LEFT)
        other = fast_beside(world)
        assert by_order(world.decide_all(), LEFT) == {"F": alone, "FAST": 40 - alone} == {"F": 20, "FAST": 20}
        other.request = FactoryRequest(Strategy.SMART, 60, priority=100)
        assert by_order(world.decide_all(), LEFT) == {"F": 10, "FAST": 30}

    @pytest.mark.parametrize(("level", "left"), [(-0.5, 0), (1, 10), (1.25, 13)])
    def test_what_is_brought_ahead_of_need_can_wait(self, level: float, left: int) -> None:
        """More than a step of input is left here: whoever lacks it now goes first, however small its work."""
        world = slow_one(level, 1.1, volume=20, units=75)
        assert sent(world.decide(), LEFT) == 13
        fast_beside(world, 0.5, units=200, priority=0.01)
        urgent = world.needs().urgent
        assert urgent[SITES[TARGET], TARGET] > urgent[AT_MIDDLE, MIDDLE]
        assert by_order(world.decide_all(), LEFT)["F"] == left

    def test_the_last_tranche_is_for_one_alone(self) -> None:
        """It begins at the edge of SCARCE and ends beyond. Whoever comes last may find it gone."""
        world = slow_one(-2, -8, volume=20)
        assert sent(world.decide(), LEFT) == 60
        fast_beside(world)
        assert sum(by_order(world.decide_all(), LEFT).values()) == 60

    @pytest.mark.parametrize(
        ("state", "bought", "left"),
        [(LegState.LOADING, 0, 20), (LegState.LOADING, 20, 20), (LegState.LADEN, 40, 80)],
    )
    def test_what_ships_of_others_have_yet_to_load_is_spoken_for(
        self, state: LegState, bought: int, left: int
    ) -> None:
        """80 units can be had, one of them 20 less: what it has loaded before the market was seen is gone."""
        world = slow_one(-1, -8, volume=20)
        other = fast_beside(world, 9)
        world.now += timedelta(seconds=60)
        world.look()
        other.leg(LEFT, MIDDLE, state, bought=bought, destination="X1-W-Q", at=world.now)
        assert by_order(world.decide_all(), LEFT) == {"F": left, "FAST": 0}

    def test_where_nothing_can_be_had_all_is_lacking(self) -> None:
        """Nobody gets a load of it, and nobody is told that another has it."""
        world = slow_one(-5)
        fast_beside(world)
        for decision in world.decide_all().values():
            assert sent(decision, LEFT) == 0
            assert node(decision, LEFT).state is NodeState.WAITING_SOURCE
