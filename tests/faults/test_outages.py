"""The game is slow, overloaded, failing or closed: work waits, says why, and goes on where it was."""

from datetime import timedelta
from typing import Any

import pytest
from tests.daemon.stage import Stage, in_virtual_time, stage
from tests.faults.trial import GOOD, ONE_SHIP, completes, waits_with_a_reason

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.api import daemon_pb2
from goodsfactory.cli.factory_view import NodeView
from goodsfactory.cli.layout import plain
from goodsfactory.cli.tree import tree_lines
from goodsfactory.daemon.services import DaemonService
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.player import Player
from goodsfactory.sandbox.faults import FaultKind

MOMENTS = [EventKind.FACTORY_CREATED, EventKind.LEG_ASSIGNED, EventKind.LEG_LADEN]


@pytest.mark.parametrize("moment", MOMENTS)
@in_virtual_time
async def test_an_hour_of_maintenance_is_waited_out(clock: VirtualClock, moment: EventKind) -> None:
    """503 for every request: no leg fails, the nodes say so, and few requests are made meanwhile."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(moment)
        closed = one.faults.add(FaultKind.MAINTENANCE, until=clock.now() + timedelta(hours=1))
        await clock.sleep(1800)
        await waits_with_a_reason(one, player, factory, "down for maintenance")
        half = closed.struck
        await clock.sleep(1800)
        assert closed.struck - half < 120, "a closed server is not asked all the time"
        await completes(one, player, factory)
        assert await one.events(EventKind.LEG_FAILED) == []


async def tree_of(one: Stage, player: Player, factory: str) -> Any:
    return (await one.application.factory(player.id, factory)).to_json()["dependency_tree"]


@in_virtual_time
async def test_every_waiting_node_says_that_the_server_is_closed(clock: VirtualClock) -> None:
    """Also one whose market is at work and that nobody looks at yet; the daemon is degraded just so long."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD, units=400)
        while (await tree_of(one, player, factory))["state"] != "PRODUCING":
            await clock.sleep(10)
        health = DaemonService(one.application)
        assert (await health.HealthCheck(daemon_pb2.HealthCheckRequest(), None)).status == "ok"
        one.faults.add(FaultKind.MAINTENANCE, until=clock.now() + timedelta(seconds=400))
        await clock.sleep(300)
        report = await one.application.factory(player.id, factory)
        tree = report.to_json()["dependency_tree"]
        assert tree["state"] == "PRODUCING"
        assert (tree["held_up"], "down for maintenance" in tree["reason"]) == (True, True)
        assert "down for maintenance" in str(report.trouble)
        [line, *_] = tree_lines(NodeView.read(tree), report.now)
        assert "The game server failed at " in plain([line])
        why = await one.application.insight.explanations.of_factory(player.id, factory, GOOD)
        assert "down for maintenance" in why.nodes[0].explanation.progress.reason
        [listed] = await one.application.factories(player.id, (), limit=5)
        assert listed.to_json()["dependency_tree"]["held_up"] is True
        assert (await health.HealthCheck(daemon_pb2.HealthCheckRequest(), None)).status == "degraded"
        [told] = (await one.application.statistics())["troubles"]
        assert "down for maintenance" in told
        await clock.sleep(300)
        over = await tree_of(one, player, factory)
        assert (over["held_up"], "maintenance" in over["reason"]) == (False, False)
        assert (await health.HealthCheck(daemon_pb2.HealthCheckRequest(), None)).status == "ok"


@pytest.mark.parametrize("status", [500, 502, 504])
@in_virtual_time
async def test_half_an_hour_of_errors_is_waited_out(clock: VirtualClock, status: int) -> None:
    """5xx in place of every answer, from the middle of a voyage on."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(EventKind.LEG_LADEN)
        one.faults.add(FaultKind.ERROR, status=status, until=clock.now() + timedelta(minutes=30))
        await clock.sleep(900)
        await waits_with_a_reason(one, player, factory, f"HTTP {status}")
        await completes(one, player, factory)
        assert await one.events(EventKind.LEG_FAILED) == []


@in_virtual_time
async def test_every_second_answer_is_an_error(clock: VirtualClock) -> None:
    """A server that fails all the time, but never twice in a row, costs repeats and nothing else."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        for number in range(0, 400, 2):
            one.faults.add(FaultKind.ERROR, skip=number, count=1)
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)


@pytest.mark.parametrize("count", [1, 40])
@in_virtual_time
async def test_a_storm_of_429_is_no_failure(clock: VirtualClock, count: int) -> None:
    """Refusals for the rate are waited out by the gate; no leg fails and nothing else is tried meanwhile."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(EventKind.LEG_ASSIGNED)
        storm = one.faults.add(FaultKind.LIMITED, count=count)
        before = len(one.line.requests)
        await clock.sleep(60)
        assert len(one.line.requests) - before <= 75, "a storm is not answered with a storm"
        await completes(one, player, factory, limited=count)
        assert storm.struck == count
        assert await one.events(EventKind.LEG_FAILED) == []


@in_virtual_time
async def test_slow_answers_cost_time_alone(clock: VirtualClock) -> None:
    """Every answer comes twenty seconds late, with what the request does after the wait."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        one.faults.add(FaultKind.SLOW, seconds=20.0)
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)


@in_virtual_time
async def test_a_dropped_connection_again_and_again(clock: VirtualClock) -> None:
    """Every third request of the first quarter of an hour is dropped, after its effect or before it."""
    async with stage(clock, ships=ONE_SHIP) as one:
        player = await one.begin()
        for number in range(0, 120, 3):
            kind = FaultKind.DROP_AFTER if number % 2 else FaultKind.DROP_BEFORE
            one.faults.add(kind, skip=number, count=1)
        factory = await one.produce(player, GOOD)
        await completes(one, player, factory)
