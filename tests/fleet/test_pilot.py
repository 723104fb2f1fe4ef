"""The pilot against the real rules: it waits, refuels, believes the server, and recovers by reading again."""

import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from tests.daemon.stage import Fate, Stage, check_books, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.daemon.crew import Crew
from goodsfactory.domain.container import Claim
from goodsfactory.domain.errors import Conflict, NotFound, Refused, SpendRefused, Unavailable
from goodsfactory.domain.geography import FlightMode
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.domain.ship import NavStatus, Ship
from goodsfactory.fleet.pilot import Duty
from goodsfactory.sandbox.ships import Ship as SandboxShip


@dataclass
class Bridge:
    """The command frigate, claimed for a test, and its pilot. ``near`` and ``far`` are places to go."""

    stage: Stage
    player: Player
    crew: Crew
    ship: Ship
    duty: Duty
    near: str
    far: str

    @property
    def real(self) -> SandboxShip:
        """The ship as the sandbox has it."""
        return next(ship for ship in self.stage.world.fleets if ship.symbol == self.ship.symbol)

    def asked(self, pattern: str) -> list[str]:
        """Requests about the ship that match."""
        return [
            request
            for request in self.stage.line.requests
            if f"/{self.ship.symbol}" in request and re.search(pattern, request)
        ]

    async def stored(self) -> Ship | None:
        known = await self.stage.application.store.transact(lambda tx: tx.ships.get(self.ship.symbol))
        return None if known is None else known[1]


@asynccontextmanager
async def bridge(clock: VirtualClock, **flags: Any) -> AsyncIterator[Bridge]:
    async with stage(clock, ships=(), **flags) as one:
        player = await one.begin()
        crew = one.application.roster.crew(player.id)
        await crew.scout.survey(one.world.universe.headquarters.rsplit("-", 1)[0])
        ship = (await one.application.ships(player.id))[0][0]
        duty = Duty(player.id, "a-test", 1)
        claim = Claim(ship.symbol, player.id, duty.container_id, "a test", 1, clock.now())
        assert await one.application.store.transact(lambda tx: tx.claims.claim(claim))
        places = await one.application.store.transact(lambda tx: tx.waypoints.in_system(ship.nav.system))
        home = next(place for place in places if place.symbol == ship.nav.waypoint)
        markets = [place for place in places if place.is_market and (place.x, place.y) != (home.x, home.y)]
        markets.sort(key=lambda place: (place.x - home.x) ** 2 + (place.y - home.y) ** 2)
        yield Bridge(one, player, crew, ship, duty, markets[0].symbol, markets[-1].symbol)


@in_virtual_time
async def test_it_arrives_when_the_server_says(clock: VirtualClock) -> None:
    """The ship is read again only after the announced arrival, and once."""
    async with bridge(clock) as one:
        ship = await one.crew.pilot.go(one.ship, one.near, one.duty)
        assert ship.nav.waypoint == one.near == one.real.waypoint
        assert ship.nav.status is NavStatus.IN_ORBIT
        assert clock.now() >= one.real.route.arrival
        assert len(one.asked("^GET")) == 1
        assert await one.stored() == ship


@in_virtual_time
async def test_being_there_already_is_success(clock: VirtualClock) -> None:
    """No request is made for a way of no length."""
    async with bridge(clock) as one:
        assert await one.crew.pilot.go(one.ship, one.ship.nav.waypoint, one.duty) == one.ship
        assert one.asked("") == []


@in_virtual_time
async def test_docking_and_orbiting_twice_is_success(clock: VirtualClock) -> None:
    """What is so already is not asked for."""
    async with bridge(clock) as one:
        ship = await one.crew.pilot.orbit(one.ship)
        ship = await one.crew.pilot.orbit(ship)
        ship = await one.crew.pilot.dock(ship)
        ship = await one.crew.pilot.dock(ship)
        assert ship.nav.status is NavStatus.DOCKED
        assert len(one.asked("/orbit$")) == len(one.asked("/dock$")) == 1


