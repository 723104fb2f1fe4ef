"""A server begun anew gives ships the symbols of old ones: what those had aboard says nothing here."""

import asyncio
from datetime import timedelta

from tests.daemon.refusals import refusal
from tests.daemon.stage import AGENT, Stage, in_virtual_time, stage
from tests.faults.test_clock_skew import wear_a_watch
from tests.faults.test_identity import Front

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.services_factory import FactoryService
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.player import Player
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.reset import reset
from goodsfactory.sandbox.world import World

SHIP = f"{AGENT}-1"


async def begin_anew(one: Stage, front: Front) -> tuple[Player, World]:
    """Start the server again at the moment it first began: its clock is hours behind the books."""
    lag = one.clock.now() - one.world.universe.epoch
    again = World(
        generate_universe(1, epoch=one.world.universe.epoch),
        now=lambda: one.clock.now() - lag,
        seed=1,
        starting_credits=500_000,
    )
    assert again.universe.reset_date == one.world.universe.reset_date
    assert lag >= timedelta(hours=2)
    front.servers["sandbox"] = create_app(again, sleep=one.clock.sleep)
    await one.clock.sleep(300)
    return await one.application.register_player(AGENT, "COSMIC"), again


def aboard(world: World) -> dict[str, int]:
    return dict(next(ship.hold for ship in world.fleets if ship.symbol == SHIP))


@in_virtual_time
async def test_output_that_is_kept_is_not_the_namesakes_leftover(clock: VirtualClock) -> None:
    """The namesake was stopped with such a load; this one's is its own factory's, and no stock."""
    async with stage(clock, ships=()) as one:
        wear_a_watch(one)
        front = Front(one)
        first = await one.begin()
        await clock.sleep(7200)
        stopped = await one.produce(first, "IRON", units=15)
        await one.until(EventKind.LEG_LADEN, good="IRON_ORE")
        await one.application.stop_factory(first.id, stopped)
        player, world = await begin_anew(one, front)
        before = len(await one.events(EventKind.STOCKED))

        kept = await one.produce(player, "IRON_ORE", units=5)
        await one.until_over(player, kept)
        await one.produce(player, "IRON", units=5)
        await clock.sleep(1800)
        told = await one.application.explain_ship(player.id, SHIP, None)
        assert f"made by factory {kept}" in told.reasons[0]
        assert aboard(world) == {"IRON_ORE": 5}
        assert len(await one.events(EventKind.STOCKED)) == before


@in_virtual_time
async def test_a_leftover_is_not_the_namesakes_output(clock: VirtualClock) -> None:
    """The namesake kept such a good; what a stopped factory leaves aboard here is used again."""
    async with stage(clock, ships=()) as one:
        wear_a_watch(one)
        front = Front(one)
        first = await one.begin()
        await clock.sleep(7200)
        await one.until_over(first, await one.produce(first, "IRON_ORE", units=5))
        player, world = await begin_anew(one, front)

        stopped = await one.produce(player, "IRON", units=15)
        await one.until(EventKind.LEG_LADEN, good="IRON_ORE", player_id=player.id)
        await one.application.stop_factory(player.id, stopped)
        left = aboard(world)["IRON_ORE"]
        again = await one.produce(player, "IRON", units=5)
        await one.until(EventKind.LEG_DONE, factory_id=again, good="IRON_ORE")
        fed = [leg for leg in await one.legs(again) if leg.good == "IRON_ORE" and leg.state is LegState.DONE]
        assert (fed[0].ship, fed[0].bought, fed[0].delivered) == (SHIP, left, left)


async def troubles(application: Application) -> str:
    return " ".join((await application.statistics())["troubles"])


@in_virtual_time
async def test_after_a_restart_and_a_reset_the_last_player_is_meant(clock: VirtualClock) -> None:
    """Whatever the clocks say: status and orders by hand tell what became of it, and its work is shown."""
    async with stage(clock, ships=()) as one:
        wear_a_watch(one)
        front = Front(one)
        await clock.sleep(7200)
        first = await one.begin()
        player, world = await begin_anew(one, front)
        await one.produce(player, "IRON", units=15)
        await clock.sleep(60)
        assert await troubles(one.application) == ""
        reset(world, lambda now: generate_universe(9, epoch=now))
        await one.until(EventKind.UNIVERSE_RESET, player_id=player.id)
        meant = await one.application.resolve_player(None, None)
        assert (first.id < meant.id, meant.id) == (True, player.id)
        assert "The universe was reset" in await troubles(one.application)
        told = await refusal(one.application.resolve_player(99, None), "not-found")
        assert f"known are {AGENT} ({player.id}), {AGENT} ({first.id})." in told
        listed = await FactoryService(one.application, stop=asyncio.Event()).ListPlayers(
            own.ListPlayersRequest(), None
        )
        assert [[it.player_id for it in them] for them in (listed.parked, listed.past)] == [
            [],
            [player.id, first.id],
        ]
        assert "The universe was reset" in listed.past[0].trouble
        for order in (
            one.application.plan_sale(player.id, SHIP),
            one.application.dock(player.id, SHIP),
        ):
            assert "The universe was reset" in await refusal(order, "precondition")
        again = await one.application.register_player(AGENT, "COSMIC")
        told = await refusal(one.application.resolve_player(99, None), "not-found")
        assert f"known are {AGENT} ({again.id}), and of other universes " in told
        assert f"{AGENT} ({first.id})" in told
