"""A ship that fails is not sent again at once, and one bad stop spoils no tour."""

import itertools
from typing import Any

from tests.daemon.stage import Stage, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.player import Player
from goodsfactory.ports.store import Transaction


async def strand(one: Stage) -> str:
    """While nobody looks, the only cargo ship runs dry where no fuel is sold; returns its symbol."""
    await one.application.stop()
    ship = next(ship for ship in one.world.fleets if ship.type.cargo_capacity)
    places = next(iter(one.world.universe.systems.values())).waypoints
    place = next(symbol for symbol in places if symbol not in one.world.universe.markets)
    now = one.clock.now()
    ship.route = type(ship.route)(place, place, now, now, 0.0, now)
    ship.fuel = 0
    await (await one.open()).start()
    return ship.symbol


def others(one: Stage, ship: str) -> tuple[str, ...]:
    return tuple(other.symbol for other in one.world.fleets if other.symbol != ship)


async def reason(one: Stage, player: Player, ship: str) -> str:
    told = await one.application.explain_ship(player.id, ship, None)
    assert not told.eligible
    return next(sentence for sentence in told.reasons if " rests after " in sentence)


async def tour(one: Stage, *missing: int) -> tuple[Container, tuple[str, ...]]:
    """The first scout voyage of several stops after the markets of ``missing`` stops are gone; its end."""
    player = await one.begin()
    gone: set[str] = set()
    inner = one.line._application

    async def server(scope: Any, receive: Any, send: Any) -> None:
        if any(scope["path"].endswith(f"/waypoints/{place}/market") for place in gone):
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 404, "headers": headers})
            body = b'{"error":{"message":"Market not found.","code":404}}'
            await send({"type": "http.response.body", "body": body})
        else:
            await inner(scope, receive, send)

    one.line.serve(server)
    await one.produce(player, "ELECTRONICS")
    await one.until(EventKind.SCOUT_SENT)
    sent = [event for event in await one.events(EventKind.SCOUT_SENT) if len(event.data["waypoints"]) > 1]
    waypoints = tuple(sent[0].data["waypoints"])
    gone.update(waypoints[number] for number in missing or range(len(waypoints)))
    while not (container := await one.application.container(str(sent[0].container_id))).status.is_over:
        await one.clock.sleep(10)
    return container, waypoints


@in_virtual_time
async def test_a_stranded_ship_is_not_sent_every_second(clock: VirtualClock) -> None:
    """It can scout nothing: it is tried a few times, ever more rarely, and not for ever."""
    async with stage(clock, ships=("SHIP_LIGHT_SHUTTLE",)) as one:
        player = await one.begin()
        stranded = await strand(one)
        await one.produce(player, "IRON", exclude=others(one, stranded))
        await clock.sleep(300)
        sent = [event for event in await one.events(EventKind.SCOUT_SENT) if event.ship == stranded]
        assert 2 <= len(sent) <= 4
        pauses = [(b.at - a.at).total_seconds() for a, b in itertools.pairwise(sent)]
        assert all(pause >= 30 * 2**number for number, pause in enumerate(pauses)), pauses


@in_virtual_time
async def test_a_restart_does_not_forget_that_a_ship_rests(clock: VirtualClock) -> None:
    """The rest is read from how its work ended; `ships explain` tells until when, and why."""
    async with stage(clock, ships=("SHIP_LIGHT_SHUTTLE",)) as one:
        player = await one.begin()
        stranded = await strand(one)
        await one.produce(player, "IRON", exclude=others(one, stranded))
        await one.until(EventKind.SCOUT_SENT, ship=stranded, count=3, hours=1)
        await clock.sleep(5)
        before = await reason(one, player, stranded)
        assert before.startswith(f"{stranded} rests after 3 failures until ")
        assert f": {stranded} cannot reach " in before
        await one.application.stop()
        await (await one.open()).start()
        assert await reason(one, player, stranded) == before
        sent = len(await one.events(EventKind.SCOUT_SENT))
        await clock.sleep(60)
        assert len(await one.events(EventKind.SCOUT_SENT)) == sent


