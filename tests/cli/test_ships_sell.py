"""``ships sell`` against a living daemon: what it prints, and how it ends."""

import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from tests.cli.living_daemon import FIRST, SECOND, LivingDaemon, living_daemon
from tests.cli.test_orders import Typist

from goodsfactory.cli.main import main
from goodsfactory.domain.stock import StockKind, StockRow
from goodsfactory.ports.store import Transaction

SHIP = f"{FIRST}-1"


@pytest.fixture(scope="module")
def daemon() -> Iterator[LivingDaemon]:
    with living_daemon() as living:
        yield living


@pytest.fixture
def importer(daemon: LivingDaemon) -> str:
    """Where copper is taken; the ship has 9 units of it aboard."""
    ship = next(one for one in daemon.world.fleets if one.symbol == SHIP)
    ship.hold["COPPER"] = 9
    player = daemon.application.roster.crews()[0]
    daemon.run(player.pilot.observe(SHIP))
    markets = daemon.world.universe.markets.items()
    return sorted(symbol for symbol, market in markets if "COPPER" in market.imports)[0]


def ran(daemon: LivingDaemon, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main([*words, "--socket", str(daemon.socket)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_a_sale_is_told_in_one_line(
    daemon: LivingDaemon, importer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a pipe there is the result alone."""
    code, out, err = ran(daemon, capsys, "ships", "sell", SHIP.lower(), "--at", importer.lower())
    assert (code, err) == (0, "")
    assert re.fullmatch(rf"{SHIP} sold 9 COPPER at {importer} for [\d,]+ cr\.\n", out)


def test_on_a_terminal_it_says_first_where_the_ship_flies(
    daemon: LivingDaemon,
    importer: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Flying takes its time, and somebody watches."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, out, _ = ran(daemon, capsys, "ships", "sell", SHIP, "--good", "copper", "--at", importer)
    assert code == 0
    told = rf"{SHIP} flies to {importer} to sell 9 COPPER( for about [\d,]+ cr)?"
    assert re.fullmatch(told, out.splitlines()[0])
    assert out.splitlines()[1].startswith(f"{SHIP} sold 9 COPPER at ")


def test_as_json_a_sale_is_one_object(
    daemon: LivingDaemon,
    importer: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also on a terminal."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, out, _ = ran(daemon, capsys, "ships", "sell", SHIP, "--at", importer, "--json")
    answer: dict[str, Any] = json.loads(out)
    (sale,) = answer["sales"]
    assert (code, answer["ship_symbol"]) == (0, SHIP)
    assert (sale["good"], sale["units"], sale["waypoint"]) == ("COPPER", 9, importer)
    assert sale["revenue"] == answer["revenue"] > 0


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((f"{FIRST}-3",), "precondition", f"{FIRST}-3 has nothing aboard."),
        ((SHIP, "--good", "IRON"), "precondition", f"{SHIP} carries no IRON; aboard are 9 COPPER."),
        (
            (SHIP, "--at", "moon"),
            "invalid",
            "'MOON' is not a waypoint symbol; it should look like X1-AB12-C3.",
        ),
        (
            (f"{SECOND}-1",),
            "not-found",
            f"This player has no ship {SECOND}-1; list them with `spacetraders ships list`.",
        ),
    ],
)
@pytest.mark.usefixtures("importer")
def test_a_sale_in_vain_is_one_sentence(
    daemon: LivingDaemon,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: str,
    sentence: str,
) -> None:
    """On stderr, or as an object."""
    ends = 2 if code == "invalid" else 1
    assert ran(daemon, capsys, "ships", "sell", *words) == (ends, "", f"spacetraders: {sentence}\n")
    _, out, _ = ran(daemon, capsys, "ships", "sell", *words, "--json")
    assert json.loads(out) == {"error": {"code": code, "message": sentence, "exit_code": ends}}


@pytest.fixture
def dear(daemon: LivingDaemon, importer: str) -> str:
    """The 9 units aboard have cost far more than they will bring."""
    store, player = daemon.application.store, daemon.application.roster.crews()[0].player
    now = daemon.application.clock.now()
    row = StockRow(player.id, SHIP, "COPPER", 9, 90_000, StockKind.LEFTOVER, "factory", now)
    daemon.run(store.transact(lambda tx: tx.stock.keep(row)))
    return importer


def test_a_loss_is_asked_about(
    daemon: LivingDaemon, dear: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script has to repeat it with --yes, a person is asked; nothing is sold before that."""
    hold = next(one for one in daemon.world.fleets if one.symbol == SHIP).hold
    words = ("ships", "sell", SHIP, "--at", dear)
    code, out, err = ran(daemon, capsys, *words)
    assert (code, out) == (1, "")
    assert "9 COPPER that cost 90,000 credits" in err
    assert err.endswith(" Repeat the command with --yes.\n")
    _, out, _ = ran(daemon, capsys, *words, "--json")
    assert json.loads(out)["error"]["code"] == "needs-confirmation"
    with monkeypatch.context() as dialogue:
        dialogue.setattr(sys.stdout, "isatty", lambda: True)
        dialogue.setattr(sys, "stdin", Typist("n\n"))
        code, out, err = ran(daemon, capsys, *words)
    assert (code, err) == (1, "spacetraders: Nothing was sold.\n")
    assert re.search(r"9 COPPER for about [\d,]+ cr, \d+% of what it cost", out)
    assert hold["COPPER"] == 9
    code, out, err = ran(daemon, capsys, *words, "--yes")
    assert (code, err) == (0, "")
    assert hold.get("COPPER", 0) == 0


def test_a_yes_to_a_loss_sells_all_that_is_aboard_in_one_order(
    daemon: LivingDaemon, dear: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One claim holds the ship until all is sold: nobody can send it away half sold."""
    hold = next(one for one in daemon.world.fleets if one.symbol == SHIP).hold
    market = daemon.world.universe.markets[dear]
    others = sorted({*market.imports, *market.exports, *market.exchange} - {"COPPER"})[:2]
    hold.update(dict.fromkeys(others, 2))
    before = sales_by_order(daemon)
    with monkeypatch.context() as dialogue:
        dialogue.setattr(sys.stdout, "isatty", lambda: True)
        dialogue.setattr(sys, "stdin", Typist("y\n"))
        code, _, err = ran(daemon, capsys, "ships", "sell", SHIP, "--at", dear)
    assert (code, err, hold) == (0, "", {})
    (order,) = sales_by_order(daemon).items() - before.items()
    assert order[1] == {"COPPER", *others}


def sales_by_order(daemon: LivingDaemon) -> dict[str, frozenset[str]]:
    """The goods that were sold under each claim."""
    with sqlite3.connect(daemon.socket.parent / "goodsfactory.sqlite") as connection:
        rows = connection.execute("SELECT container_id, good FROM intents WHERE kind = 'SALE'").fetchall()
    connection.close()
    return {order: frozenset(good for one, good in rows if one == order) for order, _ in rows}


def _keep(row: StockRow, tx: Transaction) -> None:
    tx.stock.keep(row)


class Interrupted:
    """Somebody at a terminal who presses Ctrl-C where a question is asked."""

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        raise KeyboardInterrupt


@pytest.fixture
def surprise(daemon: LivingDaemon, importer: str) -> str:
    """Besides copper that cost nothing, sold where the ship is, 5 units whose bid nobody has seen aboard.

    They cost far more than they will bring. Returns their good.
    """
    return with_unseen(daemon, importer, 1)[0]


def with_unseen(daemon: LivingDaemon, importer: str, count: int) -> list[str]:
    """Load the ship with 9 copper and ``count`` dear goods of which nobody has seen a bid; return those."""
    crew = daemon.application.roster.crews()[0]
    daemon.run(daemon.application.desks.ship.fly(crew.player.id, SHIP, importer))
    daemon.run(crew.scout.look(importer))
    store, now = daemon.application.store, daemon.application.clock.now()
    markets = daemon.run(store.transact(lambda tx: tx.markets.in_system(importer.rpartition("-")[0])))
    imported = {good for market in markets for good in market.imports}
    seen = {listing.good for market in markets for listing in market.listings}
    goods = sorted(imported - seen)[:count]
    next(one for one in daemon.world.fleets if one.symbol == SHIP).hold.update(dict.fromkeys(goods, 5))
    daemon.run(crew.pilot.observe(SHIP))
    for held, units, cost in (*((good, 5, 5_000_000) for good in goods), ("COPPER", 9, 0)):
        row = StockRow(crew.player.id, SHIP, held, units, cost, StockKind.LEFTOVER, "factory", now)
        daemon.run(store.transact(partial(_keep, row)))
    return goods


@pytest.mark.parametrize(
    ("answer", "ends", "said"),
    [
        (Typist("n\n"), 1, "spacetraders: The rest stays aboard.\n"),
        (Interrupted(), 130, "spacetraders: The rest stays aboard.\n"),
        (Typist("y\n"), 0, ""),
        (None, 1, " Repeat the command with --yes.\n"),
    ],
)
def test_a_loss_that_shows_after_another_sale_is_asked_about_and_that_sale_told(
    daemon: LivingDaemon,
    importer: str,
    surprise: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    answer: Typist | Interrupted | None,
    ends: int,
    said: str,
) -> None:
    """What is sold is told, whatever the answer; only a yes sells the rest."""
    hold = next(one for one in daemon.world.fleets if one.symbol == SHIP).hold
    with monkeypatch.context() as dialogue:
        if answer is not None:
            dialogue.setattr(sys.stdout, "isatty", lambda: True)
            dialogue.setattr(sys, "stdin", answer)
        code, out, err = ran(daemon, capsys, "ships", "sell", SHIP)
    assert (code, err[-len(said) :] if said else err) == (ends, said)
    assert f"{SHIP} sold 9 COPPER at {importer} for " in out
    assert (f"{SHIP} sold 5 {surprise} at " in out) == (ends == 0)
    assert hold == ({} if ends == 0 else {surprise: 5})
    hold.clear()


def test_a_yes_to_the_loss_of_one_good_is_none_to_another(
    daemon: LivingDaemon, importer: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each loss that shows is a question of its own; the good that is refused stays aboard."""
    goods = with_unseen(daemon, importer, 2)
    hold = next(one for one in daemon.world.fleets if one.symbol == SHIP).hold
    with monkeypatch.context() as dialogue:
        dialogue.setattr(sys.stdout, "isatty", lambda: True)
        dialogue.setattr(sys, "stdin", Typist("y\nn\n"))
        code, out, err = ran(daemon, capsys, "ships", "sell", SHIP)
    assert (code, err[-37:]) == (1, "spacetraders: The rest stays aboard.\n")
    (kept,) = hold
    assert (kept in goods, hold[kept]) == (True, 5)
    (sold,) = set(goods) - {kept}
    shown = re.search(rf"flies to (\S+) to sell 5 {sold}", out)
    assert shown is not None
    assert f"{SHIP} sold 5 {sold} at {shown[1]} for " in out
    hold.clear()


def test_as_json_such_a_loss_is_told_with_what_was_sold(
    daemon: LivingDaemon, surprise: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object; the exit code says that it is not all."""
    code, out, err = ran(daemon, capsys, "ships", "sell", SHIP, "--json")
    answer = json.loads(out)
    assert (code, err) == (1, "")
    assert [sale["good"] for sale in answer["sales"]] == ["COPPER"]
    assert answer["confirmation"].startswith(f"5 {surprise} that cost 5,000,000 credits")
    code, out, err = ran(daemon, capsys, "ships", "sell", SHIP, "--json", "--yes")
    assert [sale["good"] for sale in json.loads(out)["sales"]] == [surprise]
    assert (code, json.loads(out)["confirmation"]) == (0, None)
