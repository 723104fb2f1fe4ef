"""What lies where: the goods an asteroid or a gas giant gives (api-facts §6)."""

from collections.abc import Mapping

from goodsfactory.sandbox.universe import Waypoint

_MAIN, _SIDE = 3, 1

_BY_TRAIT: Mapping[str, Mapping[str, int]] = {
    "COMMON_METAL_DEPOSITS": {
        **dict.fromkeys(("ALUMINUM_ORE", "COPPER_ORE", "IRON_ORE"), _MAIN),
        **dict.fromkeys(("ICE_WATER", "SILICON_CRYSTALS", "QUARTZ_SAND"), _SIDE),
    },
    "MINERAL_DEPOSITS": {
        **dict.fromkeys(("SILICON_CRYSTALS", "QUARTZ_SAND"), _MAIN),
        **dict.fromkeys(("AMMONIA_ICE", "ICE_WATER", "IRON_ORE", "PRECIOUS_STONES"), _SIDE),
    },
    "PRECIOUS_METAL_DEPOSITS": {
        **dict.fromkeys(("PLATINUM_ORE", "GOLD_ORE", "SILVER_ORE"), _MAIN),
        **dict.fromkeys(("COPPER_ORE", "QUARTZ_SAND"), _SIDE),
    },
    "RARE_METAL_DEPOSITS": {
        **dict.fromkeys(("URANITE_ORE", "MERITIUM_ORE"), _MAIN),
        **dict.fromkeys(("IRON_ORE", "QUARTZ_SAND", "DIAMONDS"), _SIDE),
    },
    "FROZEN": dict.fromkeys(("ICE_WATER", "AMMONIA_ICE"), _SIDE),
    "ICE_CRYSTALS": dict.fromkeys(("ICE_WATER", "AMMONIA_ICE", "LIQUID_HYDROGEN", "LIQUID_NITROGEN"), _SIDE),
    "EXPLOSIVE_GASES": {"HYDROCARBON": _SIDE},
    "SWAMP": {"HYDROCARBON": _SIDE},
}
"""Goods per trait; those named first by players weigh three times the others (weights *assumed*)."""

GASES: Mapping[str, int] = dict.fromkeys(("HYDROCARBON", "LIQUID_HYDROGEN", "LIQUID_NITROGEN"), _SIDE)
"""What a siphon draws from a gas giant."""

MINEABLE = frozenset({"ASTEROID", "ASTEROID_FIELD", "ENGINEERED_ASTEROID"})
"""Types of waypoints one may dig at."""

OWNED_ROCKS = frozenset({"ASTEROID_BASE"})
"""Rock that somebody lives in: digging there is not permitted."""

GASEOUS = frozenset({"GAS_GIANT"})
"""Types of waypoints one may siphon at."""


def deposits(waypoint: Waypoint) -> dict[str, int]:
    """Goods that may be dug up at a waypoint with the weight of each; empty when there are none."""
    found: dict[str, int] = {}
    for trait in waypoint.traits:
        for good, weight in _BY_TRAIT.get(trait, {}).items():
            found[good] = found.get(good, 0) + weight
    return found
