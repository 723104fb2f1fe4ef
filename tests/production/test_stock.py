"""Stock: outputs and leftovers as rows, used before anything is bought, and sold when nobody needs them."""

from dataclasses import replace

import pytest
from tests.playground import Playground, playground
from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Terminal
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.market import TradeType
from goodsfactory.domain.stock import StockKind, StockRow

STOCK = fabricating(units=40, terminal=Terminal.STOCK)


async def rows(play: Playground) -> list[StockRow]:
    return await play.application.store.transact(lambda tx: tx.stock.of_player(play.player.id))


def aboard(play: Playground, ship: str, good: str) -> int:
    agent = play.world.agents.find(play.player.agent_symbol)
    return play.world.fleets.own(agent, ship).hold.get(good, 0)


def test_output_becomes_stock_with_what_it_cost() -> None:
    """The row says ship, units, cost and factory; it is what is aboard."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            report = await play.until_over(await play.produce("COPPER", STOCK))
            found = await rows(play)
            lifts = [leg for leg in report.legs if leg.is_lift]
            assert sum(row.units for row in found) == report.factory.quantity_acquired >= 40
            assert sum(row.cost for row in found) == sum(leg.cost for leg in lifts) > 0
            assert {(row.kind, row.factory_id) for row in found} == {(StockKind.OUTPUT, report.factory.id)}
            assert all(aboard(play, row.ship, "COPPER") == row.units for row in found)

    run_virtual(story)


def test_a_later_factory_uses_stock_before_it_buys() -> None:
    """The first copper of the next factory is the one aboard, at the cost it had; the row is gone.

    `goods why` names it as a source; an order that makes copper to keep it leaves it there, and a full ship
    loads no more for that. `goods why` and `ships explain` say the same of each ship.
    """

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            await play.until_over(await play.produce("COPPER", STOCK))
            stocked = {row.ship: row for row in await rows(play)}
            factory, again = await play.produce("ELECTRONICS"), await play.produce("COPPER", STOCK)
            for order, words in (
                (factory, ": it goes before what is bought"),
                (again, ", not to be taken now"),
            ):
                why = await play.application.insight.explanations.of_factory(play.player.id, order, "COPPER")
                assert why.nodes[0].explanation.stock == tuple(
                    f"{row.units} aboard {row.ship}, stock of factory {row.factory_id} that cost {row.cost:,}"
                    f"{words}"
                    for row in stocked.values()
                )
                for ship in stocked:
                    verdict = why.nodes[0].explanation.ships[ship]
                    assert await play.application.explain_ship(play.player.id, ship, order) == verdict
                    assert verdict.eligible == (order == factory)
            sent = [await play.application.explain_ship(play.player.id, ship, None) for ship in stocked]
            assert all(one.eligible and "legs of COPPER only" in one.notes[0] for one in sent)
            await play.application.stop_factory(play.player.id, again)
            report = await play.until_over(factory)
            feeds = [leg for leg in report.legs if leg.good == "COPPER" and leg.feeds == "ELECTRONICS"]
            took = [leg for leg in feeds if leg.ship in stocked and leg.cost == stocked[leg.ship].cost]
            assert [leg.state for leg in took] == [LegState.DONE]
            assert took[0].delivered == stocked[str(took[0].ship)].units
            assert "COPPER" not in {row.good for row in await rows(play)}

    run_virtual(story)


def test_a_ship_full_of_stock_that_is_no_input_is_named_at_the_start() -> None:
    """The factory waits until somebody sells it: the answer says so."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            await play.until_over(await play.produce("COPPER", STOCK))
            [row] = await rows(play)
            for good, waits in (("IRON", True), ("ELECTRONICS", False)):
                only = fabricating(units=40, ships=(row.ship,))
                started = await play.application.start_factory(play.player.id, good, None, only)
                told = f"{row.ship} keeps {row.units} COPPER: `spacetraders ships sell {row.ship}` frees it"
                assert started.warnings == ((f"No ship is free: {told}.",) if waits else ())

    run_virtual(story)