@in_virtual_time
async def test_a_ship_under_way_is_waited_for(clock: VirtualClock) -> None:
    """A ship met in transit is flown on from where it arrives, not ordered about in flight."""
    async with bridge(clock) as one:
        await one.crew.pilot.orbit(one.ship)
        await one.crew.api.navigate(one.ship.symbol, one.near)
        ship = await one.crew.pilot.observe(one.ship.symbol)
        assert ship.nav.status is NavStatus.IN_TRANSIT
        first_arrival = one.real.route.arrival
        ship = await one.crew.pilot.go(ship, one.ship.nav.waypoint, one.duty)
        assert one.real.route.departure >= first_arrival
        assert ship.nav.waypoint == one.ship.nav.waypoint


@in_virtual_time
async def test_a_far_place_is_reached_with_refuel_stops(clock: VirtualClock) -> None:
    """Beyond one tank the ship stops for fuel, pays it through the books, and does not drift."""
    async with bridge(clock) as one:
        ship = await one.crew.pilot.go(one.ship, one.far, one.duty)
        assert ship.nav.waypoint == one.far == one.real.waypoint
        assert len(one.asked("/navigate$")) > 1
        assert one.asked("/refuel$") != []
        assert one.real.flight_mode.value != FlightMode.DRIFT.value
        await check_books(one.stage, one.player)
        kinds = [entry.kind for entry in await one.stage.ledger(one.player)]
        assert kinds.count(MoneyKind.REFUEL) == len(one.asked("/refuel$"))


@in_virtual_time
async def test_less_fuel_than_believed_is_read_again(clock: VirtualClock) -> None:
    """4203: the plan rested on a wrong tank; the ship is read and the way planned anew."""
    async with bridge(clock) as one:
        one.stage.line.disturb(r"/navigate$", first=partial(setattr, one.real, "fuel", 1))
        ship = await one.crew.pilot.go(one.ship, one.near, one.duty)
        assert ship.nav.waypoint == one.near
        assert len(one.asked("/navigate$")) == 2
        assert len(one.asked("/refuel$")) == 1
        await check_books(one.stage, one.player)


@in_virtual_time
async def test_a_ship_docked_behind_our_back_is_undocked(clock: VirtualClock) -> None:
    """4236: believed in orbit, docked by somebody; read again and sent off."""
    async with bridge(clock) as one:
        ship = await one.crew.pilot.orbit(one.ship)
        one.stage.line.disturb(r"/navigate$", first=partial(setattr, one.real, "docked", True))
        ship = await one.crew.pilot.go(ship, one.near, one.duty)
        assert ship.nav.waypoint == one.near
        assert len(one.asked("/navigate$")) == 2


@in_virtual_time
async def test_a_ship_sent_off_behind_our_back_is_waited_for(clock: VirtualClock) -> None:
    """4214: believed at home, in transit by somebody's order; it is read, awaited, and then flown on."""
    async with bridge(clock) as one:
        agent = one.stage.world.agents.find("FACTORY")
        ship = await one.crew.pilot.orbit(one.ship)

        def abducted() -> None:
            one.stage.world.navigate(agent, ship.symbol, one.near)

        one.stage.line.disturb(r"/navigate$", first=abducted)
        ship = await one.crew.pilot.go(ship, one.far, one.duty)
        assert ship.nav.waypoint == one.far == one.real.waypoint


@in_virtual_time
async def test_it_does_not_replan_for_ever(clock: VirtualClock) -> None:
    """A refusal that comes back each time is handed on after a few tries."""
    async with bridge(clock) as one:
        ship = await one.crew.pilot.orbit(one.ship)
        one.stage.line.disturb(r"/navigate$", first=partial(setattr, one.real, "docked", True), on=True)
        with pytest.raises(Refused) as caught:
            await one.crew.pilot.go(ship, one.near, one.duty)
        assert caught.value.code == 4236
        assert 2 < len(one.asked("/navigate$")) < 12


@in_virtual_time
async def test_a_place_that_is_not_on_the_map_is_a_conflict(clock: VirtualClock) -> None:
    """Nothing is asked for an unknown destination."""
    async with bridge(clock) as one:
        with pytest.raises(Conflict, match="X1-NO1-A1"):
            await one.crew.pilot.go(one.ship, "X1-NO1-A1", one.duty)
        assert one.asked("") == []


