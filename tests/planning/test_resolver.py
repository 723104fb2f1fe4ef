"""BUY or FABRICATE: the supply chain of a good, decided from what is known."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.conftest import CapturedSystem
from tests.planning.flow_world import charted

from goodsfactory.domain.errors import CannotEver, UserError
from goodsfactory.domain.factory import Strategy
from goodsfactory.domain.market import Activity, Listing, MarketSnapshot, Supply, TradeType
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.supply_chain import Acquisition, SupplyChainNode
from goodsfactory.planning.chain.resolver import check_target, resolve

BUY, FABRICATE = Acquisition.BUY, Acquisition.FABRICATE

RECIPES = RecipeMap(
    {
        "ADVANCED_CIRCUITRY": ("ELECTRONICS", "MICROPROCESSORS"),
        "ELECTRONICS": ("SILICON_CRYSTALS", "COPPER"),
        "MICROPROCESSORS": ("SILICON_CRYSTALS", "COPPER"),
        "COPPER": ("COPPER_ORE",),
        "COPPER_ORE": ("EXPLOSIVES",),
        "SILICON_CRYSTALS": ("EXPLOSIVES",),
    }
)


def market(
    name: str, exports: str = "", imports: str = "", exchange: str = "", **supplies: str | None
) -> Any:
    """A market, seen with HIGH exports, LIMITED imports and MODERATE exchanges.

    ``supplies`` sets others by good; None leaves the prices of that good unseen.
    """
    usual = {TradeType.EXPORT: "HIGH", TradeType.IMPORT: "LIMITED", TradeType.EXCHANGE: "MODERATE"}
    lists = dict(zip(usual, (exports.split(), imports.split(), exchange.split()), strict=True))
    listings = tuple(
        Listing(
            good, kind, 60, Supply(supply), Activity.WEAK if kind is not TradeType.EXCHANGE else None, 100, 50
        )
        for kind, goods in lists.items()
        for good in goods
        if (supply := supplies.get(good, usual[kind])) is not None
    )
    made, eaten, traded = (frozenset(goods) for goods in lists.values())
    return MarketSnapshot(name, made, eaten, traded, listings)


def full_system(**supplies: Any) -> list[MarketSnapshot]:
    return [
        market("AC", "ADVANCED_CIRCUITRY", "ELECTRONICS MICROPROCESSORS", **supplies),
        market("EL", "ELECTRONICS", "SILICON_CRYSTALS COPPER", **supplies),
        market("MP", "MICROPROCESSORS", "SILICON_CRYSTALS COPPER", **supplies),
        market("CU", "COPPER", "COPPER_ORE", **supplies),
        market("RAW", exchange="COPPER_ORE SILICON_CRYSTALS", **supplies),
    ]


def chain(
    target: str, markets: list[MarketSnapshot], strategy: Any = Strategy.PREFER_FABRICATE, **options: Any
) -> Any:
    options.setdefault("max_depth", 12)
    recipes = options.pop("recipes", RECIPES)
    chart = charted(**{m.waypoint: 50 * i for i, m in enumerate(markets)})
    return resolve(target, recipes, markets, chart, strategy=strategy, **options)


def acquisitions(node: SupplyChainNode) -> dict[str, Acquisition]:
    return {each.good: each.acquisition for each in node.flatten()}


class TestCannotEver:
    def test_a_good_no_market_gives_away_lists_the_markets_looked_at(self) -> None:
        """W12: neither exported nor exchanged anywhere in the system; the error names every market tried."""
        markets = [market("A", exports="IRON"), market("B", imports="COPPER"), market("C")]
        with pytest.raises(CannotEver) as caught:
            chain("COPPER", markets)
        assert str(caught.value) == (
            "No market exports or exchanges COPPER (known: A, B and C), so it can be neither bought nor made "
            "here; it is only imported, at B."
        )

    def test_an_unknown_good_can_never_be_had(self) -> None:
        """A good the game does not know is exported nowhere, so the same error says so."""
        with pytest.raises(CannotEver, match=r"^No market exports or exchanges UNOBTAINIUM"):
            chain("UNOBTAINIUM", full_system())

    def test_a_scarce_system_is_not_hopeless(self) -> None:
        """SCARCE recovers, so the node resolves without a source and says what it waits for."""
        node = chain("COPPER_ORE", [market("A", exports="COPPER_ORE", COPPER_ORE="SCARCE")])
        assert (node.acquisition, node.source) == (BUY, None)
        assert node.reason == (
            "Raw good, bought: no source of COPPER_ORE now: A SCARCE, parked until it recovers"
        )

    def test_an_unseen_system_is_not_hopeless(self) -> None:
        """Prices nobody has looked at may be fine: the node resolves, its source waits for a scout."""
        node = chain("COPPER_ORE", [market("A", exchange="COPPER_ORE", COPPER_ORE=None)])
        assert node.source is None
        assert node.reason.endswith("A not seen yet")


class TestCheckTarget:
    def test_an_unknown_good_is_refused_with_near_matches(self) -> None:
        """A typing error gets the goods that were probably meant."""
        with pytest.raises(UserError) as caught:
            check_target("ADVANCED_CIRCUTRY", RECIPES, [])
        assert str(caught.value) == (
            "There is no good called 'ADVANCED_CIRCUTRY'. Did you mean ADVANCED_CIRCUITRY?"
        )
        assert caught.value.kind == "not-found"

    def test_nonsense_is_refused_without_a_hint(self) -> None:
        """Nothing alike is known, so nothing is suggested."""
        with pytest.raises(UserError, match=r"^There is no good called 'QQQQ'\.$"):
            check_target("QQQQ", RECIPES, full_system())

    def test_an_empty_name_is_refused(self) -> None:
        """No name is no good."""
        with pytest.raises(UserError):
            check_target("  ", RECIPES, [])

    @pytest.mark.parametrize("typed", ["COPPER_ORE", "copper_ore", " copper ore ", "Copper-Ore"])
    def test_the_symbol_is_found_however_it_is_typed(self, typed: str) -> None:
        """Case, blanks and hyphens do not matter."""
        assert check_target(typed, RECIPES, []) == "COPPER_ORE"

    def test_a_good_only_a_market_knows_is_accepted(self) -> None:
        """The set of goods is open: a market may list what no recipe mentions."""
        assert check_target("MODULE_X", RECIPES, [market("A", imports="MODULE_X")]) == "MODULE_X"


class TestPreferFabricate:
    def test_a_full_system_makes_advanced_circuitry_of_six_goods(self) -> None:
        """C3: everything is made down to the raw goods, and shared inputs count once."""
        node = chain("ADVANCED_CIRCUITRY", full_system())
        assert acquisitions(node) == {
            "SILICON_CRYSTALS": BUY,
            "COPPER_ORE": BUY,
            "COPPER": FABRICATE,
            "ELECTRONICS": FABRICATE,
            "MICROPROCESSORS": FABRICATE,
            "ADVANCED_CIRCUITRY": FABRICATE,
        }

    def test_a_shared_input_is_the_same_node(self) -> None:
        """COPPER below ELECTRONICS and below MICROPROCESSORS is one decision."""
        electronics, microprocessors = chain("ADVANCED_CIRCUITRY", full_system()).children
        assert electronics.children[1] is microprocessors.children[1]

    def test_a_good_without_factory_waypoint_is_bought_with_the_reason(self) -> None:
        """C12: the node says which import was looked for, and where."""
        markets = [
            market("E1", exports="ELECTRONICS", imports="COPPER"),
            market("RAW", exchange="SILICON_CRYSTALS COPPER"),
        ]
        node = chain("ELECTRONICS", markets)
        assert (node.acquisition, node.source, node.factory_waypoint) == (BUY, "E1", None)
        assert node.reason.startswith(
            "Bought, since there is no place to make it (no factory waypoint for ELECTRONICS, which needs "
            "SILICON_CRYSTALS and COPPER: E1 does not import SILICON_CRYSTALS): ELECTRONICS from E1"
        )

    def test_a_good_with_an_input_nobody_gives_away_is_bought(self) -> None:
        """Feeding only some of the inputs is wasted (economy.md §6.4): the exporter still sells its stock."""
        node = chain("COPPER", [market("CU", "COPPER", "COPPER_ORE"), market("B", imports="COPPER_ORE")])
        assert node.acquisition is BUY
        assert node.reason.startswith(
            "Bought, since making it needs COPPER_ORE, which no market exports or exchanges "
            "(known: B and CU): COPPER from CU"
        )

    def test_a_made_node_is_lifted_where_it_is_made(self) -> None:
        """The source of a FABRICATE node is its factory waypoint, with that export's supply."""
        node = chain("COPPER", full_system(COPPER="SCARCE"))
        assert node.source == node.factory_waypoint == "CU"
        assert (node.supply, node.activity) == (Supply.SCARCE, Activity.WEAK)
        assert node.reason.startswith("Made, as asked: COPPER is made at CU")

    def test_inputs_are_sourced_near_the_place_that_needs_them(self) -> None:
        """Of two equal sources the one nearer to the factory waypoint is taken, not nearer to the target."""
        markets = [
            market("ORE1", exchange="COPPER_ORE"),
            market("HOME"),
            market("CU", "COPPER", "COPPER_ORE"),
            market("ORE2", exchange="COPPER_ORE"),
        ]
        node = chain("COPPER", markets, near="HOME")
        assert node.children[0].source == "ORE2"


