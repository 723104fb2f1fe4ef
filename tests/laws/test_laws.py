"""The laws of the house, each through the whole application as a daemon builds it.

For each the guard was taken out once and its test failed; the docstring says which line that was. Law L5, and
what L6 says of several daemons, need more than one daemon and are proven where those are run.
"""

import io
import itertools
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from tests.daemon.refusals import WORK, refusal, rows
from tests.daemon.stage import (
    Fate,
    Stage,
    check_books,
    check_nothing_leaks,
    in_virtual_time,
    logged,
    stage,
)
from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.errors import SpendRefused, UserError
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.sandbox.faults import FaultKind
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.reset import reset

UNFINISHED = (ContainerStatus.PENDING, ContainerStatus.RUNNING)
SPENDS = ("PURCHASE", "REFUEL", "SHIP")


@in_virtual_time
async def test_l1_no_purchase_happens_twice(clock: VirtualClock) -> None:
    """Killed between a purchase and its answer, three times: each trade is one intent and one row.

    Taken out: ``trade = await self._reconstruct(...)`` and the two lines after it in ``Settler.look``, so
    that an open step counted as not made.
    """
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        for nth in (1, 1, 1):
            one.line.disturb(r"/(purchase|refuel|sell)$", Fate.FREEZES_AFTER, nth=nth)
            assert await clock.wait(one.line.frozen, 3600), "no money step was made within an hour"
            await one.kill()
            one.line.frozen.clear()
            await (await one.open()).start()
        report = await one.until_over(player, factory, hours=2)
        assert report.factory.status is FactoryStatus.COMPLETED
        bought = [
            trade.units for trade in one.trades.all if trade.type == "PURCHASE" and trade.good != "FUEL"
        ]
        assert sum(bought) == 80
        await check_books(one, player)


@in_virtual_time
async def test_l2_no_ship_stays_claimed_and_no_cargo_is_lost(clock: VirtualClock) -> None:
    """Killed in full swing, resumed, stopped laden: every ship is free, and the books know what is aboard.

    Taken out: ``return self._claims.release_all(container_id)`` in ``SqlContainers.end``.
    """
    # What is left aboard stays there: sooner or later it would be sold, by another leg than bought it.
    async with stage(clock, policy__leftover_patience=86_400.0) as one:
        player = await one.begin()
        first = await one.produce(player, "IRON")
        stopped = await one.produce(player, "ELECTRONICS")
        await one.until(EventKind.LEG_LADEN, factory_id=stopped)
        await one.kill()
        await (await one.open()).start()
        await one.until(EventKind.PURCHASED, factory_id=stopped, count=2)
        await one.application.stop_factory(player.id, stopped)
        await one.until_over(player, first)
        await clock.sleep(1800)
        held = [claim for _, claim in await one.application.ships(player.id) if claim]
        assert held == []
        booked: dict[tuple[str, str], int] = {}
        for factory in (first, stopped):
            for leg in await one.legs(factory):
                if leg.aboard > 0 and leg.ship:
                    booked[leg.ship, leg.good] = booked.get((leg.ship, leg.good), 0) + leg.aboard
        aboard = {
            (ship.symbol, good): units for ship in one.world.fleets for good, units in ship.hold.items()
        }
        assert booked == aboard
        await check_books(one, player)


@in_virtual_time
async def test_l3_a_difference_to_the_balance_stops_spending(clock: VirtualClock) -> None:
    """Credits leave the purse without us: within minutes that is told, and nothing is bought until booked.

    Taken out: ``_stop_spending(tx, player_id, found.difference, now)`` in ``meet_balance``, and the same line
    in ``hear_balance``.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        await one.until(EventKind.LEG_LADEN)
        one.world.agents.find(player.agent_symbol).pay(12_345)
        stopped = await one.until(EventKind.SPENDING_STOPPED, hours=0.2)
        assert stopped.data["amount"] == -12_345
        await clock.sleep(1800)
        spent = [entry for entry in await one.ledger(player) if entry.amount < 0 and entry.at > stopped.at]
        assert spent == []
        await one.application.desks.ledger.accept(player.id)
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert sum(entry.amount for entry in await one.ledger(player)) == one.credits


@in_virtual_time
async def test_l4_every_credit_spent_was_reserved_by_the_gate(clock: VirtualClock) -> None:
    """Cargo, fuel and ships, by a factory and by hand: no trade without an intent that held its worst case.

    Taken out: ``check_spend`` in ``Cashier.buy``, ``Cashier.refuel`` and ``Cashier.buy_ship``, one after the
    other, each replaced by ``check_step``.
    """
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        yard = next(
            place
            for place, it in one.world.universe.shipyards.items()
            if "SHIP_PROBE" in {offer.type for offer in it}
        )
        probe = next(ship for ship in one.world.fleets if not ship.type.cargo_capacity)
        now = clock.now()
        probe.route = type(probe.route)(yard, yard, now, now, 0.0, now)
        await one.application.orbit(player.id, probe.symbol)
        before = one.credits
        await one.application.desks.yard.buy(player.id, "SHIP_PROBE", yard)
        assert one.credits < before
        with pytest.raises(SpendRefused, match="ceiling"):
            await one.application.desks.yard.buy(player.id, "SHIP_PROBE", yard, 1)
        factory = await one.produce(player, "IRON")
        await one.until_over(player, factory)
        frigate = next(ship for ship in one.world.fleets if ship.type.cargo_capacity)
        frigate.fuel = 100
        await one.application.refuel(player.id, frigate.symbol)
        intents = {row["id"]: row for row in one.intents()}
        spent = [entry for entry in await one.ledger(player) if entry.amount < 0]
        assert {entry.kind.value for entry in spent} == set(SPENDS)
        for entry in spent:
            assert intents[str(entry.intent_id)]["reserved"] >= -entry.amount, entry


@in_virtual_time
async def test_l6_what_a_restart_says_it_resumed_runs(clock: VirtualClock) -> None:
    """Everything that had not ended is counted as resumed, and begins its next epoch.

    Taken out: ``self._lives.begin(self._kinds.life(row))`` in ``InProcessEngine.resume``.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        await one.until(EventKind.LEG_LADEN)
        find = partial(_unfinished, one)
        before = await find()
        assert len(before) >= 4
        await one.kill()
        recovery, complaints = await (await one.open()).start()
        assert (recovery.resumed, recovery.lost, recovery.waiting, complaints) == (len(before), 0, 0, [])
        await clock.sleep(1)
        for name, epoch in before.items():
            assert (await one.application.container(name)).epoch == epoch + 1
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_nothing_leaks(one, player, factory)


