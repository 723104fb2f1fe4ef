"""Who is who: servers, universes and tokens are told apart, and work of another one waits (laws L12, L14)."""

import asyncio
import errno
import io
import json
import os
import re
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from functools import partial
from typing import Any, cast

import pytest
from tests.daemon.refusals import other_token, refusal
from tests.daemon.stage import AGENT, Stage, check_books, in_virtual_time, logged, stage
from tests.faults.test_full_disk import mend, seal

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.api import daemon_pb2
from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.cli.factory_view import FactoryView
from goodsfactory.cli.layout import plain
from goodsfactory.cli.tree import summary_lines
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.services import DaemonService
from goodsfactory.daemon.services_factory import FactoryService
from goodsfactory.daemon.services_insight import InsightService
from goodsfactory.daemon.universe_reset import CONFIRM_AFTER
from goodsfactory.domain.errors import GoodsFactoryError, Unavailable, UserError
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.world import World

OTHER = "https://other/v2"
REFUSED = b'{"error":{"message":"Failed to parse token. Invalid token.","code":4104}}'


class Front:
    """Stands before the servers: chooses one by its host, and can answer in their place.

    ``instead`` answers a request (``GET /my/agent``) with (status, body), or leaves it alone with None. The
    first token of ``renewed`` is taken in place of the second.
    """

    def __init__(self, one: Stage) -> None:
        self.servers = {"sandbox": one.line._application}
        self.tokens: list[tuple[str, str]] = []
        self.instead: Callable[[str, str], tuple[int, bytes] | None] = lambda request, token: None
        self.tells_ids = True
        self.renewed = "Bearer of another", ""
        one.line.serve(self)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        host, token = headers[b"host"].decode(), headers.get(b"authorization", b"").decode()
        if token:
            self.tokens.append((host, token))
        answer = self.instead(f"{scope['method']} {scope['path'].removeprefix('/v2')}", token)
        if answer is not None:
            kind = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": answer[0], "headers": kind})
            await send({"type": "http.response.body", "body": answer[1]})
            return

        if token == self.renewed[0]:
            headers[b"authorization"] = self.renewed[1].encode()
            scope = {**scope, "headers": list(headers.items())}

        async def relay(message: Any) -> None:
            if message["type"] == "http.response.start" and not self.tells_ids:
                kept = [(name, value) for name, value in message["headers"] if name != b"x-sandbox-universe"]
                message = {**message, "headers": kept}
            await send(message)

        await self.servers[host](scope, receive, relay)


def another_world(one: Stage, *, seed: int = 1) -> World:
    """A universe that begins now: on the day of the first one."""
    universe = generate_universe(seed, epoch=one.clock.now())
    return World(universe, now=one.clock.now, seed=seed, starting_credits=500_000)


async def troubles(application: Application) -> str:
    """What `daemon status` says is amiss."""
    return " ".join((await application.statistics())["troubles"])


async def at_work(one: Stage) -> tuple[Player, str]:
    """A player with a load aboard."""
    player = await one.begin()
    factory = await one.produce(player, "ELECTRONICS")
    await one.until(EventKind.LEG_LADEN)
    return player, factory


async def is_told_as_parked(elsewhere: Application, there: Player, player: Player, factory: str) -> None:
    """Factory, nodes and containers: with since when, why and what resumes them; what is done is done."""
    kept = await elsewhere.factory(player.id, factory)
    told = kept.to_json()
    assert kept.factory.status is FactoryStatus.ACTIVE, "what is stored stays as it is"
    assert "--base-url https://sandbox/v2" in told["parked"]["reason"]
    assert told["dependency_tree"]["state"] == "PARKED"
    view = FactoryView.read(told)
    assert "PARKED since " in plain(summary_lines(view, None))
    assert view.tree is not None
    assert {node.state for node in view.tree.every()} <= {"PARKED", "DONE"}
    [listed] = await elsewhere.factories(player.id, ())
    assert listed.to_json()["parked"] == told["parked"]
    request = own.ExplainFactoryRequest(player_id=player.id, factory_id=factory)
    why = await InsightService(elsewhere).ExplainFactory(request, None)
    assert (why.nodes[0].state, bool(why.parked_since)) == ("PARKED", True)

    service = DaemonService(elsewhere)
    running = await service.ListContainers(daemon_pb2.ListContainersRequest(status="running"), None)
    assert {one.player_id for one in running.containers} == {there.id}
    waiting = await service.ListContainers(daemon_pb2.ListContainersRequest(status="parked"), None)
    assert {(one.player_id, one.status) for one in waiting.containers} == {(player.id, "PARKED")}
    assert (await elsewhere.statistics())["waiting_containers"] == len(waiting.containers)
    everything = await service.ListContainers(daemon_pb2.ListContainersRequest(), None)
    assert [one for one in everything.containers if one.status == "PARKED"] == list(waiting.containers)
    first = waiting.containers[0].container_id
    one = await service.GetContainer(daemon_pb2.GetContainerRequest(container_id=first), None)
    metadata = json.loads(one.metadata)
    assert (one.container.status, metadata["parked"]) == ("PARKED", told["parked"]["reason"])
    assert metadata["parked_since"] is not None
    # The planner that is at work is meant, not the parked one.
    stopped = await service.StopContainer(daemon_pb2.StopContainerRequest(container_id="plan"), None)
    assert stopped.container_id in {one.container_id for one in running.containers}


