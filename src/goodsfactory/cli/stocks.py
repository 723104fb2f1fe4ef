"""``spacetraders stock``: goods that are kept aboard, with what they cost."""

from typing import TYPE_CHECKING

import typer

from goodsfactory.cli.durations import age, credits_text, units_text
from goodsfactory.cli.layout import Cell, Line, table
from goodsfactory.cli.options import AgentOption, JsonOption, PlayerOption, SocketOption, connect
from goodsfactory.cli.screen import document, say, show, show_json

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import ListStockResponse

app = typer.Typer()


@app.callback()
def _group() -> None:
    """A group, though it has one command: more are to come, and names stay."""


@app.command("list", epilog="Example: spacetraders stock list --json")
def list_(
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """List what is aboard for later factories, and what factories left aboard when they ended.

    Factories use it before they buy. A LEFTOVER that none needs for a while is sold where it brings most.
    """
    with connect(socket, player, agent) as client:
        stock = client.stock()
    if as_json:
        show_json(document(stock))
    elif not stock.rows:
        say("Nothing is in stock. Make some with `spacetraders goods produce GOOD --terminal STOCK`.")
    else:
        show(stock_table(stock))


def stock_table(stock: "ListStockResponse") -> list[Line]:
    """One line for each good aboard each ship, and what all of it cost."""
    rows: list[Line] = [
        [
            Cell(row.good, "bold"),
            Cell(row.kind),
            Cell(units_text(row.units)),
            Cell(credits_text(row.cost)),
            Cell(f"{row.cost / max(1, row.units):,.0f}"),
            Cell(row.ship_symbol),
            Cell(row.location),
            Cell(age(row.since, stock.now), "dim"),
            Cell(row.factory_id, "dim"),
        ]
        for row in stock.rows
    ]
    headings = ("GOOD", "KIND", "UNITS", "COST", "EACH", "SHIP", "WAYPOINT", "AGE", "FACTORY")
    lines = table(
        headings,
        rows,
        right=frozenset({2, 3, 4}),
        drop=("FACTORY", "AGE", "EACH", "KIND"),
        cut=("GOOD",),
    )
    total = sum(row.cost for row in stock.rows)
    return [*lines, [Cell(f"All of it cost {credits_text(total)}.", "dim")]]
