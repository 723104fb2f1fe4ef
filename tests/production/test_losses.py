"""Cargo and ships that are gone are written off, once, and whatever they were for is done by others (L2)."""

import pytest
from tests.daemon.stage import Fate, Stage, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.money import LedgerEntry, MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.sandbox.ships import Ship


def vanish(one: Stage, player: Player, ship: str) -> None:
    agent = one.world.agents.find(player.agent_symbol)
    one.world.fleets.remove(one.world.fleets.own(agent, ship))


def sandbox_ship(one: Stage, event: Event) -> Ship:
    return next(ship for ship in one.world.fleets if ship.symbol == event.ship)


async def written_off(one: Stage, player: Player) -> list[LedgerEntry]:
    return [entry for entry in await one.ledger(player) if entry.kind is MoneyKind.WRITE_OFF]


async def books_are_right(one: Stage, player: Player) -> None:
    ledger = await one.ledger(player)
    assert sum(entry.amount for entry in ledger) == one.credits
    assert await one.events(EventKind.SPENDING_STOPPED, EventKind.BALANCE_CORRECTED) == []
    assert "OPEN" not in [row["state"] for row in one.intents()]


@in_virtual_time
async def test_the_cargo_of_a_ship_that_vanishes_is_written_off(clock: VirtualClock) -> None:
    """Units and their cost leave the books of the leg, with an event and a row that moves no credits."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        laden = await one.until(EventKind.LEG_LADEN)
        [before] = [leg for leg in await one.legs(factory) if leg.state is LegState.LADEN]
        vanish(one, player, str(laden.ship))
        lost = await one.until(EventKind.CARGO_LOST)
        assert lost.message == (
            f"40 IRON_ORE that cost {before.cost:,} credits are written off: {laden.ship} is gone"
        )
        gone = await one.until(EventKind.SHIP_LOST)
        assert (
            gone.message
            == f"{laden.ship} is gone: the game does not know it any more, and with it 40 IRON_ORE"
        )
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        [entry] = await written_off(one, player)
        assert (entry.amount, entry.units, entry.good, entry.ship) == (0, 40, "IRON_ORE", laden.ship)
        assert entry.unit_price == before.cost // 40
        [failed] = [leg for leg in await one.legs(factory) if leg.state is LegState.FAILED]
        assert (failed.bought, failed.cost, failed.aboard) == (0, 0, 0)
        assert report.nodes["IRON_ORE"].quantity == 40
        await books_are_right(one, player)


@in_virtual_time
async def test_an_output_that_was_lost_is_made_again(clock: VirtualClock) -> None:
    """A lift whose ship vanishes does not count as made: the units that were asked for are in a hold."""
    async with stage(clock, ships=("SHIP_LIGHT_SHUTTLE",) * 3) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON", units=80)
        lifted = await one.until(EventKind.LEG_DONE, good="IRON", hours=8)
        vanish(one, player, str(lifted.ship))
        report = await one.until_over(player, factory, hours=12)
        assert report.factory.status is FactoryStatus.COMPLETED
        aboard = sum(ship.hold.get("IRON", 0) for ship in one.world.fleets)
        assert aboard == report.factory.quantity_acquired >= 80
        assert [entry.units for entry in await written_off(one, player)] == [40]
        await books_are_right(one, player)


@in_virtual_time
async def test_a_purchase_of_a_ship_that_vanishes_is_settled_and_written_off(clock: VirtualClock) -> None:
    """It happened, its answer was lost, and then the ship: the credits are booked, the cargo is gone."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        one.line.disturb("/purchase$", Fate.FREEZES_AFTER)
        await one.line.frozen.wait()
        [row] = [row for row in one.intents() if row["state"] == "OPEN"]
        await one.kill()
        vanish(one, player, row["ship"])
        await (await one.open()).start()
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        [entry] = await written_off(one, player)
        assert (entry.ship, entry.units) == (row["ship"], row["units"])
        await books_are_right(one, player)


@pytest.mark.parametrize("left", [0, 15])
@in_virtual_time
async def test_cargo_thrown_out_by_somebody_else_is_written_off(clock: VirtualClock, left: int) -> None:
    """What is still aboard is delivered; what is not is looked for nowhere."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        laden = await one.until(EventKind.LEG_LADEN)
        await one.application.stop()
        sandbox_ship(one, laden).unload("IRON_ORE", 40 - left)
        await (await one.open()).start()
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        lost = await one.until(EventKind.CARGO_LOST)
        assert f"they are not aboard {laden.ship} any more" in lost.message
        assert [entry.units for entry in await written_off(one, player)] == [40 - left]
        first = next(leg for leg in await one.legs(factory) if leg.ship == laden.ship)
        assert (first.bought, first.delivered) == (left, left)
        await books_are_right(one, player)


@in_virtual_time
async def test_a_ship_that_vanishes_while_it_is_free_is_forgotten(clock: VirtualClock) -> None:
    """The roll call asks for it once more, and says that it is gone."""
    async with stage(clock) as one:
        player = await one.begin()
        await clock.sleep(5)
        vanish(one, player, "FACTORY-3")
        lost = await one.until(EventKind.SHIP_LOST, hours=0.2)
        assert lost.ship == "FACTORY-3"
        assert "FACTORY-3" not in {ship.symbol for ship, _ in await one.application.ships(player.id)}
        await clock.sleep(1800)
        assert len(await one.events(EventKind.SHIP_LOST)) == 1


@pytest.mark.parametrize("killed", [False, True])
@in_virtual_time
async def test_a_voyage_goes_on_with_its_cargo_and_what_it_cost(clock: VirtualClock, killed: bool) -> None:
    """The output was bought dear: a ship that sells it after a restart still knows below what it may not."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON", terminal=Terminal.SELL)
        laden = await one.until(EventKind.LEG_LADEN, good="IRON", hours=4)
        [before] = [leg for leg in await one.legs(factory) if leg.id == laden.data["leg_id"]]
        await (one.kill() if killed else one.application.stop())
        await clock.sleep(600)
        await (await one.open()).start()
        report = await one.until_over(player, factory, hours=8)
        assert report.factory.status is FactoryStatus.COMPLETED
        [after] = [leg for leg in await one.legs(factory) if leg.id == before.id]
        assert (after.ship, after.bought, after.cost) == (before.ship, before.bought, before.cost)
        assert (after.state, after.delivered) == (LegState.DONE, before.bought)
        await books_are_right(one, player)


@in_virtual_time
async def test_what_cargo_cost_goes_along_to_the_leg_that_takes_it_up(clock: VirtualClock) -> None:
    """A worker is stopped laden: the next leg of the good adopts its units together with their cost."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        laden = await one.until(EventKind.LEG_LADEN)
        [before] = [leg for leg in await one.legs(factory) if leg.id == laden.data["leg_id"]]
        await one.application.stop_container(str(laden.container_id))
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        failed, taken_up = [leg for leg in await one.legs(factory) if leg.good == "IRON_ORE"]
        assert (failed.state, failed.cost) == (LegState.FAILED, 0)
        assert (taken_up.state, taken_up.bought, taken_up.cost) == (LegState.DONE, 40, before.cost)
        assert report.nodes["IRON_ORE"].cost == before.cost
        await books_are_right(one, player)