async def _unfinished(one: Stage) -> dict[str, int]:
    found = await one.application.store.transact(lambda tx: tx.containers.find(statuses=UNFINISHED))
    return {container.id: container.epoch for container in found}


@in_virtual_time
async def test_l7_no_request_is_above_the_limit(clock: VirtualClock) -> None:
    """Sixteen ships and three factories want more than is allowed: they wait, and not one 429 is answered.

    Taken out: the limit that ``bootstrap.build`` gives the gate, replaced by 50 requests a second.
    """
    async with stage(clock, ships=("SHIP_LIGHT_SHUTTLE",) * 15) as one:
        player = await one.begin()
        for good in ("ELECTRONICS", "IRON", "ADVANCED_CIRCUITRY"):
            await one.produce(player, good, units=120)
        moments: list[datetime] = []
        one.line.disturb("", first=lambda: moments.append(clock.now()), on=True)
        await clock.sleep(2400)
        assert one.world.traffic.refused_by_limit == 0
        numbers = await one.application.statistics()
        assert numbers["requests_limited"] == 0
        assert numbers["requests_waited_seconds"] > 60
        for first, last in zip(moments, moments[150:], strict=False):
            assert last - first >= timedelta(seconds=59)


@in_virtual_time
async def test_l8_whatever_waits_says_why_since_when_and_until_when(clock: VirtualClock) -> None:
    """Looked at every seven seconds, over a run with an outage, a pause and an empty purse.

    Taken out: ``else next_check`` in ``_progress`` of ``planning/node_states.py``.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        seen: set[NodeState] = set()
        for step in itertools.count():
            report = await one.application.factory(player.id, factory)
            if report.factory.status.is_over:
                break
            for node in report.nodes.values():
                seen.add(node.state)
                if node.state.is_waiting:
                    assert node.reason
                    assert node.since <= clock.now()
                    assert node.next_check is not None, node
            if step == 30:
                one.faults.add(FaultKind.MAINTENANCE, until=clock.now() + timedelta(minutes=5))
            if step == 90:
                await one.application.pause_factory(player.id, factory)
            if step == 120:
                await one.application.resume_factory(player.id, factory)
            assert step < 3000
            await clock.sleep(7)
        assert {NodeState.PAUSED, NodeState.IN_TRANSIT, NodeState.WAITING_SOURCE} <= seen


@in_virtual_time
async def test_l9_a_failing_ship_harms_only_itself(clock: VirtualClock) -> None:
    """The game cannot put one ship into words, from before a start of the daemon on: the others do the work.

    Taken out: ``except Unreadable`` in ``pages.read_all``.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        assigned = await one.until(EventKind.LEG_ASSIGNED)
        await one.kill()
        one.faults.add(FaultKind.UNREADABLE, ship=str(assigned.ship))
        recovery, complaints = await (await one.open()).start()
        assert (recovery.lost, complaints) == (0, [])
        report = await one.until_over(player, factory, hours=4)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert assigned.ship not in {leg.ship for leg in report.legs if leg.state is LegState.DONE}
        await check_books(one, player)


@pytest.mark.parametrize(
    ("good", "wish"),
    [
        ("ADVANCED_CIRCUTRY", {}),
        ("IRON", {"ships": ("STRANGER-1",)}),
        ("IRON", {"exclude": ("FACTORY-99",)}),
    ],
)
@in_virtual_time
async def test_l10_bad_input_gets_a_sentence_and_changes_nothing(
    clock: VirtualClock, good: str, wish: dict[str, Any]
) -> None:
    """A good that is none, and ships of somebody else: not a row is written.

    Taken out: ``good = check_target(target, crew.recipes, markets)`` and ``_check_ships(request, ships)`` in
    ``Factories.start``.
    """
    async with stage(clock) as one:
        player = await one.begin()
        await clock.sleep(2)
        before = rows(one, *WORK)
        with pytest.raises(UserError) as caught:
            await one.application.start_factory(player.id, good, None, fabricating(**wish))
        sentence = str(caught.value)
        assert "ADVANCED_CIRCUITRY" in sentence or "not a ship of this player" in sentence
        assert rows(one, *WORK) == before


