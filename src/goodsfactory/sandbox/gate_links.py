"""Which jump gates are connected: a graph in which every gate can be reached (api-facts §10)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

Spot = tuple[int, int]


def link_gates(
    spots: Sequence[Spot], unfinished: Collection[int], *, near: int, near_unfinished: int, cell: float
) -> list[list[int]]:
    """The neighbours of every gate, nearest first; gates are numbered as in ``spots``, links go both ways.

    A finished gate is linked to the ``near`` finished ones next to it and to the nearest one before it in the
    list, so that all finished gates hang together; an ``unfinished`` one to the ``near_unfinished`` finished
    ones next to it, so that no way leads through a building site. Where none is finished, they link to each
    other. ``cell`` is about the distance of neighbours.
    """
    finished = [number for number in range(len(spots)) if number not in unfinished]
    if not finished:
        finished, unfinished = list(range(len(spots))), ()
    links: list[set[int]] = [set() for _ in spots]
    grid = _Grid(spots, cell)
    for number in finished:
        for other in grid.nearest(spots[number], 1):
            _tie(links, number, other)
        grid.add(number)
    for number in finished:
        for other in grid.nearest(spots[number], near + 1)[: near + 1]:
            if other != number:
                _tie(links, number, other)
    for number in unfinished:
        for other in grid.nearest(spots[number], near_unfinished):
            _tie(links, number, other)
    return [
        sorted(found, key=lambda other: (math.dist(spots[number], spots[other]), other))
        for number, found in enumerate(links)
    ]


def _tie(links: list[set[int]], one: int, other: int) -> None:
    links[one].add(other)
    links[other].add(one)


class _Grid:
    """Finds near neighbours without looking at far ones."""

    def __init__(self, spots: Sequence[Spot], cell: float) -> None:
        self._spots = spots
        self._cell = cell
        self._cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._reach = 0

    def add(self, number: int) -> None:
        column, row = self._place(self._spots[number])
        self._cells[column, row].append(number)
        self._reach = max(self._reach, abs(column), abs(row))

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
