"""Quotes through the real application: before a factory, beside it, and against what it took."""

from typing import Any

import pytest
from tests.daemon.stage import in_virtual_time
from tests.playground import playground
from tests.wishes import fabricating

from goodsfactory.domain.errors import UserError
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy, Terminal
from goodsfactory.sandbox.scenarios import Scenario

GOOD = "ELECTRONICS"
HAULERS = ("SHIP_LIGHT_HAULER",) * 3
MADE = FactoryRequest(Strategy.PREFER_FABRICATE, units=80)


@in_virtual_time
async def test_a_quote_spends_nothing_and_claims_no_ship(clock: Any) -> None:
    """After a quote the purse, the ships and the list of factories are as before."""
    async with playground(clock, ships=HAULERS) as ground:
        before = ground.credits
        found = await ground.application.quotes.quote(ground.player.id, GOOD, None, MADE)
        assert found.target_good == GOOD
        assert found.seconds.low <= found.seconds.expected <= found.seconds.high
        assert found.cargo_ships == 4
        assert ground.credits == before
        assert all(claim is None for _, claim in await ground.application.ships(ground.player.id))
        assert await ground.application.factories(ground.player.id, ()) == []


@in_virtual_time
async def test_the_same_knowledge_gives_the_same_quote(clock: Any) -> None:
    """Two quotes in one moment are alike (law L13)."""
    async with playground(clock, ships=HAULERS) as ground:
        quotes = ground.application.quotes
        first = await quotes.quote(ground.player.id, GOOD, None, MADE)
        assert await quotes.quote(ground.player.id, GOOD, None, MADE) == first


@in_virtual_time
async def test_a_quote_before_a_look_says_what_nobody_has_seen(clock: Any) -> None:
    """Unseen markets are named, and are guessed."""
    async with playground(clock, ships=HAULERS) as ground:
        found = await ground.application.quotes.quote(ground.player.id, GOOD, None, MADE)
        assert any("nobody has looked at" in caution for caution in found.cautions)


@in_virtual_time
async def test_more_ships_are_counted_as_copies_of_the_best(clock: Any) -> None:
    """--ships asks for a fleet that is not there; fewer are the best of those that are."""
    async with playground(clock, ships=HAULERS) as ground:
        quotes = ground.application.quotes
        many = await quotes.quote(ground.player.id, GOOD, None, MADE, cargo_ships=12)
        one = await quotes.quote(ground.player.id, GOOD, None, MADE, cargo_ships=1)
        assert (many.cargo_ships, one.cargo_ships) == (12, 1)


@pytest.mark.parametrize("count", [0, -1, 201])
def test_a_fleet_that_cannot_be_is_refused(count: int) -> None:
    """The sentence says how many ships a quote may count with."""

    @in_virtual_time
    async def story(clock: Any) -> None:
        async with playground(clock, ships=()) as ground:
            with pytest.raises(UserError, match="1 to 200 ships"):
                await ground.application.quotes.quote(ground.player.id, GOOD, None, MADE, cargo_ships=count)

    story()


@pytest.mark.parametrize(
    ("good", "system", "words"),
    [
        ("ELECTRONCS", None, "Did you mean ELECTRONICS"),
        (GOOD, "X1-NOWHERE", "There is no system X1-NOWHERE"),
        ("WHATEVER", None, "There is no good called 'WHATEVER'"),
    ],
)
def test_a_wish_in_vain_gets_a_sentence(good: Any, system: str | None, words: str) -> None:
    """What produce would refuse, quote refuses in the same words."""

    @in_virtual_time
    async def story(clock: Any) -> None:
        async with playground(clock, ships=()) as ground:
            with pytest.raises(UserError, match=words):
                await ground.application.quotes.quote(ground.player.id, good, system, MADE)

    story()


