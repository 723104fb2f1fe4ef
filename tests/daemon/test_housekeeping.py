"""After months a daemon has forgotten details and nothing that counts; it is killed meanwhile."""

import asyncio
import sqlite3
from typing import Any

from tests.daemon.stage import Fate, check_books, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.daemon.services_factory import FactoryService
from goodsfactory.domain.events import EventKind

HOUR, DAY = 3_600, 86_400


def told(report: Any) -> dict[str, Any]:
    """A report without what tells single legs and the number of the newest event."""
    return {name: value for name, value in report.to_json().items() if name != "legs"}


async def watched(one: Any, clock: Any, factory_id: str) -> list[own.Event]:
    service = FactoryService(one.application, stop=asyncio.Event())
    request = own.WatchEventsRequest(factory_id=factory_id, stored_only=True)
    return [event async for event in service.WatchEvents(request, None)]


@in_virtual_time
async def test_nothing_goes_until_the_server_has_answered(clock: VirtualClock) -> None:
    """Until then the clock is this machine's, which may be ahead by years."""
    async with stage(clock, history__keep=1) as one:
        player = await one.begin()
        await one.until_over(player, await one.produce(player, "COPPER", units=40))
        await one.application.stop()
        away = one.line.disturb(".", Fate.FAILS_BEFORE, on=True)
        await clock.sleep(2 * DAY)
        application = await one.open()
        await application.start()
        await clock.sleep(7200)
        assert await application.events_gone(player.id) is None
        one.line.disturbances.remove(away)
        await clock.sleep(7200)
        assert await application.events_gone(player.id) is not None


@in_virtual_time
async def test_details_go_and_what_they_came_to_stays(clock: VirtualClock) -> None:
    """The report, its reasons, the books and the balance are as they were; a watcher is told what is gone."""
    async with stage(clock, history__keep=1) as one:
        player = await one.begin()
        factory_id = await one.produce(player, "COPPER", units=40)
        report = await one.until_over(player, factory_id)
        await check_books(one, player)
        before, ledger, seen = told(report), await one.ledger(player), await watched(one, clock, factory_id)
        assert {event.kind for event in seen} > {"LEG_DONE", "FACTORY_COMPLETED"}

        await clock.sleep(0.6 * DAY)
        await one.kill()
        application = await one.open()
        await application.start()
        await clock.sleep(0.7 * DAY)

        assert told(await application.factory(player.id, factory_id)) == before
        assert await one.ledger(player) == ledger
        assert sum(entry.amount for entry in ledger) == one.credits
        why = await application.insight.explanations.of_factory(player.id, factory_id, None)
        assert any("made for" in note for note in why.notes)
        assert await one.events(EventKind.LEG_DONE, EventKind.PURCHASED) == []
        assert one.intents() == []
        seen = await watched(one, clock, factory_id)
        assert seen[0].kind == "HISTORY_THINNED"
        assert seen[-1].kind == "FACTORY_COMPLETED"
        # It goes on to work as before.
        again = await one.produce(player, "COPPER", units=40)
        assert (await one.until_over(player, again)).factory.quantity_acquired == 40
        assert (await watched(one, clock, again))[0].kind == "FACTORY_CREATED"


@in_virtual_time
async def test_details_of_a_server_that_is_never_played_again_go(clock: VirtualClock) -> None:
    """After a month of real time, whatever the clocks of the game say; the ledger stays, and it is told."""
    async with stage(clock) as one:
        player = await one.begin()
        factory_id = await one.produce(player, "COPPER", units=40)
        await one.until_over(player, factory_id)
        ledger = await one.ledger(player)
        await one.application.stop()
        elsewhere = await one.open(base_url="http://127.0.0.1:40312/v2")
        await elsewhere.start()
        await clock.sleep(2 * HOUR)
        assert await one.events(EventKind.LEG_DONE) != []
        assert await elsewhere.events_gone(player.id) is None
        with sqlite3.connect(one.folder / "goodsfactory.sqlite") as connection:
            # Nobody has played it since.
            connection.execute(
                "UPDATE universes SET played_at = '2000-01-01 00:00:00.000000' WHERE id = ?",
                [player.universe],
            )
        connection.close()
        await clock.sleep(2 * HOUR)
        assert await one.events(EventKind.LEG_DONE, EventKind.PURCHASED) == []
        assert await one.events(EventKind.FACTORY_COMPLETED) != []
        assert await elsewhere.events_gone(player.id) is not None
        assert await one.ledger(player) == ledger
        assert one.intents() == []
