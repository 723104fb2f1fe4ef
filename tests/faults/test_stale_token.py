"""A token that the game does not take any more, in the same universe: work waits until there is another."""

from typing import Any

import pytest
from tests.daemon.stage import Stage, in_virtual_time, stage
from tests.faults.trial import GOOD, ONE_SHIP, completes, waits_with_a_reason

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.daemon.universe_reset import WITHOUT_VARIABLE
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryStatus

REFUSED = b'{"error":{"message":"Failed to parse token. Invalid token.","code":4104}}'
RENEWED = "a-new-token"


class Gatekeeper:
    """Stands before the sandbox: takes a new token in place of the agent's own one, which it refuses."""

    def __init__(self, one: Stage) -> None:
        self._inner = one.line._application
        self._shown = b""
        self.refused: bytes | None = None
        one.line.serve(self)

    def close(self, token: str | None = None) -> None:
        """Refuse a token from now on: the one shown last where none is given."""
        self.refused = f"Bearer {token}".encode() if token else self._shown

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        shown = headers.get(b"authorization", b"")
        if shown.startswith(b"Bearer eyJ"):
            self._shown = shown
        if shown and shown == self.refused:
            kind = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 401, "headers": kind})
            await send({"type": "http.response.body", "body": REFUSED})
            return
        if shown == f"Bearer {RENEWED}".encode():
            headers[b"authorization"] = self.refused or b""
            scope = {**scope, "headers": list(headers.items())}
        await self._inner(scope, receive, send)


@pytest.mark.parametrize("moment", [EventKind.FACTORY_CREATED, EventKind.LEG_ASSIGNED, EventKind.LEG_LADEN])
@in_virtual_time
async def test_work_waits_for_another_token_and_goes_on_with_it(
    clock: VirtualClock, moment: EventKind
) -> None:
    """Nothing fails; what to do is said on the nodes, as an event and in the log, once; then it completes."""
    async with stage(clock, ships=ONE_SHIP) as one:
        gate = Gatekeeper(one)
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(moment)
        gate.close()
        await clock.sleep(1800)
        await waits_with_a_reason(one, player, factory, "Failed to parse token")
        [told] = await one.events(EventKind.TOKEN_REFUSED)
        assert told.message == (
            "The game refuses the token of FACTORY: its work waits until the game takes it again, or another"
            " one is added with `spacetraders player add`."
        )
        before = len(one.line.requests)
        await clock.sleep(3600)
        assert len(one.line.requests) - before < 150
        await one.application.add_player(RENEWED)
        await completes(one, player, factory)
        assert await one.events(EventKind.LEG_FAILED, EventKind.FACTORY_FAILED) == []


@in_virtual_time
async def test_a_token_that_is_taken_again_needs_nobody(clock: VirtualClock) -> None:
    """The game was wrong for an hour: work goes on by itself."""
    async with stage(clock, ships=ONE_SHIP) as one:
        gate = Gatekeeper(one)
        player = await one.begin()
        factory = await one.produce(player, GOOD)
        await one.until(EventKind.LEG_LADEN)
        gate.close()
        await clock.sleep(3600)
        gate.refused = None
        await completes(one, player, factory)


@in_virtual_time
async def test_the_other_player_works_on(clock: VirtualClock) -> None:
    """A refused token concerns its own agent alone (L9, L11)."""
    async with stage(clock, ships=ONE_SHIP) as one:
        gate = Gatekeeper(one)
        player = await one.begin()
        rival = await one.application.register_player("RIVAL", one.world.universe.factions[0])
        mine, yours = await one.produce(player, GOOD), await one.produce(rival, GOOD)
        gate.close(await one.application.roster._credentials.token(player))
        report = await one.until_over(rival, yours, hours=2)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert not (await one.application.factory(player.id, mine)).factory.status.is_over
        assert {event.player_id for event in await one.events(EventKind.TOKEN_REFUSED)} == {player.id}


@pytest.mark.parametrize(
    ("variable", "remedy"),
    [
        ("eyJ.nobody.knows", WITHOUT_VARIABLE),
        (None, "Give a token that works: `spacetraders player add`."),
    ],
)
@in_virtual_time
async def test_the_doctor_names_the_remedy_for_an_agent_without_a_token(
    clock: VirtualClock, variable: str | None, remedy: str
) -> None:
    """The daemon was started with a token that the game refuses, or with none: waiting helps neither."""
    async with stage(clock) as one:
        await one.begin()
        await one.application.stop()
        if variable is None:
            (one.folder / "credentials.json").unlink()
        application = await one.open(token=variable)
        await application.start()
        [found] = [one for one in await application.insight.doctor.examine() if one.check == "agent"]
        assert found.remedy == remedy
