"""The calls of one agent."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

import msgspec

from goodsfactory.adapters.spacetraders import mapping, wire
from goodsfactory.adapters.spacetraders.exchange import Call, Exchange, unreadable
from goodsfactory.adapters.spacetraders.pages import read_all
from goodsfactory.adapters.spacetraders.request_gate import Purpose
from goodsfactory.adapters.spacetraders.retries import Repeat
from goodsfactory.domain.construction import ConstructionSite
from goodsfactory.domain.contract import Contract
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.geography import FlightMode, Waypoint, system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.ship import Nav, Ship
from goodsfactory.ports.game_api import (
    AgentState,
    Flight,
    MarketView,
    RequestStatistics,
    ServerStatus,
    ShipyardView,
    Trade,
)

Shape = TypeVar("Shape")
Value = TypeVar("Value")

_log = logging.getLogger(__name__)


class SpaceTradersSession:
    """GameApi over HTTP. ``token`` is a secret: it leaves this object in the Authorization header alone."""

    def __init__(self, exchange: Exchange, token: str) -> None:
        self._exchange = exchange
        self._token = sound_token(token)

    async def status(self) -> ServerStatus:
        return await read_status(self._exchange)

    async def agent(self) -> AgentState:
        return await self._ask(Call("GET", "/my/agent", Purpose.SAFETY), wire.WireAgent, mapping.agent_from)

    async def ships(self) -> list[Ship]:
        ships: dict[str, Ship] = {}
        call = Call("GET", "/my/ships", Purpose.BACKGROUND)
        for raw in await read_all(self._exchange, call, self._token, skip_unreadable=True):
            try:
                ship = mapping.ship_from(msgspec.json.decode(raw, type=wire.WireShip), self._exchange.now())
            except ValueError as error:  # one odd ship must not hide the others (law L9)
                _log.warning("A ship in GET /my/ships cannot be understood and is left out: %s.", error)
            else:
                ships[ship.symbol] = ship
        return list(ships.values())

    async def ship(self, symbol: str) -> Ship:
        call = Call("GET", f"/my/ships/{_part(symbol)}", Purpose.MOTION)
        return await self._ask(call, wire.WireShip, lambda s: mapping.ship_from(s, self._exchange.now()))

    async def waypoints(self, system: str) -> list[Waypoint]:
        call = Call("GET", f"/systems/{_part(system)}/waypoints", Purpose.BACKGROUND)
        waypoints: dict[str, Waypoint] = {}
        for raw in await read_all(self._exchange, call, self._token):
            try:
                waypoint = mapping.waypoint_from(msgspec.json.decode(raw, type=wire.WireWaypoint))
            except (ValueError, UserError) as error:
                raise unreadable(call, error) from None
            waypoints[waypoint.symbol] = waypoint
        return list(waypoints.values())

    async def market(self, waypoint: str) -> MarketView:
        call = Call("GET", f"{_place(waypoint)}/market", Purpose.PRICES)
        return await self._ask(call, wire.WireMarket, lambda m: mapping.market_from(m, self._exchange.now()))

    async def shipyard(self, waypoint: str) -> ShipyardView:
        call = Call("GET", f"{_place(waypoint)}/shipyard", Purpose.PRICES)
        return await self._ask(
            call, wire.WireShipyard, lambda y: mapping.shipyard_from(y, self._exchange.now())
        )

    async def contracts(self) -> list[Contract]:
        contracts: dict[str, Contract] = {}
        call = Call("GET", "/my/contracts", Purpose.BACKGROUND)
        for raw in await read_all(self._exchange, call, self._token):
            try:
                contract = mapping.contract_from(msgspec.json.decode(raw, type=wire.WireContract))
            except ValueError as error:
                raise unreadable(call, error) from None
            contracts[contract.id] = contract
        return list(contracts.values())

    async def contract(self, contract_id: str) -> Contract:
        call = Call("GET", f"/my/contracts/{_part(contract_id)}", Purpose.SAFETY)
        return await self._ask(call, wire.WireContract, mapping.contract_from)

    async def construction(self, waypoint: str) -> ConstructionSite:
        call = Call("GET", f"{_place(waypoint)}/construction", Purpose.BACKGROUND)
        return await self._ask(call, wire.WireConstruction, mapping.construction_from)

    async def recipes(self) -> RecipeMap:
        call = Call("GET", "/market/supply-chain", Purpose.BACKGROUND)
        content = await self._exchange.fetch(call, self._token)
        try:
            document = msgspec.json.decode(content)
            return RecipeMap.from_json(document, origin="the game server's recipes")
        except ValueError as error:
            raise unreadable(call, error) from None

    async def orbit(self, ship: str) -> Nav:
        return await self._nav(ship, "orbit")

    async def dock(self, ship: str) -> Nav:
        return await self._nav(ship, "dock")

    async def navigate(self, ship: str, waypoint: str) -> Flight:
        body = {"waypointSymbol": waypoint}
        call = Call("POST", f"/my/ships/{_part(ship)}/navigate", Purpose.MOTION, Repeat.NEVER, body)
        return await self._ask(call, wire.FlightAnswer, mapping.flight_from)

    async def set_flight_mode(self, ship: str, mode: FlightMode) -> Flight:
        call = Call("PATCH", f"/my/ships/{_part(ship)}/nav", Purpose.MOTION, body={"flightMode": mode.value})
        return await self._ask(call, wire.FlightAnswer, mapping.flight_from)

    async def refuel(self, ship: str, units: int | None = None) -> Trade:
        body = {} if units is None else {"units": units}
        call = self._spend(ship, "refuel", body)
        return await self._ask(
            call, wire.RefuelAnswer, lambda a: mapping.refuel_from(a, self._exchange.now())
        )

    async def purchase(self, ship: str, good: Good, units: int) -> Trade:
        call = self._spend(ship, "purchase", {"symbol": good, "units": units})
        return await self._ask(call, wire.TradeAnswer, mapping.trade_from)

    async def sell(self, ship: str, good: Good, units: int) -> Trade:
        call = self._spend(ship, "sell", {"symbol": good, "units": units})
        return await self._ask(call, wire.TradeAnswer, mapping.trade_from)

    async def buy_ship(self, ship_type: str, waypoint: str) -> Trade:
        call = _spending("/my/ships", {"shipType": ship_type, "waypointSymbol": waypoint})
        return await self._ask(
            call, wire.ShipAnswer, lambda a: mapping.ship_purchase_from(a, self._exchange.now())
        )

    async def accept_contract(self, contract_id: str) -> Trade:
        call = _spending(f"/my/contracts/{_part(contract_id)}/accept", {})
        return await self._ask(
            call, wire.ContractAnswer, lambda a: mapping.advance_from(a, self._exchange.now())
        )

    async def deliver_cargo(self, contract_id: str, ship: str, good: Good, units: int) -> Trade:
        return await self._hand_over(f"/my/contracts/{_part(contract_id)}/deliver", ship, good, units)

    async def fulfil_contract(self, contract_id: str) -> Trade:
        call = _spending(f"/my/contracts/{_part(contract_id)}/fulfill", {})
        return await self._ask(
            call, wire.ContractAnswer, lambda a: mapping.payment_from(a, self._exchange.now())
        )

    async def supply_site(self, waypoint: str, ship: str, good: Good, units: int) -> Trade:
        return await self._hand_over(f"{_place(waypoint)}/construction/supply", ship, good, units)

    async def jettison(self, ship: str, good: Good, units: int) -> Trade:
        call = self._spend(ship, "jettison", {"symbol": good, "units": units})
        return await self._ask(
            call,
            wire.HandoverAnswer,
            lambda answer: mapping.handover_from(answer, good, units, self._exchange.now()),
        )

    def statistics(self) -> RequestStatistics:
        """Of the whole server, since its sessions share one gate; ``trouble`` is that of this agent."""
        return replace(self._exchange.statistics(), trouble=self._exchange.trouble(self._token))

    def _spend(self, ship: str, action: str, body: Mapping[str, int | str]) -> Call:
        return _spending(f"/my/ships/{_part(ship)}/{action}", body)

    async def _hand_over(self, path: str, ship: str, good: Good, units: int) -> Trade:
        call = _spending(path, {"shipSymbol": ship, "tradeSymbol": good, "units": units})
        return await self._ask(
            call,
            wire.HandoverAnswer,
            lambda answer: mapping.handover_from(answer, good, units, self._exchange.now()),
        )

    async def _nav(self, ship: str, action: str) -> Nav:
        call = Call("POST", f"/my/ships/{_part(ship)}/{action}", Purpose.MOTION, body={})
        return await self._ask(call, wire.NavAnswer, lambda answer: mapping.nav_from(answer.nav))

    async def _ask(self, call: Call, shape: type[Shape], convert: Callable[[Shape], Value]) -> Value:
        envelope = await self._exchange.ask(call, shape, self._token)
        try:
            return convert(envelope.data)
        except ValueError as error:
            raise unreadable(call, error) from None


async def read_status(exchange: Exchange) -> ServerStatus:
    """``GET /``, without a token: a stale one must not keep us from seeing that the universe is new."""
    call = Call("GET", "/", Purpose.SAFETY)
    content = await exchange.fetch(call, None)
    try:
        return mapping.status_from(msgspec.json.decode(content, type=wire.WireStatus))
    except ValueError as error:
        raise unreadable(call, error) from None


def sound_token(token: str) -> str:
    """The token without blanks around it. Raises UserError where no token can look like that.

    An HTTP library would name the whole header in its complaint, and with it the secret.
    """
    stripped = token.strip()
    if not stripped or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        raise UserError("The token is empty or has characters a token cannot have; copy it once more.")
    return stripped


def _spending(path: str, body: Mapping[str, int | str]) -> Call:
    """A POST that moves credits or the cargo they bought: never blindly repeated (law L1)."""
    return Call("POST", path, Purpose.MONEY, Repeat.NEVER, body)


def _place(waypoint: str) -> str:
    return f"/systems/{_part(system_of(waypoint))}/waypoints/{_part(waypoint)}"


def _part(symbol: str) -> str:
    """A symbol as one part of a path: what a user typed must not lead elsewhere."""
    return quote(symbol, safe="")
