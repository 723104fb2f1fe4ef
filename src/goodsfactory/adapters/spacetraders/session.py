"""The calls of one agent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

import msgspec

from goodsfactory.adapters.spacetraders import mapping, wire
from goodsfactory.adapters.spacetraders.exchange import (
    UNIVERSE_HEADER,
    Call,
    Exchange,
)
from goodsfactory.adapters.spacetraders.market_mapping import market_from
from goodsfactory.adapters.spacetraders.pages import read_all
from goodsfactory.adapters.spacetraders.request_gate import Purpose
from goodsfactory.adapters.spacetraders.retries import Repeat
from goodsfactory.adapters.spacetraders.set_aside import SENSELESS, sound
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
    Listed,
    MarketView,
    RequestStatistics,
    ServerStatus,
    ShipyardView,
    Trade,
)

Shape = TypeVar("Shape")
Value = TypeVar("Value")

_IDENTIFIER = re.compile(r"[\w.:-]{1,64}")


class SpaceTradersSession:
    """GameApi over HTTP. ``token`` is a secret: it leaves this object in the Authorization header alone."""

    def __init__(self, exchange: Exchange, token: str) -> None:
        self._exchange = exchange
        self._token = sound_token(token)
        self._speeds: dict[str, int] = {}

    async def status(self) -> ServerStatus:
        return await read_status(self._exchange)

    async def agent(self) -> AgentState:
        call = Call("GET", "/my/agent", Purpose.SAFETY)
        return await self._ask(call, wire.WireAgent, mapping.agent_from)

    async def ships(self) -> Listed[Ship]:
        call = Call("GET", "/my/ships", Purpose.BACKGROUND)
        ships = await self._list(call, wire.WireShip, self._ship, "ship")
        return Listed({ship.symbol: ship for ship in ships}.values(), ships.unreadable)

    async def ship(self, symbol: str) -> Ship:
        call = Call("GET", f"/my/ships/{_part(symbol)}", Purpose.MOTION)
        return await self._ask(call, wire.WireShip, lambda ship: _same(self._ship(ship), "symbol", symbol))

    async def waypoints(self, system: str) -> Listed[Waypoint]:
        call = Call("GET", f"/systems/{_part(system)}/waypoints", Purpose.BACKGROUND)
        found = await self._list(
            call,
            wire.WireWaypoint,
            lambda place: _same(mapping.waypoint_from(place), "system", system),
            "waypoint",
        )
        return Listed({place.symbol: place for place in found}.values(), found.unreadable)

    async def market(self, waypoint: str) -> MarketView:
        call = Call("GET", f"{_place(waypoint)}/market", Purpose.PRICES)
        return await self._ask(
            call, wire.WireMarket, lambda m: market_from(m, waypoint, self._exchange.now())
        )

    async def shipyard(self, waypoint: str) -> ShipyardView:
        call = Call("GET", f"{_place(waypoint)}/shipyard", Purpose.PRICES)
        return await self._ask(
            call, wire.WireShipyard, lambda y: mapping.shipyard_from(y, waypoint, self._exchange.now())
        )

    async def contracts(self) -> Listed[Contract]:
        call = Call("GET", "/my/contracts", Purpose.BACKGROUND)
        contracts = await self._list(call, wire.WireContract, self._contract, "contract")
        return Listed({contract.id: contract for contract in contracts}.values(), contracts.unreadable)

    async def contract(self, contract_id: str) -> Contract:
        call = Call("GET", f"/my/contracts/{_part(contract_id)}", Purpose.SAFETY)
        return await self._ask(
            call, wire.WireContract, lambda contract: _same(self._contract(contract), "id", contract_id)
        )

    async def construction(self, waypoint: str) -> ConstructionSite:
        call = Call("GET", f"{_place(waypoint)}/construction", Purpose.BACKGROUND)
        return await self._ask(
            call,
            wire.WireConstruction,
            lambda site: _same(mapping.construction_from(site), "waypoint", waypoint),
        )

    async def recipes(self) -> RecipeMap:
        call = Call("GET", "/market/supply-chain", Purpose.BACKGROUND)
        return await self._ask(
            call,
            wire.WireRecipes,
            lambda told: RecipeMap.from_json(
                {"exportToImportMap": told.export_to_import_map}, origin="the game server's recipes"
            ),
        )

    async def orbit(self, ship: str) -> Nav:
        return await self._nav(ship, "orbit")

    async def dock(self, ship: str) -> Nav:
        return await self._nav(ship, "dock")

    async def navigate(self, ship: str, waypoint: str) -> Flight:
        body = {"waypointSymbol": waypoint}
        call = Call("POST", f"/my/ships/{_part(ship)}/navigate", Purpose.MOTION, Repeat.NEVER, body)
        return await self._ask(call, wire.FlightAnswer, lambda answer: self._flight(ship, answer))

    async def set_flight_mode(self, ship: str, mode: FlightMode) -> Flight:
        call = Call("PATCH", f"/my/ships/{_part(ship)}/nav", Purpose.MOTION, body={"flightMode": mode.value})
        return await self._ask(call, wire.FlightAnswer, lambda answer: self._flight(ship, answer))

    async def refuel(self, ship: str, units: int | None = None) -> Trade:
        body = {} if units is None else {"units": units}
        call = self._spend(ship, "refuel", body)
        return await self._ask(
            call, wire.RefuelAnswer, lambda a: mapping.refuel_from(a, self._exchange.now())
        )

    async def purchase(self, ship: str, good: Good, units: int) -> Trade:
        return await self._trade(ship, "purchase", good, units)

    async def sell(self, ship: str, good: Good, units: int) -> Trade:
        return await self._trade(ship, "sell", good, units)

    async def buy_ship(self, ship_type: str, waypoint: str) -> Trade:
        call = _spending("/my/ships", {"shipType": ship_type, "waypointSymbol": waypoint})
        return await self._ask(
            call, wire.ShipAnswer, lambda a: mapping.ship_purchase_from(a, ship_type, self._exchange.now())
        )

    async def accept_contract(self, contract_id: str) -> Trade:
        call = _spending(f"/my/contracts/{_part(contract_id)}/accept", {})
        return await self._ask(
            call, wire.ContractAnswer, lambda a: mapping.advance_from(a, contract_id, self._exchange.now())
        )

    async def deliver_cargo(self, contract_id: str, ship: str, good: Good, units: int) -> Trade:
        return await self._hand_over(f"/my/contracts/{_part(contract_id)}/deliver", ship, good, units)

    async def fulfil_contract(self, contract_id: str) -> Trade:
        call = _spending(f"/my/contracts/{_part(contract_id)}/fulfill", {})
        return await self._ask(
            call, wire.ContractAnswer, lambda a: mapping.payment_from(a, contract_id, self._exchange.now())
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
        """Of the whole server, since its sessions share one gate; what is amiss is this agent's."""
        return replace(
            self._exchange.statistics(),
            trouble=self._exchange.trouble(self._token),
            token_refused=self._exchange.token_refused(self._token),
            unreadable=self._exchange.set_aside.of(self._token),
        )

    def _spend(self, ship: str, action: str, body: Mapping[str, int | str]) -> Call:
        return _spending(f"/my/ships/{_part(ship)}/{action}", body)

    async def _trade(self, ship: str, action: str, good: Good, units: int) -> Trade:
        call = self._spend(ship, action, {"symbol": good, "units": units})
        return await self._ask(
            call,
            wire.TradeAnswer,
            lambda answer: mapping.trade_from(answer, ship, good, units, self._exchange.now()),
        )

    async def _hand_over(self, path: str, ship: str, good: Good, units: int) -> Trade:
        call = _spending(path, {"shipSymbol": ship, "tradeSymbol": good, "units": units})
        return await self._ask(
            call,
            wire.HandoverAnswer,
            lambda answer: mapping.handover_from(answer, good, units, self._exchange.now()),
        )

    async def _nav(self, ship: str, action: str) -> Nav:
        call = Call("POST", f"/my/ships/{_part(ship)}/{action}", Purpose.MOTION, body={})
        return await self._ask(
            call, wire.NavAnswer, lambda answer: mapping.nav_from(answer.nav, self._exchange.now())
        )

    def _ship(self, raw: wire.WireShip) -> Ship:
        ship = mapping.ship_from(raw, self._exchange.now())
        self._speeds[ship.symbol] = ship.speed
        return ship

    def _flight(self, ship: str, answer: wire.FlightAnswer) -> Flight:
        return mapping.flight_from(answer, self._exchange.now(), self._speeds.get(ship))

    def _contract(self, raw: wire.WireContract) -> Contract:
        return mapping.contract_from(raw, self._exchange.now())

    async def _list(
        self, call: Call, shape: type[Shape], convert: Callable[[Shape], Value], what: str
    ) -> Listed[Value]:
        """Every element that makes sense. Raises Unavailable where there are some and none does."""
        told, missing = await read_all(self._exchange, call, self._token)
        values, odd = sound(told, lambda raw: convert(msgspec.json.decode(raw, type=shape)), what)
        if odd and not values:
            raise self._exchange.unreadable(call, self._token, ValueError(odd[0]))
        listed = Listed(values, (*(f"{what} {one}" for one in missing), *odd))
        self._exchange.set_aside.note(self._token, call.asked, listed.unreadable)
        return listed

    async def _ask(self, call: Call, shape: type[Shape], convert: Callable[[Shape], Value]) -> Value:
        envelope = await self._exchange.ask(call, shape, self._token)
        try:
            value = convert(envelope.data)
        except SENSELESS as error:
            raise self._exchange.unreadable(call, self._token, error) from None
        self._exchange.set_aside.note(self._token, call.asked, getattr(value, "unreadable", ()))
        return value


async def read_status(exchange: Exchange) -> ServerStatus:
    """``GET /``, without a token: a stale one must not keep us from seeing that the universe is new.

    An answer without a reset date says nothing about the universe: Unavailable.
    """
    call = Call("GET", "/", Purpose.SAFETY)
    answer = await exchange.answer(call, None)
    try:
        status = mapping.status_from(
            msgspec.json.decode(answer.content, type=wire.WireStatus), exchange.now()
        )
    except SENSELESS as error:
        raise exchange.unreadable(call, None, error) from None
    exchange.set_aside.note(None, call.asked, ())
    told = answer.headers.get(UNIVERSE_HEADER, "")
    return replace(status, universe_id=told if _IDENTIFIER.fullmatch(told) else "")


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


def _same(value: Value, key: str, asked: str) -> Value:
    """The value, if it is of what was asked for. Raises ValueError for an answer about another thing."""
    told = getattr(value, key)
    if told != asked:
        raise ValueError(f"it tells of {told}")
    return value


def _part(symbol: str) -> str:
    """A symbol as one part of a path: what a user typed must not lead elsewhere."""
    return quote(symbol, safe="")
