"""G1 to G4: how far jump gates lead, how many there are, and how many are unfinished (operations.md §7.1)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from goodsfactory.sandbox.construction import is_under_construction
from goodsfactory.sandbox.galaxy_parameters import DEFAULT_SYSTEMS
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.report.laboratory import EPOCH
from goodsfactory.sandbox.report.property import Bound, Property, share
from goodsfactory.sandbox.universe import Universe

_GALAXIES = 6
"""Galaxies of the usual size per seed: one has but 16 gates outside the homes, one or two unfinished."""


@dataclass(frozen=True, slots=True)
class _Map:
    """The gates of a galaxy: their links, which of them belong to homes, and which are unfinished."""

    systems: int
    links: Mapping[str, Sequence[str]]
    lengths: Sequence[float]
    homes: frozenset[str]
    unfinished: frozenset[str]

    @property
    def outside(self) -> Sequence[str]:
        """Gates that belong to no home."""
        return [gate for gate in self.links if gate not in self.homes]


def lengths(seed: int) -> Mapping[str, float]:
    """G1: how far the gates of a link lie apart, which is what a jump costs in seconds."""
    found = sorted(length for each in _maps(seed) for length in each.lengths)
    return {
        "p5 of links": _quantile(found, 0.05),
        "median of links": _quantile(found, 0.50),
        "p90 of links": _quantile(found, 0.90),
    }


def degrees(seed: int) -> Mapping[str, float]:
    """G2: how many links a gate has."""
    found = sorted(len(links) for each in _maps(seed) for links in each.links.values())
    homes = {len(each.links[gate]) for each in _maps(seed) for gate in each.homes}
    return {
        "p10 of links of a gate": _quantile(found, 0.10),
        "median links of a gate": _quantile(found, 0.50),
        "p90 of links of a gate": _quantile(found, 0.90),
        "most links of a gate": found[-1],
        "fewest links of a home": min(homes),
        "most links of a home": max(homes),
    }


def gates(seed: int) -> Mapping[str, float]:
    """G3: how many systems have a gate, in every galaxy and in all."""
    shares = [len(each.links) / each.systems for each in _maps(seed)]
    return {
        "systems with a gate": statistics.mean(shares),
        "fewest in a galaxy": min(shares),
        "most in a galaxy": max(shares),
    }


def walls(seed: int) -> Mapping[str, float]:
    """G4: unfinished gates outside the homes, the homes beside one, and whether a way leads round them."""
    maps = _maps(seed)
    outside = [gate in each.unfinished for each in maps for gate in each.outside]
    return {
        "gates outside homes unfinished": share(outside),
        "homes beside an unfinished gate": share(
            any(other in each.unfinished for other in each.links[home])
            for each in maps
            for home in each.homes
        ),
        "homes unfinished": share(home in each.unfinished for each in maps for home in each.homes),
        "finished gates within reach of a home": share(
            gate in reached
            for each in maps
            for home in each.homes
            for reached in (_within_reach(each, home),)
            for gate in each.links
            if gate not in each.unfinished
        ),
    }


@lru_cache(maxsize=4)
def _maps(seed: int) -> Sequence[_Map]:
    seeds = range(seed * _GALAXIES, (seed + 1) * _GALAXIES)
    return [_map(generate_universe(each, epoch=EPOCH, systems=DEFAULT_SYSTEMS)) for each in seeds]


def _map(universe: Universe) -> _Map:
    links = dict(universe.jump_gates)
    spots = universe.positions()
    capitals = {universe.headquarters_of(faction).rpartition("-")[0] for faction in universe.factions}
    return _Map(
        systems=len(spots),
        links=links,
        lengths=[
            math.dist(spots[gate.rpartition("-")[0]], spots[other.rpartition("-")[0]])
            for gate, others in links.items()
            for other in others
            if other > gate
        ],
        homes=frozenset(gate for gate in links if gate.rpartition("-")[0] in capitals),
        unfinished=frozenset(gate for gate in links if is_under_construction(universe, gate)),
    )


def _within_reach(found: _Map, home: str) -> set[str]:
    seen, frontier = {home}, [home]
    while frontier:
        fresh = {gate for gate in found.links[frontier.pop()] if gate not in found.unfinished} - seen
        frontier.extend(fresh)
        seen |= fresh
    return seen


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[int(share * (len(ordered) - 1))]


G1 = Property(
    "G1",
    (
        Bound("p5 of links", 270, 410, 0),
        Bound("median of links", 980, 1480, 0),
        Bound("p90 of links", 2290, 3440, 0),
    ),
    lengths,
)
"""The live figures are 338, 1,230 and 2,868; a fifth more or less is allowed."""
G2 = Property(
    "G2",
    (
        Bound("p10 of links of a gate", 3, None, 0),
        Bound("median links of a gate", 4, 5, 0),
        Bound("p90 of links of a gate", 6, 7, 0),
        Bound("most links of a gate", None, 9, 0),
        Bound("fewest links of a home", 5, 5, 0),
        Bound("most links of a home", 5, 5, 0),
    ),
    degrees,
)
G3 = Property(
    "G3",
    (
        Bound("systems with a gate", 0.42, 0.46),
        Bound("fewest in a galaxy", 0.38, None),
        Bound("most in a galaxy", None, 0.50),
    ),
    gates,
)
G4 = Property(
    "G4",
    (
        Bound("gates outside homes unfinished", 0.06, 0.12),
        Bound("homes beside an unfinished gate", 0.30, 0.37),
        Bound("homes unfinished", 1, 1),
        Bound("finished gates within reach of a home", 1, 1),
    ),
    walls,
)
