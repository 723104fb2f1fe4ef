"""Compressed time: real time is kept, and everything lasts a part of what it lasts elsewhere."""

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.sandbox.conftest import Clock
from tests.sandbox.wall_clock import WallClockBot

from goodsfactory.adapters.clocks import ForwardClock, ScaledClock, VirtualClock, run_virtual, time_source
from goodsfactory.sandbox.http.app import SandboxApp
from goodsfactory.sandbox.opening import Choices, open_sandbox
from goodsfactory.sandbox.serve import serve
from goodsfactory.sandbox.timestamps import Calendar

FACTOR = 20
BEGUN = datetime(2026, 3, 1, 13, tzinfo=UTC)


def opened(real: Callable[[], datetime], **choices: Any) -> SandboxApp:
    """A lonely home system."""
    return open_sandbox(Choices(systems=1, **choices), real=real, sleep=asyncio.sleep)


def client(app: SandboxApp) -> httpx2.AsyncClient:
    """A client in process."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://sandbox/v2")


def test_a_bot_that_waits_by_its_own_clock_plays() -> None:
    """It flies, extracts twice and sells, never too early, in a twentieth of the time a flight takes."""

    async def story(clock: VirtualClock) -> None:
        durations = []
        for factor in (1, FACTOR):
            async with client(opened(clock.now, compress=factor)) as http:
                bot = WallClockBot(http, clock.now, asyncio.sleep)
                await bot.play()
                assert bot.sales
                durations.append(bot.flights)
        assert len(durations[0]) == len(durations[1]) >= 2
        for slow, quick in zip(*durations, strict=True):
            assert slow / FACTOR == pytest.approx(quick, abs=0.001)

    run_virtual(story)


def test_it_plays_over_a_socket_by_the_clock_of_the_machine() -> None:
    """The same with a real server, and with the time of this machine on both sides."""

    def now() -> datetime:
        return datetime.now(UTC)

    async def story() -> None:
        stop, url = asyncio.Event(), asyncio.Queue[str]()
        app = opened(now, compress=600, rate_limit=False)
        serving = asyncio.create_task(serve(app, started=url.put_nowait, stop=stop))
        async with httpx2.AsyncClient(base_url=await url.get()) as http:
            bot = WallClockBot(http, now, asyncio.sleep)
            await bot.play()
        stop.set()
        await serving
        assert bot.sales

    asyncio.run(story())


class TestBothClocks:
    """Time that runs twenty times as fast, and time in which everything lasts a twentieth."""

    @staticmethod
    async def day(app: SandboxApp, clock: Clock) -> tuple[list[Any], list[Any]]:
        """Trade in both directions, now and then, for a day of the rules: what was told, what is left."""
        told: list[Any] = []
        async with client(app) as http:
            new = (await http.post("/register", json={"symbol": "TWIN", "faction": "COSMIC"})).json()["data"]
            http.headers["authorization"] = f"Bearer {new['token']}"
            home = new["agent"]["headquarters"]
            market = f"/systems/{home.rpartition('-')[0]}/waypoints/{home}/market"
            for step in range(48):
                clock.advance(30 * 60 / FACTOR)
                goods = (await http.get(market)).json()["data"]["tradeGoods"]
                told.append(goods)
                order = {"symbol": goods[step % len(goods)]["symbol"], "units": 1 + step % 3}
                for trade in ("purchase", "sell"):
                    done = (await http.post(f"/my/ships/TWIN-1/{trade}", json=order)).json()
                    paid = done.get("data", {}).get("transaction", done.get("error"))
                    told.append(paid["pricePerUnit"] if "pricePerUnit" in paid else paid["code"])
            told.append((await http.get("/my/agent")).json()["data"]["credits"])
        world = app._world
        left = [
            (good.symbol, good.net_supply, good.trade_volume, good.activity, good.margin, good.carry)
            for place in world.universe.markets
            for good in world.universe.markets[place].goods(world.now())
        ]
        return told, left

    def test_both_reach_the_same_economy(self) -> None:
        """Every quote of every step, every price paid, and the hidden state of every market are the same."""

        async def story() -> None:
            found = []
            for choice in ({"speed": FACTOR}, {"compress": FACTOR}):
                clock = Clock(BEGUN)
                found.append(await self.day(opened(clock, rate_limit=False, **choice), clock))
            (told, left), (told_compressed, left_compressed) = found
            assert told == told_compressed
            assert left == left_compressed
            quotes = [each for each in told if isinstance(each, list)]
            assert quotes[0] != quotes[-1], "nothing moved: the comparison would prove nothing"

        asyncio.run(story())


def test_nothing_told_lies_beyond_the_clients_time(tmp_path: Path) -> None:
    """After days of the rules departures, trades, surveys and headers still read as real time."""

    async def story() -> None:
        clock = Clock(BEGUN)
        async with client(opened(clock, compress=FACTOR)) as http:
            clock.advance(12 * 3600)
            new = (await http.post("/register", json={"symbol": "WALL", "faction": "COSMIC"})).json()["data"]
            http.headers["authorization"] = f"Bearer {new['token']}"
            assert new["ships"][0]["nav"]["route"]["departureTime"] == "2026-03-02T01:00:00.000Z"
            claims = json.loads(base64.urlsafe_b64decode(new["token"].split(".")[1] + "=="))
            assert claims["iat"] == datetime(2026, 3, 2, 1, tzinfo=UTC).timestamp()
            assert new["contract"]["deadlineToAccept"] == "2026-03-02T02:12:00.000Z"
            answer = await http.get("/my/agent")
            assert answer.headers["x-sandbox-time"] == "2026-03-02T01:00:00.000Z"
            assert answer.headers["x-sandbox-speed"] == "1"
            state = (await http.get("http://localhost/sandbox/state")).json()
            assert (state["time"], state["speed"], state["compress"]) == (
                "2026-03-02T01:00:00.000Z",
                1,
                FACTOR,
            )

    asyncio.run(story())


def test_the_request_limit_is_told_in_real_time() -> None:
    """Its windows are compressed like all that lasts: a second is a twentieth, and is told as one at most."""

    async def story() -> None:
        async with client(opened(Clock(BEGUN), compress=FACTOR)) as http:
            answers = [await http.get("/") for _ in range(33)]
            assert [answer.status_code for answer in answers[-2:]] == [200, 429]
            error = answers[-1].json()["error"]["data"]
            assert (error["retryAfter"], error["reset"]) == (1, "2026-03-01T13:00:00.050Z")
            assert answers[-1].headers["x-ratelimit-reset"] == error["reset"]
            assert answers[-1].headers["retry-after"] == "1"

    asyncio.run(story())


def test_a_survey_told_in_real_time_is_understood() -> None:
    """A client hands back the expiration it read, and the survey is known."""

    async def story() -> None:
        clock = Clock(BEGUN)
        async with client(opened(clock, compress=7)) as http:
            new = (await http.post("/register", json={"symbol": "WALL", "faction": "COSMIC"})).json()["data"]
            http.headers["authorization"] = f"Bearer {new['token']}"
            system = new["ships"][0]["nav"]["systemSymbol"]
            rocks = await http.get(f"/systems/{system}/waypoints?type=ENGINEERED_ASTEROID")
            rock = rocks.json()["data"][0]["symbol"]
            await http.post("/my/ships/WALL-1/orbit", json={})
            await http.post("/my/ships/WALL-1/navigate", json={"waypointSymbol": rock})
            clock.advance(600)
            found = (await http.post("/my/ships/WALL-1/survey", json={})).json()["data"]
            assert found["cooldown"]["totalSeconds"] == -(-90 // 7)
            clock.advance(13)
            survey = found["surveys"][0]
            done = await http.post("/my/ships/WALL-1/extract/survey", json=survey)
            assert done.status_code == 201, done.text
            clock.advance(13)
            forged = {**survey, "expiration": "2027-01-01T00:00:00.000Z"}
            refused = await http.post("/my/ships/WALL-1/extract/survey", json=forged)
            assert refused.json()["error"]["code"] == 4220

    asyncio.run(story())


def test_an_arrival_is_never_told_too_early() -> None:
    """Whatever the factor: at the instant told, the instant meant is reached; at most a millisecond late."""
    for factor in (2, 7, 20, 999, 3600):
        calendar = Calendar(BEGUN, factor)
        for milliseconds in (0, 1, 999, 86_400_001):
            meant = BEGUN + timedelta(milliseconds=milliseconds)
            told = calendar.told(meant)
            assert BEGUN + (told - BEGUN) * factor >= meant
            assert told - BEGUN - (meant - BEGUN) / factor <= timedelta(milliseconds=1)


def test_a_kept_universe_went_on_while_nobody_served_it(tmp_path: Path) -> None:
    """What was told stays true over a restart: real time does not stop, so neither does the universe."""
    clock = Clock(BEGUN)
    path = tmp_path / "universe.db"
    app = opened(clock, compress=FACTOR, state=path)
    app.close()
    clock.advance(3600)
    app = opened(clock, compress=FACTOR, state=path)
    assert app._world.now() == BEGUN + timedelta(hours=FACTOR)
    assert app._world.calendar.told(app._world.now()) == clock()
    app.close()
    with pytest.raises(ValueError, match=r"holds another universe \(compress 20, not 1"):
        opened(clock, state=path)


def test_compressed_time_is_not_turned() -> None:
    """Neither at the start nor by an operator: it would part from the clients' own."""

    async def story() -> None:
        clock = Clock(BEGUN)
        async with client(opened(clock, compress=FACTOR)) as http:
            for body in ({"jumpSeconds": 60}, {"paused": True}, {"speed": 2}):
                refused = await http.post("http://localhost/sandbox/time", json=body)
                assert (refused.status_code, refused.json()["error"]["code"]) == (422, 3001)
            answer = await http.get("/")
            assert answer.headers["x-sandbox-time"] == "2026-03-01T13:00:00.000Z"

    asyncio.run(story())
    with pytest.raises(ValueError, match="choose a speed, or a factor to compress by"):
        opened(Clock(BEGUN), speed=2, compress=2)