@in_virtual_time
async def test_a_factory_is_quoted_once_its_first_looks_are_done(clock: Any) -> None:
    """The quote is kept beside the factory, and its outcome lies near it; until then nothing is judged."""
    async with playground(clock, ships=HAULERS, quote_at_start=True) as ground:
        factory_id = await ground.produce(GOOD, MADE)
        while (outcome := await ground.application.quotes.report(ground.player.id, factory_id)).quote is None:
            await clock.sleep(10)
        unfinished = outcome.to_json()
        assert (unfinished["final"], unfinished["differences"]) == (False, [])
        assert {(one["error"], one["within_band"]) for one in unfinished["comparisons"]} == {(None, None)}
        report = await ground.until_over(factory_id)
        assert report.factory.status is FactoryStatus.COMPLETED
        outcome = await ground.application.quotes.report(ground.player.id, factory_id)
        assert outcome.quote is not None
        assert outcome.taken.seconds is not None
        assert 0 < outcome.quote.elapsed < outcome.taken.seconds
        by_name = {one.name: one for one in outcome.comparisons}
        assert set(by_name) == {"seconds", "credits", "ship_hours", "requests", "units"}
        assert by_name["seconds"].error == pytest.approx(0, abs=0.5)
        assert by_name["credits"].error == pytest.approx(0, abs=0.25)
        assert by_name["units"].came == 80
        assert outcome.taken.bought[GOOD][0] == 80
        document = outcome.to_json()
        assert document["quote"]["target_good"] == GOOD
        assert {one["good"] for one in document["taken"]["bought"]} >= {GOOD}


@in_virtual_time
async def test_requests_that_may_be_another_factorys_are_not_compared(clock: Any) -> None:
    """Two at once: nobody can tell whose a request was, and what is unknown is not told."""
    async with playground(clock, ships=HAULERS, quote_at_start=True) as ground:
        factories = [await ground.produce(good, MADE) for good in (GOOD, "COPPER")]
        for factory_id in factories:
            await ground.until_over(factory_id)
        await clock.sleep(60)
        for factory_id in factories:
            outcome = await ground.application.quotes.report(ground.player.id, factory_id)
            assert outcome.quote is not None
            assert outcome.taken.requests is None
            assert "requests" not in {one.name for one in outcome.comparisons}


@in_virtual_time
async def test_a_factory_that_was_not_quoted_still_reports(clock: Any) -> None:
    """Where quotes are switched off, the report tells what it took and compares nothing."""
    async with playground(clock, ships=HAULERS, quote_at_start=False) as ground:
        factory_id = await ground.produce(GOOD, MADE)
        await ground.until_over(factory_id)
        outcome = await ground.application.quotes.report(ground.player.id, factory_id)
        assert outcome.quote is None
        assert outcome.comparisons == ()
        assert outcome.taken.units == 80
        assert outcome.taken.ship_hours


@in_virtual_time
async def test_a_quote_that_came_to_no_end_is_compared_with_nothing(clock: Any) -> None:
    """Every ship keeps what somebody loaded: the quote foretold nothing, and no figure is set against it."""
    async with playground(clock, ships=HAULERS, quote_at_start=True) as ground:
        crew = ground.application.roster.crews()[0]
        for ship in ground.world.fleets:
            if ship.type.cargo_capacity:
                ship.hold["IRON"] = 1
                await crew.pilot.observe(ship.symbol)
        factory_id = await ground.produce(GOOD, MADE)
        await clock.sleep(2 * 3600)
        outcome = await ground.application.quotes.report(ground.player.id, factory_id)
        assert outcome.quote is not None
        assert (outcome.quote.finished, outcome.comparisons, outcome.differences) == (0, (), ())


@in_virtual_time
async def test_a_report_is_for_the_owner_alone(clock: Any) -> None:
    """Nobody reads what another player's factory took (law L11)."""
    async with playground(clock, ships=HAULERS) as ground:
        factory_id = await ground.produce(GOOD, MADE)
        with pytest.raises(UserError, match="no factory"):
            await ground.application.quotes.report(ground.player.id + 1, factory_id)


@in_virtual_time
async def test_a_drained_system_is_quoted_longer_once_it_was_seen(clock: Any) -> None:
    """What the looks found out shows in the quote."""
    times = []
    for scenario in (Scenario.YOUNG, Scenario.DRAINED):
        async with playground(clock, ships=HAULERS, scenario=scenario, quote_at_start=True) as ground:
            factory_id = await ground.produce(GOOD, MADE)
            while (found := await ground.application.quotes.of_factory(ground.player.id, factory_id)) is None:
                await clock.sleep(30)
            times.append(found.seconds.expected)
    assert times[1] > times[0] + 1800


