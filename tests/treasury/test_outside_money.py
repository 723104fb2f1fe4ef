"""Credits that move without us: what arrives is booked, what leaves stops spending (law L3).

Removed `why_held` from the gate: the tests that wait for a refusal ended with ships that bought.
"""

from typing import Any

import pytest
from tests.daemon.stage import AGENT, MONEY, Answer, Fate, Stage, check_nothing_leaks, in_virtual_time, stage
from tests.treasury.deeds import DEEDS, SHIP, load

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.errors import SpendRefused, Unavailable
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.domain.supply_chain import NodeState

STOPPED = (
    "50,000 credits left the purse without this daemon, so it buys nothing; look at"
    " `spacetraders ledger show` and book them with `spacetraders ledger accept`"
)
SPENT = (MoneyKind.PURCHASE, MoneyKind.REFUEL, MoneyKind.SHIP)
NEVER = 31_536_000.0
"""An interval of roll calls that ends after the test."""


def move(one: Stage, amount: int) -> None:
    """Change the purse behind the daemon's back."""
    one.world.agents.find(AGENT).earn(amount)


async def purchases(one: Stage, player: Player) -> int:
    return sum(entry.kind in SPENT for entry in await one.ledger(player))


async def corrections(one: Stage, player: Player) -> list[int]:
    return [entry.amount for entry in await one.ledger(player) if entry.kind is MoneyKind.CORRECTION]


async def hold_of(one: Stage, player: Player) -> Any:
    return (await one.application.desks.ledger.show(player.id, 1)).hold


