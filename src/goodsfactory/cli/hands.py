"""``spacetraders ships go|dock|orbit|refuel|jettison``: orders to one free ship."""

from typing import Annotated

import typer

from goodsfactory.cli.durations import credits_text
from goodsfactory.cli.failure import Failure
from goodsfactory.cli.options import (
    MOST_UNITS,
    AgentOption,
    JsonOption,
    PlayerOption,
    ShipArgument,
    SocketOption,
    connect,
    good_argument,
)
from goodsfactory.cli.screen import document, is_dialogue, is_terminal, say, show_json, yes_to


def go(
    ship: ShipArgument,
    waypoint: Annotated[str, typer.Argument(metavar="WAYPOINT", help="Where to, in the ship's system.")],
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Fly a free ship to a waypoint, refuelling on the way where it must.

    The command stays until it has arrived. Ctrl-C gives the order up: the ship ends the flight it is on.
    """
    symbol, place = ship.upper(), waypoint.upper()
    with connect(socket, player, agent) as client:
        try:
            if is_terminal() and not as_json:
                say(f"{symbol} flies to {place}")
            there = client.fly_ship(symbol, place)
        except KeyboardInterrupt:
            raise Failure(
                f"The order was given up; {symbol} ends the flight it is on and is free.", code="interrupted"
            ) from None
    if as_json:
        show_json(document(there))
    else:
        fuel = f", fuel {there.fuel_current}/{there.fuel_capacity}" if there.fuel_capacity else ""
        say(f"{there.symbol} is at {there.location}{fuel}.")


def dock(
    ship: ShipArgument,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Dock a free ship where it is."""
    with connect(socket, player, agent) as client:
        status = client.dock_ship(ship.upper())
    _tell_status(ship.upper(), status, as_json=as_json)


def orbit(
    ship: ShipArgument,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Bring a free ship into orbit where it is."""
    with connect(socket, player, agent) as client:
        status = client.orbit_ship(ship.upper())
    _tell_status(ship.upper(), status, as_json=as_json)


def refuel(
    ship: ShipArgument,
    units: Annotated[
        int | None,
        typer.Option("--units", min=1, max=MOST_UNITS, help="By so many units; a full tank if left out."),
    ] = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Refuel a free ship where it is; it docks for that. The credit floor does not stop it."""
    with connect(socket, player, agent) as client:
        done = client.refuel_ship(ship.upper(), units)
    if as_json:
        show_json(document(done))
    else:
        say(f"{ship.upper()} took {done.fuel_added:,} fuel for {credits_text(done.credits_cost)}.")


def jettison(
    ship: ShipArgument,
    good: Annotated[str, good_argument("What to throw away.")],
    units: Annotated[int, typer.Argument(metavar="UNITS", min=1, max=MOST_UNITS, help="How many units.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Throw cargo of a free ship away; nobody pays for it, and it does not come back.

    On a terminal you are asked; a script is not.
    """
    symbol, what = ship.upper(), good.upper()
    with connect(socket, player, agent) as client:
        if is_dialogue() and not as_json and not yes and not yes_to(f"Throw {units:,} {what} away?"):
            raise Failure("Nothing was thrown away.", code="declined")
        gone = client.jettison(symbol, what, units)
    if as_json:
        show_json(document(gone))
    else:
        left = f"; {gone.left:,} are left" if gone.HasField("left") and gone.left else ""
        say(f"{gone.ship_symbol} threw {gone.units:,} {gone.good} away{left}.")


def _tell_status(symbol: str, status: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"ship_symbol": symbol, "status": status})
    else:
        say(f"{symbol} is {status}.")