@in_virtual_time
async def test_work_for_one_server_waits_while_the_daemon_plays_on_another(clock: VirtualClock) -> None:
    """Same state, day and call sign: no token goes astray, nothing fails, and all of it goes on later."""
    async with stage(clock) as one:
        front = Front(one)
        front.servers["other"] = create_app(another_world(one, seed=2), sleep=clock.sleep)
        player, factory = await at_work(one)
        before = {token for _, token in front.tokens}
        await one.application.stop()

        elsewhere = await one.open(base_url=OTHER)
        _, complaints = await elsewhere.start()
        assert ["parked" in sentence for sentence in complaints] == [True]
        there = await elsewhere.register_player(AGENT, "COSMIC")
        assert there.id != player.id
        assert before.isdisjoint(token for host, token in front.tokens if host == "other")
        assert [one.factory.id for one in await elsewhere.factories(there.id, ())] == []
        kept = await elsewhere.factory(player.id, factory)
        assert kept.factory.status is FactoryStatus.ACTIVE
        assert kept.books.in_work > 0
        await is_told_as_parked(elsewhere, there, player, factory)
        service = FactoryService(elsewhere, stop=asyncio.Event())
        listed = await service.ListPlayers(own.ListPlayersRequest(), None)
        assert [one.player_id for one in listed.players] == [there.id]
        assert [one.player_id for one in listed.parked] == [player.id]
        assert "goes on when the daemon runs with --base-url" in listed.parked[0].trouble
        sentence = await refusal(
            elsewhere.start_factory(player.id, "IRON", None, FactoryRequest()), "precondition"
        )
        assert "parked" in sentence
        assert "--base-url https://sandbox/v2" in sentence
        await clock.sleep(7200)
        assert (await elsewhere.factory(player.id, factory)).factory.status is FactoryStatus.ACTIVE
        await elsewhere.stop()

        recovery, complaints = await (await one.open()).start()
        assert (recovery.lost, complaints) == (0, [])
        assert recovery.resumed >= 2
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)


@in_virtual_time
async def test_a_call_sign_means_the_player_of_this_server(clock: VirtualClock) -> None:
    """A newer player of another server does not stand before the one whose universe began anew here."""
    async with stage(clock) as one:
        front = Front(one)
        front.servers["other"] = create_app(another_world(one, seed=2), sleep=clock.sleep)
        player, _ = await at_work(one)
        await one.application.stop()
        elsewhere = await one.open(base_url=OTHER)
        await elsewhere.start()
        await elsewhere.register_player(AGENT, "COSMIC")
        await elsewhere.stop()
        front.servers["sandbox"] = create_app(another_world(one, seed=3), sleep=clock.sleep)
        again = await one.open()
        await again.start()
        for agent in (AGENT, None):
            assert (await again.resolve_player(None, agent)).id == player.id
        sentence = await refusal(
            again.start_factory(player.id, "IRON", None, FactoryRequest()), "precondition"
        )
        assert f"player register {AGENT}" in sentence


@pytest.mark.parametrize("tells_ids", [True, False], ids=["ids told", "no ids"])
@pytest.mark.parametrize("notices", ["daemon restarted", "daemon running"])
@in_virtual_time
async def test_a_server_that_began_anew_on_the_same_day_has_another_universe(
    clock: VirtualClock, tells_ids: bool, notices: str
) -> None:
    """Registering is no dead end: a new player with a purse of its own; old work is parked, not corrected."""
    async with stage(clock) as one:
        front = Front(one)
        front.tells_ids = tells_ids
        player, factory = await at_work(one)
        if notices == "daemon restarted":
            await one.application.stop()
        await clock.sleep(60)
        front.servers["sandbox"] = create_app(another_world(one), sleep=clock.sleep)
        if notices == "daemon restarted":
            await (await one.open()).start()
        await clock.sleep(300)
        if tells_ids:
            assert (await one.application.statistics())["game_trouble"] is None
            service = FactoryService(one.application, stop=asyncio.Event())
            for answer in (
                await service.ListPlayers(own.ListPlayersRequest(), None),
                await service.ListFleet(own.ListFleetRequest(), None),
                await service.ListFactories(own.ListFactoriesRequest(), None),
            ):
                assert f"player register {AGENT}" in answer.trouble
            doctor = {one.check: one for one in await one.application.insight.doctor.examine()}
            assert f"player register {AGENT}" in doctor["agent"].remedy
        again = await one.application.register_player(AGENT, "COSMIC")
        assert again.id != player.id
        assert (await one.application.resolve_player(None, AGENT)).id == again.id
        assert [(row.kind, row.amount) for row in await one.ledger(again)] == [(MoneyKind.OPENING, 500_000)]
        assert await one.events(EventKind.BALANCE_CORRECTED, EventKind.SPENDING_STOPPED) == []
        kept = await one.application.factory(player.id, factory)
        assert kept.factory.status is FactoryStatus.ACTIVE
        assert "parked" in await refusal(
            one.application.start_factory(player.id, "IRON", None, FactoryRequest()), "precondition"
        )
        await one.application.stop()
        _, complaints = await (await one.open()).start()
        assert ["parked" in sentence for sentence in complaints] == [True]
        assert (await one.application.use_player(AGENT)).id == again.id
        made = await one.produce(again, "IRON", units=5)
        assert (await one.until_over(again, made)).factory.status is FactoryStatus.COMPLETED
        assert await one.events(EventKind.BALANCE_CORRECTED) == []


