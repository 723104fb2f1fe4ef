"""Lays out a home system after the blueprint: 82 to 91 waypoints and 25 markets (economy.md §8)."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from goodsfactory.sandbox import blueprint
from goodsfactory.sandbox.blueprint import WORKSHOP, Body
from goodsfactory.sandbox.scenery import asteroid_traits, place_traits
from goodsfactory.sandbox.settlement import Place, Settlement, listings
from goodsfactory.sandbox.universe import ShipOffer, Waypoint

_ELBOW_ROOM = 20
"""Bodies keep at least this distance, so that no two places share coordinates without orbiting each other."""


@dataclass(frozen=True, slots=True)
class HomeSystem:
    """A home and its star; x and y are where it lies when it is the centre of its galaxy."""

    settlement: Settlement
    type: str
    x: int
    y: int


def settle_home(
    system: str, faction: str, recipes: Mapping[str, tuple[str, ...]], source: random.Random
) -> HomeSystem:
    """Draw a home system; what is made where, and where everything lies, differs from seed to seed."""
    places = list(_places(system, faction, source))
    workshops = list(blueprint.WORKSHOPS)
    source.shuffle(workshops)
    trades = {}
    for place in places:
        if place.role:
            exports = workshops.pop() if place.role == WORKSHOP else blueprint.EXPORTS.get(place.role, ())
            trades[place.waypoint.symbol] = listings(place.role, exports, recipes)
    by_role = {place.role: place.waypoint.symbol for place in places}
    star = source.choice(("BLUE_STAR", "ORANGE_STAR", "RED_STAR", "YOUNG_STAR", "WHITE_DWARF"))
    x, y = source.randint(-40_000, 40_000), source.randint(-40_000, 40_000)
    settlement = Settlement(
        waypoints={place.waypoint.symbol: place.waypoint for place in places},
        trades=trades,
        yards={
            by_role[role]: [draw_offer(type, 0.98 * price, 1.02 * price, source) for type, price in offers]
            for role, offers in blueprint.YARDS.items()
        },
        gate=by_role["gate"],
        capital=by_role["capital"],
    )
    return HomeSystem(settlement, star, x, y)


def draw_offer(type: str, low: float, high: float, source: random.Random) -> ShipOffer:
    """What a yard asks for a ship type, between two prices in credits."""
    supply = source.choice(("HIGH", "ABUNDANT"))
    return ShipOffer(type, round(source.uniform(low, high)), supply, "GROWING")


def _places(system: str, faction: str, source: random.Random) -> Iterator[Place]:
    taken: list[tuple[int, int]] = []
    bearings = {name: source.uniform(0, math.tau) for name in ("base", "gas", "gate")}
    number = 0
    belts = {group: bounds for group, *bounds in blueprint.ASTEROID_BELTS}
    last_of = {body.group: body for body in blueprint.BODIES}
    for body in blueprint.BODIES:
        number += 1
        x, y = _spot(body, bearings, taken, source)
        tail = source.choice("BCDEFGH")
        symbol = (
            f"{system}-X{tail}{number}{source.choice(blueprint.LETTERS)}"
            if body.group == "X"
            else (f"{system}-{body.group}{number}")
        )
        orbitals = tuple(
            f"{system}-{body.group}{number + place}" for place in range(1, len(body.orbitals) + 1)
        )
        yield Place(
            Waypoint(
                symbol,
                body.type,
                system,
                x,
                y,
                orbitals,
                traits=place_traits(body.type, body.role, source),
                faction=faction,
                under_construction=body.type == "JUMP_GATE",
            ),
            body.role,
        )
        for orbital, (type, role) in zip(orbitals, body.orbitals, strict=True):
            number += 1
            traits = place_traits(type, role, source)
            yield Place(
                Waypoint(orbital, type, system, x, y, orbits=symbol, traits=traits, faction=faction), role
            )
        if body.group in belts and last_of[body.group] is body:
            fewest, most, near, far = belts[body.group]
            count = source.randint(fewest, most)
            for place in range(count):
                number += 1
                x, y = _spot(Body(body.group, "ASTEROID", near, far), bearings, taken, source)
                # Every belt hides at least one asteroid of each rare kind.
                rare = blueprint.RARE_DEPOSITS[place] if place < len(blueprint.RARE_DEPOSITS) else None
                traits = asteroid_traits(rare, source)
                rock = f"{system}-{body.group}{number}"
                yield Place(Waypoint(rock, "ASTEROID", system, x, y, traits=traits), "")


def _spot(
    body: Body, bearings: Mapping[str, float], taken: list[tuple[int, int]], source: random.Random
) -> tuple[int, int]:
    spread = 0.12
    room = _ELBOW_ROOM if body.type != "ASTEROID" else 2
    while True:
        distance = source.uniform(body.near, body.far)
        angle = (
            bearings[body.bearing] + source.uniform(-spread, spread)
            if body.bearing
            else source.uniform(0, math.tau)
        )
        spot = round(distance * math.cos(angle)), round(distance * math.sin(angle))
        if all(math.dist(spot, other) >= room for other in taken):
            taken.append(spot)
            return spot
