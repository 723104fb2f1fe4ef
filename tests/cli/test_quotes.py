"""``goods quote`` and ``goods report`` against a living daemon."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.cli.living_daemon import FIRST, SECOND, LivingDaemon, living_daemon
from tests.cli.test_commands import Shell

from goodsfactory.cli.layout import plain
from goodsfactory.cli.quote_view import quote_lines, report_lines


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


def purse(daemon: LivingDaemon, agent: str = FIRST) -> int:
    return daemon.world.agents.find(agent).credits


def test_a_quote_shows_figures_tree_and_cautions(shell: Shell, daemon: LivingDaemon) -> None:
    """Credits and time come first, then the tree with the reason of every decision; nothing is spent."""
    before = purse(daemon)
    code, out, err = shell("goods", "quote", "electronics", "--units", "40", "--ships", "2")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("ELECTRONICS in X1-")
    assert "40 units by 2 ships" in lines[0]
    assert lines[1].startswith("about ")
    for words in ("time ", "net cost ", "ship-hours ", "requests ", "profit HOLD ", "profit SELL "):
        assert any(line.startswith(words) for line in lines), words
    assert any(line.startswith("├── ") or line.startswith("└── ") for line in lines)
    assert "What may go wrong" in out
    assert purse(daemon) == before
    assert shell("goods", "list")[1].startswith("No factories")


def test_a_quote_is_for_the_priority_that_is_named(shell: Shell) -> None:
    """It decides who goes first where factories are at work; one that cannot be gets a sentence."""
    assert shell("goods", "quote", "electronics", "--units", "40", "--priority", "5")[0] == 0
    code, out, err = shell("goods", "quote", "electronics", "--priority", "0")
    assert (code, out) == (2, "")
    assert "The priority must be above 0" in err


def test_a_quote_as_json_holds_bands(shell: Shell) -> None:
    """Every figure has low, expected and high; the reference knows every name."""
    quote = shell.json("goods", "quote", "ELECTRONICS", "--units", "40", "--strategy", "prefer-buy")
    assert quote["strategy"] == "prefer-buy"
    for figure in ("credits", "seconds", "ship_hours", "requests", "units"):
        band = quote[figure]
        assert band["low"] <= band["expected"] <= band["high"]
    assert quote["replays"] == 5
    assert quote["timeline"] == []


def test_a_simulation_tells_its_steps(shell: Shell) -> None:
    """--simulate adds one replay step by step."""
    quote = shell.json("goods", "quote", "COPPER", "--units", "40", "--simulate")
    assert quote["replays"] == 15
    assert quote["timeline"][-1]["sentence"].startswith("COPPER DONE")
    code, out, _ = shell("goods", "quote", "COPPER", "--units", "40", "--simulate")
    assert code == 0
    assert "One replay, of median length" in out


@pytest.mark.parametrize(
    ("words", "exit_code", "sentence"),
    [
        (("ELECTRONCS",), 1, "Did you mean ELECTRONICS"),
        (("ELECTRONICS", "--system", "X1-NONE"), 1, "There is no system X1-NONE"),
        (("ELECTRONICS", "--units", "0"), 2, "--units"),
        (("ELECTRONICS", "--ships", "0"), 2, "--ships"),
        (("ELECTRONICS", "--strategy", "cheap"), 2, "--strategy"),
        ((), 2, "GOOD"),
    ],
)
def test_a_wish_that_cannot_be_gets_one_sentence(
    shell: Shell, words: tuple[str, ...], exit_code: int, sentence: str
) -> None:
    """Bad input is told in a sentence, without a traceback."""
    code, out, err = shell("goods", "quote", *words)
    assert code == exit_code
    assert sentence in err
    assert len(err.strip().splitlines()) == 1
    assert out == ""


def test_nobody_answers_without_a_daemon(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    """Exit code 3, as everywhere."""
    from goodsfactory.cli.main import main

    assert main(["goods", "quote", "COPPER", "--socket", str(tmp_path / "none.sock")]) == 3
    assert "No daemon answers" in capsys.readouterr().err


def test_a_report_sets_quote_beside_outcome(shell: Shell, finished: str) -> None:
    """A factory that was quoted tells each figure as quoted and as it came."""
    report = shell.json("goods", "report", finished)
    assert report["factory_id"] == finished
    assert report["status"] == "COMPLETED"
    assert report["taken"]["units"] == 10
    code, out, err = shell("goods", "report", finished)
    assert (code, err) == (0, "")
    assert out.startswith("COPPER")


def test_a_report_is_for_the_owner_alone(shell: Shell, finished: str) -> None:
    """Another player's factory is not there (law L11)."""
    code, _, err = shell("goods", "report", finished, "--agent", SECOND)
    assert code == 1
    assert "No factory's id begins" in err


