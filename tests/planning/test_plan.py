"""The plan of an agent: what all its orders want at the same markets, and what each of its ships does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from tests.planning.flow_world import (
    LEFT,
    POLICY,
    RIGHT,
    SAND,
    SHOPS,
    SITES,
    START,
    SYSTEM,
    TARGET,
    World,
    after,
    claim,
    listing,
    market,
    ship,
)
from tests.planning.shared_market import set_level

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.factory import FactoryRequest, GoodsFactory, Hibernation, Strategy
from goodsfactory.domain.goods import Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.leg_totals import LegTotals
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.stock import StockKind, StockRow
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.chain.current import Chains
from goodsfactory.planning.plan import Plan, plan
from goodsfactory.planning.requirements.lot import Lot, LotKey
from goodsfactory.planning.requirements.traffic import COUNTS_FOR
from goodsfactory.planning.situation import Order, Situation
from goodsfactory.planning.snapshot import Verdict

MIDDLE = "MACHINERY"
RECIPES = RecipeMap(
    {TARGET: (LEFT,), MIDDLE: (LEFT,), RIGHT: (LEFT,), LEFT: (SAND,)}, raw=frozenset({SAND, "IRON"})
)
EVERY_SHIP_HEARS = (SpendRule.FLOOR, SpendRule.CEILING, SpendRule.PRICE_UNKNOWN)
LATER = after(150)


def world(electronics: float = -2, *, ships: int = 9) -> World:
    """One export of electronics, at so many trade volumes of 20, and three markets that are starved of them.

    They make their goods by 6, 20 and 60 a step: of so many units the slowest has the most work before it.
    """
    empty, low, takes = Supply.SCARCE, Supply.LIMITED, TradeType.IMPORT
    found = World().show(
        market(SHOPS[SAND], listing(SAND, supply=Supply.HIGH, volume=60)),
        market(SITES[LEFT], listing(LEFT), listing(SAND, takes, empty, 60)),
        market(SITES[TARGET], listing(TARGET, supply=low, volume=6), listing(LEFT, takes, empty)),
        market("X1-W-Q", listing(MIDDLE, supply=low, volume=20), listing(LEFT, takes, empty)),
        market(SITES[RIGHT], listing(RIGHT, supply=low, volume=60), listing(LEFT, takes, empty)),
    )
    set_level(found, SITES[LEFT], LEFT, electronics)
    return found.fleet(*(ship(f"S{number}", SHOPS[SAND]) for number in range(ships)))


def order(name: str, target: Good = TARGET, *, legs: Sequence[Leg] = (), **facts: Any) -> Order:
    """200 units of ``target``, unless ``facts`` of the factory have another request."""
    facts = {"request": FactoryRequest(Strategy.SMART, 200), **facts}
    return Order(GoodsFactory(name, 1, target, SYSTEM, START, START, **facts), legs=legs)


def slow(**facts: Any) -> Order:
    return order("SLOW", TARGET, **facts)


def middle(**facts: Any) -> Order:
    return order("MIDDLE", MIDDLE, **facts)


def fast(**facts: Any) -> Order:
    return order("FAST", RIGHT, **facts)


def situation(seen: World, *orders: Order, **facts: Any) -> Situation:
    flying = [leg for one in orders for leg in one.legs if leg.state.is_open]
    ships = list(seen.ships.values())
    return Situation(orders, ships, seen.markets, seen.chart, RECIPES, flying, claims=seen.claims, **facts)


def planned(seen: World, *orders: Order, **facts: Any) -> Plan:
    """The plan of this instant, by somebody who has planned nothing before."""
    return plan(situation(seen, *orders, **facts), seen.now, POLICY, Chains())


def lots(made: Plan, name: str, good: Good = LEFT) -> list[Lot]:
    return [lot for lot in made.decisions[name].lots if lot.good == good]


def units(made: Plan, good: Good = LEFT) -> dict[str, int]:
    """What each order is to load of a good."""
    return {name: sum(lot.units for lot in lots(made, name, good)) for name in made.decisions}


def given_back(lot: Lot, rule: SpendRule, until: datetime = LATER) -> Leg:
    """What becomes of a lot whose ship was refused its purchase before it bought anything."""
    return lot.flown(1, "L1", "S1", "worker-1", START).give_back("refused", rule, until, START)


def flights(made: Plan) -> set[tuple[LotKey, str, int, str]]:
    """Which ship carries what from where."""
    found = ((match.lot, match.ship.symbol) for match in made.matches)
    return {(lot.key, lot.source, lot.units, ship) for lot, ship in found}


class TestAtOneExport:
    """Each of three orders could take all there is."""

    @pytest.mark.parametrize(
        ("level", "shares"),
        [
            (-2, {"SLOW": 60, "MIDDLE": 0, "FAST": 0}),
            (2, {"SLOW": 80, "MIDDLE": 32, "FAST": 0}),
            (4, {"SLOW": 80, "MIDDLE": 72, "FAST": 0}),
        ],
    )
    def test_the_more_urgent_is_served_first_whatever_the_order_of_the_orders(
        self, level: float, shares: dict[str, int]
    ) -> None:
        """In one plan: 20 below SCARCE and 20 above each volume can be loaded, once, and none is taken twice.

        A tranche is left where another loads too: whoever comes last may find it gone. 88 units are due for
        the slowest, eight of which are not worth a ship. More waits until the others are served.
        """
        seen = world(level)
        for orders in permutations([slow(), middle(), fast()]):
            assert units(planned(seen, *orders)) == shares

    def test_orders_of_unlike_priority_do_not_wait_for_each_other(self) -> None:
        """By one measure the first is more urgent, by its ship's value the second: one of them loads."""
        seen = world(0)
        set_level(seen, SITES[TARGET], LEFT, -6)
        set_level(seen, SITES[RIGHT], LEFT, -1)
        first = slow(request=FactoryRequest(Strategy.SMART, 40, priority=3.0))
        second = fast(request=FactoryRequest(Strategy.SMART, 520, priority=1.6))
        for orders in permutations([first, second]):
            loaded = units(planned(seen, *orders))
            assert 0 < sum(loaded.values()) <= 100

    def test_alone_each_would_take_more(self) -> None:
        """So that there is something to share."""
        seen = world(2)
        alone = {one.id: units(planned(seen, one))[one.id] for one in (slow(), middle(), fast())}
        assert alone == {"SLOW": 120, "MIDDLE": 120, "FAST": 120}

    @pytest.mark.parametrize("level", [-2, 0, 3])
    def test_the_same_ships_fly_the_same_lots_whatever_the_order_of_the_orders(self, level: float) -> None:
        """Two that do not tie in anything; only what a chain was weighed beside is told in other words."""
        seen = world(level, ships=3)
        one, two = planned(seen, slow(), fast()), planned(seen, fast(), slow())
        assert flights(one) == flights(two)
        assert len(one.matches) == 3

    def test_who_goes_without_is_told_so(self) -> None:
        """All there is was promised to the other: it is made, and looked at again."""
        seen = world()
        assert units(planned(seen, fast()))["FAST"] == 60
        made = planned(seen, fast(), slow())
        assert units(made) == {"FAST": 0, "SLOW": 60}
        node = next(node for node in made.decisions["FAST"].nodes if node.good == LEFT)
        assert node.reason.endswith(f"as much as {SITES[LEFT]} has for it")
        assert node.state is NodeState.PRODUCING
        assert node.next_check is not None

    def test_priority_turns_it_round(self) -> None:
        seen = world()
        first = replace(fast().factory.request, priority=100)
        for orders in permutations([slow(), fast(request=first)]):
            assert units(planned(seen, *orders)) == {"SLOW": 0, "FAST": 60}

    def test_what_one_brings_to_a_market_no_other_brings(self) -> None:
        """Two orders live on the electronics of one market, and what its input lacks is brought once."""
        seen = world()
        set_level(seen, SITES[LEFT], SAND, 1)
        alone = units(planned(seen, slow()), SAND)["SLOW"]
        assert alone == 119
        assert sum(units(planned(seen, slow(), order("TWIN")), SAND).values()) == alone

    @pytest.mark.parametrize(("laden", "left"), [(False, 0), (True, 60)])
    def test_what_ships_of_another_order_load_is_spoken_for(self, laden: bool, left: int) -> None:
        """However little urgent it is; what was aboard before the market was seen is none of what it has."""
        seen = world()
        lot = lots(planned(seen, fast()), "FAST")[0]
        leg = lot.flown(1, "L1", "S1", "worker-1", after(-9))
        seen.claims["S1"] = claim("S1")
        if laden:
            leg = leg.buy(lot.units, 0, after(-5)).depart(after(-5))
        assert units(planned(seen, fast(legs=[leg]), slow()))["SLOW"] == left


