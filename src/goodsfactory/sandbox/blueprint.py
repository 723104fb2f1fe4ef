"""What a home system consists of: its bodies, who makes what, and how places look (economy.md §8).

Shaped like the captured home system: 25 markets with 35 exports, 68 imports and 44 exchange entries, three
shipyards and a jump gate under construction. What is made where, and where everything lies, is drawn anew.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Body:
    """One body around the star with its orbitals.

    ``near`` and ``far`` bound its distance from the star. Bodies with the same ``bearing`` lie in about the
    same direction. ``role`` and each orbital's role name what is built there; an empty role means nothing.
    """

    group: str
    type: str
    near: int
    far: int
    role: str = ""
    orbitals: tuple[tuple[str, str], ...] = ()
    bearing: str = ""


WORKSHOP = "workshop"
"""The role of every place that receives one of :data:`WORKSHOPS`."""

BODIES: tuple[Body, ...] = (
    Body(
        "A",
        "PLANET",
        15,
        35,
        "capital",
        (("MOON", "great yard"), ("MOON", WORKSHOP), ("ORBITAL_STATION", WORKSHOP)),
    ),
    Body("X", "ENGINEERED_ASTEROID", 15, 35, "pump"),
    Body("B", "FUEL_STATION", 180, 195, "pump", bearing="base"),
    Body("B", "ASTEROID_BASE", 340, 355, "smelter", bearing="base"),
    Body("C", "GAS_GIANT", 140, 165, "", (("ORBITAL_STATION", "gas station"),), bearing="gas"),
    Body("C", "FUEL_STATION", 105, 125, "pump", bearing="gas"),
    Body("D", "PLANET", 75, 95, WORKSHOP, (("MOON", WORKSHOP),)),
    Body("E", "PLANET", 45, 65, WORKSHOP, (("MOON", WORKSHOP), ("MOON", ""))),
    Body("F", "PLANET", 65, 85, WORKSHOP, (("ORBITAL_STATION", WORKSHOP),)),
    Body("G", "PLANET", 60, 80, WORKSHOP),
    Body(
        "H",
        "PLANET",
        35,
        55,
        WORKSHOP,
        (("MOON", "drone yard"), ("MOON", "mineral exchange"), ("MOON", WORKSHOP)),
    ),
    Body("I", "JUMP_GATE", 440, 455, "gate", bearing="gate"),
    Body("I", "FUEL_STATION", 220, 235, "gate pump", bearing="gate"),
    Body("J", "FUEL_STATION", 590, 610, "pump", bearing="gate"),
    Body("J", "ASTEROID_BASE", 710, 730, "mine", bearing="gate"),
    Body("K", "PLANET", 95, 110, WORKSHOP, (("MOON", ""),)),
)
"""Everything but asteroids. No two fuel stops of a bearing lie farther apart than a 300-unit tank reaches."""

ASTEROID_BELTS: tuple[tuple[str, int, int, int, int], ...] = (
    ("B", 32, 37, 285, 395),
    ("J", 22, 26, 690, 790),
)
"""Group, fewest and most asteroids, nearest and farthest distance."""

WORKSHOPS: tuple[tuple[str, ...], ...] = (
    ("MICROPROCESSORS",),
    ("BOTANICAL_SPECIMENS",),
    ("SHIP_PARTS", "MEDICINE"),
    ("SHIP_PLATING", "ADVANCED_CIRCUITRY"),
    ("ASSAULT_RIFLES", "FIREARMS"),
    ("MACHINERY", "FABRICS", "POLYNUCLEOTIDES"),
    ("AMMUNITION", "EXPLOSIVES"),
    ("FAB_MATS", "ELECTRONICS"),
    ("FUEL", "PLASTICS", "FERTILIZERS"),
    ("IRON", "ALUMINUM", "COPPER"),
    ("JEWELRY",),
    ("FOOD", "EQUIPMENT", "CLOTHING", "BIOCOMPOSITES"),
)
"""Exports that live together; each market imports the recipes of all it makes. One per workshop place."""

EXPORTS: dict[str, tuple[str, ...]] = {
    "smelter": ("GOLD", "SILVER", "PLATINUM"),
    "gas station": ("LAB_INSTRUMENTS",),
    "mine": ("IRON_ORE", "COPPER_ORE", "ALUMINUM_ORE", "DRUGS", "PRECIOUS_STONES"),
}
"""Exports of the places whose trade follows from where they are."""

SINKS: dict[str, tuple[str, ...]] = {
    "capital": ("FOOD", "MEDICINE", "CLOTHING", "EQUIPMENT", "JEWELRY", "EXOTIC_MATTER"),
    "great yard": ("SHIP_PLATING", "SHIP_PARTS"),
    "drone yard": ("SHIP_PLATING", "SHIP_PARTS"),
    "gas station": ("SHIP_PLATING", "SHIP_PARTS"),
    "mine": ("FOOD", "MEDICINE", "CLOTHING", "EQUIPMENT", "ASSAULT_RIFLES", "FIREARMS"),
    "IRON": ("DRUGS",),
    "colony": ("FOOD", "MEDICINE", "CLOTHING", "FABRICS", "MACHINERY"),
    "frontier yard": ("SHIP_PLATING", "SHIP_PARTS"),
}
"""Imports nothing there is made of, by role, or by the first export of a workshop."""

EXCHANGES: dict[str, tuple[str, ...]] = {
    "smelter": (
        "ICE_WATER",
        "AMMONIA_ICE",
        "QUARTZ_SAND",
        "SILICON_CRYSTALS",
        "IRON_ORE",
        "COPPER_ORE",
        "ALUMINUM_ORE",
        "URANITE_ORE",
        "MERITIUM_ORE",
        "PRECIOUS_STONES",
        "DIAMONDS",
    ),
    "gas station": ("HYDROCARBON", "LIQUID_HYDROGEN", "LIQUID_NITROGEN"),
    "mineral exchange": ("ICE_WATER", "AMMONIA_ICE", "QUARTZ_SAND", "SILICON_CRYSTALS"),
    "gate": ("ANTIMATTER",),
    "gate pump": ("ANTIMATTER",),
    "gas outpost": ("HYDROCARBON", "LIQUID_HYDROGEN", "LIQUID_NITROGEN"),
}
"""Goods merely traded, besides FUEL, which every market sells that does not make it."""

YARDS: dict[str, tuple[tuple[str, int], ...]] = {
    "great yard": (("SHIP_PROBE", 21_600), ("SHIP_LIGHT_HAULER", 273_000), ("SHIP_LIGHT_SHUTTLE", 88_900)),
    "gas station": (("SHIP_PROBE", 21_100), ("SHIP_SIPHON_DRONE", 39_900)),
    "drone yard": (("SHIP_MINING_DRONE", 41_800), ("SHIP_SURVEYOR", 27_700)),
}
"""Ship types and usual prices in credits (api-facts.md §13)."""

FRONTIER_YARDS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "frontier yard": (
        ("SHIP_PROBE", 161_000, 235_000),
        ("SHIP_LIGHT_HAULER", 273_000, 321_000),
        ("SHIP_EXPLORER", 702_000, 850_000),
        ("SHIP_HEAVY_FREIGHTER", 2_030_000, 2_110_000),
        ("SHIP_ORE_HOUND", 284_000, 296_000),
        ("SHIP_REFINING_FREIGHTER", 2_340_000, 2_440_000),
        ("SHIP_COMMAND_FRIGATE", 887_000, 923_000),
        ("SHIP_INTERCEPTOR", 275_000, 285_000),
    ),
}
"""Ship types outside the home systems, of which a yard has three, and the prices seen there, with 2 % either
way where one was seen (operations.md §8.1 and §10 S10; no source knows that of an interceptor)."""

MODIFICATIONS_FEE = 100
"""Credits a yard takes for fitting or removing a part (api-facts.md §13.1)."""

STABILIZERS = "QUANTUM_STABILIZERS"
"""The material of which a gate needs one; that of a home is there from the beginning."""

GATE_BILL: dict[str, tuple[int, int]] = {
    "FAB_MATS": (1600, 0),
    "ADVANCED_CIRCUITRY": (400, 0),
    STABILIZERS: (1, 1),
}
"""Required and fulfilled units of a home system's jump gate (api-facts.md §14)."""

