"""Lifts of the target, where others load at the same market."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.planning.flow_world import (
    LEFT,
    SITES,
    TARGET,
    World,
    after,
    claim,
    listing,
    make,
    market,
    node,
    ship,
)
from tests.planning.shared_market import begun, by_order, set_level, smart

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.requirements.value import Worth
from goodsfactory.planning.snapshot import FactoryDecision

MIDDLE = "MACHINERY"
AT_MIDDLE = f"X1-W-{MIDDLE}"


def liftable(units: int = 60, **options: Any) -> World:
    """100 units of the target can be lifted, and its inputs lie there in plenty."""
    world = begun(smart(units, **options))
    set_level(world, SITES[TARGET], TARGET, 0)
    for half in ("ELECTRONICS", "MICROPROCESSORS"):
        set_level(world, SITES[TARGET], half, 6)
    return world


def lifts(decision: FactoryDecision) -> int:
    return sum(lot.units for lot in decision.lots if lot.feeds is None)


def user_beside(world: World, level: float, units: int = 75, **wish: Any) -> World:
    """An order that makes machinery of the target, 20 a step, and has it at so many trade volumes of 20."""
    world.show(
        market(
            AT_MIDDLE,
            listing(MIDDLE, supply=Supply.LIMITED),
            listing(TARGET, TradeType.IMPORT),
            seen=world.now,
        )
    )
    set_level(world, AT_MIDDLE, TARGET, level)
    request = FactoryRequest(Strategy.SMART, units, **wish)
    other = world.another("USER", make(MIDDLE, world.tree), request=request, legs=list(world.legs))
    other.leg(TARGET, MIDDLE, destination=AT_MIDDLE)
    return other


class TestNeededByOthers:
    """The target of one order is an input of another, which makes 20 machinery a step of it."""

    @pytest.mark.parametrize(("level", "ours"), [(-3, 0), (-2, 0), (-1, 60), (0.5, 60)])
    def test_what_others_lack_is_not_lifted_away(self, level: float, ours: int) -> None:
        """They load what they need; what is left is no last lift, and a part of it is not lifted before."""
        world = liftable()
        user_beside(world, level)
        decision = world.decide()
        assert lifts(decision) == ours
        if not ours:
            waiting = node(decision, TARGET)
            assert waiting.state is NodeState.PRODUCING
            assert waiting.next_check is not None
            assert waiting.next_check > world.now

    def needed_soon(self) -> World:
        """Nothing is sent yet, and ten units will be due before the market can be lifted from again."""
        world = liftable()
        set_level(world, SITES[TARGET], TARGET, -1.6)
        assert lifts(world.decide()) == 60
        user_beside(world, -0.75)
        return world

    def test_what_they_will_need_before_the_next_lift_stays_there(self) -> None:
        """Lifted down to SCARCE, it gives them nothing for an hour. The node says for whom it waits."""
        world = self.needed_soon()
        decisions = world.decide_all()
        assert by_order(decisions, TARGET) == {"F": 0, "USER": 0}
        told = node(decisions["F"], TARGET)
        assert told.state is NodeState.PRODUCING
        assert told.reason.endswith(f"but 10 units are kept for {MIDDLE}, which needs them sooner")

    def test_a_market_seen_a_while_ago_is_looked_at_again(self) -> None:
        """Otherwise nobody would notice that there is enough for both by now."""
        world = self.needed_soon()
        world.step()
        assert node(world.step(120), TARGET).look_at == (SITES[TARGET],)

    def test_it_is_lifted_once_there_is_enough_for_both(self) -> None:
        world = self.needed_soon()
        world.step()
        set_level(world, SITES[TARGET], TARGET, 2)
        assert lifts(world.step(60)) == 60

    def test_nothing_is_kept_for_who_has_no_ship(self) -> None:
        """It would be kept for ever."""
        world = self.needed_soon()
        user = world.beside[0]
        user.request = replace(user.request, ships=("X9",))
        assert lifts(world.decide()) == 60

    def test_a_lift_that_waits_for_a_ship_is_wanted_alike_in_every_pass(self) -> None:
        """Its own units do not stand in its way, and it keeps its age, by which it gets a ship."""
        world = liftable()
        user_beside(world, -1)
        first = [lot for lot in world.step().lots if lot.good == TARGET]
        assert first
        for _ in range(4):
            assert [lot for lot in world.step(2).lots if lot.good == TARGET] == first


class TestTheSameTarget:
    """Several make the same good at the same market: 100 units of it can be lifted, 60 are wanted."""

    @pytest.mark.parametrize(
        ("priority", "shares"), [(0.5, {"F": 0, "G": 60}), (1, {"F": 60, "G": 0}), (2, {"F": 60, "G": 0})]
    )
    def test_the_higher_priority_lifts_first(self, priority: float, shares: dict[str, int]) -> None:
        """Of equal ones whoever comes first."""
        world = liftable(ships=8)
        world.another("G", legs=list(world.legs))
        world.request = replace(world.request, priority=priority)
        assert by_order(world.decide_all(), TARGET) == shares

    def test_a_lift_that_is_held_up_keeps_nothing_from_the_others(self) -> None:
        """It was refused a moment ago, and nobody knows when it will be flown."""
        world = liftable(ships=8)
        world.another("G", legs=list(world.legs))
        no = {"rule": SpendRule.BALANCE, "failure": "no", "not_before": after(900)}
        world.leg(TARGET, TARGET, LegState.CANCELLED, **no)
        assert by_order(world.decide_all(), TARGET) == {"F": 60, "G": 60}

    def test_what_ships_of_others_are_about_to_lift_is_spoken_for(self) -> None:
        """The node waits, and is not done (law L8)."""
        world = liftable()
        other = world.another("G", legs=list(world.legs), request=FactoryRequest(Strategy.SMART, 120))
        for _ in range(2):
            other.leg(TARGET, TARGET, LegState.LOADING, units=60)
        decision = world.decide()
        assert lifts(decision) == 0
        assert node(decision, TARGET).state is NodeState.PRODUCING
        assert node(decision, TARGET).next_check is not None

    def waits_for_all(self, *, units: int = 80, **facts: Any) -> World:
        """Another, of higher priority, has one ship with a hold of 80 and lacks inputs: it waits for 80.

        From 30 below balance 60 can be lifted, all that the first one wants.
        """
        world = liftable(ships=8)
        world.fleet(*world.ships.values(), ship("BIG", hold=80))
        set_level(world, SITES[TARGET], TARGET, -1.5)
        request = FactoryRequest(Strategy.SMART, units, ships=("BIG",), priority=2.0)
        other = world.another("G", **{"legs": list(world.legs), "request": request, **facts})
        set_level(world, SITES[TARGET], LEFT, -3)
        world.request = replace(world.request, exclude=("BIG",))
        assert lifts(other.decide()) == 0
        return world

    def test_what_it_could_lift_is_kept_for_it(self) -> None:
        decision = self.waits_for_all().decide()
        assert lifts(decision) == 0
        reason = node(decision, TARGET).reason
        assert f"80 units are kept for another {TARGET}, which has a higher priority" in reason

    def test_all_for_whom_units_are_kept_are_named(self) -> None:
        world = self.waits_for_all()
        user_beside(world, -0.75)
        assert (
            f"90 units are kept for {MIDDLE}, which needs them sooner and another {TARGET},"
            " which has a higher priority"
        ) in node(world.decide(), TARGET).reason

    def test_nothing_is_kept_for_who_is_no_more_important(self) -> None:
        world = self.waits_for_all()
        world.request = replace(world.request, priority=2.0)
        assert lifts(world.decide()) == 60

    def test_who_makes_it_elsewhere_is_not_meant(self) -> None:
        world = self.waits_for_all()
        world.show(replace(world.markets[SITES[TARGET]], waypoint="X1-W-A2"))
        tree = world.beside[0].tree
        world.beside[0].tree = replace(tree, source="X1-W-A2", factory_waypoint="X1-W-A2")
        assert lifts(world.decide()) == 60

    def test_nothing_is_kept_for_one_whose_ships_are_busy(self) -> None:
        """It could lift none of it now."""
        world = self.waits_for_all()
        world.claims["BIG"] = claim("BIG")
        assert lifts(world.decide()) == 60

    def test_nothing_is_kept_before_its_market_makes_some(self) -> None:
        """It proves that it makes it, and its inputs have not come: others lift meanwhile."""
        world = self.waits_for_all()
        other = world.beside[0]
        other.legs, other.request = [], replace(other.request, strategy=Strategy.PREFER_FABRICATE)
        assert lifts(world.decide()) == 60

    def test_nothing_is_kept_for_what_goes_on_for_ever(self) -> None:
        """It would stand before others for good. One of its ships is full, the last is left for others."""
        world = self.waits_for_all()
        world.ships["FULL"] = ship("FULL", hold=80, cargo={TARGET: 80})
        world.request = replace(world.request, exclude=("BIG", "FULL"))
        other = world.beside[0]
        endless: dict[str, Any] = {"continuous": True, "terminal": Terminal.STOCK, "ships": ("BIG", "FULL")}
        other.request = replace(other.request, **endless)
        assert "is left for other work" in node(other.decide(), TARGET).reason
        assert lifts(world.decide()) == 60

    def test_nothing_is_kept_once_nothing_has_moved_for_two_steps(self) -> None:
        """It is stuck, for whatever reason; the others are not."""
        world = self.waits_for_all()
        other = world.beside[0]
        world.now += timedelta(minutes=59)
        world.look()
        assert lifts(world.decide()) == 0
        world.now += timedelta(minutes=2)
        world.look()
        other.leg(LEFT, TARGET, LegState.LOADING)  # tried again this moment, and nothing bought
        assert lifts(world.decide()) == 60


class TestWorth:
    def test_a_lift_is_due_when_the_work_of_its_market_is(self) -> None:
        """An hour of its order is lost for each hour beyond that, in steps of half an hour."""
        world = liftable(200)
        slack = world.needs().slack((SITES[TARGET], TARGET))
        assert slack > 0
        found = {lot.worth for lot in world.decide().lots if lot.feeds is None}
        assert found == {Worth(0, world.policy.hour_value, slack / 2)}
