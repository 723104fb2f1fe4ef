"""Restarted while the game is away: its time is not known, and nothing is told by this machine's instead."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

from tests.daemon.stage import Stage
from tests.faults.test_over_http import listening
from tests.faults.trial import GOOD
from tests.patience import patience

from goodsfactory.api import daemon_pb2, goodsfactory_pb2
from goodsfactory.cli.daemons import status_lines
from goodsfactory.cli.factory_table import factory_table
from goodsfactory.cli.layout import plain
from goodsfactory.cli.screen import document
from goodsfactory.cli.tree import factory_lines
from goodsfactory.cli.watch import view
from goodsfactory.daemon.doctor import Verdict
from goodsfactory.daemon.services import DaemonService
from goodsfactory.daemon.services_factory import FactoryService
from goodsfactory.domain.player import Player
from goodsfactory.sandbox.faults import FaultKind

AHEAD = timedelta(hours=12)


async def shown(one: Stage) -> str:
    """What ``daemon status`` says."""
    service = FactoryService(one.application, stop=asyncio.Event())
    health = await DaemonService(one.application).HealthCheck(daemon_pb2.HealthCheckRequest(), None)
    told = await service.GetStatistics(goodsfactory_pb2.GetStatisticsRequest(), None)
    return plain(status_lines(document(health), {**json.loads(told.document), **document(told)}))


async def asked(one: Stage, player: Player, factory_id: str) -> goodsfactory_pb2.Factory:
    service = FactoryService(one.application, stop=asyncio.Event())
    found = await service.ListFactories(goodsfactory_pb2.ListFactoriesRequest(player_id=player.id), None)
    (row,) = [one for one in found.factories if one.factory_id == factory_id]
    return row


def test_a_time_that_is_not_known_is_told_as_such(tmp_path: Path) -> None:
    """The game's clock is half a day ahead of this machine's.

    With the game: the daemon is up for the real seconds that it ran, and a factory is as old as the game
    says. Restarted without it: every age is unknown, no container is said to run, and what is stopped
    ended when it was last heard of.
    """

    async def told() -> None:
        async with asyncio.timeout(patience(90)), listening(tmp_path, ahead=AHEAD) as one:
            began = asyncio.get_running_loop().time()
            player = await one.begin()
            factory_id = await one.produce(player, GOOD)
            numbers = await one.application.statistics()
            assert 0 < numbers["uptime_seconds"] <= asyncio.get_running_loop().time() - began
            seen = one.application.game_time(player.id)
            assert seen is not None
            assert abs(seen - one.world.now()) < AHEAD / 4
            assert (await asked(one, player, factory_id)).now

            await one.application.stop()
            one.faults.add(FaultKind.DROP_BEFORE)
            application = await one.open()
            recovery, complaints = await application.start()
            assert recovery.resumed == 0
            assert recovery.waiting >= 2, "the planner and the coordinator"
            assert complaints
            status = await shown(one)
            assert "game time     not known until the game server answers\n" in status
            assert f"containers    0 running, {recovery.waiting} wait until" in status
            row = await asked(one, player, factory_id)
            assert row.now == ""
            assert " ?  " in plain(factory_table([row]))
            findings = await application.insight.doctor.examine()
            [clock] = [one for one in findings if one.check == "clock"]
            assert (clock.verdict, clock.text) == (Verdict.WARN, "the server has told no time yet")
            assert "since ?" in plain(factory_lines(view(row), None, verbose=True))

            ended = (await application.stop_factory(player.id, factory_id)).factory
            assert ended.completed_at is not None
            assert timedelta() <= ended.completed_at - ended.created_at < AHEAD / 4

    asyncio.run(told())
