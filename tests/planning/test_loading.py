"""How much a voyage loads, in literal numbers of the price law (economy.md §1)."""

from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from tests.planning.flow_world import LEFT, POLICY, START, TARGET, market, ship

from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.market.loading import Purse, ceiling_of, decide_tranche, expected_bid
from goodsfactory.planning.market.tranches import TrancheDecision
from goodsfactory.planning.policy import Policy

# ELECTRONICS, base price 2200, margin 8 %, volume 20. Export at s = 0: ask 2200·0.92 = 2024. Import at s = 0:
# bid 2200·1.08 = 2376; each 20 units sold there multiply 2200·1.40 − bid = 704 by 2^0.3 (§1.6), so the
# following bids are 2213 and 2013.
HERE, THERE, OTHER = "X1-W-S", "X1-W-D", "X1-W-O"

SOLE = 5 * 2200
"""What a source may ask at most that cannot be compared with another one."""


def sold(ask: int, supply: Supply = Supply.MODERATE, type: TradeType = TradeType.EXPORT) -> Listing:
    return Listing(LEFT, type, 20, supply, Activity.WEAK, ask, 946)


TAKEN = Listing(LEFT, TradeType.IMPORT, 20, Supply.MODERATE, Activity.WEAK, 5016, 2376)


class View(NamedTuple):
    """What the next tranche is decided from."""

    leg: Leg
    ship: Ship
    listing: Listing
    markets: dict[str, MarketSnapshot]
    purse: Purse

    def decide(self) -> TrancheDecision:
        return decide_tranche(*self, POLICY)

    def ceiling(self, policy: Policy = POLICY) -> int | None:
        return ceiling_of(self.leg, self.markets, policy)

    def expected_bid(self, units: int) -> int | None:
        return expected_bid(self.leg, self.ship, self.markets, units)


def view(
    *,
    ask: int = 2024,
    bought: int = 0,
    units: int = 80,
    hold: int = 80,
    budget: int = 1_000_000,
    feeds: str | None = TARGET,
    supply: Supply = Supply.MODERATE,
    others: tuple[Any, ...] = (),
    known: bool = True,
) -> View:
    leg = Leg(
        id="L",
        player_id=1,
        good=LEFT,
        hand_over=HandOver.SELL,
        feeds=feeds,
        pegs=(Peg("F", units),),
        source=HERE,
        destination=THERE,
        value=1,
        reason="by hand",
        created_at=START,
        state=LegState.LOADING,
        bought=bought,
    )
    listing = sold(ask, supply)
    markets = [market(HERE, listing), *others]
    if known:
        markets.append(market(THERE, TAKEN))
    known_markets = {one.waypoint: one for one in markets}
    return View(leg, ship("S1", hold=hold, cargo={LEFT: bought}), listing, known_markets, Purse(budget))


class TestPays:
    """A further tranche must not cost more than the destination is predicted to pay for it."""

    @pytest.mark.parametrize(
        ("aboard", "bid"), [(0, 2376), (20, 2213), (40, 2013), (60, 1766), (30, 2118), (5, 2338)]
    )
    def test_the_expected_bid_is_that_after_all_that_is_aboard(self, aboard: int, bid: int) -> None:
        """What is aboard is sold first, in trade volumes, and every sale lowers the next bid."""
        assert view(bought=aboard).expected_bid(20) == bid

    @pytest.mark.parametrize(("ask", "units"), [(2213, 20), (2214, 0), (9999, 0)])
    def test_it_stops_one_credit_above_the_bid(self, ask: int, units: int) -> None:
        """At the predicted bid a tranche still pays; a credit more and the ship leaves."""
        assert view(ask=ask, bought=20).decide().units == units

    def test_the_reason_tells_both_numbers(self) -> None:
        """A reader sees what it would cost and what it would bring."""
        decision = view(ask=2300, bought=20).decide()
        assert decision.reason == f"no longer pays: {LEFT} asks 2,300, {THERE} would pay 2,213"
        assert decision.worst_case == 0

    def test_the_first_tranche_need_not_pay(self) -> None:
        """The edge was opened to make something dearer: one tranche is the price of that."""
        assert view(ask=5000).decide().units == 20

    def test_a_lift_that_stays_aboard_need_not_pay(self) -> None:
        """The output is what was asked for."""
        kept = view(ask=5000, bought=20, feeds=None)
        kept = kept._replace(leg=replace(kept.leg, destination=None, hand_over=HandOver.KEEP))
        assert kept.decide().units == 20

    def test_a_lift_to_be_sold_must_pay_from_the_first_tranche(self) -> None:
        """Nothing is lifted only to be sold below its ask."""
        decision = view(ask=5000, feeds=None).decide()
        assert decision.units == 0
        assert decision.reason.startswith("no longer pays")

    def test_an_unseen_destination_stops_nothing(self) -> None:
        """Without a listing there nothing can be predicted."""
        one = view(ask=5000, bought=20, known=False)
        assert one.expected_bid(20) is None
        assert one.decide().units == 20


