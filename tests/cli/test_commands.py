"""Commands against a living daemon: their output, their JSON and their exit codes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.living_daemon import FIRST, SECOND, LivingDaemon, living_daemon

from goodsfactory.cli.main import main

JSON_REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "json.md"
LINE = re.compile(r"^(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d  [A-Z_]+ +\S.*$")
"""With the day where it is not today: on a busy machine the game may go on into the next one."""


class Shell:
    """Runs commands on the daemon's socket and keeps what they printed."""

    def __init__(self, daemon: LivingDaemon, capsys: pytest.CaptureFixture[str]) -> None:
        self.daemon = daemon
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = main([*words, "--socket", str(self.daemon.socket)])
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err

    def json(self, *words: str) -> Any:
        """The object a command prints with --json; the reference must know each of its names."""
        code, out, err = self(*words, "--json")
        assert (code, err) == (0, ""), (code, out, err)
        answer = json.loads(out)
        reference = JSON_REFERENCE.read_text("utf-8")
        unknown = [name for name in _names(answer) if f"`{name}`" not in reference]
        assert unknown == [], "docs/reference/json.md does not describe these names"
        return answer


def _names(value: Any) -> set[str]:
    """Names of an object's fields; maps whose names are data are described as a whole."""
    if isinstance(value, list):
        return set().union(*(_names(one) for one in value))
    if not isinstance(value, dict):
        return set()
    open_maps = {"cargo", "requests_by_purpose", "metadata"}
    return set(value).union(*(_names(one) for name, one in value.items() if name not in open_maps))


@pytest.fixture(scope="module")
def daemon() -> Iterator[LivingDaemon]:
    with living_daemon() as living:
        yield living


