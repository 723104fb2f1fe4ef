"""Builds a universe from a seed: one home system after the blueprint, the same for the same seed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.goods import FUEL
from goodsfactory.domain.market import TradeType
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.sandbox import blueprint, draws
from goodsfactory.sandbox.blueprint import WORKSHOP, Body
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.parameters import EconomyParameters
from goodsfactory.sandbox.scenarios import Scenario
from goodsfactory.sandbox.seeding import seed_good
from goodsfactory.sandbox.universe import ShipOffer, System, Universe, Waypoint

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_ELBOW_ROOM = 20
"""Bodies keep at least this distance, so that no two places share coordinates without orbiting each other."""


@dataclass(frozen=True, slots=True)
class _Place:
    waypoint: Waypoint
    role: str


def generate_universe(
    seed: int,
    *,
    epoch: datetime,
    scenario: Scenario = Scenario.YOUNG,
    parameters: EconomyParameters | None = None,
    recipes: Mapping[str, tuple[str, ...]] | None = None,
) -> Universe:
    """One home system of 82 to 91 waypoints and 25 markets whose state at ``epoch`` follows the scenario.

    Every good of economy.md §8 can be made in it. ``recipes`` default to the bundled map.
    """
    source = draws.source(seed, "universe")
    recipes = RecipeMap.bundled().imports_of if recipes is None else recipes
    name = f"X1-{source.choice(_LETTERS)}{source.choice(_LETTERS)}{source.randint(1, 99)}"
    faction = source.choice(blueprint.FACTIONS)
    places = list(_places(name, faction, source))
    markets: dict[str, Market] = {}
    workshops = list(blueprint.WORKSHOPS)
    source.shuffle(workshops)
    for place in places:
        if place.role:
            exports = workshops.pop() if place.role == WORKSHOP else blueprint.EXPORTS.get(place.role, ())
            symbol = place.waypoint.symbol
            goods = [
                seed_good(good, type, scenario, draws.source(seed, symbol, good, "first state"))
                for good, type in _listings(place.role, exports, recipes)
            ]
            markets[symbol] = Market(
                symbol, goods, recipes=recipes, epoch=epoch, seed=seed, parameters=parameters
            )
    by_role = {place.role: place.waypoint.symbol for place in places}
    return Universe(
        seed=seed,
        reset_date=epoch.date().isoformat(),
        systems={
            name: System(
                symbol=name,
                sector="X1",
                type=source.choice(("BLUE_STAR", "ORANGE_STAR", "RED_STAR", "YOUNG_STAR", "WHITE_DWARF")),
                x=source.randint(-40_000, 40_000),
                y=source.randint(-40_000, 40_000),
                waypoints={place.waypoint.symbol: place.waypoint for place in places},
            )
        },
        markets=markets,
        shipyards={
            by_role[role]: [_offer(type, price, source) for type, price in offers]
            for role, offers in blueprint.YARDS.items()
        },
        constructions={by_role["gate"]: {good: list(line) for good, line in blueprint.GATE_BILL.items()}},
        jump_gates={by_role["gate"]: [_foreign_gate(source) for _ in range(5)]},
        factions=[faction, *(other for other in blueprint.FACTIONS if other != faction)],
        headquarters=by_role["capital"],
        recipes=recipes,
        epoch=epoch,
        modification_fees={by_role[role]: blueprint.MODIFICATIONS_FEE for role in blueprint.YARDS},
    )


def _listings(
    role: str, exports: tuple[str, ...], recipes: Mapping[str, tuple[str, ...]]
) -> list[tuple[str, TradeType]]:
    inputs = [good for export in exports for good in recipes.get(export, ())]
    sinks = blueprint.SINKS.get(exports[0] if role == WORKSHOP else role, ())
    exchange = (*blueprint.EXCHANGES.get(role, ()), FUEL)
    listed: dict[str, TradeType] = dict.fromkeys(exports, TradeType.EXPORT)
    for good in (*inputs, *sinks):
        listed.setdefault(good, TradeType.IMPORT)
    for good in exchange:
        listed.setdefault(good, TradeType.EXCHANGE)
    return list(listed.items())


def _places(system: str, faction: str, source: random.Random) -> Iterator[_Place]:
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
            f"{system}-X{tail}{number}{source.choice(_LETTERS)}"
            if body.group == "X"
            else (f"{system}-{body.group}{number}")
        )
        orbitals = tuple(
            f"{system}-{body.group}{number + place}" for place in range(1, len(body.orbitals) + 1)
        )
        yield _Place(
            Waypoint(
                symbol,
                body.type,
                system,
                x,
                y,
                orbitals,
                traits=_traits(body.type, body.role, source),
                faction=faction,
                under_construction=body.type == "JUMP_GATE",
            ),
            body.role,
        )
        for orbital, (type, role) in zip(orbitals, body.orbitals, strict=True):
            number += 1
            traits = _traits(type, role, source)
            yield _Place(
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
                yield _Place(
                    Waypoint(
                        f"{system}-{body.group}{number}",
                        "ASTEROID",
                        system,
                        x,
                        y,
                        traits=_asteroid_traits(rare, source),
                    ),
                    "",
                )


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


def _traits(type: str, role: str, source: random.Random) -> tuple[str, ...]:
    traits: list[str] = []
    match type:
        case "PLANET" | "MOON":
            traits.append(source.choice(blueprint.CLIMATES))
            if role:
                traits.append(source.choice(blueprint.SETTLEMENTS))
            traits.extend(source.sample(blueprint.FEATURES, source.randint(1, 3)))
            if role == WORKSHOP:
                traits.append("INDUSTRIAL")
        case "ORBITAL_STATION":
            traits.append(source.choice(("OUTPOST", "MILITARY_BASE", "HIGH_TECH", "INDUSTRIAL")))
        case "ASTEROID_BASE":
            traits.extend(("HOLLOWED_INTERIOR", source.choice(("OUTPOST", "PIRATE_BASE"))))
        case "ENGINEERED_ASTEROID":
            traits.extend(("COMMON_METAL_DEPOSITS", "STRIPPED"))
        case "GAS_GIANT":
            traits.append(source.choice(("STRONG_GRAVITY", "VIBRANT_AURORAS", "STRONG_MAGNETOSPHERE")))
    if role:
        traits.append("MARKETPLACE")
    if role in blueprint.YARDS:
        traits.append("SHIPYARD")
    return tuple(traits)


def _asteroid_traits(rare: str | None, source: random.Random) -> tuple[str, ...]:
    features = source.sample(blueprint.ASTEROID_FEATURES, source.choice((0, 1, 1, 2)))
    return (rare or source.choice(blueprint.DEPOSITS), *features)


def _offer(type: str, price: int, source: random.Random) -> ShipOffer:
    supply = source.choice(("HIGH", "ABUNDANT"))
    return ShipOffer(type, round(price * source.uniform(0.98, 1.02)), supply, "GROWING")


def _foreign_gate(source: random.Random) -> str:
    system = f"X1-{source.choice(_LETTERS)}{source.choice(_LETTERS)}{source.randint(1, 99)}"
    return f"{system}-{source.choice('GHIJ')}{source.randint(40, 60)}"
