"""What is repeated, after how long, and what never is."""

import asyncio
import random
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from starlette.responses import PlainTextResponse, Response

from goodsfactory.adapters.spacetraders.allowance import RateLimit
from goodsfactory.adapters.spacetraders.retries import Repeat, RetryPolicy
from goodsfactory.domain.errors import Refused, StaleToken, Unavailable
from goodsfactory.domain.geography import FlightMode

SPENDING = {
    "POST /my/ships/ME-1/purchase": lambda s: s.purchase("ME-1", "IRON_ORE", 10),
    "POST /my/ships/ME-1/sell": lambda s: s.sell("ME-1", "IRON_ORE", 10),
    "POST /my/ships/ME-1/refuel": lambda s: s.refuel("ME-1"),
    "POST /my/ships/ME-1/navigate": lambda s: s.navigate("ME-1", "X1-A1-D4"),
}
HARMLESS = {
    "GET /my/agent": lambda s: s.agent(),
    "GET /my/ships": lambda s: s.ships(),
    "GET /my/ships/ME-1": lambda s: s.ship("ME-1"),
    "GET /": lambda s: s.status(),
    "POST /my/ships/ME-1/orbit": lambda s: s.orbit("ME-1"),
    "POST /my/ships/ME-1/dock": lambda s: s.dock("ME-1"),
    "PATCH /my/ships/ME-1/nav": lambda s: s.set_flight_mode("ME-1", FlightMode.BURN),
}
LOST = [httpx2.ReadTimeout, httpx2.ReadError, httpx2.RemoteProtocolError, httpx2.WriteError]
UNSENT = [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout]


def good_answer(make: Any, endpoint: str) -> Any:
    nav = make.nav()
    fuel = {"current": 400, "capacity": 400}
    receipt = make.receipt("FUEL", 2) if endpoint.endswith("/refuel") else make.receipt()
    trade = {"agent": make.agent(), "cargo": make.cargo(IRON_ORE=10), "transaction": receipt}
    if endpoint == "GET /":
        return Response(b'{"status": "online", "version": "v2.3.0", "resetDate": "2026-01-01"}')
    if endpoint == "GET /my/ships":
        return make.ok([make.ship()])
    if endpoint == "GET /my/ships/ME-1":
        return make.ok(make.ship())
    if endpoint == "GET /my/agent":
        return make.ok(make.agent())
    return make.ok(trade | {"nav": nav, "fuel": fuel})


@pytest.mark.parametrize("error", LOST, ids=lambda e: e.__name__)
@pytest.mark.parametrize("endpoint", SPENDING)
def test_a_spending_call_whose_answer_is_lost_is_not_repeated(
    stage: Any, make: Any, endpoint: str, error: Any
) -> None:
    """It happened once on the server, and the caller is told that nobody knows."""
    stage.app.on(endpoint, good_answer(make, endpoint))
    stage.after = [error]
    with pytest.raises(Unavailable, match="Whether it happened is not known") as caught:
        stage.call(SPENDING[endpoint])
    assert caught.value.maybe_done
    assert stage.app.asked == [endpoint]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("endpoint", SPENDING)
def test_a_spending_call_that_meets_a_server_failure_is_not_repeated(
    stage: Any, make: Any, endpoint: str, status: int
) -> None:
    """A 5xx does not prove that nothing happened."""
    stage.app.on(endpoint, make.refusal(status, "Something broke.", status), good_answer(make, endpoint))
    with pytest.raises(Unavailable) as caught:
        stage.call(SPENDING[endpoint])
    assert caught.value.maybe_done
    assert stage.app.asked == [endpoint]


@pytest.mark.parametrize("endpoint", SPENDING)
def test_a_spending_call_that_was_never_sent_is_repeated(stage: Any, make: Any, endpoint: str) -> None:
    """Where no connection came about, nothing can have happened."""
    stage.app.on(endpoint, good_answer(make, endpoint))
    stage.before = list(UNSENT)
    stage.call(SPENDING[endpoint])
    assert stage.app.asked == [endpoint]


@pytest.mark.parametrize("endpoint", SPENDING)
def test_a_spending_call_that_never_gets_out_did_not_happen(stage: Any, endpoint: str) -> None:
    """When every attempt fails to connect, maybe_done is False: the caller need not look."""
    stage.before = [httpx2.ConnectError] * 6
    with pytest.raises(Unavailable, match="does not accept connections") as caught:
        stage.call(SPENDING[endpoint])
    assert not caught.value.maybe_done
    assert stage.before == []
    assert stage.app.asked == []