@in_virtual_time
async def test_a_simulation_tells_what_will_happen(clock: Any) -> None:
    """--simulate gives the timeline of the middle replay, up to the last lift."""
    async with playground(clock, ships=HAULERS) as ground:
        found = await ground.application.quotes.quote(
            ground.player.id, GOOD, None, fabricating(units=40, terminal=Terminal.SELL), simulate=True
        )
        assert found.replays == 15
        assert any("delivered" in moment.sentence for moment in found.timeline)
        assert found.profit["SELL"] == round(-found.credits.expected)


@in_virtual_time
async def test_a_quote_outlives_a_kill(clock: Any) -> None:
    """After a restart the quote is the one that was taken; requests that nobody counted are not told."""
    async with playground(clock, ships=HAULERS, on_disk=True, quote_at_start=True) as ground:
        factory_id = await ground.produce(GOOD, MADE)
        quotes = ground.application.quotes
        while (taken := await quotes.of_factory(ground.player.id, factory_id)) is None:
            await clock.sleep(10)
        await ground.kill()
        await ground.restart()
        await ground.until_over(factory_id)
        outcome = await ground.application.quotes.report(ground.player.id, factory_id)
        assert outcome.quote == taken
        assert outcome.taken.requests is None
        assert "requests" not in {one.name for one in outcome.comparisons}


@in_virtual_time
async def test_a_quote_counts_the_other_orders(clock: Any) -> None:
    """What a higher priority lifts of the same export is not there; while it is paused, it is."""
    async with playground(clock, ships=()) as ground:
        quotes, player, wish = ground.application.quotes, ground.player.id, FactoryRequest(units=40)
        other = FactoryRequest(units=200, terminal=Terminal.SELL, priority=10)
        factory_id = await ground.produce(GOOD, other)
        await clock.sleep(900)
        beside = await quotes.quote(player, GOOD, None, wish)
        await ground.application.pause_factory(player, factory_id)
        alone = await quotes.quote(player, GOOD, None, wish)
        assert beside.finished == alone.finished == alone.replays
        assert beside.seconds.low > alone.seconds.high + 1800


@in_virtual_time
async def test_what_never_ends_is_quoted_for_one_lot(clock: Any) -> None:
    """A continuous factory gets a quote that says what it is of; batches are quoted together."""
    async with playground(clock, ships=HAULERS) as ground:
        quotes, player = ground.application.quotes, ground.player.id
        one = await quotes.quote(player, GOOD, None, fabricating(units=40))
        endless = await quotes.quote(player, GOOD, None, fabricating(units=40, continuous=True))
        three = await quotes.quote(player, GOOD, None, fabricating(units=40, batches=3))
        assert endless.cautions[0] == "it goes on without end: this is the quote of one lot"
        assert endless.seconds == one.seconds
        assert (one.made.expected, three.made.expected) == (40, 120)


@in_virtual_time
async def test_what_never_ends_is_reported_by_the_lot(clock: Any) -> None:
    """Beside the quote of one lot stands the mean of those made, beside none that were not."""
    async with playground(clock, ships=HAULERS, scenario=Scenario.DRAINED, quote_at_start=True) as ground:
        factory_id = await ground.produce(GOOD, fabricating(units=40, continuous=True))
        quotes, player = ground.application.quotes, ground.player.id
        while (told := await quotes.report(player, factory_id)).quote is None or told.taken.units < 120:
            await clock.sleep(60)
        assert told.lots == told.taken.units / 40
        came = {one.name: one.came for one in told.comparisons}
        assert came["units"] == 40
        assert came["credits"] == round(told.taken.credits / told.lots)
        assert told.taken.seconds is not None
        assert came["seconds"] == told.taken.seconds / told.lots
        assert told.to_json()["lots"] == round(told.lots, 2)


@in_virtual_time
async def test_stock_is_quoted_like_what_is_held(clock: Any) -> None:
    """The terminal STOCK keeps its ships free for other work, and its output counts by the best bids."""
    async with playground(clock, ships=HAULERS) as ground:
        request = fabricating(units=160, terminal=Terminal.STOCK)
        found = await ground.application.quotes.quote(ground.player.id, GOOD, None, request)
        assert found.finished == found.replays
        assert found.held_value > 0
