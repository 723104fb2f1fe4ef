"""Which systems have a jump gate, which gates are unfinished, and what they connect (operations.md §7.1)."""

from __future__ import annotations

import bisect
import math
import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from goodsfactory.sandbox import draws
from goodsfactory.sandbox.galaxy_parameters import GalaxyParameters

Spot = tuple[int, int]

_BLOCK = 10
"""Systems among which the share of gates is kept: no galaxy has many more or fewer than the live one."""


@dataclass(frozen=True, slots=True)
class GatePlan:
    """The numbers of systems with a gate, and of those outside the homes whose gate is a building site."""

    gated: Sequence[int]
    walls: frozenset[int]


def plan_gates(seed: int, count: int, homes: Collection[int], parameters: GalaxyParameters) -> GatePlan:
    """Homes and the ``core`` have one, and so many others that the share of all is kept in every block.

    One in ``wall_every`` gates outside the homes is unfinished, but none of the core, so that no galaxy is so
    small that its homes lead nowhere.
    """
    gated: list[int] = []
    for first in range(0, count, _BLOCK):
        block = range(first, first + _BLOCK)
        sure = [number for number in block if number < parameters.core or number in homes]
        others = [number for number in block if number not in sure]
        wanted = max(0, round(parameters.gate_share * block.stop) - len(gated) - len(sure))
        drawn = draws.source(seed, "gates", first).sample(others, min(wanted, len(others)))
        gated.extend(number for number in sorted((*sure, *drawn)) if number < count)
    outside = [number for number in gated if number not in homes]
    walls = set()
    for run in range(0, len(outside), parameters.wall_every):
        low = sum(number < parameters.core for number in outside) if run == 0 else 0
        place = run + draws.source(seed, "walls", run).randrange(low, parameters.wall_every)
        walls.update(outside[place : place + 1])
    return GatePlan(gated, frozenset(walls))


def link_gates(
    spots: Sequence[Spot],
    *,
    homes: Collection[int],
    walls: Collection[int],
    parameters: GalaxyParameters,
    dice: random.Random,
) -> list[list[int]]:
    """The neighbours of every gate, nearest first; gates are numbered as in ``spots``, links go both ways.

    How far a link leads is drawn as a rank among the gates around. Every finished gate is linked to one
    before it in the list, so that all finished gates hang together; homes and ``walls`` to finished ones
    first, so that no way leads through a building site. One home in ``wall_homes`` is linked to one of the
    ``walls`` too, and none to another home. Where no gate is finished, they link to each other.
    """
    building = {*homes, *walls}
    finished = [number for number in range(len(spots)) if number not in building]
    if not finished:
        finished, building = list(range(len(spots))), set()
    net = _Net(spots, parameters, dice)
    before: set[int] = set()
    for number in finished:
        if before:
            net.link(number, before)
        before.add(number)
    for number in sorted(building):
        net.link(number, before)
    unfinished = set(walls) & building
    first = dice.randrange(parameters.wall_homes)
    for number in sorted(set(homes) & building)[first :: parameters.wall_homes]:
        net.link(number, unfinished)
    for number in (*sorted(building), *finished):
        is_home = number in homes
        wanted = parameters.home_gates if is_home else dice.choice(parameters.degrees)
        for _ in range(wanted - len(net.links[number])):
            net.link(number, before if is_home else before | unfinished)
    return [
        sorted(found, key=lambda other: (math.dist(spots[number], spots[other]), other))
        for number, found in enumerate(net.links)
    ]


class _Net:
    """The links so far."""

    def __init__(self, spots: Sequence[Spot], parameters: GalaxyParameters, dice: random.Random) -> None:
        self.links: list[set[int]] = [set() for _ in spots]
        self._spots = spots
        self._ranks, self._most = parameters.link_ranks, parameters.most_gates
        self._dice = dice
        self._grid = _Grid(spots, 2 * parameters.spacing)
        self._around: dict[int, list[int]] = {}

    def around(self, number: int) -> list[int]:
        """The gates that lie nearest to one, nearest first, as many as the farthest rank asks for."""
        if number not in self._around:
            farthest = round(self._ranks[-1][1])
            near = self._grid.nearest(self._spots[number], farthest + 1)
            self._around[number] = [other for other in near if other != number][:farthest]
        return self._around[number]

    def link(self, number: int, to: Collection[int]) -> None:
        """Link a gate to that of some others which lies about as far away as the gate of a drawn rank."""
        around = self.around(number)
        if not around:
            return
        length = self._apart(number, around[min(self._draw_rank(), len(around)) - 1])
        free = [other for other in around if other in to and other not in self.links[number]]
        # Where nobody around is suitable, anywhere: a net must hang together.
        free = free or [other for other in to if other != number and other not in self.links[number]]
        free = [other for other in free if len(self.links[other]) < self._most] or free
        if free:
            other = min(free, key=lambda other: (abs(self._apart(number, other) - length), other))
            self.links[number].add(other)
            self.links[other].add(number)

    def _apart(self, one: int, other: int) -> float:
        return math.dist(self._spots[one], self._spots[other])

    def _draw_rank(self) -> int:
        share = self._dice.random()
        place = bisect.bisect_right([known for known, _ in self._ranks], share)
        (low, nearer), (high, farther) = self._ranks[place - 1], self._ranks[place]
        return round(nearer + (farther - nearer) * (share - low) / (high - low))


class _Grid:
    """Finds near neighbours without looking at far ones."""

    def __init__(self, spots: Sequence[Spot], cell: float) -> None:
        self._spots = spots
        self._cell = cell
        self._cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, spot in enumerate(spots):
            self._cells[self._place(spot)].append(number)
        self._reach = max((abs(end) for place in self._cells for end in place), default=0)

    def nearest(self, spot: Spot, count: int) -> list[int]:
        """The numbers of the ``count`` nearest, or fewer where there are not so many; nearest first."""
        column, row = self._place(spot)
        found: list[tuple[float, int]] = []
        widest = self._reach + max(abs(column), abs(row))
        for ring in range(widest + 1):
            # All within ring * cell have been seen: what comes now is farther away.
            if len(found) >= count and sorted(found)[count - 1][0] <= (ring - 1) * self._cell:
                break
            for place in _ring(column, row, ring):
                for number in self._cells.get(place, ()):
                    found.append((math.dist(spot, self._spots[number]), number))
        return [number for _, number in sorted(found)[:count]]

    def _place(self, spot: Spot) -> tuple[int, int]:
        return math.floor(spot[0] / self._cell), math.floor(spot[1] / self._cell)


def _ring(column: int, row: int, ring: int) -> Iterator[tuple[int, int]]:
    if ring == 0:
        yield column, row
        return
    for step in range(-ring, ring + 1):
        yield column + step, row - ring
        yield column + step, row + ring
    for step in range(-ring + 1, ring):
        yield column - ring, row + step
        yield column + ring, row + step