@in_virtual_time
async def test_a_universe_that_comes_back_resumes(clock: VirtualClock) -> None:
    """The server is started anew and then from its kept state again: what waited goes on."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        first = front.servers["sandbox"]
        await clock.sleep(60)
        front.servers["sandbox"] = create_app(another_world(one), sleep=clock.sleep)
        await clock.sleep(600)
        await one.application.register_player(AGENT, "COSMIC")
        front.servers["sandbox"] = first
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)


@in_virtual_time
async def test_a_start_in_the_universe_played_last_waits_for_no_second_answer(clock: VirtualClock) -> None:
    """A newer one of the address is known; only a start in another one takes 15 s, and the log says why."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        first = front.servers["sandbox"]

        async def start(server: Any) -> tuple[float, str]:
            await one.application.stop()
            await clock.sleep(60)
            front.servers["sandbox"] = server
            application, stream, began = await one.open(), io.StringIO(), clock.now()
            async with logged(application, stream):
                await application.start()
            return (clock.now() - began).total_seconds(), stream.getvalue()

        second = create_app(another_world(one, seed=2), sleep=clock.sleep)
        seconds, told = await start(second)
        assert seconds >= CONFIRM_AFTER
        assert "asked once more after 15 s, and the start waits" in told
        await one.application.register_player(AGENT, "COSMIC")
        assert (await start(first))[0] >= CONFIRM_AFTER
        seconds, told = await start(first)
        assert seconds < CONFIRM_AFTER
        assert "the start waits" not in told
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED


@in_virtual_time
async def test_two_servers_behind_one_address_are_told_as_what_is_amiss(clock: VirtualClock) -> None:
    """They take turns: no work is done, nothing ends, and status names the two; one alone is worked with."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        first = front.servers["sandbox"]
        second = create_app(another_world(one, seed=2), sleep=clock.sleep)
        turns: list[Any] = [first, second]

        def instead(request: str, token: str) -> None:
            if request == "GET /":
                turns.reverse()
            front.servers["sandbox"] = turns[0] if request == "GET /" else second

        front.instead = instead
        await clock.sleep(600)
        told = await troubles(one.application)
        assert "neither is believed" in told
        assert told.count("with the id") == 2
        game = (await one.application.statistics())["game_trouble"]
        assert game is None or "another universe" in game
        front.instead, front.servers["sandbox"] = lambda request, token: None, first
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert await troubles(one.application) == ""


@in_virtual_time
async def test_a_parked_universe_whose_id_comes_back_is_turned_over_to(clock: VirtualClock) -> None:
    """Hidden at the start, so that an older universe without an id was entered; then it is told."""
    async with stage(clock) as one:
        front = Front(one)
        front.tells_ids = False
        player, factory = await at_work(one)
        await clock.sleep(60)
        front.servers["sandbox"] = create_app(another_world(one, seed=2), sleep=clock.sleep)
        await clock.sleep(300)
        again = await one.application.register_player(AGENT, "COSMIC")
        made = await one.produce(again, "IRON", units=5)
        for front.tells_ids in (True, False):
            await one.application.stop()
            await (await one.open()).start()
        assert (await one.application.resolve_player(None, None)).id == player.id
        front.tells_ids = True
        assert (await one.until_over(again, made)).factory.status is FactoryStatus.COMPLETED
        assert [one.id for one in await one.application.players()] == [again.id]
        assert (await one.application.factory(player.id, factory)).factory.status is FactoryStatus.ACTIVE


@pytest.mark.parametrize("known", ["at the start", "added while it runs"])
@in_virtual_time
async def test_a_refused_token_of_the_environment_is_named_as_the_cause(
    clock: VirtualClock, known: str
) -> None:
    """The kept token is good: every sentence says whose token is refused, and that unsetting it helps."""
    async with stage(clock) as one:
        player, factory = await at_work(one)
        mine = await one.application.roster._credentials.token(player)
        await one.application.stop()
        application = await one.open(token="eyJ.nobody.knows")
        _, complaints = await application.start()
        found = {finding.check: finding for finding in await application.insight.doctor.examine()}
        for sentence in (
            (await one.until(EventKind.TOKEN_REFUSED)).message,
            " ".join(complaints),
            await troubles(application),
            await refusal(application.register_player(AGENT, "COSMIC"), "precondition"),
            f"{found['agent'].text}. {found['agent'].remedy}",
        ):
            assert "SPACETRADERS_TOKEN" in sentence
            assert "player add" not in sentence
        if known == "at the start":
            await application.stop()
            _, complaints = await (await one.open()).start()
            assert complaints == []
        else:
            enrolment = await application.enrol_by_token(str(mine), None)
            assert "the next start takes SPACETRADERS_TOKEN before it" in enrolment.outcome
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED


@pytest.mark.parametrize("how", ["once", "without the game's code"])
@in_virtual_time
async def test_one_refusal_does_not_make_another_universe(clock: VirtualClock, how: str) -> None:
    """A server without ids refuses a token that works, while another agent is added: no work is parked."""
    async with stage(clock) as one:
        front = Front(one)
        front.tells_ids = False
        player, factory = await at_work(one)
        mine = front.tokens[-1][1]
        refused: list[str] = []

        def instead(request: str, token: str) -> tuple[int, bytes] | None:
            if token != mine or request != "GET /my/agent" or (how == "once" and refused):
                return None
            refused.append(token)
            return 401, REFUSED if how == "once" else b'{"error":{"message":"No.","code":401}}'

        front.instead = instead
        await one.application.add_player(other_token(one, "RIVAL"))
        front.instead = lambda request, token: None
        assert refused
        assert len(await one.application.players()) == 2
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED


@pytest.mark.parametrize("by", ["add", "register"])
@in_virtual_time
async def test_a_parked_universe_is_found_again_by_a_token_of_its_own(clock: VirtualClock, by: str) -> None:
    """A server without ids goes back to an earlier state, also after another agent was added there."""
    async with stage(clock) as one:
        front = Front(one)
        front.tells_ids = False
        player, factory = await at_work(one)
        mine = front.tokens[-1][1].removeprefix("Bearer ")
        first = front.servers["sandbox"]
        await clock.sleep(60)
        front.servers["sandbox"] = create_app(another_world(one, seed=2), sleep=clock.sleep)
        await clock.sleep(300)
        await one.application.register_player(AGENT, "COSMIC")
        front.servers["sandbox"] = first
        rival = other_token(one, "RIVAL")
        await one.application.add_player(rival)
        application = one.application
        again = await (
            application.add_player(mine) if by == "add" else application.register_player(AGENT, "")
        )
        assert again.id == player.id
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)
        await application.add_player(rival)
        assert {one.agent_symbol for one in await application.players()} == {AGENT, "RIVAL"}


@pytest.mark.parametrize("answer", [b'{"status":"up","resetDate":"2031-01-01"}', b"{}", b'{"resetDate":7}'])
@in_virtual_time
async def test_one_odd_answer_ends_nothing(clock: VirtualClock, answer: bytes) -> None:
    """A later date once, while tokens are refused, or no date at all: work waits and then goes on."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        odd = [answer]

        def instead(request: str, token: str) -> tuple[int, bytes] | None:
            if request == "GET /" and odd:
                return 200, odd.pop()
            return (401, REFUSED) if token else None

        front.instead = instead
        await clock.sleep(300)
        assert odd == []
        front.instead = lambda request, token: None
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert await one.events(EventKind.UNIVERSE_RESET, EventKind.FACTORY_FAILED) == []
        await check_books(one, player)


