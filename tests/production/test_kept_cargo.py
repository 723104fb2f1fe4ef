"""What a factory made and left in a hold is the user's: no other factory spends it."""

from tests.playground import playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus


def test_a_product_in_a_hold_is_not_fed_to_the_next_factory() -> None:
    """ELECTRONICS made to be held stay aboard while ADVANCED_CIRCUITRY, which needs ELECTRONICS, is made."""

    async def work(clock: VirtualClock) -> None:
        async with playground(clock) as ground:
            first = await ground.until_over(await ground.produce("ELECTRONICS", FactoryRequest(units=40)))
            holder = next(leg.ship for leg in first.legs if leg.destination is None and leg.ship)
            second = await ground.until_over(
                await ground.produce("ADVANCED_CIRCUITRY", FactoryRequest(units=40))
            )
            ship = await ground.application.ship(ground.player.id, holder)
            told = await ground.application.explain_ship(ground.player.id, holder, None)
            assert second.factory.status is FactoryStatus.COMPLETED
            assert ship.hold.of("ELECTRONICS") == first.factory.quantity_acquired == 40
            assert not told.eligible
            assert f"made by factory {first.factory.id}" in told.reasons[0]

    run_virtual(work)


def test_a_ship_may_load_more_of_what_it_holds() -> None:
    """Two lifts may share a hold that is large enough for both."""

    async def work(clock: VirtualClock) -> None:
        async with playground(clock, ships=("SHIP_LIGHT_HAULER",)) as ground:
            ships = [ship.symbol for ship, _ in await ground.application.ships(ground.player.id)]
            hauler = ships[-1]
            only = FactoryRequest(units=40, ships=(hauler,))
            await ground.until_over(await ground.produce("QUARTZ_SAND", only))
            await ground.until_over(await ground.produce("QUARTZ_SAND", only))
            ship = await ground.application.ship(ground.player.id, hauler)
            assert ship.hold.of("QUARTZ_SAND") == 80

    run_virtual(work)
