"""One odd answer among sane ones: what would write off, forget or invent something waits for another one."""

from collections.abc import Callable

import pytest
from tests.daemon.stage import Answer, Fate, Stage, check_books, in_virtual_time, stage
from tests.faults.trial import GOOD, ONE_SHIP, completes
from tests.treasury.deeds import SHIP

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.errors import Unavailable
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.domain.stock import StockRow

ALL_KINDS = (EventKind.SHIP_LOST, EventKind.CARGO_LOST)


@in_virtual_time
async def test_a_ship_is_not_gone_because_one_answer_says_so(clock: VirtualClock) -> None:
    """The game does not know the ship once, with its load aboard: nothing is written off or bought anew."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(EventKind.LEG_LADEN)
        denied = 0

        def deny(answer: Answer) -> None:
            nonlocal denied
            denied += 1
            if denied == 1:
                answer.status = 404
                answer.body = {"error": {"message": "Ship not found.", "code": 404}}

        one.line.change(rf"GET .*/my/ships/{SHIP}$", deny)
        await completes(one, player, factory)
        assert denied > 1
        assert await one.events(*ALL_KINDS) == []


@in_virtual_time
async def test_a_ship_with_a_foreign_name_is_none_of_the_fleet(clock: VirtualClock) -> None:
    """A list that calls a ship by another name adds none: no ship is given work that does not exist."""
    async with stage(clock) as one:
        player = await one.begin()
        before = {ship.symbol for ship, _ in await one.application.ships(player.id)}

        def rename(answer: Answer) -> None:
            answer.body["data"][1]["symbol"] = "OVERFLOWING"

        one.line.change(r"GET .*/my/ships$", rename)
        await clock.sleep(1800)
        assert {ship.symbol for ship, _ in await one.application.ships(player.id)} == before
        one.line.change(r"GET .*/my/ships$", None)
        assert await one.events(*ALL_KINDS) == []


@in_virtual_time
async def test_a_refuel_without_a_receipt_is_looked_at(clock: VirtualClock) -> None:
    """The tank was filled and paid, the answer does not say so: the books have it, to the credit."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()

        def forget(answer: Answer) -> None:
            del answer.body["data"]["transaction"]

        one.line.change(r"POST .*/refuel$", forget)
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)
        refuels = [row for row in await one.ledger(player) if row.kind is MoneyKind.REFUEL]
        assert refuels
        assert all(row.units and row.amount for row in refuels)
        await check_books(one, player)


@in_virtual_time
async def test_a_ship_is_not_gone_because_something_else_is_not_found(clock: VirtualClock) -> None:
    """The game denies the market of a purchase that is settled: the ship and its cargo are still there."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        denied: list[str] = []

        def forget(answer: Answer) -> None:
            del answer.body["data"]["transaction"]
            one.line.change(r"GET .*/market$", deny)

        def deny(answer: Answer) -> None:
            denied.append("")
            answer.status, answer.body = 404, {"error": {"message": "Not found.", "code": 404}}

        one.line.change(r"POST .*/purchase$", forget)
        factory = await one.produce(player, GOOD)
        await clock.sleep(3600)
        one.line.change(r"POST .*/purchase$", None)
        one.line.change(r"GET .*/market$", None)
        assert len(denied) > 2
        await completes(one, player, factory)
        assert await one.events(*ALL_KINDS) == []
        await check_books(one, player)


@in_virtual_time
async def test_a_leg_survives_an_answer_that_leaves_its_good_out(clock: VirtualClock) -> None:
    """The market is looked at again: nothing fails, and nothing is bought by the price seen before."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(EventKind.LEG_ASSIGNED)
        leg = next(leg for leg in await one.legs(factory) if leg.state.is_open)
        odd: list[int] = []

        def leave_out(answer: Answer) -> None:
            market = answer.body["data"]
            if "tradeGoods" in market and not odd:
                odd.append(purchases())
                for name in ("exports", "imports", "exchange", "tradeGoods"):
                    market[name] = [good for good in market[name] if good["symbol"] != leg.good]
            elif "tradeGoods" in market and len(odd) == 1:
                odd.append(purchases())

        def purchases() -> int:
            return sum(request.endswith("/purchase") for request in one.line.requests)

        one.line.change(rf"GET .*/{leg.source}/market$", leave_out)
        await completes(one, player, factory)
        assert odd == [odd[0]] * 2
        assert await one.events(EventKind.LEG_FAILED) == []
        await check_books(one, player)


