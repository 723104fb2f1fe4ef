"""An answer is lost, or a request never arrives: it is found out what happened, and nothing is done twice."""

from functools import partial

import pytest
from tests.daemon.stage import in_virtual_time, stage
from tests.faults.trial import GOOD, ONE_SHIP, cargo_bought, completes

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.events import EventKind
from goodsfactory.sandbox.faults import FaultKind

CALLS = ("purchase", "sell", "refuel", "navigate", "dock", "orbit")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
@in_virtual_time
async def test_a_connection_dropped_once_costs_nothing(
    clock: VirtualClock, kind: FaultKind, call: str
) -> None:
    """After the effect or before it, in each call of a voyage: the same cargo is bought, once."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        fault = one.faults.add(kind, method="POST", path=f"/my/ships/*/{call}", count=1)
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)
        assert fault.struck == 1


@pytest.mark.parametrize("call", ["purchase", "sell", "refuel", "navigate"])
@in_virtual_time
async def test_every_answer_of_a_call_is_lost(clock: VirtualClock, call: str) -> None:
    """Each purchase, sale, refuelling or flight of the run has its effect, and none is ever answered."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        fault = one.faults.add(FaultKind.DROP_AFTER, method="POST", path=f"/my/ships/*/{call}")
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)
        assert fault.struck >= 1


@pytest.mark.parametrize("call", ["purchase", "sell", "refuel", "navigate"])
@pytest.mark.parametrize("status", [500, 502, 503])
@in_virtual_time
async def test_a_server_error_in_place_of_the_effect_is_repeated(
    clock: VirtualClock, status: int, call: str
) -> None:
    """It is seen that nothing happened, and done again."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        fault = one.faults.add(
            FaultKind.ERROR, method="POST", path=f"/my/ships/*/{call}", status=status, count=2
        )
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)
        assert fault.struck == 2


@in_virtual_time
async def test_a_lost_answer_and_then_silence_is_settled_when_the_game_is_back(clock: VirtualClock) -> None:
    """The purchase happened; for ten minutes nobody can see that. Then it counts, once."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        one.faults.add(FaultKind.DROP_AFTER, path="/my/ships/*/purchase", count=1)
        silence = partial(one.faults.add, FaultKind.MAINTENANCE, skip=1)
        one.line.disturb("/purchase$", first=silence)
        factory = await one.produce(player, GOOD)
        while "IRON_ORE" not in cargo_bought(one):
            await clock.sleep(1)
        await clock.sleep(600)
        assert [row["state"] for row in one.intents() if row["kind"] == "PURCHASE"] == ["OPEN"]
        one.faults.clear()
        await completes(one, player, factory)
        [bought, *_] = [e for e in await one.events(EventKind.PURCHASED) if e.good == "IRON_ORE"]
        assert bought.data["units"] == 40
