"""Lots: the shiploads of an order, with where each comes from and goes to; first what is aboard already."""

from dataclasses import replace
from typing import Any

import pytest
from tests.planning.flow_world import (
    LEFT,
    SAND,
    SHOPS,
    SINK,
    TARGET,
    World,
    after,
    circuitry,
    claim,
    edge_of,
    edges,
    ship,
)
from tests.planning.shared_market import smart
from tests.planning.test_flow import ready_to_lift
from tests.wishes import fabricating

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.market import Supply


class TestAdrift:
    """Ships that a broken leg left laden."""

    def world(self, *, ships: tuple[Any, ...]) -> World:
        """Everything was fed and the product can be lifted, so no input is wanted any more."""
        return ready_to_lift().fleet(*ships)

    def test_a_laden_ship_that_nobody_needs_gets_a_leg(self) -> None:
        """The only ship can do nothing else before its cargo is delivered."""
        world = self.world(ships=(ship("S1", cargo={SAND: 30}),))
        legs = [one for one in world.decide().lots if one.good == SAND]
        assert len(legs) == 1
        assert "S1 still carries SILICON_CRYSTALS" in legs[0].reason

    def test_one_leg_for_each_laden_ship(self) -> None:
        """Both fly, and the next pass asks for no more."""
        world = self.world(ships=(ship("S1", cargo={SAND: 30}), ship("S2", cargo={SAND: 5}), ship("S3")))
        legs = world.assign(world.step().lots)
        assert {leg.ship for leg in legs if leg.good == SAND} == {"S1", "S2"}
        assert world.step().lots == ()

    def test_it_is_taken_up_where_the_good_cannot_be_bought_now(self) -> None:
        """What is aboard need not be bought: the leg begins where the ship is and is as large as its load."""
        world = self.world(ships=(ship("S1", "X1-W-Z", cargo={SAND: 30}),))
        world.supply(SHOPS[SAND], SAND, Supply.SCARCE)
        (lot,) = [one for one in world.step().lots if one.good == SAND]
        assert (lot.source, lot.units, lot.aboard) == ("X1-W-Z", 30, True)
        world.assign([lot])
        assert SAND not in {one.good for one in world.step().lots}

    def test_a_leg_that_is_wanted_anyway_takes_it_up(self) -> None:
        """No leg is added for a ship that a wanted leg will use."""
        world = circuitry().fleet(ship("S1", cargo={SAND: 30}), ship("S2"))
        assert edges(world.decide().lots) == edges(circuitry().decide().lots)

    @pytest.mark.parametrize(
        "cargo", [{"FOOD": 10}, {SAND: 10, "FOOD": 1}, {TARGET: 10}], ids=["foreign", "mixed", "the output"]
    )
    def test_other_cargo_is_left_alone(self, cargo: dict[str, int]) -> None:
        """Only inputs of this factory are taken up; the output belongs in the hold."""
        world = self.world(ships=(ship("S1", cargo=cargo), ship("S2")))
        assert {one.good for one in world.decide().lots} == {TARGET}

    def test_a_ship_that_works_is_not_adrift(self) -> None:
        """Cargo of a claimed ship is its worker's."""
        world = self.world(ships=(ship("S1", cargo={SAND: 10}), ship("S2")))
        world.claims["S1"] = claim("S1")
        assert {one.good for one in world.decide().lots} == {TARGET}


def test_a_load_adrift_spares_its_inputs_in_the_same_pass() -> None:
    """A ship has the output aboard that is wanted: what it would be made from is not wanted any more."""
    world = circuitry(fabricating(terminal=Terminal.SELL))
    assert SAND in {lot.good for lot in world.step().lots}
    world.fleet(ship("S1", cargo={TARGET: 40}))
    lots = world.step().lots
    assert edges(lots) == [(TARGET, TARGET)]
    assert [leg.ship for leg in world.assign(lots)] == ["S1"]
    assert world.step().lots == ()


def test_what_is_adrift_of_a_target_is_sold_no_further_than_was_asked_for() -> None:
    """The rest stays whose it is."""
    world = circuitry(fabricating(terminal=Terminal.SELL, units=50))
    world.fleet(ship("S1", cargo={TARGET: 40}), ship("S2", cargo={TARGET: 40}), ship("S3"))
    lifts = [lot for lot in world.decide().lots if lot.feeds is None]
    assert sorted(lot.units for lot in lifts) == [40]
    world.show(*(replace(world.markets[SINK], waypoint=f"{SINK}{number}") for number in (1, 2)))
    lifts = [lot for lot in world.decide().lots if lot.feeds is None]
    assert sorted(lot.units for lot in lifts) == [10, 40]


def test_of_several_orders_one_takes_up_what_is_adrift() -> None:
    """One ship carries it: at most one of the lots that could be hers is flown by her."""
    world = smart(200).fleet(ship("S1", cargo={LEFT: 30}))
    world.another("G")
    lots = [lot for decision in world.decide_all().values() for lot in decision.lots]
    assert [(leg.ship, leg.good) for leg in world.assign(lots)] == [("S1", LEFT)]


def test_a_lot_is_as_old_as_the_wait_for_it() -> None:
    """By number, the oldest first; one that is new begins now."""
    world = smart(200)
    first = [lot for lot in world.decide().lots if edge_of(lot) == (SAND, LEFT)]
    world.waiting["F", SAND, LEFT] = [after(-90), after(-5)]
    found = [lot.since for lot in world.decide().lots if edge_of(lot) == (SAND, LEFT)]
    assert len(first) == 3
    assert found == [after(-90), after(-5), world.now]
