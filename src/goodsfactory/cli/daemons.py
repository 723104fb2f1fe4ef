"""``spacetraders daemon``: the process that does the work."""

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from goodsfactory.cli.durations import credits_text, duration
from goodsfactory.cli.failure import Failure
from goodsfactory.cli.layout import Cell, Line, aligned
from goodsfactory.cli.options import JsonOption, SocketOption, connect
from goodsfactory.cli.screen import document, say, show, show_json, tell

app = typer.Typer()

STOP_SECONDS = 180.0
"""Real seconds a daemon may take to end its voyages' current steps and a registration that is on its way."""


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings; else $GOODS_CONFIG, or the file in the user's config directory.",
    ),
]
BaseUrlOption = Annotated[str | None, typer.Option("--base-url", metavar="URL", help="The game's server.")]
StateDirOption = Annotated[
    str | None, typer.Option("--state-dir", metavar="PATH", help="Where everything durable is kept.")
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="PATH|URL", help="Another database: a file, or postgresql://user@host/name."
    ),
]
SupplyChainOption = Annotated[
    str | None, typer.Option("--supply-chain", metavar="FILE", help="Recipes as a JSON file.")
]
StrategyOption = Annotated[
    str | None, typer.Option("--strategy", metavar="NAME", help="smart, prefer-buy or prefer-fabricate.")
]
LogLevelOption = Annotated[
    str | None, typer.Option("--log-level", metavar="LEVEL", help="DEBUG, INFO, WARNING or ERROR.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any other setting, such as policy.credit_floor=0."),
]
OwnSocketOption = Annotated[
    str | None, typer.Option("--socket", metavar="PATH", help="The unix socket to listen on.")
]


@app.command(epilog="Example: spacetraders daemon run --base-url http://127.0.0.1:8000/v2")
def run(
    config: ConfigOption = None,
    base_url: BaseUrlOption = None,
    state_dir: StateDirOption = None,
    database: DatabaseOption = None,
    supply_chain: SupplyChainOption = None,
    strategy: StrategyOption = None,
    log_level: LogLevelOption = None,
    settings: SetOption = None,
    as_json: JsonOption = False,
    socket: OwnSocketOption = None,
) -> int:
    """Run the daemon in the foreground until Ctrl-C, SIGTERM or `spacetraders daemon stop`.

    It takes up every factory where the last daemon left it.
    """
    named = _named(base_url, state_dir, database, supply_chain, strategy, log_level, socket)
    from goodsfactory.cli.launch import run_daemon

    return run_daemon(_flags(settings, named), config, ready=_announcer(as_json=as_json))


@app.command(name="settings", epilog="Example: spacetraders daemon settings --set policy.credit_floor=0")
def show_settings(
    config: ConfigOption = None,
    base_url: BaseUrlOption = None,
    state_dir: StateDirOption = None,
    database: DatabaseOption = None,
    supply_chain: SupplyChainOption = None,
    strategy: StrategyOption = None,
    log_level: LogLevelOption = None,
    settings: SetOption = None,
    as_json: JsonOption = False,
    socket: OwnSocketOption = None,
) -> None:
    """Show what `daemon run` with the same options would obey, and where each value comes from.

    Nothing is started. A token is not shown.
    """
    named = _named(base_url, state_dir, database, supply_chain, strategy, log_level, socket)
    from goodsfactory.cli.launch import effective_settings

    rows = effective_settings(_flags(settings, named), config)
    if as_json:
        show_json({"settings": rows})
    else:
        shown = [(row, "" if row["value"] is None else str(row["value"])) for row in rows]
        show(aligned([[Cell(row["name"]), Cell(text), Cell(row["source"], "dim")] for row, text in shown]))


@app.command(epilog="Example: spacetraders daemon status")
def status(as_json: JsonOption = False, socket: SocketOption = None) -> None:
    """Say whether the daemon runs and what it has done; exit code 3 when it does not run."""
    with connect(socket) as client:
        health = client.health()
        statistics = client.statistics()
    if as_json:
        numbers = document(statistics)
        told = json.loads(numbers.pop("document"))
        numbers |= {name: told[name] for name in _OF_THE_GAME}
        show_json({**document(health), "statistics": numbers, "nodes": told["nodes"]})
    else:
        told = json.loads(statistics.document)
        game = {name: told[name] for name in _OF_THE_GAME}
        show(status_lines(document(health), {**document(statistics), **game}))
        show(node_lines(told["nodes"]))


@app.command(epilog="Example: spacetraders daemon stop")
def stop(as_json: JsonOption = False, socket: SocketOption = None) -> None:
    """Stop the daemon; its factories go on when it runs again."""
    with connect(socket) as client:
        client.shutdown()
    if not _gone(socket):
        raise Failure(f"The daemon is still stopping after {STOP_SECONDS:.0f} s.", code="deadline")
    if as_json:
        show_json({"stopped": True})
    else:
        say("The daemon has stopped; its factories go on when it runs again.")


