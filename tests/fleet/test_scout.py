"""What a scout asks, and what it keeps."""

import asyncio
from collections import Counter

import pytest
from tests.daemon.stage import Answer, Fate, Stage, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.errors import NotFound, Unavailable
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


def everywhere(answer: Answer) -> None:
    """What a machine in front of the game answers to one question for ever."""
    answer.status, answer.headers, answer.body = 502, {"content-type": "text/html"}, b"<h1>Bad gateway</h1>"


def unserialisable(answer: Answer) -> None:
    answer.status = 500
    answer.body = {"error": {"message": "Response serialization failed.", "code": 3000}}


def nameless(answer: Answer) -> None:
    answer.body["data"] |= {"exports": [], "imports": [], "exchange": []}


def without_lists(answer: Answer) -> None:
    for name in ("exports", "imports", "exchange"):
        del answer.body["data"][name]


TROUBLES = (everywhere, unserialisable, nameless, without_lists)


@in_virtual_time
async def test_markets_that_cannot_be_read_keep_nobody_from_the_others(clock: VirtualClock) -> None:
    """A survey goes on, says what is missing and why not, and asks for it ever more rarely until it is there.

    Each market of several has a trouble of its own.
    """
    async with stage(clock) as one:
        player = await one.begin()
        scout = one.application.roster.crew(player.id).scout
        system, store = home_system(one), one.application.store
        bad = sorted(one.world.universe.markets)[-len(TROUBLES) :]
        for market, trouble in zip(bad, TROUBLES, strict=True):
            one.line.change(f"/{market}/market$", trouble)
        await scout.survey(system)
        known = await store.transact(lambda tx: tx.markets.in_system(system))
        assert {market.waypoint for market in known} == set(one.world.universe.markets) - set(bad)
        gaps = scout.gaps(system)
        assert sorted(gap.partition(": ")[0] for gap in gaps) == bad
        told = await one.application.statistics()
        assert set(gaps) <= set(told["game_unreadable"])
        asked = len(one.line.requests)
        await scout.survey(system)
        assert len(one.line.requests) == asked
        for _ in range(24):
            await clock.sleep(3600)
            await scout.fill_gaps()
        asked_for = market_requests(one)
        assert max(asked_for[f"GET /v2/systems/{system}/waypoints/{market}/market"] for market in bad) < 200
        for market in bad:
            one.line.change(f"/{market}/market$", None)
        await clock.sleep(2 * 3600)
        await scout.fill_gaps()
        assert scout.gaps(system) == ()
        known = await store.transact(lambda tx: tx.markets.in_system(system))
        read = [market for market in known if market.exports | market.imports | market.exchange]
        assert set(bad) <= {market.waypoint for market in read}


@in_virtual_time
async def test_a_market_that_was_missing_before_a_restart_is_asked_for_after_it(clock: VirtualClock) -> None:
    """Without any command. While it still cannot be read it is told; once it can, nothing more is asked.

    Guarded: without `Scout._missing` it is never asked again, and nobody is told.
    """
    async with stage(clock) as one:
        player = await one.begin()
        bad = sorted(one.world.universe.markets)[-1]
        one.line.change(f"/{bad}/market$", everywhere)
        await one.produce(player, "IRON")
        for missing in (True, False):
            await one.application.stop()
            await (await one.open()).start()
            if not missing:
                one.line.change(f"/{bad}/market$", None)
            await clock.sleep(600)
            scout, store = one.application.roster.crew(player.id).scout, one.application.store
            known = await store.transact(lambda tx: tx.markets.get(bad))
            assert [gap.partition(": ")[0] for gap in scout.gaps()] == [bad] * missing
            assert (known is None) is missing
        await one.application.stop()
        await (await one.open()).start()
        before = len(one.line.requests)
        await clock.sleep(600)
        path = f"/systems/{home_system(one)}/waypoints"
        asked = one.line.requests[before:]
        assert [request for request in asked if request.endswith((path, f"/{bad}/market"))] == []


@in_virtual_time
async def test_a_survey_ends_while_the_server_answers_nothing(clock: VirtualClock) -> None:
    """Then it is not about one market, and nobody waits for a hundred of them."""
    async with stage(clock) as one:
        player = await one.begin()
        scout = one.application.roster.crew(player.id).scout
        one.line.change("/market$|/my/agent$", everywhere)
        with pytest.raises(Unavailable):
            await scout.survey(home_system(one))
        assert len(market_requests(one)) == 1


@in_virtual_time
async def test_a_place_without_a_market_is_asked_once_a_day(clock: VirtualClock) -> None:
    """The game's word that there is none is remembered, and not for ever."""
    async with stage(clock) as one:
        player = await one.begin()
        scout = one.application.roster.crew(player.id).scout
        bad = sorted(one.world.universe.markets)[-1]

        def unknown(answer: Answer) -> None:
            answer.status, answer.body = 404, {"error": {"message": "Market not found.", "code": 4603}}

        one.line.change(f"/{bad}/market$", unknown)
        for _ in range(5):
            await scout.survey(home_system(one))
        path = f"GET /v2/systems/{home_system(one)}/waypoints/{bad}/market"
        assert market_requests(one)[path] == 1
        assert scout.gaps() == ()
        await clock.sleep(86_400)
        await scout.survey(home_system(one))
        assert market_requests(one)[path] == 2


