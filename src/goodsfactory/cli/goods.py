"""``spacetraders goods``: making goods."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.durations import counted, game_time
from goodsfactory.cli.factory_choice import FactoryArgument, find_factory
from goodsfactory.cli.factory_table import factory_table
from goodsfactory.cli.failure import Failure
from goodsfactory.cli.options import (
    MOST_UNITS,
    AgentOption,
    JsonOption,
    PlayerOption,
    SocketOption,
    connect,
    good_argument,
    hint,
)
from goodsfactory.cli.paging import LISTED, AllOption, LimitOption, read_pages, say_older
from goodsfactory.cli.screen import ascii_only, say, show, show_json, tell
from goodsfactory.cli.tree import factory_lines, node_table, summary_lines
from goodsfactory.cli.watch import (
    WHOLE,
    Beginning,
    Detached,
    beginning,
    end_code,
    tell_detached,
    view,
    watch,
)
from goodsfactory.cli.why import WHY_EPILOG, why

if TYPE_CHECKING:
    from goodsfactory.api.client import Client
    from goodsfactory.api.goodsfactory_pb2 import Factory

app = typer.Typer()


class Strategy(StrEnum):
    """How inputs are obtained."""

    SMART = "smart"
    PREFER_BUY = "prefer-buy"
    PREFER_FABRICATE = "prefer-fabricate"


class Terminal(StrEnum):
    """Where the output goes."""

    HOLD = "HOLD"
    SELL = "SELL"
    STOCK = "STOCK"


WatchOption = Annotated[
    bool, typer.Option("--watch/--no-watch", help="Stay until the factory is over; Ctrl-C detaches.")
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="TIME", help="Watch, with the events of the last 90s, 30m, 2h; 0: of all its life."
    ),
]
TreeOption = Annotated[bool, typer.Option("--tree", help="Draw the supply-chain tree.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Add the reason of every node.")]


@app.command(epilog="Example: spacetraders goods produce ADVANCED_CIRCUITRY --units 20 --watch")
def produce(
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
    continuous: Annotated[
        bool, typer.Option("--continuous", help="Make lot after lot until it is stopped or no longer pays.")
    ] = False,
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
    ships: Annotated[str | None, typer.Option("--ships", metavar="A,B", help="Use these ships only.")] = None,
    exclude: Annotated[
        str | None, typer.Option("--exclude", metavar="C", help="Leave these ships out.")
    ] = None,
    fail_if_no_ship: Annotated[
        bool,
        typer.Option("--fail-if-no-ship", help="Refuse it where no ship is free, instead of waiting."),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Start it though it cannot be sold or kept, or no ship can fly."),
    ] = False,
    watching: WatchOption = False,
    tree: TreeOption = False,
    verbose: VerboseOption = False,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> int:
    """Start a factory that makes GOOD.

    The daemon goes on making it after this command has ended; with --watch the exit code is 1 when the
    factory fails.
    """
    chosen, left_out = symbols("--ships", ships), symbols("--exclude", exclude)
    with connect(socket, player, agent) as client:
        factory = client.start_factory(
            symbol(good),
            system_symbol=symbol(system) if system else None,
            strategy=strategy.value if strategy else None,
            units=units,
            terminal=terminal.value,
            ships=chosen,
            exclude=left_out,
            fail_if_no_ship=fail_if_no_ship,
            priority=priority,
            batches=batches,
            continuous=continuous,
            force=force,
        )
        if not as_json:
            say(
                f"Factory {factory.factory_id} makes {factory.target_good} in {factory.system_symbol} "
                f"from {counted(factory.nodes_total, 'node')}."
            )
            for warning in factory.warnings:
                tell(warning)
        if watching:
            return _watched(client, factory, WHOLE, verbose=verbose, as_json=as_json)
        if as_json:
            show_json(json.loads(factory.document))
        elif tree or verbose:
            _show_report(factory, tree=True, verbose=verbose)
        else:
            again = hint(f"goods status {factory.factory_id} --watch", client)
            say(f"Watch it with {again}.")
    return 0


@app.command(epilog="Example: spacetraders goods status --tree --watch")
def status(
    factory: FactoryArgument = None,
    watching: WatchOption = False,
    since: SinceOption = None,
    tree: TreeOption = False,
    verbose: VerboseOption = False,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> int:
    """Show how far a factory is and what every node waits for."""
    with connect(socket, player, agent) as client:
        found = client.factory(find_factory(client, factory).factory_id)
        if watching or since is not None:
            return _watched(client, found, beginning(since), verbose=verbose, as_json=as_json)
        if as_json:
            show_json(json.loads(found.document))
        else:
            _show_report(found, tree=tree, verbose=verbose)
    return 0


@app.command("list", epilog="Example: spacetraders goods list --status active")
def list_(
    statuses: Annotated[
        list[str] | None, typer.Option("--status", metavar="STATUS", help="Only these; may be repeated.")
    ] = None,
    limit: LimitOption = LISTED,
    all_: AllOption = False,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """List the player's factories, oldest first."""
    with connect(socket, player, agent) as client:
        factories, page = read_pages(
            lambda size, token: client.factory_page(tuple(statuses or ()), limit=size, page_token=token),
            "factories",
            limit,
            all_=all_,
        )
    if as_json:
        show_json({"factories": [json.loads(one.document) for one in factories], "trouble": page.trouble})
    elif not factories:
        say(page.trouble or "No factories. Start one with `spacetraders goods produce GOOD`.")
    else:
        show(factory_table(factories))
        say_older(page)
        if page.trouble:
            say(page.trouble)


