"""Law L1 for every money step ordered by hand: written down, made once, settled by looking."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from tests.daemon.stage import AGENT, Answer, Fate, Stage, in_virtual_time, stage
from tests.treasury.deeds import DEEDS, SHIP, UNITS, Deed, contract_of, load

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.errors import Conflict, NotFound, Unavailable, UserError
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.goods import FUEL
from goodsfactory.domain.money import STEPS, LedgerEntry, MoneyKind
from goodsfactory.domain.player import Player

every_deed = pytest.mark.parametrize("deed", DEEDS, ids=str)


async def row_of(one: Stage, player: Player, kind: MoneyKind) -> LedgerEntry:
    """The one row of this kind."""
    [row] = [entry for entry in await one.ledger(player) if entry.kind is kind]
    return row


def states(one: Stage, deed: Deed) -> list[str]:
    return [row["state"] for row in one.intents() if row["kind"] == deed.kind.value]


async def settled(one: Stage, player: Player) -> None:
    """Nothing is open, nobody holds anything, the ledger equals the server and was never in doubt."""
    assert "OPEN" not in [row["state"] for row in one.intents()]
    ledger = await one.ledger(player)
    assert sum(entry.amount for entry in ledger) == one.credits
    claims = await one.application.store.transact(lambda tx: tx.claims.of_player(player.id))
    assert [claim.ship for claim in claims] == []
    assert await one.events(EventKind.SPENDING_STOPPED, EventKind.BALANCE_CORRECTED) == []


@every_deed
@in_virtual_time
async def test_a_step_is_one_intent_one_row_and_one_effect(clock: VirtualClock, deed: Deed) -> None:
    """The row carries what was paid or earned, in the direction of its kind, and the intent is done."""
    async with stage(clock) as one:
        player = await one.begin()
        await deed.prepare(one, player)
        before = one.credits
        await deed.order(one, player)
        assert (deed.done(one), states(one, deed)) == (1, ["DONE"])
        row = await row_of(one, player, deed.kind)
        money = [entry.amount for entry in await one.ledger(player) if entry.kind is not MoneyKind.REFUEL]
        assert money[-1] == row.amount
        fuel = sum(entry.amount for entry in await one.ledger(player) if entry.kind is MoneyKind.REFUEL)
        assert one.credits - before - fuel == row.amount
        assert (row.amount > 0) - (row.amount < 0) == STEPS[deed.kind].money
        await settled(one, player)


@every_deed
@in_virtual_time
async def test_an_answer_lost_after_the_effect_is_found_out_at_once(clock: VirtualClock, deed: Deed) -> None:
    """The order ends well within seconds, without a restart and without a second call."""
    async with stage(clock) as one:
        player = await one.begin()
        await deed.prepare(one, player)
        call = one.line.disturb(deed.request, Fate.FAILS_AFTER)
        await deed.order(one, player)
        assert (deed.done(one), states(one, deed), call.seen) == (1, ["DONE"], 1)
        await settled(one, player)


@every_deed
@in_virtual_time
async def test_a_call_that_failed_before_its_effect_is_void_and_may_be_made_again(
    clock: VirtualClock, deed: Deed
) -> None:
    """The order says that nothing happened; the next one does it, once."""
    async with stage(clock) as one:
        player = await one.begin()
        await deed.prepare(one, player)
        one.line.disturb(deed.request, Fate.FAILS_BEFORE)
        with pytest.raises(Unavailable, match="did not happen") as failed:
            await deed.order(one, player)
        assert not failed.value.maybe_done
        assert (deed.done(one), states(one, deed)) == (0, ["VOID"])
        await settled(one, player)
        await deed.order(one, player)
        assert (deed.done(one), states(one, deed)) == (1, ["VOID", "DONE"])
        await settled(one, player)


@every_deed
@in_virtual_time
async def test_nothing_is_called_undone_while_it_may_still_land(clock: VirtualClock, deed: Deed) -> None:
    """A request lost on the way may have its effect a moment later: a look that comes too early waits."""
    async with stage(clock) as one:
        player = await one.begin()
        await deed.prepare(one, player)
        call = one.line.disturb(deed.request, Fate.LANDS_LATE)
        await deed.order(one, player)
        assert one.line.landing[0].done()
        assert (deed.done(one), states(one, deed), call.seen) == (1, ["DONE"], 1)
        await settled(one, player)


@every_deed
@in_virtual_time
async def test_while_the_server_cannot_answer_it_is_looked_again_and_again(
    clock: VirtualClock, deed: Deed
) -> None:
    """Two minutes without any answer after the loss: then the order ends as if nothing had been."""
    async with stage(clock) as one:
        player = await one.begin()
        await deed.prepare(one, player)

        def go_down() -> None:
            one.line.disturb(r"GET .*/v2/my", Fate.FAILS_BEFORE, on=True)

        one.line.disturb(deed.request, Fate.FAILS_AFTER, first=go_down)
        order = asyncio.create_task(deed.order(one, player))
        while len(one.line.disturbances) < 2:
            await clock.sleep(1)
        await clock.sleep(120)
        assert not order.done()
        assert states(one, deed) == ["OPEN"]
        one.line.disturbances.clear()
        await order
        assert (deed.done(one), states(one, deed)) == (1, ["DONE"])
        await settled(one, player)


@every_deed
@in_virtual_time
async def test_after_a_long_outage_the_roll_call_settles(clock: VirtualClock, deed: Deed) -> None:
    """An order does not wait for ever; what it leaves open binds its subject until somebody can look."""
    async with stage(clock) as one:
        player = await one.begin()
        await deed.prepare(one, player)

        def go_down() -> None:
            one.line.disturb(r"GET .*/v2/my", Fate.FAILS_BEFORE, on=True)

        one.line.disturb(deed.request, Fate.FAILS_AFTER, first=go_down)
        with pytest.raises(Unavailable) as failed:
            await deed.order(one, player)
        assert failed.value.maybe_done
        assert states(one, deed) == ["OPEN"]
        one.line.disturbances.clear()
        await clock.sleep(700)
        assert (deed.done(one), states(one, deed)) == (1, ["DONE"])
        await settled(one, player)


@pytest.mark.parametrize("fate", [Fate.FREEZES_BEFORE, Fate.FREEZES_AFTER])
@every_deed
@in_virtual_time
async def test_killed_with_the_call_on_the_wire_the_next_start_settles(
    clock: VirtualClock, deed: Deed, fate: Fate
) -> None:
    """Nobody resumes an order by hand: the start looks what became of it, and frees what it held."""
    async with stage(clock) as one:
        player = await one.begin()
        await deed.prepare(one, player)
        call = one.line.disturb(deed.request, fate)
        order = asyncio.create_task(deed.order(one, player))
        await one.line.frozen.wait()
        await one.kill()
        assert order.done()
        application = await one.open()
        _, complaints = await application.start()
        assert complaints == []
        happened = fate is Fate.FREEZES_AFTER
        assert (deed.done(one), states(one, deed)) == (happened, ["DONE" if happened else "VOID"])
        assert call.seen == 1
        await settled(one, player)


@every_deed
@in_virtual_time
async def test_a_step_whose_ship_or_contract_has_another_open_is_not_begun(
    clock: VirtualClock, deed: Deed
) -> None:
    """Two orders at once are one order: the second one is refused while the first is on the wire."""
    async with stage(clock) as one:
        player = await one.begin()
        await deed.prepare(one, player)
        call = one.line.disturb(deed.request, Fate.FREEZES_BEFORE)
        first = asyncio.create_task(deed.order(one, player))
        await one.line.frozen.wait()
        with pytest.raises(UserError, match="wait for its end"):
            await deed.order(one, player)
        assert (call.seen, states(one, deed)) == (1, ["OPEN"])
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await deed.order(one, player)
        assert (deed.done(one), states(one, deed)) == (1, ["VOID", "DONE"])
        await settled(one, player)


@in_virtual_time
async def test_an_order_given_up_that_happened_all_the_same_is_told_before_another(
    clock: VirtualClock,
) -> None:
    """Ctrl-C during a purchase, and the command again: nobody gets two ships for it unasked."""
    async with stage(clock) as one:
        player = await one.begin()
        [deed] = [each for each in DEEDS if each.kind is MoneyKind.SHIP]
        one.line.disturb(deed.request, Fate.FREEZES_AFTER)
        first = asyncio.create_task(deed.order(one, player))
        await one.line.frozen.wait()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        with pytest.raises(Conflict, match="has happened after all"):
            await deed.order(one, player)
        assert (deed.done(one), states(one, deed)) == (1, ["DONE"])
        await settled(one, player)
        await deed.order(one, player)
        assert (deed.done(one), states(one, deed)) == (2, ["DONE", "DONE"])


@in_virtual_time
async def test_a_ship_bought_is_known_at_once_and_goes_to_work(clock: VirtualClock) -> None:
    """No roll call is needed: a factory that waits for a ship gets the one just bought."""
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        bought = await one.application.desks.yard.buy(player.id, "light shuttle")
        assert bought.ship is not None
        assert bought.ship.symbol in [ship.symbol for ship, _ in await one.application.ships(player.id)]
        factory = await one.produce(player, "IRON", exclude=(SHIP,))
        report = await one.until_over(player, factory, hours=8)
        assert report.ships_used == (bought.ship.symbol,)


@in_virtual_time
async def test_a_ship_bought_while_the_fleet_is_read_is_not_forgotten(clock: VirtualClock) -> None:
    """A list of ships that was asked for before the purchase does not remove the new one."""
    async with stage(clock) as one:
        player = await one.begin()
        crew = one.application.roster.crew(player.id)
        await clock.sleep(10)
        bought = []

        class Slow:
            """The game, whose list of ships reaches us only after a purchase."""

            def __getattr__(self, name: str) -> Any:
                return getattr(crew.api, name)

            async def ships(self) -> Any:
                listed = await crew.api.ships()
                bought.append(await one.application.desks.yard.buy(player.id, "probe"))
                return listed

        crew.roll_call._api = Slow()
        await crew.roll_call.call()
        ships = [ship.symbol for ship, _ in await one.application.ships(player.id)]
        assert bought[0].ship is not None
        assert bought[0].ship.symbol in ships


@in_virtual_time
async def test_an_old_look_at_a_ship_decides_no_step_that_came_after_it(clock: VirtualClock) -> None:
    """A roll call looks at a ship with an open step; its answer comes while the next step is under way.

    Both steps are done, each once, and the hold is what it is. Guarded: where the open step is looked up once
    the ship is read, the second step is called undone.
    """
    async with stage(clock) as one:
        player = await one.begin()
        await load(one, player, FUEL, 30)
        blind = partial(one.line.disturb, f"/my/ships/{SHIP}$", Fate.FAILS_BEFORE, on=True)
        one.line.disturb("/jettison$", Fate.FAILS_AFTER, first=blind)
        with pytest.raises(Unavailable):
            await one.application.desks.ship.jettison(player.id, SHIP, FUEL, 10)
        one.line.disturbances.clear()
        one.line.disturb(f"/my/ships/{SHIP}$", Fate.ANSWERED_LATE)
        settling = asyncio.create_task(one.application.roster.crew(player.id).roll_call.settle())
        await clock.sleep(10)
        one.line.disturb("/jettison$", Fate.ANSWERED_LATE)
        await one.application.desks.ship.jettison(player.id, SHIP, FUEL, 5)
        await settling
        assert [row["state"] for row in one.intents()] == ["DONE", "DONE"]
        [ship] = [ship for ship, _ in await one.application.ships(player.id) if ship.symbol == SHIP]
        assert ship.hold.of(FUEL) == 15
        await settled(one, player)


@in_virtual_time
async def test_a_delivery_counts_what_left_the_hold(clock: VirtualClock) -> None:
    """Another ship that delivers meanwhile does not make ours look done: its own hold tells."""
    async with stage(clock) as one:
        player = await one.begin()
        [deed] = [each for each in DEEDS if each.kind is MoneyKind.DELIVERY]
        await deed.prepare(one, player)

        def another_delivers() -> None:
            contract_of(one).delivered += 7

        one.line.disturb(deed.request, Fate.FAILS_BEFORE, first=another_delivers)
        with pytest.raises(Unavailable, match="did not happen"):
            await deed.order(one, player)
        assert states(one, deed) == ["VOID"]
        ship = await one.application.ship(player.id, SHIP)
        assert sum(ship.hold.inventory.values()) == UNITS


def deny(answer: Answer) -> None:
    """The game knows no such thing."""
    answer.status, answer.body = 404, {"error": {"message": "Not found.", "code": 404}}


async def accept_in_vain(one: Stage, player: Player, fate: Fate) -> str:
    """Accept a contract: no answer comes, nothing can be looked up. The game denies it from now on."""

    def go_down() -> None:
        one.line.disturb(r"GET .*/v2/my", Fate.FAILS_BEFORE, on=True)

    one.line.disturb(r"/accept$", fate, first=go_down)
    with pytest.raises(Unavailable):
        await one.application.desks.contract.accept(player.id, None)
    one.line.disturbances.clear()
    path = rf"/my/contracts/{contract_of(one).id}$"
    one.line.change(path, deny)
    return path


@pytest.mark.parametrize("fate", [Fate.FAILS_AFTER, Fate.FAILS_BEFORE])
@in_virtual_time
async def test_a_contract_that_is_gone_leaves_no_step_open(clock: VirtualClock, fate: Fate) -> None:
    """Three answers agree that it is gone: the balance tells whether it was accepted, and the books go on.

    What a sale under way has brought, and is not booked yet, is not taken for an advance.
    """
    async with stage(clock) as one:
        player = await one.begin()
        offer = contract_of(one)
        await load(one, player, FUEL)
        path = await accept_in_vain(one, player, fate)
        denied: list[datetime] = []

        def note(answer: Answer) -> None:
            deny(answer)
            denied.append(clock.now())

        one.line.change(path, note)
        settling = asyncio.create_task(one.application.roster.crew(player.id).roll_call.settle())
        await clock.sleep(10)
        one.line.disturb(r"/sell$", Fate.ANSWERED_LATE)
        sale = await one.application.sell(player.id, SHIP, FUEL, one.world.universe.headquarters)
        await settling
        assert [(later - earlier).total_seconds() >= 5 for earlier, later in pairwise(denied)] == [True, True]
        accepted = fate is Fate.FAILS_AFTER
        assert [row["state"] for row in one.intents()] == ["DONE" if accepted else "VOID", "DONE"]
        rows = [row.amount for row in await one.ledger(player) if row.kind is MoneyKind.ACCEPTANCE]
        assert rows == [offer.on_accepted] * accepted
        assert sale.revenue > 0
        assert (await one.application.statistics())["troubles"] == []
        assert (await one.application.desks.ledger.accept(player.id)).booked == 0
        await settled(one, player)


@in_virtual_time
async def test_what_only_the_balance_could_tell_waits_for_a_step_that_cannot_be_read(
    clock: VirtualClock,
) -> None:
    """Nobody knows whether the sale of another ship is in the balance: both stay open, and it is told."""
    async with stage(clock) as one:
        player = await one.begin()
        offer, home = contract_of(one), one.world.universe.headquarters
        await load(one, player, FUEL)

        def go_dark() -> None:
            one.line.disturb(rf"GET .*/my/ships/{SHIP}$", Fate.FAILS_BEFORE, on=True)

        one.line.disturb(r"/sell$", Fate.FAILS_AFTER, first=go_dark)
        with pytest.raises(Unavailable):
            await one.application.sell(player.id, SHIP, FUEL, home)
        await accept_in_vain(one, player, Fate.FAILS_AFTER)
        go_dark()
        crew = one.application.roster.crew(player.id)
        await crew.roll_call.settle()
        assert [row["state"] for row in one.intents()] == ["OPEN", "OPEN"]
        assert len(crew.roll_call.unread()) == 2
        one.line.disturbances.clear()
        await crew.roll_call.settle()
        assert [row["state"] for row in one.intents()] == ["DONE", "DONE"]
        rows = [row.amount for row in await one.ledger(player) if row.kind is MoneyKind.ACCEPTANCE]
        assert rows == [offer.on_accepted]
        assert crew.roll_call.unread() == []
        await settled(one, player)


@in_virtual_time
async def test_a_step_that_does_not_end_closes_the_door_to_nobody(clock: VirtualClock) -> None:
    """Its ship could not be read for minutes: a contract that is gone waits for it, and nobody else does."""
    async with stage(clock) as one:
        player = await one.begin()
        await load(one, player, FUEL)

        def go_dark() -> None:
            one.line.disturb(rf"GET .*/my/ships/{SHIP}$", Fate.FAILS_BEFORE, on=True)

        one.line.disturb(r"/sell$", Fate.FAILS_AFTER, first=go_dark)
        with pytest.raises(Unavailable):
            await one.application.sell(player.id, SHIP, FUEL, one.world.universe.headquarters)
        await accept_in_vain(one, player, Fate.FAILS_AFTER)
        go_dark()
        await clock.sleep(60)
        crew = one.application.roster.crew(player.id)
        gone = await one.application.store.transact(lambda tx: tx.money.open_intents(player.id))
        before = clock.now()
        assert await crew.cashier.settle_without_ship([gone[-1]]) == []
        assert clock.now() == before


@in_virtual_time
async def test_cargo_handed_over_by_a_ship_that_is_gone_waits_for_no_balance(clock: VirtualClock) -> None:
    """A delivery moves no credits: it is closed while a trade of another ship is under way."""
    async with stage(clock) as one:
        player = await one.begin()
        await one.application.desks.contract.accept(player.id, None)
        await load(one, player, contract_of(one).good)
        lose = partial(one.line.change, rf"GET .*/my/ships/{SHIP}$", deny)
        one.line.disturb(r"/deliver$", Fate.FAILS_AFTER, first=lose)
        with pytest.raises(NotFound):
            await one.application.desks.contract.deliver(player.id, SHIP)
        one.line.disturb(r"POST /v2/my/ships$", Fate.FREEZES_BEFORE)
        buying = asyncio.create_task(one.application.desks.yard.buy(player.id, "probe"))
        await one.line.frozen.wait()
        await one.application.roster.crew(player.id).roll_call.settle()
        states = {row["kind"]: row["state"] for row in one.intents()}
        assert (states["DELIVERY"], states["SHIP"]) == ("VOID", "OPEN")
        buying.cancel()
        await asyncio.gather(buying, return_exceptions=True)


@in_virtual_time
async def test_two_steps_that_only_the_balance_could_tell_are_not_guessed(clock: VirtualClock) -> None:
    """Contract and ship are gone: neither is booked, and what the balance shows is a correction."""
    async with stage(clock) as one:
        player = await one.begin()
        await load(one, player, FUEL)
        lose = partial(one.line.change, rf"GET .*/my/ships/{SHIP}$", deny)
        one.line.disturb(r"/sell$", Fate.FAILS_AFTER, first=lose)
        with pytest.raises(NotFound):
            await one.application.sell(player.id, SHIP, FUEL, one.world.universe.headquarters)
        await accept_in_vain(one, player, Fate.FAILS_AFTER)
        crew = one.application.roster.crew(player.id)
        await crew.roll_call.settle()
        assert [row["state"] for row in one.intents()] == ["VOID", "VOID"]
        await crew.auditor.count()
        ledger = await one.ledger(player)
        assert [row.kind for row in ledger if row.amount] == [MoneyKind.OPENING, MoneyKind.CORRECTION]
        assert sum(row.amount for row in ledger) == one.credits


async def sell_in_vain(one: Stage, player: Player, pattern: str, change: Callable[[Answer], None]) -> int:
    """Sell fuel: it happens, no answer comes, and what the game tells of ``pattern`` changes then.

    Returns what the sale brought.
    """
    await load(one, player, FUEL)
    one.line.disturb(r"/sell$", Fate.FAILS_AFTER, first=partial(one.line.change, pattern, change))
    with contextlib.suppress(NotFound):
        await one.application.sell(player.id, SHIP, FUEL, one.world.universe.headquarters)
    await one.application.roster.crew(player.id).roll_call.settle()
    return sum(trade.units * trade.unit_price for trade in one.trades.all)


def forget_trades(answer: Answer) -> None:
    answer.body["data"].pop("transactions", None)


@pytest.mark.parametrize("left", [100, 50_000])
@pytest.mark.parametrize(
    ("pattern", "change"),
    [(rf"GET .*/my/ships/{SHIP}$", deny), (r"GET .*/market$", forget_trades)],
    ids=["ship gone", "trades forgotten"],
)
@in_virtual_time
async def test_what_spending_is_stopped_for_is_no_part_of_a_step(
    clock: VirtualClock, pattern: str, change: Callable[[Answer], None], left: int
) -> None:
    """A sale is booked whole, and the hold stays until somebody accepts what left, be it more or less."""
    async with stage(clock) as one:
        player = await one.begin()
        one.world.agents.find(AGENT).credits -= left
        crew = one.application.roster.crew(player.id)
        await crew.auditor.count()
        earned = await sell_in_vain(one, player, pattern, change)
        assert [row["state"] for row in one.intents()] == ["DONE"]
        sales = [row.amount for row in await one.ledger(player) if row.kind is MoneyKind.SALE]
        assert sales == [earned]
        await crew.auditor.count()
        hold = (await one.application.desks.ledger.show(player.id, 1)).hold
        assert hold is not None
        assert hold.amount == -left


@pytest.mark.parametrize("step", ["sale", "advance"])
@in_virtual_time
async def test_more_than_a_step_can_have_earned_is_not_its(clock: VirtualClock, step: str) -> None:
    """Its ship or contract is gone and somebody earned by hand meanwhile: all of it is a correction."""
    async with stage(clock) as one:
        player = await one.begin()
        before = one.credits
        one.world.agents.find(AGENT).earn(1_000_000)
        crew = one.application.roster.crew(player.id)
        if step == "sale":
            await sell_in_vain(one, player, rf"GET .*/my/ships/{SHIP}$", deny)
        else:
            await accept_in_vain(one, player, Fate.FAILS_AFTER)
            await crew.roll_call.settle()
        assert [row["state"] for row in one.intents()] == ["VOID"]
        await crew.auditor.count()
        told = [(row.kind, row.amount) for row in await one.ledger(player) if row.amount]
        assert told == [(MoneyKind.OPENING, before), (MoneyKind.CORRECTION, one.credits - before)]


@pytest.mark.parametrize("fate", [Fate.FAILS_AFTER, Fate.FAILS_BEFORE])
@in_virtual_time
async def test_a_contract_that_is_gone_paid_what_its_terms_say_or_nothing(
    clock: VirtualClock, fate: Fate
) -> None:
    """What somebody earned by hand meanwhile is a correction: no advance, and no part of one."""
    async with stage(clock) as one:
        player = await one.begin()
        before = one.credits
        one.world.agents.find(AGENT).earn(300)
        await accept_in_vain(one, player, fate)
        crew = one.application.roster.crew(player.id)
        await crew.roll_call.settle()
        for _ in range(2):
            await crew.auditor.count()
        told = [(row.kind, row.amount) for row in await one.ledger(player) if row.amount]
        advance = [(MoneyKind.ACCEPTANCE, contract_of(one).on_accepted)] * (fate is Fate.FAILS_AFTER)
        assert told == [(MoneyKind.OPENING, before), *advance, (MoneyKind.CORRECTION, 300)]


@in_virtual_time
async def test_one_answer_that_denies_a_contract_is_not_believed(clock: VirtualClock) -> None:
    """The step is settled by the contract itself once it is told again."""
    async with stage(clock) as one:
        player = await one.begin()
        denied = 0

        def go_down() -> None:
            one.line.disturb(r"GET .*/v2/my", Fate.FAILS_BEFORE, on=True)

        def deny(answer: Answer) -> None:
            nonlocal denied
            denied += 1
            if denied == 1:
                answer.status = 404
                answer.body = {"error": {"message": "Contract not found.", "code": 404}}

        one.line.disturb(r"/accept$", Fate.FAILS_AFTER, first=go_down)
        with pytest.raises(Unavailable):
            await one.application.desks.contract.accept(player.id, None)
        one.line.disturbances.clear()
        one.world.agents.find(AGENT).credits -= contract_of(one).on_accepted  # spent elsewhere meanwhile
        one.line.change(rf"/my/contracts/{contract_of(one).id}$", deny)
        await one.application.roster.crew(player.id).roll_call.settle()
        assert [row["state"] for row in one.intents()] == ["DONE"]
        assert denied > 1