@pytest.mark.parametrize("endpoint", SPENDING)
def test_a_spending_call_that_meets_the_limit_is_repeated(stage: Any, make: Any, endpoint: str) -> None:
    """A 429 proves that nothing happened; the caller never sees it."""
    limited = make.refusal(429, "Slow down.", 429, retry_after="2")
    stage.app.on(endpoint, limited, limited, good_answer(make, endpoint))
    stage.call(SPENDING[endpoint])
    assert stage.app.asked == [endpoint] * 3
    assert stage.elapsed == 4.0


@pytest.mark.parametrize("error", [*LOST, *UNSENT], ids=lambda e: e.__name__)
@pytest.mark.parametrize("endpoint", HARMLESS)
def test_a_harmless_call_is_repeated_after_a_broken_line(
    stage: Any, make: Any, endpoint: str, error: Any
) -> None:
    """Reading, orbit, dock and a flight mode can be asked for twice."""
    stage.app.on(endpoint, good_answer(make, endpoint))
    (stage.before if error in UNSENT else stage.after).append(error)
    stage.call(HARMLESS[endpoint])
    assert stage.elapsed > 0


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("endpoint", HARMLESS)
def test_a_harmless_call_is_repeated_after_a_server_failure(
    stage: Any, make: Any, endpoint: str, status: int
) -> None:
    """A 5xx passes, in JSON or in the HTML of a machine in front."""
    html = PlainTextResponse("<html>Bad gateway</html>", status)
    failure = make.refusal(status, "Broken.", status)
    stage.app.on(endpoint, failure, html, good_answer(make, endpoint))
    stage.call(HARMLESS[endpoint])
    assert stage.app.asked == [endpoint] * 3


def test_patience_ends(stage: Any, make: Any) -> None:
    """After six failures a reading gives up, with pauses that double and nothing in doubt."""
    stage.app.on("GET /my/agent", make.refusal(503, "Maintenance until later.", 503))
    with pytest.raises(Unavailable, match=r"HTTP 503.*Maintenance until later\.$") as caught:
        stage.call(lambda s: s.agent())
    assert not caught.value.maybe_done
    assert len(stage.app.seen) == 6
    instants = [seen.at for seen in stage.app.seen]
    gaps = [(b - a).total_seconds() for a, b in pairwise(instants)]
    for gap, full in zip(gaps, [1, 2, 4, 8, 16], strict=True):
        assert full / 2 <= gap <= full


def test_patience_is_the_policys(stage: Any, make: Any) -> None:
    """One attempt means one request and no wait."""
    stage.policy = RetryPolicy(attempts=1)
    stage.app.on("GET /my/agent", make.refusal(500, "Broken.", 500))
    with pytest.raises(Unavailable):
        stage.call(lambda s: s.agent())
    assert (len(stage.app.seen), stage.elapsed) == (1, 0.0)


def test_a_maintenance_that_tells_its_end_is_waited_for(stage: Any, make: Any) -> None:
    """retry-after of a 503 is a least pause; it is also told to the caller who has to give up."""
    failure = make.refusal(503, "Maintenance.", 503, retry_after="20")
    stage.app.on("GET /my/agent", failure, make.ok(make.agent()))
    stage.call(lambda s: s.agent())
    assert stage.elapsed == 20.0
    stage.app.on("GET /my/agent", failure)
    stage.policy = RetryPolicy(attempts=1)
    with pytest.raises(Unavailable) as caught:
        stage.call(lambda s: s.agent())
    assert caught.value.retry_after == 20.0


