"""The strategy SMART makes what the economy knows: each good from end to end, by the real application."""

import pytest
from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.sandbox.scenarios import Scenario

GOODS = (
    "IRON",
    "COPPER",
    "ALUMINUM",
    "PLASTICS",
    "FABRICS",
    "ELECTRONICS",
    "MICROPROCESSORS",
    "MACHINERY",
    "EQUIPMENT",
    "CLOTHING",
    "FAB_MATS",
    "ADVANCED_CIRCUITRY",
)
UNITS = 60
SMART = FactoryRequest(Strategy.SMART, UNITS)


async def _make(ground: Playground, good: str) -> None:
    factory_id = await ground.produce(good, SMART)
    report = await ground.until_over(factory_id, hours=12)
    assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error
    assert report.factory.quantity_acquired >= UNITS
    assert {node.state for node in report.nodes.values()} == {NodeState.DONE}
    assert all(node.reason for node in report.nodes.values())
    store, player = ground.application.store, ground.player.id
    booked = await store.transact(lambda tx: tx.money.ledger(player))
    assert sum(row.amount for row in booked) == ground.credits
    told = {event.kind for event in await ground.events(factory_id)}
    assert EventKind.FACTORY_COMPLETED in told


@pytest.mark.parametrize("good", GOODS)
def test_a_good_is_made_from_end_to_end(good: str) -> None:
    """60 units are aboard in the end, every node is done with a reason, and the ledger is the balance."""

    async def play(clock: VirtualClock) -> None:
        async with playground(clock, scenario=Scenario.YOUNG) as ground:
            await _make(ground, good)

    run_virtual(play)