def test_what_is_held_for_its_owner_is_no_stock() -> None:
    """HOLD output is nobody's input: no row, and the next factory leaves it aboard."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            first = await play.until_over(await play.produce("COPPER", fabricating(units=40)))
            assert await rows(play) == []
            await play.until_over(await play.produce("ELECTRONICS"))
            ships = {str(leg.ship) for leg in first.legs if leg.is_lift}
            assert sum(aboard(play, ship, "COPPER") for ship in ships) == first.factory.quantity_acquired

    run_virtual(story)


def fill(play: Playground, good: str, steps: int) -> None:
    """Every importer of ``good`` has so many trade volumes more than it needs, and bids by that."""
    for place in play.world.universe.markets.values():
        row = place.good(good, play.clock.now())
        if row is not None and row.type is TradeType.IMPORT:
            play.world.set_net_supply(place.waypoint, good, steps * row.trade_volume)


def test_stock_is_sold_only_where_that_pays_what_it_had_cost() -> None:
    """Until then it stays aboard, and node and `goods why` say why; sold, it counts at its cost."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            insight, player = play.application.insight, play.player.id
            giver = await play.until_over(await play.produce("ELECTRONICS", STOCK))
            [row] = await rows(play)
            fill(play, "ELECTRONICS", 6)
            factory = await play.produce("ELECTRONICS", fabricating(units=40, terminal=Terminal.SELL))
            await clock.sleep(3_600)
            assert await rows(play) == [row]
            waiting = (await play.application.factory(player, factory)).nodes["ELECTRONICS"]
            kept = f"stock of factory {giver.factory.id}: "
            assert f"{row.ship} keeps {kept}" in waiting.reason
            assert f"for what cost {row.basis:,.0f}, and is to pay {row.basis:,.0f}" in waiting.reason
            [told] = (await insight.explanations.of_factory(player, factory, "ELECTRONICS")).nodes
            assert f"40 aboard {row.ship}, {kept}" in told.explanation.stock[0]
            assert kept in told.explanation.ships[row.ship].reasons[0]

            fill(play, "ELECTRONICS", -6)
            report = await play.until_over(factory)
            [lift] = [leg for leg in report.legs if leg.is_lift and leg.delivered]
            assert (lift.stock_of, lift.cost) == (giver.factory.id, row.cost)
            assert lift.revenue > row.cost
            document = report.to_json()
            books = document["books"]
            assert books["taken_over"] == row.cost
            assert document["total_cost"] == books["purchases"] + books["fuel"] + row.cost
            assert document["total_cost"] == books["nodes"] + books["former_nodes"] + books["fuel"]
            assert report.factory.total_cost == document["total_cost"]
            compared = await play.application.quotes.report(player, factory)
            assert compared.taken.credits == document["total_cost"] - books["sales"]
            [told] = (await insight.explanations.of_factory(player, factory, "ELECTRONICS")).nodes
            assert told.explanation.stock == (
                f"{row.ship} takes 40 ELECTRONICS over, stock of factory {giver.factory.id}, "
                f"for {row.cost:,} credits ({row.basis:,.0f} each)",
            )

    run_virtual(story)


def test_stock_does_not_lie_where_nobody_has_seen_who_takes_it() -> None:
    """Whoever would sell it sends somebody to look at the markets first."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            await play.until_over(await play.produce("COPPER", STOCK))
            [row] = await rows(play)
            seller = await play.produce("COPPER", fabricating(units=40, terminal=Terminal.SELL))
            report = await play.until_over(seller, hours=1)
            assert report.books.taken_over == row.cost

    run_virtual(story)


def test_no_more_is_taken_over_than_was_asked_for() -> None:
    """The rest stays stock of its owner, with what it had cost; the next order takes that."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            giver = (await play.until_over(await play.produce("ELECTRONICS", STOCK))).factory.id
            [row] = await rows(play)
            taken = 0
            for units in (15, row.units - 15):
                wish = fabricating(units=units, terminal=Terminal.SELL)
                report = await play.until_over(await play.produce("ELECTRONICS", wish))
                assert report.factory.quantity_acquired == units
                [lift] = [leg for leg in report.legs if leg.is_lift and leg.delivered]
                assert (lift.bought, lift.delivered, lift.stock_of) == (units, units, giver)
                taken += lift.cost
                left = row.units - units if units == 15 else 0
                assert aboard(play, row.ship, "ELECTRONICS") == left
                told = [(one.units, one.cost, one.factory_id) for one in await rows(play)]
                assert told == ([(left, row.cost - taken, giver)] if left else [])
            assert taken == row.cost
            books = (await play.application.factory(play.player.id, giver)).books
            assert books.in_work == 0

    run_virtual(story)


def test_stock_beside_what_is_held_stays_with_it() -> None:
    """One hold, two owners: who names the ship sells neither, and nobody clears a leftover there."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock, policy__leftover_patience=18_000) as play:
            full = await stopped_laden(play)
            await play.application.desks.ship.jettison(play.player.id, full.ship, full.good, 20)
            await clock.sleep(120)
            left = next(row for row in await rows(play) if row.ship == full.ship)
            wish = fabricating(units=5, ships=(left.ship,))
            await play.until_over(await play.produce(left.good, wish), hours=4)
            held = left.units + 5
            assert aboard(play, left.ship, left.good) == held
            seller = await play.produce(left.good, replace(wish, terminal=Terminal.SELL))
            await clock.sleep(3_600)
            assert aboard(play, left.ship, left.good) == held
            await play.application.stop_factory(play.player.id, seller)
            await clock.sleep(21_600)
            assert aboard(play, left.ship, left.good) == held
            assert left in await rows(play)

    run_virtual(story)


def test_stock_made_without_end_leaves_a_ship_to_the_others() -> None:
    """Hours later there is one ship that another factory makes its goods with; guarded: `_leaves_a_ship`."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock, ships=("SHIP_LIGHT_SHUTTLE",)) as play:
            endless = FactoryRequest(units=40, terminal=Terminal.STOCK, continuous=True)
            stock = await play.produce("IRON", endless)
            await clock.sleep(2 * 3600)
            assert sum(row.units for row in await rows(play)) >= 40
            report = await play.until_over(
                await play.produce("ELECTRONICS", FactoryRequest(units=20)), hours=8
            )
            assert report.factory.status is FactoryStatus.COMPLETED
            await play.application.stop_factory(play.player.id, stock)

    run_virtual(story)


