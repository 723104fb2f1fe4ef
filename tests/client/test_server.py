"""Registration, sessions that share one gate, the server's time, and the two transports."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from goodsfactory.adapters.clocks import ScaledClock, SystemClock, VirtualClock, run_virtual
from goodsfactory.adapters.spacetraders.allowance import RateLimit
from goodsfactory.adapters.spacetraders.request_gate import RequestGate
from goodsfactory.adapters.spacetraders.retries import RetryPolicy
from goodsfactory.adapters.spacetraders.server import SpaceTradersServer
from goodsfactory.adapters.spacetraders.transports import Application, in_process, sockets
from goodsfactory.domain.errors import Unavailable, UserError
from goodsfactory.ports.game_api import GameApi, GameServer
from goodsfactory.ports.waiting import waited_for


def test_register_sends_the_account_token_and_gives_the_agents(stage: Any, make: Any) -> None:
    """Newer servers answer ``ships``."""
    answer = {"token": "NEW", "agent": make.agent(), "ships": [make.ship("ME-1"), make.ship("ME-2")]}
    stage.app.on("POST /register", make.ok(answer, 201))
    given = stage.run(lambda server, _: server.register("ME", "COSMIC", account_token="ACCOUNT"))
    assert (given.token, given.agent.symbol, [s.symbol for s in given.ships]) == (
        "NEW",
        "ME",
        ["ME-1", "ME-2"],
    )
    assert stage.app.seen[0].headers["authorization"] == "Bearer ACCOUNT"
    assert stage.app.seen[0].body == b'{"symbol":"ME","faction":"COSMIC"}'


@pytest.mark.parametrize("count", [0, 1])
def test_register_reads_the_older_single_ship(stage: Any, make: Any, count: int) -> None:
    """Older servers answer one ``ship``; without any the fleet is read later. No account token is sent."""
    answer = {"token": "NEW", "agent": make.agent()} | ({"ship": make.ship("ME-1")} if count else {})
    stage.app.on("POST /register", make.ok(answer, 201))
    given = stage.run(lambda server, _: server.register("ME", "COSMIC"))
    assert len(given.ships) == count
    assert "authorization" not in stage.app.seen[0].headers


def test_a_registration_whose_answer_is_lost_is_not_repeated(stage: Any, make: Any) -> None:
    """The call sign may be ours now, with a token nobody has seen."""
    stage.app.on("POST /register", make.ok({}))
    stage.after = [httpx2.ReadTimeout]
    with pytest.raises(Unavailable) as caught:
        stage.run(lambda server, _: server.register("ME", "COSMIC"))
    assert caught.value.maybe_done
    assert len(stage.app.seen) == 1


def test_a_ship_that_makes_no_sense_does_not_lose_the_token(stage: Any, make: Any) -> None:
    """The registration counts, with the ships that can be understood."""
    ships = [make.ship(nav=make.nav(status="FOLDED")), make.ship("ME-2"), None]
    stage.app.on("POST /register", make.ok({"token": "NEW", "agent": make.agent(), "ships": ships}))
    given = stage.run(lambda server, _: server.register("ME", "COSMIC"))
    assert (given.token, [ship.symbol for ship in given.ships]) == ("NEW", ["ME-2"])


@pytest.mark.parametrize("change", [{"token": "two words"}, {"token": 7}, {"agent": None}])
def test_a_registration_that_makes_no_sense_may_have_happened(
    stage: Any, make: Any, change: dict[str, Any]
) -> None:
    """Without a usable token the call sign may be ours all the same."""
    answer = {"token": "NEW", "agent": make.agent(), "ships": []} | change
    stage.app.on("POST /register", make.ok(answer))
    with pytest.raises(Unavailable, match="POST /register cannot be understood") as caught:
        stage.run(lambda server, _: server.register("ME", "COSMIC"))
    assert caught.value.maybe_done


def test_it_is_what_the_ports_ask_for(stage: Any, make: Any) -> None:
    """Server and session have every method of GameServer and GameApi."""

    async def work(server: SpaceTradersServer, _clock: Any) -> None:
        as_port: GameServer = server
        session: GameApi = as_port.session("T")
        for port, part in ((GameServer, server), (GameApi, session)):
            wanted = {name for name in vars(port) if not name.startswith("_")}
            assert wanted <= {name for name in dir(part) if callable(getattr(part, name))}

    stage.run(work)


def test_all_sessions_share_one_gate(stage: Any, make: Any) -> None:
    """Three agents behind one address have the limit of one address."""
    stage.limit = RateLimit(1, 0)
    stage.app.on("GET /my/agent", make.ok(make.agent()))

    async def work(server: Any, _clock: Any) -> Any:
        await asyncio.gather(*(server.session(token).agent() for token in ("A", "B", "C")))
        return server.session("D").statistics()

    assert stage.run(work).sent == 3
    assert stage.elapsed == 2.0


def test_status_needs_no_session(stage: Any) -> None:
    """The server can be asked how it is before there is an agent."""
    stage.app.on("GET /", JSONResponse({"status": "up", "version": "v2.3.0", "resetDate": "2026-01-04"}))
    assert stage.run(lambda server, _: server.status()).reset_date == "2026-01-04"


def test_a_closed_server_says_so(stage: Any, make: Any) -> None:
    """A call after close is Unavailable, not a complaint of a library, and costs no place."""

    async def work(server: Any, _clock: Any) -> Any:
        await server.close()
        with pytest.raises(Unavailable, match="closed by this program"):
            await server.session("T").agent()
        return server.statistics().sent

    assert stage.run(work) == 0


@pytest.mark.parametrize(
    "base_url",
    ["", "api.spacetraders.io/v2", "ftp://game/v2", "https://", "/v2", "http://[::1", "https://me:pw@x/v2"],
)
def test_an_address_that_is_none_is_refused_at_once(base_url: str) -> None:
    """One sentence that says what it should look like, and never a password."""

    async def play(clock: VirtualClock) -> None:
        SpaceTradersServer(sockets(), base_url, clock, RequestGate(clock, None), random.Random(1))

    with pytest.raises(UserError, match="address of a game server") as caught:
        run_virtual(play)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("base_url", ["http://game.example/v2", "http://10.0.0.7:8000/v2"])
def test_no_token_travels_unencrypted_beyond_this_machine(base_url: str, make: Any) -> None:
    """Neither that of an agent nor the one that a registration brings; nothing is sent (law L12)."""

    async def play(clock: VirtualClock) -> None:
        server = connect(in_process(Starlette()), clock, base_url=base_url)
        with pytest.raises(UserError, match="would carry tokens unencrypted: use https"):
            server.session("T")
        with pytest.raises(UserError, match="would carry tokens unencrypted: use https"):
            await server.register("ME", "COSMIC")
        assert server.statistics().sent == 0
        await server.close()

    run_virtual(play)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_a_server_on_this_machine_may_speak_plain_http(host: str, make: Any) -> None:
    """As the sandbox does."""

    async def play(clock: VirtualClock) -> None:
        async def agent(_request: Request) -> Response:
            return JSONResponse({"data": make.agent()})

        application = Starlette(routes=[Route("/v2/my/agent", agent)])
        server = connect(in_process(application), clock, base_url=f"http://{host}/v2")
        assert (await server.session("T").agent()).symbol == "ME"
        await server.close()

    run_virtual(play)


def test_a_crash_of_an_application_in_process_is_a_500(make: Any) -> None:
    """Over the in-process transport a failing server looks as it does over sockets."""

    async def crash(_request: Request) -> Response:
        raise ZeroDivisionError

    async def play(clock: VirtualClock) -> None:
        application = Starlette(routes=[Route("/v2/my/agent", crash)])
        server = connect(in_process(application), clock, policy=RetryPolicy(attempts=2))
        with pytest.raises(Unavailable, match="HTTP 500"):
            await server.session("T").agent()
        assert server.statistics().sent == 2
        await server.close()

    run_virtual(play)


@pytest.mark.parametrize(("off", "limited", "answered"), [(-1800, 1, True), (1800, 99, False)])
def test_a_corrected_clock_makes_nobody_more_or_less_patient(
    make: Any, off: float, limited: int, answered: bool
) -> None:
    """The first answer is a 429 that also sets the clock right, by half an hour."""

    async def play(clock: VirtualClock) -> float:
        asked = 0

        async def answer(_request: Request) -> Response:
            nonlocal asked
            asked += 1
            told = {"x-sandbox-time": clock.now().isoformat(), "retry-after": "1"}
            error = {"error": {"message": "Slow down.", "code": 429}}
            if asked <= limited:
                return JSONResponse(error, 429, told)
            return JSONResponse({"data": make.agent()}, 200, told)

        watch = ScaledClock(
            start=clock.now() + timedelta(seconds=off), monotonic=asyncio.get_running_loop().time
        )
        application = Starlette(routes=[Route("/v2/my/agent", answer)])
        server, began = connect(in_process(application), watch), clock.now()
        told = contextlib.nullcontext() if answered else pytest.raises(Unavailable, match="Rate limited")
        with told, waited_for():
            await server.session("T").agent()
        await server.close()
        return (clock.now() - began).total_seconds()

    waited = run_virtual(play)
    assert 1 <= waited < 2 if answered else 28 < waited <= 31


def connect(
    transport: httpx2.AsyncBaseTransport,
    clock: Any,
    *,
    base_url: str = "https://game/v2",
    limit: RateLimit | None = None,
    policy: RetryPolicy | None = None,
) -> SpaceTradersServer:
    gate = RequestGate(clock, limit)
    return SpaceTradersServer(transport, base_url, clock, gate, random.Random(1), policy=policy)


class Jittery(httpx2.AsyncBaseTransport):
    """A network with delays of up to ``most`` real seconds each way."""

    def __init__(self, to: httpx2.AsyncBaseTransport, most: float, seed: int) -> None:
        self._to, self._most, self._chance = to, most, random.Random(seed)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(self._chance.random() * self._most)
        response = await self._to.handle_async_request(request)
        await asyncio.sleep(self._chance.random() * self._most)
        return response


class FastServer:
    """A server whose time runs ``speed`` times as fast as the loop's; the limit is in its time."""

    START = datetime(2030, 5, 1, tzinfo=UTC)

    def __init__(self, windows: Any, agent: Any, speed: float) -> None:
        self._windows, self._agent, self.speed = windows, agent, speed
        self.refused = 0

    def now(self) -> datetime:
        return self.START + timedelta(seconds=asyncio.get_running_loop().time() * self.speed)

    def application(self) -> Application:
        async def answer(_request: Request) -> Response:
            headers = {
                "x-sandbox-time": self.now().isoformat(timespec="milliseconds"),
                "x-sandbox-speed": str(self.speed),
            }
            if self._windows.admits(self.now()):
                return JSONResponse({"data": self._agent}, headers=headers)
            self.refused += 1
            return Response(status_code=429, headers=headers)

        return Starlette(routes=[Route("/v2/my/agent", answer)])


