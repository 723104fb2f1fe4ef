"""The client against the whole sandbox, in process: real rules, real refusals, the real request limit."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.adapters.spacetraders.allowance import RateLimit
from goodsfactory.adapters.spacetraders.request_gate import RequestGate
from goodsfactory.adapters.spacetraders.server import SpaceTradersServer
from goodsfactory.adapters.spacetraders.transports import in_process
from goodsfactory.domain.errors import NotFound, Refused, StaleToken
from goodsfactory.domain.geography import FlightMode, distance
from goodsfactory.domain.goods import FUEL
from goodsfactory.domain.ship import NavStatus
from goodsfactory.ports.game_api import GameApi, Registration
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.scenarios import Scenario
from goodsfactory.sandbox.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)
Work = Callable[[GameApi, Registration, VirtualClock], Awaitable[Any]]


def play(work: Work, *, limit: RateLimit | None = None, fleet: int = 0) -> Any:
    """Register an agent in a new sandbox and let ``work`` use its session, in virtual time."""

    async def scene(clock: VirtualClock) -> Any:
        universe = generate_universe(7, epoch=START, scenario=Scenario.YOUNG)
        world = World(universe, now=clock.now, seed=7, starting_fleet=["SHIP_LIGHT_HAULER"] * fleet)
        gate = RequestGate(clock, limit or RateLimit())
        server = SpaceTradersServer(
            in_process(create_app(world)), "https://sandbox/v2", clock, gate, random.Random(7)
        )
        try:
            registration = await server.register("CLIENT", "COSMIC")
            return await work(server.session(registration.token), registration, clock)
        finally:
            await server.close()

    return run_virtual(scene, start=START)


def test_a_registered_agent_sees_itself_its_fleet_and_its_system() -> None:
    """Every page of ships and waypoints is read; the reset date is told."""

    async def work(api: GameApi, registration: Registration, clock: VirtualClock) -> None:
        agent = await api.agent()
        assert agent == registration.agent
        ships = await api.ships()
        assert {ship.symbol for ship in ships} == {ship.symbol for ship in registration.ships}
        assert len(ships) == agent.ship_count == 25
        assert await api.ship(ships[0].symbol) == ships[0]
        waypoints = await api.waypoints(ships[0].nav.system)
        assert agent.headquarters in {waypoint.symbol for waypoint in waypoints}
        assert len(waypoints) > 20
        assert (await api.recipes()).inputs("IRON") == ("IRON_ORE",)
        assert date.fromisoformat((await api.status()).reset_date)

    play(work, fleet=23)


def test_a_round_of_trade() -> None:
    """Buy, fly, refuel and sell: every answer agrees with the agent and the ship read afterwards."""

    async def work(api: GameApi, registration: Registration, clock: VirtualClock) -> None:
        ship = registration.ships[0]
        places = {waypoint.symbol: waypoint for waypoint in await api.waypoints(ship.nav.system)}
        here = places[ship.nav.waypoint]
        view = await api.market(ship.nav.waypoint)
        assert view.snapshot.observed_at == clock.now()
        good = min((each for each in view.snapshot.listings if each.good != FUEL), key=lambda each: each.ask)

        await api.dock(ship.symbol)
        bought = await api.purchase(ship.symbol, good.good, 2)
        assert (bought.units, bought.unit_price, bought.total) == (2, good.ask, 2 * good.ask)
        assert bought.balance == registration.agent.credits - bought.total == (await api.agent()).credits
        assert bought.hold == (await api.ship(ship.symbol)).hold
        recent = (await api.market(ship.nav.waypoint)).recent[-1]
        assert (recent.ship, recent.good, recent.total, recent.at) == (
            ship.symbol,
            good.good,
            bought.total,
            bought.at,
        )

        stations = [place for place in places.values() if place.type == "FUEL_STATION"]
        other = min(stations, key=lambda station: distance(here, station)).symbol
        await api.orbit(ship.symbol)
        assert (
            await api.set_flight_mode(ship.symbol, FlightMode.CRUISE)
        ).nav.flight_mode is FlightMode.CRUISE
        flight = await api.navigate(ship.symbol, other)
        assert flight.nav.status is NavStatus.IN_TRANSIT
        assert flight.nav.arrival is not None
        await clock.sleep((flight.nav.arrival - clock.now()).total_seconds())
        assert (await api.dock(ship.symbol)).waypoint == other
        fuelled = await api.refuel(ship.symbol)
        assert fuelled.tank is not None
        assert fuelled.tank.current == fuelled.tank.capacity
        assert fuelled.balance == bought.balance - fuelled.total
        again = await api.refuel(ship.symbol)
        assert (again.units, again.total, again.balance) == (0, 0, fuelled.balance)

        await api.orbit(ship.symbol)
        back = await api.navigate(ship.symbol, ship.nav.waypoint)
        assert back.nav.arrival is not None
        await clock.sleep((back.nav.arrival - clock.now()).total_seconds())
        await api.dock(ship.symbol)
        sold = await api.sell(ship.symbol, good.good, 2)
        assert sold.balance == fuelled.balance + sold.total
        assert sold.hold is not None
        assert sold.hold.units == 0
        assert api.statistics().limited == 0

    play(work)


@pytest.mark.parametrize(
    ("ask", "kind", "code"),
    [
        (lambda api, ship: api.ship("CLIENT-FF"), NotFound, 404),
        (lambda api, ship: api.waypoints("X1-NOWHERE"), NotFound, 404),
        (lambda api, ship: api.purchase(ship, "IRON_ORE", 100_000), Refused, None),
        (lambda api, ship: api.purchase(ship, "NO_SUCH_GOOD", 1), Refused, None),
        (lambda api, ship: api.sell(ship, "IRON_ORE", 1), Refused, None),
        (lambda api, ship: api.navigate(ship, "X1-NOWHERE-A1"), Refused, None),
    ],
)
def test_a_refusal_of_the_game_changes_nothing(ask: Any, kind: type[Refused], code: int | None) -> None:
    """Each no arrives with its code, after one request, and the purse is as before."""

    async def work(api: GameApi, registration: Registration, clock: VirtualClock) -> None:
        before, sent = await api.agent(), api.statistics().sent
        with pytest.raises(kind) as caught:
            await ask(api, registration.ships[0].symbol)
        assert code is None or caught.value.code == code
        assert caught.value.code >= 400
        assert api.statistics().sent == sent + 1
        assert await api.agent() == before

    play(work)


def test_a_token_of_another_universe_is_stale() -> None:
    """One request and a clear error, never a retry."""

    async def scene(clock: VirtualClock) -> int:
        world = World(generate_universe(7, epoch=START), now=clock.now, seed=7)
        gate = RequestGate(clock, RateLimit())
        server = SpaceTradersServer(
            in_process(create_app(world)), "https://sandbox/v2", clock, gate, random.Random(7)
        )
        with pytest.raises(StaleToken):
            await server.session("not-of-this-world").agent()
        await server.close()
        return server.statistics().sent

    assert run_virtual(scene, start=START) == 1


def test_a_crowd_never_meets_the_limit() -> None:
    """Thirty busy tasks in ten minutes make more than 1480 requests, and the sandbox refuses none."""

    async def work(api: GameApi, registration: Registration, clock: VirtualClock) -> Any:
        async def busy(number: int) -> None:
            ship = registration.ships[0].symbol
            questions: list[Callable[[], Awaitable[Any]]] = [
                api.agent,
                lambda: api.ship(ship),
                lambda: api.market(registration.agent.headquarters),
            ]
            while (clock.now() - START).total_seconds() < 600:
                await questions[number % 3]()

        async with asyncio.TaskGroup() as tasks:
            for number in range(30):
                tasks.create_task(busy(number))
        return api.statistics()

    statistics = play(work)
    assert statistics.limited == 0
    assert statistics.sent >= 1480
