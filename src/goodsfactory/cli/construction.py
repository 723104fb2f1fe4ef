"""``spacetraders construction``: building sites, such as the jump gate."""

from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.durations import units_text
from goodsfactory.cli.failure import Failure
from goodsfactory.cli.layout import Cell, Line, table
from goodsfactory.cli.options import (
    MOST_UNITS,
    AgentOption,
    JsonOption,
    PlayerOption,
    ShipArgument,
    SocketOption,
    connect,
)
from goodsfactory.cli.screen import document, is_terminal, say, show, show_json

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import Construction

app = typer.Typer()


@app.command("show", epilog="Example: spacetraders construction show")
def show_(
    site: Annotated[
        str | None,
        typer.Argument(metavar="[WAYPOINT]", help="A building site; the system's jump gate if left out."),
    ] = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Show what a building site is made of and what is missing."""
    with connect(socket, player, agent) as client:
        found = client.construction(site.upper() if site else None)
    if as_json:
        show_json(document(found))
        return
    say(f"{found.waypoint}: {'complete' if found.complete else 'under construction'}")
    show(site_table(found))


@app.command(epilog="Example: spacetraders construction supply ACME-1")
def supply(
    ship: ShipArgument,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="WAYPOINT", help="Which site; the system's jump gate if left out."),
    ] = None,
    good: Annotated[
        str | None, typer.Option("--good", metavar="GOOD", help="Which material, where it carries several.")
    ] = None,
    units: Annotated[
        int | None, typer.Option("--units", min=1, max=MOST_UNITS, help="How many; all it can if left out.")
    ] = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Fly a free ship to a building site and hand over what it carries of a missing material.

    Nobody pays for it. The command stays until that is done. Ctrl-C gives the order up: the ship is free
    then.
    """
    where = at.upper() if at else None
    with connect(socket, player, agent) as client:
        try:
            if is_terminal() and not as_json:
                say(f"{ship.upper()} goes to {where or 'the jump gate'}")
            done = client.supply_construction(
                ship.upper(), waypoint=where, good=good.upper() if good else None, units=units
            )
        except KeyboardInterrupt:
            raise Failure(
                f"The order was given up; {ship.upper()} keeps what is not supplied.", code="interrupted"
            ) from None
    if as_json:
        show_json(document(done))
        return
    lines = [line for line in done.construction.materials if line.good == done.good]
    missing = sum(line.required - line.fulfilled for line in lines)
    say(
        f"{done.ship_symbol} supplied {done.units} {done.good} to {done.construction.waypoint}:"
        f" {units_text(missing)} missing."
    )


def site_table(site: "Construction") -> list[Line]:
    """One line a material."""
    rows: list[Line] = [
        [
            Cell(line.good, "bold"),
            Cell(f"{line.required:,}"),
            Cell(f"{line.fulfilled:,}"),
            Cell(f"{max(0, line.required - line.fulfilled):,}"),
        ]
        for line in site.materials
    ]
    return table(("MATERIAL", "REQUIRED", "FULFILLED", "MISSING"), rows, right=frozenset({1, 2, 3}))