@in_virtual_time
async def test_a_ship_that_is_gone_is_forgotten(clock: VirtualClock) -> None:
    """404: the ship is no longer among ours, and the caller hears of it."""
    async with bridge(clock) as one:
        one.stage.line.gone.add(one.ship.symbol)
        with pytest.raises(NotFound):
            await one.crew.pilot.observe(one.ship.symbol)
        assert await one.stored() is None


@pytest.mark.parametrize("moment", ["/orbit$", "/navigate$", "^GET .*/my/ships/"])
@in_virtual_time
async def test_a_ship_that_vanishes_on_its_way_is_forgotten(clock: VirtualClock, moment: str) -> None:
    """Wherever in a voyage the 404 comes, the ship is forgotten at once."""
    async with bridge(clock) as one:
        one.stage.line.disturb(moment, first=partial(one.stage.line.gone.add, one.ship.symbol))
        with pytest.raises(NotFound):
            await one.crew.pilot.go(one.ship, one.near, one.duty)
        assert await one.stored() is None


@in_virtual_time
async def test_an_unknown_place_of_the_game_does_not_cost_the_ship(clock: VirtualClock) -> None:
    """A refusal that is about the place, not the ship, leaves the ship among ours."""
    async with bridge(clock) as one:
        places: Any = one.stage.world.universe.systems[one.ship.nav.system].waypoints
        one.stage.line.disturb(r"/navigate$", first=partial(places.pop, one.near))
        with pytest.raises(Refused, match="4201"):
            await one.crew.pilot.go(one.ship, one.near, one.duty)
        assert await one.stored() is not None


@in_virtual_time
async def test_a_lost_answer_of_navigate_is_not_flown_twice(clock: VirtualClock) -> None:
    """Unavailable goes to the caller, who reads the ship; the flight under way is then waited for."""
    async with bridge(clock) as one:
        one.stage.line.disturb(r"/navigate$", Fate.FAILS_AFTER)
        with pytest.raises(Unavailable):
            await one.crew.pilot.go(one.ship, one.near, one.duty)
        ship = await one.crew.pilot.observe(one.ship.symbol)
        ship = await one.crew.pilot.go(ship, one.near, one.duty)
        assert ship.nav.waypoint == one.near
        assert len(one.asked("/navigate$")) == 1


@in_virtual_time
async def test_a_ship_without_cargo_does_not_drift_for_want_of_money(clock: VirtualClock) -> None:
    """Empty and broke: the refusal goes to the caller, who can give the ship other work."""
    async with bridge(clock, credits=50) as one:
        one.real.fuel = 10
        ship = await one.crew.pilot.observe(one.ship.symbol)
        with pytest.raises(SpendRefused) as caught:
            await one.crew.pilot.go(ship, one.far, one.duty)
        assert caught.value.rule == "floor"
        assert one.asked("/navigate$") == []


@in_virtual_time
async def test_a_laden_ship_drifts_for_want_of_money(clock: VirtualClock) -> None:
    """Laden and broke: it drifts on what is in the tank, and buys nothing."""
    async with bridge(clock, credits=50) as one:
        one.real.fuel = 10
        one.real.load("IRON_ORE", 5)
        ship = await one.crew.pilot.observe(one.ship.symbol)
        ship = await one.crew.pilot.go(ship, one.near, one.duty)
        assert ship.nav.waypoint == one.near
        assert one.real.flight_mode.value == FlightMode.DRIFT.value
        assert one.stage.trades.all == []


@in_virtual_time
async def test_a_laden_ship_drifts_where_the_credits_are_unknown(clock: VirtualClock) -> None:
    """Nothing is bought with credits that nobody has read, and its cargo goes on all the same."""
    async with bridge(clock) as one:
        one.real.fuel = 10
        one.real.load("IRON_ORE", 5)
        ship = await one.crew.pilot.observe(one.ship.symbol)
        with sqlite3.connect(one.stage.folder / "goodsfactory.sqlite") as connection:
            connection.execute("UPDATE players SET credits = NULL, credits_observed_at = NULL")
        connection.close()
        ship = await one.crew.pilot.go(ship, one.near, one.duty)
        assert ship.nav.waypoint == one.near
        assert one.stage.trades.all == []


