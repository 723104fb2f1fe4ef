"""``spacetraders scout``: ships that keep the known prices of a system fresh."""

from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.durations import age, left
from goodsfactory.cli.goods import symbol, symbols
from goodsfactory.cli.layout import Cell, Line, table
from goodsfactory.cli.options import AgentOption, JsonOption, PlayerOption, SocketOption, connect
from goodsfactory.cli.screen import document, say, show, show_json

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import Scout, Scouting

app = typer.Typer()

MOST_ROUNDS = 1_000_000

SystemOption = Annotated[
    str | None, typer.Option("--system", metavar="SYMBOL", help="Where; the ships' own if left out.")
]


@app.command(epilog="Example: spacetraders scout start --markets X1-GZ7-A1,X1-GZ7-B2")
def start(
    markets: Annotated[
        str | None,
        typer.Option("--markets", metavar="A,B", help="Look at these only; all of the system if left out."),
    ] = None,
    ships: Annotated[
        str | None,
        typer.Option("--ships", metavar="A,B", help="Scout with these; every free probe if left out."),
    ] = None,
    system: SystemOption = None,
    rounds: Annotated[
        int | None,
        typer.Option(
            "--rounds",
            min=1,
            max=MOST_ROUNDS,
            help="End after looking at every market so often; until stopped if left out.",
        ),
    ] = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Let ships keep prices fresh: parked where factories trade, on tour elsewhere.

    The ships share the markets among themselves, anew whenever a factory or a scout comes or goes.
    """
    chosen, looked_at = symbols("--ships", ships), symbols("--markets", markets)
    with connect(socket, player, agent) as client:
        scouting = client.start_scouting(
            ships=chosen,
            system_symbol=symbol(system) if system else None,
            markets=looked_at,
            rounds=rounds,
        )
    if as_json:
        show_json(document(scouting))
        return
    show(scout_table(scouting))
    _tell_notes(scouting)


@app.command(epilog="Example: spacetraders scout status")
def status(
    system: Annotated[
        str | None, typer.Option("--system", metavar="SYMBOL", help="Only there; everywhere if left out.")
    ] = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Show the standing scouts, their markets, and how old the prices there are."""
    with connect(socket, player, agent) as client:
        scouting = client.scouting(symbol(system) if system else None)
    if as_json:
        show_json(document(scouting))
        return
    if scouting.scouts:
        show(scout_table(scouting))
    else:
        say("No ship scouts. Start with `spacetraders scout start`.")
    if scouting.markets:
        say("")
        show(market_table(scouting))
    _tell_notes(scouting)


@app.command(epilog="Example: spacetraders scout stop --ships ACME-2")
def stop(
    ships: Annotated[
        str | None, typer.Option("--ships", metavar="A,B", help="Only these; all scouts if left out.")
    ] = None,
    system: Annotated[
        str | None, typer.Option("--system", metavar="SYMBOL", help="Only there; everywhere if left out.")
    ] = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Stop scouting; the ships are free then."""
    chosen = symbols("--ships", ships)
    with connect(socket, player, agent) as client:
        stopped = client.stop_scouting(ships=chosen, system_symbol=symbol(system) if system else None)
    if as_json:
        show_json(document(stopped))
    elif stopped.ship_symbols:
        say(f"Free again: {', '.join(stopped.ship_symbols)}.")
    else:
        say("No ship scouted.")


def scout_table(scouting: "Scouting") -> list[Line]:
    """One line a scout."""
    rows: list[Line] = [
        [
            Cell(one.ship_symbol, "bold"),
            Cell(one.system_symbol),
            Cell(_position(one, scouting.now)),
            Cell("parked" if one.parked else "tours" if one.markets else "waits"),
            Cell(str(len(one.markets))),
            Cell(f"{one.rounds:,}" if one.max_rounds < 0 else f"{one.rounds:,} of {one.max_rounds:,}"),
            Cell(one.last_effect, "dim"),
            Cell(one.reason),
        ]
        for one in scouting.scouts
    ]
    headings = ("SHIP", "SYSTEM", "WAYPOINT", "WORK", "MARKETS", "ROUNDS", "LAST", "WHY")
    return table(
        headings, rows, right=frozenset({4, 5}), drop=("LAST", "SYSTEM", "ROUNDS"), cut=("LAST", "WHY")
    )


def market_table(scouting: "Scouting") -> list[Line]:
    """One line a market that is watched, or that a factory depends on."""
    rows: list[Line] = []
    for one in scouting.markets:
        seen = f"{age(one.observed_at, scouting.now)} ago" if one.observed_at else "never"
        rows.append(
            [
                Cell(one.waypoint, "bold"),
                Cell(seen),
                Cell(one.ship_symbol or "nobody", "" if one.ship_symbol else "yellow"),
                Cell(", ".join(one.goods), "dim"),
            ]
        )
    return table(("MARKET", "SEEN", "SCOUT", "USED FOR"), rows, cut=("USED FOR",))


def _position(one: "Scout", now: str) -> str:
    if not one.arrival:
        return one.location
    return f"{one.location} in {left(one.arrival, now)}"


def _tell_notes(scouting: "Scouting") -> None:
    for note in scouting.notes:
        say(f"{note}.")
