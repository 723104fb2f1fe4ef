"""How places look: the traits of waypoints by type and by what is built there (api-facts §6)."""

from __future__ import annotations

import random

from goodsfactory.sandbox import blueprint, draws
from goodsfactory.sandbox.blueprint import WORKSHOP

_BEGINNINGS = ("Al", "Bel", "Cor", "Den", "El", "Far", "Gal", "Hes", "Ith", "Kar", "Lor", "Mir", "Nor", "Or")
_MIDDLES = ("ba", "de", "ga", "li", "mo", "na", "ri", "so", "tha", "ve", "xa", "zu")
_ENDINGS = ("n", "r", "s", "th", "x", "dris", "lon", "mar", "nis", "tos")


def system_name(symbol: str) -> str:
    """A name for a system that has none recorded; the same wherever its symbol turns up."""
    return _name(draws.source(0, symbol, "name"))


def constellation(symbol: str) -> str:
    """The constellation of such a system: those of one pair of letters share it."""
    return _name(draws.source(0, symbol.rstrip("0123456789"), "constellation"))


def _name(source: random.Random) -> str:
    middle = "".join(source.sample(_MIDDLES, source.choice((1, 1, 2))))
    return source.choice(_BEGINNINGS) + middle + source.choice(_ENDINGS)


def place_traits(type: str, role: str, source: random.Random) -> tuple[str, ...]:
    """Draw the traits of a body; whatever has a role has a market."""
    traits: list[str] = []
    match type:
        case "PLANET" | "MOON":
            traits.append(source.choice(blueprint.CLIMATES))
            if role:
                traits.append(source.choice(blueprint.SETTLEMENTS))
            traits.extend(source.sample(blueprint.FEATURES, source.randint(1, 3)))
            if role == WORKSHOP:
                traits.append("INDUSTRIAL")
        case "ORBITAL_STATION":
            traits.append(source.choice(("OUTPOST", "MILITARY_BASE", "HIGH_TECH", "INDUSTRIAL")))
        case "ASTEROID_BASE":
            traits.extend(("HOLLOWED_INTERIOR", source.choice(("OUTPOST", "PIRATE_BASE"))))
        case "ENGINEERED_ASTEROID":
            traits.extend(("COMMON_METAL_DEPOSITS", "STRIPPED"))
        case "GAS_GIANT":
            traits.append(source.choice(("STRONG_GRAVITY", "VIBRANT_AURORAS", "STRONG_MAGNETOSPHERE")))
    if role:
        traits.append("MARKETPLACE")
    if role in blueprint.YARDS or role in blueprint.FRONTIER_YARDS:
        traits.append("SHIPYARD")
    return tuple(traits)


def asteroid_traits(rare: str | None, source: random.Random) -> tuple[str, ...]:
    """Draw the deposits and features of an asteroid; ``rare`` is a deposit it must have."""
    features = source.sample(blueprint.ASTEROID_FEATURES, source.choice((0, 1, 1, 2)))
    return (rare or source.choice(blueprint.DEPOSITS), *features)
