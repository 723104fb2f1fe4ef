"""Where a good is bought: the sourcing order, who is refused, and the words for it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.conftest import CapturedSystem
from tests.planning.flow_world import charted

from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.market.sourcing import choose_source
from goodsfactory.planning.market.tranches import ceiling_for, next_tranche

HERE = "X1-T-HOME"


def exporting(supply: str, activity: str | None, *, ask: int = 100) -> Listing:
    its_activity = Activity(activity) if activity else None
    return Listing("IRON", TradeType.EXPORT, 60, Supply(supply), its_activity, ask, ask // 2)


def exchanging(supply: str, *, ask: int = 100) -> Listing:
    return Listing("IRON", TradeType.EXCHANGE, 180, Supply(supply), None, ask, ask - 4)


def market(name: str, listing: Listing | None, *, kind: TradeType = TradeType.EXPORT) -> MarketSnapshot:
    kind = listing.type if listing else kind
    goods = {each: frozenset({"IRON"}) if each is kind else frozenset() for each in TradeType}
    return MarketSnapshot(
        waypoint=name,
        exports=goods[TradeType.EXPORT],
        imports=goods[TradeType.IMPORT],
        exchange=goods[TradeType.EXCHANGE],
        listings=(listing,) if listing else (),
    )


def at(**distances: int) -> Chart:
    return charted(**{HERE: 0, **distances})


def choose(*markets: MarketSnapshot, chart: Chart | None = None, avoid: tuple[str, ...] = ()) -> Any:
    chart = chart or at(**{m.waypoint: 10 for m in markets})
    return choose_source("IRON", markets, chart, near=HERE, avoid=avoid)


class TestCeiling:
    """A source that every purchase would be refused at is no source."""

    DEAR, CHEAP = (
        market("DEAR", exchanging("MODERATE", ask=51)),
        market("CHEAP", exporting("HIGH", "WEAK", ask=31)),
    )

    def choose(self, *markets: MarketSnapshot, ratio: float | None = 1.5, avoid: tuple[str, ...] = ()) -> Any:
        chart = at(**{m.waypoint: 10 for m in markets})
        return choose_source("IRON", markets, chart, near=HERE, avoid=avoid, ceiling_ratio=ratio)

    def test_what_is_chosen_may_be_bought_from(self) -> None:
        """An exchange at base price ranks before a HIGH export at 0.62 B, and is above 1.5 times its ask."""
        markets = [self.DEAR, self.CHEAP]
        choice = self.choose(*markets)
        assert choice.waypoint == "CHEAP"
        assert choice.listing is not None
        ceiling = ceiling_for("IRON", markets, exclude="CHEAP", ratio=1.5)
        tranche = next_tranche(choice.listing, wanted=40, free=40, budget=100_000, ceiling=ceiling)
        assert tranche.units == 40
        assert [(c.waypoint, c.verdict) for c in choice.considered][1:] == [("DEAR", "above ceiling")]

    def test_without_a_ratio_no_ask_is_too_high(self) -> None:
        """The sourcing order alone decides."""
        assert self.choose(self.DEAR, self.CHEAP, ratio=None).waypoint == "DEAR"

    def test_the_ceiling_itself_is_paid(self) -> None:
        """Refused is what is above it."""
        exact = market("DEAR", exchanging("MODERATE", ask=46))
        assert self.choose(exact, self.CHEAP).waypoint == "DEAR"

    def test_alone_a_source_is_measured_by_nothing(self) -> None:
        """Nor by one that is not healthy: its price says nothing."""
        poor = market("POOR", exporting("SCARCE", "WEAK", ask=1))
        assert self.choose(self.DEAR, poor).waypoint == "DEAR"

    def test_to_avoid_the_cheap_one_does_not_make_the_dear_one_good(self) -> None:
        """Nobody pays its price because of a failure elsewhere, and the reason says so."""
        choice = self.choose(self.DEAR, self.CHEAP, avoid=("CHEAP",))
        assert choice.waypoint is None
        assert "DEAR above ceiling" in choice.reason

    @given(asks=st.lists(st.integers(1, 500), min_size=1, max_size=6))
    def test_somebody_is_always_cheap_enough(self, asks: list[int]) -> None:
        """The cheapest of healthy sources is never above a multiple of the others."""
        markets = [market(f"M{n}", exporting("HIGH", "WEAK", ask=ask)) for n, ask in enumerate(asks)]
        assert self.choose(*markets).waypoint is not None


class TestNothingToChoose:
    def test_a_good_nobody_sells_names_every_market_looked_at(self) -> None:
        """Where no market exports or exchanges the good, the reason lists all markets of the system."""
        importer = market("B", Listing("IRON", TradeType.IMPORT, 60, Supply.ABUNDANT, None, 200, 90))
        choice = choose(MarketSnapshot("A", frozenset(), frozenset(), frozenset()), importer)
        assert choice.waypoint is None
        assert choice.listing is None
        assert choice.considered == ()
        assert choice.reason == "no market exports or exchanges IRON (known: A and B)"

    def test_of_many_markets_the_number_is_told(self) -> None:
        """What a market trades is public: nobody has been to one of these."""
        markets = [market(f"X1-T-M{number}", None, kind=TradeType.IMPORT) for number in range(25)]
        assert choose(*markets).reason == "none of the 25 markets of X1-T exports or exchanges IRON"

    def test_no_markets_at_all_is_said_plainly(self) -> None:
        """An empty system gives no source and no error."""
        assert choose().reason == "no market exports or exchanges IRON (known: no market at all)"

    def test_a_scarce_export_is_parked(self) -> None:
        """SCARCE fails closed, however cheap, near and active the export is."""
        choice = choose(market("A", exporting("SCARCE", "STRONG", ask=1)), chart=at(A=1))
        assert choice.waypoint is None
        assert choice.reason == "no source of IRON now: A SCARCE, parked until it recovers"

    def test_an_unseen_market_is_reported_and_not_chosen(self) -> None:
        """A market whose prices were never seen is named, so that a scout can go there."""
        choice = choose(market("A", None), market("B", None, kind=TradeType.EXCHANGE))
        assert choice.waypoint is None
        assert choice.unseen == ("A", "B")
        assert choice.reason == "no source of IRON now: A and B not seen yet"

    def test_an_avoided_market_is_not_chosen_and_not_called_unseen(self) -> None:
        """The caller's failures count: the market is left out, and no scout is wanted for it."""
        choice = choose(market("A", exporting("ABUNDANT", "STRONG")), market("B", None), avoid=("A", "B"))
        assert choice.waypoint is None
        assert choice.unseen == ()
        assert choice.reason == "no source of IRON now: A and B avoided after a failure"

    def test_every_cause_stands_in_the_reason(self) -> None:
        """Scarce, unseen and avoided markets are told apart in one sentence."""
        choice = choose(
            market("A", exporting("SCARCE", "WEAK")),
            market("B", None),
            market("C", exporting("HIGH", "WEAK")),
            avoid=("C",),
        )
        assert choice.reason == (
            "no source of IRON now: A SCARCE, parked until it recovers; B not seen yet; "
            "C avoided after a failure"
        )


