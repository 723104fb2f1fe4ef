"""Idle ships go where something is about to be made, by the real application."""

from tests.playground import Playground, playground

from goodsfactory.adapters.clocks import VirtualClock, run_virtual
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy

TARGET = "CLOTHING"
ORDER = FactoryRequest(Strategy.SMART, 200)


async def _sent(ground: Playground) -> list[Event]:
    return [event for event in await ground.events() if event.kind is EventKind.SHIP_POSITIONED]


async def _claimed(ground: Playground) -> set[str]:
    claims = await ground.application.store.transact(lambda tx: tx.claims.of_player(ground.player.id))
    return {claim.ship for claim in claims}


def test_a_ship_without_work_waits_where_the_target_is_made() -> None:
    """It is told why, arrives, and loads there without a flight once there is enough.

    Guarded: without `plan_positions` in `Dispatcher.dispatch` nobody is sent.
    """

    async def play(clock: VirtualClock) -> None:
        async with playground(clock) as ground:
            factory = await ground.produce(TARGET, ORDER)
            report = await ground.until_over(factory, hours=6)
            assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error
            (sent,) = await _sent(ground)
            assert sent.ship is not None
            site = report.factory.tree.factory_waypoint if report.factory.tree else None
            assert sent.data["waypoints"] == [site]
            assert sent.message.endswith(f"where {TARGET} may be ready next")
            later = [
                event
                for event in await ground.events()
                if event.seq > sent.seq and event.ship == sent.ship and event.kind is EventKind.LEG_ASSIGNED
            ]
            assert later[0].message.startswith(f"{sent.ship} takes {TARGET} from {site}: ")
            assert "to stay aboard: about 0s" in later[0].message

    run_virtual(play)


def test_killed_while_a_ship_is_on_its_way_to_wait_nothing_is_lost() -> None:
    """The next start brings it there, sets it free, and makes the rest."""

    async def play(clock: VirtualClock) -> None:
        async with playground(clock, on_disk=True) as ground:
            factory = await ground.produce(TARGET, ORDER)
            while not (sent := await _sent(ground)):
                await clock.sleep(1)
            await clock.sleep(5)
            assert sent[0].ship in await _claimed(ground)
            await ground.kill()
            await ground.restart()
            await clock.sleep(60)
            assert sent[0].ship is not None
            ship = await ground.application.ship(ground.player.id, sent[0].ship)
            assert ship.is_at(sent[0].data["waypoints"][0], clock.now())
            assert sent[0].ship not in await _claimed(ground)
            report = await ground.until_over(factory, hours=6)
            assert report.factory.status is FactoryStatus.COMPLETED, report.factory.error
            assert len(await _sent(ground)) == 1

    run_virtual(play)