def test_an_operator_may_look_at_the_time() -> None:
    """It is told as clients read it; to turn it is refused."""
    clock = Clock(BEGUN)

    async def story() -> None:
        async with client(opened(clock, compress=FACTOR)) as http:
            clock.advance(3)
            asked = {"speed": None, "paused": None, "jumpSeconds": None}
            told = (await http.post("http://localhost/sandbox/time", json=asked)).json()["data"]
            assert told == {"time": "2026-03-01T13:00:03.000Z", "speed": 1, "compress": 20, "paused": False}
            for turned in ({"speed": 2}, {"paused": True}, {"jumpSeconds": 5}):
                refused = await http.post("http://localhost/sandbox/time", json={**asked, **turned})
                assert "keeps real time" in refused.text

    asyncio.run(story())


def test_compressed_time_is_that_of_the_machine() -> None:
    """A clock set ahead is followed, and one set back is waited for; other time does not depend on it."""
    machine = Clock(BEGUN)
    forward = ForwardClock(machine)
    for moved, reached in ((60, 60), (-30, 60), (20, 60), (15, 65)):
        machine.advance(moved)
        assert forward.now() == BEGUN + timedelta(seconds=reached)
    assert isinstance(time_source(compress=2), ForwardClock)
    assert isinstance(time_source(compress=1), ScaledClock)
