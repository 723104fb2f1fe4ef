"""Every way a voyage can end: its ship is free again, its leg says why, and the factory goes on."""

from functools import partial

import pytest
from tests.daemon.stage import Fate, Stage, check_books, check_nothing_leaks, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.sandbox.ships import Ship

FEED = "IRON_ORE"


def sandbox_ship(one: Stage, symbol: str | None) -> Ship:
    return next(ship for ship in one.world.fleets if ship.symbol == symbol)


async def free_again(one: Stage, assigned: Event) -> None:
    """The ship of an assignment is not held by its worker any more."""
    await one.until(EventKind.SHIP_FREED, container_id=assigned.container_id)
    claim = await one.application.store.transact(lambda tx: tx.claims.of_ship(str(assigned.ship)))
    assert claim is None or claim.container_id != assigned.container_id


@in_virtual_time
async def test_a_source_drained_under_way_frees_the_ship_and_another_is_chosen(clock: VirtualClock) -> None:
    """The ship arrives at a SCARCE export: its leg is cancelled, the good comes from elsewhere."""
    async with stage(clock, policy__first_look_patience=20_000.0) as one:
        player = await one.begin()
        [mine] = [market for market in one.world.universe.markets.values() if FEED in market.exports]
        one.world.set_net_supply(mine.waypoint, FEED, 300)
        factory = await one.produce(player, "IRON")
        assigned = await one.until(EventKind.LEG_ASSIGNED)
        [leg] = await one.legs(factory)
        drained = leg.source
        assert drained == mine.waypoint
        one.world.set_net_supply(drained, FEED, -600)
        await free_again(one, assigned)
        [cancelled] = await one.legs(factory)
        assert (cancelled.state, cancelled.bought) == (LegState.CANCELLED, 0)
        assert "supply SCARCE" in str(cancelled.failure)
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert drained not in {leg.source for leg in await one.legs(factory) if leg.bought}
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)


@in_virtual_time
async def test_without_money_the_node_waits_and_the_ship_does_not(clock: VirtualClock) -> None:
    """At the floor nothing is bought: the leg is given back, its node WAITING_BUDGET, and the ship free."""
    async with stage(clock, credits=6_000, policy__credit_floor=5_900) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        assigned = await one.until(EventKind.LEG_ASSIGNED)
        await free_again(one, assigned)
        [leg] = await one.legs(factory)
        assert (leg.state, leg.is_given_back, leg.bought) == (LegState.CANCELLED, True, 0)
        assert leg.rule is SpendRule.FLOOR
        assert leg.not_before is not None
        assert leg.not_before > clock.now()
        await clock.sleep(5)
        report = await one.application.factory(player.id, factory)
        node = report.nodes[leg.good]
        assert node.state is NodeState.WAITING_BUDGET
        assert node.reason == leg.failure
        assert node.next_check == leg.not_before
        assert [trade for trade in one.trades.all if trade.good != "FUEL"] == []
        await check_books(one, player)


@in_virtual_time
async def test_what_one_ship_was_refused_no_other_is_sent_for(clock: VirtualClock) -> None:
    """Two factories want the same ore and the purse is empty: one ship hears so, and both wait."""
    async with stage(clock, ships=(), credits=6_000, policy__credit_floor=5_900) as one:
        player = await one.begin()
        factories = [await one.produce(player, "IRON") for _ in range(2)]
        assigned = await one.until(EventKind.LEG_ASSIGNED)
        await free_again(one, assigned)
        await clock.sleep(30)
        [leg] = [leg for factory in factories for leg in await one.legs(factory)]
        assert (leg.is_given_back, leg.rule) == (True, SpendRule.FLOOR)
        assert len(await one.events(EventKind.LEG_ASSIGNED)) == 1
        for factory in factories:
            node = (await one.application.factory(player.id, factory)).nodes[FEED]
            assert (node.state, node.reason) == (NodeState.WAITING_BUDGET, leg.failure)
            assert node.next_check == leg.not_before


@in_virtual_time
async def test_a_laden_ship_that_cannot_pay_its_fuel_still_delivers(clock: VirtualClock) -> None:
    """The last credits went into cargo: the ship drifts to where that cargo is money, and keeps its leg."""
    async with stage(clock, credits=1_500, ships=(), policy__credit_floor=0) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        refused = await one.until(EventKind.SPEND_REFUSED)
        [leg, *_] = await one.legs(factory)
        assert (refused.good, refused.ship) == ("FUEL", leg.ship)
        assert leg.state is LegState.LADEN
        await one.until(EventKind.LEG_DONE, hours=24)
        [leg, *_] = await one.legs(factory)
        assert leg.delivered == leg.bought > 0
        await check_books(one, player)


