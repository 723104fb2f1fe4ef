"""What a scout asks, and what it keeps."""

import asyncio
from collections import Counter

import pytest
from tests.daemon.stage import Fate, Stage, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.errors import NotFound
from goodsfactory.domain.events import EventKind


def market_requests(one: Stage) -> Counter[str]:
    return Counter(request for request in one.line.requests if request.endswith("/market"))


def home_system(one: Stage) -> str:
    return one.world.universe.headquarters.rsplit("-", 1)[0]


@in_virtual_time
async def test_a_survey_asks_each_market_once(clock: VirtualClock) -> None:
    """Every market of the system is read exactly once, however often the system is surveyed."""
    async with stage(clock) as one:
        player = await one.begin()
        scout = one.application.roster.crew(player.id).scout
        system = home_system(one)
        for _ in range(3):
            places = await scout.survey(system)
        assert len(places) == len(one.world.universe.systems[system].waypoints)
        asked = market_requests(one)
        assert set(asked.values()) == {1}
        assert len(asked) == len(one.world.universe.markets)
        known = await one.application.store.transact(lambda tx: tx.markets.in_system(system))
        assert {market.waypoint for market in known} == set(one.world.universe.markets)


@in_virtual_time
async def test_a_survey_of_an_unknown_system_finds_nothing_and_keeps_nothing(clock: VirtualClock) -> None:
    """NotFound, and no waypoint is stored."""
    async with stage(clock) as one:
        player = await one.begin()
        scout = one.application.roster.crew(player.id).scout
        with pytest.raises(NotFound):
            await scout.survey("X1-NOWHERE")
        assert await one.application.store.transact(lambda tx: tx.waypoints.in_system("X1-NOWHERE")) == []


@in_virtual_time
async def test_a_survey_goes_on_where_it_was_interrupted(clock: VirtualClock) -> None:
    """After a restart only the markets not read yet are asked."""
    async with stage(clock) as one:
        player = await one.begin()
        one.line.disturb("/market$", Fate.FREEZES_BEFORE, nth=10)
        survey = asyncio.create_task(one.application.roster.crew(player.id).scout.survey(home_system(one)))
        await one.line.frozen.wait()
        await one.kill()
        assert survey.cancelled()
        half = list(market_requests(one))
        application = await one.open()
        await application.start()
        await application.roster.crew(player.id).scout.survey(home_system(one))
        asked = market_requests(one)
        assert len(half) == 10
        assert set(one.world.universe.markets) == {request.split("/")[-2] for request in asked}
        assert {asked[request] for request in half[:-1]} == {1}


@in_virtual_time
async def test_a_look_from_afar_does_not_erase_prices(clock: VirtualClock) -> None:
    """Without a ship there the answer has no prices; those seen before stay, with their time."""
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        crew = one.application.roster.crew(player.id)
        store = one.application.store
        ship = (await one.application.ships(player.id))[0][0]
        home = ship.nav.waypoint
        await crew.scout.look(home)
        seen = await store.transact(lambda tx: tx.markets.get(home))
        assert seen is not None
        assert seen.listings
        far = next(place for place in one.world.universe.markets if place != home)
        await crew.api.orbit(ship.symbol)
        await crew.api.navigate(ship.symbol, far)
        await clock.sleep(600)
        view = await crew.scout.look(home)
        assert view.snapshot.listings == ()
        kept = await store.transact(lambda tx: tx.markets.get(home))
        assert kept is not None
        assert (kept.listings, kept.observed_at) == (seen.listings, seen.observed_at)


@in_virtual_time
async def test_every_look_is_an_event(clock: VirtualClock) -> None:
    """Who watches sees where was looked, and how many prices there were."""
    async with stage(clock) as one:
        player = await one.begin()
        crew = one.application.roster.crew(player.id)
        view = await crew.scout.look(one.world.universe.headquarters)
        [event] = await one.events(EventKind.MARKET_OBSERVED)
        assert event.data == {
            "waypoint": one.world.universe.headquarters,
            "prices": len(view.snapshot.listings),
        }


@in_virtual_time
async def test_a_look_where_no_market_is_keeps_nothing(clock: VirtualClock) -> None:
    """NotFound, no row, no event."""
    async with stage(clock) as one:
        player = await one.begin()
        crew = one.application.roster.crew(player.id)
        universe = one.world.universe
        bare = next(
            place for place in universe.systems[home_system(one)].waypoints if place not in universe.markets
        )
        with pytest.raises(NotFound):
            await crew.scout.look(bare)
        assert await one.application.store.transact(lambda tx: tx.markets.get(bare)) is None
        assert await one.events(EventKind.MARKET_OBSERVED) == []
