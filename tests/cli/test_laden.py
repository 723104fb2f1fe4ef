"""Ships that keep what is aboard: every face says which, and what frees them."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.cli.living_daemon import FIRST, LivingDaemon, living_daemon
from tests.cli.test_commands import Shell
from tests.patience import patience

from goodsfactory.domain.stock import StockKind, StockRow

CARRIER = f"{FIRST}-3"
MADE = ("--strategy", "prefer-buy")
"""Of ore that a ship has to bring first: until then it waits for one."""
ALONE = ("--exclude", f"{FIRST}-1,{FIRST}-4")
REMEDY = f"{CARRIER} keeps 5 COPPER: `spacetraders ships sell {CARRIER}` frees it"


@pytest.fixture(scope="module")
def daemon() -> Iterator[LivingDaemon]:
    """One ship has made 5 COPPER and keeps it; two more were loaded by somebody else."""
    with living_daemon() as living:
        with living.client() as client:
            made = client.start_factory("COPPER", units=5, ships=(CARRIER,))
            with client.events(made.factory_id) as events:
                assert any(one.kind == "FACTORY_COMPLETED" for one in events)
        crew = living.application.roster.crews()[0]
        for ship in living.world.fleets:
            if ship.symbol in (f"{FIRST}-1", f"{FIRST}-4"):
                ship.hold["IRON"] = 3
                living.run(crew.pilot.observe(ship.symbol))
        yield living


@pytest.fixture
def shell(daemon: LivingDaemon, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(daemon, capsys)


def test_the_list_of_ships_says_that_they_are_not_free(shell: Shell) -> None:
    """Output of a factory, and cargo of somebody else; a probe that does nothing is free."""
    work = {line.split()[0]: line.rstrip()[-12:] for line in shell("ships", "list")[1].splitlines()[1:]}
    assert work[CARRIER] == "keeps output"
    assert work[f"{FIRST}-1"].endswith("keeps cargo")
    assert work[f"{FIRST}-2"].endswith("free")
    keeps = {ship["symbol"]: ship["keeps"] for ship in shell.json("ships", "list")["ships"]}
    assert (keeps[CARRIER], keeps[f"{FIRST}-2"]) == ("output", None)
    assert "keeps output" in shell("ships", "show", CARRIER)[1]


def test_a_ship_with_stock_is_not_free_either(daemon: LivingDaemon, shell: Shell) -> None:
    """It takes legs of that good only, as `ships explain` says."""
    crew = daemon.application.roster.crews()[0]
    now = daemon.application.clock.now()
    row = StockRow(crew.player.id, f"{FIRST}-1", "IRON", 3, 30, StockKind.LEFTOVER, "factory", now)
    store = daemon.application.store
    daemon.run(store.transact(lambda tx: tx.stock.keep(row)))
    listed = shell("ships", "list")[1].splitlines()
    daemon.run(store.transact(lambda tx: tx.stock.keep(replace(row, units=0))))
    assert [line.split()[-1] for line in listed if line.startswith(f"{FIRST}-1 ")] == ["laden"]


def test_producing_warns_and_names_what_frees_a_ship(daemon: LivingDaemon, shell: Shell) -> None:
    """It starts, since somebody may sell the cargo; `goods why` gives the same remedy in its short form."""
    code, out, err = shell("goods", "produce", "IRON", "--units", "5", *MADE, *ALONE)
    assert code == 0
    assert err == f"No ship is free: {REMEDY}.\n"
    factory = out.split()[1]
    told = shell.json("goods", "produce", "IRON", "--units", "5", *MADE, *ALONE)
    assert told["warnings"] == [err.strip()]
    shell("goods", "stop", told["factory_id"])
    with daemon.client() as client:
        with client.events(factory) as events:
            next(one for one in events if one.kind == "NODE_STATE" and "WAITING_SHIP" in one.message)
        try:  # a node may be told to be looked at in between
            end = time.monotonic() + patience(20)
            while REMEDY not in (why := shell("goods", "why", factory)[1]) and time.monotonic() < end:
                time.sleep(0.2)
            assert REMEDY in why
        finally:
            client.stop_factory(factory)


def test_where_no_ship_is_free_it_is_refused_if_asked_for(daemon: LivingDaemon, shell: Shell) -> None:
    """Exit code 1 and the sentence at once; no factory comes of it."""
    before = shell("goods", "list", "--json")[1]
    code, out, err = shell("goods", "produce", "IRON", "--units", "5", *ALONE, "--fail-if-no-ship")
    assert (code, out) == (1, "")
    assert err.startswith(
        "spacetraders: No ship can work for this factory: 1 of 3 ships laden with other goods"
    )
    assert f"{REMEDY}." in err
    assert [one["factory_id"] for one in json.loads(shell("goods", "list", "--json")[1])["factories"]] == [
        one["factory_id"] for one in json.loads(before)["factories"]
    ]


def test_the_doctor_warns_where_every_ship_keeps_its_cargo(shell: Shell) -> None:
    """An agent whose ships are empty has no warning."""
    found = [one for one in shell.json("doctor")["findings"] if one["check"] == "ships"]
    assert [one["verdict"] for one in found] == ["warn", "ok"]
    assert found[0]["text"].startswith(f"{FIRST}: 3 of 3 cargo ships keep")
    assert f"`spacetraders ships sell {FIRST}-1`" in found[0]["remedy"]


def test_a_quote_says_that_it_would_never_be_made(shell: Shell) -> None:
    """Nothing takes long where nothing can begin."""
    code, out, _ = shell("goods", "quote", "IRON", "--units", "5", "--strategy", "prefer-buy")
    assert code == 0
    assert "it would never be made" in out
    assert "takes too long" not in out
    assert "No ship is free: " in out


def test_a_quote_tells_the_refusal_that_producing_would_get(shell: Shell) -> None:
    """More than the holds take is refused by `goods produce`, with these words."""
    sentence = shell("goods", "produce", "IRON", "--units", "4000")[2].strip().removeprefix("spacetraders: ")
    assert "4,000 IRON do not fit into the holds" in sentence
    quote = shell.json("goods", "quote", "IRON", "--units", "4000")
    assert quote["cautions"][0] == f"it would be refused: {sentence}"
