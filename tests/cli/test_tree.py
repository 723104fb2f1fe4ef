"""The tree and the summary of a factory, as people read them."""

from datetime import UTC, datetime
from typing import Any

from goodsfactory.cli.factory_view import FactoryView
from goodsfactory.cli.layout import plain
from goodsfactory.cli.tree import factory_lines, node_table, state_cell, tree_lines
from goodsfactory.cli.watch import picture

NOW = datetime(2026, 11, 23, 12, 4, 0, tzinfo=UTC)


def node(good: str, acquisition: str, state: str, **facts: Any) -> dict[str, Any]:
    return {
        "good": good,
        "acquisition": acquisition,
        "state": state,
        "reason": "",
        "since": "2026-11-23T12:00:00.000Z",
        "next_check": None,
        "quantity": 0,
        "cost": 0,
        "ships": [],
        "source": None,
        "factory_waypoint": None,
        "supply": None,
        "activity": None,
        "children": [],
        **facts,
    }


def silicon() -> dict[str, Any]:
    return node(
        *("SILICON_CRYSTALS", "BUY", "DONE"),
        quantity=30,
        cost=1050,
        supply="ABUNDANT",
        source="X1-GZ7-H5",
        ships=["SHIP-2", "SHIP-4"],
        reason="X1-GZ7-H5 sells it ABUNDANT.",
    )


def report(**facts: Any) -> FactoryView:
    tree = node(
        *("ADVANCED_CIRCUITRY", "FABRICATE", "PRODUCING"),
        activity="STRONG",
        factory_waypoint="X1-GZ7-C4",
        source="X1-GZ7-C4",
        next_check="2026-11-23T12:04:22.000Z",
        reason="X1-GZ7-C4 has all its inputs.",
        children=[
            node(
                *("ELECTRONICS", "FABRICATE", "DONE"),
                activity="GROWING",
                quantity=15,
                cost=12430,
                ships=["SHIP-1"],
                factory_waypoint="X1-GZ7-B2",
                source="X1-GZ7-B2",
                reason="Delivered.",
                children=[
                    silicon(),
                    node(
                        *("COPPER", "BUY", "IN_TRANSIT"),
                        supply="HIGH",
                        ships=["SHIP-3"],
                        source="X1-GZ7-D9",
                        reason="SHIP-3 arrives in 1m10s.",
                    ),
                ],
            ),
            node(
                *("MICROPROCESSORS", "FABRICATE", "WAITING_SHIP"),
                activity="RESTRICTED",
                factory_waypoint="X1-GZ7-E1",
                reason="2 of 3 ships busy",
                children=[silicon()],
            ),
        ],
    )
    return FactoryView.read(
        {
            "factory_id": "3f2a6c1e",
            "target_good": "ADVANCED_CIRCUITRY",
            "system_symbol": "X1-GZ7",
            "status": "ACTIVE",
            "error": None,
            "quantity_acquired": 0,
            "total_cost": 13480,
            "nodes_completed": 2,
            "nodes_total": 5,
            "ships_used": ["SHIP-1", "SHIP-2", "SHIP-3"],
            "created_at": "2026-11-23T11:51:00.000Z",
            "completed_at": None,
            "dependency_tree": tree,
            **facts,
        }
    )


WHOLE = """\
ADVANCED_CIRCUITRY in X1-GZ7  ACTIVE  2 of 5 nodes, 0 units, 13,480 cr, 3 ships, 13m
factory 3f2a6c1e
ADVANCED_CIRCUITRY        FABRICATE  STRONG      PRODUCING     since 4m, next check 22s             X1-GZ7-C4
├── ELECTRONICS           FABRICATE  GROWING     DONE          15 units, 12,430 cr       SHIP-1     X1-GZ7-B2
│   ├── SILICON_CRYSTALS  BUY        ABUNDANT    DONE          30 units, 1,050 cr        SHIP-2 +1  X1-GZ7-H5
│   └── COPPER            BUY        HIGH        IN_TRANSIT    SHIP-3 arrives in 1m10s   SHIP-3     X1-GZ7-D9
└── MICROPROCESSORS       FABRICATE  RESTRICTED  WAITING_SHIP  2 of 3 ships busy                    X1-GZ7-E1
    └── SILICON_CRYSTALS  BUY        ABUNDANT    DONE          30 units, 1,050 cr        SHIP-2 +1  X1-GZ7-H5
"""


def test_the_tree_shows_every_node_with_what_it_does_or_waits_for() -> None:
    """Name, acquisition, activity or supply, state, detail, ship and waypoint, in columns."""
    assert plain(factory_lines(report(), NOW)) == WHOLE


def test_the_header_tells_how_much_of_the_cost_was_for_stock() -> None:
    """Somebody else had paid it: it is in the cost, and told apart."""
    text = plain(factory_lines(report(books={"taken_over": 5_000}), NOW))
    assert ", 13,480 cr (5,000 cr of it for stock), 3 ships" in text.splitlines()[0]


