"""``spacetraders player``: the agents the daemon plays."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.failure import Failure
from goodsfactory.cli.layout import Cell, Line, table
from goodsfactory.cli.options import JsonOption, SocketOption, connect
from goodsfactory.cli.screen import document, say, show, show_json

if TYPE_CHECKING:
    from goodsfactory.api.goodsfactory_pb2 import Player

app = typer.Typer()

TokenFileOption = Annotated[
    Path | None,
    typer.Option("--token-file", metavar="PATH", help="File that holds the token; - reads standard input."),
]


@app.command(epilog="Example: spacetraders player register ACME --faction COSMIC")
def register(
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="Call sign, 3 to 14 characters.")],
    faction: Annotated[str, typer.Option("--faction", metavar="SYMBOL", help="Starting faction.")] = "COSMIC",
    token_file: TokenFileOption = None,
    as_json: JsonOption = False,
    socket: SocketOption = None,
) -> None:
    """Register a new agent and play it; one that is registered already is used as it is.

    The live game wants an account token: in $SPACETRADERS_ACCOUNT_TOKEN or in --token-file. The sandbox
    wants none.
    """
    account_token = _read_token(token_file) or os.environ.get("SPACETRADERS_ACCOUNT_TOKEN")
    with connect(socket) as client:
        player = client.register_player(agent.upper(), faction.upper(), account_token=account_token or None)
    _show_player(player, player.outcome, as_json=as_json)


@app.command(epilog="Example: spacetraders player add --token-file ~/agent.token")
def add(
    agent: Annotated[
        str | None, typer.Option("--agent", metavar="SYMBOL", help="Refuse a token of any other agent.")
    ] = None,
    token_file: TokenFileOption = None,
    as_json: JsonOption = False,
    socket: SocketOption = None,
) -> None:
    """Play an agent that exists, by its token: in $SPACETRADERS_TOKEN or in --token-file.

    A token is never an argument: arguments show in the list of processes and in the shell's history.
    """
    token = _read_token(token_file) or os.environ.get("SPACETRADERS_TOKEN")
    if not token:
        raise Failure("Give the agent token in $SPACETRADERS_TOKEN or in --token-file.", code="usage")
    with connect(socket) as client:
        player = client.add_player(token, agent_symbol=agent.upper() if agent else None)
    _show_player(player, player.outcome, as_json=as_json)


@app.command("list", epilog="Example: spacetraders player list --json")
def list_(as_json: JsonOption = False, socket: SocketOption = None) -> None:
    """List the players, also those parked in other universes and those whose universe has ended.

    The default one carries a star; what a past one did is read by its number, as `goods list --player 1`.
    """
    with connect(socket) as client:
        answer = client.players()
    players = [*answer.players, *answer.parked, *answer.past]
    if as_json:
        show_json(
            {
                "players": [document(player) for player in answer.players],
                "parked": [document(player) for player in answer.parked],
                "past": [document(player) for player in answer.past],
                "trouble": answer.trouble,
            }
        )
    elif not players:
        say(answer.trouble)
    else:
        show(player_table(answer.players, answer.parked, answer.past))
        # One sentence for each trouble: that of the server is everybody's.
        for trouble in dict.fromkeys(player.trouble for player in players if player.trouble):
            say(trouble)


@app.command(epilog="Example: spacetraders player use ACME")
def use(
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="Call sign of a known player.")],
    as_json: JsonOption = False,
    socket: SocketOption = None,
) -> None:
    """Make a player the default of every command."""
    with connect(socket) as client:
        player = client.use_player(agent.upper())
    _show_player(player, "is the default", as_json=as_json)


def player_table(
    players: "Sequence[Player]", parked: "Sequence[Player]" = (), past: "Sequence[Player]" = ()
) -> list[Line]:
    """One line a player; those of other universes come last, and none of them is the default."""
    elsewhere = [*parked, *past]
    rows: list[Line] = [
        [
            Cell("*" if player.is_default and not standing else ""),
            Cell(str(player.player_id)),
            Cell(player.agent_symbol, "bold"),
            *([Cell(standing, "yellow" if standing == "parked" else "dim")] if elsewhere else []),
            Cell(player.headquarters),
            Cell(player.reset_date),
            Cell(player.base_url, "dim"),
        ]
        for standing, those in (("", players), ("parked", parked), ("past", past))
        for player in those
    ]
    return table(
        ("", "ID", "AGENT", *(("STANDING",) if elsewhere else ()), "HEADQUARTERS", "UNIVERSE", "SERVER"),
        rows,
        right=frozenset({1}),
        drop=("SERVER",),
    )


def _show_player(player: "Player", what: str, *, as_json: bool) -> None:
    if as_json:
        show_json(document(player))
    else:
        say(f"Player {player.player_id}, {player.agent_symbol} at {player.headquarters}, {what}.")


def _read_token(file: Path | None) -> str:
    if file is None:
        return ""
    from goodsfactory.cli.launch import read_token

    try:
        return read_token(file)
    except OSError as error:
        raise Failure(f"The token file {file} cannot be read: {error.strerror}.", code="invalid") from None
