"""The sandbox's own clock: speed, pause, jump; and a reset."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.sandbox.conftest import Clock

from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.time_control import TimeControl
from goodsfactory.sandbox.world import World

OPERATOR = "http://localhost/sandbox"


@pytest.fixture
def own_time(new_world: Callable[..., World], new_clock: Callable[[], Clock], make_rebuild: Any) -> Any:
    """Run a story in a sandbox with a clock of its own over a movable source of real time."""

    def run(story: Any, **options: Any) -> None:
        async def stage() -> None:
            real = new_clock()
            time = TimeControl(real, speed=options.pop("speed", 60))
            world = new_world(time.now)
            token = world.register("TESTER", "COSMIC").token
            app = create_app(world, rate_limit=False, time=time, rebuild=make_rebuild, **options)
            headers = {"authorization": f"Bearer {token}"}
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://sandbox/v2", headers=headers
            ) as http:
                await story(http, real, world, time)

        asyncio.run(stage())

    return run


@pytest.fixture
def make_rebuild() -> None:
    """Nothing can be rebuilt unless a test says how."""
    return


def test_time_runs_at_its_speed(new_clock: Callable[[], Clock]) -> None:
    """Two real seconds at speed 60 are two minutes; a new speed counts from its beginning."""
    real = new_clock()
    time = TimeControl(real, speed=60)
    begun = time.now()
    real.advance(2)
    assert time.now() - begun == timedelta(minutes=2)
    time.run_at(3600)
    real.advance(1)
    assert time.now() - begun == timedelta(minutes=62)


def test_a_pause_costs_no_time(new_clock: Callable[[], Clock]) -> None:
    """Paused time stands still whatever the machine's does, and goes on where it stopped."""
    real = new_clock()
    time = TimeControl(real, speed=10)
    time.pause()
    stopped = time.now()
    real.advance(500)
    assert time.now() == stopped
    time.resume()
    time.resume()
    real.advance(1)
    assert time.now() - stopped == timedelta(seconds=10)


def test_a_jump_goes_ahead_only(new_clock: Callable[[], Clock]) -> None:
    """Time is moved ahead, paused or not; a way back raises and moves nothing."""
    time = TimeControl(new_clock())
    begun = time.now()
    time.pause()
    assert time.jump(timedelta(hours=6)) - begun == timedelta(hours=6)
    with pytest.raises(ValueError, match="only jumps ahead, not by -1 seconds"):
        time.jump(timedelta(seconds=-1))
    assert time.now() - begun == timedelta(hours=6)


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_speed_is_above_zero(new_clock: Callable[[], Clock], speed: Any) -> None:
    """Zero, negative and endless speeds raise, at the start and later."""
    with pytest.raises(ValueError, match="speed above 0"):
        TimeControl(new_clock(), speed=speed)
    time = TimeControl(new_clock())
    with pytest.raises(ValueError, match="speed above 0"):
        time.run_at(speed)
    assert time.speed == 1


def test_an_operator_turns_time(own_time: Any) -> None:
    """Speed, pause and jump over HTTP; players see them in headers and at their ships."""

    async def story(http: Any, real: Any, world: Any, time: Any) -> None:
        await http.post("/my/ships/TESTER-1/orbit", json={})
        flown = await http.post("/my/ships/TESTER-1/navigate", json={"waypointSymbol": "X1-TINY-B3"})
        assert flown.json()["data"]["nav"]["status"] == "IN_TRANSIT"
        told = (await http.post(f"{OPERATOR}/time", json={"speed": 3600, "paused": True})).json()["data"]
        assert told == {
            "time": "2026-03-01T13:00:00.000Z",
            "speed": 3600.0,
            "paused": True,
            "compress": 1,
        }
        real.advance(1000)
        nav = await http.get("/my/ships/TESTER-1/nav")
        assert nav.json()["data"]["status"] == "IN_TRANSIT"
        assert nav.headers["x-sandbox-speed"] == "3600"
        assert (await http.get(f"{OPERATOR}/state")).json()["paused"] is True
        told = (await http.post(f"{OPERATOR}/time", json={"jumpSeconds": 7200, "paused": False})).json()
        assert told["data"]["time"] == "2026-03-01T15:00:00.000Z"
        nav = await http.get("/my/ships/TESTER-1/nav")
        assert nav.json()["data"]["status"] == "IN_ORBIT"
        assert nav.headers["x-sandbox-time"] == "2026-03-01T15:00:00.000Z"

    own_time(story)


