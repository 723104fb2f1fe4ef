"""The request limit and the clock as a client sees them."""

from collections.abc import Callable
from typing import Any


def test_every_answer_carries_the_limit_and_the_clock(play: Callable[..., Any]) -> None:
    """Successes, refusals and empty answers tell remaining requests, sandbox time and speed."""

    async def story(s: Any) -> None:
        for path in ("/my/agent", "/my/ships/TESTER-1/cooldown", "/nowhere"):
            headers = (await s.call("GET", path)).headers
            assert headers["x-sandbox-time"] == "2026-03-01T13:00:00.000Z"
            assert headers["x-sandbox-speed"] == "60"
            assert headers["x-ratelimit-limit-per-second"] == "2"
            assert headers["x-ratelimit-limit-burst"] == "30"
            assert headers["x-ratelimit-limit"] == "2"
            assert headers["x-ratelimit-type"] == "IP Address"
            assert headers["x-ratelimit-reset"] == "2026-03-01T13:00:01.000Z"
            assert "retry-after" not in headers
        assert headers["x-ratelimit-remaining"] == "29"

    play(story, rate_limit=True, speed=60)


def test_one_request_too_many(play: Callable[..., Any]) -> None:
    """The 33rd request at once is a 429 with all its headers and the documented body; it did nothing."""

    async def story(s: Any) -> None:
        for _ in range(32):
            assert (await s.call("GET", "/my/agent")).status_code == 200
        refused = await s.call("POST", "/my/ships/TESTER-1/orbit", json={})
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["x-ratelimit-remaining"] == "0"
        error = refused.json()["error"]
        assert error["code"] == 429
        assert error["data"] == {
            "type": "IP Address",
            "retryAfter": 1,
            "limitBurst": 30,
            "limitPerSecond": 2,
            "remaining": 0,
            "reset": "2026-03-01T13:00:01.000Z",
        }
        assert s.ship("TESTER-1").docked
        s.clock.advance(1)
        assert (await s.call("POST", "/my/ships/TESTER-1/orbit", json={})).status_code == 200
        assert s.world.traffic.refused_by_limit == 1

    play(story, rate_limit=True)


def test_the_limit_can_be_switched_off(play: Callable[..., Any]) -> None:
    """Without the limit a hundred requests at once pass and nothing is said about it."""

    async def story(s: Any) -> None:
        for _ in range(100):
            answer = await s.call("GET", "/my/agent")
            assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
        assert "x-sandbox-time" in answer.headers

    play(story)


def test_an_operator_is_not_limited(play: Callable[..., Any]) -> None:
    """The /sandbox namespace takes no request from anybody's pools."""

    async def story(s: Any) -> None:
        for _ in range(50):
            assert (await s.call("GET", "http://localhost/sandbox/state", token=None)).status_code == 200
        assert (await s.call("GET", "/my/agent")).headers["x-ratelimit-remaining"] == "31"

    play(story, rate_limit=True)
