"""What the game can say at all: bounds of numbers, words and times. Anything beyond them makes no sense.

Each bound lies far outside of what was ever seen, so that a new good or a bigger ship never meets it; the
source of the largest known value stands with it.
"""

import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

from msgspec import Meta

Symbol = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+\Z")]
"""A name that the game gives: ships, goods, traits, contracts. Nothing in it can move a terminal's cursor."""

WaypointSymbol = Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9_]+-[A-Za-z0-9_]+-[A-Za-z0-9_]+\Z")]
"""Three parts, of which the first two name the system (api-facts §6)."""

Day = Annotated[str, Meta(pattern=r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]\Z")]
"""YYYY-MM-DD"""

Secret = Annotated[str, Meta(min_length=1, max_length=4096, pattern=r"^[!-~]+\Z")]
"""A token: what a header can carry, in one piece."""

Credits = Annotated[int, Meta(ge=-(10**15), le=10**15)]
"""A purse. It may be below zero (api-facts §15)."""

Price = Annotated[int, Meta(ge=1, le=10_000_000)]
"""Credits for a unit: the floor is 1 (economy.md §1.8), the dearest base price is 32,000 (economy.md §2)."""

PaidPrice = Annotated[int, Meta(ge=0, le=10_000_000)]
"""Credits a unit of a trade that was made: fuel from the own hold costs nothing (api-facts §9)."""

Sum = Annotated[int, Meta(ge=0, le=10**12)]
"""Credits of one trade, one ship or one contract."""

ShipPrice = Annotated[int, Meta(ge=1, le=10**9)]
"""Credits for a ship: probes cost 20,000, freighters a million (api-facts §13)."""

TradeVolume = Annotated[int, Meta(ge=1, le=100_000)]
"""Units of one transaction: 6 to 180 at first, 158 abroad at most (economy.md §5.2, §5.5)."""

Units = Annotated[int, Meta(ge=0, le=10_000_000)]
"""Cargo, fuel, or a line of a bill: the largest hold is 225, the largest tank 1,200, a bill 4,000
(api-facts §13, §14)."""

Speed = Annotated[int, Meta(ge=1, le=1_000)]
"""Engines are between 2 and 36 (api-facts §13)."""

Coordinate = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
"""Places of a system lie within a thousand of its star, systems within a hundred thousand (api-facts §6)."""

Seconds = Annotated[float, Meta(ge=0, le=31_536_000)]

Count = Annotated[int, Meta(ge=0, le=1_000_000)]
"""How many ships there are, or elements of a list."""

LONGEST_TEXT = 300
_DEEPEST = 8
_MOST_PARTS = 200


def printable(text: str, longest: int = LONGEST_TEXT) -> str:
    """One line of ``text`` that only shows letters: no control or formatting character, cut to a length.

    Terminals obey escape sequences, and marks for right-to-left writing turn a line round.
    """
    visible = "".join(_visible(letter) for letter in text[: 10 * longest])
    line = " ".join(visible.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def printable_data(data: Any, clean: Callable[[str], str] = printable, depth: int = 0) -> Any:
    """A JSON value whose texts went through ``clean``; what lies too deep or comes too late is left out."""
    if isinstance(data, str):
        return clean(data)
    if isinstance(data, (dict, list)) and depth >= _DEEPEST:
        return None
    if isinstance(data, dict):
        parts = list(data.items())[:_MOST_PARTS]
        return {clean(str(key)): printable_data(value, clean, depth + 1) for key, value in parts}
    if isinstance(data, list):
        return [printable_data(value, clean, depth + 1) for value in data[:_MOST_PARTS]]
    return data


def _visible(letter: str) -> str:
    category = unicodedata.category(letter)
    if category[0] == "Z" or letter in "\t\r\n":
        return " "
    return "" if category[0] == "C" else letter