class TestNotAtWork:
    """An order that gets nothing, beside one that does."""

    def test_a_paused_order_gets_no_lot_and_asks_for_none(self) -> None:
        """The more urgent one is paused: the other has the export to itself."""
        seen = world()
        tree = planned(seen, slow()).trees["SLOW"]
        made = planned(seen, slow(paused_at=START, tree=tree), fast())
        assert made.decisions["SLOW"].lots == ()
        assert {node.state for node in made.decisions["SLOW"].nodes} == {NodeState.PAUSED}
        assert {match.lot.order_id for match in made.matches} == {"FAST"}
        assert made.decisions["FAST"] == planned(seen, fast()).decisions["FAST"]

    @pytest.mark.parametrize("idle", ["hibernates", "is complete"])
    def test_nor_does_one_that_rests_or_is_complete(self, idle: str) -> None:
        seen = world()
        rest = Hibernation(START, after(3600), "it earned too little")
        lift = seen.leg(TARGET, TARGET, units=200, bought=200)
        other = slow(hibernation=rest) if idle == "hibernates" else slow(legs=[lift])
        made = planned(seen, other, fast())
        verdict = Verdict.CONTINUE if idle == "hibernates" else Verdict.COMPLETE
        assert (made.decisions["SLOW"].verdict, made.decisions["SLOW"].lots) == (verdict, ())
        assert made.decisions["FAST"] == planned(seen, fast()).decisions["FAST"]

    def test_what_a_paused_order_has_under_way_is_reckoned_with(self) -> None:
        """Its ship loads what it was sent for."""
        seen = world()
        leg = lots(planned(seen, slow()), "SLOW")[0].flown(1, "L1", "S1", "worker-1", START)
        assert units(planned(seen, slow(paused_at=START, legs=[leg]), fast()))["FAST"] == 0

    def test_an_order_whose_chain_can_never_be_fails_alone(self) -> None:
        """It has no chain and no lots; the others plan as if it had never been."""
        seen = world()
        never = order("NEVER", "GOLD")
        for orders in permutations([never, slow()]):
            made = planned(seen, *orders)
            assert made.decisions["NEVER"].verdict is Verdict.FAIL
            assert "GOLD" in made.decisions["NEVER"].reason
            assert made.decisions["NEVER"].lots == ()
            assert set(made.trees) == {"SLOW"}
            assert made.decisions["SLOW"] == planned(seen, slow()).decisions["SLOW"]


