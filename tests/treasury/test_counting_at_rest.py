"""A fleet that never rests is counted all the same: the door closes for the seconds that takes (law L3).

Removed `_door.wait` from `Auditor.admit`: the count found no moment of rest and gave up, and the ships
went on buying until their holds were full.
"""

import asyncio

import pytest
from tests.daemon.stage import AGENT, Fate, in_virtual_time, stage
from tests.treasury.test_answers_in_any_order import Trade, harbour, move, muster, set_sail

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.errors import Unavailable

TRADES = 30
RELAY = [[Trade(False, 0, 4, 3)] * TRADES, [Trade(False, 0, 3, 5)] * TRADES, [Trade(False, 0, 2, 9)] * TRADES]
"""Three ships whose trades overlap at every moment of the first three minutes."""


@in_virtual_time
async def test_credits_that_leave_a_busy_purse_are_missed_at_the_next_roll_call(clock: VirtualClock) -> None:
    """Trades under way end, no new one begins, the purse is counted, and what would follow is refused."""
    async with harbour(clock) as ground:
        captains = await muster(ground)
        interval = ground.application.settings.policy.roll_call_interval
        await clock.sleep(2 * interval - 30)
        at_sea = asyncio.create_task(set_sail(ground, captains, RELAY))
        moved = await move(ground, 10, -5_000)
        await at_sea
        hold = await ground.application.store.transact(
            lambda tx: tx.spending_holds.of_player(ground.player.id)
        )
        assert hold is not None
        assert hold.amount == -5_000
        assert (hold.since - moved).total_seconds() < 60


@in_virtual_time
async def test_no_command_waits_long_for_a_balance_that_is_not_told(clock: VirtualClock) -> None:
    """Nothing is ordered, and its sentence comes before the command line gives up; a worker waits on."""
    async with stage(clock) as one:
        player = await one.begin()
        crew, contract = one.application.roster.crew(player.id), one.application.desks.contract
        one.world.agents.find(AGENT).earn(1)
        one.line.disturb(r"GET /v2/my/agent$", Fate.FREEZES_BEFORE, nth=2)
        counting = asyncio.create_task(crew.auditor.count())
        await one.line.frozen.wait()
        worker, before = asyncio.create_task(crew.auditor.admit()), clock.now()
        with pytest.raises(Unavailable, match="The purse is being counted"):
            await contract.accept(player.id, None)
        assert (clock.now() - before).total_seconds() < 35
        assert one.intents() == []
        assert not worker.done()
        await asyncio.gather(counting, worker)
        assert (await contract.accept(player.id, None)).contract.accepted