@pytest.mark.parametrize(
    "body",
    [
        {"speed": 0.5},
        {"speed": 3601},
        {"speed": -1},
        {"jumpSeconds": -1},
        {"jumpSeconds": "x"},
        {"paused": 1},
    ],
)
def test_a_wrong_turn_of_time_changes_nothing(own_time: Any, body: Any) -> None:
    """Speeds outside 1 to 3600, jumps back and wrong types are 3001."""

    async def story(http: Any, real: Any, world: Any, time: Any) -> None:
        before = (time.now(), time.speed, time.paused)
        refused = await http.post(f"{OPERATOR}/time", json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, 3001)
        assert (time.now(), time.speed, time.paused) == before

    own_time(story)


def test_a_clock_that_is_not_the_sandboxs_cannot_be_turned(play: Callable[..., Any]) -> None:
    """Without a clock of its own the operator is told so."""

    async def story(s: Any) -> None:
        error = await s.refused(3001, "POST", f"{OPERATOR}/time", {"paused": True}, status=422, token=None)
        assert "not its own" in error["message"]
        error = await s.refused(3001, "POST", f"{OPERATOR}/reset", {}, status=422, token=None)
        assert "begin anew" in error["message"]

    play(story)


class TestReset:
    """A reset on demand."""

    @pytest.fixture
    def make_rebuild(self, new_world: Callable[..., World], new_clock: Callable[[], Clock]) -> Any:
        """The tiny universe again."""
        return lambda epoch: new_world(new_clock()).universe

    def test_nothing_of_the_old_universe_is_left(self, own_time: Any) -> None:
        """A later reset date; old tokens are 401 with 4113; call signs are free and purses full again."""

        async def story(http: Any, real: Any, world: Any, time: Any) -> None:
            await http.post("/my/ships/TESTER-1/purchase", json={"symbol": "IRON", "units": 5})
            await http.post(f"{OPERATOR}/faults", json={"kind": "maintenance", "path": "/my/agent"})
            done = await http.post(f"{OPERATOR}/reset", json={})
            assert done.json()["data"] == {"resetDate": "2026-03-02"}
            stale = await http.get("/my/agent")
            error = stale.json()["error"]
            assert (stale.status_code, error["code"]) == (401, 4113)
            fresh = world.register("TESTER", "COSMIC")
            assert error["data"] == {"expected": "2026-03-02", "actual": "2026-03-01"}
            status = (await http.get("/", headers={"authorization": f"Bearer {fresh.token}"})).json()
            assert (status["resetDate"], status["stats"]["agents"], status["stats"]["ships"]) == (
                "2026-03-02",
                1,
                2,
            )
            assert fresh.agent.credits == 175_000
            assert not world.trading.history.at("X1-TINY-A1")

        own_time(story)

    def test_every_reset_has_a_date_of_its_own(self, own_time: Any) -> None:
        """Two resets on one day are two dates; time does not go back."""

        async def story(http: Any, real: Any, world: Any, time: Any) -> None:
            before = world.now()
            dates = [
                (await http.post(f"{OPERATOR}/reset", json={})).json()["data"]["resetDate"] for _ in "ab"
            ]
            assert dates == ["2026-03-02", "2026-03-03"]
            assert world.now() >= before

        own_time(story)