class TestWithoutAShip:
    def test_a_lot_without_a_ship_leaves_no_trace(self) -> None:
        """All ships are busy: the next plan of the same situation is the same, and so is one from scratch."""
        seen = world(ships=2)
        seen.claims |= {name: claim(name) for name in seen.ships}
        seen_now, chains = situation(seen, slow(), fast()), Chains()
        first = plan(seen_now, seen.now, POLICY, chains)
        assert first.matches == []
        assert lots(first, "SLOW")
        assert plan(seen_now, seen.now, POLICY, chains) == first == plan(seen_now, seen.now, POLICY, Chains())

    def test_it_is_wanted_again_with_its_age(self) -> None:
        """Nothing else is remembered from plan to plan."""
        seen = world(ships=2)
        seen.claims |= {name: claim(name) for name in seen.ships}
        first = planned(seen, slow(), fast())
        seen.now = after(60)
        again = planned(seen, slow(), fast(), waiting=first.ages)
        assert {name: one.lots for name, one in again.decisions.items()} == {
            name: one.lots for name, one in first.decisions.items()
        }
        assert {lot.since for one in again.decisions.values() for lot in one.lots} == {START}

    @pytest.mark.parametrize(("waited", "left"), [(COUNTS_FOR / 2, 0), (COUNTS_FOR * 2, 100)])
    def test_a_lot_whose_ship_does_not_come_holds_the_others_up_for_half_an_hour(
        self, waited: timedelta, left: int
    ) -> None:
        """The ships of one order are away for long: its share of the export is not kept for ever."""
        seen = world(0, ships=2)
        only = slow(request=FactoryRequest(Strategy.SMART, 200, ships=("S0",)))
        seen.claims["S0"] = claim("S0")
        first = planned(seen, only, fast())
        assert units(first) == {"SLOW": 100, "FAST": 0}
        seen.now += waited
        seen.look()
        assert units(planned(seen, only, fast(), waiting=first.ages))["FAST"] == left

    @pytest.mark.parametrize("level", [-2, -1, 0, 1])
    @pytest.mark.parametrize(("ships", "waited"), [("S9", timedelta()), ("S0", 3 * COUNTS_FOR)])
    def test_an_order_that_nobody_flies_for_keeps_no_export_from_the_others(
        self, ships: str, waited: timedelta, level: float
    ) -> None:
        """It may use no ship, or its only one has been away for hours: others take what there is."""
        seen = world(level, ships=2)
        away = slow(request=FactoryRequest(Strategy.SMART, 200, ships=(ships,)))
        seen.claims["S0"] = claim("S0")
        first = planned(seen, away, fast())
        seen.now += waited
        seen.look()
        alone = units(planned(seen, fast()))["FAST"]
        assert units(planned(seen, away, fast(), waiting=first.ages))["FAST"] == alone > 0


