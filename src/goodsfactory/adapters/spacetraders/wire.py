"""What travels over the wire, as little of it as we read, and within which bounds (``bounds``).

Unknown keys are ignored and keys that differ between versions of the API are optional (api-facts §14.1). Open
sets are symbols: the server may know more goods, modes and traits than we do. A list whose elements stand for
themselves holds them undecoded: one that makes no sense does not take the others with it.
"""

from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from goodsfactory.adapters.spacetraders.bounds import (
    Coordinate,
    Count,
    Credits,
    Day,
    PaidPrice,
    Price,
    Seconds,
    Secret,
    ShipPrice,
    Speed,
    Sum,
    Symbol,
    TradeVolume,
    Units,
    WaypointSymbol,
)

Payload = TypeVar("Payload")


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """Parent of all wire models: the game writes keys in camel case."""


class Meta(Wire, frozen=True):
    """Where a page stands in its list."""

    total: Count
    limit: Count = 20


class Envelope(Wire, Generic[Payload], frozen=True):
    """``{"data": …}``; ``meta`` comes with lists."""

    data: Payload
    meta: msgspec.Raw = msgspec.Raw(b"")


class ErrorBody(Wire, frozen=True):
    """The inside of an error envelope (api-facts §3). A 404 may come without a code (api-facts §3)."""

    message: str
    code: int | None = None
    data: Any = None


class ErrorEnvelope(Wire, frozen=True):
    error: ErrorBody


class WireResets(Wire, frozen=True):
    next: str | None = None


class WireStatus(Wire, frozen=True):
    """``GET /``, the one answer without an envelope. Without a date it says nothing about the universe."""

    reset_date: Day
    status: str = ""
    version: str = ""
    server_resets: WireResets | None = None


class WireAgent(Wire, frozen=True):
    """The own agent, whole."""

    symbol: Symbol
    credits: Credits
    headquarters: WaypointSymbol
    ship_count: Count
    starting_faction: str = ""


class WirePurse(Wire, frozen=True):
    """The own agent after a step, of which the credits alone are read."""

    credits: Credits


class WirePlace(Wire, frozen=True):
    symbol: WaypointSymbol
    system_symbol: str | None = None
    x: Coordinate | None = None
    y: Coordinate | None = None


class WireRoute(Wire, frozen=True):
    """``departure`` is the older name of ``origin``."""

    arrival: datetime | None = None
    departure_time: datetime | None = None
    origin: WirePlace | None = None
    departure: WirePlace | None = None
    destination: WirePlace | None = None


class WireNav(Wire, frozen=True):
    system_symbol: Symbol
    waypoint_symbol: WaypointSymbol
    status: Symbol
    flight_mode: str = "CRUISE"
    route: WireRoute | None = None


class WireFuel(Wire, frozen=True):
    current: Units
    capacity: Units


class WireCargoItem(Wire, frozen=True):
    symbol: Symbol
    units: Units


class WireCargo(Wire, frozen=True):
    """``units`` is the sum over the inventory."""

    capacity: Units
    inventory: list[WireCargoItem]
    units: Units | None = None


class WireEngine(Wire, frozen=True):
    speed: Speed


class WireFrame(Wire, frozen=True):
    symbol: str = ""


class WireRegistration(Wire, frozen=True):
    role: str = ""


class WireCooldown(Wire, frozen=True):
    expiration: datetime | None = None
    remaining_seconds: Seconds = 0


class WireShip(Wire, frozen=True):
    symbol: Symbol
    nav: WireNav
    fuel: WireFuel
    cargo: WireCargo
    engine: WireEngine
    registration: WireRegistration | None = None
    frame: WireFrame | None = None
    cooldown: WireCooldown | None = None


class WireTrait(Wire, frozen=True):
    symbol: Symbol


class WireWaypoint(Wire, frozen=True):
    symbol: WaypointSymbol
    type: Symbol
    x: Coordinate
    y: Coordinate
    traits: list[WireTrait]
    system_symbol: Symbol | None = None
    orbits: str | None = None


