"""What is counted of an order: ships it may use, units that are made."""

from dataclasses import replace
from typing import Any

import pytest
from tests.planning.flow_world import LEFT, SAND, START, TARGET, World, circuitry, claim, ship
from tests.wishes import fabricating

from goodsfactory.domain.factory import FactoryRequest, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.planning.chain.current import units_left
from goodsfactory.planning.dispatch.eligibility import Kept
from goodsfactory.planning.dispatch.resting import Rest
from goodsfactory.planning.snapshot import FleetView, landed

SYSTEM = "X1-W"


def fleet(*ships: Any, request: FactoryRequest | None = None, **facts: Any) -> FleetView:
    return FleetView(
        list(ships),
        facts.get("claims", {}),
        request or fabricating(),
        SYSTEM,
        kept=facts.get("kept", {}),
        resting=facts.get("resting", {}),
    )


class TestUsable:
    """Ships a factory may use once they are free."""

    @pytest.mark.parametrize(
        ("one", "request_"),
        [
            (ship("S1", hold=0), fabricating()),
            (ship("S1", "X1-V-A"), fabricating()),
            (ship("S1"), fabricating(exclude=("S1",))),
            (ship("S1"), fabricating(ships=("S2",))),
        ],
        ids=["a probe", "another system", "excluded", "not among the chosen"],
    )
    def test_these_are_not(self, one: object, request_: FactoryRequest) -> None:
        """Nor do they set the size of a load."""
        view = fleet(one, request=request_)
        assert (view.usable, view.largest_hold, view.free(SAND, room=False)) == ((), 0, 0)

    def test_a_busy_ship_stays_usable(self) -> None:
        """It comes free, so its hold counts; free it is not."""
        view = fleet(ship("S1", hold=60), claims={"S1": claim("S1")})
        assert (view.largest_hold, view.free(SAND, room=False)) == (60, 0)

    @pytest.mark.parametrize(
        ("cargo", "with_room", "without"),
        [
            ({}, 1, 1),
            ({SAND: 10}, 1, 1),
            ({SAND: 40}, 0, 1),
            ({"FOOD": 1}, 0, 0),
            ({SAND: 1, "FOOD": 1}, 0, 0),
        ],
    )
    def test_cargo_decides_what_a_ship_can_take(
        self, cargo: dict[str, Any], with_room: int, without: int
    ) -> None:
        """Its own good it can take on or deliver; with anything else aboard it takes nothing."""
        view = fleet(ship("S1", cargo=cargo))
        assert (view.free(SAND, room=True), view.free(SAND, room=False)) == (with_room, without)

    def test_what_a_factory_made_is_not_adrift(self) -> None:
        """The output somebody asked for is nobody's input."""
        laden = ship("S1", cargo={SAND: 10})
        assert fleet(laden).adrift(SAND) == (laden,)
        assert fleet(laden, kept={"S1": Kept("made by factory F9")}).adrift(SAND) == ()
        assert fleet(laden, claims={"S1": claim("S1")}).adrift(SAND) == ()

    def test_a_resting_ship_is_not_free_and_its_cargo_is_still_adrift(self) -> None:
        """It comes back: its load waits for it, and its hold sets the size of loads."""
        laden = ship("S1", cargo={SAND: 10})
        view = fleet(laden, resting={"S1": Rest(START, 2, "no fuel")})
        assert (view.free(SAND, room=False), view.adrift(SAND), view.largest_hold) == (0, (laden,), 40)
        assert view.why_none(SAND) == "1 of 1 ships resting after failures: no ship is free"

    def test_a_ship_that_is_named_gives_what_it_keeps(self) -> None:
        """--ships is the consent of the user; a list of other ships is none."""
        laden, kept = ship("S1", cargo={SAND: 10}), {"S1": Kept("loaded by somebody else", lent=True)}
        assert fleet(laden, kept=kept).free(SAND, room=False) == 0
        named = fleet(laden, kept=kept, request=fabricating(ships=("S1",)))
        assert (named.adrift(SAND), named.free(SAND, room=False)) == ((laden,), 1)
        other = fleet(laden, ship("S2"), kept=kept, request=fabricating(ships=("S2",)))
        assert other.adrift(SAND) == ()

    @pytest.mark.parametrize(("terminal", "free"), [(Terminal.HOLD, 1), (Terminal.SELL, 0)])
    def test_what_an_order_holds_is_given_by_nobody(self, terminal: Terminal, free: int) -> None:
        """Whoever names the ship: a load that stays aboard may lie beside it, and none goes to a market."""
        kept, order = {"S1": Kept("made by factory F9")}, fabricating(ships=("S1",), terminal=terminal)
        named = fleet(ship("S1", cargo={SAND: 10}), kept=kept, request=order)
        assert (named.adrift(SAND), named.keeping) == ((), named.usable)
        assert (named.free(SAND, room=False), named.free(SAND, room=True)) == (0, free)


class TestUnits:
    """Units made and units reserved."""

    @pytest.mark.parametrize(
        ("state", "held", "reserved"),
        [
            (LegState.LOADING, 0, 40),
            (LegState.LADEN, 0, 40),
            (LegState.DONE, 30, 0),
            (LegState.FAILED, 30, 0),
            (LegState.CANCELLED, 30, 0),
        ],
    )
    def test_held_units_count_once_their_leg_has_ended(
        self, state: LegState, held: int, reserved: int
    ) -> None:
        """Until then the whole lift is reserved."""
        world = circuitry()
        world.leg(TARGET, TARGET, state, bought=30)
        assert (world.snapshot().lifted, world.snapshot().lifting) == (held, reserved)

    @pytest.mark.parametrize("state", LegState)
    def test_sold_units_count_at_once(self, state: LegState) -> None:
        """Each sale is final whatever becomes of its leg."""
        world = World(request=fabricating(terminal=Terminal.SELL))
        leg = world.leg(TARGET, TARGET, state, bought=30, delivered=20)
        assert landed(leg, Terminal.SELL) == 20
        assert world.snapshot().lifting == (20 if state.is_open else 0)

    def test_fed_units_are_no_output(self) -> None:
        """Loads along edges never count, not even of the same ship."""
        world = circuitry()
        world.leg(SAND, LEFT)
        assert (world.snapshot().lifted, world.snapshot().lifting) == (0, 0)

    @pytest.mark.parametrize("state", LegState)
    def test_what_is_cleared_is_no_output(self, state: LegState) -> None:
        """It was left aboard: sold, whatever good it is, it makes nothing, and no lift waits for it."""
        world = World(request=fabricating(units=50, terminal=Terminal.SELL))
        world.put(replace(world.leg(TARGET, TARGET, state, bought=30, delivered=20), clears=True))
        snapshot = replace(world.snapshot(), totals=(LegTotals(TARGET, None, clears=True, delivered=9),))
        assert (snapshot.lifted, snapshot.lifting) == (0, 0)
        assert units_left(snapshot.factory, snapshot.legs, snapshot.totals) == 50
