"""Goods: the trade symbols of the game."""

import difflib
from collections.abc import Iterable

Good = str
"""A trade symbol such as ``IRON_ORE``. An open set: the server may know more than we do."""

FUEL: Good = "FUEL"
"""One market unit fills 100 units of a ship's tank (api-facts §9)."""

RAW_GOODS: frozenset[Good] = frozenset(
    {
        "ALUMINUM_ORE",
        "AMMONIA_ICE",
        "COPPER_ORE",
        "DIAMONDS",
        "GOLD_ORE",
        "HYDROCARBON",
        "ICE_WATER",
        "IRON_ORE",
        "LIQUID_HYDROGEN",
        "LIQUID_NITROGEN",
        "MERITIUM_ORE",
        "PLATINUM_ORE",
        "PRECIOUS_STONES",
        "QUARTZ_SAND",
        "SILICON_CRYSTALS",
        "SILVER_ORE",
        "URANITE_ORE",
    }
)
"""Goods that are mined or siphoned. They have recipes, but recursion ends at them (api-facts §7.6)."""


def near_matches(word: str, known: Iterable[Good], *, limit: int = 3) -> list[Good]:
    """Return the goods a person probably meant by ``word``, best first."""
    wanted = word.strip().upper().replace(" ", "_").replace("-", "_")
    symbols = sorted(known)
    if wanted in symbols:
        return [wanted]
    close = difflib.get_close_matches(wanted, symbols, n=limit, cutoff=0.6)
    inside = [symbol for symbol in symbols if wanted and wanted in symbol and symbol not in close]
    return (close + inside)[:limit]
