"""The sandbox on a real socket."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from typing import Any, cast

import httpx2
import pytest
from tests.sandbox.conftest import Clock

from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.serve import serve
from goodsfactory.sandbox.world import World


def test_a_free_port_is_taken_and_told(new_world: Callable[..., World], clock: Clock) -> None:
    """Port 0 picks one; the base URL works until ``stop`` is set, and then the port is free again."""
    app = create_app(new_world(clock))

    async def story() -> None:
        stop = asyncio.Event()
        url: asyncio.Queue[str] = asyncio.Queue()
        serving = asyncio.create_task(serve(app, started=url.put_nowait, stop=stop))
        base = await url.get()
        assert base.startswith("http://127.0.0.1:")
        assert base.endswith("/v2")
        async with httpx2.AsyncClient(base_url=base) as http:
            assert (await http.get("/")).json()["resetDate"] == "2026-03-01"
            assert (await http.get("/nowhere")).json()["error"]["code"] == 404
            stop.set()
            await serving
        port = int(base.split(":")[2].partition("/")[0])
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))

    asyncio.run(story())


def test_a_taken_port_is_told_in_a_sentence(new_world: Callable[..., World], clock: Clock) -> None:
    """OSError names host and port and says what to do."""
    app = create_app(new_world(clock))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = rf"cannot listen on 127\.0\.0\.1:{port}: .*Choose another port"
        with pytest.raises(OSError, match=told):
            asyncio.run(serve(app, port=port))


def test_a_host_that_is_not_ours_is_told_in_a_sentence(new_world: Callable[..., World], clock: Clock) -> None:
    """An address of another machine cannot be listened on."""
    with pytest.raises(OSError, match=r"cannot listen on 192\.0\.2\.1:0"):
        asyncio.run(serve(create_app(new_world(clock)), host="192.0.2.1"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_cleanly(new_world: Callable[..., World], clock: Clock, number: Any) -> None:
    """Without ``stop``, SIGINT and SIGTERM end serving without an exception."""
    app = create_app(new_world(clock))

    async def story() -> None:
        await serve(app, started=lambda _: os.kill(os.getpid(), number))

    asyncio.run(story())


def test_an_end_during_a_slow_answer_is_no_bug(
    new_world: Callable[..., World], clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The client gets no answer, and no exception is logged."""
    app = create_app(new_world(clock), sleep=asyncio.sleep)
    stop = asyncio.Event()

    async def story() -> None:
        url: asyncio.Queue[str] = asyncio.Queue()
        serving = asyncio.create_task(serve(app, started=url.put_nowait, stop=stop))
        async with httpx2.AsyncClient(base_url=await url.get()) as http:
            fault = {"kind": "slow", "seconds": 600}
            faults = str(http.base_url.join("/sandbox/faults"))
            assert (await http.post(faults, json=fault)).status_code == 201
            asking = asyncio.create_task(http.get("/"))
            while not (await http.get(faults)).json()["data"][0]["struck"]:
                pass
            stop.set()
            await serving
            with pytest.raises(httpx2.RemoteProtocolError):
                await asking

    asyncio.run(story())
    assert not [record.getMessage() for record in caplog.records if record.exc_info]


def test_a_bug_is_a_500_in_the_envelope(new_world: Callable[..., World], clock: Clock) -> None:
    """An exception of the sandbox itself is 3002 for the client and still raised for the log."""
    world = new_world(clock)
    cast("Any", world.universe).recipes = None
    token = world.register("TESTER", "COSMIC").token
    app = create_app(world)

    async def story() -> None:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://sandbox/v2") as http:
            answer = await http.get("/market/supply-chain", headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (500, 3002)

    asyncio.run(story())
