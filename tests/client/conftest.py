"""A small scripted game server (Starlette, in process) and a network that can fail on the way to it."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.adapters.spacetraders.allowance import RateLimit
from goodsfactory.adapters.spacetraders.exchange import Permit
from goodsfactory.adapters.spacetraders.request_gate import RequestGate
from goodsfactory.adapters.spacetraders.retries import RetryPolicy
from goodsfactory.adapters.spacetraders.server import SpaceTradersServer
from goodsfactory.adapters.spacetraders.transports import in_process


class FixedWindows:
    """The server's limit as documented: ``per_second`` points a second, then ``burst`` a minute."""

    def __init__(self, per_second: int = 2, burst: int = 30) -> None:
        self._pools = [(per_second, timedelta(seconds=1)), (burst, timedelta(seconds=60))]
        self._opened: list[datetime | None] = [None, None]
        self._used = [0, 0]

    def admits(self, now: datetime) -> bool:
        """Count a request that arrives now; False is a 429."""
        for index, (points, window) in enumerate(self._pools):
            opened = self._opened[index]
            if opened is None or now >= opened + window:
                self._opened[index], self._used[index] = now, 0
                opened = now
            if self._used[index] < points:
                self._used[index] += 1
                return True
        return False


@dataclass
class Seen:
    """A request as the server got it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: datetime


Answer = Response | Callable[[Request], Response]


@dataclass
class GameApp:
    """Answers from a script: per "METHOD /path" a list of answers, of which the last one is repeated."""

    script: dict[str, list[Answer]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    clock: VirtualClock | None = None

    def on(self, endpoint: str, *answers: Answer) -> "GameApp":
        self.script[endpoint] = list(answers)
        return self

    @property
    def asked(self) -> list[str]:
        return [f"{seen.method} {seen.path}" for seen in self.seen]

    def application(self) -> Starlette:
        methods = ["GET", "POST", "PATCH"]
        return Starlette(routes=[Route("/v2{path:path}", self._answer, methods=methods)])

    async def _answer(self, request: Request) -> Response:
        assert self.clock is not None
        path = request.path_params["path"]
        self.seen.append(
            Seen(
                request.method,
                path,
                dict(request.query_params),
                dict(request.headers),
                await request.body(),
                self.clock.now(),
            )
        )
        answers = self.script[f"{request.method} {path}"]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer if isinstance(answer, Response) else answer(request)


@dataclass
class Network(httpx2.AsyncBaseTransport):
    """The way to the server. ``before`` fail ahead of the server, ``after`` once it has done its work."""

    to: httpx2.AsyncBaseTransport
    before: list[type[httpx2.RequestError]]
    after: list[type[httpx2.RequestError]]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.before:
            raise self.before.pop(0)("scripted", request=request)
        response = await self.to.handle_async_request(request)
        if self.after:
            raise self.after.pop(0)("scripted", request=request)
        return response


Work = Callable[[SpaceTradersServer, VirtualClock], Awaitable[Any]]


@dataclass
class Stage:
    """Runs ``work`` with a client connected to ``app``, in virtual time."""

    app: GameApp = field(default_factory=GameApp)
    before: list[type[httpx2.RequestError]] = field(default_factory=list)
    after: list[type[httpx2.RequestError]] = field(default_factory=list)
    limit: RateLimit | None = field(default_factory=RateLimit)
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    permit: Permit | None = None
    elapsed: float = 0.0

    def run(self, work: Work) -> Any:
        async def scene(clock: VirtualClock) -> Any:
            self.app.clock = clock
            network = Network(in_process(self.app.application()), self.before, self.after)
            server = SpaceTradersServer(
                network,
                "https://game/v2",
                clock,
                RequestGate(clock, self.limit),
                random.Random(1),
                policy=self.policy,
                permit=self.permit,
            )
            began = clock.now()
            try:
                return await work(server, clock)
            finally:
                self.elapsed = (clock.now() - began).total_seconds()
                await server.close()

        return run_virtual(scene)

    def call(self, ask: Callable[[Any], Awaitable[Any]], token: str = "TOKEN") -> Any:
        """Run one call of a session."""
        return self.run(lambda server, _clock: ask(server.session(token)))


def ok(data: Any, status: int = 200, **headers: str) -> Response:
    return JSONResponse({"data": data}, status, {k.replace("_", "-"): v for k, v in headers.items()})


def refusal(code: int, message: str, status: int = 400, data: Any = None, **headers: str) -> Response:
    error = {"message": message, "code": code, "requestId": "r-1"} | ({"data": data} if data else {})
    return JSONResponse({"error": error}, status, {k.replace("_", "-"): v for k, v in headers.items()})


def nav(waypoint: str = "X1-A1-B1", status: str = "DOCKED", **more: Any) -> dict[str, Any]:
    where = {"symbol": waypoint, "type": "PLANET", "systemSymbol": "X1-A1", "x": 0, "y": 0}
    route = {
        "origin": where | {"symbol": "X1-A1-C2", "x": 123},
        "destination": where,
        "departureTime": "2026-01-01T00:00:00.000Z",
        "arrival": "2026-01-01T00:01:40.500Z",
    }
    shape = {"systemSymbol": "X1-A1", "waypointSymbol": waypoint, "status": status}
    return shape | {"flightMode": "CRUISE", "route": route} | more


def agent(credits: int = 175_000) -> dict[str, Any]:
    return {
        "accountId": "a-1",
        "symbol": "ME",
        "headquarters": "X1-A1-B1",
        "credits": credits,
        "startingFaction": "COSMIC",
        "shipCount": 2,
    }


def cargo(capacity: int = 40, **inventory: int) -> dict[str, Any]:
    items = [{"symbol": s, "name": s, "description": s, "units": n} for s, n in inventory.items()]
    return {"capacity": capacity, "units": sum(inventory.values()), "inventory": items}


def ship(symbol: str = "ME-1", **more: Any) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "registration": {"name": symbol, "factionSymbol": "COSMIC", "role": "COMMAND"},
        "nav": nav(),
        "fuel": {"current": 300, "capacity": 400},
        "cargo": cargo(40, IRON_ORE=3),
        "engine": {"symbol": "ENGINE_ION_DRIVE_II", "speed": 36},
        "frame": {"symbol": "FRAME_FRIGATE"},
        "cooldown": {"shipSymbol": symbol, "totalSeconds": 0, "remainingSeconds": 0},
    } | more


def receipt(good: str = "IRON_ORE", units: int = 10, price: int = 50, **more: Any) -> dict[str, Any]:
    return {
        "waypointSymbol": "X1-A1-B1",
        "shipSymbol": "ME-1",
        "tradeSymbol": good,
        "type": "PURCHASE",
        "units": units,
        "pricePerUnit": price,
        "totalPrice": units * price,
        "timestamp": "2026-01-01T00:00:05.250Z",
    } | more


class Make:
    """The shapes of the game's answers."""

    ok = staticmethod(ok)
    refusal = staticmethod(refusal)
    nav = staticmethod(nav)
    agent = staticmethod(agent)
    cargo = staticmethod(cargo)
    ship = staticmethod(ship)
    receipt = staticmethod(receipt)
    windows = FixedWindows


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()