class TestPreferBuy:
    def test_the_target_is_made_and_its_inputs_are_bought(self) -> None:
        """Produce means make: only the inputs are bought."""
        node = chain("ADVANCED_CIRCUITRY", full_system(), Strategy.PREFER_BUY)
        assert acquisitions(node) == {
            "ELECTRONICS": BUY,
            "MICROPROCESSORS": BUY,
            "ADVANCED_CIRCUITRY": FABRICATE,
        }
        assert node.children[0].reason.startswith("Bought, as the strategy prefers: ELECTRONICS from EL")

    def test_an_input_whose_sources_are_all_scarce_is_made(self) -> None:
        """Nobody sells it now, so it is made, and the reason says who was asked."""
        node = chain("ADVANCED_CIRCUITRY", full_system(ELECTRONICS="SCARCE"), Strategy.PREFER_BUY)
        assert acquisitions(node)["ELECTRONICS"] is FABRICATE
        assert node.children[0].reason.startswith(
            "Made because it cannot be bought (no source of ELECTRONICS now: EL SCARCE, parked until it "
            "recovers): ELECTRONICS is made at EL"
        )

    def test_an_input_not_seen_yet_waits_for_a_look(self) -> None:
        """A look costs a visit, making costs hours: an unseen seller is not a reason to make the good."""
        node = chain("ADVANCED_CIRCUITRY", full_system(ELECTRONICS=None), Strategy.PREFER_BUY)
        child = node.children[0]
        assert (child.acquisition, child.source) == (BUY, None)
        assert child.reason.startswith("Bought, once its sellers were looked at")

    def test_a_scarce_input_without_factory_waypoint_waits_as_bought(self) -> None:
        """Neither bought now nor made anywhere: it resolves without a source, with both reasons."""
        markets = [
            market("EL", "ELECTRONICS", "SILICON_CRYSTALS COPPER"),
            market("CU", "COPPER", COPPER="SCARCE"),
            market("RAW", exchange="COPPER_ORE SILICON_CRYSTALS"),
        ]
        copper = chain("ELECTRONICS", markets, Strategy.PREFER_BUY).children[1]
        assert (copper.acquisition, copper.source) == (BUY, None)
        assert "CU does not import COPPER_ORE" in copper.reason
        assert "CU SCARCE" in copper.reason