@pytest.mark.parametrize("speed", [1.0, 20.0, 200.0])
def test_the_clock_follows_a_fast_server_and_the_gate_keeps_its_limit(make: Any, speed: float) -> None:
    """Time and speed come from the answers; the limit holds in the server's time, also while it is learnt."""

    async def play(clock: VirtualClock) -> tuple[float, int, float]:
        loop = asyncio.get_running_loop()
        scaled = ScaledClock(start=clock.now(), monotonic=loop.time)
        fast = FastServer(make.windows(), make.agent(), speed)
        transport = Jittery(in_process(fast.application()), 0.03, seed=3)
        server = connect(transport, scaled, limit=RateLimit())
        session = server.session("T")

        async def client() -> None:
            while loop.time() < 90 / speed + 1:
                await session.agent()

        async with asyncio.TaskGroup() as tasks:
            for _ in range(40):
                tasks.create_task(client())
        error = abs((scaled.now() - fast.now()).total_seconds())
        await server.close()
        return error, fast.refused, scaled.speed

    error, refused, learnt = run_virtual(play)
    assert refused == 0
    assert learnt == speed
    assert error <= 0.06 * speed + 0.002


def test_a_date_header_corrects_skew(stage: Any, make: Any) -> None:
    """Against a live server an hour of skew is gone after the first answer."""

    async def play(clock: VirtualClock) -> float:
        async def answer(_request: Request) -> Response:
            return JSONResponse({"data": make.agent()}, headers={"date": "Thu, 01 Jan 2026 01:00:00 GMT"})

        scaled = ScaledClock(start=clock.now(), monotonic=asyncio.get_running_loop().time)
        application = Starlette(routes=[Route("/v2/my/agent", answer)])
        server = connect(in_process(application), scaled)
        await server.session("T").agent()
        await server.close()
        return (scaled.now() - datetime(2026, 1, 1, 1, tzinfo=UTC)).total_seconds()

    assert 0 <= run_virtual(play) <= 1


