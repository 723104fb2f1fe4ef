"""The game has a ship that it cannot put into words (code 3000): the others do its work (L9)."""

from datetime import timedelta

import pytest
from tests.daemon.stage import Stage, check_books, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.player import Player
from goodsfactory.sandbox.faults import FaultKind


async def the_factory_completes(one: Stage, player: Player, factory: str) -> None:
    report = await one.until_over(player, factory, hours=6)
    assert report.factory.status is FactoryStatus.COMPLETED
    assert one.world.traffic.refused_by_limit == 0
    await check_books(one, player)
    held = [claim.operation for _, claim in await one.application.ships(player.id) if claim]
    assert set(held) <= {"market_scout"}


@pytest.mark.parametrize("moment", [EventKind.FACTORY_CREATED, EventKind.LEG_ASSIGNED, EventKind.LEG_LADEN])
@in_virtual_time
async def test_a_ship_that_can_never_be_read_again_is_replaced(
    clock: VirtualClock, moment: EventKind
) -> None:
    """Whether it was free, under way or laden: three tries, and another ship flies the leg."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        event = await one.until(moment)
        ship = event.ship or "FACTORY-1"
        one.faults.add(FaultKind.UNREADABLE, ship=ship)
        await the_factory_completes(one, player, factory)
        flown = {leg.ship for leg in await one.legs(factory) if leg.state is LegState.DONE}
        assert ship not in flown


@in_virtual_time
async def test_a_ship_that_is_readable_again_goes_on_with_its_leg(clock: VirtualClock) -> None:
    """Half a minute is no reason to give a leg to somebody else."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        event = await one.until(EventKind.LEG_LADEN)
        one.faults.add(FaultKind.UNREADABLE, ship=str(event.ship), until=clock.now() + timedelta(seconds=30))
        await the_factory_completes(one, player, factory)
        assert await one.events(EventKind.LEG_FAILED) == []


@in_virtual_time
async def test_cargo_of_an_unreadable_ship_is_used_when_it_can_be_read_again(clock: VirtualClock) -> None:
    """After hours it is found with its load, which is delivered before anything is bought for that good."""
    async with stage(clock, ships=("SHIP_LIGHT_SHUTTLE",) * 2) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON", units=120)
        event = await one.until(EventKind.LEG_LADEN)
        one.faults.add(FaultKind.UNREADABLE, ship=str(event.ship), until=clock.now() + timedelta(minutes=20))
        await the_factory_completes(one, player, factory)
        [failed, *_] = [leg for leg in await one.legs(factory) if leg.state is LegState.FAILED]
        assert failed.ship == event.ship
        later = [
            leg
            for leg in await one.legs(factory)
            if leg.ship == event.ship and leg.good == failed.good and leg.state is LegState.DONE
        ]
        assert later
        ship = next(ship for ship in one.world.fleets if ship.symbol == event.ship)
        assert failed.good not in ship.hold


@in_virtual_time
async def test_a_page_of_ships_that_fails_hides_no_other_ship(clock: VirtualClock) -> None:
    """The list is read one by one; a ship that is missing in it for a while is not forgotten."""
    async with stage(clock) as one:
        player = await one.begin()
        before = {ship.symbol for ship, _ in await one.application.ships(player.id)}
        one.faults.add(FaultKind.UNREADABLE, page=1, until=clock.now() + timedelta(minutes=20))
        factory = await one.produce(player, "IRON")
        await clock.sleep(600)
        assert {ship.symbol for ship, _ in await one.application.ships(player.id)} == before
        await the_factory_completes(one, player, factory)