class Broken(Sequence[LegTotals]):
    """What no plan can be made of: whoever looks at it raises."""

    def __getitem__(self, index: Any) -> Any:
        raise RuntimeError(f"no {index}")

    def __len__(self) -> int:
        raise RuntimeError("not to be counted")


def test_a_fault_met_with_one_order_keeps_no_other_from_being_planned() -> None:
    """It is told with that order, which gets no lot; the others get what they would alone (law L9)."""
    seen, broken = world(2), replace(fast(), totals=Broken())
    made = planned(seen, slow(), broken, middle())
    assert units(made) == units(planned(seen, slow(), middle())) | {"FAST": 0}
    assert isinstance(made.decisions["FAST"].bug, RuntimeError)
    assert "cannot be planned: RuntimeError: no" in made.decisions["FAST"].reason


class Raising(float):
    """What cannot be put in order with anything else."""

    def __lt__(self, other: float) -> bool:
        raise RuntimeError("not to be sorted")

    __gt__ = __lt__


class Unsortable(float):
    """A priority that means something alone, and cannot be put in order with others."""

    def __neg__(self) -> Raising:
        return Raising(-float(self))


@pytest.mark.parametrize("ill", ["SLOW", "FAST"])
def test_a_fault_that_shows_only_beside_others_sets_the_newest_aside(ill: str) -> None:
    """Nobody can tell whose it is: those that were there before go on, and each can be planned alone."""
    seen = world(2)
    orders = {one.id: one for one in (slow(), fast())}
    request = replace(orders[ill].factory.request, priority=Unsortable(1.0))
    orders[ill] = order(ill, orders[ill].factory.target_good, request=request)
    alone = [planned(seen, one).decisions[one.id] for one in orders.values()]
    assert [decision.bug for decision in alone] == [None, None]
    made = planned(seen, *orders.values())
    assert isinstance(made.decisions["FAST"].bug, RuntimeError)
    assert made.decisions["FAST"].lots == ()
    assert made.decisions["SLOW"] == alone[0]
    assert {match.lot.order_id for match in made.matches} == {"SLOW"}


