"""Who may ask the sandbox what: web pages, lying names, bodies and numbers without end."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.serve import serve

STATE = "http://localhost/sandbox/state"
NINES = "9" * 5_000
MILLION = 1024 * 1024


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1.evil.example"},
        {"origin": "http://localhost@evil.example"},
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example:8000"},
        {"host": "localhost.evil.example"},
        {"host": "0.0.0.0:8000"},
        {"host": "[::1"},
    ],
)
def test_a_web_page_cannot_turn_the_operators_wheels(play: Any, headers: dict[str, str]) -> None:
    """Neither by its own requests nor by a name that it points at this machine; nothing is reset."""

    async def story(s: Any) -> None:
        before = (await s.call("GET", STATE, token=None)).json()["resetDate"]
        for method, url in (("GET", STATE), ("POST", "http://localhost/sandbox/reset")):
            answer = await s.http.request(method, url, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, 403)
            assert answer.json()["error"]["message"].startswith("The operator's namespace answers programs")
        assert (await s.call("GET", STATE, token=None)).json()["resetDate"] == before
        # The game itself is for any page.
        assert (await s.http.get("/", headers=headers)).status_code == 200

    play(story)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost:8000"},
        {"host": "127.0.0.1"},
        {"host": "[::1]:8000", "origin": "http://[::1]:3000"},
        {"origin": "http://localhost:3000"},
        {"origin": "http://127.3.2.1"},
    ],
)
def test_this_machine_by_any_of_its_names_may_ask(play: Any, headers: dict[str, str]) -> None:
    """A page that this machine serves is its own."""

    async def story(s: Any) -> None:
        assert (await s.http.get(STATE, headers=headers)).status_code == 200

    play(story)


@pytest.mark.parametrize(
    "path", ["/v2/register", "/v2/my/ships/TESTER-1/sell", "/sandbox/time", "/elsewhere"]
)
def test_a_body_ends_after_a_megabyte(new_world: Any, clock: Any, path: str) -> None:
    """413 as soon as it is known to be longer, announced or not; the rest of it is never waited for."""

    async def told(port: int, *sent: bytes) -> tuple[int, dict[str, Any]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for part in sent:
                writer.write(part)
            async with asyncio.timeout(30):
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.read()  # to the end: the connection is closed
        finally:
            writer.close()
        return int(head.split()[1]), json.loads(body)["error"]

    async def story(port: int) -> None:
        head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n".encode()
        announced = head + b"content-length: %d\r\n\r\n" % (300 * MILLION)
        chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        for sent in ([announced], [head + b"transfer-encoding: chunked\r\n\r\n", *[chunk] * 17]):
            status, error = await told(port, *sent)
            assert (status, error["code"]) == (413, 413)
            assert error["message"] == "The body is too large: send at most 1,048,576 bytes."

    _served(new_world(clock), story)


def test_a_body_of_a_megabyte_is_read(new_world: Any, clock: Any) -> None:
    """What fits is refused for what is in it, if at all."""

    async def story(port: int) -> None:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            body = b" " * (MILLION - 2) + b"{}"
            headers = {"content-type": "application/json"}
            answer = await http.post("/v2/register", content=body, headers=headers)
            assert answer.status_code in (401, 422)

    _served(new_world(clock), story)


@pytest.mark.parametrize("number", [NINES, "9" * 17, "0" * 5_000, "-1", "²", "1e3", "+5", ""])
@pytest.mark.parametrize("name", ["page", "limit"])
def test_a_page_is_a_number_of_some_digits(play: Any, name: str, number: str) -> None:
    """Any other gets the game's refusal, whatever faults are armed meanwhile."""

    async def story(s: Any) -> None:
        for path in ("/my/ships", "/systems", "/factions"):
            await s.refused(3001, "GET", path, status=422, params={name: number})
        fault = {"kind": "error", "path": "/nowhere"}
        assert (await s.http.post("http://localhost/sandbox/faults", json=fault)).status_code == 201
        answer = await s.call("GET", "/my/ships", params={name: number})
        assert answer.status_code == 422

    play(story)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/my/ships/TESTER-1/purchase", '{"symbol": "IRON", "units": %s}'),
        ("/my/ships/TESTER-1/refuel", '{"units": %s}'),
        ("http://localhost/sandbox/time", '{"speed": %s}'),
        ("http://localhost/sandbox/time", '{"jumpSeconds": %s}'),
        ("http://localhost/sandbox/markets/X1-TINY-A1/IRON", '{"netSupply": %s}'),
        ("http://localhost/sandbox/faults", '{"kind": "slow", "seconds": %s}'),
        ("http://localhost/sandbox/faults", '{"kind": "slow", "durationSeconds": %s}'),
        ("http://localhost/sandbox/faults", '{"kind": "error", "status": %s}'),
        ("http://localhost/sandbox/faults", '{"kind": "slow", "page": %s}'),
        ("http://localhost/sandbox/faults", '{"kind": "slow", "skip": %s}'),
        ("http://localhost/sandbox/faults", '{"kind": "slow", "count": %s}'),
    ],
)
@pytest.mark.parametrize("number", [NINES, f"-{NINES}", "9" * 20, "1e308", "1e999", "-1e308", "NaN"])
def test_a_number_of_a_body_is_one_that_can_be(play: Any, path: str, body: str, number: str) -> None:
    """JSON or form, it is a 422 of the game and never a 500."""

    async def story(s: Any) -> None:
        headers = {"content-type": "application/json"}
        await s.refused(3001, "POST", path, status=422, content=(body % number).encode(), headers=headers)
        form = {name: str(value) for name, value in json.loads(body.replace("%s", f'"{number}"')).items()}
        await s.refused(3001, "POST", path, status=422, data=form)

    play(story)


@pytest.mark.parametrize("number", ["²", NINES, "-1", "x"])
def test_a_fault_of_no_number_is_not_found(play: Any, number: str) -> None:
    """Its number stands in the path."""

    async def story(s: Any) -> None:
        await s.refused(404, "DELETE", f"http://localhost/sandbox/faults/{number}", status=404, token=None)

    play(story)


def _served(world: Any, story: Callable[[int], Any]) -> None:
    async def told() -> None:
        stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve(create_app(world), started=ready.set_result, stop=stop))
        try:
            await story(int((await ready).rpartition(":")[2].split("/")[0]))
        finally:
            stop.set()
            await serving

    asyncio.run(told())