class TestWhereRecursionEnds:
    def test_raw_goods_are_bought_although_they_have_recipes(self) -> None:
        """COPPER_ORE needs EXPLOSIVES in the recipe map, yet it is mined, not made."""
        markets = [*full_system(), market("ORE", "COPPER_ORE", "EXPLOSIVES"), market("EX", "EXPLOSIVES")]
        node = chain("COPPER_ORE", markets)
        assert (node.acquisition, node.children) == (BUY, ())
        assert node.reason.startswith("Raw good, bought: COPPER_ORE from RAW")

    @pytest.mark.parametrize(("max_depth", "goods"), [(0, 1), (1, 3), (2, 5), (3, 6), (12, 6)])
    def test_max_depth_is_the_number_of_recipes_above_one_another(self, max_depth: int, goods: int) -> None:
        """1 makes the target of bought inputs; 0 buys it."""
        node = chain("ADVANCED_CIRCUITRY", full_system(), max_depth=max_depth)
        assert len(node.flatten()) == goods
        assert node.depth() <= max_depth + 1

    def test_the_depth_limit_is_named_as_the_reason(self) -> None:
        """The user sees that the limit, not the market, ended the chain."""
        node = chain("COPPER", full_system(), max_depth=0)
        assert node.reason.startswith("Bought, since this factory nests no more than 0 recipes: COPPER")

    def test_a_good_that_would_need_itself_is_bought(self) -> None:
        """A cycle in the recipes ends at the good already on the path, with the cycle in the reason."""
        recipes = RecipeMap({"A": ("B",), "B": ("A",)}, raw=frozenset())
        markets = [market("MA", "A", "B"), market("MB", "B", "A")]
        node = chain("A", markets, recipes=recipes)
        again = node.children[0].children[0]
        assert (again.good, again.acquisition, again.source, again.children) == ("A", BUY, "MA", ())
        assert again.reason.startswith("Bought, since it would need itself (A ← B ← A): A from MA")
        assert acquisitions(node) == {"B": FABRICATE, "A": FABRICATE}

    @pytest.mark.parametrize("inputs", [("Y", "X"), ("X", "Y")])
    def test_a_good_at_two_depths_is_decided_at_the_shallower(self, inputs: tuple[str, ...]) -> None:
        """X is an input of the target and of another input; the deeper need does not make it bought."""
        recipes = RecipeMap({"T": inputs, "Y": ("X",), "X": ("R",)}, raw=frozenset({"R"}))
        markets = [
            market("MT", "T", "X Y"),
            market("MY", "Y", "X"),
            market("MX", "X", "R"),
            market("MR", exchange="R"),
        ]
        node = chain("T", markets, recipes=recipes, max_depth=2)
        assert acquisitions(node) == {"R": BUY, "X": FABRICATE, "Y": FABRICATE, "T": FABRICATE}