@pytest.mark.parametrize("date", [b"2099-12-31", b"2001-01-01"])
@in_virtual_time
async def test_a_reset_on_an_impossible_day_is_not_believed_however_often_it_is_told(
    clock: VirtualClock, date: bytes
) -> None:
    """For ten minutes, while tokens are refused: no work ends, and all of it goes on afterwards."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)

        def instead(request: str, token: str) -> tuple[int, bytes] | None:
            if request == "GET /":
                return 200, b'{"status":"up","resetDate":"' + date + b'"}'
            return (401, REFUSED) if token else None

        front.instead = instead
        await clock.sleep(600)
        front.instead = lambda request, token: None
        report = await one.until_over(player, factory)
        assert report.factory.status is FactoryStatus.COMPLETED
        assert await one.events(EventKind.UNIVERSE_RESET, EventKind.FACTORY_FAILED) == []
        await check_books(one, player)


@in_virtual_time
async def test_registering_a_player_again_uses_it(clock: VirtualClock) -> None:
    """It is registered, and its token is kept and taken: that is said, and it is the same player."""
    async with stage(clock) as one:
        player = await one.begin()
        again = await one.application.enrol_player(AGENT, "COSMIC")
        assert again.player.id == player.id
        assert again.outcome == "is registered already; its token is kept here and the game takes it"
        assert len(await one.application.players()) == 1


@in_virtual_time
async def test_a_token_kept_for_nobody_is_adopted(clock: VirtualClock) -> None:
    """Killed between the game's answer and the player's row: registering once more finds the token."""
    async with stage(clock) as one:
        player = await one.begin()
        await one.application.store.transact(_forget_players)
        await one.application.stop()
        await (await one.open()).start()
        again = await one.application.enrol_player(AGENT, "COSMIC")
        assert again.player.id != player.id
        assert "registered already" in again.outcome
        assert [row.amount for row in await one.ledger(again.player)] == [one.credits]


@pytest.mark.parametrize("others", ["limited", "refused"])
@in_virtual_time
async def test_a_registration_that_nobody_waits_for_any_more_keeps_its_token(
    clock: VirtualClock, others: str
) -> None:
    """The game tells a token once: it is kept before anything else is asked, whatever is answered then."""
    async with stage(clock) as one:
        front = Front(one)
        front.tells_ids = False
        player, factory = await at_work(one)
        answer = (429, b"<h1>Slow down</h1>") if others == "limited" else (401, REFUSED)
        asked: list[str] = []

        def instead(request: str, token: str) -> tuple[int, bytes] | None:
            asked.append(request)
            return answer if "POST /register" in asked[:-1] else None

        front.instead = instead
        with pytest.raises((TimeoutError, GoodsFactoryError)):
            async with asyncio.timeout(60):
                await one.application.register_player("RIVAL", "COSMIC")
        front.instead = lambda request, token: None
        await clock.sleep(600)
        rival = await one.application.register_player("RIVAL", "COSMIC")
        assert asked.count("POST /register") == 1
        assert [row.amount for row in await one.ledger(rival)] == [2_000_000]
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED


@pytest.mark.parametrize("ends", ["the command", "the command and the daemon", "the command twice"])
@in_virtual_time
async def test_a_registration_that_is_on_its_way_is_carried_through(clock: VirtualClock, ends: str) -> None:
    """Whoever gives the command ends it, or the daemon, while the answer is to come: it may take long."""
    async with stage(clock) as one:
        front = Front(one)
        await one.begin()
        game, asked = front.servers["sandbox"], list[str]()

        async def slowly(scope: Any, receive: Any, send: Any) -> None:
            async def late(message: Any) -> None:
                if scope["path"].endswith("/register") and message["type"] == "http.response.start":
                    asked.append(scope["path"])
                    await clock.sleep(100)
                await send(message)

            await game(scope, receive, late)

        front.servers["sandbox"] = slowly
        command = asyncio.create_task(one.application.register_player("RIVAL", "COSMIC"))
        await clock.sleep(10)
        command.cancel()
        if ends == "the command twice":
            await clock.sleep(1)
            command.cancel()
            await clock.sleep(1)
        if ends != "the command":
            await one.application.stop()
            await one.kill()  # its process ends
            await (await one.open()).start()
        await asyncio.wait([command])
        assert command.cancelled()
        await one.application.register_player("RIVAL", "COSMIC")
        assert len(asked) == 1
        assert {one.agent_symbol for one in await one.application.players()} == {AGENT, "RIVAL"}


@in_virtual_time
async def test_a_command_that_fails_when_nobody_waits_for_it_any_more_is_told_in_the_log(
    clock: VirtualClock,
) -> None:
    """Whoever gave it is gone; the game's answer comes later."""
    async with stage(clock) as one:
        front, log = Front(one), io.StringIO()
        await one.begin()
        game = front.servers["sandbox"]

        async def refuse(scope: Any, receive: Any, send: Any) -> None:
            if not scope["path"].endswith("/register"):
                return await game(scope, receive, send)
            await clock.sleep(30)
            await send({"type": "http.response.start", "status": 422, "headers": []})
            refused = b'{"error":{"message":"RIVAL is reserved.","code":422}}'
            await send({"type": "http.response.body", "body": refused})

        async with logged(one.application, log):
            front.servers["sandbox"] = refuse
            command = asyncio.create_task(one.application.register_player("RIVAL", "COSMIC"))
            await clock.sleep(10)
            command.cancel()
            await asyncio.wait([command])
        assert command.cancelled()
        (line,) = [line for line in log.getvalue().splitlines() if "RIVAL is reserved" in line]
        assert "nobody waits for any more has failed" in line