async def stopped_laden(play: Playground) -> StockRow:
    """A factory stopped while a ship had its input aboard; returns the row that came of it."""
    factory = await play.produce("ELECTRONICS")
    for _ in range(2_000):
        told = await play.events(factory)
        if any(event.kind is EventKind.LEG_LADEN for event in told):
            break
        await play.clock.sleep(1)
    await play.application.stop_factory(play.player.id, factory)
    await play.clock.sleep(120)
    found = await rows(play)
    assert found, "somebody was laden"
    return found[0]


def test_leftovers_of_a_stopped_factory_are_stock_at_once() -> None:
    """With the units that are aboard and what they cost."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            row = await stopped_laden(play)
            assert row.kind is StockKind.LEFTOVER
            assert row.units == aboard(play, row.ship, row.good) > 0
            assert row.cost > 0

    run_virtual(story)


@pytest.mark.parametrize("patience", [600.0])
def test_a_leftover_that_nobody_needs_is_sold_where_it_brings_most(patience: float) -> None:
    """Not before its time; then the hold is empty, the row gone, the ship free and the sale in the ledger."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock, policy__leftover_patience=patience) as play:
            row = await stopped_laden(play)
            store, player = play.application.store, play.player.id
            assert aboard(play, row.ship, row.good) == row.units
            await clock.sleep(patience + 3_600)
            assert aboard(play, row.ship, row.good) == 0
            assert await rows(play) == []
            legs = await store.transact(lambda tx: tx.legs.newest(row.factory_id, 10_000))
            (cleared,) = [leg for leg in legs if leg.clears and leg.ship == row.ship]
            assert cleared.state is LegState.DONE
            assert (cleared.delivered, cleared.cost) == (row.units, row.cost)
            assert cleared.revenue > 0
            report = await play.application.factory(player, row.factory_id)
            told = {(leg["kind"], leg["good"], leg["output"]) for leg in report.to_json()["legs"]}
            assert told >= {("FEED", row.good, "ELECTRONICS"), ("CLEAR", row.good, row.good)}
            assert report.to_json()["quantity_acquired"] == 0
            assert await store.transact(lambda tx: tx.claims.of_player(player)) == []
            assert await store.transact(lambda tx: tx.money.ledger_sum(player)) == play.credits

    run_virtual(story)


def test_a_leftover_goes_to_the_next_factory_that_needs_it() -> None:
    """Started before its time is up, the factory takes the laden ship over; nothing is sold away from it."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            row = await stopped_laden(play)
            report = await play.until_over(await play.produce("ELECTRONICS"))
            assert report.factory.status is FactoryStatus.COMPLETED
            own = [
                leg for leg in report.legs if leg.good == row.good and leg.ship == row.ship and leg.delivered
            ]
            assert own
            assert own[0].delivered >= row.units
            events = await play.events()
            assert not [e for e in events if e.kind is EventKind.SOLD and e.factory_id == row.factory_id]
            giver = await play.application.factory(play.player.id, row.factory_id)
            for one, moved in ((report, row.cost), (giver, -row.cost)):
                books = one.to_json().get("books", {})
                assert books.get("taken_over") == moved
                assert books["acquired"] + books["written_off"] - moved == books["purchases"]

    run_virtual(story)


def test_what_came_aboard_beside_a_leftover_did_not_cost_it_again() -> None:
    """Units that nobody of ours bought stay whose they are, and no order counts a credit for them."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            bought = await stopped_laden(play)
            agent = play.world.agents.find(play.player.agent_symbol)
            hold = play.world.fleets.own(agent, bought.ship).hold
            for change in (-10, 5):
                hold[bought.good] += change
                await play.application.orbit(play.player.id, bought.ship)
                await clock.sleep(120)
            (row,) = await rows(play)
            assert row.units == bought.units - 10
            told = await play.application.factory(play.player.id, row.factory_id)
            assert told.books.in_work == row.cost

    run_virtual(story)


def test_the_rows_follow_what_is_aboard() -> None:
    """A user who sells stock by hand leaves no row behind."""

    async def story(clock: VirtualClock) -> None:
        async with playground(clock) as play:
            await play.until_over(await play.produce("COPPER", STOCK))
            for row in await rows(play):
                where = (await play.application.factory(play.player.id, row.factory_id)).legs[-1].source
                await play.application.sell(play.player.id, row.ship, "COPPER", where, confirmed=True)
            await clock.sleep(120)
            assert await rows(play) == []

    run_virtual(story)