class TestKeepAndAvoid:
    def test_a_factory_waypoint_in_force_is_kept(self) -> None:
        """A better-fed market that appears later does not move the factory."""
        one = market("CU1", "COPPER", "COPPER_ORE")
        two = market("CU2", "COPPER", "COPPER_ORE", COPPER_ORE="ABUNDANT")
        ore = market("RAW", exchange="COPPER_ORE")
        before = chain("COPPER", [one, ore])
        assert chain("COPPER", [one, two, ore]).factory_waypoint == "CU2"
        assert chain("COPPER", [one, two, ore], keep=before).factory_waypoint == "CU1"

    def test_an_avoided_market_is_left_for_another(self) -> None:
        """Other source, other factory waypoint: what failed for a good is left out for that good only."""
        markets = [
            market("CU1", "COPPER", "COPPER_ORE"),
            market("CU2", "COPPER", "COPPER_ORE"),
            market("O1", exchange="COPPER_ORE"),
            market("O2", exchange="COPPER_ORE"),
        ]
        node = chain("COPPER", markets, avoid={"COPPER": ("CU1",), "COPPER_ORE": ("O1",)})
        assert (node.factory_waypoint, node.children[0].source) == ("CU2", "O2")


@pytest.mark.parametrize("strategy", list(Strategy))
def test_every_target_of_the_captured_system_resolves_with_reasons(
    captured: CapturedSystem, strategy: Strategy
) -> None:
    """In a real system every exported or exchanged good has a chain, each node once, with a reason."""
    recipes = RecipeMap.bundled()
    targets = sorted({good for m in captured.markets for good in m.exports | m.exchange})
    for target in targets:
        node = resolve(target, recipes, captured.markets, captured.chart, strategy=strategy, max_depth=12)
        goods = [each.good for each in node.flatten()]
        assert len(goods) == len(set(goods))
        assert all(each.reason for each in node.flatten())
        assert SupplyChainNode.from_json(node.to_json()) == node


