"""The recipe map: loading, refusing, and where recursion ends."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.recorded import RECIPES

from goodsfactory.domain.goods import RAW_GOODS, near_matches
from goodsfactory.domain.recipes import MalformedRecipes, RecipeMap

MALFORMED = [
    ("not an object", [1, 2]),
    ("no map", {"exports": {}}),
    ("an empty map", {"exportToImportMap": {}}),
    ("a map of the wrong type", {"exportToImportMap": ["IRON"]}),
    ("imports that are no list", {"exportToImportMap": {"IRON": "IRON_ORE"}}),
    ("no imports", {"exportToImportMap": {"IRON": []}}),
    ("an import that is no name", {"exportToImportMap": {"IRON": [7]}}),
    ("an empty name", {"exportToImportMap": {"IRON": [""]}}),
    ("a good that needs itself", {"exportToImportMap": {"IRON": ["IRON"]}}),
]


@pytest.mark.parametrize("document", [row[1] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_a_malformed_map_is_refused_with_its_origin(document: Any) -> None:
    """The sentence names the file, so that the user knows what to correct."""
    with pytest.raises(MalformedRecipes, match=r"^my-recipes\.json: "):
        RecipeMap.from_json(document, origin="my-recipes.json")


def test_the_bad_entry_is_named() -> None:
    """Among 129 entries the one that is wrong is told."""
    document = {"exportToImportMap": {"COPPER": ["COPPER_ORE"], "IRON": []}}
    with pytest.raises(MalformedRecipes, match="imports of IRON"):
        RecipeMap.from_json(document, origin="x")


def test_text_that_is_not_json_names_line_and_column() -> None:
    """A missing comma is found by its place."""
    with pytest.raises(MalformedRecipes, match=r"^f\.json: not JSON \(.* at line 2, column 4\)$"):
        RecipeMap.from_text('{"a": 1\n   "b": 2}', origin="f.json")


def test_the_shape_of_the_api_and_the_bare_shape_are_both_read() -> None:
    """With or without the data envelope, the map is the same; a repeated import counts once."""
    bare = {"exportToImportMap": {"WARP": ["MERITIUM", "GOLD", "MERITIUM"]}}
    enveloped = RecipeMap.from_json({"data": bare}, origin="api")
    assert enveloped.inputs("WARP") == RecipeMap.from_json(bare, origin="api").inputs("WARP")
    assert enveloped.inputs("WARP") == ("MERITIUM", "GOLD")


class TestBundled:
    def test_it_holds_the_published_recipes(self) -> None:
        """129 exports, as the live endpoint gave them (api-facts §7.6)."""
        recipes = RecipeMap.bundled()
        assert len(recipes.imports_of) == 129
        assert set(recipes.inputs("ADVANCED_CIRCUITRY")) == {"ELECTRONICS", "MICROPROCESSORS"}
        assert set(recipes.inputs("FAB_MATS")) == {"IRON", "QUARTZ_SAND"}

    def test_it_is_cyclic_as_published_and_sound_with_the_raw_list(self) -> None:
        """Raw goods have recipes too; recursion must end at them (economy.md §6.1)."""
        recipes = RecipeMap.bundled()
        assert replace(recipes, raw=frozenset()).cycles()
        assert recipes.cycles() == []
        assert recipes.validate() == []

    def test_it_equals_the_capture(self) -> None:
        """Nothing was lost or added against the captured answer of the endpoint."""
        live = RecipeMap.from_json(json.loads(RECIPES.read_text("utf-8")), origin="capture")
        mine = RecipeMap.bundled()
        assert {g: set(i) for g, i in live.imports_of.items()} == {
            g: set(i) for g, i in mine.imports_of.items()
        }


class TestCycles:
    def test_a_cycle_is_reported_as_the_path_that_closes_it(self) -> None:
        """The report names every good of the loop and returns to the first."""
        recipes = RecipeMap({"A": ("B",), "B": ("C",), "C": ("A", "D")}, raw=frozenset(), origin="test")
        assert recipes.cycles() == [("A", "B", "C", "A")]
        assert recipes.validate() == ["test: A ← B ← C ← A is a cycle without a raw good in it"]

    def test_a_raw_good_breaks_the_cycle(self) -> None:
        """One raw good on the loop is enough to end recursion."""
        assert RecipeMap({"A": ("B",), "B": ("A",)}, raw=frozenset({"B"})).cycles() == []

    def test_a_shared_input_is_no_cycle(self) -> None:
        """A diamond in the recipes is legal and common."""
        assert RecipeMap({"T": ("X", "Y"), "X": ("R",), "Y": ("R",)}, raw=frozenset()).cycles() == []

    def test_two_cycles_are_both_reported(self) -> None:
        """Loops that share no good do not hide one another."""
        recipes = RecipeMap({"A": ("B",), "B": ("A",), "C": ("D",), "D": ("C",)}, raw=frozenset())
        assert recipes.cycles() == [("A", "B", "A"), ("C", "D", "C")]


def test_raw_is_what_is_mined_or_has_no_recipe() -> None:
    """Recursion ends at both."""
    recipes = RecipeMap.bundled()
    assert recipes.is_raw("IRON_ORE")
    assert recipes.inputs("IRON_ORE")
    assert recipes.is_raw("FRAME_PROBE")
    assert not recipes.is_raw("IRON")


def test_every_raw_good_is_known_to_the_map() -> None:
    """The raw list holds no misspelt symbol."""
    assert RecipeMap.bundled().goods >= RAW_GOODS


class TestNearMatches:
    def test_a_typing_error_finds_the_good(self) -> None:
        """A swapped or missing letter is close enough."""
        goods = RecipeMap.bundled().goods
        assert near_matches("ELECTRONIC", goods)[0] == "ELECTRONICS"
        assert near_matches("copper oer", goods)[0] == "COPPER_ORE"

    def test_a_part_of_the_name_finds_the_good(self) -> None:
        """What is contained counts too."""
        assert "FAB_MATS" in near_matches("MATS", RecipeMap.bundled().goods)

    def test_an_exact_name_is_the_only_match(self) -> None:
        """However it is written."""
        assert near_matches("iron-ore", RecipeMap.bundled().goods) == ["IRON_ORE"]

    def test_nonsense_matches_nothing(self) -> None:
        """No suggestion is better than a wild one."""
        assert near_matches("ZZZZ", RecipeMap.bundled().goods) == []
        assert near_matches("", RecipeMap.bundled().goods) == []
