"""Players of other universes, parked or past: what is stored of them is shown, and never another's (L14)."""

import asyncio
from typing import Any

import pytest
from tests.daemon.stage import AGENT, Stage, in_virtual_time, stage
from tests.faults.test_identity import Front, another_world, at_work
from tests.faults.test_universe_reset import end_the_universe

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.daemon.doctor import Verdict
from goodsfactory.daemon.services_factory import FactoryService
from goodsfactory.daemon.services_orders import OrderService
from goodsfactory.domain.player import Player
from goodsfactory.domain.stock import StockKind, StockRow
from goodsfactory.sandbox.http.app import create_app


async def shown(one: Stage, player: Player) -> tuple[Any, ...]:
    """Ships, stock, and what the stock cost, as the commands show them."""
    fleet = FactoryService(one.application, stop=asyncio.Event())
    ships = await fleet.ListFleet(own.ListFleetRequest(player_id=player.id), None)
    orders = OrderService(one.application)
    stock = await orders.ListStock(own.ListStockRequest(player_id=player.id), None)
    ledger = await orders.GetLedger(own.GetLedgerRequest(player_id=player.id), None)
    cargo = [(ship.symbol, dict(ship.cargo), ship.operation, ship.keeps) for ship in ships.ships]
    return cargo, [(row.ship_symbol, row.good, row.cost) for row in stock.rows], ledger.stock_cost


@pytest.mark.parametrize("how", ["parked", "past"])
@in_virtual_time
async def test_ships_and_stock_of_another_universe_are_shown_as_stored(clock: VirtualClock, how: str) -> None:
    """A namesake has ships of the same symbols: none of theirs is shown, nor what they do or hold."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        row = StockRow(player.id, f"{AGENT}-1", "IRON", 3, 90, StockKind.OUTPUT, factory, clock.now())
        if how == "parked":
            await one.application.stop()
            front.servers["sandbox"] = create_app(another_world(one, seed=2), sleep=clock.sleep)
            await (await one.open()).start()
        else:
            end_the_universe(one)
            await one.until_over(player, factory, hours=1)
        again = await one.application.register_player(AGENT, one.world.universe.factions[0])
        assert again.id != player.id
        # Kept this late: while its player is worked for, what is not aboard is stock no more.
        store = one.application.store
        await store.transact(lambda tx: tx.in_universe_of(player.id).stock.keep(row))
        ships, stock, cost = await shown(one, player)
        assert any(cargo for _, cargo, _, _ in ships)
        assert (f"{AGENT}-1", "IRON", 90) in stock
        assert cost == sum(paid for _, _, paid in stock)
        new_ships, new_stock, new_cost = await shown(one, again)
        assert {ship[0] for ship in new_ships} <= {ship[0] for ship in ships}
        assert not any(cargo for _, cargo, _, _ in new_ships)
        assert (new_stock, new_cost) == ([], 0)


@in_virtual_time
async def test_nobody_is_told_to_register_an_agent_that_is_played(clock: VirtualClock) -> None:
    """Back in the older universe, its namesake of the newer one waits there; status and doctor name it."""
    async with stage(clock) as one:
        front = Front(one)
        player, _ = await at_work(one)
        first = front.servers["sandbox"]
        await one.application.stop()
        front.servers["sandbox"] = create_app(another_world(one, seed=2), sleep=clock.sleep)
        await (await one.open()).start()
        again = await one.application.register_player(AGENT, "COSMIC")
        await one.produce(again, "IRON")
        await one.application.stop()
        front.servers["sandbox"] = first
        _, complaints = await (await one.open()).start()
        [told] = complaints
        assert "parked until that one is served again" in told
        assert told.endswith(f"In the present one {AGENT} is played as player {player.id}.")
        numbers = await one.application.statistics()
        assert (numbers["troubles"], numbers["parked"]) == ([], [told])
        found = await one.application.insight.doctor.examine()
        assert [one.verdict for one in found if one.text == told.rstrip(".")] == [Verdict.OK]


@in_virtual_time
async def test_every_parked_player_is_named_where_nobody_is_played(clock: VirtualClock) -> None:
    """By `daemon status` and the doctor, each with the command that plays it in the present universe."""
    async with stage(clock) as one:
        front = Front(one)
        await one.begin()
        await one.application.register_player("BETA", one.world.universe.factions[0])
        await one.application.stop()
        front.servers["sandbox"] = create_app(another_world(one, seed=2), sleep=clock.sleep)
        await (await one.open()).start()
        troubles = " ".join((await one.application.statistics())["troubles"])
        doctor = " ".join(one.text for one in await one.application.insight.doctor.examine())
        for agent in (AGENT, "BETA"):
            assert f"`spacetraders player register {agent}`" in troubles
            assert f"`spacetraders player register {agent}`" in doctor