class WireTransaction(Wire, frozen=True):
    """A line of a market's history, or a receipt: all its units have one price (api-facts §7.3)."""

    ship_symbol: Symbol
    trade_symbol: Symbol
    type: Symbol
    units: Units
    price_per_unit: PaidPrice
    total_price: Sum
    timestamp: datetime

    def __post_init__(self) -> None:
        if self.total_price != self.units * self.price_per_unit:
            raise ValueError(
                f"{self.units} units at {self.price_per_unit} do not make {self.total_price} credits"
            )


class WireListing(Wire, frozen=True):
    symbol: Symbol
    type: Symbol
    trade_volume: TradeVolume
    supply: Symbol
    purchase_price: Price
    sell_price: Price
    activity: str | None = None


class WireGood(Wire, frozen=True):
    symbol: Symbol


class WireMarket(Wire, frozen=True):
    """``trade_goods`` and ``transactions`` are absent where no own ship is present (api-facts §7.1)."""

    symbol: WaypointSymbol
    exports: list[msgspec.Raw]
    imports: list[msgspec.Raw]
    exchange: list[msgspec.Raw]
    trade_goods: list[msgspec.Raw] | None = None
    transactions: list[msgspec.Raw] | None = None


class NavAnswer(Wire, frozen=True):
    """orbit, dock"""

    nav: WireNav


class FlightAnswer(Wire, frozen=True):
    """navigate, change of flight mode"""

    nav: WireNav
    fuel: WireFuel


class TradeAnswer(Wire, frozen=True):
    """purchase, sell"""

    agent: WirePurse
    cargo: WireCargo
    transaction: WireTransaction


class RefuelAnswer(Wire, frozen=True):
    """``transaction`` may be missing where the tank was full and nothing was sold."""

    agent: WirePurse
    fuel: WireFuel
    transaction: WireTransaction | None = None
    cargo: WireCargo | None = None


class RegisterAnswer(Wire, frozen=True):
    """Older servers answer one ``ship``, newer ones ``ships``."""

    token: Secret
    agent: WireAgent
    ships: list[msgspec.Raw] | None = None
    ship: msgspec.Raw = msgspec.Raw(b"")


class WireShipType(Wire, frozen=True):
    type: Symbol


class WireShipOffer(Wire, frozen=True):
    type: Symbol
    purchase_price: ShipPrice


class WireShipSale(Wire, frozen=True):
    """``shipSymbol`` holds the type as well, which is why it is not read (api-facts §13)."""

    ship_type: Symbol
    price: ShipPrice
    agent_symbol: Symbol
    timestamp: datetime


class WireShipyard(Wire, frozen=True):
    """``ships`` and ``transactions`` are absent where no own ship is present (api-facts §7.1)."""

    symbol: WaypointSymbol
    ship_types: list[msgspec.Raw]
    ships: list[msgspec.Raw] | None = None
    transactions: list[msgspec.Raw] | None = None


class WirePayment(Wire, frozen=True):
    on_accepted: Sum
    on_fulfilled: Sum


class WireOwed(Wire, frozen=True):
    trade_symbol: Symbol
    destination_symbol: WaypointSymbol
    units_required: Units
    units_fulfilled: Units


class WireTerms(Wire, frozen=True):
    deadline: datetime
    payment: WirePayment
    deliver: list[WireOwed] = []


class WireContract(Wire, frozen=True):
    """``expiration`` is the older name of ``deadlineToAccept``."""

    id: Symbol
    faction_symbol: Symbol
    type: Symbol
    terms: WireTerms
    accepted: bool
    fulfilled: bool
    deadline_to_accept: datetime | None = None
    expiration: datetime | None = None


class WireMaterial(Wire, frozen=True):
    trade_symbol: Symbol
    required: Units
    fulfilled: Units


class WireConstruction(Wire, frozen=True):
    symbol: WaypointSymbol
    materials: list[WireMaterial]
    is_complete: bool


class ShipAnswer(Wire, frozen=True):
    """purchase of a ship"""

    agent: WirePurse
    ship: WireShip
    transaction: WireShipSale


class ContractAnswer(Wire, frozen=True):
    """accept, fulfill"""

    agent: WirePurse
    contract: WireContract


class HandoverAnswer(Wire, frozen=True):
    """Cargo given to a contract or a building site; its new state is read when somebody asks for it."""

    cargo: WireCargo


class WireRecipes(Wire, frozen=True):
    """Export → imports (api-facts §7.6)."""

    export_to_import_map: dict[Symbol, list[Symbol]]
