"""``spacetraders sandbox fault|time|reset``: what the operator of a running sandbox may do to it."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from goodsfactory.cli.options import JsonOption
from goodsfactory.cli.screen import say, show_json

faults = typer.Typer()

BaseUrlOption = Annotated[
    str,
    typer.Option(
        "--base-url", metavar="URL", envvar="SPACETRADERS_BASE_URL", help="The sandbox, as it says it."
    ),
]
_DEFAULT_URL = "http://127.0.0.1:8000/v2"


class Kind(StrEnum):
    """What can go wrong."""

    LIMITED = "limited"
    ERROR = "error"
    HTML = "html"
    HTML_AFTER = "html-after"
    MAINTENANCE = "maintenance"
    SLOW = "slow"
    DROP_BEFORE = "drop-before"
    DROP_AFTER = "drop-after"
    UNREADABLE = "unreadable"
    SKEW = "skew"
    DRAINED = "drained"
    HALTED = "halted"


_KIND_HELP = (
    "What goes wrong. unreadable needs --ship or --page; slow and skew need --seconds;"
    " drained and halted need --waypoint and --good."
)


@faults.command(
    epilog="Example: spacetraders sandbox fault add drop-after --path '/my/ships/*/purchase' --count 1"
)
def add(
    kind: Annotated[Kind, typer.Argument(help=_KIND_HELP)],
    method: Annotated[str | None, typer.Option("--method", help="Only such requests, e.g. POST.")] = None,
    path: Annotated[
        str | None, typer.Option("--path", help="Only paths like this one, without /v2; * stands for any.")
    ] = None,
    agent: Annotated[str | None, typer.Option("--agent", help="Only requests of this agent.")] = None,
    ship: Annotated[str | None, typer.Option("--ship", help="Only requests about this ship.")] = None,
    page: Annotated[int | None, typer.Option("--page", min=1, help="Only this page of ships.")] = None,
    waypoint: Annotated[str | None, typer.Option("--waypoint", help="The market (drained, halted).")] = None,
    good: Annotated[str | None, typer.Option("--good", help="The good (drained, halted).")] = None,
    status: Annotated[
        int, typer.Option("--status", min=400, max=599, help="HTTP status; an error has 500 or more.")
    ] = 500,
    seconds: Annotated[float, typer.Option("--seconds", help="How late (slow) or how wrong (skew).")] = 0.0,
    skip: Annotated[int, typer.Option("--skip", min=0, help="Requests that still go well.")] = 0,
    count: Annotated[int | None, typer.Option("--count", min=1, help="Requests that go wrong.")] = None,
    lasts: Annotated[
        float | None, typer.Option("--for", metavar="SECONDS", min=0.001, help="How long, in game time.")
    ] = None,
    base_url: BaseUrlOption = _DEFAULT_URL,
    as_json: JsonOption = False,
) -> None:
    """Arm a fault. What is left out matches everything; without --count and --for it stays until cleared."""
    from goodsfactory.cli.launch import ask_sandbox

    order: dict[str, Any] = {
        "kind": kind.value,
        "method": method.upper() if method else None,
        "path": path,
        "agent": agent,
        "ship": ship,
        "page": page,
        "waypoint": waypoint,
        "good": good,
        "status": status,
        "seconds": seconds,
        "skip": skip,
        "count": count,
        "durationSeconds": lasts,
    }
    armed = ask_sandbox(base_url, "POST", "/faults", order)
    if as_json:
        show_json(armed)
    else:
        say(f"Fault {armed['id']} is armed: {_told(armed)}.")


@faults.command(name="list", epilog="Example: spacetraders sandbox fault list --json")
def list_(base_url: BaseUrlOption = _DEFAULT_URL, as_json: JsonOption = False) -> None:
    """Show the armed faults and how often each has struck."""
    from goodsfactory.cli.launch import ask_sandbox

    armed = ask_sandbox(base_url, "GET", "/faults")
    if as_json:
        show_json(armed)
        return
    for fault in armed:
        say(f"{fault['id']:>3}  {_told(fault)}; struck {fault['struck']} times")
    if not armed:
        say("No fault is armed.")


@faults.command(epilog="Example: spacetraders sandbox fault clear 2")
def clear(
    number: Annotated[int | None, typer.Argument(help="One of them; all if left out.")] = None,
    base_url: BaseUrlOption = _DEFAULT_URL,
    as_json: JsonOption = False,
) -> None:
    """Disarm one fault, or all of them; markets work again."""
    from goodsfactory.cli.launch import ask_sandbox

    gone = ask_sandbox(base_url, "DELETE", "/faults" if number is None else f"/faults/{number}")
    if as_json:
        show_json(gone)
    else:
        cleared = len(gone) if isinstance(gone, list) else 1
        say(f"{cleared} fault{'' if cleared == 1 else 's'} cleared.")


def turn_time(
    speed: Annotated[
        float | None, typer.Option("--speed", min=1, max=3600, help="Game seconds per real second.")
    ] = None,
    paused: Annotated[
        bool | None, typer.Option("--pause/--resume", help="Stop time, or let it go on.")
    ] = None,
    jump: Annotated[
        float | None, typer.Option("--jump", metavar="SECONDS", min=0, help="Move game time ahead.")
    ] = None,
    base_url: BaseUrlOption = _DEFAULT_URL,
    as_json: JsonOption = False,
) -> None:
    """Show the time of a sandbox, and change how it runs."""
    from goodsfactory.cli.launch import ask_sandbox

    order = {"speed": speed, "paused": paused, "jumpSeconds": jump}
    told = ask_sandbox(base_url, "POST", "/time", order)
    if as_json:
        show_json(told)
    else:
        runs = f"{told['speed']:g} game seconds a second"
        if told["compress"] > 1:
            runs = f"real time, durations 1/{told['compress']} (compress {told['compress']})"
        elif told["paused"]:
            runs = "paused"
        say(f"{told['time']}, {runs}")


def begin_anew(base_url: BaseUrlOption = _DEFAULT_URL, as_json: JsonOption = False) -> None:
    """Reset the universe under a new date: every agent, ship and token of the old one is void."""
    from goodsfactory.cli.launch import ask_sandbox

    told = ask_sandbox(base_url, "POST", "/reset")
    if as_json:
        show_json(told)
    else:
        say(f"The universe has begun anew; its reset date is {told['resetDate']}.")


def open_account(
    name: Annotated[str, typer.Argument(help="Any name; the same one gives the same account.")],
    base_url: BaseUrlOption = _DEFAULT_URL,
    as_json: JsonOption = False,
) -> None:
    """Open an account in a sandbox and print its token, with which agents are registered."""
    from goodsfactory.cli.launch import ask_sandbox

    told = ask_sandbox(base_url, "POST", "/accounts", {"name": name})
    if as_json:
        show_json(told)
    else:
        say(told["token"])


def _told(fault: dict[str, Any]) -> str:
    details = [f"{name} {value}" for name, value in fault.items() if name not in ("id", "kind", "struck")]
    return " ".join([fault["kind"], *details])