QUOTED: dict[str, Any] = {
    "target_good": "COPPER",
    "system_symbol": "X1-A",
    "strategy": "smart",
    "units_wanted": 40,
    "cargo_ships": 3,
    "replays": 5,
    "finished": 5,
    "elapsed_seconds": 540,
    "units": {"low": 40, "expected": 40, "high": 40},
    "credits": {"low": 8000, "expected": 9000, "high": 10000},
    "seconds": {"low": 600, "expected": 660, "high": 900},
    "ship_hours": {"low": 0.1, "expected": 0.2, "high": 0.3},
    "requests": {"low": 50, "expected": 60, "high": 70},
    "profit": {"HOLD": 1500, "SELL": 900},
    "cautions": ["nobody has looked at X1-A-B"],
    "timeline": [],
    "nodes": [
        {"good": "COPPER", "units": 40, "cost": 9500, "production": "produces 60 units per 30 min"},
        {"good": "COPPER_ORE", "units": 0, "cost": 0, "production": ""},
    ],
    "tree": {
        "good": "COPPER",
        "acquisition": "FABRICATE",
        "reason": "Made, as asked",
        "source": "X1-A-C",
        "supply": "HIGH",
        "children": [
            {
                "good": "COPPER_ORE",
                "acquisition": "BUY",
                "reason": "Raw good, bought",
                "source": "X1-A-O",
                "supply": None,
                "children": [],
            }
        ],
    },
}


def test_a_quote_looks_like_this() -> None:
    """The whole output, as it stands in a pipe."""
    assert plain(quote_lines(QUOTED, ascii_only=True)) == (
        "COPPER in X1-A: 40 units by 3 ships, smart\n"
        "about 9,000 cr and 11m for 40 units  (5 replays)\n"
        "\n"
        "time              11m  10m to 15m\n"
        "net cost     9,000 cr  8,000 cr to 10,000 cr\n"
        "ship-hours        0.2  0.1 to 0.3\n"
        "requests           60  50 to 70\n"
        "profit HOLD  1,500 cr  at the best bids in the end\n"
        "profit SELL    900 cr  after the sale\n"
        "\n"
        "COPPER          FABRICATE  HIGH  40 units, 9,500 cr  X1-A-C\n"
        "|     Made, as asked\n"
        "|     produces 60 units per 30 min\n"
        "`-- COPPER_ORE  BUY                                  X1-A-O\n"
        "          Raw good, bought\n"
        "\n"
        "What may go wrong\n"
        "  nobody has looked at X1-A-B\n"
    )


def test_a_quote_that_never_ends_says_so() -> None:
    """Where no replay came to its end there are no figures to believe."""
    text = plain(quote_lines({**QUOTED, "finished": 0}))
    assert "No replay came to its end" in text
    assert "about" not in text


OUTCOME: dict[str, Any] = {
    "factory_id": "f-1",
    "target_good": "COPPER",
    "status": "COMPLETED",
    "final": True,
    "quote": QUOTED,
    "lots": None,
    "taken": {"seconds": 700.0, "credits": 12000, "units": 40},
    "comparisons": [
        {
            "figure": "seconds",
            "quoted": QUOTED["seconds"],
            "came": 700.0,
            "error": -0.0571,
            "within_band": True,
        },
        {
            "figure": "credits",
            "quoted": QUOTED["credits"],
            "came": 12000,
            "error": -0.25,
            "within_band": False,
        },
    ],
    "differences": ["COPPER: 40 units for 12,500 credits came, 40 for 9,500 were quoted"],
}


