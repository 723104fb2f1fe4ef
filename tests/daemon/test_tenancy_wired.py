"""The fence of ownership, through the composition root: no part of a crew writes for another's agent (L5)."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from tests.patience import patience
from tests.playground import settings_for

from goodsfactory.adapters.clocks import ScaledClock
from goodsfactory.adapters.node_identity import NodeIdentity
from goodsfactory.adapters.spacetraders import transports
from goodsfactory.daemon import bootstrap
from goodsfactory.daemon.tenancy import DEAD_AFTER, Tenancy
from goodsfactory.domain.daemon import DaemonRow
from goodsfactory.domain.errors import Fenced, UserError
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.world import World

PARTS = ("scout", "cashier", "pilot", "coordinator", "planner", "worker", "scouts", "roll_call")


def test_no_part_of_a_crew_writes_for_an_agent_that_was_taken_over(tmp_path: Path, postgres_url: str) -> None:
    """Each of them is refused by the database from the moment another daemon owns the agent.

    With ``store`` instead of ``OwnedStore`` in bootstrap's ``assemble`` all of them write.
    """

    async def story() -> None:
        clock = ScaledClock(speed=60)
        world = World(generate_universe(1, epoch=clock.now()), now=clock.now, seed=1)
        application = await bootstrap.build(
            replace(settings_for(tmp_path), database=postgres_url),
            clock=clock,
            transport=transports.in_process(create_app(world, rate_limit=False)),
            durable=False,
            node=NodeIdentity("first", 0.0),
        )
        try:
            await application.start()
            player = await application.register_player("FENCED", world.universe.factions[0])
            crew = application.roster.crew(player.id)
            await crew.store.transact(lambda tx: tx.players.get(player.id))
            await _take_over(application.store, postgres_url)
            for name in PARTS:
                part: Any = getattr(crew, name)
                store = part.store if hasattr(part, "store") else part._store
                with pytest.raises(Fenced):
                    await store.transact(lambda tx: tx.players.get(player.id))
            for _ in range(int(patience(200))):  # until the next heartbeat tells the daemon itself
                if not application.roster.crews():
                    break
                await asyncio.sleep(0.05)
            with pytest.raises(UserError, match="second works"):
                application.roster.crew(player.id)
        finally:
            await application.stop()

    asyncio.run(story())


async def _take_over(store: Any, url: str) -> None:
    """Another daemon of this address finds the first one silent and takes its agents."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE daemons SET heartbeat_at = heartbeat_at - make_interval(secs => :silent)"),
            {"silent": DEAD_AFTER + 1},
        )
    rows = await store.transact(lambda tx: tx.daemons.all())
    me = DaemonRow("second", rows[0].host, 1, "unix:/second.sock", "1.0")
    second = Tenancy(store, me, elapsed=lambda: 0.0, shared=True, held_since=0.0)
    await second.beat()
    assert second.owned()
    engine.dispose()
