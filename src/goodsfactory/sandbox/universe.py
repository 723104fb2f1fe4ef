"""The map of a sandbox: systems, waypoints, and what stands on them.

Everything that never changes is a frozen value; what lives (markets, yard prices, building sites) hangs on
:class:`Universe` in plain mutable containers, keyed by waypoint symbol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from goodsfactory.sandbox.economy import Market

Bill = dict[str, list[int]]
"""A building site's bill: material -> [required, fulfilled], in units (api-facts.md §14)."""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place in a system; orbitals share the coordinates of the waypoint they orbit (api-facts.md §6)."""

    symbol: str
    type: str
    system: str
    x: int
    y: int
    orbitals: tuple[str, ...] = ()
    orbits: str | None = None
    traits: tuple[str, ...] = ()
    faction: str | None = None
    under_construction: bool = False

    def has(self, trait: str) -> bool:
        """Whether the waypoint carries the trait, e.g. ``"MARKETPLACE"``."""
        return trait in self.traits


@dataclass(frozen=True, slots=True)
class System:
    """A star and its waypoints; x and y are galactic coordinates, waypoints' own are relative to the star."""

    symbol: str
    sector: str
    type: str
    x: int
    y: int
    waypoints: Mapping[str, Waypoint]


@dataclass(frozen=True, slots=True)
class ShipOffer:
    """One ship type a yard sells; price in credits."""

    type: str
    price: int
    supply: str
    activity: str | None = None


@dataclass(slots=True)
class Universe:
    """A whole sandbox world without its players.

    ``epoch`` is the instant at which the markets held their first state; ``reset_date`` is ``YYYY-MM-DD``.
    ``jump_gates`` maps a gate's waypoint to the waypoints it connects to, which need not exist here.
    """

    seed: int
    reset_date: str
    systems: dict[str, System]
    markets: dict[str, Market]
    shipyards: dict[str, list[ShipOffer]]
    constructions: dict[str, Bill]
    jump_gates: dict[str, list[str]]
    factions: list[str]
    headquarters: str
    recipes: Mapping[str, tuple[str, ...]]
    epoch: datetime
    modification_fees: dict[str, int] = field(default_factory=dict)

    def waypoint(self, symbol: str) -> Waypoint | None:
        """The waypoint of that symbol, in whichever system it lies; None when there is none."""
        system = self.systems.get(symbol.rpartition("-")[0])
        return None if system is None else system.waypoints.get(symbol)

    @property
    def home(self) -> System:
        """The system in which new agents start."""
        return self.systems[self.headquarters.rpartition("-")[0]]
