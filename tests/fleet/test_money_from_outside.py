"""The agent's credits also move without the daemon: contracts, other clients, the user's own trades."""

from tests.daemon.stage import in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.supply_chain import NodeState


@in_virtual_time
async def test_credits_earned_elsewhere_end_the_wait_for_a_budget(clock: VirtualClock) -> None:
    """A factory that waits for money goes on within two hours of the agent having it."""
    async with stage(clock, credits=5_500, ships=()) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        await clock.sleep(3600)
        nodes = (await one.application.factory(player.id, factory)).nodes
        assert NodeState.WAITING_BUDGET in {node.state for node in nodes.values()}
        one.world.agents.find("FACTORY").earn(1_000_000)
        report = await one.until_over(player, factory, hours=2)
        assert report.factory.status is FactoryStatus.COMPLETED
