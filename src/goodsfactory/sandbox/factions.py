"""The factions of the game: every universe has all of them, and some take new agents (official schema)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from goodsfactory.sandbox import draws
from goodsfactory.sandbox.universe import Universe

_NEAR = 60
"""Headquarters lie in so many systems around the centre, whatever else there is."""


@dataclass(frozen=True, slots=True)
class Faction:
    """One faction of the game: its name and what it is known for."""

    name: str
    traits: tuple[str, ...]


FACTIONS: Mapping[str, Faction] = {
    "COSMIC": Faction("Cosmic Engineers", ("INNOVATIVE", "BOLD", "VISIONARY", "CURIOUS")),
    "VOID": Faction("Voidfarers", ("DARING", "EXPLORATORY", "RESOURCEFUL", "FLEXIBLE")),
    "GALACTIC": Faction("Galactic Alliance", ("COOPERATIVE", "UNITED", "PEACEFUL", "STRATEGIC")),
    "QUANTUM": Faction(
        "Quantum Federation", ("INTELLIGENT", "RESEARCH_FOCUSED", "COLLABORATIVE", "PROGRESSIVE")
    ),
    "DOMINION": Faction("Stellar Dominion", ("MILITARISTIC", "AGGRESSIVE", "IMPERIALISTIC", "INDUSTRIOUS")),
    "ASTRO": Faction(
        "Astro-Salvage Alliance", ("SCAVENGERS", "TREASURE_HUNTERS", "RESOURCEFUL", "DEXTEROUS")
    ),
    "CORSAIRS": Faction("Seventh Space Corsairs", ("UNPREDICTABLE", "BRUTAL", "FLEETING", "ADAPTABLE")),
    "OBSIDIAN": Faction("Obsidian Syndicate", ("SECRETIVE", "INTELLIGENT", "SMUGGLERS", "UNPREDICTABLE")),
    "AEGIS": Faction("Aegis Collective", ("DEFENSIVE", "SELF_SUFFICIENT", "PROUD", "WELCOMING")),
    "UNITED": Faction("United Independent Settlements", ("SELF_SUFFICIENT", "DEFENSIVE", "PROUD", "DIVERSE")),
    "SOLITARY": Faction(
        "Solitary Systems Alliance", ("INDEPENDENT", "SELF_INTERESTED", "ISOLATED", "FRAGMENTED")
    ),
    "COBALT": Faction(
        "Cobalt Traders Alliance", ("COMMERCIAL", "FREE_MARKETS", "ENTREPRENEURIAL", "FLEXIBLE")
    ),
    "OMEGA": Faction("Omega Star Network", ("REBELLIOUS", "EXILES", "FRAGMENTED", "RESOURCEFUL")),
    "ECHO": Faction(
        "Echo Technological Conclave",
        ("INNOVATIVE", "VISIONARY", "RESEARCH_FOCUSED", "TECHNOLOGICALLY_ADVANCED"),
    ),
    "LORDS": Faction(
        "Lords of the Void", ("SECRETIVE", "TECHNOLOGICALLY_ADVANCED", "RESOURCEFUL", "SELF_INTERESTED")
    ),
    "CULT": Faction("Cult of the Machine", ("TECHNOLOGICALLY_ADVANCED", "AGGRESSIVE", "PROUD", "FRINGE")),
    "ANCIENTS": Faction("Ancient Guardians", ("DEFENSIVE", "SECRETIVE", "SCAVENGERS", "CLAN")),
    "SHADOW": Faction("Shadow Stalkers", ("SECRETIVE", "UNPREDICTABLE", "DEXTEROUS", "FLEETING")),
    "ETHEREAL": Faction("Ethereal Enclave", ("SECRETIVE", "RESOURCEFUL", "INNOVATIVE", "FRINGE")),
}
"""Every faction of the game, by symbol, in the order of the official schema; traits as recorded."""


def headquarters_systems(universe: Universe) -> Mapping[str, str]:
    """The system of every recruiting faction's headquarters.

    It need not be the one its agents begin in. Where there are fewer systems than factions, all share the
    first.
    """
    systems = list(islice(universe.systems, _NEAR))
    recruiting = universe.factions
    if len(systems) < len(recruiting):
        return dict.fromkeys(recruiting, systems[0])
    drawn = draws.source(universe.seed, "headquarters").sample(systems, len(recruiting))
    return dict(zip(recruiting, drawn, strict=True))