@in_virtual_time
async def test_a_place_that_is_not_found_is_told_without_the_ship(clock: VirtualClock) -> None:
    """The sentence is the game's own: nobody takes the ship for what is missing."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()

        def deny(answer: Answer) -> None:
            answer.status, answer.body = 404, {"error": {"message": "Waypoint not found.", "code": 404}}

        one.line.change(r"POST .*/navigate$", deny)
        await one.produce(player, GOOD)
        assert (await one.until(EventKind.LEG_FAILED)).message.startswith("Waypoint not found.")


async def stocked(one: Stage, player: Player) -> StockRow:
    """An order has made 40 units of copper that are kept as stock."""
    await one.until_over(player, await one.produce(player, "COPPER", units=40, terminal=Terminal.STOCK))
    [row] = await rows(one, player)
    return row


async def rows(one: Stage, player: Player) -> list[StockRow]:
    return await one.application.store.transact(lambda tx: tx.stock.of_player(player.id))


def empty_once(one: Stage, path: str, ship: str, *, after: Callable[[], bool] = lambda: True) -> list[str]:
    """Lets one answer tell an empty hold; the list of those that did."""
    told: list[str] = []

    def empty(answer: Answer) -> None:
        data = answer.body["data"] if isinstance(answer.body, dict) else None
        for found in data if isinstance(data, list) else [data]:
            if isinstance(found, dict) and found.get("symbol") == ship and not told and after():
                found["cargo"] |= {"units": 0, "inventory": []}
                told.append(path)

    one.line.change(path, empty)
    return told


@pytest.mark.parametrize("path", [r"GET .*/my/ships$", rf"GET .*/my/ships/{SHIP}$"])
@in_virtual_time
async def test_stock_is_not_gone_because_one_answer_does_not_show_it(clock: VirtualClock, path: str) -> None:
    """Neither the list of ships nor a ship read by itself: what is kept stays kept, with what it cost.

    Guarded: without `lacks` in `RollCall._keep`, or in `Pilot.observe`, the row is gone for good.
    """
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        row = await stocked(one, player)
        told = empty_once(one, path, row.ship)
        await one.application.orbit(player.id, row.ship)
        await clock.sleep(700)
        assert told
        assert await rows(one, player) == [row]


@in_virtual_time
async def test_cargo_is_not_thrown_away_because_one_answer_does_not_show_it(clock: VirtualClock) -> None:
    """The request was lost before it had any effect. A second look says so, and the stock is still there.

    Guarded: with one look that is enough in `Settler.look` 40 units count as thrown away.
    """
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        row = await stocked(one, player)
        lost = one.line.disturb("POST .*/jettison$", Fate.FAILS_BEFORE)
        told = empty_once(one, rf"GET .*/my/ships/{row.ship}$", row.ship, after=lambda: lost.seen > 0)
        with pytest.raises(Unavailable, match="did not happen"):
            await one.application.desks.ship.jettison(player.id, row.ship, "COPPER", 10)
        await clock.sleep(700)
        assert told
        assert await rows(one, player) == [row]


@in_virtual_time
async def test_no_more_is_thrown_away_than_was_to_be(clock: VirtualClock) -> None:
    """Its answer was lost, and two looks tell an empty hold: of 40 units 10 were this step's."""
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        row = await stocked(one, player)
        lost = one.line.disturb("POST .*/jettison$", Fate.FAILS_AFTER)

        def empty(answer: Answer) -> None:
            if lost.seen:
                answer.body["data"]["cargo"] |= {"units": 0, "inventory": []}

        one.line.change(rf"GET .*/my/ships/{row.ship}$", empty)
        thrown = await one.application.desks.ship.jettison(player.id, row.ship, "COPPER", 10)
        assert thrown.units == 10


@in_virtual_time
async def test_nothing_is_bought_twice_because_one_answer_showed_it_aboard_before(
    clock: VirtualClock,
) -> None:
    """The count before the purchase was wrong, and its answer is lost: the market's own list tells of it.

    Guarded: with `listed` false in `Settler._find` the purchase is called undone, and made once more.
    """
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(EventKind.LEG_ASSIGNED)
        leg = next(leg for leg in await one.legs(factory) if leg.state.is_open)
        lost = one.line.disturb("POST .*/purchase$", Fate.FAILS_AFTER)

        def more(answer: Answer) -> None:
            data = answer.body["data"]
            if not lost.seen and data["nav"]["waypointSymbol"] == leg.source:
                data["cargo"] |= {"units": 35, "inventory": [{"symbol": leg.good, "units": 35}]}

        one.line.change(rf"GET .*/my/ships/{SHIP}$", more)
        await one.until(EventKind.LEG_LADEN)
        bought = [trade.units for trade in one.trades.all if trade.good == leg.good]
        assert lost.seen
        assert sum(bought) <= 40
        await check_books(one, player)


@in_virtual_time
async def test_a_trade_is_made_whole_or_not_at_all(clock: VirtualClock) -> None:
    """The answer is lost, and the next look shows a part of the load aboard: the whole of it was paid."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        lost = one.line.disturb("POST .*/purchase$", Fate.FAILS_AFTER)
        told: list[int] = []

        def fewer(answer: Answer) -> None:
            cargo = answer.body["data"]["cargo"]
            if lost.seen and cargo["inventory"] and not told:
                told.append(cargo["units"])
                cargo["units"] = cargo["inventory"][0]["units"] = 7

        one.line.change(rf"GET .*/my/ships/{SHIP}$", fewer)
        await completes(one, player, factory)
        assert told
        assert await one.events(*ALL_KINDS) == []


@in_virtual_time
async def test_a_trade_that_was_not_made_needs_no_market_to_say_so(clock: VirtualClock) -> None:
    """The request failed before it had any effect, and the market cannot be read: the hold shows it twice."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        lost = one.line.disturb("POST .*/purchase$", Fate.FAILS_BEFORE)

        def unreadable(answer: Answer) -> None:
            if lost.seen:
                answer.body = {"data": {}}

        one.line.change(r"GET .*/market$", unreadable)
        while not lost.seen:
            await clock.sleep(1)
        await clock.sleep(30)
        assert await one.application.store.transact(lambda tx: tx.money.open_intents(player.id)) == []
        one.line.change(r"GET .*/market$", None)
        await completes(one, player, factory)
