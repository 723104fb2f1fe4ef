"""How often the planner plans, and how often that is written down: little while nothing happens."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from tests.daemon.stage import Stage, in_virtual_time, stage
from tests.faults.test_clock_skew import wear_a_watch
from tests.treasury.deeds import SHIP, load

from goodsfactory.adapters.clocks import ScaledClock, VirtualClock
from goodsfactory.domain.container import Container, ContainerType
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.player import Player
from goodsfactory.production.pulse import Pulse
from goodsfactory.sandbox.faults import FaultKind


async def planner_of(one: Stage, player: Player) -> Container:
    [found] = await one.application.store.transact(
        lambda tx: tx.containers.find(player_id=player.id, types=(ContainerType.PLANNER,))
    )
    return found


@in_virtual_time
async def test_a_planner_without_work_rests_and_is_there_at_once_when_work_comes(
    clock: VirtualClock,
) -> None:
    """It passes with each roll call and hardly more; what a new factory needs first is seen to in seconds."""
    async with stage(clock) as one:
        player = await one.begin()
        await clock.sleep(600)
        before = (await planner_of(one, player)).iteration
        await clock.sleep(3600)
        interval = one.application.settings.policy.roll_call_interval
        assert 0 < (await planner_of(one, player)).iteration - before <= 3600 / interval + 1
        await clock.sleep(interval / 2)
        await one.produce(player, "IRON")
        begun = clock.now()
        sent = await one.until(EventKind.SCOUT_SENT)
        assert (sent.at - begun).total_seconds() < 5


@in_virtual_time
async def test_roll_calls_do_not_drift_when_something_happens_between_them(clock: VirtualClock) -> None:
    """A pass just before the next one is due does not put it off by another pause.

    Nor does a server that puts its clock back by an hour: nobody waits until the old time comes again.
    """
    async with stage(clock) as one:
        wear_a_watch(one)
        player = await one.begin()
        called: list[datetime] = []
        one.line.change(r"GET /v2/my/ships$", lambda answer: called.append(clock.now()))
        await load(one, player, "FUEL")
        interval = one.application.settings.policy.roll_call_interval
        for _ in range(8):
            await clock.sleep(interval * 0.6)
            await one.application.desks.ship.jettison(player.id, SHIP, "FUEL", 1)
        pauses = [later - earlier for earlier, later in pairwise(called)]
        assert len(pauses) >= 3
        assert max(pauses) < timedelta(seconds=interval + 10)
        one.faults.add(FaultKind.SKEW, seconds=-3600.0)
        await one.application.desks.ship.jettison(player.id, SHIP, "FUEL", 1)
        called.clear()
        await clock.sleep(interval * 2.5)
        assert len(called) >= 2


@in_virtual_time
async def test_a_heartbeat_is_written_each_minute_and_with_each_effect(clock: VirtualClock) -> None:
    """Also after the clock was set back: the container does not seem dead until the old time comes again."""
    async with stage(clock) as one:
        container = await planner_of(one, await one.begin())
        await one.application.stop()
        store = (await one.open()).store
        watch = ScaledClock(start=clock.now(), monotonic=asyncio.get_running_loop().time)
        watch.follow(clock.now(), speed=1, round_trip=0)
        pulse = Pulse(store, watch, replace(container, iteration=0))
        written: list[tuple[float, int]] = []

        async def passes(count: int, effect: str | None = None) -> None:
            for _ in range(count):
                await pulse.beat(effect)
                row = await store.transact(lambda tx: tx.containers.get(container.id))
                assert row is not None
                if row.heartbeat_at == watch.now():
                    written.append(((watch.now() - started).total_seconds(), row.iteration))
                await clock.sleep(30)

        started = watch.now()
        await passes(5)
        await passes(1, "gave a ship to a leg")
        await passes(1)
        watch.follow(started - timedelta(hours=1), speed=1, round_trip=0)
        await passes(2)
        assert written == [(0, 1), (60, 3), (120, 5), (150, 6), (-3600, 8)]
