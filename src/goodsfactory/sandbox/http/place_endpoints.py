"""Operations on systems and what stands in them (api-facts §18)."""

from typing import cast

from goodsfactory.sandbox.http.bodies import Delivery
from goodsfactory.sandbox.http.calls import Access, Answer, Call, Endpoint
from goodsfactory.sandbox.http.place_views import (
    construction_view,
    market_view,
    shipyard_view,
    system_view,
    waypoint_view,
)
from goodsfactory.sandbox.http.ship_views import cargo_view
from goodsfactory.sandbox.universe import Waypoint
from goodsfactory.sandbox.vocabulary import WAYPOINT_TRAITS, WAYPOINT_TYPES


def list_systems(call: Call) -> Answer:
    """``GET /systems``."""
    universe = call.world.universe
    symbols, page = call.page(list(universe.systems))
    return Answer([system_view(universe.systems[symbol], universe) for symbol in symbols], meta=page)


def show_system(call: Call) -> Answer:
    """``GET /systems/{systemSymbol}``."""
    return Answer(system_view(call.world.system(call.parts[0]), call.world.universe))


def list_waypoints(call: Call) -> Answer:
    """``GET /systems/{systemSymbol}/waypoints``, filtered by ``type`` and by every one of ``traits``.

    The filter knows the real traits of uncharted waypoints (api-facts §6). Refuses 3001 for words that are
    no type and no trait of the game.
    """
    types, traits = call.words("type", WAYPOINT_TYPES), call.words("traits", WAYPOINT_TRAITS)
    matching = [
        waypoint
        for waypoint in call.world.system(call.parts[0]).waypoints.values()
        if (not types or waypoint.type in types) and all(waypoint.has(trait) for trait in traits)
    ]
    waypoints, page = call.page(matching)
    return Answer([waypoint_view(waypoint, call.world) for waypoint in waypoints], meta=page)


def show_waypoint(call: Call) -> Answer:
    """``GET /systems/{systemSymbol}/waypoints/{waypointSymbol}``."""
    return Answer(waypoint_view(_waypoint(call), call.world))


def show_market(call: Call) -> Answer:
    """``GET .../market``; prices only with an own ship there."""
    world, waypoint = call.world, _waypoint(call)
    present = world.require_access(call.caller, waypoint)
    seen = world.trading.history.at(waypoint.symbol) if present else None
    return Answer(market_view(world.market(waypoint.symbol), seen, world.now()))


def show_shipyard(call: Call) -> Answer:
    """``GET .../shipyard``; prices only with an own ship there."""
    world, symbol = call.world, _waypoint(call).symbol
    present = world.require_access(call.caller, _waypoint(call))
    seen = world.shipyards.history.at(symbol) if present else None
    fee = world.outfitting.fee(symbol)
    return Answer(shipyard_view(symbol, world.shipyards.offers(symbol, world.now()), fee, seen))


def show_jump_gate(call: Call) -> Answer:
    """``GET .../jump-gate``."""
    waypoint = _waypoint(call)
    call.world.require_access(call.caller, waypoint)
    return Answer({"symbol": waypoint.symbol, "connections": call.world.gates.connections(waypoint.symbol)})


def show_construction(call: Call) -> Answer:
    """``GET .../construction``; 200 also where nothing is being built (api-facts §14)."""
    symbol = _waypoint(call).symbol
    return Answer(construction_view(symbol, call.world.universe.constructions.get(symbol, {})))


def supply_construction(call: Call) -> Answer:
    """``POST .../construction/supply``."""
    body = cast(Delivery, call.content)
    system, site = call.parts
    bill, ship = call.world.supply_construction(
        call.agent, system, site, body.ship_symbol, body.trade_symbol, body.units
    )
    return Answer({"construction": construction_view(site, bill), "cargo": cargo_view(ship)})


def _waypoint(call: Call) -> Waypoint:
    return call.world.waypoint(call.parts[0], call.parts[1])


_SYSTEM = "/systems/{systemSymbol}"
_WAYPOINT = f"{_SYSTEM}/waypoints/{{waypointSymbol}}"

ENDPOINTS = (
    Endpoint("GET", "/systems", list_systems, Access.PUBLIC),
    Endpoint("GET", _SYSTEM, show_system, Access.PUBLIC),
    Endpoint("GET", f"{_SYSTEM}/waypoints", list_waypoints, Access.PUBLIC),
    Endpoint("GET", _WAYPOINT, show_waypoint, Access.PUBLIC),
    Endpoint("GET", f"{_WAYPOINT}/market", show_market, Access.PUBLIC),
    Endpoint("GET", f"{_WAYPOINT}/shipyard", show_shipyard, Access.PUBLIC),
    Endpoint("GET", f"{_WAYPOINT}/jump-gate", show_jump_gate, Access.PUBLIC),
    Endpoint("GET", f"{_WAYPOINT}/construction", show_construction, Access.PUBLIC),
    Endpoint("POST", f"{_WAYPOINT}/construction/supply", supply_construction, Access.AGENT, Delivery, 201),
)
"""What can be seen of places, and the one thing that can be built."""