def test_a_quote_of_a_chain_that_pays_says_what_it_earns() -> None:
    """A purse that grows has no cost below nothing."""
    earning = {**QUOTED, "credits": {"low": -12_000, "expected": -10_000, "high": -8_000}}
    headline = plain(quote_lines(earning)).splitlines()[1]
    assert headline.startswith("earns about 10,000 cr and ")


def test_a_report_looks_like_this() -> None:
    """The whole output; what lies outside its band is marked."""
    assert plain(report_lines(OUTCOME)) == (
        "COPPER  COMPLETED  factory f-1\n"
        "quoted 9m after its start, once its markets were seen\n"
        "\n"
        "            QUOTED  BAND                        CAME   ERROR\n"
        "time           11m  10m to 15m                11m40s   -5.7%\n"
        "net cost  9,000 cr  8,000 cr to 10,000 cr  12,000 cr  -25.0%  outside\n"
        "\n"
        "What differed\n"
        "  COPPER: 40 units for 12,500 credits came, 40 for 9,500 were quoted\n"
    )


@pytest.mark.parametrize(
    ("status", "said"), [("ACTIVE", "it is not finished"), ("STOPPED", "it ended unfinished")]
)
def test_a_report_judges_nothing_that_is_not_finished(status: str, said: str) -> None:
    """What was made by then is no match for a quote of the whole: figures stand there without a verdict."""
    so_far = [{**one, "error": None, "within_band": None} for one in OUTCOME["comparisons"]]
    report = {**OUTCOME, "status": status, "final": False, "comparisons": so_far, "differences": []}
    assert plain(report_lines(report)) == (
        f"COPPER  {status}  factory f-1\n"
        "quoted 9m after its start, once its markets were seen\n"
        f"{said}: what it took so far stands beside the quote of the whole\n"
        "\n"
        "            QUOTED  BAND                      SO FAR\n"
        "time           11m  10m to 15m                11m40s\n"
        "net cost  9,000 cr  8,000 cr to 10,000 cr  12,000 cr\n"
    )


def test_a_report_of_what_goes_on_without_end_is_of_one_lot() -> None:
    """The mean of its lots stands beside the quote; what all of them took is told too."""
    so_far = [{**one, "error": None, "within_band": None} for one in OUTCOME["comparisons"]]
    endless = {"status": "ACTIVE", "final": False, "lots": 12.0, "comparisons": so_far, "differences": []}
    text = plain(report_lines({**OUTCOME, **endless}))
    assert "the quote is of one lot, and so is what it took, the mean of 12 lots so far (11m40s and" in text
    assert "A LOT" in text
    assert "the whole" not in text
    begun = plain(report_lines({**OUTCOME, **endless, "lots": 0.0}))
    assert ("SO FAR" in begun, "mean" in begun) == (True, False)


def test_a_quote_that_never_came_to_its_end_is_compared_with_nothing() -> None:
    """The report says so, as the quote did, with what was in the way."""
    quoted = {**QUOTED, "finished": 0}
    text = plain(report_lines({**OUTCOME, "quote": quoted, "comparisons": [], "differences": []}))
    assert "no replay came to its end, so nothing was foretold and nothing is compared" in text
    assert "nobody has looked at X1-A-B" in text
    assert "Until now it took 11m40s and 12,000 cr for 40 units." in text
    assert "QUOTED" not in text


def test_a_report_without_a_quote_says_what_it_took() -> None:
    """Nothing is compared with nothing."""
    text = plain(report_lines({**OUTCOME, "quote": None, "comparisons": [], "differences": []}))
    assert "No quote was taken of it; until now it took 11m40s and 12,000 cr for 40 units." in text
    assert json.dumps(OUTCOME)  # what a test shows is what the wire can carry