@pytest.fixture
def shell(daemon: LivingDaemon, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(daemon, capsys)


@pytest.fixture(scope="module")
def finished(daemon: LivingDaemon) -> str:
    """The id of a factory that has made its good."""
    with daemon.client() as client:
        factory = client.start_factory("COPPER", units=10)
        with client.events(factory.factory_id) as events:
            for event in events:
                if event.kind in ("FACTORY_COMPLETED", "FACTORY_FAILED"):
                    break
        return factory.factory_id


# goods


def test_produce_says_what_it_started_and_how_to_watch_it(shell: Shell) -> None:
    """The factory goes on without the command; the hint works as printed, for the same agent and daemon."""
    code, out, err = shell("goods", "produce", "electronics", "--agent", FIRST.lower())
    match = re.fullmatch(
        r"Factory (\S+) makes ELECTRONICS in (\S+) from 3 nodes\.\n"
        rf"Watch it with `spacetraders goods status \1 --watch --agent {FIRST} --socket \S+`\.\n",
        out,
    )
    assert (code, err) == (0, "")
    assert match is not None
    code, out, _ = shell("goods", "stop", match[1][:8])
    assert (code, out) == (0, f"Factory {match[1]} is STOPPED; its ships are free.\n")


def test_produce_passes_every_wish_on(shell: Shell) -> None:
    """--json prints the factory's document."""
    document = shell.json(
        *("goods", "produce", "COPPER", "--units", "3", "--strategy", "prefer-buy", "--terminal", "sell"),
        *("--batches", "2", "--priority", "2.5"),
        *("--ships", f"{FIRST}-1,{FIRST.lower()}-3", "--exclude", f"{FIRST}-4", "--agent", FIRST.lower()),
    )
    assert (document["target_good"], document["units_wanted"]) == ("COPPER", 3)
    assert (document["strategy"], document["terminal"]) == ("prefer-buy", "SELL")
    assert (document["batches_wanted"], document["lot"], document["priority"]) == (2, 1, 2.5)
    assert not document["continuous"]
    stopped = shell.json("goods", "stop", document["factory_id"])
    assert stopped["status"] == "STOPPED"


def test_a_factory_is_paused_and_resumed(shell: Shell) -> None:
    """Twice is as good as once; status and list say that it is paused, and since when."""
    factory = shell.json("goods", "produce", "ELECTRONICS", "--exclude", f"{FIRST}-1")["factory_id"]
    code, out, err = shell("goods", "pause", factory[:8])
    assert (code, err) == (0, "")
    assert out == (
        f"Factory {factory} is paused; ships under way end their voyage. "
        f"Let it go on with `spacetraders goods resume {factory} --socket {shell.daemon.socket}`.\n"
    )
    paused = shell.json("goods", "pause", factory)
    assert (paused["status"] in ("PENDING", "ACTIVE"), paused["dependency_tree"]["state"]) == (True, "PAUSED")
    assert paused["dependency_tree"]["reason"].startswith("paused by the user")
    assert paused["dependency_tree"]["since"] == paused["paused_at"]
    _, out, _ = shell("goods", "status", factory)
    assert re.search(r"  (PENDING|ACTIVE), paused \w+  ", out)
    _, out, _ = shell("goods", "list", "--status", paused["status"])
    assert re.search(rf"{factory} +ELECTRONICS +(PENDING|ACTIVE), paused \w+ ", out)
    _, out, _ = shell("goods", "why", factory)
    assert re.match(r"ELECTRONICS in X1-\w+  (PENDING|ACTIVE), paused \w+\n", out)
    assert shell("goods", "resume", factory) == (0, f"Factory {factory} goes on.\n", "")
    assert shell.json("goods", "resume", factory)["paused_at"] is None
    shell("goods", "stop", factory)
    code, out, err = shell("goods", "pause", factory)
    assert (code, out) == (1, "")
    assert err == f"spacetraders: Factory {factory} is STOPPED already and cannot be paused.\n"


def test_produce_in_a_pipe_watches_in_lines_of_events(shell: Shell) -> None:
    """One line an event, then the finished tree; no escape sequences."""
    code, out, err = shell("goods", "produce", "COPPER", "--units", "5", "--watch")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    first, *rest = out.splitlines()
    assert first.startswith("Factory ")
    empty = rest.index("")
    events = rest[:empty]
    assert [line for line in events if not LINE.match(line)] == []
    assert "FACTORY_CREATED" in events[0]
    assert "FACTORY_COMPLETED" in events[-1]
    assert re.match(r"COPPER in \S+  COMPLETED  2 of 2 nodes, 5 units, ", rest[empty + 1])
    assert re.match(r"COPPER +FABRICATE +\w+ +DONE +5 units, ", rest[empty + 3])
    assert re.match(r"└── COPPER_ORE +BUY ", rest[empty + 4])


def test_a_watched_factory_that_fails_ends_with_1(shell: Shell) -> None:
    """No ship at all, --fail-if-no-ship, and started with --force: FAILED, with the error in the report."""
    everyone = ",".join(f"{FIRST}-{number}" for number in (1, 2, 3, 4))
    wish = ("goods", "produce", "COPPER", "--exclude", everyone, "--fail-if-no-ship")
    code, out, _ = shell(*wish, "--force", "--watch")
    assert code == 1
    assert "FACTORY_FAILED" in out
    assert "COPPER in" in out
    assert "  FAILED  " in out


def test_a_watched_factory_prints_one_object_with_json(shell: Shell) -> None:
    """Nothing but the final document is on standard output."""
    document = shell.json("goods", "produce", "COPPER", "--units", "5", "--watch")
    assert (document["status"], document["quantity_acquired"]) == ("COMPLETED", 5)


def test_status_shows_a_summary_and_a_table(shell: Shell, finished: str) -> None:
    """A unique beginning of the id is enough."""
    code, out, _ = shell("goods", "status", finished[:10])
    lines = out.splitlines()
    assert code == 0
    assert re.match(r"COPPER in \S+  COMPLETED  2 of 2 nodes, 10 units, [\d,]+ cr, \d+ ships?, ", lines[0])
    assert lines[1] == f"factory {finished}"
    assert lines[2].split() == ["GOOD", "BY", "MARKET", "STATE", "DETAIL", "SHIP", "WAYPOINT"]
    assert [line.split()[0] for line in lines[3:]] == ["COPPER", "COPPER_ORE"]


def test_status_draws_the_tree_and_explains_it(shell: Shell, finished: str) -> None:
    """--tree draws, --verbose adds the reasons."""
    _, tree, _ = shell("goods", "status", finished, "--tree")
    assert tree.splitlines()[3].startswith("└── COPPER_ORE  BUY")
    _, verbose, _ = shell("goods", "status", finished, "--verbose")
    assert len(verbose.splitlines()) == len(tree.splitlines()) + 2
    assert "source " in verbose


def test_the_status_document_is_whole(shell: Shell, finished: str) -> None:
    """Every node has a state, a reason and a since; every leg its numbers."""
    document = shell.json("goods", "status", finished)
    root = document["dependency_tree"]
    assert (root["good"], root["state"], root["quantity"]) == ("COPPER", "DONE", 10)
    for node in (root, *root["children"]):
        assert node["reason"]
        assert node["since"]
    assert {leg["state"] for leg in document["legs"]} <= {"DONE", "CANCELLED", "FAILED"}
    assert document["nodes_completed"] == document["nodes_total"] == 2


def test_status_without_an_id_is_about_the_newest(shell: Shell) -> None:
    """Most people have one factory."""
    started = shell.json("goods", "produce", "ELECTRONICS")
    assert shell.json("goods", "status")["factory_id"] == started["factory_id"]
    shell("goods", "stop")
    assert shell.json("goods", "status", started["factory_id"])["status"] == "STOPPED"


def test_an_id_that_nothing_begins_with_is_refused(shell: Shell, finished: str) -> None:
    """With the command that lists what there is."""
    assert shell("goods", "status", "zzz") == (
        1,
        "",
        "spacetraders: No factory's id begins with zzz; `spacetraders goods list` shows yours.\n",
    )


@pytest.mark.parametrize("command", ["stop", "status", "pause", "why"])
def test_an_empty_id_is_no_factory(shell: Shell, finished: str, command: str) -> None:
    """Every id begins so, and where there is one factory it would be meant: a script's variable is unset."""
    assert shell("goods", command, "") == (
        2,
        "",
        "spacetraders: An argument is empty; leave it out, or say what it is.\n",
    )


def test_factories_are_listed(shell: Shell, finished: str) -> None:
    """Of one status, of one player."""
    code, out, _ = shell("goods", "list", "--status", "completed")
    assert code == 0
    assert finished in out
    assert "STOPPED" not in out
    listed = shell.json("goods", "list", "--status", "completed", "--status", "failed")["factories"]
    assert {one["status"] for one in listed} <= {"COMPLETED", "FAILED"}
    assert all("legs" not in one and "dependency_tree" in one for one in listed)
    code, out, _ = shell("goods", "list", "--agent", SECOND)
    assert (code, out) == (0, "No factories. Start one with `spacetraders goods produce GOOD`.\n")


def test_the_factory_of_another_player_cannot_be_seen_or_stopped(shell: Shell, finished: str) -> None:
    """It does not exist for them."""
    for words in (("status",), ("stop",), ("status", "--watch")):
        code, out, err = shell("goods", words[0], finished, *words[1:], "--player", "2")
        assert (code, out) == (1, "")
        assert err.startswith("spacetraders: No factory's id begins with ")


def test_an_unknown_good_is_answered_with_what_was_meant(shell: Shell) -> None:
    """As a sentence on stderr, or as an object on stdout."""
    code, out, err = shell("goods", "produce", "COPER")
    assert (code, out) == (1, "")
    assert err.startswith("spacetraders: ")
    assert "COPPER" in err
    assert err.count("\n") == 1
    code, out, err = shell("goods", "produce", "COPER", "--json")
    error = json.loads(out)["error"]
    assert (code, err, error["exit_code"]) == (1, "", 1)
    assert error["code"] in ("invalid", "not-found")
    assert "COPPER" in error["message"]


# player


def test_players_are_listed_and_chosen(shell: Shell) -> None:
    """The default one carries a star."""
    code, out, _ = shell("player", "list")
    assert code == 0
    assert [line.split()[:2] for line in out.splitlines()[1:]] == [["*", "1"], ["2", SECOND]]
    assert shell.json("player", "use", SECOND)["is_default"] is True
    code, out, _ = shell("player", "use", FIRST.lower())
    headquarters = shell.daemon.world.universe.headquarters
    assert (code, out) == (0, f"Player 1, {FIRST} at {headquarters}, is the default.\n")
    assert [one["agent_symbol"] for one in shell.json("player", "list")["players"]] == [FIRST, SECOND]


def test_an_agent_is_added_by_its_token_without_showing_it(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a file, from standard input or from the environment, never from an argument (law L12)."""
    agent = shell.daemon.world.agents.find(SECOND)
    credentials = shell.daemon.application.settings.state_dir
    token = next(
        word
        for file in credentials.rglob("*")
        if file.is_file() and file.suffix != ".sqlite" and SECOND in file.read_text("utf-8", "ignore")
        for word in re.findall(r"eyJ[\w.-]+", file.read_text("utf-8", "ignore"))
        if shell.daemon.world.agents.authenticate(word) is agent
    )
    file = tmp_path / "token"
    file.write_text(f"{token}\n")
    code, out, err = shell("player", "add", "--token-file", str(file), "--agent", SECOND)
    assert (code, err) == (0, "")
    assert out.startswith(f"Player 2, {SECOND} at ")
    monkeypatch.setenv("SPACETRADERS_TOKEN", token)
    added = shell("player", "add", "--json")
    assert added[0] == 0
    assert token not in "".join((out, err, *map(str, added)))
    code, _, err = shell("player", "add", "--agent", FIRST)
    assert code == 2
    assert err == f"spacetraders: The token is that of {SECOND}, not of {FIRST}.\n"


def test_without_a_token_player_add_is_a_usage_error(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says where tokens are looked for."""
    monkeypatch.delenv("SPACETRADERS_TOKEN", raising=False)
    assert shell("player", "add") == (
        2,
        "",
        "spacetraders: Give the agent token in $SPACETRADERS_TOKEN or in --token-file.\n",
    )


def test_a_token_file_that_is_not_there_is_named(shell: Shell, tmp_path: Path) -> None:
    """With the system's reason."""
    file = tmp_path / "none"
    assert shell("player", "add", "--token-file", str(file)) == (
        2,
        "",
        f"spacetraders: The token file {file} cannot be read: No such file or directory.\n",
    )


def test_a_token_of_nobody_is_refused(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The game's refusal is one sentence, with a machine code of its own."""
    monkeypatch.setenv("SPACETRADERS_TOKEN", "eyJ.nobody.knows")
    code, out, _ = shell("player", "add", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "stale-token")
    assert "nobody.knows" not in out


def test_registering_a_player_once_more_says_that_it_is_there(shell: Shell) -> None:
    """It is the same player, and nothing is registered."""
    before = shell.json("player", "list")["players"]
    told = shell.json("player", "register", FIRST)
    assert (told["player_id"], told["agent_symbol"]) == (before[0]["player_id"], FIRST)
    assert told["outcome"] == "is registered already; its token is kept here and the game takes it"
    assert shell.json("player", "list")["players"] == before


def test_an_unknown_player_is_refused(shell: Shell) -> None:
    """The sentence names those that are known."""
    code, out, err = shell("ships", "list", "--agent", "nobody")
    assert (code, out) == (1, "")
    assert err == f"spacetraders: There is no player NOBODY; known are {FIRST} (1), {SECOND} (2).\n"


def test_two_players_are_not_one(shell: Shell) -> None:
    """A factory is not started for one of two that were named."""
    before = shell.json("goods", "list", "--agent", SECOND)
    words = ["goods", "produce", "COPPER", "--player", FIRST, "--agent", SECOND]
    assert shell(*words) == (
        2,
        "",
        f"spacetraders: --player {FIRST} and --agent {SECOND} name two players; give one of them.\n",
    )
    code, _, err = shell("ships", "list", "--player", "1", "--agent", SECOND)
    assert (code, err) == (
        2,
        f"spacetraders: Player 1 is not {SECOND}; name one of the two, or two that agree.\n",
    )
    assert shell.json("goods", "list", "--agent", SECOND) == before


# ships


def test_ships_are_listed_shown_and_explained(shell: Shell) -> None:
    """Those of the default player unless another is named."""
    code, out, _ = shell("ships", "list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == [f"{FIRST}-{n}" for n in (1, 2, 3, 4)]
    fleet = shell.json("ships", "list", "--player", SECOND.lower())["ships"]
    assert [ship["symbol"] for ship in fleet] == [f"{SECOND}-{n}" for n in (1, 2, 3, 4)]
    fleet = shell.json("ships", "list", "--player", "2")["ships"]
    assert [ship["symbol"] for ship in fleet] == [f"{SECOND}-{n}" for n in (1, 2, 3, 4)]
    code, out, _ = shell("ships", "show", f"{SECOND.lower()}-2", "--agent", SECOND)
    assert (code, out.splitlines()[0]) == (0, f"ship         {SECOND}-2")
    assert shell.json("ships", "show", f"{FIRST}-1")["cargo_capacity"] == 40
    code, out, _ = shell("ships", "explain", f"{FIRST}-2")
    assert code == 0
    assert out.startswith(
        f"{FIRST}-2 cannot be given work now.\n  - {FIRST}-2 is a probe and carries nothing\n"
    )
    answer = shell.json("ships", "explain", f"{SECOND}-1", "--player", "2")
    assert answer == {"ship_symbol": f"{SECOND}-1", "eligible": True, "reasons": [], "notes": []}


def test_a_ship_of_somebody_else_is_not_shown(shell: Shell) -> None:
    """Neither shown nor explained."""
    assert shell("ships", "show", f"{SECOND}-1") == (
        1,
        "",
        f"spacetraders: None of your ships is called {SECOND}-1; `spacetraders ships list` names them.\n",
    )
    assert shell("ships", "explain", f"{SECOND}-1")[0] == 1


# market


def test_markets_are_found_and_shown(shell: Shell, finished: str) -> None:
    """The exporter comes first."""
    code, out, _ = shell("market", "find", "copper")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split() == ["WAYPOINT", "TYPE", "SUPPLY", "ACTIVITY", "ASK", "BID", "VOLUME", "AGE"]
    assert lines[1].split()[1] == "EXPORT"
    found = shell.json("market", "find", "COPPER")
    market = shell.json("market", "show", found["listings"][0]["waypoint"].lower())
    assert "COPPER" in [listing["good"] for listing in market["listings"]]
    code, out, _ = shell("market", "show", market["waypoint"])
    assert re.match(rf"{market['waypoint']}: prices (seen \w+ ago|never seen)\nGOOD ", out)


def test_a_good_that_nobody_trades_is_said_to_be_so(shell: Shell) -> None:
    """An empty table would say nothing."""
    assert shell("market", "find", "MOON_DUST") == (
        1,
        "",
        "spacetraders: There is no good called 'MOON_DUST'.\n",
    )


def test_a_good_that_is_misspelt_is_answered_with_what_was_meant(shell: Shell) -> None:
    """As `goods produce` answers it; blanks for underscores are understood."""
    code, out, err = shell("market", "find", "coper")
    assert (code, out) == (1, "")
    assert re.fullmatch(r"spacetraders: There is no good called 'COPER'\. Did you mean COPPER\b.*\?\n", err)
    assert shell.json("market", "find", "copper ore")["good"] == "COPPER_ORE"


def test_a_market_that_is_not_there_is_refused(shell: Shell) -> None:
    """A word that is no waypoint symbol shows what one looks like."""
    assert shell("market", "show", "nowhere") == (
        2,
        "",
        "spacetraders: 'NOWHERE' is not a waypoint symbol; it should look like X1-AB12-C3.\n",
    )


# containers


def test_containers_are_listed_shown_and_stopped(shell: Shell) -> None:
    """A factory's coordinator can be looked at, and stopping it stops the factory."""
    factory = shell.json("goods", "produce", "ELECTRONICS")
    running = shell.json("containers", "list", "--status", "running", "--player", "1")["containers"]
    coordinator = next(
        one["container_id"] for one in running if one["container_type"] == "goods_factory_coordinator"
    )
    code, out, _ = shell("containers", "list")
    assert code == 0
    assert coordinator in out
    shown = shell.json("containers", "show", coordinator)
    assert shown["metadata"]["factory_id"] == factory["factory_id"]
    code, out, _ = shell("containers", "show", coordinator)
    assert re.search(rf"^factory id +{factory['factory_id']}$", out, re.MULTILINE)
    logs = shell.json("containers", "logs", coordinator)["logs"]
    assert logs[0]["message"].startswith("ELECTRONICS will be made in ")
    code, out, err = shell("containers", "logs", coordinator, "--limit", "1")
    assert (code, out.count("\n"), err) == (0, 1, "")
    code, out, _ = shell("containers", "stop", coordinator)
    said = "The goods_factory_coordinator is STOPPED; its factory is stopped and its ships are free.\n"
    assert (code, out) == (0, said)
    assert shell.json("goods", "status", factory["factory_id"])["status"] == "STOPPED"
    code, out, err = shell("containers", "stop", coordinator)
    assert (code, out, err) == (1, "", f"spacetraders: {coordinator} is STOPPED already.\n")


def test_containers_of_one_player_are_listed_by_number_or_call_sign(shell: Shell) -> None:
    """A call sign that nobody has is refused, not answered with everybody's."""
    by_number = shell.json("containers", "list", "--player", "2")["containers"]
    assert {one["player_id"] for one in by_number} == {2}
    by_name = shell.json("containers", "list", "--player", SECOND.lower())["containers"]
    assert [one["container_id"] for one in by_name] == [one["container_id"] for one in by_number]
    assert shell("containers", "list", "--player", "nobody") == (
        1,
        "",
        "spacetraders: There is no player NOBODY; `spacetraders player list` names them.\n",
    )


def test_a_container_is_meant_by_the_first_characters_of_its_id(shell: Shell) -> None:
    """Its type may be left out; where several begin so, none is meant."""
    ids = [one["container_id"] for one in shell.json("containers", "list")["containers"]]
    planner = next(one for one in ids if one.startswith("planner-"))
    for text in (planner, planner[:-4], planner.rpartition("-")[2][:8]):
        assert shell.json("containers", "show", text)["container_id"] == planner
        assert shell.json("containers", "logs", text) == shell.json("containers", "logs", planner)
    several = sum(one.startswith("planner-") for one in ids)
    code, out, err = shell("containers", "stop", "planner-")
    assert (code, out) == (2, "")
    assert err == (
        f"spacetraders: The ids of {several} containers begin with planner-;"
        " list them with `spacetraders containers list`.\n"
    )


def test_a_container_that_is_not_there_is_refused(shell: Shell) -> None:
    """With the command that lists them."""
    assert shell("containers", "show", "none") == (
        1,
        "",
        "spacetraders: There is no container none; list them with `spacetraders containers list`.\n",
    )


# daemon


def test_the_daemon_says_how_it_is(shell: Shell, finished: str) -> None:
    """Version, requests and books."""
    code, out, _ = shell("daemon", "status")
    assert code == 0
    assert out.startswith("daemon        ok, version 0.1.0, up ")
    answer = shell.json("daemon", "status")
    assert answer["status"] == "ok"
    assert answer["statistics"]["requests_sent"] > 0


def test_the_daemon_is_stopped_and_then_unreachable(capsys: pytest.CaptureFixture[str]) -> None:
    """The command returns when it is gone; the next one ends with 3."""
    with living_daemon(players=False) as other:
        shell = Shell(other, capsys)
        assert shell("daemon", "stop") == (
            0,
            "The daemon has stopped; its factories go on when it runs again.\n",
            "",
        )
        assert shell("daemon", "status") == (
            3,
            "",
            f"spacetraders: No daemon answers on {other.socket}; start one with `spacetraders daemon run`.\n",
        )
