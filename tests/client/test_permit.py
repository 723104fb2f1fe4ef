"""The right to act: nothing is sent to the game by a daemon that may have lost it (L5)."""

import asyncio
from typing import Any

from goodsfactory.adapters.clocks import VirtualClock


def test_a_request_waits_until_the_right_is_sure(stage: Any, make: Any) -> None:
    """It is asked for after the gate, as the last thing before sending: a frozen process wakes up there."""
    stage.app.on("POST /my/ships/ME-1/dock", make.ok({"nav": make.nav()}))
    right = asyncio.Event()

    async def permit() -> None:
        await right.wait()

    async def work(server: Any, clock: VirtualClock) -> list[str]:
        docking = asyncio.create_task(server.session("TOKEN").dock("ME-1"))
        await clock.sleep(30)
        before = list(stage.app.asked)
        right.set()
        await docking
        return before

    stage.permit = permit
    assert stage.run(work) == []
    assert stage.app.asked == ["POST /my/ships/ME-1/dock"]


def test_a_request_that_is_given_up_while_it_waits_is_never_sent(stage: Any, make: Any) -> None:
    """Its container was taken down, since another daemon has the agent; its place at the gate is free."""
    stage.app.on("GET /my/agent", make.ok(make.agent()))
    asked = 0

    async def permit() -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            await asyncio.Event().wait()

    async def work(server: Any, clock: VirtualClock) -> float:
        session = server.session("TOKEN")
        buying = asyncio.create_task(session.purchase("ME-1", "IRON_ORE", 10))
        await clock.sleep(30)
        buying.cancel()
        await asyncio.wait([buying])
        began = clock.now()
        await asyncio.gather(session.agent(), session.agent())
        return (clock.now() - began).total_seconds()

    stage.permit = permit
    assert stage.run(work) == 0
    assert stage.app.asked == ["GET /my/agent", "GET /my/agent"]