def test_advanced_circuitry_in_the_captured_system_is_six_nodes(captured: CapturedSystem) -> None:
    """C3 on real data: ELECTRONICS, MICROPROCESSORS, COPPER, SILICON_CRYSTALS, COPPER_ORE and itself."""
    recipes = RecipeMap.bundled()
    node = resolve(
        "ADVANCED_CIRCUITRY",
        recipes,
        captured.markets,
        captured.chart,
        strategy=Strategy.PREFER_FABRICATE,
        max_depth=12,
    )
    assert sorted(acquisitions(node)) == [
        "ADVANCED_CIRCUITRY",
        "COPPER",
        "COPPER_ORE",
        "ELECTRONICS",
        "MICROPROCESSORS",
        "SILICON_CRYSTALS",
    ]
    assert all(each.source for each in node.flatten())


GOODS = "ABCDEFGH"


@st.composite
def worlds(draw: Any) -> tuple[RecipeMap, list[MarketSnapshot], str]:
    """Any recipes over eight goods, cycles included, and any markets that trade them."""
    goods = st.sampled_from(GOODS)
    table = draw(st.dictionaries(goods, st.sets(goods, min_size=1, max_size=3), min_size=1))
    table = {good: tuple(sorted(inputs - {good})) for good, inputs in table.items()}
    recipes = RecipeMap(
        {good: inputs for good, inputs in table.items() if inputs}, raw=draw(st.frozensets(goods, max_size=2))
    )
    markets = []
    for name in range(draw(st.integers(1, 5))):
        exports = draw(st.sets(goods, max_size=3))
        imports = {i for good in exports for i in recipes.inputs(good)} - exports
        imports -= draw(st.sets(goods, max_size=1))
        exchange = draw(st.sets(goods, max_size=2)) - exports - imports
        supplies = draw(
            st.dictionaries(goods, st.sampled_from([*(s.value for s in Supply), None]), max_size=4)
        )
        markets.append(
            market(f"M{name}", " ".join(exports), " ".join(imports), " ".join(exchange), **supplies)
        )
    return recipes, markets, draw(goods)


@given(world=worlds(), strategy=st.sampled_from(Strategy), max_depth=st.integers(0, 5), shuffled=st.randoms())
def test_any_world_resolves_or_says_why_it_cannot(
    world: Any, strategy: Any, max_depth: Any, shuffled: Any
) -> None:
    """Whatever the recipes and markets: a finite chain whose nodes all hold, or CannotEver."""
    recipes, markets, target = world
    given_away = {good for m in markets for good in m.exports | m.exchange}
    if target not in given_away:
        with pytest.raises(CannotEver):
            chain(target, markets, strategy, recipes=recipes, max_depth=max_depth)
        return
    node = chain(target, markets, strategy, recipes=recipes, max_depth=max_depth)
    by_name = {m.waypoint: m for m in markets}
    assert node.good == target
    for each in node.flatten():
        assert each.reason
        if each.acquisition is FABRICATE:
            home = by_name[each.factory_waypoint]
            assert each.good in home.exports
            assert tuple(child.good for child in each.children) == recipes.inputs(each.good)
            assert all(child.good in home.imports | home.exchange for child in each.children)
            assert all(child.good in given_away for child in each.children)
        else:
            assert each.children == ()
            assert each.source is None or by_name[each.source].listing(each.good).sells
    # the same world in another order gives the same decision
    chart = charted(**{m.waypoint: 50 * i for i, m in enumerate(markets)})
    others = list(markets)
    shuffled.shuffle(others)
    again = resolve(target, recipes, others, chart, strategy=strategy, max_depth=max_depth)
    assert again == node


class TestTroubledSites:
    def test_another_factory_waypoint_takes_over(self) -> None:
        """A place that would not take what was brought is left, though it was in force."""
        markets = [*full_system(), market("EL2", "ELECTRONICS", "SILICON_CRYSTALS COPPER")]
        first = chain("ELECTRONICS", markets)
        other = chain("ELECTRONICS", markets, keep=first, troubled={"ELECTRONICS": {first.factory_waypoint}})
        assert {first.factory_waypoint, other.factory_waypoint} == {"EL", "EL2"}

    def test_a_place_in_trouble_is_better_than_none(self) -> None:
        """Where nobody else makes the good it stays, and its back-off decides when it is tried again."""
        tree = chain("ELECTRONICS", full_system(), troubled={"ELECTRONICS": {"EL"}})
        assert (tree.acquisition, tree.factory_waypoint) == (FABRICATE, "EL")
