"""Standing scouts at work: prices stay fresh, nobody is sent twice, and every end leaves the ships free."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from tests.daemon.stage import Fate, Stage, check_books, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.daemon.scouting_orders import Scouting, ScoutWish
from goodsfactory.domain.container import Container, ContainerStatus, ContainerType
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus, Terminal
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.player import Player
from goodsfactory.sandbox.faults import FaultKind

PROBES = ("SHIP_PROBE",) * 3
FLEET = ("SHIP_LIGHT_SHUTTLE", *PROBES)
"""With the probe of the start: four of them."""


async def start(one: Stage, player: Player, *ships: str, **wish: Any) -> Scouting:
    return await one.application.desks.scouting.start(player.id, ScoutWish(ships, **wish))


async def show(one: Stage, player: Player) -> Scouting:
    return await one.application.desks.scouting.show(player.id)


async def markets(one: Stage) -> dict[str, MarketSnapshot]:
    system = one.world.universe.headquarters.rsplit("-", 1)[0]
    known = await one.application.store.transact(lambda tx: tx.markets.in_system(system))
    return {market.waypoint: market for market in known}


async def containers(one: Stage, type: ContainerType) -> list[Container]:
    return await one.application.store.transact(lambda tx: tx.containers.find(types=(type,)))


def age(one: Stage, market: MarketSnapshot) -> timedelta:
    found = market.age(one.clock.now())
    assert found is not None, f"{market.waypoint} was never seen"
    return found


def some(one: Stage, number: int) -> tuple[str, ...]:
    return tuple(sorted(one.world.universe.markets)[:number])


@in_virtual_time
async def test_parked_probes_keep_their_markets_fresh_for_one_request_a_look(clock: VirtualClock) -> None:
    """A probe for each market: after the flights one request every quarter of an hour, and no more."""
    async with stage(clock, ships=FLEET) as one:
        player = await one.begin()
        posts = some(one, 4)
        begun = await start(one, player, markets=posts)
        assert sorted(market for scout in begun.scouts for market in scout.share.markets) == list(posts)
        assert all(scout.share.parked for scout in begun.scouts)
        await clock.sleep(3600)
        sent = len(one.line.requests)
        for _ in range(4):
            await clock.sleep(900)
            known = await markets(one)
            assert max(age(one, known[post]) for post in posts) <= timedelta(seconds=965)
        spent = one.line.requests[sent:]
        looked = [request for request in spent if request.endswith("/market")]
        assert 4 * 3 <= len(looked) <= 4 * 5
        assert not [request for request in spent if "/navigate" in request or "/orbit" in request]


@in_virtual_time
async def test_one_probe_tours_its_markets(clock: VirtualClock) -> None:
    """Every market is seen, also those that no factory ever asked for, and none is forgotten for long."""
    async with stage(clock) as one:
        player = await one.begin()
        [scout] = (await start(one, player)).scouts
        assert not scout.share.parked
        await clock.sleep(4 * 3600)
        known = await markets(one)
        assert set(known) == set(one.world.universe.markets)
        assert max(age(one, market) for market in known.values()) < timedelta(hours=3)
        await check_books(one, player)


@in_virtual_time
async def test_markets_of_a_factory_get_a_probe_each_while_it_works(clock: VirtualClock) -> None:
    """The shares follow the factories: once it is stopped, all tour again."""
    async with stage(clock, ships=FLEET) as one:
        player = await one.begin()
        await start(one, player)
        await clock.sleep(600)
        assert not any(scout.share.parked for scout in (await show(one, player)).scouts)
        factory = await one.produce(player, "IRON", units=2_000)
        await clock.sleep(1800)
        seen = await show(one, player)
        used = {watched.interest.waypoint for watched in seen.markets if watched.interest.goods}
        parked = {scout.share.markets[0] for scout in seen.scouts if scout.share.parked}
        assert 0 < len(used) < 4
        assert parked == used
        known = await markets(one)
        assert max(age(one, known[waypoint]) for waypoint in used) <= timedelta(seconds=365)
        await one.application.stop_factory(player.id, factory)
        await clock.sleep(120)
        assert not any(scout.share.parked for scout in (await show(one, player)).scouts)


@in_virtual_time
async def test_where_the_output_is_sold_matters_too(clock: VirtualClock) -> None:
    """A factory that sells depends on the bid of its sink; one that keeps its output does not."""
    async with stage(clock) as one:
        player = await one.begin()
        await one.produce(player, "IRON", units=2_000)
        await one.produce(player, "COPPER", units=2_000, terminal=Terminal.SELL)
        await clock.sleep(2 * 3600)
        takers = {
            good: {m.waypoint for m in one.world.universe.markets.values() if good in m.imports}
            for good in ("IRON", "COPPER")
        }
        used = {
            good: {w.interest.waypoint for w in (await show(one, player)).markets if good in w.interest.goods}
            for good in ("IRON", "COPPER")
        }
        assert len(used["COPPER"] & takers["COPPER"]) == 1
        assert not used["IRON"] & takers["IRON"]


@in_virtual_time
async def test_nobody_else_is_sent_where_scouts_tour(clock: VirtualClock) -> None:
    """Prices grow old in ten minutes: the probes look wherever the factory wants it, and it completes."""
    async with stage(clock, ships=FLEET, policy__market_ttl=600.0) as one:
        player = await one.begin()
        await start(one, player)
        await clock.sleep(2 * 3600)
        assert all(market.observed_at for market in (await markets(one)).values())
        factory = await one.produce(player, "ELECTRONICS", units=40)
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert await containers(one, ContainerType.SCOUT) == []
        await check_books(one, player)


@in_virtual_time
async def test_a_market_scouts_do_not_keep_is_looked_at_all_the_same(clock: VirtualClock) -> None:
    """The probe watches one market elsewhere, prices grow old in a minute: cargo ships look again."""
    async with stage(clock, policy__market_ttl=60.0) as one:
        player = await one.begin()
        [exporter] = [m.waypoint for m in one.world.universe.markets.values() if "IRON" in m.exports]
        elsewhere = next(place for place in some(one, 9) if place != exporter)
        await start(one, player, markets=(elsewhere,))
        await one.produce(player, "IRON", units=500)
        await clock.sleep(4 * 3600)
        sent = await containers(one, ContainerType.SCOUT)
        assert "FACTORY-2" not in {container.metadata["ship"] for container in sent}
        stops = Counter(str(stop) for container in sent for stop in container.metadata["waypoints"])
        assert max(stops.values()) > 1, "later looks are the work of probes, where one may go"


@in_virtual_time
async def test_a_probe_that_is_to_scout_is_sent_on_no_errand(clock: VirtualClock) -> None:
    """It is free for a moment before its scout holds it: the planner leaves it alone."""
    async with stage(clock) as one:
        player = await one.begin()
        now = clock.now()
        wish = {"ship": "FACTORY-2", "system": "X1-WD9", "markets": []}
        row = Container("s", ContainerType.STANDING_SCOUT, player.id, now, now, metadata=wish)
        await one.application.store.transact(lambda tx: tx.containers.add(row))
        await one.produce(player, "ELECTRONICS", exclude=("FACTORY-1",))
        await one.until(EventKind.SCOUT_SENT)
        await clock.sleep(600)
        sent = await containers(one, ContainerType.SCOUT)
        assert "FACTORY-2" not in {container.metadata["ship"] for container in sent}


@in_virtual_time
async def test_a_busy_probe_scouts_once_it_is_free(clock: VirtualClock) -> None:
    """It was sent to look for a factory: it does that first, and no other errand comes between."""
    async with stage(clock) as one:
        player = await one.begin()
        await one.produce(player, "ELECTRONICS", exclude=("FACTORY-1",))
        sent = await one.until(EventKind.SCOUT_SENT, ship="FACTORY-2")
        [scout] = (await start(one, player)).scouts
        claim = await one.application.store.transact(lambda tx: tx.claims.of_ship("FACTORY-2"))
        assert claim is not None
        assert claim.container_id == sent.container_id
        await one.until(EventKind.SHIP_FREED, ship="FACTORY-2")
        await clock.sleep(60)
        claim = await one.application.store.transact(lambda tx: tx.claims.of_ship("FACTORY-2"))
        assert claim is not None
        assert claim.container_id == scout.container.id


@pytest.mark.parametrize("seconds", [0, 20, 3600], ids=["at once", "under way", "at their posts"])
@in_virtual_time
async def test_scouts_go_on_after_a_kill(clock: VirtualClock, seconds: float) -> None:
    """Killed at any moment: the next daemon resumes them with their ships, markets and rounds (L6)."""
    async with stage(clock, ships=FLEET) as one:
        player = await one.begin()
        begun = await start(one, player, markets=some(one, 8))
        await clock.sleep(seconds)
        before = {scout.symbol: scout.container.iteration for scout in (await show(one, player)).scouts}
        await one.kill()
        recovery, complaints = await (await one.open()).start()
        assert (recovery.lost, complaints) == (0, [])
        assert recovery.resumed == len(begun.scouts) + 1
        after = await show(one, player)
        assert {scout.container.id for scout in after.scouts} == {
            scout.container.id for scout in begun.scouts
        }
        await clock.sleep(5400)
        for scout in (await show(one, player)).scouts:
            assert scout.container.iteration > before[scout.symbol]


@in_virtual_time
async def test_asking_twice_changes_nothing_and_asking_otherwise_begins_anew(clock: VirtualClock) -> None:
    """The same wish reuses the scouts; other markets, or other rounds, end the old ones first."""
    async with stage(clock, ships=FLEET) as one:
        player = await one.begin()
        first = await start(one, player)
        again = await start(one, player)
        ids = {scout.container.id for scout in first.scouts}
        assert again.reused == ids
        assert {scout.container.id for scout in again.scouts} == ids
        other = await start(one, player, markets=some(one, 2))
        assert other.reused == frozenset()
        assert len(other.scouts) == 2
        ended = [c for c in await containers(one, ContainerType.STANDING_SCOUT) if c.status.is_over]
        assert {container.exit_reason for container in ended} == {"it is to scout otherwise"}


@in_virtual_time
async def test_rounds_come_to_an_end(clock: VirtualClock) -> None:
    """After two looks at every market the scout has done its work, and its ship is free."""
    async with stage(clock) as one:
        player = await one.begin()
        posts = some(one, 3)
        await start(one, player, markets=posts, rounds=2)
        ended = await one.until(EventKind.CONTAINER_ENDED, ship="FACTORY-2", hours=24)
        assert ended.message.endswith("FACTORY-2 has done 2 rounds")
        assert (await show(one, player)).scouts == []
        assert await one.application.store.transact(lambda tx: tx.claims.of_ship("FACTORY-2")) is None
        seen = await one.events(EventKind.MARKET_OBSERVED)
        looks = [event.data["waypoint"] for event in seen if event.container_id == ended.container_id]
        assert {post: looks.count(post) >= 2 for post in posts} == dict.fromkeys(posts, True)


@in_virtual_time
async def test_stopped_scouts_are_free(clock: VirtualClock) -> None:
    """One by name, then all; whoever does not scout cannot be stopped."""
    async with stage(clock, ships=FLEET) as one:
        player = await one.begin()
        await start(one, player)
        await clock.sleep(600)
        desk = one.application.desks.scouting
        with pytest.raises(UserError, match=r"FACTORY-1 is no standing scout; FACTORY-2, .* scouts"):
            await desk.stop(player.id, ["FACTORY-1"])
        assert await desk.stop(player.id, ["factory-4"]) == ("FACTORY-4",)
        assert await desk.stop(player.id) == ("FACTORY-2", "FACTORY-5", "FACTORY-6")
        assert await desk.stop(player.id) == ()
        assert await one.application.store.transact(lambda tx: tx.claims.of_player(player.id)) == []


@in_virtual_time
async def test_a_probe_that_is_gone_ends_its_scout_alone(clock: VirtualClock) -> None:
    """The others take over its markets (L9)."""
    async with stage(clock, ships=FLEET) as one:
        player = await one.begin()
        await start(one, player)
        await clock.sleep(1800)
        one.line.gone.add("FACTORY-2")
        await one.until(EventKind.SHIP_LOST, ship="FACTORY-2", hours=12)
        await clock.sleep(300)
        seen = await show(one, player)
        assert {scout.symbol for scout in seen.scouts} == {"FACTORY-4", "FACTORY-5", "FACTORY-6"}
        shared = sorted(market for scout in seen.scouts for market in scout.share.markets)
        assert shared == sorted(one.world.universe.markets)
        [failed] = [
            c
            for c in await containers(one, ContainerType.STANDING_SCOUT)
            if c.status is ContainerStatus.FAILED
        ]
        assert failed.exit_reason == "FACTORY-2 is gone."


@in_virtual_time
async def test_a_market_that_cannot_be_read_does_not_stop_the_tour(clock: VirtualClock) -> None:
    """It is passed over for a while and tried again; the others stay fresh, requests stay few."""
    async with stage(clock) as one:
        player = await one.begin()
        *good, bad = some(one, 4)
        await start(one, player, markets=(bad, *good))
        one.line.disturb(rf"GET .*/waypoints/{bad}/market$", Fate.FAILS_BEFORE, on=True)
        await clock.sleep(2 * 3600)
        known = await markets(one)
        assert known[bad].observed_at is None
        assert max(age(one, known[post]) for post in good) < timedelta(hours=1)
        asked = [request for request in one.line.requests if request.endswith(f"/{bad}/market")]
        assert 2 <= len(asked) < 120
        [scout] = (await show(one, player)).scouts
        lines = await one.application.container_logs(scout.container.id, 100, "WARNING")
        assert any(bad in line.message for line in lines)


@in_virtual_time
async def test_an_outage_is_waited_out(clock: VirtualClock) -> None:
    """Ten minutes without a server: scouting goes on afterwards, and never stormed it (L7)."""
    async with stage(clock) as one:
        player = await one.begin()
        await start(one, player, markets=some(one, 2))
        await clock.sleep(1800)
        one.faults.add(FaultKind.MAINTENANCE, until=clock.now() + timedelta(minutes=10))
        await clock.sleep(600)
        await clock.sleep(3600)
        known = await markets(one)
        assert max(age(one, known[post]) for post in some(one, 2)) < timedelta(minutes=30)
        assert one.world.traffic.refused_by_limit == 0


@pytest.mark.parametrize(
    ("ships", "wish", "kind", "words"),
    [
        (("NOBODY-1",), {}, "not-found", "This player has no ship NOBODY-1"),
        ((), {"system": "X1-ZZ9"}, "not-found", "There is no system X1-ZZ9."),
        ((), {"markets": ("NOWHERE",)}, "invalid", "is not a waypoint symbol"),
        ((), {"rounds": 0}, "invalid", "A scout goes at least 1 round, not 0."),
        (("FACTORY-1",), {}, "precondition", "FACTORY-1 is at work for worker-"),
    ],
)
@in_virtual_time
async def test_scouts_that_cannot_be_are_refused(
    clock: VirtualClock, ships: tuple[str, ...], wish: dict[str, Any], kind: str, words: str
) -> None:
    """One sentence, and nothing has changed (L10)."""
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        await one.produce(player, "IRON")
        await one.until(EventKind.LEG_ASSIGNED)
        with pytest.raises(UserError) as caught:
            await start(one, player, *ships, **wish)
        assert caught.value.kind == kind
        assert words in str(caught.value)
        assert await containers(one, ContainerType.STANDING_SCOUT) == []
