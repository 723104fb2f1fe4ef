"""Faults on demand, as clients see them."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from tests.sandbox.conftest import Clock

from goodsfactory.adapters.spacetraders.transports import in_process
from goodsfactory.sandbox.faults import Fault, FaultKind, Faults, Sighting
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.serve import serve
from goodsfactory.sandbox.world import World

FAULTS = "http://localhost/sandbox/faults"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ORBIT = "/my/ships/TESTER-1/orbit"


async def arm(s: Any, kind: Any, **matters: Any) -> Any:
    """Arm a fault and return its id."""
    answer = await s.call("POST", FAULTS, json={"kind": kind, **matters}, token=None)
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["id"]


def test_a_storm_of_429_ends_after_its_count(play: Callable[..., Any]) -> None:
    """Refusals carry all the headers and the body of the real limit; nothing happens; then all is well."""

    async def story(s: Any) -> None:
        await arm(s, "limited", count=2)
        for _ in range(2):
            refused = await s.call("POST", ORBIT, json={})
            assert refused.status_code == 429
            assert refused.json()["error"]["code"] == 429
            assert refused.json()["error"]["data"]["retryAfter"] == 1
            assert refused.headers["retry-after"] == "1"
            assert refused.headers["x-ratelimit-remaining"] == "0"
            assert s.ship("TESTER-1").docked
        assert (await s.call("POST", ORBIT, json={})).status_code == 200

    play(story)


@pytest.mark.parametrize(
    ("kind", "more", "status", "code"),
    [
        ("error", {}, 500, 3002),
        ("error", {"status": 502}, 502, 502),
        ("error", {"status": 503}, 503, 503),
        ("maintenance", {}, 503, 503),
    ],
)
def test_a_failing_server_has_no_effect(
    play: Callable[..., Any], kind: str, more: Any, status: int, code: int
) -> None:
    """5xx and maintenance come in the envelope, in place of the request's effect."""

    async def story(s: Any) -> None:
        await arm(s, kind, method="POST", **more)
        await s.refused(code, "POST", ORBIT, {}, status=status)
        assert s.ship("TESTER-1").docked
        await s.get("/my/ships/TESTER-1")

    play(story)


@pytest.mark.parametrize(("kind", "docked"), [("html", True), ("html-after", False)])
def test_a_page_of_a_proxy(play: Callable[..., Any], kind: str, docked: bool) -> None:
    """HTML under any status from 400, before or after the effect; the next request gets the game's answer."""

    async def story(s: Any) -> None:
        for status in (403, 502, 599):
            s.ship("TESTER-1").docked = True
            await arm(s, kind, status=status, path=ORBIT, count=1)
            answer = await s.call("POST", ORBIT, json={})
            assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")
            assert answer.text.startswith(f"<html><head><title>{status} ")
            assert s.ship("TESTER-1").docked is docked
        assert (await s.call("POST", ORBIT, json={})).status_code == 200
        for kind_, low in (("html", 399), ("error", 403)):
            await s.refused(3001, "POST", FAULTS, {"kind": kind_, "status": low}, status=422)

    play(story)


def test_a_fault_ends_with_its_time(play: Callable[..., Any]) -> None:
    """A duration is sandbox time; afterwards the fault is no longer listed."""

    async def story(s: Any) -> None:
        await arm(s, "maintenance", durationSeconds=60)
        s.clock.advance(59)
        assert (await s.call("GET", "/my/agent")).status_code == 503
        s.clock.advance(1)
        assert (await s.call("GET", "/my/agent")).status_code == 200
        assert (await s.call("GET", FAULTS, token=None)).json()["data"] == []

    play(story)


def test_a_dropped_request_before_and_after_its_effect(play: Callable[..., Any]) -> None:
    """In process both break the call; only after its effect has the request happened, once."""

    async def story(s: Any) -> None:
        purchase = ("POST", "/my/ships/TESTER-1/purchase")
        order = {"symbol": "IRON", "units": 3}
        await arm(s, "drop-before", path="/my/ships/*/purchase", count=1)
        with pytest.raises(ConnectionResetError, match="dropped"):
            await s.call(*purchase, json=order)
        assert s.ship("TESTER-1").cargo_units == 0
        await arm(s, "drop-after", path="/v2/my/ships/*/purchase", count=1)
        with pytest.raises(ConnectionResetError, match="dropped"):
            await s.call(*purchase, json=order)
        assert s.ship("TESTER-1").hold == {"IRON": 3}
        assert (await s.call(*purchase, json=order)).status_code == 201

    play(story)


