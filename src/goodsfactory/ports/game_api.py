"""The game as the bot needs it: one object per agent token."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from goodsfactory.domain.construction import ConstructionSite
from goodsfactory.domain.contract import Contract
from goodsfactory.domain.geography import FlightMode, Waypoint
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.ship import Hold, Nav, Ship, Tank
from goodsfactory.domain.shipyard import ShipyardSnapshot

Element = TypeVar("Element")


class Listed(list[Element]):
    """The elements of a list that make sense. ``unreadable`` has a sentence for each that was set aside."""

    def __init__(self, elements: Iterable[Element] = (), unreadable: Sequence[str] = ()) -> None:
        super().__init__(elements)
        self.unreadable = tuple(unreadable)


@dataclass(frozen=True)
class ServerStatus:
    """``GET /``. ``reset_date`` is YYYY-MM-DD; an answer without one is Unavailable.

    ``universe_id`` is the server's own name of its universe, empty where it gives none, as the live one does.
    """

    status: str
    version: str
    reset_date: str
    next_reset: datetime | None = None
    universe_id: str = ""


@dataclass(frozen=True)
class AgentState:
    """The own agent: ``credits`` may be negative."""

    symbol: str
    headquarters: str
    credits: int
    starting_faction: str
    ship_count: int


@dataclass(frozen=True)
class Registration:
    """What ``POST /register`` gives. The token is a secret."""

    token: str = field(repr=False)
    agent: AgentState
    ships: Sequence[Ship]


@dataclass(frozen=True)
class Flight:
    """The answer to navigate and to a change of flight mode."""

    nav: Nav
    tank: Tank


@dataclass(frozen=True)
class Trade:
    """A money step that happened. ``total`` credits, never negative; ``balance`` after it.

    ``units`` are market units (one FUEL unit fills 100 of a tank); ``tank`` is set by a refuel, ``bought`` by
    the purchase of a ship, whose type is the ``good``. Goods handed over bring no credits by themselves, and
    that answer tells no balance: None.
    """

    good: Good
    units: int
    unit_price: int
    total: int
    balance: int | None
    at: datetime
    hold: Hold | None = None
    tank: Tank | None = None
    bought: Ship | None = None


@dataclass(frozen=True)
class Transaction:
    """One line of a market's recent transactions, for looking before acting again."""

    ship: str
    good: Good
    purchase: bool
    units: int
    unit_price: int
    total: int
    at: datetime


@dataclass(frozen=True)
class MarketView:
    """What one look at a market shows; ``recent`` is empty where no own ship is present.

    ``unreadable`` has a sentence for each part that makes no sense, or is missing: the rest is used.
    ``lists_complete`` is False where that concerns which goods are traded: a good that is not in the lists
    may be traded all the same.
    """

    snapshot: MarketSnapshot
    recent: Sequence[Transaction] = ()
    unreadable: tuple[str, ...] = ()
    lists_complete: bool = True


@dataclass(frozen=True)
class ShipSale:
    """One line of a shipyard's recent sales, for looking before acting again."""

    agent: str
    type: str
    price: int
    at: datetime


@dataclass(frozen=True)
class ShipyardView:
    """What one look at a shipyard shows; ``recent`` is empty where no own ship is present.

    ``unreadable`` has a sentence for each part that makes no sense: the rest is used.
    """

    snapshot: ShipyardSnapshot
    recent: Sequence[ShipSale] = ()
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequestStatistics:
    """What the request gate and client did since the start."""

    sent: int = 0
    """requests that reached the wire, retries included"""
    retried: int = 0
    """repeats after a 429, a 5xx or a lost answer"""
    limited: int = 0
    """429 answers received"""
    waited_seconds: float = 0.0
    """game seconds spent waiting for the gate"""
    by_purpose: dict[str, int] = field(default_factory=dict)
    """requests per purpose: safety, money, motion, prices, background"""
    trouble: str | None = None
    """why the server could not answer the newest call; None while it answers"""
    token_refused: str | None = None
    """what the game said when it last did not take the agent's token; None while it does"""
    limited_until: datetime | None = None
    """until when nothing is sent, because the server answers 429; None while requests go out"""
    unreadable: tuple[str, ...] = ()
    """what of the newest answers makes no sense, or is missing in them"""