@pytest.mark.parametrize(
    "how",
    [
        "its server stumbles before",
        "it begins just then",
        "it begins just then and has an id",
        "it stumbles afterwards",
    ],
)
@in_virtual_time
async def test_a_new_agent_never_comes_into_a_universe_that_is_gone(clock: VirtualClock, how: str) -> None:
    """A server without ids began anew: what is known of the old universe is not believed of the new one."""
    async with stage(clock) as one:
        front = Front(one)
        front.tells_ids = how.endswith("id")
        player, factory = await at_work(one)
        mine = front.tokens[-1][1]
        anew, asked = create_app(another_world(one, seed=2), sleep=clock.sleep), list[str]()
        begins = how.startswith("it begins")
        if not begins:
            front.servers["sandbox"] = anew

        def instead(request: str, token: str) -> tuple[int, bytes] | None:
            if request == "POST /register":
                asked.append(request)
                front.servers["sandbox"] = anew
            stumbles = bool(asked) is (how == "it stumbles afterwards") and not begins
            return (502, b"") if stumbles and token == mine else None

        front.instead = instead
        register = one.application.register_player
        if how.endswith("afterwards"):
            with pytest.raises(Unavailable, match="Give the command again"):
                await register("RIVAL", "COSMIC")
            front.instead = lambda request, token: None
        rival = await register("RIVAL", "COSMIC")
        assert len(asked) == 1
        assert rival.universe != player.universe
        assert [row.amount for row in await one.ledger(rival)] == [500_000]
        assert (await one.application.factory(player.id, factory)).factory.status is FactoryStatus.ACTIVE
        made = await one.produce(rival, "IRON", units=5)
        assert (await one.until_over(rival, made)).factory.status is FactoryStatus.COMPLETED


@pytest.mark.parametrize("tells_ids", [True, False], ids=["ids told", "no ids"])
@in_virtual_time
async def test_a_new_agent_comes_into_the_universe_that_the_server_tells_of_then(
    clock: VirtualClock, tells_ids: bool
) -> None:
    """A reset with a new date, and no answer which universe there is before the registration.

    Its work is that of the new universe, and no later start ends it.
    """
    async with stage(clock) as one:
        front = Front(one)
        front.tells_ids = tells_ids
        player = await one.begin()
        agent = AGENT if tells_ids else "RIVAL"
        if tells_ids:
            (one.folder / "credentials.json").unlink()  # a token of the other universe would be refused first
        tomorrow = generate_universe(2, epoch=clock.now() + timedelta(days=1))
        anew = World(tomorrow, now=clock.now, seed=2, starting_credits=500_000)
        front.servers["sandbox"] = create_app(anew, sleep=clock.sleep)
        asked = list[str]()

        def instead(request: str, token: str) -> tuple[int, bytes] | None:
            asked.append(request)
            silent = request == "GET /" and "POST /register" not in asked
            return (502, b"") if silent else None

        front.instead = instead
        again = await one.application.register_player(agent, "COSMIC")
        assert again.reset_date == str(tomorrow.epoch.date()) > player.reset_date
        made = await one.produce(again, "IRON", units=5)
        await one.application.stop()
        _, complaints = await (await one.open()).start()
        assert complaints == []
        assert not (await one.application.factory(again.id, made)).factory.status.is_over


@pytest.mark.parametrize("what", ["registers it anew", "renews its token"])
@in_virtual_time
async def test_a_command_that_is_ended_while_work_is_put_down_is_carried_through(
    clock: VirtualClock, what: str
) -> None:
    """The agent does not stand still, its token is not lost, and no start is needed."""
    async with stage(clock) as one:
        front, register = Front(one), "POST /register"
        front.tells_ids = False
        player = await one.begin()
        factory = await one.produce(player, "IRON", units=5)
        await clock.sleep(1)
        asked, engine = list[str](), cast(Any, one.application.engine)
        put_down = engine.let_go

        async def cut_short(players: Collection[int]) -> None:
            command.cancel()
            await put_down(players)

        engine.let_go = cut_short
        if what == "renews its token":
            front.renewed = "Bearer renewed", front.tokens[-1][1]
            command = asyncio.create_task(one.application.add_player("renewed"))
        else:
            front.servers["sandbox"] = create_app(another_world(one, seed=2), sleep=clock.sleep)
            front.instead = lambda request, token: asked.append(request)
            command = asyncio.create_task(one.application.register_player(AGENT, "COSMIC"))
        await asyncio.wait([command])
        assert command.cancelled()
        engine.let_go = put_down
        if what == "registers it anew":
            again = await one.application.register_player(AGENT, "COSMIC")
            assert again.universe != player.universe
            assert asked.count(register) == 1
        else:
            assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED


