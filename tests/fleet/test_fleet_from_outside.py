"""The fleet also changes without the daemon: ships are bought, holds are emptied by other clients."""

from tests.daemon.stage import in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.sandbox.ship_types import SHIP_TYPES


@in_virtual_time
async def test_a_ship_bought_meanwhile_goes_to_work(clock: VirtualClock) -> None:
    """A factory without a free cargo ship goes on within two hours of the agent having one more."""
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        first = next(iter(one.world.fleets)).symbol
        factory = await one.produce(player, "IRON", exclude=(first,))
        await clock.sleep(3600)
        agent = one.world.agents.find("FACTORY")
        one.world.fleets.launch(
            agent, SHIP_TYPES["SHIP_LIGHT_SHUTTLE"], one.world.universe.headquarters, clock.now()
        )
        report = await one.until_over(player, factory, hours=2)
        assert report.factory.status is FactoryStatus.COMPLETED


@in_virtual_time
async def test_a_hold_emptied_by_hand_is_free_again(clock: VirtualClock) -> None:
    """One frigate full of one factory's output: once the user has sold it, the next factory goes on."""
    async with stage(clock, ships=()) as one:
        player = await one.begin()
        await one.until_over(player, await one.produce(player, "IRON"))
        factory = await one.produce(player, "COPPER")
        await clock.sleep(1800)
        for ship in one.world.fleets:
            ship.hold.clear()
        report = await one.until_over(player, factory, hours=2)
        assert report.factory.status is FactoryStatus.COMPLETED
