"""The strategy SMART: what is there is lifted at once, and inputs are fed before they run out."""

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
    circuitry,
    edge_of,
    listing,
    market,
    node,
    ship,
)

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.factory import FactoryRequest, Strategy
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.domain.price_law import Quote
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.planning.market.stock import PLENTY, loadable, net_supply, pace, seconds_until, spare
from goodsfactory.planning.requirements.needs import CHEAP, DEAR, Top, loads_of, needs, top_up
from goodsfactory.planning.requirements.neighbours import Neighbours

HOLD = 40


def smart(units: int = 200, **options: Any) -> World:
    return circuitry(FactoryRequest(Strategy.SMART, units), **options)


def node_of(world: World, good: str) -> Any:
    return next(node for node in world.tree.flatten() if node.good == good)


def set_level(world: World, waypoint: str, good: str, volumes: float) -> None:
    """Put a good at so many trade volumes of net supply, seen now."""
    old = world.markets[waypoint]
    fresh = []
    for one in old.listings:
        if one.good != good:
            fresh.append(one)
            continue
        quote = Quote(one.type, BASE_PRICES[good], 8, round(volumes * one.trade_volume), one.trade_volume)
        fresh.append(replace(one, supply=quote.supply, ask=quote.ask, bid=quote.bid))
    world.markets[waypoint] = replace(old, listings=tuple(fresh), observed_at=world.now)


STEP = 20
"""Units that a step of production takes of each input in these worlds, whatever the import's trade volume."""


def fed(good: str, output: str, steps: float) -> int:
    """Units sent along an edge whose input lasts so many steps: as much is missing as fills it, for work that
    is too little to let the market grow for it."""
    world = smart(2000)
    world.leg(good, output)
    site = SITES[output]
    there = world.markets[site].listing(good)
    assert there is not None
    set_level(world, site, good, steps * STEP / there.trade_volume - 2)
    missing = round((CHEAP.filled - steps) * STEP)
    return sum(top_up(world.snapshot(), node_of(world, good), node_of(world, output), missing, HOLD, 9).sizes)


def unseen() -> World:
    return smart(2000, seen=None)


def blind(world: World, good: str, output: str, missing: int = 400) -> tuple[int, ...]:
    """Loads sent along an edge into a market whose prices were not seen."""
    top = top_up(world.snapshot(), node_of(world, good), node_of(world, output), missing, HOLD, 10)
    assert "needs no more" in top.reason or "not seen" in top.reason
    return top.sizes


class TestStock:
    @pytest.mark.parametrize(
        ("supply", "volumes"),
        [(Supply.SCARCE, -6), (Supply.LIMITED, -3), (Supply.HIGH, 3), (Supply.ABUNDANT, 6)],
    )
    def test_net_supply_is_read_off_the_prices(self, supply: Supply, volumes: int) -> None:
        """The price law gives back the units from which it made the prices."""
        assert net_supply(listing(TARGET, supply=supply)) == volumes * 20

    def test_a_price_that_fits_no_law_is_guessed_from_the_label(self) -> None:
        """An ask far off the law leaves the middle of the label: three trade volumes below balance."""
        odd = replace(listing(TARGET, supply=Supply.LIMITED), ask=1, bid=1)
        assert net_supply(odd) == -60

    def test_what_can_be_loaded_ends_at_scarce(self) -> None:
        """From MODERATE there are four trade volumes down to SCARCE; an import sells nothing."""
        assert loadable(listing(TARGET, supply=Supply.MODERATE)) == 80
        assert loadable(listing(TARGET, supply=Supply.SCARCE)) == 0
        assert loadable(listing(TARGET, TradeType.IMPORT, Supply.ABUNDANT)) == 0

    def test_an_exchange_has_plenty_whatever_it_shows(self) -> None:
        assert net_supply(listing(SAND, TradeType.EXCHANGE, Supply.SCARCE)) == PLENTY

    def test_an_input_may_fall_to_the_edge_of_limited(self) -> None:
        """Below it the factory is throttled: spare is negative then."""
        assert spare(listing(LEFT, TradeType.IMPORT, Supply.MODERATE)) == 40
        assert spare(listing(LEFT, TradeType.IMPORT, Supply.SCARCE)) == -80

    def test_pace_follows_activity_and_rises_with_feeding(self) -> None:
        """WEAK makes a quarter of the trade volume in half an hour; fed it is reckoned as GROWING."""
        weak = listing(TARGET)
        assert pace(weak) == 10.0
        assert pace(weak, fed=True) == 30.0
        assert pace(listing(TARGET, TradeType.IMPORT)) == 0.0

    @pytest.mark.parametrize(
        ("volumes", "activity", "ready", "hours"),
        [
            (-3, Activity.STRONG, Supply.MODERATE, 0.5),
            (-3.05, Activity.STRONG, Supply.MODERATE, 1.0),
            (-3, Activity.RESTRICTED, Supply.MODERATE, 2.5),
            (-3, None, Supply.MODERATE, 2.0),
            (0, Activity.STRONG, Supply.HIGH, 1.0),
            (0, Activity.STRONG, Supply.MODERATE, 0.0),
        ],
    )
    def test_a_level_is_reached_in_whole_steps_of_production(
        self, volumes: float, activity: Activity | None, ready: Supply, hours: float
    ) -> None:
        """A trade volume is 20 units: STRONG makes all of it in a step, RESTRICTED four; untold is WEAK."""
        world = smart()
        set_level(world, SITES[TARGET], TARGET, volumes)
        seen = world.markets[SITES[TARGET]].listing(TARGET)
        assert seen is not None
        assert seconds_until(replace(seen, activity=activity), ready) == hours * 3600

    def test_what_is_not_made_here_reaches_no_level(self) -> None:
        assert seconds_until(listing(LEFT, TradeType.IMPORT, Supply.SCARCE), Supply.MODERATE) is None


