"""What a factory made and left in a hold, or the user loaded, is the user's: no other factory spends it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.playground import Playground, playground
from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.adapters.store.database import close, open_database
from goodsfactory.adapters.store.transaction import SqlTransaction
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus, GoodsFactory, Terminal
from goodsfactory.domain.leg import HandOver, Leg, LegState, Peg
from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank
from goodsfactory.fleet.kept_cargo import kept_cargo

NOW = datetime(2030, 1, 1, tzinfo=UTC)
KEPT: dict[str, Any] = {"destination": None, "hand_over": HandOver.KEEP, "feeds": None}
OVER = (LegState.DONE, LegState.FAILED, LegState.CANCELLED)
OURS, MADE, FOREIGN, LENT = None, "made by factory F", "loaded by somebody else", ", for whom he names"


def kept(*legs: dict[str, Any], good: str = "IRON", **cargo: int) -> str | None:
    """What is said of a ship with ``cargo`` aboard, after ``legs`` (oldest first) had it."""
    connection = open_database(":memory:")
    try:
        with connection.begin():
            tx = SqlTransaction(connection, "2030-01-01")
            player = tx.players.add(
                "A",
                universe="2030-01-01",
                reset_date="2030-01-01",
                base_url="",
                headquarters="X1-A-A",
                now=NOW,
            )
            tx.factories.add(GoodsFactory("F", player.id, "TOOLS", "X1-A", NOW, NOW))
            way, pegs = ("X1-A-B", "X1-A-C", HandOver.SELL), (Peg("F", 40),)
            blank = Leg("", player.id, good, *way, "TOOLS", pegs, 1, "wanted", NOW)
            ship = Ship(
                "S", "HAULER", Nav("X1-A", "X1-A-A", NavStatus.DOCKED), Tank(1, 1), Hold(80, cargo), 9, NOW
            )
            for number, facts in enumerate(legs):
                moment = NOW + timedelta(seconds=number)
                tx.legs.add([replace(blank, id=f"L{number}", ship="S", assigned_at=moment, **facts)])
            found = kept_cargo(tx, [ship]).get("S")
            return None if found is None else found.whose + (LENT if found.lent else "")
    finally:
        close(connection)


def test_cargo_without_a_leg_is_somebody_elses() -> None:
    """Nobody can tell what it is for: it may wait for a contract."""
    assert kept(IRON=10) == FOREIGN + LENT


@pytest.mark.parametrize("state", [LegState.FAILED, LegState.CANCELLED])
def test_what_a_feed_did_not_deliver_is_taken_up(state: LegState) -> None:
    """It was bought to be an input, whatever ended the leg; an emptied hold has nothing to say either."""
    assert kept({"state": state, "bought": 40, "delivered": 30}, IRON=10) is OURS
    assert kept({"state": state, "bought": 40, "delivered": 30}) is OURS


def test_what_appears_after_a_delivery_is_somebody_elses() -> None:
    """The last leg left nothing aboard, so these units came later."""
    assert kept({"state": LegState.DONE, "bought": 40, "delivered": 40}, IRON=10) == FOREIGN + LENT


@pytest.mark.parametrize("state", OVER)
def test_a_lift_that_stays_aboard_is_kept_whatever_its_end(state: LegState) -> None:
    """What it bought counts as made: a stop in the middle of it changes nothing about that."""
    lift = {**KEPT, "state": state, "bought": 10}
    assert kept(lift, IRON=10) == MADE


def test_output_that_could_not_be_sold_is_taken_up() -> None:
    """It was never meant to stay aboard."""
    lift = {"feeds": None, "state": LegState.FAILED, "bought": 10}
    assert kept(lift, IRON=10) is OURS


@pytest.mark.parametrize("state", [LegState.LOADING, LegState.LADEN])
def test_cargo_under_way_is_not_kept(state: LegState) -> None:
    """It is being carried."""
    assert kept({"state": state, "bought": 10}, IRON=10) is OURS


def test_the_newest_leg_decides() -> None:
    """An old failure says nothing about what a later leg left, and a leg that bought nothing says nothing."""
    failed = {"state": LegState.FAILED, "bought": 40, "delivered": 0}
    lift = {**KEPT, "state": LegState.DONE, "bought": 40}
    nothing = {"state": LegState.FAILED, "bought": 0}
    assert kept(failed, lift, nothing, IRON=40) == MADE
    assert kept(lift, failed, nothing, IRON=40) is OURS


def test_every_owner_of_a_mixed_hold_is_named() -> None:
    """One good that must stay keeps the whole ship; what an order made to be held, from everybody."""
    failed = {"state": LegState.FAILED, "bought": 40, "delivered": 0}
    lift = {**KEPT, "good": "GOLD", "state": LegState.DONE, "bought": 5}
    unfinished, foreign = "40 IRON loaded for factory F", f"1 FOOD {FOREIGN}"
    assert kept(failed, IRON=40, FOOD=1) == f"{foreign} and {unfinished}{LENT}"
    assert kept(failed, lift, IRON=40, GOLD=5, FOOD=1) == f"{foreign}, 5 GOLD {MADE} and {unfinished}"


async def load(ground: Playground, good: str, units: int) -> str:
    """The user loads a cargo ship by other means than ours; returns its symbol."""
    ship = next(ship for ship in ground.world.fleets if ship.type.cargo_capacity)
    ship.hold[good] = units
    await ground.clock.sleep(3600)
    return ship.symbol


def test_cargo_the_user_loaded_is_not_sold() -> None:
    """Units that no leg of ours ever bought stay where they are, and `ships explain` says so."""

    async def work(clock: VirtualClock) -> None:
        async with playground(clock, ships=("SHIP_LIGHT_SHUTTLE",)) as ground:
            mine = await load(ground, "IRON_ORE", 10)
            await ground.until_over(await ground.produce("IRON"))
            told = await ground.application.explain_ship(ground.player.id, mine, None)
            hold = next(ship.hold for ship in ground.world.fleets if ship.symbol == mine)
            assert hold == {"IRON_ORE": 10}
            assert told.reasons == (
                f"{mine} keeps 10 IRON_ORE, loaded by somebody else: "
                f"`spacetraders ships sell {mine}` frees it",
            )

    run_virtual(work)


def test_a_ship_that_the_request_names_gives_its_cargo() -> None:
    """--ships is the consent: what the ship holds is the first input."""

    async def work(clock: VirtualClock) -> None:
        async with playground(clock, ships=("SHIP_LIGHT_SHUTTLE",)) as ground:
            mine = await load(ground, "IRON_ORE", 10)
            factory = await ground.produce("IRON", fabricating(ships=(mine,)))
            told = await ground.application.explain_ship(ground.player.id, mine, factory)
            assert (told.eligible, told.notes) == (
                True,
                (f"{mine} has 10 IRON_ORE aboard: it is given legs of IRON_ORE only",),
            )
            report = await ground.until_over(factory)
            assert report.factory.status is FactoryStatus.COMPLETED
            hold = next(ship.hold for ship in ground.world.fleets if ship.symbol == mine)
            assert set(hold) == {"IRON"}

    run_virtual(work)


def test_a_product_in_a_hold_is_not_fed_to_the_next_factory() -> None:
    """ELECTRONICS made to be held stay aboard while ADVANCED_CIRCUITRY, which needs ELECTRONICS, is made."""

    async def work(clock: VirtualClock) -> None:
        async with playground(clock) as ground:
            first = await ground.until_over(await ground.produce("ELECTRONICS", fabricating(units=40)))
            holder = next(leg.ship for leg in first.legs if leg.destination is None and leg.ship)
            second = await ground.until_over(
                await ground.produce("ADVANCED_CIRCUITRY", fabricating(units=40))
            )
            ship = await ground.application.ship(ground.player.id, holder)
            told = await ground.application.explain_ship(ground.player.id, holder, None)
            assert second.factory.status is FactoryStatus.COMPLETED
            assert ship.hold.of("ELECTRONICS") == first.factory.quantity_acquired == 40
            assert not told.eligible
            assert f"made by factory {first.factory.id}" in told.reasons[0]

    run_virtual(work)


def test_a_ship_may_load_more_of_what_it_holds() -> None:
    """Two lifts may share a hold that is large enough for both, and each order owns what it paid for.

    A third that names the ship sells none of it: it is told at the start what it will wait for.
    """

    async def work(clock: VirtualClock) -> None:
        async with playground(clock, ships=("SHIP_LIGHT_HAULER",)) as ground:
            ships = [ship.symbol for ship, _ in await ground.application.ships(ground.player.id)]
            hauler = ships[-1]
            only = fabricating(ships=(hauler,))
            wishes = [replace(only, units=units) for units in (60, 20)]
            orders = [await ground.until_over(await ground.produce("QUARTZ_SAND", one)) for one in wishes]
            ship = await ground.application.ship(ground.player.id, hauler)
            assert ship.hold.of("QUARTZ_SAND") == 80
            told = await ground.application.explain_ship(ground.player.id, hauler, None)
            first, second = [order.factory.id for order in orders]
            assert told.reasons == (
                f"{hauler} keeps 80 QUARTZ_SAND, 20 QUARTZ_SAND made by factory {second} and 60 QUARTZ_SAND"
                f" made by factory {first}: `spacetraders ships sell {hauler}` frees it",
            )
            kept = [await ground.application.factory(ground.player.id, one) for one in (first, second)]
            paid = [one.books.purchases for one in kept]
            assert [one.books.in_work for one in kept] == paid
            third = replace(only, units=20, terminal=Terminal.SELL)
            seller = await ground.application.start_factory(ground.player.id, "QUARTZ_SAND", None, third)
            remedy = f"`spacetraders ships sell {hauler}` frees it"
            assert seller.warnings == (f"No ship is free: {hauler} keeps 80 QUARTZ_SAND: {remedy}.",)
            await clock.sleep(7_200)
            report = await ground.application.factory(ground.player.id, seller.factory.id)
            assert not report.factory.status.is_over
            heard = await ground.events(seller.factory.id)
            assert EventKind.STOCK_TAKEN not in {event.kind for event in heard}
            ship = await ground.application.ship(ground.player.id, hauler)
            assert ship.hold.of("QUARTZ_SAND") == 80

    run_virtual(work)


def test_what_is_held_is_no_input_of_an_order_that_names_its_ship() -> None:
    """It is its owner's, whatever another order would make of it."""

    async def work(clock: VirtualClock) -> None:
        async with playground(clock, ships=("SHIP_LIGHT_SHUTTLE",)) as ground:
            first = await ground.until_over(await ground.produce("COPPER", fabricating(units=20)))
            holder = next(str(leg.ship) for leg in first.legs if leg.is_lift)
            other = next(
                s.symbol for s in ground.world.fleets if s.symbol != holder and s.type.cargo_capacity
            )
            await ground.until_over(
                await ground.produce("ELECTRONICS", fabricating(units=20, ships=(holder, other)))
            )
            ship = await ground.application.ship(ground.player.id, holder)
            assert dict(ship.hold.inventory) == {"COPPER": 20}

    run_virtual(work)
