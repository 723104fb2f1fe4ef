"""``spacetraders containers``: the units of work inside the daemon."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.durations import moment
from goodsfactory.cli.layout import Cell, Line, aligned, table
from goodsfactory.cli.options import JsonOption, PlayerOption, SocketOption, connect
from goodsfactory.cli.paging import LISTED, AllOption, LimitOption, read_pages, say_older
from goodsfactory.cli.screen import document, say, show, show_json
from goodsfactory.cli.tree import state_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from goodsfactory.api.daemon_pb2 import ContainerInfo, ContainerLogEntry, GetContainerResponse
    from goodsfactory.api.goodsfactory_pb2 import Player

app = typer.Typer()

ContainerArgument = Annotated[
    str, typer.Argument(metavar="CONTAINER", help="Container id, or its first characters.")
]
MOST_LINES = 10_000
LEVEL_STYLES = {"WARNING": "yellow", "ERROR": "red"}


@app.command("list", epilog="Example: spacetraders containers list --status running")
def list_(
    status: Annotated[str | None, typer.Option("--status", metavar="STATUS", help="Only these.")] = None,
    limit: LimitOption = LISTED,
    all_: AllOption = False,
    player: PlayerOption = None,
    as_json: JsonOption = False,
    socket: SocketOption = None,
) -> None:
    """List containers, of every player unless one is named: all that run, and the newest that are over."""
    with connect(socket, player) as client:
        containers, page = read_pages(
            lambda size, token: client.containers(status, limit=size, page_token=token),
            "containers",
            limit,
            all_=all_,
        )
        parked = {one.player_id for one in containers if one.status == "PARKED"}
        known = client.players() if parked and not as_json else None
    if as_json:
        show_json({"containers": [document(one) for one in containers]})
    elif not containers:
        say("No containers.")
    else:
        show(container_table(containers))
        say_older(page)
        for sentence in why_parked(parked, [*known.players, *known.parked]) if known else ():
            say(sentence)


@app.command("show", epilog="Example: spacetraders containers show 7c1e")
def show_(container: ContainerArgument, as_json: JsonOption = False, socket: SocketOption = None) -> None:
    """Show one container: its state, its ids and what it last did."""
    with connect(socket) as client:
        found = client.container(container)
    if as_json:
        show_json({**document(found.container), "metadata": json.loads(found.metadata)})
    else:
        show(container_lines(found))


@app.command(epilog="Example: spacetraders containers logs 7c1e --level ERROR")
def logs(
    container: ContainerArgument,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=MOST_LINES, help="The newest so many lines.")
    ] = 100,
    level: Annotated[
        str | None, typer.Option("--level", metavar="LEVEL", help="Only DEBUG, INFO, WARNING or ERROR.")
    ] = None,
    as_json: JsonOption = False,
    socket: SocketOption = None,
) -> None:
    """Print what a container wrote, oldest first."""
    with connect(socket) as client:
        lines = client.container_logs(container, limit=limit, level=level)
    if as_json:
        entries = [{**document(line), "metadata": json.loads(line.metadata)} for line in lines]
        show_json({"logs": entries})
    else:
        show(log_lines(lines))


@app.command(epilog="Example: spacetraders containers stop 7c1e")
def stop(container: ContainerArgument, as_json: JsonOption = False, socket: SocketOption = None) -> None:
    """Stop a container and free its ships; a planner is followed by another one."""
    with connect(socket) as client:
        stopped = client.stop_container(container)
    if as_json:
        show_json(document(stopped))
    else:
        say(stopped.message)


def why_parked(parked: "set[int]", players: "Sequence[Player]") -> list[str]:
    """A sentence for each player whose containers are parked: why, and what resumes them."""
    return [
        f"Containers of player {one.player_id} are parked: {one.trouble}"
        for one in players
        if one.player_id in parked
    ]


def container_table(containers: "list[ContainerInfo]") -> list[Line]:
    """One line a container."""
    rows: list[Line] = [
        [
            Cell(one.container_id, "bold"),
            Cell(one.container_type),
            state_cell(one.status),
            Cell(str(one.player_id)),
            Cell(str(one.current_iteration)),
            Cell(str(one.restart_count)),
            Cell(moment(one.created_at), "dim"),
            Cell(moment(one.updated_at), "dim"),
        ]
        for one in containers
    ]
    headings = ("CONTAINER", "TYPE", "STATUS", "PLAYER", "PASSES", "RESTARTS", "CREATED", "UPDATED")
    return table(
        headings,
        rows,
        right=frozenset({3, 4, 5}),
        drop=("CREATED", "UPDATED", "PLAYER", "PASSES"),
        cut=("CONTAINER", "TYPE"),
    )


def container_lines(found: "GetContainerResponse") -> list[Line]:
    """Everything about one container, a fact a line."""
    info = found.container
    facts: list[tuple[str, str]] = [
        ("container", info.container_id),
        ("type", info.container_type),
        ("status", info.status),
        ("player", str(info.player_id)),
        ("created", info.created_at),
        ("updated", info.updated_at),
        ("passes", str(info.current_iteration)),
        ("restarts", str(info.restart_count)),
        *(
            (name.replace("_", " "), str(value))
            for name, value in json.loads(found.metadata).items()
            if value is not None
        ),
    ]
    return aligned([[Cell(name, "dim"), Cell(value)] for name, value in facts])


def log_lines(entries: "list[ContainerLogEntry]") -> list[Line]:
    """One line an entry."""
    return aligned(
        [
            Cell(moment(entry.timestamp), "dim"),
            Cell(entry.level, LEVEL_STYLES.get(entry.level, "")),
            Cell(entry.message),
        ]
        for entry in entries
    )
