"""Asking why, and how it became so: commands against a living daemon."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.cli.living_daemon import FIRST, SECOND, LivingDaemon, living_daemon
from tests.cli.test_commands import Shell

from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.cli.trends import BARS, spark_line


@pytest.fixture(scope="module")
def daemon() -> Iterator[LivingDaemon]:
    with living_daemon() as living:
        yield living


@pytest.fixture
def shell(daemon: LivingDaemon, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(daemon, capsys)


@pytest.fixture(scope="module")
def waiting(daemon: LivingDaemon) -> Iterator[str]:
    """A factory that waits for the one ship it may use, which is a probe."""
    with daemon.client() as client:
        factory = client.start_factory("COPPER", strategy="prefer-buy", ships=(f"{FIRST}-2",), force=True)
        with client.events(factory.factory_id) as events:
            for event in events:
                if event.kind == "NODE_STATE" and "WAITING_SHIP" in event.message:
                    break
        yield factory.factory_id
        client.stop_factory(factory.factory_id)


# goods why


def test_why_tells_every_node_with_its_reason_and_its_decision(shell: Shell, waiting: str) -> None:
    """The sentences are those of the status; outputs come before their inputs."""
    code, out, err = shell("goods", "why", waiting)
    assert (code, err) == (0, "")
    paragraphs = out.split("\n\n")
    assert re.match(rf"COPPER in X1-\w+  (PENDING|ACTIVE)\nfactory {waiting}$", paragraphs[0])
    assert [one.split()[0] for one in paragraphs[1:]] == ["COPPER", "COPPER_ORE"]
    assert re.match(r"COPPER  FABRICATE  WAITING_SOURCE  since \w+, next check \w+\n", paragraphs[1])
    for paragraph in paragraphs[1:]:
        assert re.search(r"^  because +\S", paragraph, re.MULTILINE)
        assert re.search(r"^  decision +\S", paragraph, re.MULTILINE)
    told = {one["good"]: one["reason"] for one in shell.json("goods", "why", waiting)["nodes"]}
    tree = shell.json("goods", "status", waiting)["dependency_tree"]
    assert told["COPPER"] == tree["reason"]


def test_why_of_one_node_weighs_markets_and_ships(shell: Shell, waiting: str) -> None:
    """Each market with its numbers and its verdict, each ship with what keeps it."""
    code, out, _ = shell("goods", "why", waiting[:8], "copper_ore")
    assert code == 0
    assert re.search(r"^  bought at  X1-\S+ +(EXPORT|EXCHANGE) .*chosen$", out, re.MULTILINE)
    assert f"{FIRST}-2 is a probe and carries nothing" in out
    assert f"{FIRST}-3 is not among --ships {FIRST}-2" in out
    assert re.search(r"^ +\d\d:\d\d:\d\d  COPPER_ORE WAITING_SHIP: ", out, re.MULTILINE)
    document = shell.json("goods", "why", waiting, "COPPER_ORE")
    [node] = document["nodes"]
    assert node["sources"][0]["verdict"] == "chosen"
    assert node["sources"][0]["listing"]["ask"] > 0
    assert {one["ship_symbol"]: one["eligible"] for one in node["ships"]}[f"{FIRST}-2"] is False


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("nonsense",), 1, "No factory's id begins with nonsense; `spacetraders goods list` shows yours."),
        (("{id}", "GOLD"), 1, "Factory {id} has no node GOLD; it has COPPER and COPPER_ORE."),
        (("{id}", "COPPER", "again"), 2, "unexpected extra argument"),
    ],
)
def test_why_of_nothing_is_one_sentence(
    shell: Shell, waiting: str, words: tuple[str, ...], code: int, sentence: str
) -> None:
    """No such factory, no such node, a word too many."""
    said = shell("goods", "why", *(word.format(id=waiting) for word in words))
    assert (said[0], said[1]) == (code, "")
    assert sentence.format(id=waiting) in said[2]


def test_the_factory_of_another_player_is_not_explained(shell: Shell, waiting: str) -> None:
    """L11: it is as if it did not exist."""
    code, out, err = shell("goods", "why", waiting, "--agent", SECOND)
    assert (code, out) == (1, "")
    assert "No factory's id begins with" in err


# market trend


@pytest.fixture(scope="module")
def made(daemon: LivingDaemon) -> str:
    """The market at which COPPER was made and lifted."""
    with daemon.client() as client:
        factory = client.start_factory("COPPER", units=10)
        with client.events(factory.factory_id) as events:
            for event in events:
                if event.kind in ("FACTORY_COMPLETED", "FACTORY_FAILED"):
                    break
        [export] = [one for one in client.trend("COPPER").markets if one.type == "EXPORT"]
        return export.waypoint


def test_a_trend_has_a_line_a_market(shell: Shell, made: str) -> None:
    """From and to of what changed; into a pipe goes no spark line; what nobody saw is `?`."""
    code, out, err = shell("market", "trend", "copper")
    assert (code, err) == (0, "")
    heading, *lines = out.splitlines()
    assert re.sub(" +", " ", heading) == "MARKET TYPE ASK BID SUPPLY ACTIVITY VOLUME PER 30 MIN AGE"
    assert re.match(rf"{made} +EXPORT +[\d,]+ ", lines[0])
    assert re.search(r" \d+[smhd]\w*$", lines[0])
    assert [line.split()[2] for line in lines[1:] if not re.search(r"\d[smhd]\w*$", line)].count("?") >= 1
    assert not set(out) & set(BARS)


def test_a_trend_of_one_market_has_a_line_a_sighting(shell: Shell, made: str) -> None:
    """Oldest first, and the same ones in the JSON object."""
    code, out, _ = shell("market", "trend", "COPPER", "--market", made.lower(), "--hours", "100")
    [market] = shell.json("market", "trend", "COPPER", "--market", made, "--hours", "100")["markets"]
    first, heading, *lines = out.splitlines()
    assert code == 0
    assert first.startswith(f"COPPER at {made} (EXPORT): {len(lines)} sightings")
    assert heading.split() == ["AGE", "ASK", "BID", "SUPPLY", "ACTIVITY", "VOLUME"]
    assert [int(line.split()[1].replace(",", "")) for line in lines] == [
        one["ask"] for one in market["sightings"]
    ]
    moments = [one["observed_at"] for one in market["sightings"]]
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("COPER",), "There is no good called 'COPER'. Did you mean COPPER"),
        (("COPPER", "--hours", "0"), "A trend covers more than 0 and at most 720 hours, not 0."),
        (("COPPER", "--market", "nowhere"), "'NOWHERE' is not a waypoint symbol"),
        (("COPPER", "--system", "X1-NONE9"), "There is no system X1-NONE9."),
    ],
)
def test_a_trend_of_nothing_is_one_sentence(shell: Shell, words: tuple[str, ...], sentence: str) -> None:
    """What cannot be looked up says what to do instead."""
    code, out, err = shell("market", "trend", *words)
    assert (code, out) == (2 if "--hours" in words or "--market" in words else 1, "")
    assert sentence in err


def test_a_spark_line_stands_for_the_time_asked_for() -> None:
    """A bar for each part of it: blank before the first sighting, then the ask that was known."""
    since = datetime(2030, 1, 1, tzinfo=UTC)
    end = since + timedelta(hours=24)

    def seen(hour: float, ask: int) -> own.Sighting:
        return own.Sighting(observed_at=(since + timedelta(hours=hour)).isoformat(), ask=ask)

    told = own.Trend(since=since.isoformat(), now=end.isoformat())
    market = own.MarketTrend(sightings=[seen(6, 100), seen(12, 170), seen(23.5, 135)])
    assert spark_line(market, told) == "     ▁▁▁▁▁▁████████████▅"
    assert spark_line(own.MarketTrend(sightings=[seen(1, 5)]), told) == "▄" * 24
    assert spark_line(own.MarketTrend(), told) == ""


# scout


def test_scouting_is_started_seen_and_stopped(shell: Shell) -> None:
    """A line a scout with its share, a line a market with the age of its prices; then the ship is free."""
    assert shell("scout", "status", "--agent", SECOND)[1].startswith("No ship scouts. Start with ")
    code, out, err = shell("scout", "start", "--agent", SECOND)
    assert (code, err) == (0, "")
    heading, line = out.splitlines()
    assert heading.split() == ["SHIP", "SYSTEM", "WAYPOINT", "WORK", "MARKETS", "ROUNDS", "LAST", "WHY"]
    assert re.match(rf"{SECOND}-2 +X1-\w+ +X1-\S+ .*tours +\d+ ", line)
    _, out, _ = shell("scout", "status", "--agent", SECOND)
    scouts, markets = out.split("\n\n")
    assert scouts.splitlines()[1].split()[0] == f"{SECOND}-2"
    assert markets.splitlines()[0].split() == ["MARKET", "SEEN", "SCOUT", "USED", "FOR"]
    assert len(markets.splitlines()) > 20
    told = shell.json("scout", "status", "--agent", SECOND)
    [scout] = told["scouts"]
    assert (scout["ship_symbol"], scout["parked"], scout["max_rounds"]) == (f"{SECOND}-2", False, -1)
    assert {one["ship_symbol"] for one in told["markets"]} == {f"{SECOND}-2"}
    again = shell.json("scout", "start", "--agent", SECOND)
    assert [one["reused"] for one in again["scouts"]] == [True]
    assert shell("scout", "stop", "--agent", SECOND) == (0, f"Free again: {SECOND}-2.\n", "")
    assert shell("scout", "stop", "--agent", SECOND) == (0, "No ship scouted.\n", "")
    assert shell.json("scout", "stop", "--agent", SECOND) == {"ship_symbols": []}


def test_scouting_with_chosen_ships_markets_and_rounds(shell: Shell, daemon: LivingDaemon) -> None:
    """A cargo ship may scout too where somebody names it; markets may be few, rounds may end."""
    post = sorted(daemon.world.universe.markets)[0]
    wish = (
        "--ships",
        f"{SECOND.lower()}-3",
        "--markets",
        post.lower(),
        "--rounds",
        "1000",
        "--agent",
        SECOND,
    )
    [scout] = shell.json("scout", "start", *wish)["scouts"]
    assert (scout["ship_symbol"], scout["markets"], scout["parked"]) == (f"{SECOND}-3", [post], True)
    assert scout["max_rounds"] == 1000
    assert shell("scout", "stop", "--ships", f"{SECOND}-3", "--agent", SECOND)[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("start", "--ships", "NOBODY-1"), 1, "This player has no ship NOBODY-1; list them with "),
        (("start", "--markets", "X1-NONE-A1"), 1, "There is no system X1-NONE."),
        (("start", "--markets", "here"), 2, "'HERE' is not a waypoint symbol"),
        (("start", "--system", "X1-NONE"), 1, "There is no system X1-NONE."),
        (("start", "--rounds", "0"), 2, "--rounds must be at least 1, not 0."),
        (("stop", "--ships", "NOBODY-1"), 1, "NOBODY-1 is no standing scout; no ship scouts."),
        (("look",), 2, "No such command 'look'"),
    ],
)
def test_scouting_that_cannot_be_is_one_sentence(
    shell: Shell, words: tuple[str, ...], code: int, sentence: str
) -> None:
    """What to do instead, and no traceback."""
    said = shell("scout", *words)
    assert (said[0], said[1]) == (code, "")
    assert sentence in said[2]
