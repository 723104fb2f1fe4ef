"""HEAD, OPTIONS, the Date header, and what pages in a browser may read."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from goodsfactory.sandbox.http.app import create_app

STATE = "http://localhost/sandbox/state"


@pytest.mark.parametrize("path", ["/", "/systems", "/my/agent", "/nowhere", "/my/ships/TESTER-1/cooldown"])
def test_head_is_get_without_a_body(play: Callable[..., Any], path: str) -> None:
    """Status and headers are those of GET; nothing follows them."""

    async def story(s: Any) -> None:
        whole, head = await s.call("GET", path), await s.call("HEAD", path)
        assert head.status_code == whole.status_code
        assert head.content == b""
        assert head.headers["content-length"] == whole.headers["content-length"]

    play(story)


def test_every_answer_has_the_date_of_the_sandbox(play: Callable[..., Any]) -> None:
    """A client that compares arrivals with the Date header is right, at any speed; refusals carry it too."""

    async def story(s: Any) -> None:
        s.clock.advance(90.7)
        for path in ("/", "/my/agent", "/nowhere", STATE):
            answer = await s.call("GET", path)
            assert answer.headers["date"] == "Sun, 01 Mar 2026 13:01:30 GMT"
        announced = {"content-length": "300000000", "content-type": "application/json"}
        refused = await s.http.post("/register", content=b"{}", headers=announced)
        assert (refused.status_code, refused.headers["date"]) == (413, "Sun, 01 Mar 2026 13:01:30 GMT")

    play(story)


def test_a_page_of_any_host_may_play(play: Callable[..., Any]) -> None:
    """A preflight is answered without a token, and answers and refusals may be read by the page."""

    async def story(s: Any) -> None:
        page = {"origin": "https://bot.example"}
        asked = {
            "access-control-request-method": "PATCH",
            "access-control-request-headers": "authorization, x-client",
        }
        allowed = await s.call("OPTIONS", "/my/ships/TESTER-1/nav", token=None, headers={**page, **asked})
        assert (allowed.status_code, allowed.content) == (204, b"")
        assert allowed.headers["access-control-allow-origin"] == "*"
        methods = "GET, HEAD, PATCH, OPTIONS"
        assert allowed.headers["access-control-allow-methods"] == allowed.headers["allow"] == methods
        assert allowed.headers["access-control-allow-headers"] == "authorization, x-client"
        for path, status in (("/my/agent", 200), ("/my/ships/NOBODY-1", 404)):
            answer = await s.call("GET", path, headers=page)
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, "*")
            assert "x-ratelimit-remaining" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-origin" not in (await s.call("GET", "/my/agent")).headers

    play(story)


def test_a_preflight_uses_up_no_fault(play: Callable[..., Any]) -> None:
    """The one fault that is armed strikes the request that follows."""

    async def story(s: Any) -> None:
        await s.http.post("http://localhost/sandbox/faults", json={"kind": "maintenance", "count": 1})
        page = {"origin": "https://bot.example"}
        assert (await s.call("OPTIONS", "/my/agent", token=None, headers=page)).status_code == 204
        assert (await s.call("GET", "/my/agent", headers=page)).status_code == 503
        assert (await s.call("GET", "/my/agent", headers=page)).status_code == 200

    play(story)


def test_the_options_of_the_server_as_a_whole(new_world: Callable[..., Any], clock: Any) -> None:
    """``OPTIONS *`` names every method, and a path without a slash in front is one that is not there."""

    async def ask(method: str, path: str) -> tuple[int, str]:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            **{"type": "http", "method": method, "path": path, "raw_path": path.encode()},
            **{"query_string": b"", "headers": [(b"host", b"sandbox")], "client": ("127.0.0.1", 5)},
        }
        await create_app(new_world(clock))(scope, receive, send)
        return sent[0]["status"], dict(sent[0]["headers"]).get(b"allow", b"").decode()

    methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    assert asyncio.run(ask("OPTIONS", "*")) == (204, methods)
    assert asyncio.run(ask("GET", "*"))[0] == 404


def test_a_fault_can_be_read_by_a_page_too(play: Callable[..., Any]) -> None:
    """Else a browser would tell of a broken connection in place of the error."""

    async def story(s: Any) -> None:
        await s.http.post("http://localhost/sandbox/faults", json={"kind": "maintenance"})
        answer = await s.call("GET", "/", headers={"origin": "https://bot.example"})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (503, "*")

    play(story)


def test_an_operators_answers_are_for_local_pages(play: Callable[..., Any]) -> None:
    """A page of this machine reads them, preflight included; one of another host is refused everything."""

    async def story(s: Any) -> None:
        for method, status in (("OPTIONS", 204), ("GET", 200), ("HEAD", 200)):
            local = await s.http.request(method, STATE, headers={"origin": "http://localhost:3000"})
            assert local.status_code == status
            assert local.headers["access-control-allow-origin"] == "http://localhost:3000"
            foreign = await s.http.request(method, STATE, headers={"origin": "https://evil.example"})
            assert foreign.status_code == 403
            assert "access-control-allow-origin" not in foreign.headers

    play(story)
