"""An answer that has begun must end: in time, and before it fills the memory."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import pytest

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.adapters.spacetraders.exchange import LONGEST_CALL
from goodsfactory.adapters.spacetraders.request_gate import RequestGate
from goodsfactory.adapters.spacetraders.retries import RetryPolicy
from goodsfactory.adapters.spacetraders.server import SpaceTradersServer
from goodsfactory.domain.errors import Unavailable
from goodsfactory.ports.waiting import waited_for

MEBIBYTE = 2**20


class Parts(httpx2.AsyncByteStream):
    """A body in ``count`` parts, each ``seconds`` after the one before."""

    def __init__(self, clock: VirtualClock, part: bytes, count: int, seconds: float) -> None:
        self._clock, self._part, self._count, self._seconds = clock, part, count, seconds
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self._count):
            await self._clock.sleep(self._seconds)
            self.sent += 1
            yield self._part


class OneAnswer(httpx2.AsyncBaseTransport):
    """Answers everything with one body."""

    def __init__(self, body: Parts) -> None:
        self.body = body
        self.requests = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        return httpx2.Response(200, stream=self.body)


Ask = Callable[[Any], Awaitable[Any]]


async def purchase(session: Any) -> Any:
    return await session.purchase("ME-1", "IRON", 1)


async def agent(session: Any) -> Any:
    return await session.agent()


def answered(ask: Ask, part: bytes, count: int, seconds: float) -> tuple[Unavailable, OneAnswer, float]:
    """The error, the way there and the game seconds of a call that is answered so."""

    async def play(clock: VirtualClock) -> tuple[Unavailable, OneAnswer, float]:
        way = OneAnswer(Parts(clock, part, count, seconds))
        gate, policy = RequestGate(clock, None), RetryPolicy(attempts=1)
        server = SpaceTradersServer(way, "https://game/v2", clock, gate, random.Random(1), policy=policy)
        began = clock.now()
        with pytest.raises(Unavailable) as caught:
            await ask(server.session("TOKEN"))
        await server.close()
        return caught.value, way, (clock.now() - began).total_seconds()

    return run_virtual(play)


@pytest.mark.parametrize(("ask", "in_doubt"), [(agent, False), (purchase, True)])
def test_an_answer_that_trickles_is_given_up(ask: Ask, in_doubt: bool) -> None:
    """A byte every ten seconds is no answer after two minutes; a purchase may have happened."""
    error, way, seconds = answered(ask, b" ", 1000, 10.0)
    assert seconds == 120.0
    assert error.maybe_done is in_doubt
    assert way.requests == 1
    assert "in time" in str(error)


@pytest.mark.parametrize(("ask", "in_doubt"), [(agent, False), (purchase, True)])
def test_an_answer_without_end_is_cut(ask: Ask, in_doubt: bool) -> None:
    """No more than eight megabytes are read; a purchase may have happened."""
    error, way, _ = answered(ask, b" " * MEBIBYTE, 1000, 0.0)
    assert way.body.sent <= 9
    assert error.maybe_done is in_doubt
    assert way.requests == 1


def test_an_answer_that_takes_a_minute_is_read() -> None:
    """Slow is not lost: what it says decides."""
    error, _, seconds = answered(agent, b" ", 6, 10.0)
    assert seconds == 60.0
    assert "cannot be understood" in str(error)


class Silent(httpx2.AsyncBaseTransport):
    """Cannot be reached for a while, and then never answers."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.requests = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        await self._clock.sleep(40 if self.requests == 1 else 1000)
        raise httpx2.ConnectTimeout("nobody there", request=request)


class Limiting(httpx2.AsyncBaseTransport):
    """Answers everything with 429."""

    def __init__(self) -> None:
        self.requests = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        error = {"error": {"message": "Slow down.", "code": 429}}
        return httpx2.Response(429, headers={"retry-after": "1"}, json=error)


def test_a_registration_has_one_deadline_for_all_its_attempts() -> None:
    """A daemon that stops waits so long for the token, and no longer; it may be told afterwards."""

    async def play(clock: VirtualClock) -> None:
        way = Silent(clock)
        server = SpaceTradersServer(
            way, "https://game/v2", clock, RequestGate(clock, None), random.Random(1), policy=RetryPolicy()
        )
        began = clock.now()
        with pytest.raises(Unavailable, match="takes too long to answer POST /register") as caught:
            await server.register("AGENT", "COSMIC")
        assert caught.value.maybe_done
        assert way.requests == 2
        assert (clock.now() - began).total_seconds() == LONGEST_CALL
        await server.close()

    run_virtual(play)


@pytest.mark.parametrize("first", [None, "nobody there", "slow down"])
def test_a_step_whose_turn_to_be_sent_never_came_did_not_happen(first: str | None) -> None:
    """The right to act is not sure for minutes, also after an attempt in vain: no doubt is left."""

    async def play(clock: VirtualClock) -> None:
        way = Limiting() if first == "slow down" else Silent(clock)
        turns = iter([0.0, 1000.0] if first else [1000.0])
        server = SpaceTradersServer(
            way,
            "https://game/v2",
            clock,
            RequestGate(clock, None),
            random.Random(1),
            policy=RetryPolicy(),
            permit=lambda: clock.sleep(next(turns)),
        )
        session = server.session("TOKEN")
        with waited_for(), pytest.raises(Unavailable, match="could not be sent in time") as caught:
            await session.purchase("ME-1", "IRON", 1)
        assert not caught.value.maybe_done
        assert way.requests == (first is not None)
        await server.close()

    run_virtual(play)