@app.command(epilog="Example: spacetraders goods stop 3f2a")
def stop(
    factory: FactoryArgument = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Stop a factory and free its ships.

    Its output stays aboard; inputs left aboard are stock, for the next factory that needs them or for sale.
    """
    with connect(socket, player, agent) as client:
        stopped = client.stop_factory(find_factory(client, factory).factory_id)
    if as_json:
        show_json(json.loads(stopped.document))
    else:
        say(f"Factory {stopped.factory_id} is {stopped.status}; its ships are free.")


@app.command(epilog="Example: spacetraders goods pause 3f2a")
def pause(
    factory: FactoryArgument = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Give a factory no more ships until it is resumed; those under way end their voyage."""
    with connect(socket, player, agent) as client:
        paused = client.pause_factory(find_factory(client, factory).factory_id)
    if as_json:
        show_json(json.loads(paused.document))
    else:
        say(
            f"Factory {paused.factory_id} is paused; ships under way end their voyage. "
            f"Let it go on with {hint(f'goods resume {paused.factory_id}', client)}."
        )


@app.command(epilog="Example: spacetraders goods resume 3f2a")
def resume(
    factory: FactoryArgument = None,
    as_json: JsonOption = False,
    player: PlayerOption = None,
    agent: AgentOption = None,
    socket: SocketOption = None,
) -> None:
    """Let a paused factory go on."""
    with connect(socket, player, agent) as client:
        resumed = client.resume_factory(find_factory(client, factory).factory_id)
    if as_json:
        show_json(json.loads(resumed.document))
    else:
        say(f"Factory {resumed.factory_id} goes on.")


app.command(epilog=WHY_EPILOG)(why)


def symbol(text: str) -> str:
    """A symbol of the game as the game writes it."""
    return text.strip().upper()


def symbols(option: str, text: str | None) -> tuple[str, ...]:
    """The symbols of a list with commas. Raises Failure where one of them is empty."""
    found = tuple(symbol(part) for part in text.split(",")) if text and text.strip() else ()
    if not all(found):
        raise Failure(f"{option} is empty beside a comma; take it off, or say what it is.", code="usage")
    return found


def _watched(client: "Client", watched: "Factory", begins: Beginning, *, verbose: bool, as_json: bool) -> int:
    try:
        factory = watch(client, watched, begins=begins, verbose=verbose, quiet=as_json)
    except Detached as detached:
        return tell_detached(detached)
    if as_json:
        show_json(json.loads(factory.document))
    return end_code(factory.status)


def _show_report(factory: "Factory", *, tree: bool, verbose: bool) -> None:
    seen = view(factory)
    now = game_time(factory.now)
    if tree or verbose or seen.tree is None:
        show(factory_lines(seen, now, verbose=verbose, ascii_only=ascii_only()))
        return
    show([*summary_lines(seen, now), *node_table(seen.tree, now)])
