"""Operations at shipyards on a ship one has: mounts, modules, repair and scrap (api-facts §13.1, §16)."""

from collections.abc import Callable
from typing import cast

from goodsfactory.sandbox.http.agent_views import own_agent_view
from goodsfactory.sandbox.http.bodies import Nothing, Part
from goodsfactory.sandbox.http.calls import Access, Answer, Call, Endpoint
from goodsfactory.sandbox.http.ship_views import cargo_view, modules_view, mounts_view, ship_view
from goodsfactory.sandbox.http.work_views import bill_view, modification_view
from goodsfactory.sandbox.outfitting import Modification
from goodsfactory.sandbox.ships import Ship


def show_modules(call: Call) -> Answer:
    """``GET /my/ships/{shipSymbol}/modules``."""
    return Answer(modules_view(_ship(call).type))


def show_mounts(call: Call) -> Answer:
    """``GET /my/ships/{shipSymbol}/mounts``."""
    return Answer(mounts_view(_ship(call).type))


def install_mount(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/mounts/install``."""
    return _refit(call, "mounts", call.world.outfitting.install_mount, mounts_view)


def remove_mount(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/mounts/remove``."""
    return _refit(call, "mounts", call.world.outfitting.remove_mount, mounts_view)


def install_module(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/modules/install``."""
    return _refit(call, "modules", call.world.outfitting.install_module, modules_view)


def remove_module(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/modules/remove``."""
    return _refit(call, "modules", call.world.outfitting.remove_module, modules_view)


def quote_repair(call: Call) -> Answer:
    """``GET /my/ships/{shipSymbol}/repair``."""
    return Answer({"transaction": bill_view(call.world.dockyard.quote_repair(_ship(call), call.world.now()))})


def repair(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/repair``."""
    world, ship = call.world, _ship(call)
    bill = world.dockyard.repair(call.agent, ship, world.now())
    return Answer(
        {
            "agent": own_agent_view(world, call.agent),
            "ship": ship_view(ship, world.universe, world.now()),
            "transaction": bill_view(bill),
        }
    )


def quote_scrap(call: Call) -> Answer:
    """``GET /my/ships/{shipSymbol}/scrap``."""
    return Answer({"transaction": bill_view(call.world.dockyard.quote_scrap(_ship(call), call.world.now()))})


def scrap(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/scrap``."""
    world = call.world
    bill = world.dockyard.scrap(call.agent, _ship(call), world.now())
    message = f"Scrapped {bill.ship} at {bill.waypoint}."
    world.chronicle.write(call.agent.symbol, "SHIP_SCRAPPED", message, bill.at, shipSymbol=bill.ship)
    return Answer({"agent": own_agent_view(world, call.agent), "transaction": bill_view(bill)})


def _refit(
    call: Call,
    kind: str,
    act: Callable[..., Modification],
    shown: Callable[..., object],
) -> Answer:
    world, ship = call.world, _ship(call)
    done = act(call.agent, ship, cast(Part, call.content).symbol, world.now())
    return Answer(
        {
            "agent": own_agent_view(world, call.agent),
            kind: shown(ship.type),
            "cargo": cargo_view(ship),
            "transaction": modification_view(done),
        }
    )


def _ship(call: Call) -> Ship:
    return call.world.ship(call.agent, call.parts[0])


_SHIP = "/my/ships/{shipSymbol}"

ENDPOINTS = (
    Endpoint("GET", f"{_SHIP}/modules", show_modules),
    Endpoint("POST", f"{_SHIP}/modules/install", install_module, Access.AGENT, Part, 201),
    Endpoint("POST", f"{_SHIP}/modules/remove", remove_module, Access.AGENT, Part, 201),
    Endpoint("GET", f"{_SHIP}/mounts", show_mounts),
    Endpoint("POST", f"{_SHIP}/mounts/install", install_mount, Access.AGENT, Part, 201),
    Endpoint("POST", f"{_SHIP}/mounts/remove", remove_mount, Access.AGENT, Part, 201),
    Endpoint("GET", f"{_SHIP}/repair", quote_repair),
    Endpoint("POST", f"{_SHIP}/repair", repair, Access.AGENT, Nothing),
    Endpoint("GET", f"{_SHIP}/scrap", quote_scrap),
    Endpoint("POST", f"{_SHIP}/scrap", scrap, Access.AGENT, Nothing),
)
"""What a yard does to ships."""
