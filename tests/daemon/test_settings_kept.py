"""What a user asked for outlives the daemon: wishes of factories, pauses, and the player meant by default."""

from tests.daemon.stage import Stage, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryRequest, Strategy, Terminal

WISH = FactoryRequest(
    strategy=Strategy.PREFER_BUY,
    units=70,
    terminal=Terminal.SELL,
    max_depth=5,
    priority=2.5,
    ships=("FACTORY-1", "FACTORY-3", "FACTORY-4"),
    exclude=("FACTORY-4",),
)


async def restart(one: Stage, *, killed: bool) -> None:
    await (one.kill() if killed else one.application.stop())
    await (await one.open(strategy="prefer-fabricate")).start()


@in_virtual_time
async def test_a_restart_keeps_what_was_asked_of_a_factory(clock: VirtualClock) -> None:
    """Strategy, units, terminal, depth, priority, ships and excluded ones; and they count."""
    async with stage(clock) as one:
        player = await one.begin()
        report = await one.application.start_factory(player.id, "ELECTRONICS", None, WISH)
        factory = report.factory.id
        for killed in (False, True, False):
            await clock.sleep(60)
            await restart(one, killed=killed)
            kept = (await one.application.factory(player.id, factory)).factory
            assert kept.request == WISH
        await one.until(EventKind.LEG_DONE, count=4, hours=4)
        report = await one.application.factory(player.id, factory)
        assert set(report.ships_used) <= {"FACTORY-1", "FACTORY-3"}


@in_virtual_time
async def test_a_restart_keeps_a_pause_and_its_beginning(clock: VirtualClock) -> None:
    """Paused since the same moment as before."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        await one.application.pause_factory(player.id, factory)
        since = clock.now()
        for killed in (False, True):
            await clock.sleep(60)
            await restart(one, killed=killed)
            kept = (await one.application.factory(player.id, factory)).factory
            assert kept.paused_at == since


@in_virtual_time
async def test_a_restart_keeps_the_default_player(clock: VirtualClock) -> None:
    """The one chosen with `player use`, not the first."""
    async with stage(clock) as one:
        await one.begin()
        rival = await one.application.register_player("RIVAL", one.world.universe.factions[0])
        await one.application.use_player("RIVAL")
        for killed in (False, True):
            await restart(one, killed=killed)
            meant = await one.application.resolve_player(None, None)
            assert (meant.id, meant.is_default) == (rival.id, True)