class TestNeeds:
    def test_what_is_in_stock_needs_no_inputs(self) -> None:
        """A target ABUNDANT beyond what is asked for takes a tranche of each input and nothing below them."""
        world = smart(40)
        set_level(world, SITES[TARGET], TARGET, 6)
        for half in (LEFT, RIGHT):
            set_level(world, SITES[half], half, 6)
        found = needs(world.snapshot(), HOLD)
        assert found.to_deliver[LEFT, TARGET] == 20
        assert found.to_deliver[WIRE, LEFT] == 0

    def test_the_first_tranche_is_no_larger_than_a_hold_or_the_order(self) -> None:
        """That the target is made and not only bought, a trade volume of 20 proves; so does less."""
        world = smart(200)
        set_level(world, SITES[TARGET], TARGET, 20)
        set_level(world, SITES[TARGET], LEFT, 6)
        assert needs(world.snapshot(), 15).to_deliver[LEFT, TARGET] == 15
        world.request = FactoryRequest(Strategy.SMART, 7)
        assert needs(world.snapshot(), HOLD).to_deliver[LEFT, TARGET] == 7

    def test_every_unit_to_be_made_takes_one_of_each_input(self) -> None:
        """What the stock does not give is to be made, and SCARCE inputs are brought up besides.

        The last step, of twenty, is made of what lies there below the edge.
        """
        world = smart(200)
        found = needs(world.snapshot(), HOLD)
        to_make = 200 - loadable(listing(TARGET, supply=Supply.LIMITED))
        assert found.to_deliver[LEFT, TARGET] == to_make + 80 - 20

    def test_loads_under_way_are_needed_no_second_time(self) -> None:
        world = smart(200)
        before = needs(world.snapshot(), HOLD).to_deliver[LEFT, TARGET]
        world.leg(LEFT, TARGET, LegState.LADEN)
        assert needs(world.snapshot(), HOLD).to_deliver[LEFT, TARGET] == before - HOLD


