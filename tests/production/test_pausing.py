"""A paused factory flies no new leg, says so, keeps it over a restart, and goes on when it is resumed."""

import pytest
from tests.daemon.refusals import refusal
from tests.daemon.stage import Stage, check_books, check_nothing_leaks, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.daemon.reports import FactoryReport
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.player import Player
from goodsfactory.domain.supply_chain import NodeState

GOOD = "ELECTRONICS"


async def pause_at(one: Stage, player: Player, kind: EventKind, good: str = GOOD) -> FactoryReport:
    """Start a factory and pause it at the first event of a kind."""
    factory = await one.produce(player, good)
    await one.until(kind)
    return await one.application.pause_factory(player.id, factory)


async def all_landed(one: Stage, factory: str) -> None:
    for _ in range(7200):
        if not any(leg.state.is_open for leg in await one.legs(factory)):
            return
        await one.clock.sleep(1)
    raise AssertionError("a voyage never ended")


@in_virtual_time
async def test_a_pause_gives_no_ship_and_lets_what_flies_land(clock: VirtualClock) -> None:
    """What flies is delivered, and after it no ship is taken again, however long the pause lasts."""
    async with stage(clock) as one:
        player = await one.begin()
        report = await pause_at(one, player, EventKind.LEG_LADEN)
        flying = {leg.id for leg in report.legs if leg.state.is_open}
        assert flying
        await all_landed(one, report.factory.id)
        done = {leg.id for leg in await one.legs(report.factory.id) if leg.state is LegState.DONE}
        assert flying <= done
        trades = len(one.trades.all)
        await clock.sleep(3600)
        assert len(one.trades.all) == trades
        assert {leg.id for leg in await one.legs(report.factory.id)} == {leg.id for leg in report.legs}
        assert [claim for _, claim in await one.application.ships(player.id) if claim] == []
        await check_books(one, player)


@in_virtual_time
async def test_paused_nodes_say_why_since_when_and_when_they_are_looked_at_again(clock: VirtualClock) -> None:
    """In the answer to the pause itself, and an hour later just the same (L8)."""
    async with stage(clock) as one:
        player = await one.begin()
        report = await pause_at(one, player, EventKind.LEG_LADEN)
        since = clock.now()
        waiting = {good for good, node in report.nodes.items() if node.state is not NodeState.DONE}
        assert GOOD in waiting
        [laden] = [leg for leg in report.legs if leg.state is LegState.LADEN]
        told = f"paused by the user; {laden.ship} carries {laden.aboard} {laden.good} to {laden.destination}"
        assert report.nodes[laden.good].reason == told
        await clock.sleep(3600)
        report = await one.application.factory(player.id, report.factory.id)
        assert report.factory.paused_at == since
        assert report.to_json()["paused_at"] == report.to_json()["dependency_tree"]["since"]
        for good in waiting:
            node = report.nodes[good]
            assert (node.state, node.reason, node.since) == (NodeState.PAUSED, "paused by the user", since)
            assert node.next_check is not None
            assert node.next_check > clock.now()
        assert report.to_json()["dependency_tree"]["next_check"] is None, "nobody looks until it is resumed"


@in_virtual_time
async def test_a_paused_factory_asks_the_game_nothing(clock: VirtualClock) -> None:
    """No market is looked at for it; only the roll call of the player goes on."""
    async with stage(clock) as one:
        player = await one.begin()
        report = await pause_at(one, player, EventKind.LEG_ASSIGNED)
        await all_landed(one, report.factory.id)
        await clock.sleep(1800)  # until the scouts under way have looked
        before = len(one.line.requests)
        await clock.sleep(3600)
        asked = set(one.line.requests[before:])
        assert asked <= {"GET /v2/my/ships", "GET /v2/my/agent"}


