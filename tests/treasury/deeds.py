"""Every money step that users order by hand, as tests order it: what it does, and how often it was done."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.daemon.stage import AGENT, Stage

from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.sandbox.contracts import Contract

SHIP = f"{AGENT}-1"
UNITS = 20
MATERIAL = "FAB_MATS"


@dataclass(frozen=True)
class Deed:
    """``request`` matches its call; ``done`` counts its effects in the sandbox itself."""

    kind: MoneyKind
    request: str
    prepare: Callable[[Stage, Player], Awaitable[None]]
    order: Callable[[Stage, Player], Coroutine[Any, Any, Any]]
    done: Callable[[Stage], int]

    def __str__(self) -> str:
        return self.kind.value.lower()


def contract_of(one: Stage) -> Contract:
    """The contract every agent begins with."""
    agent = one.world.agents.find(AGENT)
    return one.world.contracts.of(agent, one.clock.now())[0]


def site_of(one: Stage) -> str:
    """The jump gate that is being built."""
    system = one.world.universe.headquarters.rpartition("-")[0]
    places = one.world.universe.systems[system].waypoints
    return next(symbol for symbol, place in places.items() if place.type == "JUMP_GATE")


async def load(one: Stage, player: Player, good: str, units: int = UNITS) -> None:
    """Put units aboard, as if they had always been there."""
    next(ship for ship in one.world.fleets if ship.symbol == SHIP).hold[good] = units
    await one.application.roster.crew(player.id).pilot.observe(SHIP)


async def nothing(one: Stage, player: Player) -> None:
    return


async def accepted(one: Stage, player: Player) -> None:
    await one.application.desks.contract.accept(player.id, None)


async def accepted_and_laden(one: Stage, player: Player) -> None:
    await accepted(one, player)
    await load(one, player, contract_of(one).good)


async def accepted_and_delivered(one: Stage, player: Player) -> None:
    await accepted(one, player)
    contract_of(one).delivered = contract_of(one).required


async def laden(one: Stage, player: Player) -> None:
    await load(one, player, MATERIAL)


async def twice_laden(one: Stage, player: Player) -> None:
    await load(one, player, MATERIAL, 2 * UNITS)


def aboard(one: Stage) -> int:
    """Units of the material in the hold of the ship."""
    ship = next(ship for ship in one.world.fleets if ship.symbol == SHIP)
    return ship.hold.get(MATERIAL, 0)


DEEDS = [
    Deed(
        MoneyKind.SHIP,
        r"POST /v2/my/ships$",
        nothing,
        lambda one, player: one.application.desks.yard.buy(player.id, "probe"),
        lambda one: len(one.world.fleets.of(one.world.agents.find(AGENT))) - 7,
    ),
    Deed(
        MoneyKind.ACCEPTANCE,
        r"/accept$",
        nothing,
        lambda one, player: one.application.desks.contract.accept(player.id, None),
        lambda one: int(contract_of(one).accepted),
    ),
    Deed(
        MoneyKind.DELIVERY,
        r"/deliver$",
        accepted_and_laden,
        lambda one, player: one.application.desks.contract.deliver(player.id, SHIP),
        lambda one: contract_of(one).delivered // UNITS,
    ),
    Deed(
        MoneyKind.FULFILMENT,
        r"/fulfill$",
        accepted_and_delivered,
        lambda one, player: one.application.desks.contract.fulfil(player.id, None),
        lambda one: int(contract_of(one).fulfilled),
    ),
    Deed(
        MoneyKind.SUPPLY,
        r"/supply$",
        laden,
        lambda one, player: one.application.desks.construction.supply(player.id, SHIP),
        lambda one: one.world.universe.constructions[site_of(one)][MATERIAL][1] // UNITS,
    ),
    Deed(
        MoneyKind.JETTISON,
        r"/jettison$",
        twice_laden,
        lambda one, player: one.application.desks.ship.jettison(player.id, SHIP, MATERIAL, UNITS),
        lambda one: 2 - aboard(one) // UNITS,
    ),
]