def test_a_correction_of_the_clock_frees_no_place_early(make: Any) -> None:
    """Setting the clock forward by an hour is no hour in which the server has rested."""

    async def play(clock: VirtualClock) -> list[float]:
        loop = asyncio.get_running_loop()
        sent: list[float] = []

        async def answer(_request: Request) -> Response:
            sent.append(round(loop.time(), 6))
            headers = {"date": "Thu, 01 Jan 2026 01:00:00 GMT"} if len(sent) > 1 else {}
            return JSONResponse({"data": make.agent()}, headers=headers)

        scaled = ScaledClock(start=clock.now(), monotonic=loop.time)
        application = Starlette(routes=[Route("/v2/my/agent", answer)])
        server = connect(in_process(application), scaled, limit=RateLimit(2, 0))
        session = server.session("T")
        await session.agent()
        await clock.sleep(0.25)
        await session.agent()
        await session.agent()
        await server.close()
        return sent

    assert run_virtual(play) == [0.0, 0.25, 1.0]


def test_a_clock_that_cannot_follow_is_left_alone(stage: Any, make: Any) -> None:
    """The plain clock of a simulation ignores what the server says about time."""
    headers = {"x-sandbox-time": "2040-01-01T00:00:00.000Z", "x-sandbox-speed": "9"}
    stage.app.on("GET /my/agent", JSONResponse({"data": make.agent()}, headers=headers))
    stage.call(lambda s: s.agent())
    assert stage.elapsed == 0.0


