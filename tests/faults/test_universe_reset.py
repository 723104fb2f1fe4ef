"""The universe is reset while the daemon runs: work ends, it is told what to do, a new one begins (L14)."""

import asyncio
import io
from collections.abc import Awaitable, Callable

import pytest
from tests.daemon.refusals import refusal
from tests.daemon.stage import (
    AGENT,
    Fate,
    FullHistory,
    Stage,
    check_books,
    check_nothing_leaks,
    in_virtual_time,
    logged,
    stage,
)
from tests.faults.test_identity import Front

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.daemon.services_orders import OrderService
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.errors import StaleToken, UserError
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus
from goodsfactory.domain.leg import LegState
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.reset import reset

ADVICE = (
    "The universe was reset: the work of FACTORY has ended, its history is kept. Register it again"
    " with `spacetraders player register FACTORY`."
)
ALIVE = (ContainerStatus.PENDING, ContainerStatus.RUNNING)


def end_the_universe(one: Stage) -> str:
    """What the game does once a week, behind the same address; returns the new reset date."""
    date = reset(one.world, lambda now: generate_universe(9, epoch=now))
    one.trades = FullHistory()
    one.world.trading.history = one.trades
    return date


@pytest.mark.parametrize(
    "moment",
    [
        EventKind.FACTORY_CREATED,
        EventKind.SCOUT_SENT,
        EventKind.LEG_ASSIGNED,
        EventKind.PURCHASED,
        EventKind.LEG_LADEN,
        EventKind.LEG_DONE,
    ],
)
@in_virtual_time
async def test_work_ends_with_a_sentence_that_says_what_to_do(clock: VirtualClock, moment: EventKind) -> None:
    """Within minutes: factory, containers, legs and claims are over, and the old agent asks nothing more."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        await one.until(moment)
        end_the_universe(one)
        report = await one.until_over(player, factory, hours=0.5)
        assert report.factory.status is FactoryStatus.FAILED
        assert report.factory.error == ADVICE
        assert not any(leg.state.is_open for leg in report.legs)
        told = await one.events(EventKind.UNIVERSE_RESET, EventKind.FACTORY_FAILED)
        assert [event.message for event in told] == [f"ELECTRONICS failed: {ADVICE}", ADVICE]
        store = one.application.store
        assert await store.transact(lambda tx: tx.containers.find(statuses=ALIVE)) == []
        assert await store.transact(lambda tx: tx.claims.of_player(player.id)) == []
        await clock.sleep(60)
        requests = len(one.line.requests)
        await clock.sleep(3600)
        assert one.line.requests[requests:] == []


@in_virtual_time
async def test_the_same_daemon_works_in_the_new_universe(clock: VirtualClock) -> None:
    """Registered again, the agent makes goods there; books and ships of old and new never meet."""
    async with stage(clock) as one:
        player = await one.begin()
        old = await one.produce(player, "ELECTRONICS")
        await one.until(EventKind.LEG_LADEN)
        spent = await one.ledger(player)
        date = end_the_universe(one)
        await one.until_over(player, old, hours=1)
        again = await one.application.register_player("FACTORY", one.world.universe.factions[0])
        assert (again.reset_date, again.is_default) == (date, True)
        assert again.id != player.id
        new = await one.produce(again, "IRON")
        report = await one.until_over(again, new)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_nothing_leaks(one, again, new)
        assert await one.ledger(player) == spent
        service = OrderService(one.application)
        books = [
            await service.GetLedger(own.GetLedgerRequest(player_id=whose.id), None)
            for whose in (player, again)
        ]
        ended = "The universe was reset: the work of FACTORY has ended, its history is kept."
        played = f"In the present one FACTORY is played as player {again.id}."
        assert [book.trouble for book in books] == [f"{ended} {played}", ""]
        ledger = await one.ledger(again)
        assert sum(entry.amount for entry in ledger) == one.credits
        assert len(ledger) - 1 == len(one.trades.all)


@in_virtual_time
async def test_a_restart_after_all_that_resumes_the_new_work_alone(clock: VirtualClock) -> None:
    """Killed in the new universe, the next daemon goes on there."""
    async with stage(clock) as one:
        player = await one.begin()
        old = await one.produce(player, "ELECTRONICS")
        await one.until(EventKind.LEG_LADEN)
        end_the_universe(one)
        await one.until_over(player, old, hours=1)
        again = await one.application.register_player("FACTORY", one.world.universe.factions[0])
        new = await one.produce(again, "IRON")
        await one.until(EventKind.LEG_LADEN, player_id=again.id)
        await one.kill()
        recovery, complaints = await (await one.open()).start()
        assert (recovery.lost, complaints) == (0, [])
        assert recovery.resumed >= 3
        report = await one.until_over(again, new)
        assert report.factory.status is FactoryStatus.COMPLETED


@in_virtual_time
async def test_history_stays_readable(clock: VirtualClock) -> None:
    """Before a new registration the old agent is the one meant by default; after it by its number."""
    async with stage(clock) as one:
        player = await one.begin()
        old = await one.produce(player, "ELECTRONICS")
        await one.until(EventKind.LEG_LADEN)
        end_the_universe(one)
        await one.until_over(player, old, hours=1)
        application = one.application
        meant = await application.resolve_player(None, None)
        assert (meant.id, meant.reset_date) == (player.id, player.reset_date)
        assert [one.factory.id for one in await application.factories(meant.id, ())] == [old]
        told = await refusal(
            application.start_factory(meant.id, "IRON", None, FactoryRequest()), "precondition"
        )
        assert told == ADVICE
        again = await application.register_player("FACTORY", one.world.universe.factions[0])
        assert (await application.resolve_player(None, "FACTORY")).id == again.id
        assert await application.factories(again.id, ()) == []
        assert (await application.resolve_player(player.id, None)).id == player.id
        assert len(await application.events(player.id, old, 0, 1000)) > 10


@in_virtual_time
async def test_a_purchase_that_was_open_is_void(clock: VirtualClock) -> None:
    """Nobody can look at it any more: no step stays open for ever."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        one.line.disturb("/purchase$", Fate.FREEZES_AFTER)
        await one.line.frozen.wait()
        end_the_universe(one)
        await one.until_over(player, factory, hours=1)
        assert "OPEN" not in [row["state"] for row in one.intents()]


