"""``spacetraders sandbox``: a game server of one's own."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from goodsfactory.cli import sandbox_operator as operator
from goodsfactory.cli.failure import FAILED, OK
from goodsfactory.cli.goods import symbols
from goodsfactory.cli.options import JsonOption
from goodsfactory.cli.screen import say, show, show_json

app = typer.Typer()
app.add_typer(operator.faults, name="fault", help="Let answers, ships and markets of a sandbox go wrong.")
app.command(name="time", epilog="Example: spacetraders sandbox time --jump 3600")(operator.turn_time)
app.command(name="reset", epilog="Example: spacetraders sandbox reset")(operator.begin_anew)
app.command(name="account", epilog="Example: spacetraders sandbox account me")(operator.open_account)


class Scenario(StrEnum):
    """In what state the markets begin."""

    YOUNG = "young"
    DRAINED = "drained"
    DEVELOPED = "developed"
    GENEROUS = "generous"


@app.callback()
def sandbox() -> None:
    """A universe on this machine that speaks the game's HTTP API."""


@app.command(epilog="Example: spacetraders sandbox serve --speed 60 --seed 7")
def serve(
    universe: Annotated[
        Path | None,
        typer.Option("--universe", metavar="FILE", help="A captured system (its folder or a file in it)."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same universe.")] = 1,
    scenario: Annotated[Scenario, typer.Option("--scenario", help="How the markets begin.")] = Scenario.YOUNG,
    systems: Annotated[
        int,
        typer.Option("--systems", min=1, max=20_000, help="Systems of the galaxy, made as they are seen."),
    ] = 60,
    speed: Annotated[
        float, typer.Option("--speed", min=1, max=3600, help="Game seconds per real second.")
    ] = 1.0,
    compress: Annotated[
        int,
        typer.Option(
            "--compress",
            metavar="N",
            min=1,
            max=3600,
            help="Keep real time, and let everything last N times less.",
        ),
    ] = 1,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 8000,
    ships: Annotated[
        str | None,
        typer.Option(
            "--ships", metavar="TYPE,...", help="Extra ships of every new agent, such as SHIP_LIGHT_HAULER."
        ),
    ] = None,
    credits_: Annotated[
        int | None,
        typer.Option(
            "--credits", min=0, max=2**53 - 1, help="Credits of every new agent; 175,000 if left out."
        ),
    ] = None,
    rate_limit: Annotated[
        bool, typer.Option("--rate-limit/--no-rate-limit", help="Limit requests as the game does.")
    ] = True,
    strict_accounts: Annotated[
        bool,
        typer.Option("--strict-accounts", help="Register with the token of an account only, as in the game."),
    ] = False,
    rivals: Annotated[
        int,
        typer.Option(
            "--rivals", metavar="N", min=0, max=20, help="Agents of its own that trade and build in the home."
        ),
    ] = 0,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="FILE", help="Keep the universe there and resume it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Serve a sandbox until Ctrl-C or SIGTERM. The first line printed is its base URL."""
    from goodsfactory.cli.launch import serve_sandbox

    def started(base_url: str, name: str) -> None:
        if as_json:
            clock = {"speed": speed, "compress": compress}
            say(
                json.dumps(
                    {
                        "base_url": base_url,
                        "seed": seed,
                        "scenario": scenario.value,
                        "universe": name,
                        **clock,
                    }
                )
            )
        else:
            pace = f"{speed:g} game seconds a second" if compress == 1 else f"durations 1/{compress}"
            say(base_url)
            say(f"Sandbox of {name}, {pace}; Ctrl-C ends it.")

    serve_sandbox(
        universe=universe,
        seed=seed,
        scenario=scenario.value,
        systems=systems,
        speed=speed,
        compress=compress,
        host=host,
        port=port,
        ships=symbols("--ships", ships),
        starting_credits=credits_,
        rate_limit=rate_limit,
        strict_accounts=strict_accounts,
        rivals=rivals,
        state=state,
        started=started,
    )


@app.command(epilog="Example: spacetraders sandbox report --seed 1 --seed 2 --seed 3")
def report(
    seeds: Annotated[
        list[int] | None,
        typer.Option("--seed", metavar="N", help="A universe to measure; 1, 2 and 3 if left out."),
    ] = None,
    universes: Annotated[
        list[Path] | None,
        typer.Option(
            "--universe",
            metavar="FILE",
            help="A captured system to look at (its folder or a file); repeatable.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Measure how true the sandbox is: its economy, contracts and galaxy, beside a captured system.

    Takes some seconds a seed and no server. Exit code 1 when a property fails, or P11 for a captured system.
    """
    from goodsfactory.cli.economy_report import report_lines
    from goodsfactory.cli.launch import report_on_sandbox

    found = report_on_sandbox(seeds, universes or ())
    if as_json:
        show_json(found)
    else:
        show(report_lines(found))
    return OK if found["pass"] else FAILED
