"""A universe small enough to know by heart, and ways to play in it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from goodsfactory.domain.market import TradeType
from goodsfactory.sandbox.economy import Market, MarketGood
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.ships import Route, Ship
from goodsfactory.sandbox.universe import ShipOffer, System, Universe, Waypoint
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)
SYSTEM = "X1-TINY"
HOME = f"{SYSTEM}-A1"
YARD = f"{SYSTEM}-A2"
MINE = f"{SYSTEM}-B3"
GATE = f"{SYSTEM}-C4"
ROCK = f"{SYSTEM}-D5"
ABROAD = "X1-FAR-A1"
FAR_GATE = "X1-FAR-G1"
GAS = f"{SYSTEM}-E6"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = EPOCH) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def _waypoint(symbol: str, type_: str, x: int, y: int, *traits: str, **more: Any) -> Waypoint:
    return Waypoint(symbol, type_, symbol.rpartition("-")[0], x, y, traits=traits, **more)


def _good(symbol: str, type_: TradeType, base: float, volume: int, net_supply: int) -> MarketGood:
    return MarketGood(symbol, type_, base, 8, volume, net_supply)


def make_universe(seed: int = 7, reset_date: str = "2026-03-01") -> Universe:
    """Five waypoints at home, one abroad; two markets that trade IRON, IRON_ORE, FAB_MATS and FUEL."""
    recipes = {"IRON": ("IRON_ORE",), "FAB_MATS": ("IRON", "QUARTZ_SAND"), "FUEL": ("HYDROCARBON",)}
    waypoints = [
        _waypoint(HOME, "PLANET", 0, 0, "MARKETPLACE", orbitals=(YARD,), faction="COSMIC"),
        _waypoint(YARD, "MOON", 0, 0, "SHIPYARD", orbits=HOME, faction="COSMIC"),
        _waypoint(MINE, "ASTEROID_BASE", 30, 40, "MARKETPLACE", "SHIPYARD", faction="COSMIC"),
        _waypoint(GATE, "JUMP_GATE", 300, 400, under_construction=True, faction="COSMIC"),
        _waypoint(ROCK, "ASTEROID", -60, 80, "UNCHARTED", "MARKETPLACE", "COMMON_METAL_DEPOSITS"),
    ]
    abroad = _waypoint(ABROAD, "PLANET", 5, 5)
    listings = {
        HOME: [
            _good("IRON_ORE", TradeType.IMPORT, 50, 60, -120),
            _good("IRON", TradeType.EXPORT, 120, 60, 120),
            _good("FUEL", TradeType.EXCHANGE, 70, 180, 0),
        ],
        MINE: [
            _good("IRON_ORE", TradeType.EXPORT, 50, 20, 60),
            _good("IRON", TradeType.IMPORT, 120, 20, -40),
            _good("FAB_MATS", TradeType.EXPORT, 1600, 20, 100),
            _good("SHIP_PARTS", TradeType.EXPORT, 5600, 60, 0),
        ],
        ROCK: [_good("QUARTZ_SAND", TradeType.EXCHANGE, 20, 180, 0)],
    }
    return Universe(
        seed=seed,
        reset_date=reset_date,
        systems={
            SYSTEM: System(SYSTEM, "X1", "BLUE_STAR", 0, 0, {each.symbol: each for each in waypoints}),
            "X1-FAR": System("X1-FAR", "X1", "RED_STAR", 900, 0, {ABROAD: abroad}),
        },
        markets={
            symbol: Market(symbol, goods, recipes=recipes, epoch=EPOCH, seed=seed)
            for symbol, goods in listings.items()
        },
        shipyards={
            YARD: [
                ShipOffer("SHIP_PROBE", 20_000, "HIGH", "GROWING"),
                ShipOffer("SHIP_LIGHT_HAULER", 270_000, "ABUNDANT", "GROWING"),
            ],
            MINE: [ShipOffer("SHIP_MINING_DRONE", 42_000, "HIGH", None)],
        },
        constructions={GATE: {"FAB_MATS": [1600, 0], "QUANTUM_STABILIZERS": [1, 1]}},
        jump_gates={GATE: [f"{ABROAD[:-2]}G1"]},
        factions=["COSMIC", "VOID"],
        headquarters=HOME,
        recipes=recipes,
        epoch=EPOCH,
    )


@dataclass
class Sandbox:
    """A world with a movable clock, and agent TESTER's view of it over HTTP."""

    world: World
    clock: Clock
    http: httpx2.AsyncClient
    token: str

    async def call(
        self, method: str, path: str, *, token: str | None = "", **options: Any
    ) -> httpx2.Response:
        """One request as TESTER; with another ``token``, or None for none at all."""
        headers = dict(options.pop("headers", {}))
        chosen = self.token if token == "" else token
        if chosen is not None:
            headers.setdefault("authorization", f"Bearer {chosen}")
        return await self.http.request(method, path, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> Any:
        """The ``data`` of a successful GET."""
        response = await self.call("GET", path, **options)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    async def post(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        """The ``data`` of a successful POST."""
        response = await self.call("POST", path, json={} if body is None else body)
        assert response.status_code == status, response.text
        return response.json()["data"]

    async def refused(
        self, code: int, method: str, path: str, body: Any = None, *, status: int = 400, **options: Any
    ) -> Any:
        """The error of a request that must be refused with ``code`` under HTTP ``status``."""
        if body is not None:
            options["json"] = body
        response = await self.call(method, path, **options)
        error = response.json()["error"]
        assert (error["code"], response.status_code) == (code, status), response.text
        assert error["message"]
        assert error["requestId"]
        return error

    def place(self, symbol: str, waypoint: str) -> Ship:
        """TESTER's ship, put docked at a waypoint without a voyage."""
        ship = self.ship(symbol)
        ship.route = Route(waypoint, waypoint, self.clock.now, self.clock.now, 0.0, self.clock.now)
        ship.docked = True
        return ship

    def rest(self, symbol: str) -> None:
        """Let time pass until the reactor of TESTER's ship has cooled down."""
        until = self.ship(symbol).cooldown_until
        if until is not None:
            self.clock.now = max(self.clock.now, until)

    def add_gas_giant(self) -> str:
        """Put a gas giant into the home system."""
        self._put(_waypoint(GAS, "GAS_GIANT", 100, 0))
        return GAS

    def open_gates(self) -> str:
        """Finish the gate, sell antimatter there, and build the gate abroad that it leads to."""
        universe: Any = self.world.universe
        universe.constructions[GATE]["FAB_MATS"][1] = 1600
        listing = _good("ANTIMATTER", TradeType.EXCHANGE, 5000, 18, 0)
        universe.markets[GATE] = Market(GATE, [listing], recipes={}, epoch=EPOCH, seed=7)
        self._put(_waypoint(FAR_GATE, "JUMP_GATE", 9, 9))
        universe.jump_gates[FAR_GATE] = [GATE]
        return FAR_GATE

    def _put(self, waypoint: Waypoint) -> None:
        universe: Any = self.world.universe
        universe.systems[waypoint.system].waypoints[waypoint.symbol] = waypoint

    def ship(self, symbol: str) -> Ship:
        """TESTER's ship as the core knows it."""
        return self.world.ship(self.world.agents.find("TESTER"), symbol)


def make_world(clock: Clock, *, seed: int = 7, reset_date: str = "2026-03-01", **options: Any) -> World:
    """A world on the tiny universe."""
    return World(make_universe(seed, reset_date), now=clock, seed=seed, **options)


def client_of(world: World, **options: Any) -> httpx2.AsyncClient:
    """A client of the whole HTTP shell, in process."""
    transport = httpx2.ASGITransport(app=create_app(world, **options))
    return httpx2.AsyncClient(transport=transport, base_url="http://sandbox/v2")


@pytest.fixture
def clock() -> Clock:
    """A clock at the epoch."""
    return Clock()


@pytest.fixture
def new_world() -> Callable[..., World]:
    """Make a world on the tiny universe: ``new_world(clock, seed=…, reset_date=…, …)``."""
    return make_world


@pytest.fixture
def new_clock() -> Callable[[], Clock]:
    """Make a clock at the epoch."""
    return Clock


@pytest.fixture
def new_client() -> Callable[..., httpx2.AsyncClient]:
    """Make a client of a world's HTTP shell, in process: ``new_client(world, rate_limit=…, speed=…)``."""
    return client_of


@pytest.fixture
def play() -> Callable[..., Any]:
    """Run an async story: ``play(story, **world options)`` hands it a :class:`Sandbox`.

    The rate limit is off and TESTER registered unless told otherwise.
    """

    async def run(story: Callable[[Sandbox], Any], options: dict[str, Any]) -> Any:
        limit = options.pop("rate_limit", False)
        speed = options.pop("speed", 1.0)
        clock = Clock()
        registered = options.pop("register", True)
        world = make_world(clock, **{"starting_fleet": ["SHIP_LIGHT_HAULER"], **options})
        token = world.register("TESTER", "COSMIC").token if registered else ""
        async with client_of(world, rate_limit=limit, speed=speed) as http:
            return await story(Sandbox(world, clock, http, token))

    return lambda story, **options: asyncio.run(run(story, options))