@in_virtual_time
async def test_a_large_fleet_hides_no_voyage_that_went_well(clock: VirtualClock) -> None:
    """A ship that failed and then did its work is healthy, whatever hundreds of others did since."""
    async with stage(clock) as one:
        player = await one.begin()
        ship, other = [found.symbol for found in one.world.fleets if found.type.cargo_capacity][:2]

        async def voyage(number: int, whose: str, outcome: ContainerStatus) -> None:
            name, now = f"worker-{number}", clock.now()
            row = Container(name, ContainerType.WORKER, player.id, now, now, metadata={"ship": whose})

            def flown(tx: Transaction) -> None:
                tx.containers.add(row)
                tx.containers.begin(name, now, restarted=False)
                tx.containers.end(name, outcome, now, reason="no fuel there")

            await one.application.store.transact(flown)
            await clock.sleep(2)

        for number in range(8):
            await voyage(number, ship, ContainerStatus.FAILED)
        assert "rests after 8 failures" in await reason(one, player, ship)
        await voyage(8, ship, ContainerStatus.COMPLETED)
        for number in range(9, 260):
            await voyage(number, other, ContainerStatus.COMPLETED)
        told = await one.application.explain_ship(player.id, ship, None)
        assert told.reasons == ()
        await voyage(260, ship, ContainerStatus.FAILED)
        assert "rests after 1 failure " in await reason(one, player, ship)


@in_virtual_time
async def test_a_ship_out_of_reach_of_its_leg_is_given_none(clock: VirtualClock) -> None:
    """No worker is sent to fail: nobody is matched with what the tank does not allow."""
    async with stage(clock, ships=("SHIP_LIGHT_SHUTTLE",)) as one:
        player = await one.begin()
        await one.produce(player, "IRON")
        await one.until(EventKind.LEG_ASSIGNED)
        factories = await one.application.factories(player.id, ())
        for report in factories:
            await one.application.stop_factory(player.id, report.factory.id)
        stranded = await strand(one)
        before = len(await one.events(EventKind.LEG_ASSIGNED))
        await one.produce(player, "IRON")
        await clock.sleep(1800)
        assigned = (await one.events(EventKind.LEG_ASSIGNED))[before:]
        assert stranded not in {event.ship for event in assigned}


@in_virtual_time
async def test_one_market_that_is_gone_spoils_no_tour(clock: VirtualClock) -> None:
    """The stop is passed over with a warning, and the others are looked at."""
    async with stage(clock) as one:
        container, waypoints = await tour(one, 0)
        assert container.status is ContainerStatus.COMPLETED
        logs = await one.application.store.transact(lambda tx: tx.containers.logs(container.id))
        warned = [line.message for line in logs if line.level == "WARNING"]
        assert [f"passes over {waypoints[0]}: Market not found." in line for line in warned] == [True]
        for waypoint in waypoints[1:]:
            market = await one.application.store.transact(
                lambda tx: tx.markets.get(waypoint)  # noqa: B023 - used at once
            )
            assert market is not None
            assert market.observed_at is not None
            assert market.observed_at > container.created_at


@in_virtual_time
async def test_a_tour_without_any_market_fails(clock: VirtualClock) -> None:
    """With what the last stop was refused for."""
    async with stage(clock) as one:
        container, _ = await tour(one)
        assert container.status is ContainerStatus.FAILED
        assert "Market not found" in str(container.exit_reason)


@in_virtual_time
async def test_a_ship_that_keeps_failing_the_same_way_is_left_alone(clock: VirtualClock) -> None:
    """The game refuses each of its purchases: it rests ever longer, and another ship does the work."""
    async with stage(clock, ships=("SHIP_LIGHT_SHUTTLE",)) as one:
        player = await one.begin()
        inner = one.line._application
        refused: list[float] = []

        async def server(scope: Any, receive: Any, send: Any) -> None:
            if scope["path"].endswith("/FACTORY-1/purchase"):
                refused.append(clock.now().timestamp())
                headers = [(b"content-type", b"application/json")]
                await send({"type": "http.response.start", "status": 400, "headers": headers})
                body = b'{"error":{"message":"The hold is sealed by customs.","code":4999}}'
                await send({"type": "http.response.body", "body": body})
            else:
                await inner(scope, receive, send)

        one.line.serve(server)
        factory = await one.produce(player, "IRON")
        report = await one.until_over(player, factory, hours=4)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert {leg.ship for leg in report.legs if leg.delivered} == {"FACTORY-3"}
        assert 1 <= len(refused) <= 4
        if len(refused) > 1:
            pauses = [after - before for before, after in itertools.pairwise(refused)]
            assert all(pause >= 30 * 2**number for number, pause in enumerate(pauses)), pauses
        failures = await one.events(EventKind.LEG_FAILED)
        assert all("sealed by customs" in event.message for event in failures)
