"""Where a good is made: which market is a factory waypoint, and what is missing where none is."""

from typing import Any

from tests.planning.conftest import CapturedSystem
from tests.planning.flow_world import charted

from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.market.siting import choose_factory_waypoint, worst_input

RECIPES = RecipeMap({"FAB_MATS": ("IRON", "QUARTZ_SAND")})


def market(
    name: str,
    *,
    exports: str = "FAB_MATS",
    imports: str = "IRON QUARTZ_SAND",
    exchange: str = "",
    **supplies: str,
) -> MarketSnapshot:
    """A market; ``supplies`` prices the goods named, the others stay unseen."""
    lists = {
        TradeType.EXPORT: frozenset(exports.split()),
        TradeType.IMPORT: frozenset(imports.split()),
        TradeType.EXCHANGE: frozenset(exchange.split()),
    }
    listings = tuple(
        Listing(good, kind, 60, Supply(supplies[good]), Activity.WEAK, 100, 50)
        for kind, goods in lists.items()
        for good in sorted(goods)
        if good in supplies
    )
    made, eaten, traded = lists.values()
    return MarketSnapshot(name, made, eaten, traded, listings)


def choose(*markets: MarketSnapshot, **options: Any) -> Any:
    chart = charted(HOME=0, **{m.waypoint: 10 * i for i, m in enumerate(markets, start=1)})
    return choose_factory_waypoint("FAB_MATS", RECIPES, markets, chart, near="HOME", **options)


class TestNoFactoryWaypoint:
    def test_the_missing_import_and_the_places_looked_at_are_named(self) -> None:
        """C12: the reason says which import was looked for, and at which markets."""
        choice = choose(market("A", imports="IRON"), market("B", imports=""), market("C", exports=""))
        assert choice.waypoint is None
        assert choice.reason == (
            "no factory waypoint for FAB_MATS, which needs IRON and QUARTZ_SAND: "
            "A does not import QUARTZ_SAND; B does not import IRON and QUARTZ_SAND"
        )

    def test_a_good_nobody_exports_lists_the_markets(self) -> None:
        """Where no market exports the good, all markets looked at are named."""
        choice = choose(market("A", exports=""), market("B", exports=""))
        assert choice.reason == ("no factory waypoint for FAB_MATS: no market exports it (known: A and B)")

    def test_an_exchange_of_the_product_is_no_factory(self) -> None:
        """A good that is only exchanged in a system cannot be made there (economy.md §6.2)."""
        assert choose(market("A", exports="", exchange="FAB_MATS")).waypoint is None

    def test_a_good_without_a_recipe_cannot_be_made(self) -> None:
        """Without inputs there is nothing to deliver."""
        choice = choose_factory_waypoint("MYSTERY", RECIPES, [market("A")], Chart({}))
        assert choice.reason == "No recipe is known for MYSTERY, so it cannot be made"

    def test_an_avoided_factory_is_not_chosen(self) -> None:
        """A place that failed is left out, and the reason says so."""
        choice = choose(market("A"), avoid=("A",))
        assert choice.waypoint is None
        assert choice.reason.endswith("A avoided after a failure")