ORDER = [
    ("supply before activity", exporting("ABUNDANT", "RESTRICTED"), exporting("HIGH", "STRONG"), 10, 10),
    ("supply before distance", exporting("HIGH", "WEAK"), exporting("MODERATE", "WEAK"), 500, 1),
    ("supply before ask", exporting("HIGH", "WEAK", ask=900), exporting("MODERATE", "WEAK", ask=1), 10, 10),
    ("activity before distance", exporting("HIGH", "GROWING"), exporting("HIGH", "WEAK"), 500, 1),
    ("activity before ask", exporting("HIGH", "WEAK", ask=9), exporting("HIGH", "RESTRICTED", ask=1), 5, 5),
    ("a known activity before none", exporting("HIGH", "RESTRICTED"), exporting("HIGH", None), 10, 10),
    ("distance before ask", exporting("HIGH", "WEAK", ask=900), exporting("HIGH", "WEAK", ask=1), 9, 10),
    ("ask decides between equals", exporting("HIGH", "WEAK", ask=99), exporting("HIGH", "WEAK"), 10, 10),
    ("name decides the rest", exporting("HIGH", "WEAK"), exporting("HIGH", "WEAK"), 10, 10),
    ("ABUNDANT export before exchange", exporting("ABUNDANT", "WEAK"), exchanging("MODERATE"), 500, 1),
    ("exchange before a weak HIGH export", exchanging("MODERATE", ask=900), exporting("HIGH", "WEAK"), 90, 1),
    ("STRONG HIGH export before exchange", exporting("HIGH", "STRONG"), exchanging("MODERATE"), 90, 1),
    ("exchange before MODERATE export", exchanging("MODERATE", ask=9), exporting("MODERATE", "STRONG"), 9, 1),
    ("LIMITED exchange before LIMITED export", exchanging("LIMITED"), exporting("LIMITED", "STRONG"), 90, 1),
    ("SCARCE exchange before SCARCE export", exchanging("SCARCE"), exporting("SCARCE", "STRONG"), 90, 1),
    ("MODERATE export before SCARCE exchange", exporting("MODERATE", "WEAK"), exchanging("SCARCE"), 90, 1),
]


@pytest.mark.parametrize(
    ("better", "worse", "far_better", "far_worse"), [row[1:] for row in ORDER], ids=[row[0] for row in ORDER]
)
def test_sourcing_order(better: Listing, worse: Listing, far_better: int, far_worse: int) -> None:
    """Supply level, then activity, then distance, then ask, then name; never price first."""
    chart = at(A=far_better, B=far_worse)
    choice = choose(market("B", worse), market("A", better), chart=chart)
    assert choice.waypoint == "A"
    assert choice.listing == better
    assert choice.considered[0].verdict == "chosen"
    assert choice.considered[1].verdict not in ("", "chosen")


