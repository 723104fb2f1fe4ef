"""Ships that come and go while the daemon runs."""

from tests.playground import playground
from tests.wishes import fabricating

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.supply_chain import NodeState
from goodsfactory.sandbox.ship_types import SHIP_TYPES


def test_a_ship_that_comes_later_is_found_and_put_to_work() -> None:
    """A factory that waits for want of a ship goes on with one bought by another program."""

    async def work(clock: VirtualClock) -> None:
        async with playground(clock, ships=()) as ground:
            wish = fabricating(exclude=("FACTORY-1",))
            factory = await ground.produce("QUARTZ_SAND", wish)
            await clock.sleep(1_800)
            waiting = await ground.application.factory(ground.player.id, factory)
            assert {node.state for node in waiting.nodes.values()} == {NodeState.WAITING_SHIP}
            agent = ground.world.agents.find("FACTORY")
            shuttle = SHIP_TYPES["SHIP_LIGHT_SHUTTLE"]
            bought = ground.world.fleets.launch(agent, shuttle, agent.headquarters, clock.now())
            report = await ground.until_over(factory, hours=4)
            assert report.factory.status is FactoryStatus.COMPLETED
            assert report.ships_used == (bought.symbol,)

    run_virtual(work)


def test_a_ship_that_is_gone_is_forgotten() -> None:
    """A ship sold elsewhere leaves the list at the next roll call."""

    async def work(clock: VirtualClock) -> None:
        async with playground(clock) as ground:
            agent = ground.world.agents.find("FACTORY")
            ground.world.fleets.remove(ground.world.fleets.own(agent, "FACTORY-3"))
            await clock.sleep(700)
            ships = [ship.symbol for ship, _ in await ground.application.ships(ground.player.id)]
            assert "FACTORY-3" not in ships
            assert "FACTORY-4" in ships

    run_virtual(work)