@in_virtual_time
async def test_a_token_is_renewed_while_nobody_acts_with_the_old_one(clock: VirtualClock) -> None:
    """A purchase that is only just on its way is not taken for one that never happened."""
    async with stage(clock) as one:
        front = Front(one)
        game, late = front.servers["sandbox"], asyncio.Event()

        async def slowly(scope: Any, receive: Any, send: Any) -> None:
            if scope["path"].endswith("/purchase") and not late.is_set():
                late.set()
                await clock.sleep(20)
            if scope["path"].endswith("/my/ships"):
                await clock.sleep(15)
            await game(scope, receive, send)

        player = await one.begin()
        front.servers["sandbox"] = slowly
        factory = await one.produce(player, "IRON", units=5)
        await late.wait()
        await clock.sleep(10)
        front.renewed = "Bearer renewed", front.tokens[-1][1]
        await one.application.add_player("renewed")
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED
        assert await one.events(EventKind.LEG_FAILED) == []
        await check_books(one, player)


@pytest.mark.parametrize("tells_ids", [True, False], ids=["the same id", "no ids"])
@in_virtual_time
async def test_a_disk_that_fails_just_then_does_not_cost_the_token(
    clock: VirtualClock, tells_ids: bool
) -> None:
    """The same call sign in a universe that is not written down: registering again finds its token."""
    async with stage(clock) as one:
        front = Front(one)
        front.tells_ids = tells_ids
        player, _ = await at_work(one)
        anew = World(one.world.universe, now=clock.now, seed=2)
        front.servers["sandbox"] = create_app(anew, sleep=clock.sleep)
        registered = one.line.disturb("POST .*/register$", first=partial(seal, one))
        with pytest.raises(Unavailable, match="read-only"):
            await one.application.register_player(AGENT, "COSMIC")
        mend(one)
        again = await one.application.enrol_player(AGENT, "COSMIC")
        assert registered.seen == 1
        assert again.player.universe != player.universe
        assert "in a new universe" in again.outcome


@in_virtual_time
async def test_a_token_that_cannot_be_kept_at_once_is_kept_seconds_later(clock: VirtualClock) -> None:
    """The game tells it once: one failure of the place where tokens are kept does not lose it."""
    async with stage(clock) as one:
        await one.begin()
        file = one.folder / "credentials.json"
        registered = one.line.disturb("POST .*/register$", first=partial(file.chmod, 0o644))
        command = asyncio.create_task(one.application.register_player("RIVAL", "COSMIC"))
        while not registered.seen:
            await clock.sleep(1)
        await clock.sleep(3)
        file.chmod(0o600)
        assert (await command).agent_symbol == "RIVAL"


