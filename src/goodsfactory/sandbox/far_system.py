"""Lays out a system nobody starts in: a few bodies, perhaps a gate or a market, much uncharted."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from goodsfactory.sandbox import blueprint
from goodsfactory.sandbox.blueprint import WORKSHOP
from goodsfactory.sandbox.galaxy_parameters import GalaxyParameters
from goodsfactory.sandbox.home_system import draw_offer
from goodsfactory.sandbox.scenery import asteroid_traits, place_traits
from goodsfactory.sandbox.settlement import Place, Settlement, listings
from goodsfactory.sandbox.universe import Waypoint

_ROOM = 8
"""Bodies keep at least this distance."""

_NEAR, _FAR = 15, 140
"""Bodies lie this far from the star: any two within reach of a 300-unit tank."""


class Gate(Enum):
    """Whether a system has a jump gate."""

    NONE = "none"
    UNFINISHED = "unfinished"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class FarPlan:
    """How many bodies a system has, ``moons`` per planet: enough to count waypoints without placing them."""

    gate: Gate
    moons: tuple[int, ...]
    giant: bool
    outpost: bool
    fuel_station: bool
    asteroids: int
    settlements: tuple[str, ...]

    @property
    def waypoints(self) -> int:
        """Number of waypoints."""
        bodies = len(self.moons) + sum(self.moons) + self.giant + self.outpost + self.fuel_station
        return bodies + (self.gate is not Gate.NONE) + self.asteroids


def draw_plan(gate: Gate, parameters: GalaxyParameters, source: random.Random) -> FarPlan:
    """Decide what a system has; a system with a gate is settled more often."""
    moons = tuple(source.choice((0, 0, 1, 1, 2)) for _ in range(source.randint(1, 4)))
    giant = source.random() < 0.4
    markets = source.choice((0, 0, 0, 1) if gate is Gate.NONE else (0, 1, 1, 2, 3))
    roles = [source.choice((WORKSHOP, WORKSHOP, "colony")) for _ in range(min(markets, len(moons)))]
    if roles and source.random() < parameters.frontier_yard:
        roles[0] = "frontier yard"
    return FarPlan(
        gate=gate,
        moons=moons,
        giant=giant,
        outpost=giant and source.random() < 0.4,
        fuel_station=source.random() < (0.6 if roles else 0.1),
        asteroids=source.choice((0, 0, 2, 4, 6, 8, 12)),
        settlements=tuple(roles),
    )


def settle_far(
    system: str,
    plan: FarPlan,
    recipes: Mapping[str, tuple[str, ...]],
    parameters: GalaxyParameters,
    source: random.Random,
) -> Settlement:
    """Place the bodies of the plan; ``source`` must be the one the plan was drawn from."""
    faction = source.choice(blueprint.FACTIONS) if plan.settlements else None
    places = list(_places(system, plan, faction, source))
    trades, yards = {}, {}
    for place in places:
        symbol, role = place.waypoint.symbol, place.role
        if role:
            exports = source.choice(blueprint.WORKSHOPS) if role == WORKSHOP else ()
            trades[symbol] = listings(role, exports, recipes)
        if role in blueprint.FRONTIER_YARDS:
            offers = source.sample(blueprint.FRONTIER_YARDS[role], 3)
            yards[symbol] = [draw_offer(type, low, high, source) for type, low, high in offers]
    waypoints = {place.waypoint.symbol: _veiled(place.waypoint, parameters, source) for place in places}
    gate = next((place.waypoint.symbol for place in places if place.role == "gate"), None)
    return Settlement(waypoints=waypoints, trades=trades, yards=yards, gate=gate)


def _veiled(waypoint: Waypoint, parameters: GalaxyParameters, source: random.Random) -> Waypoint:
    if source.random() >= parameters.uncharted:
        return waypoint
    return replace(waypoint, traits=(*waypoint.traits, "UNCHARTED"))


def _places(system: str, plan: FarPlan, faction: str | None, source: random.Random) -> Iterator[Place]:
    taken: list[tuple[int, int]] = []
    letters = iter(blueprint.LETTERS)
    number = 0

    def body(type: str, role: str = "", orbitals: tuple[tuple[str, str], ...] = ()) -> Iterator[Place]:
        nonlocal number
        letter = next(letters)
        x, y = _spot(taken, source)
        first = number + 1
        number += 1 + len(orbitals)
        symbol = f"{system}-{letter}{first}"
        names = tuple(f"{system}-{letter}{first + place}" for place in range(1, len(orbitals) + 1))
        traits = place_traits(type, role, source)
        yield Place(Waypoint(symbol, type, system, x, y, names, traits=traits, faction=faction), role)
        for name, (kind, task) in zip(names, orbitals, strict=True):
            traits = place_traits(kind, task, source)
            yield Place(
                Waypoint(name, kind, system, x, y, orbits=symbol, traits=traits, faction=faction), task
            )

    for planet, moons in enumerate(plan.moons):
        role = plan.settlements[planet] if planet < len(plan.settlements) else ""
        yield from body("PLANET", role, (("MOON", ""),) * moons)
    if plan.giant:
        yield from body("GAS_GIANT", "", (("ORBITAL_STATION", "gas outpost"),) * plan.outpost)
    if plan.gate is not Gate.NONE:
        for place in body("JUMP_GATE", "gate"):
            unfinished = plan.gate is Gate.UNFINISHED
            yield replace(place, waypoint=replace(place.waypoint, under_construction=unfinished))
    if plan.fuel_station:
        yield from body("FUEL_STATION", "pump")
    belt = next(letters)
    for _ in range(plan.asteroids):
        number += 1
        x, y = _spot(taken, source)
        rare = source.choice((None, None, None, None, *blueprint.RARE_DEPOSITS))
        traits = asteroid_traits(rare, source)
        yield Place(Waypoint(f"{system}-{belt}{number}", "ASTEROID", system, x, y, traits=traits), "")


def _spot(taken: list[tuple[int, int]], source: random.Random) -> tuple[int, int]:
    while True:
        distance, angle = source.uniform(_NEAR, _FAR), source.uniform(0, math.tau)
        spot = round(distance * math.cos(angle)), round(distance * math.sin(angle))
        if all(math.dist(spot, other) >= _ROOM for other in taken):
            taken.append(spot)
            return spot
