"""Base prices of goods: the B of the price law, the same in every system seen (economy.md §2)."""

from collections.abc import Mapping
from types import MappingProxyType

from goodsfactory.domain.goods import Good

BASE_PRICES: Mapping[Good, float] = MappingProxyType(
    {
        "EXOTIC_MATTER": 24000,
        "BOTANICAL_SPECIMENS": 14000,
        "SHIP_PARTS": 5600,
        "SHIP_PLATING": 5400,
        "ADVANCED_CIRCUITRY": 5200,
        "BIOCOMPOSITES": 4800,
        "LAB_INSTRUMENTS": 4600,
        "DRUGS": 4200,
        "CLOTHING": 4000,
        "MEDICINE": 3800,
        "URANITE": 3600,
        "ASSAULT_RIFLES": 3400,
        "FIREARMS": 3200,
        "MICROPROCESSORS": 3000,
        "JEWELRY": 2800,
        "EQUIPMENT": 2600,
        "MACHINERY": 2400,
        "ELECTRONICS": 2200,
        "FABRICS": 2000,
        "FOOD": 1800,
        "FAB_MATS": 1600,
        "AMMUNITION": 1400,
        "GOLD": 300,
        "PLATINUM": 280,
        "SILVER": 280,
        "COPPER": 240,
        "POLYNUCLEOTIDES": 220,
        "ALUMINUM": 200,
        "FERTILIZERS": 180,
        "PLASTICS": 160,
        "EXPLOSIVES": 150,
        "IRON": 120,
        "GOLD_ORE": 88,
        "PLATINUM_ORE": 78,
        "SILVER_ORE": 66,
        "ANTIMATTER": 5000,
        "MERITIUM_ORE": 1200,
        "URANITE_ORE": 320,
        "DIAMONDS": 90,
        "PRECIOUS_STONES": 75,
        "FUEL": 70,
        "ALUMINUM_ORE": 60,
        "COPPER_ORE": 55,
        "IRON_ORE": 50,
        "HYDROCARBON": 45,
        "AMMONIA_ICE": 40,
        "SILICON_CRYSTALS": 35,
        "LIQUID_NITROGEN": 30,
        "LIQUID_HYDROGEN": 25,
        "QUARTZ_SAND": 20,
        "ICE_WATER": 15,
    }
)
"""Credits per unit. A good that is absent has no known base price: use measured steps, never a guess."""