@in_virtual_time
async def test_a_laden_ship_that_cannot_move_at_all_waits_with_its_leg(clock: VirtualClock) -> None:
    """An empty tank and an empty purse: the worker keeps ship and leg, and goes on when there is money."""
    async with stage(clock, credits=1_500, ships=(), policy__credit_floor=0) as one:
        player = await one.begin()
        [ship, _] = one.world.fleets

        def leak() -> None:
            if ship.hold and one.credits < 1_000:
                ship.fuel = 0

        one.line.disturb(r"/navigate$", first=leak, on=True)
        factory = await one.produce(player, "IRON")
        laden = await one.until(EventKind.LEG_LADEN)
        await clock.sleep(900)
        [leg, *_] = await one.legs(factory)
        assert leg.state is LegState.LADEN
        assert ship.waypoint == leg.source
        worker = await one.application.container(str(laden.container_id))
        assert worker.status is ContainerStatus.RUNNING
        logs = await one.application.container_logs(worker.id, 10, "WARNING")
        assert "floor" in logs[-1].message
        claim = await one.application.store.transact(lambda tx: tx.claims.of_ship(ship.symbol))
        assert claim is not None
        assert claim.container_id == worker.id

        one.world.agents.find("FACTORY").earn(500_000)
        await one.application.roster.crew(player.id).muster()
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_nothing_leaks(one, player, factory)


@in_virtual_time
async def test_a_destination_that_refuses_fails_the_leg_and_keeps_the_cargo(clock: VirtualClock) -> None:
    """A refused sale ends the leg with the reason; the next leg of the good adopts what is aboard."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        assigned = await one.until(EventKind.LEG_ASSIGNED)
        ship = sandbox_ship(one, assigned.ship)
        one.line.disturb(r"/sell$", first=partial(setattr, ship, "docked", False))
        failed = await one.until(EventKind.LEG_FAILED)
        await free_again(one, assigned)
        bought = sum(trade.units for trade in one.trades.all if trade.good == FEED)
        assert ship.hold == {FEED: bought}
        assert "4244" in failed.message
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert sum(trade.units for trade in one.trades.all if trade.good == FEED) == 2 * bought
        legs = [leg for leg in await one.legs(factory) if leg.good == FEED]
        assert [leg.state for leg in legs] == [LegState.FAILED, LegState.DONE]
        assert legs[1].ship == assigned.ship
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)


@pytest.mark.parametrize("moment", [EventKind.LEG_ASSIGNED, EventKind.LEG_LADEN])
@in_virtual_time
async def test_a_ship_that_vanishes_is_replaced_and_forgotten(clock: VirtualClock, moment: EventKind) -> None:
    """The game answers 404 for the ship in the middle of a leg: another one flies it (R3)."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        event = await one.until(moment)
        assert event.ship is not None
        agent = one.world.agents.find(player.agent_symbol)
        one.world.fleets.remove(one.world.fleets.own(agent, event.ship))
        failed = await one.until(EventKind.LEG_FAILED)
        assert event.ship in failed.message
        ships = [ship.symbol for ship, _ in await one.application.ships(player.id)]
        assert event.ship not in ships
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        failures = await one.events(EventKind.LEG_FAILED)
        assert len(failures) == 1
        claims = await one.application.store.transact(lambda tx: tx.claims.of_player(player.id))
        assert event.ship not in {claim.ship for claim in claims}
        await check_books(one, player)


@in_virtual_time
async def test_killed_while_a_ship_vanishes_in_its_purchase_the_daemon_starts(clock: VirtualClock) -> None:
    """A ship that is gone with an open intent keeps nobody from starting; the balance settles the intent."""
    async with stage(clock) as one:
        player = await one.begin()
        one.line.disturb(r"/purchase$", Fate.FREEZES_AFTER)
        factory = await one.produce(player, "IRON")
        await one.line.frozen.wait()
        [lost] = [row["ship"] for row in one.intents() if row["state"] == "OPEN"]
        await one.kill()
        one.line.gone.add(lost)
        application = await one.open()
        recovery, complaints = await application.start()
        assert (recovery.lost, complaints) == (0, [])
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)


@in_virtual_time
async def test_killed_before_a_vanished_ships_purchase_it_is_void(clock: VirtualClock) -> None:
    """The same with a purchase that never reached the game: the balance says that nothing was spent."""
    async with stage(clock) as one:
        player = await one.begin()
        one.line.disturb(r"/purchase$", Fate.FREEZES_BEFORE)
        await one.produce(player, "IRON")
        await one.line.frozen.wait()
        [lost] = [row["ship"] for row in one.intents() if row["state"] == "OPEN"]
        await one.kill()
        one.line.gone.add(lost)
        await (await one.open()).start()
        assert [row["state"] for row in one.intents() if row["good"] == FEED] == ["VOID"]
        await check_books(one, player)


@in_virtual_time
async def test_killed_between_a_workers_end_and_its_legs_the_leg_is_flown_anew(clock: VirtualClock) -> None:
    """A flying leg whose container is over is nobody's: the next start gives it up and has it replaced."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        assigned = await one.until(EventKind.LEG_ASSIGNED)
        now = clock.now()
        await one.application.store.transact(
            lambda tx: tx.containers.end(str(assigned.container_id), ContainerStatus.FAILED, now, reason="x")
        )
        await one.kill()
        await (await one.open()).start()
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert next(leg.state for leg in await one.legs(factory)) is LegState.FAILED
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)


@in_virtual_time
async def test_an_outage_costs_time_and_no_leg(clock: VirtualClock) -> None:
    """While every request fails the workers wait; afterwards the same legs go on."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.LEG_LADEN)
        outage = one.line.disturb(r"/v2/", Fate.FAILS_BEFORE, on=True)
        await clock.sleep(1800)
        outage.fate = None
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert await one.events(EventKind.LEG_FAILED, EventKind.LEG_CANCELLED) == []
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)