@asynccontextmanager
async def tcp(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server on a real socket that sends ``answer`` to every request and hangs up."""
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = [
            int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
        ]
        requests.append(head + await reader.readexactly(length[0] if length else 0))
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2", requests


AGENT = b'{"data": {"symbol": "ME", "credits": 5, "headquarters": "X1-A1-B1", "shipCount": 2}}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(AGENT), AGENT)


def over_sockets(answer: bytes, ask: Any, *, listening: bool = True) -> tuple[Any, list[bytes]]:
    async def play() -> tuple[Any, list[bytes]]:
        async with tcp(answer) as (base_url, requests):
            if not listening:
                base_url = "http://127.0.0.1:1/v2"
            server = connect(sockets(), SystemClock(), base_url=base_url, policy=RetryPolicy(attempts=1))
            try:
                return await ask(server.session("SECRET")), requests
            except Unavailable as error:
                return error, requests
            finally:
                await server.close()

    return asyncio.run(play())


def test_over_sockets_a_call_is_one_http_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """Straight to the address given: a proxy in the environment is not asked."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    agent, requests = over_sockets(ANSWER, lambda s: s.agent())
    assert agent.credits == 5
    assert requests[0].startswith(b"GET /v2/my/agent HTTP/1.1\r\n")


def test_over_sockets_nobody_listening_is_nothing_done() -> None:
    """A refused connection is Unavailable, and a purchase certainly did not happen."""
    error, requests = over_sockets(ANSWER, lambda s: s.purchase("ME-1", "IRON", 1), listening=False)
    assert isinstance(error, Unavailable)
    assert not error.maybe_done
    assert requests == []


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", b"nonsense\r\n\r\n"]
)
def test_over_sockets_a_broken_answer_leaves_a_purchase_in_doubt(answer: bytes) -> None:
    """The request went out and no whole answer came back: once, not again, and nobody knows."""
    error, requests = over_sockets(answer, lambda s: s.purchase("ME-1", "IRON", 1))
    assert isinstance(error, Unavailable)
    assert error.maybe_done
    assert len(requests) == 1
    assert "SECRET" not in str(error)