@pytest.mark.parametrize(
    ("limited", "waits"),
    [
        ({"retry_after": "3"}, 3.0),
        ({"retry_after": "Thu, 01 Jan 2026 00:00:09 GMT", "date": "Thu, 01 Jan 2026 00:00:04 GMT"}, 5.0),
        ({"data": {"type": "IP Address", "retryAfter": 4, "remaining": 0}}, 4.0),
        ({}, 1.0),
        ({"retry_after": "soon"}, 1.0),
        ({"retry_after": "-5"}, 1.0),
        ({"retry_after": "nan"}, 1.0),
        ({"retry_after": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, 1.0),
        ({"retry_after": "Mon, 01 Jan 2026 00:00:00 +99999999999999999999"}, 1.0),
        ({"date": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "retry_after": "3"}, 3.0),
        ({"data": {"retryAfter": 10**400}}, 1.0),
    ],
)
def test_both_kinds_of_429_are_waited_out(
    stage: Any, make: Any, limited: dict[str, Any], waits: float
) -> None:
    """The game's 429 tells how long; the one of a machine in front tells nothing, and a second is assumed."""
    stage.app.on("GET /my/agent", make.refusal(429, "Slow.", 429, **limited), make.ok(make.agent()))
    stage.call(lambda s: s.agent())
    assert stage.elapsed == waits


def test_a_429_without_any_body_is_waited_out_for_as_long_as_it_takes(stage: Any, make: Any) -> None:
    """Twenty bare 429 in a row are no failure, and cost one request per doubling pause."""
    stage.app.on("GET /my/agent", *[Response(status_code=429)] * 20, make.ok(make.agent()))
    assert stage.call(lambda s: s.agent()).credits == 175_000
    assert len(stage.app.seen) == 21
    assert stage.elapsed == 1 + 2 + 4 + 8 + 16 + 32 + 14 * 60


def test_retries_pass_the_gate(stage: Any, make: Any) -> None:
    """A repeat needs a place like any other request, and the statistics know of it."""
    stage.limit = RateLimit(1, 0)
    stage.policy = RetryPolicy(first=0.01)
    failure = make.refusal(502, "Bad gateway.", 502)
    stage.app.on("GET /my/agent", failure, failure, make.ok(make.agent()))

    async def work(server: Any, _clock: Any) -> Any:
        await server.session("T").agent()
        return server.statistics()

    statistics = stage.run(work)
    assert stage.elapsed == 2.0
    assert (statistics.sent, statistics.retried, statistics.limited) == (3, 2, 0)
    assert statistics.by_purpose["safety"] == 3


@pytest.mark.parametrize(("error", "status"), [(Refused, 400), (StaleToken, 401)])
def test_a_no_is_never_repeated(stage: Any, make: Any, error: type[Refused], status: int) -> None:
    """Asking again cannot help, and after a reset it would burn the whole limit."""
    stage.app.on("GET /my/agent", make.refusal(4113 if status == 401 else 4214, "No.", status))
    with pytest.raises(error):
        stage.call(lambda s: s.agent())
    assert len(stage.app.seen) == 1


def test_an_unreadable_success_of_a_purchase_may_have_happened(stage: Any, make: Any) -> None:
    """The server said yes in words we do not understand: look first."""
    stage.app.on("POST /my/ships/ME-1/purchase", make.ok({"agent": make.agent()}, 201))
    with pytest.raises(Unavailable, match="cannot be understood") as caught:
        stage.call(lambda s: s.purchase("ME-1", "IRON_ORE", 10))
    assert caught.value.maybe_done
    assert len(stage.app.seen) == 1


def test_a_cancelled_call_leaves_the_gate_usable(stage: Any, make: Any) -> None:
    """Cancelling a call in flight frees its place after the time a stray request needs."""
    stage.limit = RateLimit(1, 0)
    stage.app.on("GET /my/agent", make.ok(make.agent()))

    async def work(server: Any, clock: Any) -> float:
        session = server.session("T")
        began = clock.now()
        await session.agent()
        waiting = asyncio.create_task(session.agent())
        await clock.sleep(0.5)
        waiting.cancel()
        await asyncio.wait([waiting])
        await session.agent()
        return float((clock.now() - began).total_seconds())

    assert stage.run(work) == 1.0
    assert len(stage.app.seen) == 2


def test_pauses_are_the_same_for_the_same_chance() -> None:
    """One seed, one run (law L13)."""
    policy = RetryPolicy()

    def pauses(seed: int) -> list[float]:
        chance = random.Random(seed)
        return [policy.pause(n, chance) for n in range(1, 9)]

    assert pauses(7) == pauses(7) != pauses(8)
    assert max(pauses(7)) <= policy.longest


def test_only_the_harmless_may_be_repeated_once_they_reached_the_server() -> None:
    """The rule itself, without a server."""
    policy = RetryPolicy(attempts=3)
    assert policy.may_repeat(Repeat.SAFE, failures=2, reached=True)
    assert not policy.may_repeat(Repeat.SAFE, failures=3, reached=True)
    assert policy.may_repeat(Repeat.NEVER, failures=2, reached=False)
    assert not policy.may_repeat(Repeat.NEVER, failures=1, reached=True)
