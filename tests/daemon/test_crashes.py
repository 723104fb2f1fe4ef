"""A container with a bug backs off, shows its error, and harms nobody else (L9)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from tests.daemon.stage import Stage, check_books, check_nothing_leaks, in_virtual_time, stage

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.container import Container, ContainerStatus
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.player import Player

ROLES = ("coordinator", "worker", "planner")


class Faulty:
    """The real part with a bug: its next ``times`` runs raise, ``after`` seconds from their begin.

    With ``only`` the bug is in the runs of one factory alone.
    """

    def __init__(
        self, part: Any, clock: VirtualClock, *, times: int, after: float = 0.0, only: str | None = None
    ) -> None:
        self._part = part
        self._clock = clock
        self._left = times
        self._after = after
        self._only = only
        self.raised: list[datetime] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)

    async def run(self, container: Container) -> str:
        ours = self._only in (None, container.metadata.get("factory_id"))
        if not ours or self._left == 0:
            told: str = await self._part.run(container)
            return told
        self._left -= 1
        await self._clock.sleep(self._after)
        self.raised.append(self._clock.now())
        raise ZeroDivisionError(f"a bug in {container.type}")


def break_part(one: Stage, player: Player, role: str, **how: Any) -> Faulty:
    """Give the player's crew a part with a bug."""
    crew = one.application.roster.crew(player.id)
    faulty = Faulty(getattr(crew, role), one.clock, **how)
    one.application.roster._crews[player.id] = replace(crew, **cast("dict[str, Any]", {role: faulty}))
    return faulty


async def crash(one: Stage, count: int = 1) -> Event:
    return await one.until(EventKind.CONTAINER_CRASHED, count=count)


async def restarted_with(one: Stage, player: Player, role: str, **how: Any) -> Faulty:
    """The daemon runs again, and the part of a role has a bug from its first moment on."""
    await one.application.stop()
    application = await one.open()
    muster = application.roster.muster
    made: list[Faulty] = []

    async def muster_and_break(agents: Collection[int]) -> list[str]:
        told = await muster(agents)
        made.append(break_part(one, player, role, **how))
        return told

    vars(application.roster)["muster"] = muster_and_break
    await application.start()
    return made[0]


@pytest.mark.parametrize("role", ROLES)
@in_virtual_time
async def test_the_error_the_count_and_the_next_try_are_shown(clock: VirtualClock, role: str) -> None:
    """While it waits for its next try, and the traceback is in its log."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        faulty = await restarted_with(one, player, role, times=2)
        event = await crash(one, count=2)
        container = str(event.container_id)
        trouble = await one.application.container_trouble(container)
        assert trouble is not None
        assert trouble.error == f"ZeroDivisionError: a bug in {event.data['type']}"
        assert trouble.crashes == 2
        assert trouble.next_try == faulty.raised[-1] + timedelta(seconds=10)
        lines = await one.application.container_logs(container, 100, "ERROR")
        told = [line for line in lines if line.message == trouble.error]
        assert "Traceback" in told[-1].metadata["traceback"]
        assert (await one.application.container(container)).status is ContainerStatus.RUNNING
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED


@pytest.mark.parametrize("role", ROLES)
@in_virtual_time
async def test_a_bug_that_goes_away_costs_time_alone(clock: VirtualClock, role: str) -> None:
    """Crash, back-off, crash, and then the work is done: nothing is lost, held or bought twice."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        await one.until(EventKind.LEG_LADEN)
        faulty = await restarted_with(one, player, role, times=3, after=1.0)
        report = await one.until_over(player, factory)
        assert len(faulty.raised) == 3
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)
        await check_nothing_leaks(one, player, factory)


@pytest.mark.parametrize("role", ["coordinator", "worker"])
@in_virtual_time
async def test_a_bug_in_one_factory_harms_no_other(clock: VirtualClock, role: str) -> None:
    """It never goes away: the other factory completes all the same, in the time it takes alone."""
    async with stage(clock) as one:
        player = await one.begin()
        broken = await one.produce(player, "ELECTRONICS")
        break_part(one, player, role, times=1_000_000, only=broken)
        fine = await one.produce(player, "IRON")
        report = await one.until_over(player, fine, hours=2)
        assert report.factory.status is FactoryStatus.COMPLETED
        report = await one.application.factory(player.id, broken)
        assert not report.factory.status.is_over
        stopped = await one.application.stop_factory(player.id, broken)
        assert stopped.factory.status is FactoryStatus.STOPPED
        assert [claim for _, claim in await one.application.ships(player.id) if claim] == []
        await check_books(one, player)


@in_virtual_time
async def test_a_worker_that_always_crashes_ends_and_its_ship_rests(clock: VirtualClock) -> None:
    """Three restarts, then FAILED: the leg says why, the ship is free, and is not sent at once again."""
    async with stage(clock) as one:
        player = await one.begin()
        factory = await one.produce(player, "IRON")
        break_part(one, player, "worker", times=4)
        failed = await one.until(EventKind.LEG_FAILED)
        [leg, *_] = [leg for leg in await one.legs(factory) if leg.id == failed.data["leg_id"]]
        assert leg.state is LegState.FAILED
        assert "crashed 4 times, last with ZeroDivisionError" in str(leg.failure)
        container = await one.application.container(str(failed.container_id))
        assert container.status is ContainerStatus.FAILED
        assert await one.application.store.transact(lambda tx: tx.claims.of_ship(str(leg.ship))) is None
        told = await one.application.explain_ship(player.id, str(leg.ship), None)
        assert any("rests after 1 failure" in reason for reason in told.reasons)
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)


@in_virtual_time
async def test_a_crashed_container_can_be_stopped(clock: VirtualClock) -> None:
    """In the middle of its back-off: its ship is free at once."""
    async with stage(clock) as one:
        player = await one.begin()
        await one.produce(player, "IRON")
        break_part(one, player, "worker", times=1_000_000)
        event = await crash(one)
        stopped = await one.application.stop_container(str(event.container_id))
        assert stopped.status is ContainerStatus.STOPPED
        assert await one.application.store.transact(lambda tx: tx.claims.of_ship(str(event.ship))) is None
