"""The next transaction of a purchase."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.planning.market.tranches import PRICE_SLACK, SOLE_SOURCE_RATIO, ceiling_for, next_tranche

RICH = 10**9


def listing(
    ask: int = 100, supply: str = "HIGH", kind: TradeType = TradeType.EXPORT, volume: int = 20
) -> Listing:
    return Listing("IRON", kind, volume, Supply(supply), Activity.WEAK, ask, ask // 2)


def decide(it: Listing, *, wanted: int = 100, free: int = 100, budget: int = RICH, **options: Any) -> Any:
    options.setdefault("ceiling", None)
    return next_tranche(it, wanted=wanted, free=free, budget=budget, **options)


STOPS: list[tuple[str, Listing, dict[str, Any], SpendRule | None]] = [
    ("wanted reached: no more IRON is needed", listing(), {"wanted": 0}, None),
    ("wanted reached: no more IRON is needed", listing(), {"wanted": -3}, None),
    ("hold full: no room for IRON", listing(), {"free": 0}, None),
    ("supply SCARCE: IRON is bought from LIMITED up", listing(supply="SCARCE"), {}, None),
    (
        "supply MODERATE: IRON is bought from HIGH up",
        listing(supply="MODERATE"),
        {"minimum_supply": Supply.HIGH},
        None,
    ),
    (
        "above ceiling: IRON asks 151, no more than 150 is paid",
        listing(ask=151),
        {"ceiling": 150},
        SpendRule.CEILING,
    ),
    (
        "budget: 114 credits to spend, one IRON may cost 115 (ask 100)",
        listing(),
        {"budget": 114},
        SpendRule.FLOOR,
    ),
    (
        "budget: -5 credits to spend, one IRON may cost 115 (ask 100)",
        listing(),
        {"budget": -5},
        SpendRule.FLOOR,
    ),
    ("IRON is imported here, not sold to us", listing(kind=TradeType.IMPORT), {}, None),
]


@pytest.mark.parametrize(("reason", "it", "options", "rule"), STOPS, ids=[f"{s[0]} {s[2]}" for s in STOPS])
def test_a_purchase_stops_with_the_reason(
    reason: str, it: Listing, options: dict[str, Any], rule: SpendRule | None
) -> None:
    """Nothing is bought or reserved; the sentence says why, the rule whether money or a price may end it."""
    decision = decide(it, **options)
    assert (decision.units, decision.worst_case, decision.reason, decision.rule) == (0, 0, reason, rule)


def test_an_exchange_is_exempt_from_the_supply_rule() -> None:
    """A drained exchange is still the deep, riskless source (economy.md §7.4)."""
    assert decide(listing(supply="SCARCE", kind=TradeType.EXCHANGE)).units == 20


def test_the_ceiling_itself_is_still_paid() -> None:
    """Only what lies above it is refused."""
    assert decide(listing(ask=150), ceiling=150).units == 20


LIMITS = [
    ({"wanted": 7}, 7, "all that is wanted"),
    ({"free": 6}, 6, "all that fits"),
    ({}, 20, "one trade volume"),
    ({"budget": 115 * 5 + 114}, 5, "all the budget allows"),
]


@pytest.mark.parametrize(("options", "units", "words"), LIMITS)
def test_the_smallest_limit_decides_and_is_named(options: dict[str, Any], units: int, words: str) -> None:
    """W3, W4: never more than is wanted, fits, one trade volume (code 4604) or the budget."""
    decision = decide(listing(), **options)
    assert decision.units == units
    assert decision.reason == f"{units} IRON at an ask of 100: {words}"


def test_the_worst_case_allows_for_a_rise_before_we_buy() -> None:
    """Another buyer's full trade volume lifts the ask by up to 12.7 % (economy.md §1.7)."""
    assert PRICE_SLACK > 0.127
    assert decide(listing(), wanted=10).worst_case == 10 * 115
    assert decide(listing(), wanted=10, slack=0.0).worst_case == 10 * 100


@given(
    ask=st.integers(1, 20_000),
    volume=st.integers(1, 180),
    wanted=st.integers(-5, 300),
    free=st.integers(0, 120),
    budget=st.integers(-1000, 2_000_000),
    supply=st.sampled_from(Supply),
    kind=st.sampled_from(TradeType),
    ceiling=st.none() | st.integers(0, 20_000),
)
def test_no_limit_is_ever_passed(
    ask: Any, volume: Any, wanted: Any, free: Any, budget: Any, supply: Any, kind: Any, ceiling: Any
) -> None:
    """Whatever the market and the purse: a tranche keeps every rule at once, and says why."""
    it = listing(ask, supply, kind, volume)
    decision = decide(it, wanted=wanted, free=free, budget=budget, ceiling=ceiling)
    assert decision.reason
    if decision.units == 0:
        assert decision.worst_case == 0
        return
    assert 0 < decision.units <= min(wanted, free, volume)
    assert decision.units * ask <= decision.worst_case <= budget
    assert it.sells
    assert ceiling is None or ask <= ceiling


def market(name: str, it: Listing | None) -> MarketSnapshot:
    return MarketSnapshot(name, frozenset({"IRON"}), frozenset(), frozenset(), (it,) if it else ())


class TestCeiling:
    def test_without_another_healthy_source_the_base_price_is_the_measure(self) -> None:
        """The market itself, scarce, limited, importing and unseen markets are none.

        A sole source that a crowd has emptied asked 40,000 times the base price.
        """
        markets = [
            market("A", listing(100)),
            market("B", listing(100, "SCARCE")),
            market("C", listing(100, "LIMITED")),
            market("D", listing(100, "HIGH", TradeType.IMPORT)),
            market("E", None),
        ]
        assert ceiling_for("IRON", markets, exclude="A", ratio=1.5) == SOLE_SOURCE_RATIO * BASE_PRICES["IRON"]
        assert (
            ceiling_for("COPPER", markets, exclude="", ratio=1.5) == SOLE_SOURCE_RATIO * BASE_PRICES["COPPER"]
        )

    def test_a_good_of_which_nothing_is_known_has_no_ceiling(self) -> None:
        """Neither another source nor a base price."""
        assert ceiling_for("UNHEARD_OF", [], exclude="A", ratio=1.5) is None

    def test_own_purchases_do_not_lift_the_ceiling(self) -> None:
        """The market we drain is left out: its own price says nothing (economy.md §9.5)."""
        markets = [market("A", listing(9000)), market("B", listing(100))]
        assert ceiling_for("IRON", markets, exclude="A", ratio=1.5) == 150

    def test_it_is_a_multiple_of_the_median_of_the_others(self) -> None:
        """Exports and exchanges at MODERATE or above count, one blow-up among them does not."""
        markets = [
            market("A", listing(1)),
            market("B", listing(100, "MODERATE")),
            market("C", listing(110, "MODERATE", TradeType.EXCHANGE)),
            market("D", listing(9999, "ABUNDANT")),
        ]
        assert ceiling_for("IRON", markets, exclude="A", ratio=1.5) == 165
        assert ceiling_for("IRON", markets[:3], exclude="A", ratio=1.5) == math.floor(1.5 * 105)
