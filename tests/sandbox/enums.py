"""Every word that generated galaxies say, held against the document: ``python -m tests.sandbox.enums``.

A ship is put at every waypoint in turn, so that each place is charted and its market, yard, gate and site are
read; every ship type, part, faction, survey, event and some contracts are read too.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from tests.sandbox.conftest import Clock
from tests.sandbox.shapes import answer_misfits, misfits, named

from goodsfactory.sandbox.deposits import MINEABLE
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import API_PREFIX, ENDPOINTS
from goodsfactory.sandbox.http.protocol import Request, RulesApp
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ship_parts import MODULES, MOUNTS
from goodsfactory.sandbox.ship_types import SHIP_TYPES
from goodsfactory.sandbox.ships import Route, Ship
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)
SHIP, PLACE = "/my/ships/{shipSymbol}", "/systems/{systemSymbol}/waypoints/{waypointSymbol}"
DAY = 90_000
"""Seconds after which an offer nobody took is gone."""


@dataclass
class Reader:
    """Reads a world as an agent does; ``found`` are the words and shapes that are none of the document's."""

    world: World
    clock: Clock
    token: str
    found: list[str] = field(default_factory=list)
    answers: int = 0

    def __post_init__(self) -> None:
        self._app = RulesApp(self.world, ENDPOINTS, API_PREFIX)

    def ask(self, method: str, template: str, *parts: str, query: str = "", body: Any = None) -> Any:
        """Ask, and hold a success against the document; its ``data``, None for a refusal."""
        path = template
        for part in parts:
            head, _, rest = path.partition("{")
            path = head + part + rest.partition("}")[2]
        request = Request(method, API_PREFIX + path, query.encode(), f"Bearer {self.token}".encode())
        if body is not None:
            request.data, request.content_type = msgspec.json.encode(body), "application/json"
        reply = self._app.answer(request)
        if reply.status >= 300:
            return None
        told = msgspec.json.decode(reply.body)
        self.found += answer_misfits(method, template, reply.status, told)
        self.answers += 1
        return told.get("data")

    def pages(self, template: str, *parts: str) -> Iterator[Any]:
        """Every element of a paged list."""
        page = 1
        while found := self.ask("GET", template, *parts, query=f"limit=20&page={page}"):
            yield from found
            page += 1

    def put(self, ship: Ship, waypoint: str) -> None:
        """Have a ship at a waypoint, in orbit and rested."""
        now = self.clock.now
        ship.route = Route(waypoint, waypoint, now, now, 0.0, now)
        ship.docked, ship.cooldown_until, ship.hold = False, None, {}


def read_place(reader: Reader, probe: Ship, digger: Ship, system: str, place: Any) -> None:
    """Chart a waypoint and read whatever stands there."""
    symbol = place["symbol"]
    reader.put(probe, symbol)
    reader.ask("POST", f"{SHIP}/chart", probe.symbol)
    for what in ("", "/market", "/shipyard", "/jump-gate", "/construction"):
        reader.ask("GET", PLACE + what, system, symbol)
    if place["type"] in MINEABLE:
        reader.put(digger, symbol)
        reader.ask("POST", f"{SHIP}/survey", digger.symbol)
        digger.cooldown_until = None
        reader.ask("POST", f"{SHIP}/extract", digger.symbol)


def read_ships(reader: Reader, frigate: Ship) -> None:
    """Every ship type, and a ship that has every part there is."""
    list(reader.pages("/my/ships"))
    frigate.type = replace(frigate.type, modules=tuple(MODULES.values()), mounts=tuple(MOUNTS.values()))
    for what in ("", "/modules", "/mounts"):
        reader.ask("GET", SHIP + what, frigate.symbol)


def read_contracts(reader: Reader, negotiator: Ship, headquarters: str) -> None:
    """Offers as they come, each left until it is gone."""
    for _ in range(8):
        reader.clock.advance(DAY)
        reader.put(negotiator, headquarters)
        negotiator.docked = True
        assert reader.ask("POST", f"{SHIP}/negotiate/contract", negotiator.symbol)


def read_galaxy(seed: int, systems: int) -> Reader:
    """Read all of a galaxy of so many systems."""
    clock = Clock(EPOCH)
    world = World(
        generate_universe(seed, epoch=EPOCH, systems=systems),
        now=clock,
        seed=seed,
        starting_fleet=sorted(SHIP_TYPES),
        ship_parameters=ShipParameters(wear_chance=1.0),
    )
    new = world.register("READER", world.universe.factions[0])
    reader = Reader(world, clock, new.token)
    digger, probe = new.ships[:2]
    for path in ("/", "/my/agent", "/agents", "/market/supply-chain", "/my/contracts"):
        reader.ask("GET", path)
    list(reader.pages("/factions"))
    for system in list(reader.pages("/systems")):
        for place in reader.pages("/systems/{systemSymbol}/waypoints", system["symbol"]):
            read_place(reader, probe, digger, system["symbol"], place)
    read_ships(reader, digger)
    read_contracts(reader, probe, new.agent.headquarters)
    for good in {
        *world.universe.recipes,
        *(each for made in world.universe.recipes.values() for each in made),
    }:
        reader.found += misfits(good, named("TradeSymbol"), "supply chain")
    return reader


def main(seeds: Iterable[int], systems: int = 60) -> int:
    """Print what each galaxy said; 1 when any word was not the document's."""
    wrong = 0
    for seed in seeds:
        reader = read_galaxy(seed, systems)
        sys.stdout.write(f"seed {seed}: {reader.answers} answers, {len(reader.found)} against the document\n")
        sys.stdout.writelines(f"  {line}\n" for line in sorted(set(reader.found)))
        wrong += bool(reader.found)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main([int(each) for each in sys.argv[1:]] or range(1, 11)))