class GameApi(Protocol):
    """Calls of one agent. All raise Refused (the game's no), StaleToken, NotFound or Unavailable.

    What they return makes sense and lies within bounds; an answer that does not is Unavailable (after a step
    that moves credits: ``maybe_done``), and an element of a list that does not is set aside. A list is whole
    but for what it names as ``unreadable``.
    """

    async def status(self) -> ServerStatus: ...

    async def agent(self) -> AgentState: ...

    async def ships(self) -> Listed[Ship]:
        """All ships of the agent, every page."""
        ...

    async def ship(self, symbol: str) -> Ship: ...

    async def waypoints(self, system: str) -> Listed[Waypoint]:
        """All waypoints of a system, every page."""
        ...

    async def market(self, waypoint: str) -> MarketView:
        """Prices only where an own ship is present; otherwise the three lists alone."""
        ...

    async def shipyard(self, waypoint: str) -> ShipyardView:
        """Prices only where an own ship is present; otherwise the types alone."""
        ...

    async def contracts(self) -> Listed[Contract]:
        """All contracts of the agent, oldest first, every page."""
        ...

    async def contract(self, contract_id: str) -> Contract: ...

    async def construction(self, waypoint: str) -> ConstructionSite:
        """Raises NotFound, or shows no materials, where nothing is being built: servers differ."""
        ...

    async def recipes(self) -> RecipeMap: ...

    async def orbit(self, ship: str) -> Nav: ...

    async def dock(self, ship: str) -> Nav: ...

    async def navigate(self, ship: str, waypoint: str) -> Flight: ...

    async def set_flight_mode(self, ship: str, mode: FlightMode) -> Flight: ...

    async def refuel(self, ship: str, units: int | None = None) -> Trade:
        """Fill the tank, or by so many ship units. Never blindly repeated: Unavailable.maybe_done."""
        ...

    async def purchase(self, ship: str, good: Good, units: int) -> Trade:
        """Buy one tranche. Never blindly repeated: Unavailable.maybe_done."""
        ...

    async def sell(self, ship: str, good: Good, units: int) -> Trade:
        """Sell one tranche. Never blindly repeated: Unavailable.maybe_done."""
        ...

    async def buy_ship(self, ship_type: str, waypoint: str) -> Trade:
        """Buy a ship where an own one is. Never blindly repeated: Unavailable.maybe_done."""
        ...

    async def accept_contract(self, contract_id: str) -> Trade:
        """Accept an offer; ``total`` is the advance. Never blindly repeated: Unavailable.maybe_done."""
        ...

    async def deliver_cargo(self, contract_id: str, ship: str, good: Good, units: int) -> Trade:
        """Hand cargo over to a contract. Never blindly repeated: Unavailable.maybe_done."""
        ...

    async def fulfil_contract(self, contract_id: str) -> Trade:
        """End a contract; ``total`` is its payment. Never blindly repeated: Unavailable.maybe_done."""
        ...

    async def supply_site(self, waypoint: str, ship: str, good: Good, units: int) -> Trade:
        """Hand cargo over to a building site. Never blindly repeated: Unavailable.maybe_done."""
        ...

    async def jettison(self, ship: str, good: Good, units: int) -> Trade:
        """Throw cargo away (api-facts §11). Never blindly repeated: Unavailable.maybe_done."""
        ...

    def statistics(self) -> RequestStatistics: ...


class GameServer(Protocol):
    """A server before there is an agent: opens per-agent sessions and registers new ones."""

    async def status(self) -> ServerStatus:
        """What it says of its universe."""
        ...

    async def register(
        self, agent: str, faction: str, *, account_token: str | None = None
    ) -> Registration: ...

    def session(self, token: str, *, refused: Callable[[], None] | None = None) -> GameApi:
        """Calls as the agent of ``token``; all sessions share one request gate.

        ``refused`` is called each time the game does not take the token (StaleToken). Without one whoever
        listens already goes on to.
        """
        ...

    def statistics(self) -> RequestStatistics:
        """Of all sessions together."""
        ...

    async def close(self) -> None: ...