@in_virtual_time
async def test_a_place_for_tokens_that_cannot_be_written_costs_none(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is registered then; and a token that is told just before it fails is remembered."""
    really_open, full = os.open, asyncio.Event()

    def open_unless_full(path: Any, *how: Any, **more: Any) -> int:
        if full.is_set() and ".credentials.json." in str(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return really_open(path, *how, **more)

    monkeypatch.setattr(os, "open", open_unless_full)
    async with stage(clock) as one:
        await one.begin()
        registered = one.line.disturb("POST .*/register$", first=full.set)
        full.set()
        sentence = await refusal(one.application.register_player("RIVAL", "COSMIC"), "precondition")
        assert "No space left on device" in sentence
        assert registered.seen == 0
        full.clear()
        with pytest.raises(Unavailable, match="RIVAL is registered at the game, but its token is not kept"):
            await one.application.register_player("RIVAL", "COSMIC")
        full.clear()
        rival = await one.application.register_player("RIVAL", "COSMIC")
        assert registered.seen == 1
        assert [row.amount for row in await one.ledger(rival)] == [2_000_000]


@pytest.mark.parametrize("tells_ids", [True, False], ids=["ids told", "no ids"])
@pytest.mark.parametrize("left", [False, True], ids=["", "left by an earlier version"])
@in_virtual_time
async def test_one_odd_refusal_does_not_hide_a_token_that_is_kept(
    clock: VirtualClock, tells_ids: bool, left: bool
) -> None:
    """The call sign is taken, by the very player whose token was refused just before: it is used.

    So it is where another token of that agent is known: it does not speak of another universe.
    """
    async with stage(clock) as one:
        front = Front(one)
        front.tells_ids = tells_ids
        player = await one.begin()
        factory = await one.produce(player, "IRON", units=5)
        credentials = one.application.roster._credentials
        first = str(await credentials.token(player))
        front.renewed = "Bearer renewed", f"Bearer {first}"
        await one.application.add_player("renewed")
        if left:
            await credentials.keep_told(AGENT, first)
        odd = [(401, REFUSED)]
        front.instead = lambda request, token: (
            odd.pop() if odd and (request, token) == ("GET /my/agent", "Bearer renewed") else None
        )
        again = await one.application.enrol_player(AGENT, "COSMIC")
        assert not odd
        assert again.player.id == player.id
        assert "registered already" in again.outcome
        assert left or await credentials.token(player) == "renewed"
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED


@pytest.mark.parametrize("told", ["no id", "no id any more", "the same id"])
@in_virtual_time
async def test_a_call_sign_that_the_game_gives_again_belongs_to_another_universe(
    clock: VirtualClock, told: str
) -> None:
    """Though no token of the old one is here to ask with, and whatever id the server tells."""
    async with stage(clock) as one:
        front = Front(one)
        front.tells_ids = told != "no id"
        player = await one.begin()
        anew = another_world(one, seed=2)
        if told == "the same id":
            anew = World(one.world.universe, now=clock.now, seed=2)
        front.tells_ids = told == "the same id"
        front.servers["sandbox"] = create_app(anew, sleep=clock.sleep)
        (one.folder / "credentials.json").unlink()
        again = await one.application.register_player(AGENT, "COSMIC")
        assert again.universe != player.universe


def _forget_players(tx: Any) -> None:
    tx.players._connection.exec_driver_sql("DELETE FROM players")


@in_virtual_time
async def test_a_call_sign_whose_token_is_refused_is_told_what_helps(clock: VirtualClock) -> None:
    """It is taken at the game and the token here is no good: another token helps, nothing else does."""
    async with stage(clock) as one:
        front = Front(one)
        await one.begin()
        front.instead = lambda request, token: (401, REFUSED) if token else None
        sentence = await refusal(one.application.register_player(AGENT, "COSMIC"), "precondition")
        assert "spacetraders player add" in sentence
        assert len(await one.application.players()) == 1


@in_virtual_time
async def test_every_command_that_acts_says_that_the_token_is_refused(clock: VirtualClock) -> None:
    """Orders are refused with the remedy, and status and the list of players say it, until it is taken."""
    async with stage(clock) as one:
        front = Front(one)
        player = await one.begin()
        application = one.application
        ship = (await application.ships(player.id))[0][0].symbol
        front.instead = lambda request, token: (401, REFUSED) if token else None
        await clock.sleep(900)
        for order in (
            application.start_factory(player.id, "IRON", None, FactoryRequest()),
            application.dock(player.id, ship),
            application.desks.yard.buy(player.id, "SHIP_PROBE", None),
            application.desks.contract.all(player.id),
        ):
            sentence = await refusal(order, "precondition")
            assert f"refuses the token of {AGENT}" in sentence
            assert "spacetraders player add" in sentence
        assert f"refuses the token of {AGENT}" in await troubles(application)
        assert f"refuses the token of {AGENT}" in str(application.roster.trouble(player.id))
        front.instead = lambda request, token: None
        await clock.sleep(600)
        assert await troubles(application) == ""
        await one.produce(player, "IRON")


@in_virtual_time
async def test_a_token_that_is_refused_at_the_start_is_told_and_tried_again(clock: VirtualClock) -> None:
    """The daemon comes up, says it, and works once the game takes the token."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        await one.application.stop()
        front.instead = lambda request, token: (401, REFUSED) if token else None
        application = await one.open()
        _, complaints = await application.start()
        assert f"refuses the token of {AGENT}" in " ".join(complaints)
        assert f"refuses the token of {AGENT}" in await troubles(application)
        front.instead = lambda request, token: None
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED
        assert await troubles(application) == ""
        await check_books(one, player)


@pytest.mark.parametrize(
    "answer",
    [
        (503, b"<html>maintenance</html>"),
        (503, b'{"error":{"message":"x","code":503,"data":{"retryAfter":1' + b"0" * 400 + b"}}}"),
        (502, b""),
        (200, b"{}"),
        (200, b'{"status":"maintenance"}'),
    ],
    ids=["503", "503 beyond counting", "502", "empty", "no date"],
)
@in_virtual_time
async def test_the_daemon_starts_while_the_server_says_nothing(
    clock: VirtualClock, answer: tuple[int, bytes]
) -> None:
    """It comes up, what was done is readable, status says what is wrong, and work resumes by itself."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        await one.application.stop()
        front.instead = lambda request, token: answer
        application = await one.open()
        _, complaints = await application.start()
        assert "https://sandbox/v2" in " ".join(complaints)
        assert "tried again" in await troubles(application)
        assert (await application.resolve_player(None, None)).id == player.id
        assert (await application.factory(player.id, factory)).factory.status is FactoryStatus.ACTIVE
        assert "tried again" in await refusal(
            application.start_factory(player.id, "IRON", None, FactoryRequest()), "precondition"
        )
        await clock.sleep(1200)
        front.instead = lambda request, token: None
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED
        assert await troubles(application) == ""
        await check_books(one, player)


@pytest.mark.parametrize("but", ["nothing", "GET /"])
@in_virtual_time
async def test_the_daemon_starts_while_every_answer_is_429(clock: VirtualClock, but: str) -> None:
    """It does not wait for the end of the limit without a word; no order waits for it, and work resumes."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        await one.application.stop()
        front.instead = lambda request, token: None if request == but else (429, b"<h1>Slow down</h1>")
        application = await one.open()
        async with asyncio.timeout(60):
            _, complaints = await application.start()
            assert "Rate limited until" in " ".join(complaints)
            assert "Rate limited until" in str((await application.statistics())["game_trouble"])
            assert (await application.factory(player.id, factory)).factory.status is FactoryStatus.ACTIVE
            with pytest.raises((UserError, Unavailable), match="Rate limited until"):
                await application.enrol_player("RIVAL", "COSMIC")
        await clock.sleep(1200)
        front.instead = lambda request, token: None
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED
        assert await troubles(application) == ""
        await check_books(one, player)


@in_virtual_time
async def test_no_command_waits_for_a_limit_that_begins_while_it_is_given(clock: VirtualClock) -> None:
    """Each says within half a minute until when the game is limited, or what was done; work goes on.

    The limit begins before the command, or with the answer to one of its requests.
    """
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        application = one.application
        symbol = (await application.ships(player.id))[-1][0].symbol
        ship = next(ship for ship in one.world.fleets if ship.symbol == symbol)
        ship.fuel -= 150
        others = other_token(one, "ANOTHER")
        observed, contract = f"GET /my/ships/{symbol}", application.desks.contract

        async def told(command: Callable[[], Awaitable[object]], last: str) -> str:
            limited = not last

            def instead(request: str, token: str) -> tuple[int, bytes] | None:
                nonlocal limited
                if limited:
                    return 429, b'{"error":{"message":"Slow down.","code":429}}'
                limited = last in request
                return None

            front.instead = instead
            try:
                async with asyncio.timeout(31):
                    return str(await command())
            except GoodsFactoryError as trouble:
                return str(trouble)
            finally:
                front.instead = lambda request, token: None
                await clock.sleep(120)

        for command, after in (
            (application.insight.doctor.examine, ("",)),
            (lambda: application.enrol_player("RIVAL", "COSMIC"), ("", "POST /register")),
            (lambda: application.enrol_by_token(others), ("", "GET /my/agent")),
            (lambda: application.orbit(player.id, symbol), ("", observed)),
            (lambda: application.dock(player.id, symbol), ("",)),
            (lambda: application.refuel(player.id, symbol), ("", observed, "/market")),
            (lambda: application.desks.yard.buy(player.id, "probe"), ("", "/shipyard")),
            (lambda: contract.all(player.id), ("",)),
            (lambda: contract.accept(player.id, None), ("", "GET /my/contracts")),
        ):
            for last in after:
                assert "Rate limited until" in await told(command, last)
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)
        assert "accepted=True" in await told(lambda: contract.accept(player.id, None), "/accept")