class TestRefusals:
    """One order was refused sand, which both buy at one shop."""

    @pytest.mark.parametrize("rule", SpendRule)
    def test_a_refusal_that_every_ship_hears_holds_the_purchase_of_all_orders(self, rule: SpendRule) -> None:
        """One about the floor, the ceiling or an unknown price; any other only along the edge it flew for."""
        seen = world()
        first = planned(seen, slow(), fast())
        leg = given_back(lots(first, "SLOW", SAND)[0], rule)
        made = planned(seen, slow(legs=[leg]), fast())
        own, other = lots(made, "SLOW", SAND), lots(made, "FAST", SAND)
        assert own
        assert other
        assert {(lot.not_before, lot.failure, lot.rule) for lot in own} == {(LATER, "refused", rule)}
        expected = (LATER, "refused", rule) if rule in EVERY_SHIP_HEARS else (None, None, None)
        assert {(lot.not_before, lot.failure, lot.rule) for lot in other} == {expected}

    @pytest.mark.parametrize("rule", [SpendRule.FLOOR, SpendRule.BALANCE])
    def test_no_ship_flies_what_is_held(self, rule: SpendRule) -> None:
        """Ships are free for everything else, until then."""
        seen = world()
        leg = given_back(lots(planned(seen, slow(), fast()), "SLOW", SAND)[0], rule)
        made = planned(seen, slow(legs=[leg]), fast())
        flown = {(match.lot.order_id, match.lot.good) for match in made.matches}
        assert ("SLOW", LEFT) in flown
        assert ("SLOW", SAND) not in flown
        assert (("FAST", SAND) in flown) is (rule is SpendRule.BALANCE)
        seen.now = LATER
        seen.look()
        made = planned(seen, slow(legs=[leg]), fast())
        flown = {(match.lot.order_id, match.lot.good) for match in made.matches}
        assert flown >= {("SLOW", SAND), ("FAST", SAND)}
        assert not any(lot.failure for one in made.decisions.values() for lot in one.lots)

    def test_nothing_is_flown_to_be_refused_while_spending_is_held(self) -> None:
        """Whatever it costs; every node that could be served says so, and until when."""
        seen = world()
        made = planned(seen, slow(), fast(), spending_held="ledger: 9 credits are missing")
        assert made.matches == []
        told = {(lot.rule, lot.failure) for lot in made.waiting}
        assert told == {(SpendRule.LEDGER, "ledger: 9 credits are missing")}
        states = {node.state for one in made.decisions.values() for node in one.nodes if node.good == SAND}
        assert states == {NodeState.WAITING_BUDGET}
        assert planned(seen, slow(), fast(), waiting=made.ages).matches

    def test_what_is_aboard_already_is_brought_while_spending_is_held(self) -> None:
        """It costs nothing more."""
        seen = world()
        seen.ships["S0"] = ship("S0", SHOPS[SAND], cargo={SAND: 40})
        made = planned(seen, slow(), spending_held="ledger: 9 credits are missing")
        assert [(match.ship.symbol, match.lot.good) for match in made.matches] == [("S0", SAND)]

    def test_an_order_that_asks_for_a_free_ship_asks_when_it_begins(self) -> None:
        """Later it waits like any other."""
        seen = world(ships=1)
        picky = slow(request=FactoryRequest(Strategy.SMART, 200, fail_if_no_ship=True))
        first = planned(seen, picky)
        seen.claims |= {name: claim(name) for name in seen.ships}
        assert planned(seen, picky).decisions["SLOW"].verdict is Verdict.FAIL
        begun = replace(picky, progress={node.good: node for node in first.decisions["SLOW"].nodes})
        assert planned(seen, begun).decisions["SLOW"].verdict is Verdict.CONTINUE

    def test_another_source_is_not_held(self) -> None:
        """What was refused is the purchase at one market."""
        seen = world()
        leg = given_back(lots(planned(seen, slow(), fast()), "SLOW", SAND)[0], SpendRule.CEILING)
        seen.show(market("X1-W-N", listing(SAND, supply=Supply.ABUNDANT, volume=60)))
        found = lots(planned(seen, slow(legs=[leg]), fast()), "FAST", SAND)
        assert {(lot.source, lot.not_before) for lot in found} == {("X1-W-N", None)}

    def test_what_waits_for_money_keeps_nothing_from_the_others(self) -> None:
        """The more urgent order was refused: another that may buy takes what lies there meanwhile."""
        seen = world(0)
        assert units(planned(seen, slow(), fast())) == {"SLOW": 100, "FAST": 0}
        leg = given_back(lots(planned(seen, slow()), "SLOW")[0], SpendRule.BALANCE)
        made = planned(seen, slow(legs=[leg]), fast())
        assert all(lot.waits(seen.now) for lot in lots(made, "SLOW"))
        assert units(made) == {"SLOW": 80, "FAST": 100}


