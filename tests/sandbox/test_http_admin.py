"""The operator's namespace."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from tests.sandbox.conftest import EPOCH, Clock

from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.transactions import BOOK_LENGTH, MarketTransaction, TradeBook
from goodsfactory.sandbox.world import World

STATE = "http://localhost/sandbox/state"
STOCK = "http://localhost/sandbox/markets/X1-TINY-A1/IRON"


def test_state_counts_requests_and_purses(play: Callable[..., Any]) -> None:
    """Requests per route and per agent, credits now and at the start, and the clock."""

    async def story(s: Any) -> None:
        await s.get("/my/agent")
        await s.get("/my/ships/TESTER-1")
        await s.get("/my/ships/TESTER-3")
        await s.call("GET", "/", token=None)
        await s.post("/my/ships/TESTER-1/purchase", {"symbol": "IRON", "units": 1}, status=201)
        answer = (await s.call("GET", STATE, token=None)).json()
        assert answer["requests"] == {
            "total": 5,
            "limited": 0,
            "byRoute": {
                "GET /my/agent": 1,
                "GET /my/ships/{shipSymbol}": 2,
                "GET /": 1,
                "POST /my/ships/{shipSymbol}/purchase": 1,
            },
            "byAgent": {"TESTER": 4},
        }
        assert answer["agents"]["TESTER"]["startingCredits"] == 175_000
        assert answer["agents"]["TESTER"]["credits"] < 175_000
        assert (answer["resetDate"], answer["time"]) == ("2026-03-01", "2026-03-01T13:00:00.000Z")
        assert answer["speed"] == 30

    play(story, speed=30)


BOOK = "http://localhost/sandbox/transactions"


def test_an_agents_trades_are_all_told(play: Callable[..., Any]) -> None:
    """Trades in their order, numbered through the universe, beside the purse and the holds they led to."""

    async def story(s: Any) -> None:
        buy = {"symbol": "IRON", "units": 2}
        for _ in range(25):
            await s.post("/my/ships/TESTER-1/purchase", buy, status=201)
            await s.post("/my/ships/TESTER-1/sell", buy, status=201)
        last = (await s.post("/my/ships/TESTER-1/purchase", buy, status=201))["transaction"]
        told = (await s.call("GET", BOOK, params={"agent": "TESTER"}, token=None)).json()["data"]
        trades = told["transactions"]
        assert [trade["number"] for trade in trades] == list(range(1, 52))
        assert trades[-1] == {"number": 51, **last}
        signs = {"PURCHASE": -1, "SELL": 1}
        moved = sum(signs[trade["type"]] * trade["totalPrice"] for trade in trades)
        assert (told["startingCredits"], told["credits"]) == (175_000, 175_000 + moved)
        assert told["holds"]["TESTER-1"] == {"IRON": 2}

    play(story)


@pytest.mark.parametrize("query", [{}, {"agent": "NOBODY"}])
def test_trades_are_told_of_an_agent_alone(play: Callable[..., Any], query: Any) -> None:
    """Without an agent that exists there is nothing to tell: 404."""

    async def story(s: Any) -> None:
        assert (await s.call("GET", BOOK, params=query, token=None)).status_code == 404

    play(story)


def test_the_oldest_trades_are_forgotten() -> None:
    """The book keeps its length and its numbers, whoever traded."""
    book = TradeBook()
    for number in range(BOOK_LENGTH + 3):
        ship = "ONE-1" if number % 2 else "ONE-B-1"
        book.write(MarketTransaction("X1-TINY-A1", ship, "IRON", "SELL", 1, 10, EPOCH))
    assert book.written == BOOK_LENGTH + 3
    assert [number for number, _ in book.of("ONE")][:2] == [4, 6]
    assert len(book.of("ONE")) + len(book.of("ONE-B")) == BOOK_LENGTH


def test_stock_can_be_set(play: Callable[..., Any]) -> None:
    """Setting net supply moves label and price of that good at once."""

    async def story(s: Any) -> None:
        market = "/systems/X1-TINY/waypoints/X1-TINY-A1/market"
        before = {good["symbol"]: good for good in (await s.get(market))["tradeGoods"]}
        answer = await s.call("POST", STOCK, json={"netSupply": -600}, token=None)
        assert answer.json()["data"] == {
            "waypointSymbol": "X1-TINY-A1",
            "tradeSymbol": "IRON",
            "netSupply": -600,
        }
        after = {good["symbol"]: good for good in (await s.get(market))["tradeGoods"]}
        assert (before["IRON"]["supply"], after["IRON"]["supply"]) == ("HIGH", "SCARCE")
        assert after["IRON"]["purchasePrice"] > 2 * before["IRON"]["purchasePrice"]
        assert after["FUEL"] == before["FUEL"]

    play(story)


@pytest.mark.parametrize(
    ("path", "body", "code", "status"),
    [
        ("markets/X1-TINY-A1/DIAMONDS", {"netSupply": 1}, 4601, 400),
        ("markets/X1-TINY-A2/IRON", {"netSupply": 1}, 4603, 404),
        ("markets/X1-TINY-A1/IRON", {"netSupply": "1"}, 3001, 422),
        ("markets/X1-TINY-A1/IRON", {}, 3001, 422),
        ("markets/X1-TINY-A1/IRON", {"netSupply": 1, "units": 2}, 3001, 422),
        ("faults", {"kind": "error", "pth": "/zzz", "count": 1}, 3001, 422),
        ("faults", {"kind": "error", "method": "BREW"}, 3001, 422),
        ("accounts", {"name": ""}, 3001, 422),
        ("accounts", {"name": "a" * 101}, 3001, 422),
        ("nowhere", {}, 404, 404),
    ],
)
def test_operators_are_refused_too(
    play: Callable[..., Any], path: str, body: Any, code: int, status: int
) -> None:
    """An unknown good, market, route or field and a wrong body get the usual envelope; nothing is armed."""

    async def story(s: Any) -> None:
        await s.refused(code, "POST", f"http://localhost/sandbox/{path}", body, status=status, token=None)
        assert await s.get("http://localhost/sandbox/faults", token=None) == []

    play(story)


def test_json_that_is_sent_as_a_form_is_refused(play: Callable[..., Any]) -> None:
    """That is how curl sends it unless told otherwise; the sentence names the content type."""

    async def story(s: Any) -> None:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = await s.http.post("http://localhost/sandbox/time", content='{"speed":5}', headers=headers)
        assert answer.status_code == 422
        told = answer.json()["error"]["message"]
        assert "there is no such field; known are speed, paused, jumpSeconds" in told
        assert "content-type application/json" in told

    play(story)


def test_strangers_see_no_operator_namespace(new_world: Callable[..., World], clock: Clock) -> None:
    """From another machine /sandbox does not exist, while the API answers."""
    app = create_app(new_world(clock))

    async def story() -> None:
        transport = httpx2.ASGITransport(app=app, client=("10.1.2.3", 4000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as http:
            assert (await http.get("/sandbox/state")).status_code == 404
            assert (await http.get("/v2/")).status_code == 200

    asyncio.run(story())