@in_virtual_time
async def test_a_place_that_makes_no_sense_is_missing_until_it_does(clock: VirtualClock) -> None:
    """The others are on the map at once; the list is read again, and after a restart too."""
    async with stage(clock) as one:
        player = await one.begin()
        scout = one.application.roster.crew(player.id).scout
        system = home_system(one)
        places = set(one.world.universe.systems[system].waypoints)

        def without_x(answer: Answer) -> None:
            if answer.status == 200 and answer.body["data"]:
                answer.body["data"][0]["x"] = None

        one.line.change("/waypoints$", without_x)
        found = await scout.survey(system)
        assert 0 < len(found) < len(places)
        assert len(scout.gaps(system)) == 1
        one.line.change("/waypoints$", None)
        application = await one.open()
        await one.opened[0].stop()
        await application.start()
        found = await application.roster.crew(player.id).scout.survey(system)
        assert {place.symbol for place in found} == places


@in_virtual_time
async def test_a_good_that_was_seen_in_a_list_stays_there(clock: VirtualClock) -> None:
    """Lists never change in a universe: one that is told without it, once, is not believed.

    Its price is not kept: nobody saw it, and it would count as seen just now.
    """
    async with stage(clock) as one:
        player = await one.begin()
        crew = one.application.roster.crew(player.id)
        store, home = one.application.store, one.world.universe.headquarters
        await crew.scout.look(home)
        before = await store.transact(lambda tx: tx.markets.get(home))
        assert before is not None

        def shorter(answer: Answer) -> None:
            for name in ("exports", "imports"):
                answer.body["data"][name] = []
            goods = answer.body["data"].get("tradeGoods", [])
            answer.body["data"]["tradeGoods"] = [good for good in goods if good["type"] == "EXCHANGE"]

        one.line.change(f"/{home}/market$", shorter)
        await crew.scout.look(home)
        after = await store.transact(lambda tx: tx.markets.get(home))
        assert after is not None
        assert (after.exports, after.imports, after.exchange) == (
            before.exports,
            before.imports,
            before.exchange,
        )
        assert after.observed_at == clock.now()
        assert {one.good for one in after.listings} == before.exchange


def one_more(answer: Answer) -> None:
    """A market that also exports what it does not."""
    answer.body["data"]["exports"].append({"symbol": "ELECTRONICS", "name": "x", "description": "x"})
    for good in answer.body["data"].get("tradeGoods", [])[:1]:
        answer.body["data"]["tradeGoods"].append(good | {"symbol": "ELECTRONICS", "type": "EXPORT"})


@in_virtual_time
async def test_a_good_is_not_gained_by_one_odd_answer(clock: VirtualClock) -> None:
    """One answer that lists a good too many changes nothing and is told; another one a minute later does.

    Two within seconds may come from the same cache.
    """
    async with stage(clock) as one:
        player = await one.begin()
        crew = one.application.roster.crew(player.id)
        store, home = one.application.store, one.world.universe.headquarters

        async def traded() -> tuple[bool, bool]:
            market = await store.transact(lambda tx: tx.markets.get(home))
            assert market is not None
            return "ELECTRONICS" in market.exports, market.listing("ELECTRONICS") is not None

        await crew.scout.look(home)
        assert await traded() == (False, False)
        for _ in range(3):
            one.line.change(f"/{home}/market$", one_more)
            view = await crew.scout.look(home)
            assert "other goods than before" in " ".join(view.unreadable)
            assert await traded() == (False, False)
            one.line.change(f"/{home}/market$", None)
            assert (await crew.scout.look(home)).unreadable == ()
        one.line.change(f"/{home}/market$", one_more)
        for _ in range(6):
            await crew.scout.look(home)
            assert await traded() == (False, False)
            await clock.sleep(10)
        await crew.scout.look(home)
        assert await traded() == (True, True)
        one.line.change(f"/{home}/market$", None)
        await crew.scout.look(home)
        await clock.sleep(60)
        await crew.scout.look(home)
        assert await traded() == (False, False)


@in_virtual_time
async def test_an_odd_first_look_is_corrected(clock: VirtualClock) -> None:
    """Whoever believed the first answer for ever would plan on an exporter that is none."""
    async with stage(clock) as one:
        player = await one.begin()
        crew = one.application.roster.crew(player.id)
        store, home = one.application.store, one.world.universe.headquarters
        one.line.change(f"/{home}/market$", one_more)
        await crew.scout.look(home)
        one.line.change(f"/{home}/market$", None)
        for _ in range(2):
            await crew.scout.look(home)
            await clock.sleep(60)
        market = await store.transact(lambda tx: tx.markets.get(home))
        assert market is not None
        assert "ELECTRONICS" not in market.exports
        assert market.listing("ELECTRONICS") is None
