"""Requests cost the same however many ships and systems there are, counted in calls of functions."""

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.sandbox.conftest import Clock

from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Crowd:
    """One agent with very many probes, asked in process."""

    def __init__(self, ships: Any, systems: int = 1) -> None:
        self.world = World(
            generate_universe(1, epoch=EPOCH, systems=systems),
            now=lambda: EPOCH,
            seed=1,
            starting_fleet=["SHIP_PROBE"] * (ships - 2),
        )
        new = self.world.register("CROWD", self.world.universe.factions[0])
        self.home = new.agent.headquarters
        self.system = self.home.rpartition("-")[0]
        self.last = f"/my/ships/CROWD-{ships:X}"
        self.empty = next(
            place
            for place in self.world.universe.markets
            if not self.world.fleets.present(new.agent, place, EPOCH)
        )
        self.app = create_app(self.world, rate_limit=False)
        self.headers = [(b"authorization", f"Bearer {new.token}".encode())]

    def ask(self, method: Any, path: Any, query: str = "", body: Any = None) -> Any:
        """Status and number of calls of one request."""
        data = b"" if body is None else json.dumps(body).encode()
        sent, calls = [], 0

        async def receive() -> Any:
            return {"type": "http.request", "body": data}

        async def send(message: Any) -> None:
            sent.append(message)

        def count(frame: Any, event: Any, argument: Any) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        headers = [*self.headers, (b"content-type", b"application/json")]
        scope = {"type": "http", "method": method, "path": f"/v2{path}", "query_string": query.encode()}

        async def story() -> None:
            before = sys.getprofile()
            sys.setprofile(count)
            try:
                await self.app({**scope, "headers": headers}, receive, send)
            finally:
                sys.setprofile(before)

        asyncio.run(story())
        return sent[0]["status"], calls


def questions(crowd: Any) -> Any:
    market = f"/systems/{crowd.system}/waypoints/{{}}/market"
    goods = [good.symbol for good in crowd.world.market(crowd.home).goods(EPOCH)]
    trade = {"symbol": goods[0], "units": 1}
    return [
        ("GET", crowd.last),
        ("GET", "/my/ships", "page=1&limit=10"),
        ("GET", "/my/agent"),
        ("GET", "/agents"),
        ("GET", market.format(crowd.home)),
        ("GET", market.format(crowd.empty)),
        ("POST", "/my/ships/CROWD-1/purchase", "", trade),
        ("POST", "/my/ships/CROWD-1/sell", "", trade),
        ("POST", "/my/ships/CROWD-1/orbit", "", {}),
    ]


@pytest.mark.parametrize("more", [{"ships": 2_000}, {"ships": 12, "systems": 2_000}])
def test_more_ships_or_systems_cost_no_more_calls(more: Any) -> None:
    """Reads, pages and trades make as many calls with 2,000 ships or systems as with a handful, ±20 %."""
    few, many = Crowd(12), Crowd(**more)
    for one, other in zip(questions(few), questions(many), strict=True):
        few.ask(*one), many.ask(*other)
        (status, base), (same, cost) = few.ask(*one), many.ask(*other)
        assert status == same < 400, (one, status, same)
        assert cost <= base * 1.2, (one, base, cost)


def test_the_last_page_costs_no_more_than_the_first() -> None:
    """Paging through a large fleet is cheap everywhere."""
    crowd = Crowd(2_000)
    crowd.ask("GET", "/my/ships", "limit=20")
    (_, first), (_, last) = (crowd.ask("GET", "/my/ships", f"limit=20&page={page}") for page in (1, 100))
    assert abs(last - first) <= first * 0.2


def test_presence_follows_ships_wherever_they_go(new_world: Callable[..., World], clock: Clock) -> None:
    """A departing ship is present nowhere, an arrived one at its destination, a scrapped one no more."""
    world = new_world(clock)
    agent = world.register("TESTER", "COSMIC").agent
    home, mine = "X1-TINY-A1", "X1-TINY-B3"
    assert world.fleets.present(agent, home, clock.now)
    world.orbit(agent, "TESTER-1")
    ship = world.navigate(agent, "TESTER-1", mine)
    assert not world.fleets.present(agent, home, clock.now)
    assert not world.fleets.present(agent, mine, clock.now)
    clock.now = ship.route.arrival
    assert world.fleets.present(agent, mine, clock.now)
    assert not world.fleets.present(world.register("RIVAL", "COSMIC").agent, mine, clock.now)
    world.fleets.remove(ship)
    assert not world.fleets.present(agent, mine, clock.now)