@in_virtual_time
async def test_what_leaves_stops_a_factory_until_it_is_accepted(clock: VirtualClock) -> None:
    """Its nodes wait for the budget with the sentence that says what to do; accepted, it completes."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        await one.until(EventKind.PURCHASED)
        move(one, -50_000)
        stopped = await one.until(EventKind.SPENDING_STOPPED)
        assert (stopped.message, stopped.data["amount"]) == (STOPPED, -50_000)
        bought = await purchases(one, player)
        await clock.sleep(2 * 3600)
        assert await purchases(one, player) == bought
        nodes = (await one.application.factory(player.id, factory)).nodes.values()
        waiting = [node for node in nodes if node.state is NodeState.WAITING_BUDGET]
        assert {node.reason for node in waiting} == {f"ledger: {STOPPED}"}
        assert all(node.next_check is not None for node in waiting)
        assert NodeState.IN_TRANSIT not in {node.state for node in nodes}

        accepted = await one.application.desks.ledger.accept(player.id)
        assert (accepted.booked, accepted.resumed) == (-50_000, True)
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert await corrections(one, player) == [-50_000]
        assert sum(entry.amount for entry in await one.ledger(player)) == one.credits
        assert len(await one.events(EventKind.SPENDING_STOPPED)) == 1
        await check_nothing_leaks(one, player, factory)


@in_virtual_time
async def test_the_next_trade_tells_without_any_roll_call(clock: VirtualClock) -> None:
    """The answer to a trade that nothing overlapped carries the balance: that is compared at once."""
    async with stage(clock, ships=(), policy__roll_call_interval=NEVER) as one:
        player = await one.begin()
        await one.produce(player, "IRON")
        await one.until(EventKind.PURCHASED)
        move(one, -50_000)
        moved = clock.now()
        stopped = await one.until(EventKind.SPENDING_STOPPED)
        after = [entry for entry in await one.ledger(player) if entry.at > moved]
        assert len(after) == 1
        assert stopped.at >= after[0].at


@in_virtual_time
async def test_the_roll_call_tells_where_nothing_is_traded(clock: VirtualClock) -> None:
    """An agent whose ships rest is looked after too, within the interval of roll calls."""
    async with stage(clock) as one:
        player = await one.begin()
        await clock.sleep(100)
        move(one, -50_000)
        await clock.sleep(700)
        hold = await hold_of(one, player)
        assert hold is not None
        assert (hold.amount, hold.reason) == (-50_000, STOPPED)


@pytest.mark.parametrize("roll_calls", [300.0, NEVER])
@in_virtual_time
async def test_what_arrives_is_booked_and_stops_nothing(clock: VirtualClock, roll_calls: float) -> None:
    """It cannot be a purchase made twice: seen the same at two readings it is a correction."""
    async with stage(clock, policy__roll_call_interval=roll_calls) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.PURCHASED)
        move(one, 50_000)
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert await corrections(one, player) == [50_000]
        assert await one.events(EventKind.SPENDING_STOPPED) == []
        assert sum(entry.amount for entry in await one.ledger(player)) == one.credits


@in_virtual_time
async def test_what_is_seen_once_only_is_not_booked(clock: VirtualClock) -> None:
    """Credits that are there at one reading and gone at the next are neither booked nor an alarm."""
    async with stage(clock) as one:
        player = await one.begin()
        move(one, 50_000)
        one.line.disturb(r"GET /v2/my/agent$", nth=2, first=lambda: move(one, -50_000))
        await one.application.roster.crew(player.id).auditor.count()
        assert await corrections(one, player) == []
        assert await hold_of(one, player) is None


@in_virtual_time
async def test_with_the_policy_book_what_leaves_is_booked_and_spending_goes_on(clock: VirtualClock) -> None:
    """For a user who spends by hand and knows it."""
    async with stage(clock, policy__outside_spending="book") as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await one.until(EventKind.PURCHASED)
        move(one, -50_000)
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert await corrections(one, player) == [-50_000]
        assert await one.events(EventKind.SPENDING_STOPPED) == []


@in_virtual_time
async def test_the_policy_book_lifts_a_hold_that_stands(clock: VirtualClock) -> None:
    """The daemon started again with it books what it had stopped for."""
    async with stage(clock) as one:
        player = await one.begin()
        move(one, -50_000)
        await clock.sleep(700)
        assert await hold_of(one, player) is not None
        await one.application.stop()
        _, complaints = await (await one.open(policy__outside_spending="book")).start()
        assert complaints == []
        assert await hold_of(one, player) is None
        assert await corrections(one, player) == [-50_000]


@in_virtual_time
async def test_a_hold_outlives_the_daemon_and_is_told_at_its_start(clock: VirtualClock) -> None:
    """Killed and started again it still buys nothing, and says so."""
    async with stage(clock) as one:
        player = await one.begin()
        move(one, -50_000)
        await clock.sleep(700)
        since = (await hold_of(one, player)).since
        await one.kill()
        _, complaints = await (await one.open()).start()
        assert complaints == [f"{AGENT}: {STOPPED}."]
        assert (await hold_of(one, player)).since == since
        with pytest.raises(SpendRefused) as refused:
            await one.application.desks.yard.buy(player.id, "probe")
        assert refused.value.rule == "ledger"


@in_virtual_time
async def test_what_left_while_no_daemon_ran_is_found_at_the_start(clock: VirtualClock) -> None:
    """Before anything is bought."""
    async with stage(clock) as one:
        player = await one.begin()
        await one.application.stop()
        move(one, -50_000)
        _, complaints = await (await one.open()).start()
        assert complaints == [f"{AGENT}: {STOPPED}."]
        assert (await hold_of(one, player)).amount == -50_000


@in_virtual_time
async def test_credits_that_come_back_lift_the_hold(clock: VirtualClock) -> None:
    """There is nothing left to explain then; what else arrives does not explain what left."""
    async with stage(clock) as one:
        player = await one.begin()
        move(one, -50_000)
        await clock.sleep(700)
        move(one, 80_000)
        await clock.sleep(700)
        assert (await hold_of(one, player)).amount == -50_000
        assert await corrections(one, player) == []
        move(one, -30_000)
        await clock.sleep(700)
        assert await hold_of(one, player) is None
        assert len(await one.events(EventKind.SPENDING_RESUMED)) == 1


@in_virtual_time
async def test_the_ledger_is_accepted_as_it_stands_then(clock: VirtualClock) -> None:
    """What moved since the hold is booked with it; a second time there is nothing to book."""
    async with stage(clock) as one:
        player = await one.begin()
        move(one, -50_000)
        await clock.sleep(700)
        move(one, -7)
        desk = one.application.desks.ledger
        accepted = await desk.accept(player.id)
        assert (accepted.booked, accepted.resumed, accepted.view.difference) == (-50_007, True, 0)
        again = await desk.accept(player.id)
        assert (again.booked, again.resumed) == (0, False)
        assert await corrections(one, player) == [-50_007]


@in_virtual_time
async def test_a_trade_under_way_is_waited_for_before_anything_is_accepted(clock: VirtualClock) -> None:
    """Half a trade is no difference; one that does not end makes the command fail with a sentence."""
    async with stage(clock) as one:
        player = await one.begin()
        one.line.disturb(MONEY, Fate.FREEZES_AFTER)
        await one.produce(player, "IRON")
        await one.line.frozen.wait()
        with pytest.raises(Unavailable, match="still under way"):
            await one.application.desks.ledger.accept(player.id)
        assert await corrections(one, player) == []


@pytest.mark.parametrize("deed", DEEDS, ids=str)
@in_virtual_time
async def test_a_hold_refuses_what_spends_and_nothing_else(clock: VirtualClock, deed: Any) -> None:
    """Income and cargo that leaves make nothing worse; a ship is not bought."""
    async with stage(clock) as one:
        player = await one.begin()
        await deed.prepare(one, player)
        move(one, -50_000)
        await one.application.roster.crew(player.id).auditor.count()
        assert await hold_of(one, player) is not None
        next(iter(one.world.fleets)).fuel = 400
        if deed.kind is MoneyKind.SHIP:
            with pytest.raises(SpendRefused) as refused:
                await deed.order(one, player)
            assert (refused.value.rule, str(refused.value)) == ("ledger", f"ledger: {STOPPED}")
            assert deed.done(one) == 0
        else:
            await deed.order(one, player)
            assert deed.done(one) == 1


@in_virtual_time
async def test_fuel_is_refused_too(clock: VirtualClock) -> None:
    """The floor may be used for it, a purse that nobody can explain may not."""
    async with stage(clock) as one:
        player = await one.begin()
        next(iter(one.world.fleets)).fuel -= 150
        move(one, -50_000)
        await clock.sleep(700)
        with pytest.raises(SpendRefused) as refused:
            await one.application.refuel(player.id, f"{AGENT}-1")
        assert refused.value.rule == "ledger"


@in_virtual_time
async def test_one_players_hold_is_not_anothers(clock: VirtualClock) -> None:
    """Laws L9 and L11: the other agent of the same daemon buys on."""
    async with stage(clock) as one:
        player = await one.begin()
        other = await one.application.register_player("OTHER", one.world.universe.factions[0])
        move(one, -50_000)
        await clock.sleep(700)
        assert await hold_of(one, player) is not None
        assert await hold_of(one, other) is None
        assert (await one.application.desks.yard.buy(other.id, "probe")).price > 0
        numbers = await one.application.statistics()
        assert [agent for agent, _ in numbers["spending_holds"]] == [AGENT]


@in_virtual_time
async def test_a_purchase_that_lands_after_it_was_called_undone_stops_spending(clock: VirtualClock) -> None:
    """The worst case of a lost answer is not booked as if nothing were: it is found, and told."""
    async with stage(clock, policy__roll_call_interval=300.0) as one:
        player = await one.begin()
        cost = []

        def buy_behind_our_back() -> None:
            agent = one.world.agents.find(AGENT)
            before = agent.credits
            one.world.buy_ship(agent, "SHIP_PROBE", next(iter(one.world.universe.shipyards)))
            cost.append(before - agent.credits)

        one.line.disturb(r"POST /v2/my/ships$", Fate.FAILS_BEFORE)
        with pytest.raises(Unavailable, match="did not happen"):
            await one.application.desks.yard.buy(player.id, "probe")
        buy_behind_our_back()
        await clock.sleep(700)
        hold = await hold_of(one, player)
        assert hold is not None
        assert hold.amount == -cost[0]


def harmed_once(answer: Answer, credits: int, told: list[int]) -> None:
    """The first balance is another than it is; what follows is true."""
    if not told:
        answer.body["data"]["credits"] = credits
    told.append(answer.body["data"]["credits"])


@pytest.mark.parametrize("wrong", [{1}, {2}, {3}, {4}, {1, 2}, {2, 3}, {3, 4}, {2, 4}])
@in_virtual_time
async def test_a_ledger_opens_with_a_balance_that_three_readings_tell(
    clock: VirtualClock, wrong: set[int]
) -> None:
    """Two wrong balances, even of the same amount, are no beginning: a correction would have to follow."""
    async with stage(clock) as one:
        told: list[int] = []

        def harm(answer: Answer) -> None:
            told.append(answer.body["data"]["credits"])
            if len(told) in wrong:
                answer.body["data"]["credits"] = -7

        one.line.change("/my/agent$", harm)
        player = await one.begin()
        assert [(row.kind, row.amount) for row in await one.ledger(player)] == [
            (MoneyKind.OPENING, one.credits)
        ]
        await clock.sleep(700)
        assert await corrections(one, player) == []
        assert len(told) > max(wrong)


@in_virtual_time
async def test_no_work_begins_before_the_ledger_does(clock: VirtualClock) -> None:
    """While each look tells another balance the agent is not worked for, and the user told to try again."""
    async with stage(clock) as one:
        looks = []

        def restless(answer: Answer) -> None:
            looks.append(clock.now())
            answer.body["data"]["credits"] += len(looks)

        one.line.change("/my/agent$", restless)
        with pytest.raises(Unavailable, match="another one at each look"):
            await one.begin()
        [player] = await one.application.players()
        assert await one.ledger(player) == []
        one.line.change("/my/agent$", None)
        await one.application.register_player(AGENT, one.world.universe.factions[0])
        rows = await one.ledger(player)
        assert [(row.kind, row.amount) for row in rows] == [(MoneyKind.OPENING, one.credits)]


@in_virtual_time
async def test_a_loss_that_the_next_reading_does_not_show_stops_nothing(clock: VirtualClock) -> None:
    """A balance of 0 was told once, then twice more than the books say: that is what arrived, and booked."""
    async with stage(clock) as one:
        player = await one.begin()
        told: list[int] = []
        move(one, 5_000)
        one.line.change("/my/agent$", lambda answer: harmed_once(answer, 0, told))
        await one.application.roster.crew(player.id).auditor.count()
        assert await hold_of(one, player) is None
        assert await corrections(one, player) == [5_000]
        assert told == [0, one.credits, one.credits]


@in_virtual_time
async def test_a_loss_that_one_answer_told_goes_with_the_next_one(clock: VirtualClock) -> None:
    """The first sale says that 5 credits are left, and nobody can ask; the second one tells what is true.

    That more is there than the books say keeps nothing stopped: it is booked.
    """
    async with stage(clock, policy__roll_call_interval=NEVER) as one:
        player = await one.begin()
        move(one, 33)

        def poor(answer: Answer) -> None:
            answer.body["data"]["agent"]["credits"] = 5

        def away(answer: Answer) -> None:
            answer.status, answer.body = 503, {}

        for harm in (poor, None):
            await load(one, player, "FUEL")
            one.line.change("/sell$", harm)
            one.line.change("/my/agent$", harm and away)
            await one.application.sell(player.id, SHIP, "FUEL", one.world.universe.headquarters)
            assert (await hold_of(one, player) is None) == (harm is None)
        assert await corrections(one, player) == [33]


@in_virtual_time
async def test_a_loss_that_the_next_reading_shows_differently_is_that_one(clock: VirtualClock) -> None:
    """What two readings in a row tell stands."""
    async with stage(clock) as one:
        player = await one.begin()
        told: list[int] = []
        move(one, -5_000)
        one.line.change("/my/agent$", lambda answer: harmed_once(answer, 0, told))
        await one.application.roster.crew(player.id).auditor.count()
        assert (await hold_of(one, player)).amount == -5_000
        assert len(told) == 2