@pytest.mark.parametrize("kind", [EventKind.FACTORY_CREATED, EventKind.NODE_STATE, EventKind.LEG_LADEN])
@in_virtual_time
async def test_resumed_it_goes_on_and_completes(clock: VirtualClock, kind: EventKind) -> None:
    """Whenever it was paused: nothing that was bought or delivered is forgotten."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = (await pause_at(one, player, kind)).factory.id
        await clock.sleep(1800)
        resumed = await one.application.resume_factory(player.id, factory)
        assert resumed.factory.paused_at is None
        assert not any(node.state is NodeState.PAUSED for node in resumed.nodes.values())
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)


@in_virtual_time
async def test_a_pause_survives_a_stop_and_a_kill(clock: VirtualClock) -> None:
    """The next starts keep it paused; resumed there, it completes."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = (await pause_at(one, player, EventKind.LEG_LADEN)).factory.id
        await one.kill()
        await (await one.open()).start()
        await all_landed(one, factory)
        await one.application.stop()
        await (await one.open()).start()
        trades = len(one.trades.all)
        await clock.sleep(1800)
        report = await one.application.factory(player.id, factory)
        assert report.nodes[GOOD].state is NodeState.PAUSED
        assert len(one.trades.all) == trades
        await one.application.resume_factory(player.id, factory)
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)


@in_virtual_time
async def test_pausing_and_resuming_twice_changes_nothing(clock: VirtualClock) -> None:
    """The first pause counts; a second one, and a resume of what is not paused, write no event."""
    async with stage(clock) as one:
        player = await one.begin()
        first = await pause_at(one, player, EventKind.LEG_LADEN)
        factory = first.factory.id
        await clock.sleep(600)
        again = await one.application.pause_factory(player.id, factory)
        assert again.factory.paused_at == first.factory.paused_at
        assert len(await one.events(EventKind.FACTORY_PAUSED)) == 1
        await one.application.resume_factory(player.id, factory)
        await one.application.resume_factory(player.id, factory)
        assert len(await one.events(EventKind.FACTORY_RESUMED)) == 1


@in_virtual_time
async def test_what_is_over_or_another_players_is_neither_paused_nor_resumed(clock: VirtualClock) -> None:
    """One sentence says why, and nothing is changed."""
    async with stage(clock) as one:
        player = await one.begin()
        rival = await one.application.register_player("RIVAL", one.world.universe.factions[0])
        factory = await one.produce(player, GOOD)
        for wish in (one.application.pause_factory, one.application.resume_factory):
            await refusal(wish(rival.id, factory), "not-found")
        await one.application.stop_factory(player.id, factory)
        told = await refusal(one.application.pause_factory(player.id, factory), "precondition")
        assert told == f"Factory {factory} is STOPPED already and cannot be paused."
        told = await refusal(one.application.resume_factory(player.id, factory), "precondition")
        assert told == f"Factory {factory} is STOPPED already and cannot be resumed."
        assert await one.events(EventKind.FACTORY_PAUSED, EventKind.FACTORY_RESUMED) == []


@in_virtual_time
async def test_the_last_voyage_completes_a_paused_factory(clock: VirtualClock) -> None:
    """With the output lifted there is nothing left to resume."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.LEG_ASSIGNED, good="IRON")
        await one.application.pause_factory(player.id, factory)
        report = await one.until_over(player, factory, hours=1)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert report.factory.paused_at is None
        assert all(node.state is NodeState.DONE for node in report.nodes.values())
        await check_nothing_leaks(one, player, factory)


@in_virtual_time
async def test_a_pause_leaves_other_factories_alone(clock: VirtualClock) -> None:
    """The ships of the paused one work for the other, which completes."""
    async with stage(clock) as one:
        player = await one.begin()
        await pause_at(one, player, EventKind.LEG_LADEN)
        other = await one.produce(player, "IRON")
        report = await one.until_over(player, other)
        assert report.factory.status is FactoryStatus.COMPLETED


@in_virtual_time
async def test_a_leg_given_back_for_want_of_money_is_not_flown_while_paused(clock: VirtualClock) -> None:
    """A voyage that ends without a purchase does not begin again."""
    async with stage(clock, credits=6_000, policy__credit_floor=5_900) as one:
        player = await one.begin()
        report = await pause_at(one, player, EventKind.LEG_ASSIGNED, "IRON")
        await clock.sleep(3600)
        assert len(await one.events(EventKind.LEG_ASSIGNED)) == 1
        assert not any(leg.state.is_open for leg in await one.legs(report.factory.id))
