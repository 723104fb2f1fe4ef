"""What a terminal of 80 columns and one of 200 show: whole outputs, nothing longer than the terminal."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.living_daemon import FIRST, LivingDaemon, living_daemon
from tests.cli.test_commands import Shell
from tests.cli.test_tree import NOW, report
from tests.cli.test_watch import ESCAPE

from goodsfactory.api import goodsfactory_pb2 as own
from goodsfactory.cli.layout import Cell, Line, aligned, coloured, table
from goodsfactory.cli.main import main
from goodsfactory.cli.ships import fleet_table
from goodsfactory.cli.tree import factory_lines


def shown(lines: list[Line], width: int) -> list[str]:
    """The text a terminal of so many columns gets."""
    return coloured(lines, width).plain.splitlines()


def test_a_narrow_terminal_leaves_out_what_matters_least() -> None:
    """Columns go in the order that the table names, and are named below it; numbers are never cut."""
    rows = [[Cell("COPPER_ORE"), Cell("1,234"), Cell("somebody's remark of many words"), Cell("X1-GZ7-B7")]]
    lines = table(
        ("GOOD", "ASK", "REMARK", "WAYPOINT"), rows, right=frozenset({1}), drop=("WAYPOINT",), cut=("REMARK",)
    )
    assert shown(lines, 80) == [
        "GOOD          ASK  REMARK                           WAYPOINT",
        "COPPER_ORE  1,234  somebody's remark of many words  X1-GZ7-B7",
    ]
    assert shown(lines, 50) == [
        "GOOD          ASK  REMARK                WAYPOINT",
        "COPPER_ORE  1,234  somebody's remark o…  X1-GZ7-B7",
    ]
    assert shown(lines, 40) == [
        "GOOD          ASK  REMARK",
        "COPPER_ORE  1,234  somebody's remark of…",
        "Too narrow for WAYPOINT.",
    ]


def test_a_sentence_is_folded_between_words() -> None:
    """Below the column it stands in; the names before it stay alone."""
    lines = aligned(
        [[Cell("status"), Cell("ok")], [Cell("spending"), Cell("stopped: credits left the purse")]]
    )
    assert shown(lines, 40) == ["status    ok", "spending  stopped: credits left the", "          purse"]
    free: list[Line] = [[Cell("│   "), Cell("waits for a ship that is under way")]]
    assert shown(free, 24) == ["│   waits for a ship", "│   that is under way"]


def test_the_tree_of_a_factory_fits_80_columns() -> None:
    """State and detail stay; what a good is at its market, and where, go first."""
    assert shown(factory_lines(report(), NOW), 80) == [
        "ADVANCED_CIRCUITRY in X1-GZ7  ACTIVE  2 of 5 nodes, 0 units, 13,480 cr, 3 ships,",
        "13m",
        "factory 3f2a6c1e",
        "ADVANCED_CIRCUITRY        FABRICATE  PRODUCING     since 4m, next ch…",
        "├── ELECTRONICS           FABRICATE  DONE          15 units, 12,430…   SHIP-1",
        "│   ├── SILICON_CRYSTALS  BUY        DONE          30 units, 1,050 cr  SHIP-2 +1",
        "│   └── COPPER            BUY        IN_TRANSIT    SHIP-3 arrives in…  SHIP-3",
        "└── MICROPROCESSORS       FABRICATE  WAITING_SHIP  2 of 3 ships busy",
        "    └── SILICON_CRYSTALS  BUY        DONE          30 units, 1,050 cr  SHIP-2 +1",
    ]
    assert shown(factory_lines(report(), NOW), 200)[2] == (
        "ADVANCED_CIRCUITRY        FABRICATE  STRONG      PRODUCING     since 4m, next check 22s"
        "             X1-GZ7-C4"
    )


def test_a_fleet_fits_80_columns() -> None:
    """The role has no room; what is aboard and what it does for are cut."""
    ships = [
        own.FleetShip(
            symbol="ACME-1",
            role="COMMAND",
            location="X1-RS84-A1",
            nav_status="DOCKED",
            fuel_current=400,
            fuel_capacity=400,
            cargo_capacity=40,
            cargo={"ADVANCED_CIRCUITRY": 20, "SILICON_CRYSTALS": 20},
            operation="goods_factory_worker",
        )
    ]
    now = "2026-11-23T12:00:00.000Z"
    assert shown(fleet_table(ships, now), 80) == [
        "SHIP    STATUS  WAYPOINT       FUEL   HOLD  CARGO              WORK",
        "ACME-1  DOCKED  X1-RS84-A1  400/400  40/40  20 ADVANCED_CIRC…  goods_factory_wo…",
        "Too narrow for ROLE.",
    ]
    assert shown(fleet_table(ships, now), 200) == [
        "SHIP    ROLE     STATUS  WAYPOINT       FUEL   HOLD  CARGO"
        "                                       WORK",
        "ACME-1  COMMAND  DOCKED  X1-RS84-A1  400/400  40/40  20 ADVANCED_CIRCUITRY, 20 SILICON_CRYSTALS"
        "  goods_factory_worker",
    ]


@pytest.fixture(scope="module")
def daemon() -> Iterator[LivingDaemon]:
    with living_daemon() as living:
        yield living


TABLES = ("ships list", "market find COPPER", "containers list", "ledger show", "player list")
OTHERS = (
    *("ships show ALPHA-1", "contract list", "contract show", "construction show"),
    *("daemon status", "scout status"),
)


@pytest.mark.parametrize(
    ("words", "width"),
    [*itertools.product(TABLES + OTHERS, (80, 200)), *itertools.product(TABLES, (40,))],
)
def test_no_line_is_longer_than_the_terminal(
    daemon: LivingDaemon,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    width: int,
) -> None:
    """The terminal never has to wrap a line in the middle of a word."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, _ = Shell(daemon, capsys)(*words.split())
    assert code == 0
    assert [line for line in ESCAPE.sub("", out).splitlines() if len(line) > width] == []


@pytest.mark.parametrize(
    ("shell", "environ", "expected"),
    [
        ("complete_bash", {"COMP_WORDS": "spacetraders goods pr", "COMP_CWORD": "2"}, "produce"),
        ("complete_zsh", {"_TYPER_COMPLETE_ARGS": "spacetraders ships jett"}, "jettison"),
        ("complete_bash", {"COMP_WORDS": "spacetraders ships show ALPHA-", "COMP_CWORD": "3"}, f"{FIRST}-1"),
        (
            "complete_bash",
            {"COMP_WORDS": "spacetraders market find ADVANCED", "COMP_CWORD": "3"},
            "_CIRCUITRY",
        ),
    ],
)
def test_a_shell_completes_commands_ships_and_goods(
    daemon: LivingDaemon, shell: str, environ: dict[str, str], expected: str
) -> None:
    """Through the scripts that --show-completion prints."""
    done = subprocess.run(
        [sys.executable, "-m", "goodsfactory.cli"],
        env={
            "PATH": "/usr/bin:/bin",
            "_SPACETRADERS_COMPLETE": shell,
            "GOODS_SOCKET": str(daemon.socket),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            **environ,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert expected in done.stdout
    assert done.stderr == ""


def test_a_sentence_on_a_terminal_is_broken_between_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command in it can still be read."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["ships", "list", "--socket", str(tmp_path / "none.sock")]) == 3
    told = capsys.readouterr().err
    assert "`spacetraders daemon" in told
    assert all(len(line) <= 40 or " " not in line for line in told.splitlines())