@pytest.mark.parametrize(("kind", "docked"), [("drop-before", True), ("drop-after", False)])
def test_over_a_socket_the_connection_really_closes(
    new_world: Callable[..., World], clock: Clock, kind: str, docked: bool
) -> None:
    """The client sees the server hang up without an answer; the next request is served."""
    world, faults = new_world(clock), Faults()
    token = world.register("TESTER", "COSMIC").token
    app = create_app(world, rate_limit=False, faults=faults)
    faults.add(FaultKind(kind), path=ORBIT, count=1)

    async def story() -> None:
        stop = asyncio.Event()
        url: asyncio.Queue[str] = asyncio.Queue()
        serving = asyncio.create_task(serve(app, started=url.put_nowait, stop=stop))
        headers = {"authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(base_url=await url.get(), headers=headers) as http:
            with pytest.raises(httpx2.RemoteProtocolError):
                await http.post(ORBIT, json={})
            nav = (await http.get("/my/ships/TESTER-1/nav")).json()["data"]
            assert (nav["status"] == "DOCKED") is docked
        stop.set()
        await serving

    asyncio.run(story())


def test_a_slow_answer_waits_first(new_world: Callable[..., World], clock: Clock) -> None:
    """The request happens after the wait, in the time it has become by then."""
    world, waits = new_world(clock), []
    token = world.register("TESTER", "COSMIC").token

    async def sleep(seconds: Any) -> None:
        waits.append((seconds, world.ship(world.agents.find("TESTER"), "TESTER-1").docked))
        clock.advance(seconds)

    app = create_app(world, rate_limit=False, sleep=sleep)

    async def story() -> None:
        transport = httpx2.ASGITransport(app=app)
        headers = {"authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://sandbox/v2", headers=headers
        ) as http:
            await http.post(FAULTS, json={"kind": "slow", "seconds": 7, "method": "POST"})
            answer = await http.post(ORBIT, json={})
            assert answer.status_code == 200
            assert answer.headers["x-sandbox-time"] == "2026-03-01T13:00:07.000Z"
        assert waits == [(7, True)]

    asyncio.run(story())


def test_who_gives_up_on_a_slow_answer_is_let_go(new_world: Callable[..., World], clock: Clock) -> None:
    """In process a caller that is cancelled ends as cancelled: it gets no answer made up for it."""
    faults, waiting = Faults(), asyncio.Event()
    faults.add(FaultKind.SLOW, seconds=600)

    async def sleep(seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    app = create_app(new_world(clock), faults=faults, sleep=sleep)

    async def story() -> None:
        async with httpx2.AsyncClient(transport=in_process(app), base_url="http://sandbox/v2") as http:
            asking = asyncio.create_task(http.get("/"))
            await waiting.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    asyncio.run(story())


def test_one_unreadable_ship_spoils_its_pages(play: Callable[..., Any]) -> None:
    """The ship and every page it is on answer 500 with 3000; others, and orders to the ship, work."""

    async def story(s: Any) -> None:
        await arm(s, "unreadable", ship="TESTER-2")
        await s.refused(3000, "GET", "/my/ships/TESTER-2", status=500)
        await s.refused(3000, "GET", "/my/ships", status=500)
        await s.refused(3000, "GET", "/my/ships?limit=1&page=2", status=500)
        for page in (1, 3):
            assert len(await s.get(f"/my/ships?limit=1&page={page}")) == 1
        await s.get("/my/ships/TESTER-1")
        await s.get("/my/ships/TESTER-2/nav")
        await s.post("/my/ships/TESTER-2/orbit")

    play(story)


def test_a_page_of_ships_that_fails(play: Callable[..., Any]) -> None:
    """That page alone, whatever its size; no single ship is hurt."""

    async def story(s: Any) -> None:
        await arm(s, "unreadable", page=2)
        await s.get("/my/ships?limit=1")
        await s.refused(3000, "GET", "/my/ships?limit=1&page=2", status=500)
        await s.get("/my/ships?limit=1&page=3")
        for number in (1, 2, 3):
            await s.get(f"/my/ships/TESTER-{number}")

    play(story)


def test_a_skewed_clock(play: Callable[..., Any]) -> None:
    """Clients are told a time that is off, in both headers; the world keeps its own."""

    async def story(s: Any) -> None:
        await arm(s, "skew", seconds=-90)
        answer = await s.call("GET", "/my/agent")
        assert answer.headers["x-sandbox-time"] == "2026-03-01T12:58:30.000Z"
        assert answer.headers["date"] == "Sun, 01 Mar 2026 12:58:30 GMT"
        ship = await s.get("/my/ships/TESTER-1")
        assert ship["nav"]["route"]["arrival"] == "2026-03-01T13:00:00.000Z"

    play(story)


def test_a_drained_source_stays_empty_until_it_is_cleared(play: Callable[..., Any]) -> None:
    """The good is SCARCE for hours of production; cleared, the market makes it again."""

    def stock(s: Any) -> Any:
        return s.world.market("X1-TINY-B3").good("IRON_ORE", s.clock.now).net_supply

    async def story(s: Any) -> None:
        number = await arm(s, "drained", waypoint="X1-TINY-B3", good="IRON_ORE")
        assert stock(s) == -320
        s.clock.advance(24 * 3600)
        assert stock(s) == -320
        await s.call("DELETE", f"{FAULTS}/{number}", token=None)
        assert stock(s) == -320
        s.clock.advance(24 * 3600)
        assert stock(s) > -320

    play(story)


def test_a_halted_market_makes_nothing_for_its_time(play: Callable[..., Any]) -> None:
    """Stock stands still while others' moves; it moves again when the time is over, whoever looks when."""

    def stock(s: Any, good: Any) -> Any:
        return s.world.market("X1-TINY-B3").good(good, s.clock.now).net_supply

    async def story(s: Any) -> None:
        before, other = stock(s, "IRON_ORE"), stock(s, "SHIP_PARTS")
        await arm(s, "halted", waypoint="X1-TINY-B3", good="IRON_ORE", durationSeconds=12 * 3600)
        s.clock.advance(12 * 3600)
        assert stock(s, "IRON_ORE") == before
        assert stock(s, "SHIP_PARTS") != other
        s.clock.advance(24 * 3600)
        assert stock(s, "IRON_ORE") != before

    play(story)


def test_faults_are_listed_and_cleared(play: Callable[..., Any]) -> None:
    """The list tells what was asked and how often it struck; cleared, nothing goes wrong any more."""

    async def story(s: Any) -> None:
        first = await arm(s, "error", agent="TESTER", path="/my/agent", skip=1)
        await arm(s, "maintenance", agent="RIVAL")
        assert (await s.call("GET", "/my/agent")).status_code == 200
        assert (await s.call("GET", "/my/agent")).status_code == 500
        listed = (await s.call("GET", FAULTS, token=None)).json()["data"]
        assert listed[0] == {
            "id": first,
            "kind": "error",
            "struck": 1,
            "path": "/my/agent",
            "agent": "TESTER",
            "status": 500,
        }
        assert listed[1]["struck"] == 0
        gone = await s.call("DELETE", FAULTS, token=None)
        assert len(gone.json()["data"]) == 2
        assert (await s.call("GET", "/my/agent")).status_code == 200
        await s.refused(404, "DELETE", f"{FAULTS}/{first}", status=404, token=None)

    play(story)


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        ({"kind": "mischief"}, 3001, 422),
        ({}, 3001, 422),
        ({"kind": "slow", "seconds": 1}, 3001, 422),
        ({"kind": "skew"}, 3001, 422),
        ({"kind": "unreadable"}, 3001, 422),
        ({"kind": "drained", "good": "IRON"}, 3001, 422),
        ({"kind": "halted", "waypoint": "X1-TINY-A1"}, 3001, 422),
        ({"kind": "error", "status": 404}, 3001, 422),
        ({"kind": "error", "count": 0}, 3001, 422),
        ({"kind": "error", "skip": -1}, 3001, 422),
        ({"kind": "error", "durationSeconds": 0}, 3001, 422),
        ({"kind": "halted", "waypoint": "X1-TINY-A1", "good": "DIAMONDS"}, 4601, 400),
        ({"kind": "drained", "waypoint": "X1-TINY-A2", "good": "IRON"}, 4603, 404),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    play: Callable[..., Any], body: Any, code: int, status: int
) -> None:
    """A sentence says what is missing, and nothing is armed."""

    async def story(s: Any) -> None:
        await s.refused(code, "POST", FAULTS, body, status=status, token=None)
        assert (await s.call("GET", FAULTS, token=None)).json()["data"] == []

    play(story)


@pytest.mark.parametrize(
    ("seen", "struck"),
    [
        (Sighting("POST", "/my/ships/A-1/sell", "A", ["A-1"]), True),
        (Sighting("GET", "/my/ships/A-1/sell", "A", ["A-1"]), False),
        (Sighting("POST", "/my/ships/A-1/dock", "A", ["A-1"]), False),
        (Sighting("POST", "/my/ships/B-1/sell", "B", ["B-1"]), False),
        (Sighting("POST", "/my/ships/A-2/sell", "A", ["A-2"]), False),
        (Sighting("POST", "/my/ships/A-1/sell", None, ["A-1"]), False),
    ],
)
def test_a_fault_strikes_what_it_is_meant_for(seen: Any, struck: bool) -> None:
    """Method, path, agent and ship must all fit."""
    faults = Faults()
    faults.add(FaultKind.ERROR, method="POST", path="/my/ships/*/sell", agent="A", ship="A-1")
    assert bool(faults.strike(seen, NOW)) is struck


def test_skip_and_count_make_the_third_and_fourth_fail() -> None:
    """Requests are counted one by one, and the fault is gone when it is used up."""
    faults = Faults()
    faults.add(FaultKind.ERROR, skip=2, count=2)
    seen = Sighting("GET", "/", None)
    struck = [bool(faults.strike(seen, NOW)) for _ in range(6)]
    assert struck == [False, False, True, True, False, False]
    assert not len(faults)


def test_a_fault_without_conditions_matches_everything() -> None:
    """Only what is told narrows it down."""
    assert Fault(id=1, kind=FaultKind.ERROR).matches(Sighting("PUT", "/x", None))
