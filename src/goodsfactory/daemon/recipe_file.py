"""Recipes other than the server's: of a file that a user may name, and those that come with this program."""

from pathlib import Path

from goodsfactory.domain.errors import UserError
from goodsfactory.domain.goods import Good
from goodsfactory.domain.named_file import read_text
from goodsfactory.domain.recipes import MalformedRecipes, RecipeMap


def read_recipes(path: Path | None) -> RecipeMap | None:
    """The recipes of a file; None where none is named. Raises UserError where it cannot be used."""
    if path is None:
        return None
    try:
        recipes = RecipeMap.from_text(read_text(path), origin=str(path))
    except OSError as error:
        raise UserError(f"The recipe file {path} cannot be read: {error.strerror}.") from None
    except MalformedRecipes as malformed:
        raise UserError(f"The recipe file cannot be used: {malformed}.") from None
    if complaints := recipes.validate():
        raise UserError(f"The recipe file cannot be used: {complaints[0]}.")
    return recipes


def bundled_goods() -> list[Good]:
    """The goods of the recipes that come with this program, sorted."""
    return sorted(RecipeMap.bundled().goods)