@in_virtual_time
async def test_a_reset_that_nobody_noticed_is_noticed_by_the_next_registration(clock: VirtualClock) -> None:
    """With no work at all: the agent that is registered belongs to the universe that there is."""
    async with stage(clock) as one:
        application = await one.open()
        await application.start()
        date = end_the_universe(one)
        player = await application.register_player("FACTORY", one.world.universe.factions[0])
        assert player.reset_date == date
        factory = await one.produce(player, "IRON")
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)


@in_virtual_time
async def test_an_idle_daemon_notices_too(clock: VirtualClock) -> None:
    """No factory is at work: the roll call of the player is refused, and the event says what to do."""
    async with stage(clock) as one:
        player = await one.begin()
        await clock.sleep(60)
        end_the_universe(one)
        told = await one.until(EventKind.UNIVERSE_RESET, hours=0.2)
        assert (told.message, told.player_id) == (ADVICE, player.id)


@in_virtual_time
async def test_a_server_that_does_not_say_is_asked_again(clock: VirtualClock) -> None:
    """The token is refused while the rest is down for half an hour: nothing ends before it is certain."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        await one.until(EventKind.LEG_LADEN)
        silent = one.line.disturb(r"GET /v2/$", Fate.FAILS_BEFORE, on=True)
        end_the_universe(one)
        await clock.sleep(1800)
        report = await one.application.factory(player.id, factory)
        assert report.factory.status is FactoryStatus.ACTIVE
        assert any(leg.state is LegState.LADEN for leg in report.legs)
        silent.fate = None
        report = await one.until_over(player, factory, hours=0.2)
        assert report.factory.error == ADVICE


@in_virtual_time
async def test_the_log_of_the_daemon_says_it(clock: VirtualClock) -> None:
    """One line at level ERROR, with the command to give."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        stream = io.StringIO()
        async with logged(one.application, stream) as opened:
            opened("unix:here", "0 containers resumed, 0 lost", ())
            await one.until(EventKind.LEG_LADEN)
            end_the_universe(one)
            await one.until_over(player, factory, hours=1)
            await clock.sleep(1)
        lines = [line for line in stream.getvalue().splitlines() if "kind=UNIVERSE_RESET" in line]
        assert all("level=ERROR" in line for line in lines)
        assert any("spacetraders player register FACTORY" in line for line in lines)


@pytest.mark.parametrize("tells_id", [True, False])
@pytest.mark.parametrize("what", ["orbit", "sell", "go", "buy", "contracts"])
@in_virtual_time
async def test_an_order_by_hand_that_a_reset_cuts_short_says_so(
    clock: VirtualClock, what: str, tells_id: bool
) -> None:
    """Given just after it, or under way: it ends with the sentence of the reset, and the next one as well.

    A live server names no universe: there, it is the token that is refused.
    """
    async with stage(clock) as one:
        Front(one).tells_ids = tells_id
        player = await one.begin()
        application, ship = one.application, f"{AGENT}-1"
        await clock.sleep(5)
        [here] = [
            known.nav.waypoint for known, _ in await application.ships(player.id) if known.symbol == ship
        ]
        far = next(place for place in one.world.universe.markets if place != here)
        orders: dict[str, Callable[[], Awaitable[object]]] = {
            "orbit": lambda: application.orbit(player.id, ship),
            "sell": lambda: application.sell(player.id, ship),
            "go": lambda: application.desks.ship.fly(player.id, ship, far),
            "buy": lambda: application.desks.yard.buy(player.id, "SHIP_PROBE", None),
            "contracts": lambda: application.desks.contract.all(player.id),
        }
        under_way = what == "go"
        if not under_way:
            end_the_universe(one)
        order = asyncio.ensure_future(orders[what]())
        if under_way:
            await clock.sleep(5)
            assert not order.done()
            end_the_universe(one)
        await asyncio.wait([order])
        assert str(order.exception()) == ADVICE
        assert isinstance(order.exception(), UserError)
        assert await refusal(orders[what](), "precondition") == ADVICE
        await clock.sleep(300)
        assert await one.events(EventKind.TOKEN_REFUSED) == []


@in_virtual_time
async def test_work_that_a_reset_has_ended_is_not_said_to_wait(clock: VirtualClock) -> None:
    """What was under way then is refused after the old universe was left: nothing is told of its token."""
    async with stage(clock) as one:
        player = await one.begin()
        api = one.application.roster.crew(player.id).api
        end_the_universe(one)
        await one.until(EventKind.UNIVERSE_RESET, hours=0.2)
        with pytest.raises(StaleToken):
            await api.ships()
        await clock.sleep(300)
        assert await one.events(EventKind.TOKEN_REFUSED) == []