FACTIONS: tuple[str, ...] = (
    "COSMIC",
    "VOID",
    "GALACTIC",
    "QUANTUM",
    "DOMINION",
    "ASTRO",
    "CORSAIRS",
    "OBSIDIAN",
    "AEGIS",
    "UNITED",
)
"""Factions that take new agents; the first drawn owns the first home system."""

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What symbols are made of; I and O would be taken for digits."""

CLIMATES = ("FROZEN", "ROCKY", "BARREN", "TEMPERATE", "VOLCANIC", "OCEAN", "JUNGLE", "BARREN", "SWAMP")
"""A captured system had the cold and bare ones most often."""
SETTLEMENTS = ("OUTPOST", "SCATTERED_SETTLEMENTS", "SPRAWLING_CITIES", "MEGA_STRUCTURES")
FEATURES = (
    "FOSSILS",
    "MAGMA_SEAS",
    "SALT_FLATS",
    "DRY_SEABEDS",
    "THIN_ATMOSPHERE",
    "BREATHABLE_ATMOSPHERE",
    "CORROSIVE_ATMOSPHERE",
    "TOXIC_ATMOSPHERE",
    "PERPETUAL_DAYLIGHT",
    "EXTREME_PRESSURE",
    "VIBRANT_AURORAS",
    "STRONG_MAGNETOSPHERE",
    "TERRAFORMED",
)
DEPOSITS = ("COMMON_METAL_DEPOSITS", "MINERAL_DEPOSITS")
RARE_DEPOSITS = ("PRECIOUS_METAL_DEPOSITS", "RARE_METAL_DEPOSITS")
ASTEROID_FEATURES = (
    "EXPLOSIVE_GASES",
    "RADIOACTIVE",
    "SHALLOW_CRATERS",
    "DEEP_CRATERS",
    "DEBRIS_CLUSTER",
    "HOLLOWED_INTERIOR",
)
