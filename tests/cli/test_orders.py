"""Ships, contracts, sites and the ledger from the command line, against a living daemon."""

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.living_daemon import FIRST, SECOND, LivingDaemon, living_daemon
from tests.cli.test_commands import Shell

from goodsfactory.cli.failure import Failure, exit_code_of
from goodsfactory.cli.screen import yes_to
from goodsfactory.sandbox.contracts import Contract

SHIP = f"{FIRST}-1"


@pytest.fixture(scope="module")
def daemon() -> Iterator[LivingDaemon]:
    with living_daemon() as living:
        yield living


@pytest.fixture
def shell(daemon: LivingDaemon, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(daemon, capsys)


class Typist(io.StringIO):
    """Somebody at a terminal who answers."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes it a dialogue: what is typed is the argument."""

    def answer(text: str) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", Typist(text))

    return answer


def fleet_size(daemon: LivingDaemon, agent: str = FIRST) -> int:
    return len(daemon.world.fleets.of(daemon.world.agents.find(agent)))


def contract_of(daemon: LivingDaemon, agent: str) -> Contract:
    return daemon.world.contracts.of(daemon.world.agents.find(agent), daemon.application.clock.now())[0]


def load(daemon: LivingDaemon, good: str, units: int, ship: str = SHIP) -> None:
    """Put units aboard and let the daemon read them."""
    hold = next(one for one in daemon.world.fleets if one.symbol == ship).hold
    hold.clear()
    hold[good] = units
    player = ship.rpartition("-")[0]
    crew = next(one for one in daemon.application.roster.crews() if one.player.agent_symbol == player)
    daemon.run(crew.pilot.observe(ship))


class TestBuy:
    """``ships buy``"""

    def test_a_script_is_not_asked(self, daemon: LivingDaemon, shell: Shell) -> None:
        """In a pipe the ship is bought, and told in one line."""
        before = fleet_size(daemon)
        code, out, err = shell("ships", "buy", "probe")
        assert (code, err) == (0, "")
        assert re.fullmatch(rf"Bought {FIRST}-\w+, a SHIP_PROBE, at X1-[\w-]+ for [\d,]+ cr\.\n", out), out
        assert fleet_size(daemon) == before + 1

    def test_as_json_it_is_one_object(self, daemon: LivingDaemon, shell: Shell, answering: Any) -> None:
        """Also on a terminal, where nobody is asked then."""
        before = fleet_size(daemon)
        answering("")
        answer = shell.json("ships", "buy", "SHIP_PROBE")
        assert answer["ship_type"] == "SHIP_PROBE"
        assert answer["ship_symbol"].startswith(f"{FIRST}-")
        assert fleet_size(daemon) == before + 1

    @pytest.mark.parametrize("typed", ["y\n", "YES\n"])
    def test_on_a_terminal_a_yes_buys(
        self, daemon: LivingDaemon, shell: Shell, answering: Any, typed: str
    ) -> None:
        """The price is shown before the question."""
        before = fleet_size(daemon)
        answering(typed)
        code, out, _ = shell("ships", "buy", "probe")
        assert code == 0
        assert re.match(
            rf"SHIP_PROBE costs [\d,]+ cr at X1-[\w-]+, where {FIRST}-2 is\.\nBuy it\? \[y/N\] Bought ", out
        ), out
        assert fleet_size(daemon) == before + 1

    @pytest.mark.parametrize("typed", ["n\n", "\n", "", "yeah\n"])
    def test_on_a_terminal_anything_else_buys_nothing(
        self, daemon: LivingDaemon, shell: Shell, answering: Any, typed: str
    ) -> None:
        """The end of the input is no yes either."""
        before = fleet_size(daemon)
        answering(typed)
        code, _, err = shell("ships", "buy", "probe")
        assert (code, err) == (1, "spacetraders: Nothing was bought.\n")
        assert fleet_size(daemon) == before

    def test_yes_asks_nothing(self, daemon: LivingDaemon, shell: Shell, answering: Any) -> None:
        """And still shows the price."""
        answering("")
        code, out, _ = shell("ships", "buy", "probe", "--yes")
        assert code == 0
        assert "Buy it?" not in out
        assert out.startswith("SHIP_PROBE costs ")

    def test_a_price_above_the_most_buys_nothing(self, daemon: LivingDaemon, shell: Shell) -> None:
        """The sentence tells both; the code is the gate's own."""
        before = fleet_size(daemon)
        code, out, err = shell("ships", "buy", "light shuttle", "--max-price", "1000", "--json")
        error = json.loads(out)["error"]
        assert (code, err, error["code"]) == (1, "", "spend-ceiling")
        assert re.fullmatch(
            r"SHIP_LIGHT_SHUTTLE costs [\d,]+ cr at X1-[\w-]+, more than 1,000 cr; nothing was bought\.",
            error["message"],
        )
        assert fleet_size(daemon) == before

    def test_a_price_that_rose_since_it_was_shown_is_refused(
        self, daemon: LivingDaemon, shell: Shell, answering: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was agreed to is the most that is paid."""
        answering("")

        def somebody_buys(question: str) -> bool:
            agent = daemon.world.register("STRANGER", daemon.world.universe.factions[0]).agent
            yard = next(iter(daemon.world.universe.shipyards))
            daemon.world.shipyards.sell(agent, yard, "SHIP_PROBE", daemon.application.clock.now())
            return True

        monkeypatch.setattr("goodsfactory.cli.yards.yes_to", somebody_buys)
        before = fleet_size(daemon)
        code, _, err = shell("ships", "buy", "probe")
        assert code == 1
        assert err.startswith("spacetraders: ceiling: SHIP_PROBE asks ")
        assert fleet_size(daemon) == before

    def test_ctrl_c_at_the_question_gives_the_order_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is bought by a reflex, and the exit code is that of every Ctrl-C."""

        class Impatient:
            def readline(self) -> str:
                raise KeyboardInterrupt

        monkeypatch.setattr(sys, "stdin", Impatient())
        with pytest.raises(Failure) as given_up:
            yes_to("Buy it?")
        assert exit_code_of(given_up.value.code) == 130


def test_a_contract_from_the_first_look_to_the_last_credit(daemon: LivingDaemon, shell: Shell) -> None:
    """Listed, shown, accepted, delivered to by a ship that flies there, and fulfilled."""
    contract = contract_of(daemon, FIRST)
    contract.required = 20
    good, place = contract.good, contract.destination
    code, out, _ = shell("contract", "list")
    assert code == 0
    heading, line = out.splitlines()
    assert heading.split() == ["CONTRACT", "STATUS", "GOOD", "UNITS", "TO", "ADVANCE", "PAYMENT", "DEADLINE"]
    assert line.split()[:5] == [contract.id, "OFFERED", good, "0/20", place]

    code, out, _ = shell("contract", "show")
    assert out.splitlines()[:4] == [
        f"contract   {contract.id}",
        f"faction    {contract.faction}",
        "status     OFFERED",
        f"wants      0 of 20 {good} at {place}",
    ]

    code, out, err = shell("contract", "accept")
    assert (code, err) == (0, "")
    advance = f"Contract {contract.id} is accepted for {contract.on_accepted:,} cr"
    assert out.startswith(f"{advance}; bring 20 {good} to {place} by 20")
    load(daemon, good, 25)
    code, out, _ = shell("contract", "deliver", SHIP.lower(), "--units", "15")
    assert (code, out) == (0, f"{SHIP} delivered 15 {good} to contract {contract.id}: 5 units missing.\n")
    code, out, _ = shell("contract", "deliver", SHIP)
    assert (code, out) == (0, f"{SHIP} delivered 5 {good} to contract {contract.id}: all is delivered.\n")
    code, out, _ = shell("contract", "fulfill", contract.id)
    assert (code, out) == (0, f"Contract {contract.id} is fulfilled for {contract.on_fulfilled:,} cr.\n")
    code, _, err = shell("contract", "fulfill", contract.id)
    assert (code, err) == (1, f"spacetraders: Contract {contract.id} is fulfilled already.\n")


def test_a_contract_as_json(daemon: LivingDaemon, shell: Shell) -> None:
    """Every command's object, for another player of the same daemon."""
    contract = contract_of(daemon, SECOND)
    contract.required = 3
    me = ("--agent", SECOND)
    assert [one["contract_id"] for one in shell.json("contract", "list", *me)["contracts"]] == [contract.id]
    shown = shell.json("contract", "show", *me)
    assert (shown["status"], shown["owed"][0]["required"]) == ("OFFERED", 3)
    accepted = shell.json("contract", "accept", *me)
    assert (accepted["credits"], accepted["contract"]["status"]) == (contract.on_accepted, "ACCEPTED")
    load(daemon, contract.good, 3, f"{SECOND}-1")
    done = shell.json("contract", "deliver", f"{SECOND}-1", *me)
    assert (done["units"], done["contract"]["owed"][0]["fulfilled"]) == (3, 3)
    paid = shell.json("contract", "fulfill", *me)
    assert (paid["credits"], paid["contract"]["status"]) == (contract.on_fulfilled, "FULFILLED")


def test_on_a_terminal_an_order_says_first_where_the_ship_goes(
    daemon: LivingDaemon, shell: Shell, answering: Any
) -> None:
    """Flying takes its time, and somebody watches."""
    load(daemon, "FAB_MATS", 7)
    answering("")
    code, out, _ = shell("construction", "supply", SHIP)
    assert code == 0
    assert out.splitlines()[0] == f"{SHIP} goes to the jump gate"


def test_a_site_is_shown_and_supplied(daemon: LivingDaemon, shell: Shell) -> None:
    """The jump gate where none is named."""
    load(daemon, "FAB_MATS", 12)
    site = shell.json("construction", "show")
    before = next(line for line in site["materials"] if line["good"] == "FAB_MATS")
    code, out, _ = shell("construction", "show", site["waypoint"].lower())
    assert (code, out.splitlines()[0]) == (0, f"{site['waypoint']}: under construction")
    assert out.splitlines()[1].split() == ["MATERIAL", "REQUIRED", "FULFILLED", "MISSING"]
    code, out, err = shell("construction", "supply", SHIP, "--at", site["waypoint"], "--units", "5")
    missing = before["required"] - before["fulfilled"] - 5
    assert (code, err) == (0, "")
    assert out == f"{SHIP} supplied 5 FAB_MATS to {site['waypoint']}: {missing:,} units missing.\n"
    done = shell.json("construction", "supply", SHIP)
    assert (done["units"], done["good"]) == (7, "FAB_MATS")


def test_the_ledger_is_shown_with_how_the_books_stand(daemon: LivingDaemon, shell: Shell) -> None:
    """The newest rows, oldest first, and two sums that agree."""
    shell("ships", "buy", "probe")
    code, out, _ = shell("ledger", "show", "--limit", "1")
    heading, row, blank, *facts = out.splitlines()
    assert code == 0
    assert heading.split()[:3] == ["AT", "KIND", "CREDITS"]
    assert row.split()[2] == "SHIP"
    assert blank == ""
    ledger = shell.json("ledger", "show")
    assert ledger["ledger_sum"] == ledger["server_balance"]
    assert ledger["hold"] is None
    balance, age = facts[1].split(", ")
    assert re.fullmatch(r"\d+[smhd]\w* ago", age)
    assert [facts[0], balance, *facts[2:]] == [
        f"ledger    {ledger['ledger_sum']:,} cr",
        f"balance   {ledger['server_balance']:,} cr",
        "stock     0 cr paid for what `stock list` shows",
        "spending  goes on",
    ]
    assert len(ledger["rows"]) <= 20
    assert shell.json("ledger", "show", "--limit", "1000")["rows"][0]["kind"] == "OPENING"


def test_what_left_is_shown_everywhere_and_accepted(daemon: LivingDaemon, shell: Shell) -> None:
    """`ledger show`, `daemon status` and every purchase say it; `ledger accept` ends it."""
    assert shell("ledger", "accept")[:2] == (
        0,
        "The ledger equals the server's balance; there is nothing to book.\n",
    )
    daemon.world.agents.find(FIRST).pay(1_234)
    crew = next(one for one in daemon.application.roster.crews() if one.player.agent_symbol == FIRST)
    daemon.run(crew.auditor.count())
    sentence = "1,234 credits left the purse without this daemon, so it buys nothing"
    code, out, _ = shell("ledger", "show")
    assert re.search(
        rf"^spending  stopped since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d: {sentence}; look at", out, re.MULTILINE
    )
    hold = shell.json("ledger", "show")["hold"]
    assert (hold["amount"], hold["agent_symbol"]) == (-1_234, FIRST)
    _, out, _ = shell("daemon", "status")
    assert f"spending      {FIRST} stopped: {sentence};" in out
    assert shell.json("daemon", "status")["statistics"]["spending_holds"] == [hold]
    code, _, err = shell("ships", "buy", "probe")
    assert code == 1
    assert err.startswith(f"spacetraders: ledger: {sentence};")
    _, out, _ = shell("ships", "buy", "probe", "--json")
    assert json.loads(out)["error"]["code"] == "spend-ledger"
    code, out, err = shell("ledger", "accept")
    assert (code, out, err) == (0, "Booked -1,234 cr as a correction. Spending goes on.\n", "")
    accepted = shell.json("ledger", "accept")
    assert (accepted["booked"], accepted["resumed"]) == (0, False)


@pytest.mark.parametrize(
    ("words", "exit_code", "sentence"),
    [
        (("ships", "buy", "probe", "--max-price", "0"), 2, "--max-price must be at least 1, not 0."),
        (("ships", "buy"), 2, "Missing argument 'TYPE'."),
        (("ledger", "show", "--limit", "0"), 2, "--limit must be at least 1, not 0."),
        (("contract", "deliver", SHIP, "--units", "0"), 2, "--units must be at least 1, not 0."),
        (("contract", "show", "../agent"), 1, "This player has no contract ../agent;"),
        (("construction", "show", "moon"), 2, "'MOON' is not a waypoint symbol;"),
        (("construction", "supply", f"{SECOND}-1"), 1, f"This player has no ship {SECOND}-1;"),
    ],
)
def test_words_in_vain_get_one_sentence(
    shell: Shell, words: tuple[str, ...], exit_code: int, sentence: str
) -> None:
    """On stderr, without a traceback, with the exit code the reference promises."""
    code, out, err = shell(*words)
    assert (code, out) == (exit_code, "")
    assert err.startswith(f"spacetraders: {sentence}"), err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("ships", "buy", "probe"),
        ("contract", "list"),
        ("construction", "show"),
        ("ledger", "show"),
        ("ledger", "accept"),
    ],
)
def test_without_a_daemon_the_exit_code_is_3(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As for every command."""
    from goodsfactory.cli.main import main

    assert main([*words, "--socket", str(tmp_path / "none.sock")]) == 3
    assert capsys.readouterr().err.startswith("spacetraders: No daemon answers on ")


def test_an_order_given_up_says_so(daemon: LivingDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during the flight: exit code 130, and the ship keeps its cargo."""
    from goodsfactory.api.client import Client
    from goodsfactory.cli.construction import supply
    from goodsfactory.cli.contracts import deliver

    def impatient(*_: object, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "deliver_contract", impatient)
    monkeypatch.setattr(Client, "supply_construction", impatient)
    for order, kept in ((deliver, "not delivered"), (supply, "not supplied")):
        with pytest.raises(Failure) as given_up:
            order(SHIP, socket=daemon.socket)
        assert exit_code_of(given_up.value.code) == 130
        assert given_up.value.message == f"The order was given up; {SHIP} keeps what is {kept}."