def _announcer(*, as_json: bool) -> Callable[[str], None]:
    """Shows the address, which a daemon says first, and whatever it says after that."""
    if not as_json:
        return say
    lines: list[str] = []

    def announce(line: str) -> None:
        if lines:
            tell(line)
        else:
            say(json.dumps({"address": line}))
        lines.append(line)

    return announce


_OF_THE_GAME = ("game_trouble", "game_unreadable", "parked", "requests_limited_until", "troubles", "universe")
"""What daemon status tells of the game server, from the document of the statistics."""

_SHOWN = 5


def _not_understood(sentences: list[str]) -> list[tuple[str, str]]:
    """What of the game's answers makes no sense, a fact a line."""
    more = len(sentences) - _SHOWN
    shown = sentences[:_SHOWN] + ([f"and {more} more"] if more > 0 else [])
    return [("set aside", sentence) for sentence in shown]


def status_lines(health: dict[str, Any], statistics: dict[str, Any]) -> list[Line]:
    """What the daemon says of itself, a fact a line."""
    purposes = ", ".join(f"{count} {name}" for name, count in statistics["requests_by_purpose"].items())
    balance = statistics["server_balance"]
    up = duration(statistics["uptime_seconds"])
    troubles, waiting = statistics["troubles"], statistics["waiting_containers"]
    waiting = f", {waiting} wait until their player can be worked for" if waiting else ""
    facts = [
        ("daemon", f"{health['status']}, version {health['version']}, up {up}"),
        *(("trouble", sentence) for sentence in troubles),
        *(("parked", sentence) for sentence in statistics["parked"]),
        ("universe", "{server}, reset {reset_date}".format_map(statistics["universe"])),
        ("game time", statistics["now"] or "not known until the game server answers"),
        ("containers", f"{health['active_containers']} running" + waiting),
        ("workers", f"at most {statistics['max_parallel_workers']} at once"),
        ("requests", f"{statistics['requests_sent']:,}" + (f" ({purposes})" if purposes else "")),
        (
            "retried",
            f"{statistics['requests_retried']:,}, of them rate limited {statistics['requests_limited']:,}",
        ),
        *((("game", game),) if (game := statistics["game_trouble"]) and game not in troubles else ()),
        *_not_understood(statistics["game_unreadable"]),
        ("ledger", credits_text(statistics["ledger_sum"])),
        ("balance", "not known yet" if balance is None else credits_text(balance)),
        ("open intents", str(statistics["open_intents"])),
        *(
            ("spending", f"{hold['agent_symbol']} stopped: {hold['reason']}")
            for hold in statistics["spending_holds"]
        ),
    ]
    return aligned([[Cell(name, "dim"), Cell(value)] for name, value in facts])


def node_lines(nodes: list[dict[str, Any]]) -> list[Line]:
    """The daemons of this database: who they are, whether they live, and for whom they work."""
    rows = [
        [
            Cell("node" if index == 0 else "", "dim"),
            Cell(node["node_id"] + (" (this one)" if node["this"] else "")),
            Cell(node["state"]),
            Cell(f"heard {duration(node['heard_seconds_ago'])} ago"),
            Cell(", ".join(node["agents"]) or "no agent"),
            Cell("" if node["this"] else node["address"], "dim"),
        ]
        for index, node in enumerate(nodes)
    ]
    return aligned(rows, drop=(5, 0), cut=frozenset({1, 4}))


def _named(
    base_url: str | None,
    state_dir: str | None,
    database: str | None,
    supply_chain: str | None,
    strategy: str | None,
    log_level: str | None,
    socket: str | None,
) -> dict[str, str | None]:
    """Settings that have a flag of their own, by name."""
    return {
        "base_url": base_url,
        "state_dir": state_dir,
        "database": database,
        "supply_chain_path": supply_chain,
        "strategy": strategy,
        "log_level": log_level,
        "socket": socket,
    }


def _flags(assignments: Sequence[str] | None, named: dict[str, str | None]) -> dict[str, str]:
    """What was given as a flag, by setting. Raises Failure for one that was given twice."""
    flags = {name: value for name, value in named.items() if value is not None}
    for text in assignments or ():
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise Failure(f"--set takes NAME=VALUE, not {text!r}.", code="usage")
        if name in flags:
            raise Failure(f"{name} is given twice; give it once.", code="usage")
        flags[name] = value
    return flags


def _gone(socket: Path | None) -> bool:
    from goodsfactory.api.errors import DaemonUnreachable

    pause = threading.Event()
    for _ in range(round(STOP_SECONDS / 0.1)):
        try:
            connect(socket).close()
        except DaemonUnreachable:
            return True
        pause.wait(0.1)
    return False