class TestTopUp:
    def test_an_input_that_lasts_is_left_alone(self) -> None:
        """Two steps above the edge of LIMITED is enough for now, though one more will be needed."""
        world = smart(200)
        world.leg(LEFT, TARGET)
        set_level(world, SITES[TARGET], LEFT, 0)
        top = top_up(world.snapshot(), node_of(world, LEFT), node_of(world, TARGET), STEP, HOLD, 3)
        assert top.sizes == ()
        assert "2.0 steps" in top.reason

    def test_an_input_is_fed_before_it_throttles(self) -> None:
        """One step above the edge the next load is sent, though the label still says MODERATE.

        20 units lie above the edge, and a dear input is filled to two steps and a half: 50.
        """
        world = smart(200)
        world.leg(LEFT, TARGET)
        set_level(world, SITES[TARGET], LEFT, -1)
        top = top_up(world.snapshot(), node_of(world, LEFT), node_of(world, TARGET), 200, HOLD, 3)
        assert sum(top.sizes) == 30
        assert not top.pressing

    def test_what_does_not_last_a_step_is_pressing(self) -> None:
        """The next step would make less: 10 of the 20 units of a step are left, and 40 fill it."""
        world = smart(200)
        world.leg(LEFT, TARGET)
        set_level(world, SITES[TARGET], LEFT, -1.5)
        top = top_up(world.snapshot(), node_of(world, LEFT), node_of(world, TARGET), 200, HOLD, 3)
        assert sum(top.sizes) == 40
        assert top.pressing

    @pytest.mark.parametrize("steps", [1.2, 0.5, 0.0, -1.0])
    def test_a_dear_input_is_filled_less_than_a_cheap_one(self, steps: float) -> None:
        """Electronics (2,200 credits) up to 2.5 steps, copper (240 credits) up to four; prices are round."""
        assert fed(LEFT, TARGET, steps) == pytest.approx((DEAR.filled - steps) * STEP, abs=2)
        assert fed(WIRE, LEFT, steps) == pytest.approx((CHEAP.filled - steps) * STEP, abs=2)

    def test_a_dear_input_may_fall_lower_than_a_cheap_one(self) -> None:
        """At 1.4 steps copper is topped up already; electronics are left until less than 1.25."""
        assert fed(LEFT, TARGET, 1.4) == 0
        assert fed(LEFT, TARGET, 1.25) == 0
        assert fed(WIRE, LEFT, 1.5) == 0
        assert fed(WIRE, LEFT, 1.4) > 0

    def test_nothing_is_sent_where_nothing_is_missing(self) -> None:
        world = smart(200)
        assert top_up(world.snapshot(), node_of(world, LEFT), node_of(world, TARGET), 0, HOLD, 3).sizes == ()

    def test_the_first_load_of_a_target_is_sent_in_any_case(self) -> None:
        """The target is made, not only bought (ADR 2), even where its inputs lie there in plenty.

        There is no room for it, so it is the least that a ship is sent for: more would only be paid less for.
        """
        world = smart(40)
        set_level(world, SITES[TARGET], LEFT, 6)
        top = top_up(world.snapshot(), node_of(world, LEFT), node_of(world, TARGET), 40, HOLD, 3)
        assert top.sizes == (HOLD // 4,)
        assert top.pressing

    @pytest.mark.parametrize(
        ("missing", "steps", "sent"), [(3, -1.0, 5), (3, 0.2, 7), (3, 1.0, 10), (9, 0.0, 10), (20, 0.0, 20)]
    )
    def test_the_last_few_units_are_rounded_up_to_what_they_may_become(
        self, missing: int, steps: float, sent: int
    ) -> None:
        """A unit takes 1.5 of an input at most: what lies there is used up sooner, too.

        More would stay there, and less than a quarter of a hold is sent for that reason only.
        """
        world = smart(200)
        world.leg(LEFT, TARGET)
        set_level(world, SITES[TARGET], LEFT, steps - 2)
        top = top_up(world.snapshot(), node_of(world, LEFT), node_of(world, TARGET), missing, HOLD, 3)
        assert top.sizes == (sent,)


def growing(level: float, *, units: int = 200, missing: int = 200, good: str = LEFT) -> Top:
    """What is sent of an input at so many trade volumes of 20, where a step makes 20 of the target."""
    world = smart(units)
    world.leg(good, TARGET)
    set_level(world, SITES[TARGET], good, level)
    return top_up(world.snapshot(), node_of(world, good), node_of(world, TARGET), missing, HOLD, 9)


class TestGrowth:
    """A market whose inputs are all HIGH grows and makes more from then on, while much is to be made."""

    @pytest.mark.parametrize(("level", "sent"), [(0, 60), (1, 40), (1.95, 21), (2, 0), (3, 0)])
    def test_an_input_is_kept_high_while_much_is_to_be_made(self, level: float, sent: int) -> None:
        """HIGH begins at two trade volumes above balance, and it is filled to three."""
        assert sum(growing(level).sizes) == pytest.approx(sent, abs=2)

    def test_nothing_waits_for_it(self) -> None:
        """It is no due load: whatever production waits for gets a ship first."""
        top = growing(0)
        assert (top.pressing, top.due) == (False, 0)

    @pytest.mark.parametrize(("missing", "grows"), [(59, False), (60, True)])
    def test_it_ends_six_steps_before_the_work_does(self, missing: int, grows: bool) -> None:
        """Two steps lie there, the last is made of what is below the edge, and three more are missing."""
        assert bool(growing(0, missing=missing).sizes) == grows

    def test_it_is_part_of_what_is_needed(self) -> None:
        """70 units are to be made in tens: 60 take the 50 that lie there and 10 more.

        40 others raise it to three trade volumes above balance.
        """
        world = smart(80)
        low, takes = Supply.LIMITED, TradeType.IMPORT
        world.show(market(SITES[TARGET], listing(TARGET, supply=low, volume=10), listing(LEFT, takes)))
        world.leg(LEFT, TARGET)
        set_level(world, SITES[TARGET], LEFT, 0.5)
        assert needs(world.snapshot(), HOLD).to_deliver[LEFT, TARGET] == 50
        assert needs(world.snapshot(), HOLD, growing=False).to_deliver[LEFT, TARGET] == 10

    def test_no_more_is_brought_for_it_than_the_work_takes(self) -> None:
        """An input traded in hundreds would take 500 units to be HIGH."""
        world = smart(140)
        world.leg(LEFT, TARGET)
        found = world.markets[SITES[TARGET]]
        of_hundreds = listing(LEFT, TradeType.IMPORT, volume=200)
        large = [of_hundreds if one.good == LEFT else one for one in found.listings]
        world.markets[SITES[TARGET]] = replace(found, listings=tuple(large))
        assert needs(world.snapshot(), HOLD).to_deliver[LEFT, TARGET] == 0


class TestBlindFeeding:
    """A market whose prices were not seen may be full, and then pays next to nothing for the rest."""

    def test_a_cheap_good_is_brought_for_so_many_credits(self) -> None:
        """50,000 credits are 208 copper at 240; 400 are missing and ten ships might go."""
        assert sum(blind(unseen(), WIRE, LEFT)) == 208

    def test_no_more_is_brought_than_is_missing(self) -> None:
        assert blind(unseen(), WIRE, LEFT, missing=50) == (40, 10)

    def test_of_a_dear_good_one_hold_is_brought_in_any_case(self) -> None:
        """Where it was not seen either how much of it is traded at a time."""
        assert blind(unseen(), LEFT, TARGET) == (HOLD,)

    def test_of_a_dear_good_one_trade_volume_is_brought(self) -> None:
        """20 at its source: the ship sees what more is needed, and other chains may need it sooner."""
        world = smart(2000)
        world.markets[SITES[TARGET]] = replace(world.markets[SITES[TARGET]], listings=(), observed_at=None)
        assert blind(world, LEFT, TARGET) == (20,)

    def test_for_a_few_units_of_it_no_ship_flies(self) -> None:
        """208 less five loads of 40 that fly."""
        world = unseen()
        for _ in range(5):
            world.leg(WIRE, LEFT, LegState.LADEN)
        assert blind(world, WIRE, LEFT) == ()

    def test_what_flies_already_counts(self) -> None:
        world = unseen()
        world.leg(WIRE, LEFT, LegState.LADEN)
        world.leg(LEFT, TARGET, LegState.LADEN)
        assert sum(blind(world, WIRE, LEFT)) == 208 - HOLD
        assert blind(world, LEFT, TARGET) == ()

    def test_what_others_bring_counts_too(self) -> None:
        """Five chains that all feed it blindly bring no more together than one does alone."""
        world, other = unseen(), unseen()
        legs = [other.leg(WIRE, LEFT, LegState.LADEN), other.leg(WIRE, LEFT, LegState.LADEN)]
        legs.append(other.leg(LEFT, TARGET, LegState.LADEN))
        world.neighbours = Neighbours(legs)
        assert sum(blind(world, WIRE, LEFT)) == 208 - 2 * HOLD
        assert blind(world, LEFT, TARGET) == ()


class TestLoads:
    def test_loads_fill_holds_and_the_last_takes_the_rest(self) -> None:
        assert loads_of(100, HOLD, 5) == (40, 40, 20)
        assert loads_of(100, HOLD, 2) == (40, 40)
        assert loads_of(0, HOLD, 2) == ()


class TestDecisions:
    def test_a_stocked_input_is_lifted_before_its_own_inputs_came(self) -> None:
        """MODERATE electronics are carried on at once; nobody waits for sand and wire."""
        world = smart(40)
        set_level(world, SITES[LEFT], LEFT, 0)
        demands = {edge_of(one): one for one in world.decide().lots}
        assert (LEFT, TARGET) in demands

    def test_no_more_ships_than_the_source_fills(self) -> None:
        """What it has down to SCARCE, and one tranche, is shared out; further ships would come back empty."""
        world = smart(400, ships=8)
        set_level(world, SHOPS[ORE], ORE, -3.5)
        demands = [one for one in world.decide().lots if one.good == ORE]
        listing = world.markets[SHOPS[ORE]].listing(ORE)
        assert listing is not None
        has = loadable(listing) + 60
        assert 0 < sum(one.units for one in demands) <= has

    @pytest.mark.parametrize(("units", "ships", "lifts"), [(80, 1, 0), (80, 2, 1), (60, 1, 1), (400, 1, 1)])
    def test_the_last_free_ship_is_not_filled_with_a_part_of_the_output(
        self, units: int, ships: int, lifts: int
    ) -> None:
        """What is lifted stays aboard, and the inputs of the rest would have nobody to carry them.

        More than the fleet can keep is lifted all the same: somebody must empty the ships meanwhile.
        """
        world = smart(units).fleet(*(ship(f"S{number}", hold=80) for number in range(ships)))
        world.feed(TARGET)
        set_level(world, SITES[TARGET], TARGET, -1.5)
        decision = world.decide()
        assert len([one for one in decision.lots if one.good == TARGET]) == lifts
        if not lifts:
            waiting = node(decision, TARGET)
            assert waiting.state is NodeState.PRODUCING
            assert "its ships are needed for the inputs" in waiting.reason
            assert waiting.next_check is not None

    @pytest.mark.parametrize(("aboard", "wanted", "lifts"), [(20, 130, 1), (75, 84, 0), (75, 90, 1)])
    def test_a_ship_that_keeps_some_takes_more_and_the_other_brings_the_inputs(
        self, aboard: int, wanted: int, lifts: int
    ) -> None:
        """What is there now goes beside what is aboard, or waits where all that is wanted fits into both."""
        kept, empty = ship("S1", hold=80, cargo={TARGET: aboard}), ship("S2", hold=80)
        world = smart(aboard + wanted).fleet(kept, empty)
        world.feed(TARGET)
        world.leg(TARGET, TARGET, bought=aboard, units=aboard)
        set_level(world, SITES[TARGET], TARGET, -1.5)
        decision = world.decide()
        assert len([one for one in decision.lots if one.good == TARGET]) == lifts

    def test_a_ship_flies_to_a_source_that_was_well_stocked_long_ago(self) -> None:
        """It looks before it buys; waiting for a probe to look first would only cost time."""
        world = smart(40)
        world.now += timedelta(hours=2)
        world.look(*(set(world.markets) - {SHOPS[ORE], SITES[WIRE]}))
        set_level(world, SITES[WIRE], ORE, -5)
        sent = {edge_of(one): one for one in world.decide().lots}
        assert "whoever comes to buy looks first" in sent[ORE, WIRE].reason

    def test_no_ship_flies_to_a_source_that_was_short_long_ago(self) -> None:
        """It may well be empty by now: somebody looks first."""
        world = smart(40)
        set_level(world, SHOPS[ORE], ORE, -3)
        world.now += timedelta(hours=2)
        world.look(*(set(world.markets) - {SHOPS[ORE]}))
        decision = world.decide()
        assert all(one.good != ORE for one in decision.lots)
        assert SHOPS[ORE] in node(decision, ORE).look_at
