"""``spacetraders goods quote`` and ``goods report``: what making a good will take, and what it took.

They complete the group ``goods``.
"""

import json
from typing import Annotated, Any

import typer

from goodsfactory.cli.factory_choice import FactoryArgument, find_factory
from goodsfactory.cli.goods import Strategy, Terminal, app, symbol
from goodsfactory.cli.options import (
    MOST_UNITS,
    AgentOption,
    JsonOption,
    PlayerOption,
    SocketOption,
    connect,
    good_argument,
)
from goodsfactory.cli.quote_view import quote_lines, report_lines
from goodsfactory.cli.screen import ascii_only, show, show_json

MOST_SHIPS = 200

__all__ = ["app", "quote", "report"]


@app.command(epilog="Example: spacetraders goods quote ADVANCED_CIRCUITRY --units 80 --ships 6")
def quote(
    good: Annotated[str, good_argument("What to make, such as ADVANCED_CIRCUITRY.")],
    system: Annotated[
        str | None, typer.Option("--system", metavar="SYMBOL", help="Where; the ships' own if left out.")
    ] = None,
    units: Annotated[
        int | None, typer.Option("--units", min=1, max=MOST_UNITS, help="How many; one shipload if left out.")
    ] = None,
    batches: Annotated[
        int | None, typer.Option("--batches", min=1, max=MOST_UNITS, help="Make that many lots of --units.")
    ] = None,
    ships: Annotated[
        int | None,
        typer.Option(
            "--ships", min=1, max=MOST_SHIPS, help="As if there were so many of your best cargo ship."
        ),
    ] = None,
    priority: Annotated[
        float | None,
        typer.Option("--priority", help="Weight against other factories; 1 if left out, at most 1000."),
    ] = None,
    strategy: Annotated[Strategy | None, typer.Option("--strategy", help="How inputs are obtained.")] = None,
    terminal: Annotated[
        Terminal,
        typer.Option(
            "--terminal",
            case_sensitive=False,
            help="Keep the output aboard, sell it, or keep it for later factories.",
        ),
    ] = Terminal.HOLD,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Replay it more often, and tell one replay step by step.")
    ] = False,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Tell what making GOOD would take: credits, time, ships and requests.

    Nothing is spent and no ship is claimed. The planner is replayed on a model of the markets as they are
    known now, together with the factories at work; what nobody has looked at is guessed and makes the bands
    wide.
    """
    with connect(socket, player, agent) as client:
        answer = client.quote_factory(
            symbol(good),
            system_symbol=symbol(system) if system else None,
            strategy=strategy.value if strategy else None,
            units=units,
            batches=batches,
            priority=priority,
            terminal=terminal.value,
            cargo_ships=ships,
            simulate=simulate,
        )
    document: dict[str, Any] = json.loads(answer.document)
    if as_json:
        show_json(document)
    else:
        show(quote_lines(document, ascii_only=ascii_only()))


@app.command(epilog="Example: spacetraders goods report 3f2a")
def report(
    factory: FactoryArgument = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Set what a factory took beside what was quoted for it."""
    with connect(socket, player, agent) as client:
        answer = client.report_factory(find_factory(client, factory).factory_id)
    document: dict[str, Any] = json.loads(answer.document)
    if as_json:
        show_json(document)
    else:
        show(report_lines(document))
