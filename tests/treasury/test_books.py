"""Whole runs against the sandbox's own books: laws L1, L3 and L4 through the composition root."""

import pytest
from tests.daemon.stage import MONEY, Fate, check_books, check_nothing_leaks, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.treasury.ledger import Reconciliation, books_in_words


@in_virtual_time
async def test_every_trade_of_a_run_has_one_intent_and_one_ledger_row(clock: VirtualClock) -> None:
    """What the sandbox wrote down as bought, sold and refuelled is what passed the gate, row by row (L4)."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert len(one.trades.all) > 8
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)


@in_virtual_time
async def test_the_ledger_equals_the_balance_at_every_event(clock: VirtualClock) -> None:
    """Whenever a trade is told, the ledger up to its row sums to the balance its answer gave (L3)."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        await one.until_over(player, factory)
        total = 0
        for entry in await one.ledger(player):
            total += entry.amount
            assert entry.balance_after == total
        assert total == one.credits


@in_virtual_time
async def test_the_ledger_equals_the_sandbox_whenever_no_intent_is_open(clock: VirtualClock) -> None:
    """Read at every event while six ships trade: sum of rows = the sandbox's balance (L3)."""
    async with stage(clock) as one:
        player = await one.begin()
        store = one.application.store
        factory = await one.produce(player, "IRON")
        compared = 0
        while not (await one.application.factory(player.id, factory)).factory.status.is_over:
            changed = store.changed()
            total, unsettled = await store.transact(
                lambda tx: (tx.money.ledger_sum(player.id), tx.money.open_intents(player.id))
            )
            if not unsettled:
                assert total == one.credits
                compared += 1
            await clock.wait(changed, 30)
        assert compared > 20


@pytest.mark.parametrize("fate", [Fate.FAILS_BEFORE, Fate.FAILS_AFTER])
@pytest.mark.parametrize("action", ["purchase", "sell", "refuel"])
@in_virtual_time
async def test_a_lost_answer_is_looked_up_and_never_paid_twice(
    clock: VirtualClock, action: str, fate: Fate
) -> None:
    """A money call whose answer is lost, before or after its effect, happens exactly once (L1)."""
    async with stage(clock) as one:
        player = await one.begin()
        one.line.disturb(rf"POST .*/{action}$", fate, nth=2 if action == "refuel" else 1)
        factory = await one.produce(player, "IRON")
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)
        voided = [row["id"] for row in one.intents() if row["state"] == "VOID"]
        assert len(voided) == (1 if fate is Fate.FAILS_BEFORE else 0)


@pytest.mark.parametrize(
    ("nth", "fate"),
    [(nth, Fate.FREEZES_AFTER) for nth in range(1, 8)] + [(nth, Fate.FREEZES_BEFORE) for nth in (1, 3, 7)],
)
@in_virtual_time
async def test_killed_in_the_middle_of_any_money_call_nothing_is_paid_twice(
    clock: VirtualClock, nth: int, fate: Fate
) -> None:
    """Killed while the nth money call is on the wire, done or not: it is settled before work goes on (L1)."""
    async with stage(clock) as one:
        player = await one.begin()
        call = one.line.disturb(MONEY, fate, nth=nth)
        factory = await one.produce(player, "IRON")
        await one.line.frozen.wait()
        await one.kill()
        trades = len(one.trades.all)

        application = await one.open()
        recovery, complaints = await application.start()
        assert (recovery.lost, complaints) == (0, [])
        assert recovery.resumed >= 3
        statistics = await application.statistics()
        assert statistics["ledger_sum"] == statistics["server_balance"]
        assert len(one.trades.all) == trades
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert call.seen >= nth
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)


@pytest.mark.parametrize(
    ("books", "words"),
    [
        ([], ""),
        ([Reconciliation(5, 5), Reconciliation(7, 7)], "ledger equals server"),
        ([Reconciliation(5, 5), Reconciliation(7, 4)], "ledger and server differ by 3 credits"),
        ([Reconciliation(7, 9), Reconciliation(7, 5)], "ledger and server differ by 4 credits"),
        ([Reconciliation(5, 5), None], "ledger not compared yet: a money step is still open"),
    ],
)
def test_a_start_says_what_it_found_of_the_books(books: list[Reconciliation | None], words: str) -> None:
    """Differences of two agents never cancel out, and what was not compared is not called equal."""
    assert books_in_words(books) == words
