"""``spacetraders demo``: a universe, a daemon and a factory, from nothing to a finished good."""

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from goodsfactory.cli.failure import FAILED, INTERRUPTED, OK
from goodsfactory.cli.options import JsonOption
from goodsfactory.cli.screen import say, show, show_json, tell


def program() -> str:
    """This program as it can be typed here: its name where a shell finds it, else its path."""
    own = Path(sys.executable).with_name("spacetraders")
    found = shutil.which("spacetraders")
    if found is not None and Path(found).resolve() == own.resolve():
        return "spacetraders"
    try:
        return str(own.relative_to(Path.cwd()))
    except ValueError:
        return str(own)


def demo(
    good: Annotated[str, typer.Option("--good", metavar="GOOD", help="What to make.")] = "ADVANCED_CIRCUITRY",
    units: Annotated[int, typer.Option("--units", min=1, help="How many.")] = 80,
    speed: Annotated[float, typer.Option("--speed", min=1, help="Game seconds per real second.")] = 20.0,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same universe.")] = 1,
    as_json: JsonOption = False,
) -> int:
    """Make a good in a sandbox with six ships, check the books.

    Needs no account, no token and no database; leaves nothing behind.
    """
    from goodsfactory.cli.launch import stage
    from goodsfactory.cli.performance import perform, sandbox_arguments, summary_lines
    from goodsfactory.cli.watch import Detached

    try:
        with stage(
            sandbox=sandbox_arguments(speed, seed), daemon=["--log-level", "WARNING"], progress=tell
        ) as play:
            outcome = perform(play, good.strip().upper(), units, as_json=as_json)
    except (KeyboardInterrupt, Detached):
        tell("The demo was interrupted; its sandbox and daemon are gone.")
        return INTERRUPTED
    if as_json:
        show_json(outcome)
    else:
        say("")
        show(summary_lines(outcome))
        say("")
        say("Next, a universe that stays, and a daemon to make goods in it, each in a terminal of its own:")
        say(f"  {program()} sandbox serve --speed 60")
        say(f"  {program()} daemon run --base-url http://127.0.0.1:8000/v2")
    return OK if outcome["factory"]["status"] == "COMPLETED" and outcome["ledger_balanced"] else FAILED