@in_virtual_time
async def test_l11_a_player_neither_sees_nor_moves_what_is_anothers(clock: VirtualClock) -> None:
    """Factory and ships, asked for by their own names: they do not exist for a rival.

    Taken out: ``_T.player_id == bindparam("player")`` in ``_THIS`` of ``adapters/store/factories.py``, and
    ``or known[0] != player_id`` in ``ShipOrders.one``.
    """
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        rival = (await one.application.register_player("RIVAL", one.world.universe.factions[0])).id
        factory = await one.produce(player, "IRON")
        application = one.application
        asked: list[Callable[[], Awaitable[object]]] = [
            lambda: application.factory(rival, factory),
            lambda: application.stop_factory(rival, factory),
            lambda: application.pause_factory(rival, factory),
            lambda: application.resume_factory(rival, factory),
            lambda: application.ship(rival, "FACTORY-1"),
            lambda: application.orbit(rival, "FACTORY-1"),
            lambda: application.refuel(rival, "FACTORY-1"),
        ]
        for ask in asked:
            await refusal(ask(), "not-found")
        assert await application.factories(rival, ()) == []
        assert {ship.symbol for ship, _ in await application.ships(rival)} == {"RIVAL-1", "RIVAL-2"}
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED


@in_virtual_time
async def test_l12_no_secret_is_in_any_output(clock: VirtualClock) -> None:
    """The game repeats the agent's token in what it refuses: neither log, nor rows, nor answers have it.

    Taken out: ``hide(text, secret)`` in ``_sentence`` of ``error_mapping.py``.
    """
    async with stage(clock, ships=()) as one:
        stream = io.StringIO()
        player = await one.begin()
        shown: set[str] = set()
        inner = one.line._application

        async def server(scope: Any, receive: Any, send: Any) -> None:
            bearer = dict(scope["headers"]).get(b"authorization", b"").decode()
            shown.add(bearer.removeprefix("Bearer "))
            if not scope["path"].endswith("/purchase"):
                await inner(scope, receive, send)
                return
            body = json.dumps({"error": {"message": f"Refused for {bearer}.", "code": 4999}}).encode()
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 400, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        one.line.serve(server)
        async with logged(one.application, stream) as opened:
            opened("unix:here", "0 containers resumed, 0 lost", ())
            factory = await one.produce(player, "IRON")
            failed = await one.until(EventKind.LEG_FAILED)
            logs = await one.application.container_logs(str(failed.container_id), 1000, None)
            report = await one.application.factory(player.id, factory)
            await clock.sleep(60)
        [token] = {word for word in shown if word}
        assert "Refused for Bearer" in failed.message
        await one.application.stop()
        kept = b"".join(file.read_bytes() for file in one.folder.glob("goodsfactory.sqlite*"))
        told = f"{stream.getvalue()} {logs} {json.dumps(report.to_json())} {failed}"
        assert token not in told
        assert token.encode() not in kept
        assert token in (one.folder / "credentials.json").read_text()


@in_virtual_time
async def test_l13_the_same_seed_gives_the_same_run(clock: VirtualClock) -> None:
    """Two runs of everything, one after the other: the same events at the same instants, ids and all.

    Taken out: the ``seed`` in ``chance = random.Random(seed)`` of ``bootstrap.build``.
    """
    runs = []
    for _ in range(2):
        begun = clock.now()
        async with stage(clock) as one:
            player = await one.begin()
            factory = await one.produce(player, "ELECTRONICS")
            await one.until_over(player, factory)
            runs.append(
                [
                    (event.kind, (event.at - begun).total_seconds(), event.message, event.container_id)
                    for event in await one.events()
                ]
            )
    first, second = runs
    assert len(first) > 50
    assert first == second


@in_virtual_time
async def test_l14_a_reset_stops_work_cleanly_says_so_and_keeps_history(clock: VirtualClock) -> None:
    """In mid-run: within minutes nothing works for the old universe, and its books can still be read.

    Taken out: ``refused=lambda: self._doubts.about(player.id)`` in ``Roster._enlist``.
    """
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        await one.until(EventKind.LEG_LADEN)
        ledger = await one.ledger(player)
        reset(one.world, lambda now: generate_universe(9, epoch=now))
        told = await one.until(EventKind.UNIVERSE_RESET, hours=0.25)
        assert "Register it again with `spacetraders player register FACTORY`." in told.message
        report = await one.application.factory(player.id, factory)
        assert (report.factory.status, report.factory.error) == (FactoryStatus.FAILED, told.message)
        assert await _unfinished(one) == {}
        assert await one.ledger(player) == ledger
