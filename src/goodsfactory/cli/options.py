"""Options that many commands share, and the connection they lead to."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goodsfactory.cli.failure import Failure

if TYPE_CHECKING:
    from goodsfactory.api.client import Client

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object (docs/reference/json.md).")]
SocketOption = Annotated[
    Path | None,
    typer.Option("--socket", envvar="GOODS_SOCKET", metavar="PATH", help="The daemon's unix socket."),
]
PlayerOption = Annotated[
    str | None,
    typer.Option("--player", metavar="PLAYER", help="Number or call sign of the player to act for."),
]
AgentOption = Annotated[
    str | None, typer.Option("--agent", metavar="SYMBOL", help="Call sign of the player to act for.")
]


MOST_UNITS = 1_000_000
"""More of a good than a fleet could carry; the daemon's messages end somewhere."""

MOST_CREDITS = 10**15
"""More credits than an agent ever has."""

LARGEST_NUMBER = 2**31 - 1
"""What the daemon's messages can carry."""


def _ships(incomplete: str) -> list[str]:
    from goodsfactory.cli.completion import ships

    return ships(incomplete)


def _goods(incomplete: str) -> list[str]:
    from goodsfactory.cli.completion import goods

    return goods(incomplete)


def good_argument(meaning: str) -> Any:
    """The trade symbol that a command is about; a shell completes it."""
    return typer.Argument(metavar="GOOD", help=meaning, autocompletion=_goods)


ShipArgument = Annotated[
    str, typer.Argument(metavar="SHIP", help="Symbol of one of your ships.", autocompletion=_ships)
]


def connect(socket: Path | None, player: str | None = None, agent: str | None = None) -> "Client":
    """A client for these options; raises DaemonUnreachable where nobody listens.

    ``player`` is a number or a call sign, ``agent`` always a call sign. Raises Failure where both are call
    signs that disagree; whether a number and a call sign agree is for the daemon to say.
    """
    number, sign = _who(player)
    if agent and sign and agent.upper() != sign.upper():
        raise Failure(
            f"--player {sign} and --agent {agent} name two players; give one of them.",
            code="usage",
        )
    from goodsfactory.api.client import Client, Identity

    return Client(socket, Identity(number, agent or sign))


def usual_socket() -> Path:
    """Where a command looks for the daemon when no option names another place."""
    from goodsfactory.api.address import default_socket

    named = os.environ.get("GOODS_SOCKET")
    return Path(named) if named else default_socket(os.environ)


def hint(command: str, client: "Client") -> str:
    """A command that goes on from this one, for the same player and the same daemon, as it is typed."""
    who, words = client.identity, ["spacetraders", command]
    if who.agent_symbol:
        words.append(f"--agent {who.agent_symbol.upper()}")
    elif who.player_id:
        words.append(f"--player {who.player_id}")
    if client.socket != usual_socket():
        words.append(f"--socket {client.socket}")
    return f"`{' '.join(words)}`"


def _who(player: str | None) -> tuple[int, str | None]:
    if player is None:
        return 0, None
    text = player.strip()
    if not (text.isascii() and text.isdigit()):
        if text:
            return 0, text
    elif 1 <= int(text) <= LARGEST_NUMBER:
        return int(text), None
    raise Failure(f"--player takes a player's number or call sign, not {player!r}.", code="usage")
