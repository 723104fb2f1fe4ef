"""``spacetraders doctor``: every line ok, warn or fail, with what to do, with and without a daemon."""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cli.living_daemon import FIRST, SECOND, LivingDaemon, living_daemon
from tests.cli.test_commands import Shell

from goodsfactory.adapters.node_identity import NodeIdentity
from goodsfactory.adapters.spacetraders import transports
from goodsfactory.cli.launch import asked_server
from goodsfactory.daemon import bootstrap
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.scouting_advice import how_to_see
from goodsfactory.daemon.settings import Settings, load_settings
from goodsfactory.domain.container import Container, ContainerType
from goodsfactory.domain.errors import Unavailable
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.player import Player
from goodsfactory.sandbox.faults import FaultKind
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import create_app
from goodsfactory.sandbox.world import World

CHECKS = {
    *("server", "reset", "clock", "agent", "daemon", "allowance", "database"),
    *("disk", "socket", "state", "scouts", "ships", "purse"),
}

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def daemon() -> Iterator[LivingDaemon]:
    with living_daemon() as living:
        yield living


@pytest.fixture
def shell(daemon: LivingDaemon, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(daemon, capsys)


def found(shell: Shell, check: str) -> list[dict[str, Any]]:
    """The findings of one check."""
    _, out, _ = shell("doctor", "--json")
    return [one for one in json.loads(out)["findings"] if one["check"] == check]


def test_everything_is_looked_at(shell: Shell) -> None:
    """A healthy daemon has no failure; each agent is told with its own credits, prices and purse."""
    findings = shell.json("doctor")["findings"]
    assert {one["check"] for one in findings} == CHECKS
    assert [one for one in findings if one["verdict"] == "fail"] == []
    agents = [one["text"] for one in findings if one["check"] == "agent"]
    assert [text.partition(":")[0] for text in agents] == [FIRST, SECOND]
    code, out, err = shell("doctor")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith("ok    server")
    assert all(one["remedy"] in out for one in findings)


def test_no_look_and_no_scout_is_a_warning(shell: Shell) -> None:
    """The remedy is a command with the agent in it, and it helps; then there is nothing to do but to wait."""
    warned = found(shell, "scouts")[1]
    assert warned["verdict"] == "warn"
    assert warned["text"].startswith(f"{SECOND}: 0 standing scouts, ")
    command = warned["remedy"].split("`")[1]
    assert command.startswith("spacetraders scout start --system X1-")
    assert command.endswith(f" --agent {SECOND}")
    assert shell(*command.split()[1:])[0] == 0
    try:
        after = found(shell, "scouts")[1]
        assert after["text"].startswith(f"{SECOND}: 1 standing scout, ")
        assert after["verdict"] == "ok" or after["remedy"].startswith("Wait: they are on their rounds.")
    finally:
        assert shell("scout", "stop", "--agent", SECOND)[0] == 0


@pytest.mark.parametrize(
    ("asked", "probes", "remedy"),
    [
        ([], ["P"], "Wait: they are on their rounds. `spacetraders scout status --agent A` tells where"),
        (
            ["X1-W-A"],
            ["P"],
            "Let a probe keep prices fresh: `spacetraders scout start --system X1-W --agent A`.",
        ),
        (
            ["X1-W-A"],
            [],
            "No probe is free there: buy one with `spacetraders ships buy PROBE --agent A`, then",
        ),
    ],
)
def test_a_market_that_nobody_looks_at_has_a_remedy_that_helps(
    asked: list[str], probes: list[str], remedy: str
) -> None:
    """A scout that is on its round needs time; one that was sent elsewhere never comes."""
    none: frozenset[str] = frozenset()
    markets = [
        MarketSnapshot("X1-W-A", none, none, none, observed_at=NOW),
        MarketSnapshot("X1-W-B", none, none, none),
    ]
    metadata = {"ship": "P", "system": "X1-W", "markets": asked}
    scout = Container("s", ContainerType.STANDING_SCOUT, 1, NOW, NOW, metadata=metadata)
    assert how_to_see("A", markets, [scout], {"X1-W": probes}).startswith(remedy)


def test_spending_that_is_stopped_is_a_failure_and_1(daemon: LivingDaemon, shell: Shell) -> None:
    """With the reason, and where to look."""
    daemon.world.agents.find(FIRST).pay(500)
    crew = next(one for one in daemon.application.roster.crews() if one.player.agent_symbol == FIRST)
    daemon.run(crew.auditor.count())
    try:
        assert shell("doctor")[0] == 1
        [purse] = [one for one in found(shell, "purse") if one["verdict"] == "fail"]
        assert "500 credits left" in purse["text"]
        assert "`spacetraders ledger show`" in purse["remedy"]
    finally:
        assert shell("ledger", "accept")[0] == 0


def test_what_daemon_status_counts_as_trouble_is_a_failure(daemon: LivingDaemon, shell: Shell) -> None:
    """The doctor says each sentence of it; the ship that cannot be read is shown as old as it is."""
    crew = next(one for one in daemon.application.roster.crews() if one.player.agent_symbol == FIRST)
    ship = f"{FIRST}-3"
    assert [one["verdict"] for one in found(shell, "daemon")] == ["ok"]
    daemon.faults.add(FaultKind.UNREADABLE, ship=ship)
    daemon.run(crew.roll_call.call())
    try:
        told = shell.json("daemon", "status")
        troubles = told["statistics"]["troubles"]
        assert (told["status"], f"{ship} cannot be read: " in troubles[0]) == ("degraded", True)
        assert [(one["verdict"], f"{one['text']}.") for one in found(shell, "daemon")] == [
            ("fail", sentence) for sentence in troubles
        ]
        assert shell("doctor")[0] == 1
        shown = shell("ships", "show", ship)[1]
        assert "cannot be read: " in shown
        assert " ago\n" in shown
        assert f"{ship} cannot be read; what is shown is " in shell("ships", "list")[1]
        assert "cannot be read" not in shell("ships", "show", f"{FIRST}-1")[1]
    finally:
        daemon.faults.clear()
        daemon.run(crew.roll_call.call())
    assert shell.json("ships", "show", ship)["unread"] is None
    assert [one["verdict"] for one in found(shell, "daemon")] == ["ok"]


def test_a_socket_that_is_open_to_others_is_a_failure(daemon: LivingDaemon, shell: Shell) -> None:
    """Whoever may write to it may spend."""
    os.chmod(daemon.socket, 0o666)
    try:
        [told] = found(shell, "socket")
        assert (told["verdict"], "mode 0666" in told["text"]) == ("fail", True)
        assert told["remedy"] == f"chmod 600 {daemon.socket}"
    finally:
        os.chmod(daemon.socket, 0o600)


def test_without_a_daemon_the_rest_is_checked_and_the_end_is_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says which command starts one, and whether the server answers."""
    from goodsfactory.cli.main import main

    monkeypatch.setenv("SPACETRADERS_BASE_URL", "http://127.0.0.1:9/v2")
    monkeypatch.setenv("GOODS_STATE_DIR", str(tmp_path))
    code = main(["doctor", "--json", "--socket", str(tmp_path / "none.sock")])
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert code == 3
    assert [(one["check"], one["verdict"]) for one in findings] == [
        ("daemon", "fail"),
        ("settings", "ok"),
        ("server", "fail"),
        ("disk", "ok"),
    ]
    assert "`spacetraders daemon run`" in findings[0]["remedy"]


def test_without_a_daemon_it_says_which_server_it_asks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The live one unless a setting names another; a daemon that was run with a flag needs the same here."""
    from goodsfactory.cli.main import main

    words = [
        "doctor",
        "--json",
        "--socket",
        str(tmp_path / "none.sock"),
        "--base-url",
        "http://127.0.0.1:9/v2",
    ]
    assert main(words) == 3
    findings = json.loads(capsys.readouterr().out)["findings"]
    asked = {one["check"]: one["text"] for one in findings}
    assert asked["settings"] == "base_url is http://127.0.0.1:9/v2 (flag)"
    assert asked["server"].startswith("http://127.0.0.1:9/v2 gives no answer")


def test_the_live_server_is_the_default_of_the_doctor() -> None:
    """It is told that it is, and how to name another."""
    told = asked_server("https://api.spacetraders.io/v2", "default")
    assert (told.verdict, told.text) == ("warn", "base_url is https://api.spacetraders.io/v2 (default)")
    assert "--base-url" in told.remedy


ODD_ANSWERS = {
    "escape": b'HTTP/1.0 200 OK\r\n\r\n{"resetDate":"\\u001b[31mRED\\u001b[2J"}',
    "no HTTP": b"SSH-2.0-OpenSSH_9.9\r\n",
    "short": b"HTTP/1.0 200 OK\r\ncontent-length: 500\r\n\r\n{",
    "deep": b"HTTP/1.0 200 OK\r\n\r\n" + b"[" * 200_000,
    "elsewhere": b"HTTP/1.0 302 Found\r\nlocation: http://127.0.0.1:9/\r\n\r\n",
    "too long": b'HTTP/1.0 200 OK\r\n\r\n"' + b"x" * (9 * 2**20),
}


@pytest.mark.parametrize("odd", ODD_ANSWERS)
def test_without_a_daemon_an_odd_server_is_a_failure_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    """Whatever answers: nothing of it reaches the terminal but letters, and the end is 3."""
    from goodsfactory.cli.main import main

    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(10_000)
            connection.sendall(ODD_ANSWERS[odd])

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as thread:
        answered = thread.submit(answer, listener)
        monkeypatch.setenv("SPACETRADERS_BASE_URL", f"http://127.0.0.1:{listener.getsockname()[1]}/v2")
        monkeypatch.setenv("GOODS_STATE_DIR", str(tmp_path))
        code = main(["doctor", "--json", "--socket", str(tmp_path / "none.sock")])
        answered.result(10)
    out, err = capsys.readouterr()
    [server] = [one for one in json.loads(out)["findings"] if one["check"] == "server"]
    assert (code, err, server["verdict"]) == (3, "", "fail")
    assert server["text"].isprintable()


def test_room_is_looked_for_where_the_database_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A URL names a file as well as a path does."""
    from goodsfactory.cli.main import main

    monkeypatch.setenv("SPACETRADERS_BASE_URL", "http://127.0.0.1:9/v2")
    monkeypatch.setenv("GOODS_DATABASE", f"sqlite:///{tmp_path}/goods.sqlite")
    main(["doctor", "--json", "--socket", str(tmp_path / "none.sock")])
    findings = json.loads(capsys.readouterr().out)["findings"]
    [disk] = [one for one in findings if one["check"] == "disk"]
    assert disk["text"].endswith(f"below {tmp_path}")


def test_a_database_that_cannot_be_read_is_told_line_by_line(
    daemon: LivingDaemon, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every check is there, and those that need it fail in one sentence each."""

    async def locked(work: Any) -> Any:
        raise Unavailable("The database is locked.")

    monkeypatch.setattr(daemon.application.store, "transact", locked)
    _, out, _ = shell("doctor", "--json")
    findings = json.loads(out)["findings"]
    failed = {one["check"] for one in findings if "The database is locked" in one["text"]}
    assert failed >= {"agent", "database"}
    assert {one["check"] for one in findings} >= {"server", "clock", "disk", "socket", "state"}


def test_a_database_that_is_locked_meanwhile_is_told_line_by_line(
    daemon: LivingDaemon, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From whichever check on: those of each agent too, and who waits elsewhere."""
    roster = daemon.application.roster

    async def locked(work: Any) -> Any:
        raise Unavailable("The database is locked.")

    async def known() -> list[Player]:
        return [crew.player for crew in roster.crews()] if played else []

    monkeypatch.setattr(daemon.application.store, "transact", locked)
    monkeypatch.setattr(roster, "all", known)
    for played, checks in ((True, CHECKS), (False, CHECKS - {"scouts", "ships", "purse"})):
        _, out, _ = shell("doctor", "--json")
        findings = json.loads(out)["findings"]
        assert {one["check"] for one in findings} == checks
        failed = {one["check"] for one in findings if "The database is locked" in one["text"]}
        of_each = ("scouts", "ships", "purse") if played else ()
        assert failed == {"agent", "database", "state", *of_each}


def test_a_bug_in_a_check_at_the_start_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody asked for that examination: the log says that it ended, and why."""
    stop, opened = asyncio.Event(), list[Application]()
    world = World(generate_universe(1, epoch=datetime.now(UTC)), now=lambda: datetime.now(UTC), seed=1)
    places = {"base_url": "https://sandbox/v2", "state_dir": tmp_path, "socket": tmp_path / "d.sock"}

    async def build(settings: Settings, *, node: NodeIdentity) -> Application:
        transport = transports.in_process(create_app(world))
        opened.append(await bootstrap.build(settings, transport=transport, durable=False, node=node))
        return opened[0]

    async def broken() -> list[Player]:
        stop.set()
        raise RuntimeError("of some kind")

    def ready(line: str) -> None:
        monkeypatch.setattr(opened[0].roster, "all", broken)

    settings = load_settings(places, {}, None)
    asyncio.run(bootstrap.run(settings, NodeIdentity("one", 0.0), stop, ready, build))
    assert "a bug (RuntimeError: of some kind)" in capsys.readouterr().err


def test_without_a_daemon_a_database_of_another_kind_is_a_failure_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the setting that is wrong; its password is not shown."""
    from goodsfactory.cli.main import main

    monkeypatch.setenv("GOODS_DATABASE", "mysql://me:hunter2@host/goods")
    assert main(["doctor", "--json", "--socket", str(tmp_path / "none.sock")]) == 3
    out, err = capsys.readouterr()
    [settings] = [one for one in json.loads(out)["findings"] if one["check"] == "settings"]
    assert (err, settings["verdict"], "hunter2" in out) == ("", "fail", False)
    assert "Databases of the kind mysql are not supported" in settings["text"]


def test_a_player_whose_markets_are_not_known_yet_is_told_so() -> None:
    """None of none is no figure: with nothing on the chart nobody scouts, whatever was asked for."""
    with living_daemon() as fresh:
        told = fresh.run(fresh.application.insight.doctor.examine())
    scouts = [one for one in told if one.check == "scouts"]
    assert {(one.verdict, "of 0 markets" in one.text) for one in scouts} == {("warn", False)}
    assert all("no market known yet" in one.text for one in scouts)
