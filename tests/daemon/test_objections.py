"""A factory that would spend or wait in vain is refused before it is started, by whatever door."""

from dataclasses import replace
from typing import Any

import grpc
import pytest
from tests.daemon.refusals import WORK, refusal, rows
from tests.daemon.stage import Stage, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.daemon.error_status import wire_error
from goodsfactory.daemon.factories import Refuse
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Terminal


def unsaleable(one: Stage) -> str:
    """A good that the only market which trades it makes."""
    markets = one.world.universe.markets.values()
    traded = [good for market in markets for good in (*market.exports, *market.imports, *market.exchange)]
    made = [good for market in markets for good in market.exports]
    return next(good for good in made if traded.count(good) == 1)


def probe(one: Stage) -> tuple[str, ...]:
    return (next(ship.symbol for ship in one.world.fleets if not ship.type.cargo_capacity),)


def every(one: Stage) -> tuple[str, ...]:
    return tuple(ship.symbol for ship in one.world.fleets)


@pytest.mark.parametrize(
    ("good", "wish", "kind", "words"),
    [
        (unsaleable, {"terminal": Terminal.SELL}, "cannot-be-sold", "keep it with --terminal hold"),
        ("ELECTRONICS", {"units": 4_000}, "cannot-be-kept", "4,000 ELECTRONICS do not fit into the holds"),
        ("ELECTRONICS", {"units": 4_000, "terminal": Terminal.STOCK}, "cannot-be-kept", "do not fit"),
        ("ELECTRONICS", {"ships": probe}, "no-cargo-ship", "None of the ships of this factory carries cargo"),
        ("ELECTRONICS", {"exclude": every}, "no-cargo-ship", "off --exclude"),
    ],
)
@in_virtual_time
async def test_a_wish_in_vain_is_refused_and_changes_nothing(
    clock: VirtualClock, good: Any, wish: dict[str, Any], kind: str, words: str
) -> None:
    """One sentence says what to do instead; forced, the factory starts all the same."""
    async with stage(clock) as one:
        player = await one.begin()
        good = good if isinstance(good, str) else good(one)
        wish = {name: value(one) if callable(value) else value for name, value in wish.items()}
        request = FactoryRequest(**wish)
        await one.application.find_markets(player.id, "COPPER", None)
        before = rows(one, *WORK)
        assert words in await refusal(one.application.start_factory(player.id, good, None, request), kind)
        assert rows(one, *WORK) == before
        report = await one.application.start_factory(player.id, good, None, request, refuse=Refuse.NOTHING)
        assert report.factory.status is FactoryStatus.PENDING


@in_virtual_time
async def test_ships_that_are_all_left_out_again_are_refused(clock: VirtualClock) -> None:
    """Two options that leave nothing are a slip, whether or not the ships could carry anything."""
    async with stage(clock) as one:
        player = await one.begin()
        ships = every(one)
        request = FactoryRequest(ships=ships[:2], exclude=ships[:3])
        order = one.application.start_factory(player.id, "ELECTRONICS", None, request, refuse=Refuse.NOTHING)
        assert await refusal(order, "invalid") == (
            f"--exclude leaves out all that --ships names ({ships[0]} and {ships[1]});"
            " take one of them off it."
        )


@in_virtual_time
async def test_a_system_without_a_ship_is_refused(clock: VirtualClock) -> None:
    """The systems where the ships are stand in the sentence."""
    async with stage(clock) as one:
        player = await one.begin()
        ships = [ship for ship, _ in await one.application.ships(player.id)]
        home = ships[0].nav.system
        away = [replace(ship, nav=replace(ship.nav, system="X1-FAR", waypoint="X1-FAR-A1")) for ship in ships]
        await one.application.store.transact(lambda tx: tx.ships.save(player.id, away))
        order = one.application.start_factory(player.id, "ELECTRONICS", home, FactoryRequest())
        sentence = await refusal(order, "no-ship-there")
        assert sentence.startswith(f"No cargo ship of this factory is in {home}")
        assert "X1-FAR" in sentence


@in_virtual_time
async def test_the_contract_call_refuses_only_what_can_never_be(clock: VirtualClock) -> None:
    """Ships may be bought, and holds emptied; no market begins to buy what it never took."""
    async with stage(clock) as one:
        player = await one.begin()
        with pytest.raises(UserError) as caught:
            await one.application.start_factory(
                player.id,
                unsaleable(one),
                None,
                FactoryRequest(terminal=Terminal.SELL),
                refuse=Refuse.IMPOSSIBLE,
            )
        told = wire_error(caught.value)
        assert (told.status, told.code) == (grpc.StatusCode.FAILED_PRECONDITION, "cannot-be-sold")
        report = await one.application.start_factory(
            player.id, "ELECTRONICS", None, FactoryRequest(units=4_000), refuse=Refuse.IMPOSSIBLE
        )
        assert report.factory.status is FactoryStatus.PENDING


@in_virtual_time
async def test_who_will_not_wait_for_a_ship_is_refused_at_every_door(clock: VirtualClock) -> None:
    """The contract call too: no factory comes of it that fails at once."""
    async with stage(clock, ships=("SHIP_LIGHT_HAULER",)) as one:
        player = await one.begin()
        for ship in one.world.fleets:
            if ship.type.cargo_capacity:
                ship.load("FOOD", 5)
        await one.application.roster.crew(player.id).roll_call.call()
        order = one.application.start_factory(
            player.id, "ELECTRONICS", None, FactoryRequest(fail_if_no_ship=True), refuse=Refuse.IMPOSSIBLE
        )
        assert "No ship can work for this factory" in await refusal(order, "no-ship-free")