class TestShips:
    """Loads to fly, a leftover to sell, a market to look at and one to wait at; and always fewer ships."""

    @pytest.mark.parametrize("ships", range(6))
    def test_a_ship_does_one_thing_at_most(self, ships: int) -> None:
        """Nobody who is busy is given anything, and nobody is given two things."""
        made = self.planned(ships)
        busy = [match.ship.symbol for match in made.matches]
        busy += [voyage.ship for voyage in (*made.looks, *made.posts)]
        assert len(set(busy)) == len(busy)
        assert "BUSY" not in busy

    def test_there_is_work_of_every_kind(self) -> None:
        """Loads come first, then leftovers, looks, and waiting."""
        made = self.planned(5)
        assert {match.lot.clears for match in made.matches} == {False, True}
        assert [match.ship.symbol for match in made.matches if match.lot.clears] == ["LADEN"]
        assert [voyage.waypoints for voyage in made.looks] == [("X1-W-I",)]
        assert [voyage.waypoints for voyage in made.posts] == [(SITES[TARGET],)]
        assert len(made.matches) + len(made.looks) + len(made.posts) == 6

    def test_loads_are_flown_first(self) -> None:
        """Three loads and three ships: none of them looks or waits."""
        made = self.planned(3)
        assert len([match for match in made.matches if not match.lot.clears]) == 3
        assert (made.looks, made.posts) == ([], [])

    def planned(self, ships: int) -> Plan:
        seen = world(-5, ships=ships)
        set_level(seen, SITES[TARGET], TARGET, -2.5)
        seen.show(
            market("X1-W-F", listing("FOOD", TradeType.IMPORT)),
            market("X1-W-I", listing("IRON"), seen=None),
        )
        seen.ships["LADEN"] = ship("LADEN", SHOPS[SAND], cargo={"FOOD": 10})
        seen.ships["BUSY"] = ship("BUSY", SHOPS[SAND])
        seen.claims["BUSY"] = claim("BUSY")
        seen.tree = planned(seen, slow()).trees["SLOW"]
        going = slow(
            request=FactoryRequest(Strategy.SMART, 40), legs=[seen.leg(SAND, LEFT), seen.leg(LEFT, TARGET)]
        )
        unseen = order("UNSEEN", "IRON", request=FactoryRequest(Strategy.PREFER_BUY, 40))
        left = StockRow(1, "LADEN", "FOOD", 10, 500, StockKind.LEFTOVER, "OVER", after(-7200))
        return planned(seen, going, unseen, stock=[left])


def test_an_agent_without_orders_plans_nothing_and_looks_again_later() -> None:
    made = planned(world())
    assert (made.decisions, made.trees, made.matches, made.looks, made.posts) == ({}, {}, [], [], [])
    assert made.pause == POLICY.roll_call_interval


def test_the_next_plan_comes_with_the_first_check_of_any_order() -> None:
    """The purchase that one order was refused may be tried again before anything else is due."""
    seen = world()
    first = planned(seen, slow(), fast())
    assert first.pause == POLICY.planner_interval
    leg = given_back(lots(first, "SLOW", SAND)[0], SpendRule.BALANCE, until=after(7))
    assert planned(seen, fast(), slow(legs=[leg])).pause == 7
