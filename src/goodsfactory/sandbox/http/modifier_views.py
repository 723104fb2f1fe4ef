"""What has become of a waypoint, as the API shows it."""

from collections.abc import Iterable


def modifiers_view(modifiers: Iterable[str]) -> list[dict[str, object]]:
    """What has become of a waypoint; the texts are our own."""
    return [
        {
            "symbol": symbol,
            "name": words(symbol),
            "description": f"{words(symbol)}: too much was mined here; it heals with time.",
        }
        for symbol in modifiers
    ]


def words(symbol: str) -> str:
    """A symbol of the game in plain words."""
    return symbol.replace("_", " ").capitalize()
