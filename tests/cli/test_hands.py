"""``ships go|dock|orbit|refuel|jettison`` against a living daemon: one free ship, moved by hand."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.cli.living_daemon import FIRST, SECOND, LivingDaemon, living_daemon
from tests.cli.test_commands import Shell
from tests.cli.test_orders import load

from goodsfactory.domain.container import Claim
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.stock import StockKind, StockRow

SHIP = f"{FIRST}-1"


@pytest.fixture(scope="module")
def daemon() -> Iterator[LivingDaemon]:
    with living_daemon() as living:
        yield living


@pytest.fixture
def shell(daemon: LivingDaemon, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(daemon, capsys)


def ship_of(daemon: LivingDaemon, symbol: str = SHIP) -> Any:
    """The ship as the sandbox has it."""
    return next(one for one in daemon.world.fleets if one.symbol == symbol)


def type_sold_elsewhere(daemon: LivingDaemon) -> str:
    """A type of ship that no yard sells where one of the own ships is."""
    yards = daemon.world.universe.shipyards
    taken = {ship.waypoint for ship in daemon.world.fleets.of(daemon.world.agents.find(FIRST))}
    sold_here = {offer.type for place in taken & set(yards) for offer in yards[place]}
    return next(
        type_
        for place, yard in sorted(yards.items())
        if place not in taken and system_of(place) == system_of(ship_of(daemon).waypoint)
        for type_ in sorted(offer.type for offer in yard)
        if type_ not in sold_here
    )


def test_a_ship_is_brought_to_a_yard_as_the_refusal_says(daemon: LivingDaemon, shell: Shell) -> None:
    """The refusal of a purchase names the command that makes it possible; it is run as it is printed."""
    type_ = type_sold_elsewhere(daemon)
    code, _, err = shell("ships", "buy", type_, "--max-price", "1000000000")
    assert code == 1
    told = re.search(r"`spacetraders (ships go [^`]+)`", err)
    assert told is not None, err
    code, out, err = shell(*told[1].split())
    assert (code, err) == (0, "")
    there = told[1].split()[3]
    assert out.startswith(f"{told[1].split()[2]} is at {there}")
    code, out, err = shell("ships", "buy", type_, "--max-price", "1000000000")
    assert code == 0, err


def test_docking_and_orbiting(daemon: LivingDaemon, shell: Shell) -> None:
    """Each says how the ship is then; doing it twice changes nothing."""
    for _ in range(2):
        assert shell("ships", "dock", SHIP.lower()) == (0, f"{SHIP} is DOCKED.\n", "")
    assert ship_of(daemon).docked
    assert shell("ships", "orbit", SHIP) == (0, f"{SHIP} is IN_ORBIT.\n", "")
    assert shell.json("ships", "orbit", SHIP) == {"ship_symbol": SHIP, "status": "IN_ORBIT"}


def test_refuelling_goes_through_the_books(daemon: LivingDaemon, shell: Shell) -> None:
    """The fuel is paid for once, and the ledger has the row."""
    fuel = sorted(
        symbol
        for symbol, market in daemon.world.universe.markets.items()
        if "FUEL" in market.exchange and system_of(symbol) == system_of(ship_of(daemon).waypoint)
    )[0]
    assert shell("ships", "go", SHIP, fuel)[0] == 0
    ship_of(daemon).fuel = 50
    code, out, err = shell("ships", "refuel", SHIP, "--units", "100")
    assert (code, err) == (0, "")
    assert re.fullmatch(rf"{SHIP} took 100 fuel for [\d,]+ cr\.\n", out), out
    assert shell.json("ledger", "show", "--limit", "1")["rows"][-1]["kind"] == "REFUEL"


def test_cargo_is_thrown_away_and_booked(daemon: LivingDaemon, shell: Shell) -> None:
    """No credits move; the hold, the stock and the ledger say that it is gone."""
    load(daemon, "COPPER", 9)
    before = daemon.world.agents.find(FIRST).credits
    assert shell("ships", "jettison", SHIP, "copper", "4") == (
        0,
        f"{SHIP} threw 4 COPPER away; 5 are left.\n",
        "",
    )
    assert shell.json("ships", "jettison", SHIP, "COPPER", "5")["left"] == 0
    assert ship_of(daemon).hold.get("COPPER", 0) == 0
    assert daemon.world.agents.find(FIRST).credits == before
    rows = shell.json("ledger", "show", "--limit", "2")["rows"]
    assert [(row["kind"], row["units"], row["amount"]) for row in rows] == [
        (MoneyKind.JETTISON, 4, 0),
        (MoneyKind.JETTISON, 5, 0),
    ]


def test_stock_that_is_thrown_away_is_no_stock(daemon: LivingDaemon, shell: Shell) -> None:
    """What is left of it keeps its share of the cost."""
    load(daemon, "COPPER", 10)
    store, player = daemon.application.store, daemon.application.roster.crews()[0].player
    now = daemon.application.clock.now()
    row = StockRow(player.id, SHIP, "COPPER", 10, 1_000, StockKind.LEFTOVER, "factory", now)
    daemon.run(store.transact(lambda tx: tx.stock.keep(row)))
    assert shell("ships", "jettison", SHIP, "COPPER", "4")[0] == 0
    [left] = shell.json("stock", "list")["rows"]
    assert (left["units"], left["cost"]) == (6, 600)
    assert shell("ships", "jettison", SHIP, "COPPER", "6")[0] == 0
    assert shell.json("stock", "list")["rows"] == []


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("go", SHIP, "X1-NO99-A1"), "invalid", "X1-NO99-A1 is not in {system}, where ALPHA-1 is."),
        (("go", SHIP, "{system}-ZZ9"), "not-found", "There is no waypoint {system}-ZZ9 in {system}."),
        (("go", SHIP, "moon"), "invalid", "'MOON' is not a waypoint symbol; it should look like X1-AB12-C3."),
        (
            ("go", f"{SECOND}-1", "{system}-A1"),
            "not-found",
            "This player has no ship BETA-1; list them with `spacetraders ships list`.",
        ),
        (
            ("jettison", SHIP, "GOLD", "1"),
            "precondition",
            "ALPHA-1 cannot throw 1 GOLD away: it carries no GOLD.",
        ),
        (
            ("jettison", SHIP, "COPPER", "10"),
            "precondition",
            "ALPHA-1 cannot throw 10 COPPER away: it carries 9 COPPER.",
        ),
    ],
)
def test_an_order_in_vain_is_one_sentence(
    daemon: LivingDaemon, shell: Shell, words: tuple[str, ...], code: str, sentence: str
) -> None:
    """And nothing moves."""
    load(daemon, "COPPER", 9)
    ship = ship_of(daemon)
    place = ship.waypoint
    system = system_of(place)
    said = [word.format(system=system) for word in words]
    sentence = sentence.format(system=system)
    ends = 2 if code == "invalid" else 1
    assert shell("ships", *said) == (ends, "", f"spacetraders: {sentence}\n")
    _, out, _ = shell("ships", *said, "--json")
    assert json.loads(out) == {"error": {"code": code, "message": sentence, "exit_code": ends}}
    assert (ship.waypoint, ship.hold["COPPER"]) == (place, 9)


@pytest.mark.parametrize(
    "words", [("go", SHIP, "{place}"), ("jettison", SHIP, "COPPER", "1"), ("dock", SHIP)]
)
def test_a_ship_at_work_is_left_alone(daemon: LivingDaemon, shell: Shell, words: tuple[str, ...]) -> None:
    """Who holds it is named."""
    load(daemon, "COPPER", 9)
    store, crew = daemon.application.store, daemon.application.roster.crews()[0]
    claim = Claim(SHIP, crew.player.id, "worker-1", "factory", 0, daemon.application.clock.now())
    daemon.run(store.transact(lambda tx: tx.claims.claim(claim)))
    try:
        said = [word.format(place=ship_of(daemon).waypoint) for word in words]
        code, _, err = shell("ships", *said)
        assert (code, err) == (
            1,
            f"spacetraders: {SHIP} is at work for worker-1; to have it now, end that:"
            " `spacetraders containers stop worker-1`.\n",
        )
    finally:
        daemon.run(store.transact(lambda tx: tx.claims.release(SHIP, "worker-1")))
    assert ship_of(daemon).hold["COPPER"] == 9
