"""Options that many commands share, and the connection they lead to."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from goodsfactory.api.client import Client

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object (docs/reference/json.md).")]
SocketOption = Annotated[
    Path | None,
    typer.Option("--socket", envvar="GOODS_SOCKET", metavar="PATH", help="The daemon's unix socket."),
]
PlayerOption = Annotated[
    int | None, typer.Option("--player", metavar="ID", min=1, help="Number of the player to act for.")
]
AgentOption = Annotated[
    str | None, typer.Option("--agent", metavar="SYMBOL", help="Call sign of the player to act for.")
]


def connect(socket: Path | None, player: int | None = None, agent: str | None = None) -> "Client":
    """A client for these options; raises DaemonUnreachable where nobody listens."""
    from goodsfactory.api.client import Client, Identity

    return Client(socket, Identity(player or 0, agent))