class TestChoosing:
    def test_an_input_may_be_exchanged_instead_of_imported(self) -> None:
        """An exchange takes the good as well as an import does."""
        assert choose(market("A", imports="IRON", exchange="QUARTZ_SAND")).waypoint == "A"

    def test_the_best_fed_market_goes_first(self) -> None:
        """The worst input decides, since it throttles the factory (economy.md §4.7)."""
        near = market("A", IRON="ABUNDANT", QUARTZ_SAND="SCARCE", FAB_MATS="ABUNDANT")
        fed = market("B", IRON="LIMITED", QUARTZ_SAND="LIMITED", FAB_MATS="SCARCE")
        choice = choose(near, fed)
        assert choice.waypoint == "B"
        assert choice.reason == (
            "FAB_MATS is made at B: exports it and takes IRON and QUARTZ_SAND, 20 away, own supply SCARCE, "
            "worst input IRON LIMITED, best of 2 factory waypoints"
        )

    def test_own_stock_decides_between_equally_fed_markets(self) -> None:
        """More of the product in store is lifted sooner."""
        low = market("A", IRON="LIMITED", QUARTZ_SAND="LIMITED", FAB_MATS="LIMITED")
        high = market("B", IRON="LIMITED", QUARTZ_SAND="LIMITED", FAB_MATS="HIGH")
        assert choose(low, high).waypoint == "B"

    def test_distance_then_name_decide_the_rest(self) -> None:
        """Equal markets are told apart by distance from where the good is wanted, then by symbol."""
        assert choose(market("B"), market("A")).waypoint == "B"
        chart = charted(A=5, B=5)
        markets = [market("B"), market("A")]
        assert choose_factory_waypoint("FAB_MATS", RECIPES, markets, chart, near="B").waypoint == "B"
        assert choose_factory_waypoint("FAB_MATS", RECIPES, markets, chart).waypoint == "A"

    def test_a_starving_market_that_was_seen_goes_before_an_unseen_one(self) -> None:
        """What is known is preferred; the unseen market is still possible."""
        seen = market("B", IRON="SCARCE", QUARTZ_SAND="SCARCE", FAB_MATS="SCARCE")
        assert choose(market("A"), seen).waypoint == "B"
        assert choose(market("A")).reason.endswith("10 away, prices not seen yet")

    def test_a_market_kept_stays_while_it_is_valid(self) -> None:
        """Moving would strand inputs already delivered, so a better market does not win it over."""
        fed = market("A", IRON="HIGH", QUARTZ_SAND="HIGH", FAB_MATS="HIGH")
        choice = choose(fed, market("B"), keep="B")
        assert choice.waypoint == "B"
        assert choice.reason.endswith("kept where it is")

    def test_a_market_kept_is_left_when_it_became_invalid(self) -> None:
        """Avoided, or no longer a factory waypoint at all: another one is chosen."""
        assert choose(market("A"), market("B"), keep="B", avoid=("B",)).waypoint == "A"
        assert choose(market("A"), market("B", imports="IRON"), keep="B").waypoint == "A"
        assert choose(market("A"), keep="GONE").waypoint == "A"

    def test_every_exporter_is_accounted_for(self) -> None:
        """Considered holds the chosen market first and says of each other what became of it."""
        choice = choose(market("A", imports=""), market("B"), market("C"), market("D"), avoid=("D",))
        assert [(c.waypoint, c.verdict) for c in choice.considered] == [
            ("B", "chosen"),
            ("C", "also possible"),
            ("A", "does not import IRON and QUARTZ_SAND"),
            ("D", "avoided after a failure"),
        ]


def test_the_worst_input_is_unknown_until_prices_were_seen() -> None:
    """Supply is private to those who have looked."""
    assert worst_input(("IRON",), market("A")) is None
    assert worst_input(("IRON", "QUARTZ_SAND"), market("A", IRON="HIGH")) == ("IRON", Supply.HIGH)


def test_every_export_of_the_captured_system_with_all_inputs_has_a_factory_waypoint(
    captured: CapturedSystem,
) -> None:
    """In a real system exporters import (nearly) all inputs of what they export (economy.md §6.2)."""
    recipes = RecipeMap.bundled()
    exported = sorted({good for m in captured.markets for good in m.exports})
    sited = [g for g in exported if choose_factory_waypoint(g, recipes, captured.markets, Chart({})).waypoint]
    assert len(exported) >= 25
    assert len(sited) >= 0.9 * len(exported)
    assert {"ADVANCED_CIRCUITRY", "ELECTRONICS", "MICROPROCESSORS", "COPPER", "FAB_MATS"} <= set(sited)
