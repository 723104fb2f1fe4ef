"""``spacetraders demo``: a universe, a daemon and a factory, from nothing to a finished good."""

from typing import Annotated

import typer

from goodsfactory.cli.failure import FAILED, INTERRUPTED, OK
from goodsfactory.cli.options import JsonOption
from goodsfactory.cli.screen import say, show, show_json, tell


def demo(
    good: Annotated[str, typer.Option("--good", metavar="GOOD", help="What to make.")] = "ADVANCED_CIRCUITRY",
    units: Annotated[int, typer.Option("--units", min=1, help="How many.")] = 160,
    speed: Annotated[float, typer.Option("--speed", min=1, help="Game seconds per real second.")] = 60.0,
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
    return OK if outcome["factory"]["status"] == "COMPLETED" and outcome["ledger_balanced"] else FAILED
