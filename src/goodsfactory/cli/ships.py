"""``spacetraders ships``: the fleet, and orders to one ship."""

from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.durations import age, left
from goodsfactory.cli.factory_choice import find_factory
from goodsfactory.cli.failure import Failure
from goodsfactory.cli.hands import dock, go, jettison, orbit, refuel
from goodsfactory.cli.layout import Cell, Line, aligned, table
from goodsfactory.cli.options import (
    AgentOption,
    JsonOption,
    PlayerOption,
    ShipArgument,
    SocketOption,
    connect,
)
from goodsfactory.cli.sales import SELL_EPILOG, sell
from goodsfactory.cli.screen import document, say, show, show_json
from goodsfactory.cli.yards import BUY_EPILOG, buy

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import FleetShip

app = typer.Typer()


@app.command("list", epilog="Example: spacetraders ships list")
def list_(
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """List the player's ships, where they are and what they are doing."""
    with connect(socket, player, agent) as client:
        fleet = client.fleet()
    if as_json:
        show_json(document(fleet))
    elif not fleet.ships:
        say(fleet.trouble or "No ships are known yet.")
    else:
        show(fleet_table(list(fleet.ships), fleet.now))
        for ship in fleet.ships:
            if ship.unread:
                say(f"{ship.symbol} cannot be read; what is shown is {age(ship.observed_at, fleet.now)} old.")
        if fleet.trouble:
            say(fleet.trouble)


@app.command("show", epilog="Example: spacetraders ships show ACME-1")
def show_(
    ship: ShipArgument,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Show one ship with its cargo."""
    with connect(socket, player, agent) as client:
        fleet = client.fleet()
    found = [one for one in fleet.ships if one.symbol == ship.upper()]
    if not found:
        raise Failure(
            f"None of your ships is called {ship.upper()}; `spacetraders ships list` names them.",
            code="not-found",
        )
    if as_json:
        show_json(document(found[0]))
    else:
        show(ship_lines(found[0], fleet.now))


@app.command(epilog="Example: spacetraders ships explain ACME-1")
def explain(
    ship: ShipArgument,
    factory: Annotated[
        str | None,
        typer.Option(
            "--factory",
            metavar="ID",
            help="Ask for the wishes of this factory (id, or its first characters) too.",
        ),
    ] = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Say whether a ship can be given work now, and why not."""
    with connect(socket, player, agent) as client:
        chosen = find_factory(client, factory).factory_id if factory else None
        answer = client.explain_ship(ship.upper(), chosen)
    if as_json:
        show_json(document(answer))
        return
    say(f"{answer.ship_symbol} {'can' if answer.eligible else 'cannot'} be given work now.")
    for reason in (*answer.reasons, *answer.notes):
        say(f"  - {reason}")


app.command(epilog=SELL_EPILOG)(sell)
app.command(epilog=BUY_EPILOG)(buy)
app.command(epilog="Example: spacetraders ships go ACME-1 X1-RS84-A2")(go)
app.command(epilog="Example: spacetraders ships dock ACME-1")(dock)
app.command(epilog="Example: spacetraders ships orbit ACME-1")(orbit)
app.command(epilog="Example: spacetraders ships refuel ACME-1 --units 100")(refuel)
app.command(epilog="Example: spacetraders ships jettison ACME-1 COPPER_ORE 12")(jettison)


def fleet_table(ships: "list[FleetShip]", now: str) -> list[Line]:
    """One line a ship."""
    rows: list[Line] = [
        [
            Cell(ship.symbol, "bold"),
            Cell(ship.role),
            Cell(*_status(ship, now)),
            Cell(ship.location),
            Cell(_fuel(ship)),
            Cell(f"{sum(ship.cargo.values())}/{ship.cargo_capacity}"),
            Cell(_cargo(ship)),
            Cell(_work(ship), "cyan" if ship.operation else "yellow" if ship.keeps else "dim"),
        ]
        for ship in ships
    ]
    headings = ("SHIP", "ROLE", "STATUS", "WAYPOINT", "FUEL", "HOLD", "CARGO", "WORK")
    return table(
        headings, rows, right=frozenset({4, 5}), drop=("ROLE", "FUEL", "HOLD"), cut=("CARGO", "WORK")
    )


def ship_lines(ship: "FleetShip", now: str) -> list[Line]:
    """Everything about one ship, a fact a line."""
    facts = [
        ("ship", ship.symbol),
        ("role", ship.role),
        *_unread(ship, now),
        ("status", _status(ship, now)[0]),
        ("waypoint", ship.location),
        ("flight mode", ship.flight_mode),
        ("speed", str(ship.engine_speed)),
        ("fuel", _fuel(ship)),
        ("hold", f"{sum(ship.cargo.values())}/{ship.cargo_capacity}"),
        *(("cargo", f"{units} {good}") for good, units in sorted(ship.cargo.items())),
        ("work", f"{_work(ship)} ({ship.container_id})" if ship.container_id else _work(ship)),
    ]
    return aligned([[Cell(name, "dim"), Cell(value)] for name, value in facts])


def _unread(ship: "FleetShip", now: str) -> list[tuple[str, str]]:
    """That the game does not show it any more, why, and how old what is told of it is."""
    if not ship.unread:
        return []
    return [("trouble", f"cannot be read: {ship.unread}"), ("as of", f"{age(ship.observed_at, now)} ago")]


def _work(ship: "FleetShip") -> str:
    """What it does, or why it is not free for any work."""
    idle = "laden" if any(ship.cargo.values()) else "free"
    return ship.operation or (f"keeps {ship.keeps}" if ship.keeps else idle)


def _status(ship: "FleetShip", now: str) -> tuple[str, str]:
    if not ship.arrival:
        return ship.nav_status, ""
    return f"{ship.nav_status} {left(ship.arrival, now)}", "cyan"


def _fuel(ship: "FleetShip") -> str:
    return f"{ship.fuel_current}/{ship.fuel_capacity}" if ship.fuel_capacity else "needs none"


def _cargo(ship: "FleetShip") -> str:
    return ", ".join(f"{units} {good}" for good, units in sorted(ship.cargo.items()))