class TestReasons:
    def test_limited_is_chosen_with_a_warning_when_nothing_better_exists(self) -> None:
        """LIMITED fails open, but the user is told."""
        choice = choose(market("A", exporting("LIMITED", "WEAK", ask=120)), market("B", None))
        assert choice.waypoint == "A"
        assert choice.reason == (
            "IRON from A: export LIMITED, WEAK, 10 away, ask 120; "
            "warning: only LIMITED supply, nothing better is known; B not seen yet"
        )

    def test_a_drained_exchange_is_usable_with_a_warning(self) -> None:
        """EXCHANGE is exempt from the supply parking (economy.md §7.4)."""
        choice = choose(market("A", exchanging("SCARCE", ask=108)))
        assert choice.waypoint == "A"
        assert "warning: only SCARCE supply" in choice.reason

    def test_the_sentence_says_what_was_weighed(self) -> None:
        """Supply, activity, distance, ask and the number of choices stand in the reason."""
        choice = choose(
            market("A", exporting("HIGH", "GROWING", ask=88)), market("B", exchanging("MODERATE"))
        )
        assert choice.reason == "IRON from A: export HIGH, GROWING, 10 away, ask 88, best of 2 markets"

    def test_each_candidate_says_why_it_stands_behind(self) -> None:
        """The verdict names the first thing in which the candidate is worse."""
        choice = choose(
            market("A", exporting("ABUNDANT", "WEAK")),
            market("B", exporting("HIGH", "STRONG")),
            market("C", exporting("ABUNDANT", "RESTRICTED")),
            market("D", exporting("ABUNDANT", "WEAK", ask=200)),
            market("E", exporting("ABUNDANT", "WEAK")),
            market("F", exporting("ABUNDANT", "WEAK")),
            market("G", exporting("SCARCE", "WEAK")),
            chart=at(A=10, B=1, C=1, D=10, E=11, F=10, G=0),
        )
        assert {candidate.waypoint: candidate.verdict for candidate in choice.considered} == {
            "A": "chosen",
            "B": "lower supply",
            "C": "weaker activity",
            "D": "dearer",
            "E": "farther",
            "F": "later by name",
            "G": "SCARCE, parked until it recovers",
        }

    def test_an_unknown_place_is_the_farthest(self) -> None:
        """A market whose coordinates are not known loses to one that can be measured."""
        choice = choose(
            market("A", exporting("HIGH", "WEAK")), market("B", exporting("HIGH", "WEAK")), chart=at(B=800)
        )
        assert choice.waypoint == "B"
        assert choice.considered[1].distance is None


LISTINGS = st.one_of(
    st.builds(
        exporting, st.sampled_from([s.value for s in Supply]), st.sampled_from([*map(str, Activity), None])
    ),
    st.builds(exchanging, st.sampled_from([s.value for s in Supply])),
    st.none(),
)


@given(listings=st.lists(LISTINGS, min_size=1, max_size=6), shift=st.integers(0, 5))
def test_the_choice_does_not_depend_on_the_order_of_the_markets(listings: Any, shift: Any) -> None:
    """Ties are deterministic: any order of the same markets gives the same decision."""
    markets = [market(name, listing) for name, listing in zip("ABCDEF", listings, strict=False)]
    shift %= len(markets)
    assert choose(*markets) == choose(*markets[shift:], *markets[:shift]) == choose(*reversed(markets))


@given(listings=st.lists(LISTINGS, min_size=1, max_size=6))
def test_a_parked_or_unseen_market_is_never_chosen(listings: Any) -> None:
    """Whatever stands beside it: no SCARCE export and no market without prices is bought from."""
    markets = [market(name, listing) for name, listing in zip("ABCDEF", listings, strict=False)]
    choice = choose(*markets)
    usable = [m for m in markets if (it := m.listing("IRON")) and it.sells]
    assert (choice.waypoint is not None) == bool(usable)
    assert choice.waypoint in [m.waypoint for m in usable] or not usable
    assert sorted(c.waypoint for c in choice.considered) == sorted(m.waypoint for m in markets)


def test_every_import_of_the_captured_system_is_sourced_at_an_export_or_exchange(
    captured: CapturedSystem,
) -> None:
    """In a real untouched system 64 of 68 imports have a source, and none of the sources is parked."""
    wanted = sorted({(good, m.waypoint) for m in captured.markets for good in m.imports})
    choices = [choose_source(g, captured.markets, captured.chart, near=w) for g, w in wanted]
    found = [choice for choice in choices if choice.waypoint]
    assert (len(wanted), len(found)) == (68, 64)
    assert all(choice.listing and choice.listing.supply.at_least(Supply.MODERATE) for choice in found)