@in_virtual_time
async def test_what_a_start_that_takes_long_resumes_is_told_in_the_end(clock: VirtualClock) -> None:
    """Nobody waits for it any more: it is an event, as at every other taking up."""
    async with stage(clock) as one:
        front = Front(one)
        await at_work(one)
        await one.application.stop()
        front.instead = lambda request, token: None if request == "GET /" else (429, b"<h1>Slow down</h1>")
        recovery, _ = await (await one.open()).start()
        assert recovery.resumed == 0
        await clock.sleep(10)
        front.instead = lambda request, token: None
        told = await one.until(EventKind.AGENT_TAKEN_UP, hours=1)
        assert "containers resumed, 0 lost" in told.message


@in_virtual_time
async def test_a_refused_token_is_told_though_the_database_fails_just_then(clock: VirtualClock) -> None:
    """The doubt stays until it is written down."""
    async with stage(clock) as one:
        front = Front(one)
        await at_work(one)
        refused: list[str] = []

        def instead(request: str, token: str) -> tuple[int, bytes] | None:
            # Refused once: no other call raises this doubt again.
            if not token or refused:
                return None
            refused.append(request)
            seal(one)
            return 401, REFUSED

        front.instead = instead
        while not refused:
            await clock.sleep(1)
        await clock.sleep(60)
        mend(one)
        await one.until(EventKind.TOKEN_REFUSED, hours=1)


@pytest.mark.parametrize("kept", ["none", "another's", "another's, of the environment"])
@in_virtual_time
async def test_a_call_sign_that_no_token_here_plays_is_told_with_the_cause(
    clock: VirtualClock, kept: str
) -> None:
    """No token at all, or that of somebody else, is not one that the game refuses."""
    async with stage(clock) as one:
        await one.begin()
        await one.application.stop()
        file, others = one.folder / "credentials.json", other_token(one, "RIVAL")
        mine = re.findall(r'"(eyJ[^"]*)"', file.read_text())[0]
        if kept == "another's":
            file.write_text(file.read_text().replace(mine, others))
        else:
            file.unlink()
        application = await one.open(token=others if "environment" in kept else None)
        await application.start()
        sentence = await refusal(application.register_player(AGENT, "COSMIC"), "precondition")
        assert "does not take" not in sentence
        assert ("is not kept here" if kept == "none" else "is that of RIVAL") in sentence
        assert ("SPACETRADERS_TOKEN" in sentence) is ("environment" in kept)
        if kept != "none":
            assert ("SPACETRADERS_TOKEN" in await troubles(application)) is ("environment" in kept)


@pytest.mark.parametrize("path", ["/my/agent", "/my/ships", ""], ids=["agent", "ships", "everything"])
@pytest.mark.parametrize(
    "answer", [(502, b""), (200, b'{"data":[{"symbol":7}],"meta":null}')], ids=["502", "odd"]
)
@in_virtual_time
async def test_one_agent_in_trouble_at_the_start_leaves_the_other_at_work(
    clock: VirtualClock, path: str, answer: tuple[int, bytes]
) -> None:
    """Its reason is told and it is tried again; the other agent works as ever (L9)."""
    async with stage(clock) as one:
        front = Front(one)
        player, factory = await at_work(one)
        mine = front.tokens[-1][1]
        rival = await one.application.register_player("RIVAL", "COSMIC")
        await one.application.stop()
        front.instead = lambda request, token: answer if token == mine and path in request else None
        application = await one.open()
        await application.start()
        assert AGENT in await troubles(application)
        assert "RIVAL" not in await troubles(application)
        made = await one.produce(rival, "IRON", units=5)
        assert (await one.until_over(rival, made)).factory.status is FactoryStatus.COMPLETED
        front.instead = lambda request, token: None
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED
        assert await troubles(application) == ""


@pytest.mark.parametrize("answer", [(200, b'{"data":{"symbol":null}}'), (502, b""), (400, b"")])
@in_virtual_time
async def test_one_ship_that_makes_no_sense_at_the_start_leaves_the_others_at_work(
    clock: VirtualClock, answer: tuple[int, bytes]
) -> None:
    """Even where a purchase of that ship is still open: it is looked at again later, by nobody's hand."""
    async with stage(clock) as one:
        front = Front(one)
        player = await one.begin()
        factory = await one.produce(player, "ELECTRONICS")
        ship = str((await one.until(EventKind.PURCHASED)).ship)
        await one.kill()
        front.instead = lambda request, token: answer if request.endswith(f"/my/ships/{ship}") else None
        application = await one.open()
        await application.start()
        other = await one.produce(player, "IRON", units=5)
        assert (await one.until_over(player, other)).factory.status is FactoryStatus.COMPLETED
        front.instead = lambda request, token: None
        assert (await one.until_over(player, factory)).factory.status is FactoryStatus.COMPLETED
        await check_books(one, player)