@in_virtual_time
async def test_a_full_tank_is_not_filled(clock: VirtualClock) -> None:
    """Refuelling a full ship asks nothing and costs nothing."""
    async with bridge(clock) as one:
        full = replace(one.ship, tank=replace(one.ship.tank, current=one.ship.tank.capacity))
        assert await one.crew.pilot.refuel(full, one.duty) == full
        assert one.asked("") == []


@in_virtual_time
async def test_a_price_too_old_is_looked_up_before_refuelling(clock: VirtualClock) -> None:
    """The tank is filled at a price seen just now."""
    async with bridge(clock) as one:
        one.real.fuel -= 100
        await one.crew.scout.look(one.ship.nav.waypoint)
        await clock.sleep(3600)
        ship = await one.crew.pilot.observe(one.ship.symbol)
        ship = await one.crew.pilot.refuel(ship, one.duty)
        assert ship.tank.current == ship.tank.capacity
        looks = [one_ for one_ in one.stage.line.requests if one_.endswith(f"{ship.nav.waypoint}/market")]
        assert len(looks) == 3
        await check_books(one.stage, one.player)


class Vague:
    """The sandbox behind a server that says IN_TRANSIT of a ship until an instant, whatever is true.

    ``announced`` tells the arrival it once announced; without that it tells none.
    """

    def __init__(self, one: Bridge, until: datetime, *, announced: bool) -> None:
        self._inner = one.stage.line._application
        self._one = one
        self._until = until
        self._announced = announced
        one.stage.line.serve(self)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        vague = scope["path"].endswith(f"/my/ships/{self._one.ship.symbol}")
        if not vague or self._one.stage.clock.now() >= self._until:
            await self._inner(scope, receive, send)
            return
        parts: list[Any] = []

        async def keep(message: Any) -> None:
            parts.append(message)

        await self._inner(scope, receive, keep)
        answer = json.loads(b"".join(part.get("body", b"") for part in parts))
        answer["data"]["nav"]["status"] = "IN_TRANSIT"
        if not self._announced:
            del answer["data"]["nav"]["route"]["arrival"]
        body = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("late", "looks"), [(0.5, 2), (90.0, 9), (3600.0, 70)])
@in_virtual_time
async def test_a_ship_that_is_late_is_read_ever_more_rarely(
    clock: VirtualClock, late: float, looks: int, announced: bool
) -> None:
    """IN_TRANSIT past its arrival, or with none told: seconds at first, then a minute between two looks."""
    async with bridge(clock) as one:
        flight = await one.crew.api.orbit(one.ship.symbol)
        assert flight.status is NavStatus.IN_ORBIT
        sent = await one.crew.api.navigate(one.ship.symbol, one.near)
        assert sent.nav.arrival is not None
        Vague(one, sent.nav.arrival + timedelta(seconds=late + 1.0), announced=announced)
        ship = await one.crew.pilot.observe(one.ship.symbol)
        before = len(one.asked("^GET"))
        ship = await one.crew.pilot.go(ship, one.near, one.duty)
        assert (ship.nav.waypoint, ship.nav.status) == (one.near, NavStatus.IN_ORBIT)
        assert len(one.asked("^GET")) - before <= looks + (0 if announced else 12)
        overslept = (clock.now() - sent.nav.arrival).total_seconds() - late
        assert overslept <= 62


@in_virtual_time
async def test_a_ship_without_an_arrival_is_no_ship_at_its_goal(clock: VirtualClock) -> None:
    """Nobody looks at a market through it, and nobody thinks it idle there."""
    async with bridge(clock) as one:
        await one.crew.api.orbit(one.ship.symbol)
        sent = await one.crew.api.navigate(one.ship.symbol, one.near)
        assert sent.nav.arrival is not None
        Vague(one, sent.nav.arrival, announced=False)
        ship = await one.crew.pilot.observe(one.ship.symbol)
        assert ship.nav.arrival is None
        assert ship.in_transit(clock.now())
        assert not ship.is_at(one.near, clock.now())