def test_a_terminal_without_box_drawing_gets_plain_branches() -> None:
    """The same tree in ASCII."""
    text = plain(factory_lines(report(), NOW, ascii_only=True))
    assert text.isascii()
    assert [line.split(" BUY")[0].rstrip() for line in text.splitlines() if " BUY" in line] == [
        "|   |-- SILICON_CRYSTALS",
        "|   `-- COPPER",
        "    `-- SILICON_CRYSTALS",
    ]


def test_verbose_adds_the_reason_of_every_node() -> None:
    """One more line a node, drawn inside the branches."""
    lines = plain(factory_lines(report(), NOW, verbose=True)).splitlines()
    assert lines[3] == "│     X1-GZ7-C4 has all its inputs; source X1-GZ7-C4; since 4m, next check 22s"
    assert lines[5] == "│   │     Delivered; source X1-GZ7-B2; 15 units for 12,430 cr; since 4m"
    assert lines[9] == "│             SHIP-3 arrives in 1m10s; source X1-GZ7-D9; since 4m"
    assert lines[11] == "    │     2 of 3 ships busy; since 4m"


def test_a_failed_factory_shows_its_error() -> None:
    """The sentence stands right below the summary."""
    failed = report(
        status="FAILED", error="No market exports COPPER.", completed_at="2026-11-23T11:52:30.000Z"
    )
    lines = plain(factory_lines(failed, NOW)).splitlines()
    assert lines[0].startswith("ADVANCED_CIRCUITRY in X1-GZ7  FAILED  2 of 5 nodes")
    assert lines[0].endswith("1m30s")
    assert lines[2] == "No market exports COPPER."


def test_a_factory_without_a_tree_shows_its_summary_alone() -> None:
    """Before the chain is resolved there is nothing to draw."""
    early = report(dependency_tree=None, status="PENDING", nodes_total=0, nodes_completed=0, ships_used=[])
    assert plain(factory_lines(early, NOW)) == (
        "ADVANCED_CIRCUITRY in X1-GZ7  PENDING  0 of 0 nodes, 0 units, 13,480 cr, 0 ships, 13m\n"
        "factory 3f2a6c1e\n"
    )


def test_a_long_reason_is_cut_in_the_tree() -> None:
    """It stands in full in the verbose line."""
    reason = "X1-GZ7-D9 sells it SCARCE; " * 5
    tree = FactoryView.read(
        {**_document(), "dependency_tree": node("COPPER", "BUY", "WAITING_SOURCE", reason=reason)}
    ).tree
    assert tree is not None
    short, long = plain(tree_lines(tree, NOW, verbose=True)).splitlines()
    assert short.endswith("…")
    assert len(short) < 90
    assert reason.strip().rstrip(".") in long


def test_a_check_that_is_overdue_is_due_now() -> None:
    """No node waits for a negative time."""
    tree = node("COPPER", "FABRICATE", "PRODUCING", next_check="2026-11-23T12:03:00.000Z")
    view = FactoryView.read({**_document(), "dependency_tree": tree}).tree
    assert view is not None
    assert plain(tree_lines(view, NOW)) == "COPPER  FABRICATE  PRODUCING  since 4m, next check 0s\n"


def test_the_flat_table_names_a_shared_input_once() -> None:
    """Silicon feeds two outputs and is one good."""
    tree = report().tree
    assert tree is not None
    assert [row[0].text.rstrip() for row in node_table(tree, NOW)[1:]] == [
        "ADVANCED_CIRCUITRY",
        "ELECTRONICS",
        "SILICON_CRYSTALS",
        "COPPER",
        "MICROPROCESSORS",
    ]


def test_states_have_their_colours() -> None:
    """What is done is green, what failed is red, what waits is yellow."""
    assert [state_cell(state).style for state in ("DONE", "FAILED", "WAITING_SHIP", "WAITING_BUDGET")] == [
        "green",
        "bold red",
        "yellow",
        "yellow",
    ]


def test_the_live_picture_ends_with_the_latest_events() -> None:
    """Below the tree, after an empty line."""
    text = plain(picture(report(), NOW, ["12:03:59  LEG_DONE  SHIP-1 delivered."]))
    assert text.splitlines()[-2:] == ["", "12:03:59  LEG_DONE  SHIP-1 delivered."]
    assert plain(picture(report(), NOW, [])).splitlines()[-1].endswith("X1-GZ7-H5")


def _document() -> dict[str, Any]:
    return {
        "factory_id": "3f2a6c1e",
        "target_good": "COPPER",
        "system_symbol": "X1-GZ7",
        "status": "ACTIVE",
        "quantity_acquired": 0,
        "total_cost": 0,
        "nodes_completed": 0,
        "nodes_total": 1,
        "ships_used": [],
        "created_at": "2026-11-23T11:51:00.000Z",
    }
