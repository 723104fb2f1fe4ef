"""Operations on ships (api-facts §18)."""

from typing import cast

from msgspec import UNSET

from goodsfactory.sandbox.http.agent_views import contract_view, own_agent_view
from goodsfactory.sandbox.http.bodies import (
    Destination,
    Goods,
    NavChange,
    Nothing,
    Refuelling,
    ShipOrder,
    Transfer,
)
from goodsfactory.sandbox.http.calls import Access, Answer, Call, Endpoint
from goodsfactory.sandbox.http.place_views import market_transaction_view, shipyard_transaction_view
from goodsfactory.sandbox.http.ship_views import cargo_view, cooldown_view, fuel_view, nav_view, ship_view
from goodsfactory.sandbox.http.work_views import events_view
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.transactions import MarketTransaction


def list_ships(call: Call) -> Answer:
    """``GET /my/ships``."""
    world, now = call.world, call.world.now()
    ships, page = call.page(world.fleets.of(call.agent))
    return Answer([ship_view(ship, world.universe, now) for ship in ships], meta=page)


def show_ship(call: Call) -> Answer:
    """``GET /my/ships/{shipSymbol}``."""
    return Answer(ship_view(_ship(call), call.world.universe, call.world.now()))


def show_nav(call: Call) -> Answer:
    """``GET /my/ships/{shipSymbol}/nav``."""
    return Answer(_nav(call, _ship(call)))


def show_cargo(call: Call) -> Answer:
    """``GET /my/ships/{shipSymbol}/cargo``."""
    return Answer(cargo_view(_ship(call)))


def show_cooldown(call: Call) -> Answer:
    """``GET /my/ships/{shipSymbol}/cooldown``: 204 when the reactor rests not."""
    view = cooldown_view(_ship(call), call.world.now())
    return Answer(view) if "expiration" in view else Answer()


def orbit(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/orbit``."""
    return Answer({"nav": _nav(call, call.world.orbit(call.agent, call.parts[0]))})


def dock(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/dock``."""
    return Answer({"nav": _nav(call, call.world.dock(call.agent, call.parts[0]))})


def navigate(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/navigate``."""
    body = cast(Destination, call.content)
    ship = call.world.navigate(call.agent, call.parts[0], body.waypoint_symbol)
    return _under_way(call, ship, events_view(ship.last_events))


def change_nav(call: Call) -> Answer:
    """``PATCH /my/ships/{shipSymbol}/nav``."""
    body = cast(NavChange, call.content)
    ship = _ship(call)
    if body.flight_mode is not UNSET:
        call.world.set_flight_mode(call.agent, ship.symbol, body.flight_mode)
    return _under_way(call, ship, [])


def refuel(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/refuel``; the hold is told when fuel came out of it (api-facts §9)."""
    body = cast(Refuelling, call.content)
    from_cargo = bool(body.from_cargo)
    done = call.world.refuel(call.agent, call.parts[0], body.units, from_cargo=from_cargo)
    ship = _ship(call)
    answer = {"agent": _agent(call), "fuel": fuel_view(ship), "transaction": market_transaction_view(done)}
    if from_cargo:
        answer["cargo"] = cargo_view(ship)
    return Answer(answer)


def purchase(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/purchase``."""
    body = cast(Goods, call.content)
    return _traded(call, call.world.purchase(call.agent, call.parts[0], body.symbol, body.units))


def sell(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/sell``."""
    body = cast(Goods, call.content)
    return _traded(call, call.world.sell(call.agent, call.parts[0], body.symbol, body.units))


def jettison(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/jettison``."""
    body = cast(Goods, call.content)
    ship = call.world.jettison(call.agent, call.parts[0], body.symbol, body.units)
    return Answer({"cargo": cargo_view(ship)})


def transfer(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/transfer``."""
    body = cast(Transfer, call.content)
    giver, taker = call.world.transfer(
        call.agent, call.parts[0], body.ship_symbol, body.trade_symbol, body.units
    )
    return Answer({"cargo": cargo_view(giver), "targetCargo": cargo_view(taker)})


def buy_ship(call: Call) -> Answer:
    """``POST /my/ships``."""
    body = cast(ShipOrder, call.content)
    world = call.world
    ship = world.buy_ship(call.agent, body.ship_type, body.waypoint_symbol)
    transaction = world.shipyards.history.at(body.waypoint_symbol)[0]
    return Answer(
        {
            "agent": _agent(call),
            "ship": ship_view(ship, world.universe, world.now()),
            "transaction": shipyard_transaction_view(transaction),
        }
    )


def negotiate(call: Call) -> Answer:
    """``POST /my/ships/{shipSymbol}/negotiate/contract``."""
    return Answer({"contract": contract_view(call.world.negotiate(call.agent, call.parts[0]))})


def _ship(call: Call) -> Ship:
    return call.world.ship(call.agent, call.parts[0])


def _agent(call: Call) -> dict[str, object]:
    return own_agent_view(call.world, call.agent)


def _nav(call: Call, ship: Ship) -> dict[str, object]:
    return nav_view(ship, call.world.universe, call.world.now())


def _under_way(call: Call, ship: Ship, events: list[dict[str, object]]) -> Answer:
    return Answer({"nav": _nav(call, ship), "fuel": fuel_view(ship), "events": events})


def _traded(call: Call, transaction: MarketTransaction) -> Answer:
    return Answer(
        {
            "agent": _agent(call),
            "cargo": cargo_view(_ship(call)),
            "transaction": market_transaction_view(transaction),
        }
    )


_SHIP = "/my/ships/{shipSymbol}"

ENDPOINTS = (
    Endpoint("GET", "/my/ships", list_ships),
    Endpoint("POST", "/my/ships", buy_ship, Access.AGENT, ShipOrder, 201),
    Endpoint("GET", _SHIP, show_ship),
    Endpoint("GET", f"{_SHIP}/nav", show_nav),
    Endpoint("PATCH", f"{_SHIP}/nav", change_nav, Access.AGENT, NavChange),
    Endpoint("GET", f"{_SHIP}/cargo", show_cargo),
    Endpoint("GET", f"{_SHIP}/cooldown", show_cooldown),
    Endpoint("POST", f"{_SHIP}/orbit", orbit, Access.AGENT, Nothing),
    Endpoint("POST", f"{_SHIP}/dock", dock, Access.AGENT, Nothing),
    Endpoint("POST", f"{_SHIP}/navigate", navigate, Access.AGENT, Destination),
    Endpoint("POST", f"{_SHIP}/refuel", refuel, Access.AGENT, Refuelling),
    Endpoint("POST", f"{_SHIP}/purchase", purchase, Access.AGENT, Goods, 201),
    Endpoint("POST", f"{_SHIP}/sell", sell, Access.AGENT, Goods, 201),
    Endpoint("POST", f"{_SHIP}/jettison", jettison, Access.AGENT, Goods),
    Endpoint("POST", f"{_SHIP}/transfer", transfer, Access.AGENT, Transfer),
    Endpoint("POST", f"{_SHIP}/negotiate/contract", negotiate, Access.AGENT, Nothing, 201),
)
"""What can be done with ships."""
