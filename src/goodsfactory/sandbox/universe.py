"""The map of a sandbox: systems, waypoints, and what stands on them.

Everything that never changes is a frozen value; what lives (markets, building sites) hangs on
:class:`Universe` in mappings keyed by symbol. In a galaxy those are lazy: a value is made when it is asked
for, so code on a request's path looks keys up and never walks over a whole mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from goodsfactory.sandbox.economy import Market

_T = TypeVar("_T")

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
    """A star and its waypoints; x and y are galactic coordinates, waypoints' own are relative to the star.

    ``name`` and ``constellation`` are empty where nobody has recorded them.
    """

    symbol: str
    sector: str
    type: str
    x: int
    y: int
    waypoints: Mapping[str, Waypoint]
    constellation: str = ""
    name: str = ""


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
    ``homes`` maps a faction to its headquarters where factions have homes of their own; ``headquarters`` is
    the home of all others. ``name`` is for people; ``assumptions`` tell what a capture left open. ``census``
    counts all waypoints where counting them one by one is dear; ``atlas`` tells likewise where every system
    is on the galactic map.
    """

    seed: int
    reset_date: str
    systems: Mapping[str, System]
    markets: Mapping[str, Market]
    shipyards: Mapping[str, list[ShipOffer]]
    constructions: Mapping[str, Bill]
    jump_gates: Mapping[str, list[str]]
    factions: list[str]
    headquarters: str
    recipes: Mapping[str, tuple[str, ...]]
    epoch: datetime
    modification_fees: Mapping[str, int] = field(default_factory=dict)
    name: str = "a universe"
    assumptions: Sequence[str] = ()
    homes: Mapping[str, str] = field(default_factory=dict)
    census: Callable[[], int] | None = None
    atlas: Callable[[], Mapping[str, tuple[int, int]]] | None = None

    def waypoint(self, symbol: str) -> Waypoint | None:
        """The waypoint of that symbol, in whichever system it lies; None when there is none."""
        system = self.systems.get(symbol.rpartition("-")[0])
        return None if system is None else system.waypoints.get(symbol)

    def headquarters_of(self, faction: str) -> str:
        """The waypoint at which agents of a faction start."""
        return self.homes.get(faction, self.headquarters)

    def markets_in(self, system: str) -> dict[str, Market]:
        """The markets of one system by waypoint; none where there is no such system."""
        return _standing_in(self.systems.get(system), self.markets)

    def shipyards_in(self, system: str) -> dict[str, list[ShipOffer]]:
        """The yards of one system by waypoint, at first prices; none where there is no such system."""
        return _standing_in(self.systems.get(system), self.shipyards)

    def positions(self) -> Mapping[str, tuple[int, int]]:
        """Where every system is on the galactic map."""
        if self.atlas is not None:
            return self.atlas()
        return {symbol: (system.x, system.y) for symbol, system in self.systems.items()}

    def count_waypoints(self) -> int:
        """How many waypoints there are in all systems."""
        if self.census is not None:
            return self.census()
        return sum(len(system.waypoints) for system in self.systems.values())

    @property
    def home(self) -> System:
        """The system in which agents of the first faction start."""
        return self.systems[self.headquarters.rpartition("-")[0]]


def _standing_in(system: System | None, mapping: Mapping[str, _T]) -> dict[str, _T]:
    if system is None:
        return {}
    found = ((symbol, mapping.get(symbol)) for symbol in system.waypoints)
    return {symbol: item for symbol, item in found if item is not None}