class TestLimits:
    """What ends loading before the hold is full."""

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"bought": 80}, "wanted reached"),
            ({"units": 100, "bought": 80}, "hold full"),
            ({"supply": Supply.SCARCE}, "supply SCARCE"),
            ({"budget": 2327}, "budget: 2327 credits to spend, one ELECTRONICS may cost 2328 (ask 2024)"),
        ],
    )
    def test_nothing_is_bought_and_the_reason_says_why(self, facts: dict[str, Any], words: str) -> None:
        """Each refusal costs nothing and names its rule."""
        decision = view(**facts).decide()
        assert (decision.units, decision.worst_case) == (0, 0)
        assert decision.reason.startswith(words)

    def test_one_tranche_is_one_trade_volume(self) -> None:
        """80 units are four transactions (W4); each reserves ask × 1.15, rounded up."""
        decision = view().decide()
        assert (decision.units, decision.worst_case) == (20, 20 * 2328)

    @pytest.mark.parametrize(
        ("facts", "units"),
        [({"units": 7}, 7), ({"hold": 9}, 9), ({"budget": 3 * 2328}, 3), ({"units": 25, "bought": 20}, 5)],
    )
    def test_the_narrowest_limit_counts(self, facts: dict[str, Any], units: int) -> None:
        """What is wanted, what fits and what the budget allows, whichever is least (W3)."""
        assert view(**facts).decide().units == units

    def test_other_cargo_leaves_less_room(self) -> None:
        """Only the free part of the hold is filled."""
        one = view()
        laden = one._replace(ship=ship("S1", hold=80, cargo={"FOOD": 74}))
        assert laden.decide().units == 6


class TestCeiling:
    """1.5 × the median ask of the other healthy sources."""

    def others(self, *asks: int, supply: Supply = Supply.MODERATE) -> tuple[Any, ...]:
        return tuple(market(f"{OTHER}{at}", sold(ask, supply)) for at, ask in enumerate(asks))

    @pytest.mark.parametrize(("ask", "units"), [(1800, 20), (1801, 0)])
    def test_an_ask_above_it_is_refused(self, ask: int, units: int) -> None:
        """1.5 × 1200 = 1800 is accepted, 1801 is not, first tranche or lift."""
        one = view(ask=ask, others=self.others(1100, 1200, 1900))
        assert one.ceiling() == 1800
        assert one.decide().units == units
        assert one._replace(leg=replace(one.leg, feeds=None)).decide().units == units

    def test_a_source_is_not_measured_by_itself(self) -> None:
        """Our own purchases would lift the ceiling."""
        assert view(ask=9000).ceiling() == SOLE

    def test_a_drained_source_is_no_measure(self) -> None:
        """Its ask is high because it is drained."""
        assert view(others=self.others(100, supply=Supply.LIMITED)).ceiling() == SOLE

    def test_the_ratio_is_a_setting(self) -> None:
        """A user may allow more."""
        assert view(others=self.others(1000)).ceiling(Policy(ceiling_ratio=2)) == 2000
