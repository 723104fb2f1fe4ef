"""What travels over the wire, as little of it as we read.

Unknown keys are ignored and keys that differ between versions of the API are optional (api-facts §14.1). Open
sets are ``str``: the server may know more goods, modes and traits than we do.
"""

from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

Payload = TypeVar("Payload")


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """Parent of all wire models: the game writes keys in camel case."""


class Meta(Wire, frozen=True):
    """Where a page stands in its list."""

    total: int
    page: int = 1
    limit: int = 20


class Envelope(Wire, Generic[Payload], frozen=True):
    """``{"data": …}``, with ``meta`` for lists."""

    data: Payload
    meta: Meta | None = None


class ErrorBody(Wire, frozen=True):
    """The inside of an error envelope (api-facts §3)."""

    message: str = ""
    code: int | None = None
    data: dict[str, Any] | None = None


class ErrorEnvelope(Wire, frozen=True):
    error: ErrorBody


class WireResets(Wire, frozen=True):
    next: str | None = None


class WireStatus(Wire, frozen=True):
    """``GET /``, the one answer without an envelope."""

    status: str = ""
    version: str = ""
    reset_date: str = ""
    server_resets: WireResets | None = None


class WireAgent(Wire, frozen=True):
    symbol: str
    credits: int
    headquarters: str = ""
    starting_faction: str = ""
    ship_count: int = 0


class WirePlace(Wire, frozen=True):
    symbol: str


class WireRoute(Wire, frozen=True):
    """``departure`` is the older name of ``origin``."""

    arrival: datetime | None = None
    departure_time: datetime | None = None
    origin: WirePlace | None = None
    departure: WirePlace | None = None


class WireNav(Wire, frozen=True):
    system_symbol: str
    waypoint_symbol: str
    status: str
    flight_mode: str = "CRUISE"
    route: WireRoute | None = None


class WireFuel(Wire, frozen=True):
    current: int
    capacity: int


class WireCargoItem(Wire, frozen=True):
    symbol: str
    units: int


class WireCargo(Wire, frozen=True):
    capacity: int
    inventory: list[WireCargoItem] = []


class WireEngine(Wire, frozen=True):
    speed: int


class WireFrame(Wire, frozen=True):
    symbol: str = ""


class WireRegistration(Wire, frozen=True):
    role: str = ""


class WireCooldown(Wire, frozen=True):
    expiration: datetime | None = None
    remaining_seconds: float = 0


class WireShip(Wire, frozen=True):
    symbol: str
    nav: WireNav
    fuel: WireFuel
    cargo: WireCargo
    engine: WireEngine
    registration: WireRegistration | None = None
    frame: WireFrame | None = None
    cooldown: WireCooldown | None = None


class WireTrait(Wire, frozen=True):
    symbol: str


class WireWaypoint(Wire, frozen=True):
    symbol: str
    type: str
    x: int
    y: int
    system_symbol: str | None = None
    traits: list[WireTrait] = []
    orbits: str | None = None


class WireTransaction(Wire, frozen=True):
    """One line of a market's history, and the receipt of a trade."""

    ship_symbol: str
    trade_symbol: str
    type: str
    units: int
    price_per_unit: int
    total_price: int
    timestamp: datetime


class WireListing(Wire, frozen=True):
    symbol: str
    type: str
    trade_volume: int
    supply: str
    purchase_price: int
    sell_price: int
    activity: str | None = None


class WireGood(Wire, frozen=True):
    symbol: str


class WireMarket(Wire, frozen=True):
    """``trade_goods`` and ``transactions`` are absent where no own ship is present (api-facts §7.1)."""

    symbol: str
    exports: list[WireGood] = []
    imports: list[WireGood] = []
    exchange: list[WireGood] = []
    trade_goods: list[WireListing] | None = None
    transactions: list[WireTransaction] | None = None


class NavAnswer(Wire, frozen=True):
    """orbit, dock"""

    nav: WireNav


class FlightAnswer(Wire, frozen=True):
    """navigate, change of flight mode"""

    nav: WireNav
    fuel: WireFuel


class TradeAnswer(Wire, frozen=True):
    """purchase, sell"""

    agent: WireAgent
    cargo: WireCargo
    transaction: WireTransaction


class RefuelAnswer(Wire, frozen=True):
    """``transaction`` may be missing where the tank was full and nothing was sold."""

    agent: WireAgent
    fuel: WireFuel
    transaction: WireTransaction | None = None
    cargo: WireCargo | None = None


class RegisterAnswer(Wire, frozen=True):
    """Older servers answer one ``ship``, newer ones ``ships``."""

    token: str
    agent: WireAgent
    ships: list[WireShip] | None = None
    ship: WireShip | None = None


class WireShipType(Wire, frozen=True):
    type: str


class WireShipOffer(Wire, frozen=True):
    type: str
    purchase_price: int


class WireShipSale(Wire, frozen=True):
    """``shipSymbol`` holds the type as well, which is why it is not read (api-facts §13)."""

    ship_type: str
    price: int
    agent_symbol: str
    timestamp: datetime


class WireShipyard(Wire, frozen=True):
    """``ships`` and ``transactions`` are absent where no own ship is present (api-facts §7.1)."""

    symbol: str
    ship_types: list[WireShipType] = []
    ships: list[WireShipOffer] | None = None
    transactions: list[WireShipSale] | None = None


class WirePayment(Wire, frozen=True):
    on_accepted: int
    on_fulfilled: int


class WireOwed(Wire, frozen=True):
    trade_symbol: str
    destination_symbol: str
    units_required: int
    units_fulfilled: int


class WireTerms(Wire, frozen=True):
    deadline: datetime
    payment: WirePayment
    deliver: list[WireOwed] = []


class WireContract(Wire, frozen=True):
    """``expiration`` is the older name of ``deadlineToAccept``."""

    id: str
    faction_symbol: str
    type: str
    terms: WireTerms
    accepted: bool
    fulfilled: bool
    deadline_to_accept: datetime | None = None
    expiration: datetime | None = None


class WireMaterial(Wire, frozen=True):
    trade_symbol: str
    required: int
    fulfilled: int


class WireConstruction(Wire, frozen=True):
    symbol: str
    materials: list[WireMaterial] = []
    is_complete: bool = False


class ShipAnswer(Wire, frozen=True):
    """purchase of a ship"""

    agent: WireAgent
    ship: WireShip
    transaction: WireShipSale


class ContractAnswer(Wire, frozen=True):
    """accept, fulfill"""

    agent: WireAgent
    contract: WireContract


class HandoverAnswer(Wire, frozen=True):
    """Cargo given to a contract or a building site; its new state is read when somebody asks for it."""

    cargo: WireCargo
