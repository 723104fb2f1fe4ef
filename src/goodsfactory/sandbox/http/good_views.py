"""What the API calls a good, beside its symbol. The texts are our own; only the symbols are the game's."""

from collections.abc import Mapping
from functools import lru_cache


@lru_cache(maxsize=512)
def good_view(symbol: str) -> Mapping[str, object]:
    """``symbol``, ``name`` and ``description`` of a good, as lists of goods show it (api-facts §7.1)."""
    name = symbol.replace("_", " ").capitalize()
    return {"symbol": symbol, "name": name, "description": f"{name}, as traded on the markets."}
