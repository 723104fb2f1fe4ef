"""The command line as a whole, and how it ends."""

import os
import sys
from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Annotated

import typer
from typer.main import get_command

from goodsfactory import __version__
from goodsfactory.api.errors import DaemonError
from goodsfactory.cli.demo import demo
from goodsfactory.cli.doctor import doctor
from goodsfactory.cli.failure import FAILED, OK, USAGE, Failure, exit_code_of
from goodsfactory.cli.screen import say, show_json, tell
from goodsfactory.cli.words import check_variables, check_words

EPILOG = "Start here: spacetraders demo"


WIDEST_HELP = 120
"""Columns of a wide terminal that the help uses."""

COMPLETED_LINE = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
"""Where the completion scripts of bash, and of zsh and fish, put the line typed so far."""

GROUPS = {
    "sandbox": ("sandboxes", "A universe on this machine that speaks the game's HTTP API."),
    "daemon": ("daemons", "Run, look at and stop the daemon."),
    "player": ("players", "Register, add and choose the agents to play."),
    "goods": ("quotes", "Make goods: quote, start, watch, explain, stop."),
    "ships": ("ships", "Look at ships, move them, sell their cargo, buy more."),
    "stock": ("stocks", "Look at goods that are kept aboard for later factories."),
    "market": ("markets", "Look at markets as last seen."),
    "scout": ("scouts", "Keep the known prices of a system fresh."),
    "contract": ("contracts", "Accept contracts, deliver to them, be paid."),
    "construction": ("construction", "Look at a building site and supply it."),
    "ledger": ("ledgers", "Look at every credit in or out, and accept differences."),
    "containers": ("containers", "Look into the daemon's units of work."),
}
"""Name of a group → its module, and its line in the help."""


def build(words: Collection[str]) -> typer.Typer:
    """The program with the groups named in ``words``; of the others it knows the names and the help.

    Reading all modules for a command of one would make every start slow.
    """
    app = typer.Typer(
        help="Make any good of the SpaceTraders economy with a whole fleet, unattended.",
        epilog=EPILOG,
        no_args_is_help=True,
        # Importing rich for the sake of --help would double the time it takes.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST_HELP},
    )
    app.callback()(_root)
    app.command(epilog="Example: spacetraders demo --speed 60")(demo)
    app.command(epilog="Example: spacetraders doctor")(doctor)
    for name, (module, line) in GROUPS.items():
        group = import_module(f"goodsfactory.cli.{module}").app if name in words else _closed_group()
        app.add_typer(group, name=name, help=line, no_args_is_help=True)
    return app


def _closed_group() -> typer.Typer:
    group = typer.Typer()
    group.callback()(lambda: None)
    return group


def _print_version(wanted: bool) -> None:
    if wanted:
        say(__version__)
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """Make any good of the SpaceTraders economy with a whole fleet, unattended."""


def run(words: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    if sys.stdout is None:
        # Whatever is opened next would take its place, and be written to.
        tell("spacetraders: Standard output is closed; send it to /dev/null where nobody reads it.")
        return FAILED
    try:
        return _run(words)
    except BrokenPipeError:
        # The reader of a pipe has seen enough; flushing at exit would only say so again.
        sys.stdout = None
        return OK
    except OSError as error:
        if error.filename is not None or not _is_stuck():
            raise
        sys.stdout = None
        tell(f"spacetraders: The output cannot be written: {error.strerror}.")
        return FAILED


def _is_stuck() -> bool:
    """Whether it is standard output that cannot be written: an end of line is not taken either."""
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError:
        return True
    return False


def _run(words: Sequence[str]) -> int:
    # A shell that completes a line sends it in the environment; only its groups are read, as always.
    known = list(words) or [word for name in COMPLETED_LINE for word in os.environ.get(name, "").split()]
    try:
        check_variables(os.environ)
        check_words(words)
        code = get_command(build(known)).main(list(words), prog_name="spacetraders", standalone_mode=False)
    except (Failure, DaemonError) as error:
        return _end(error.message, error.code, words)
    except typer.TyperException as error:
        return _usage(error, words)
    return code if isinstance(code, int) else OK


def _usage(error: typer.TyperException, words: Sequence[str]) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        say(error.format_message())
        return USAGE
    where = context.command_path if context is not None else "spacetraders"
    from goodsfactory.cli.usage import explain_usage

    return _end(f"{explain_usage(error)} See `{where} --help`.", "usage", words)


def _end(message: str, code: str, words: Sequence[str]) -> int:
    exit_code = exit_code_of(code)
    if "--json" in words:
        show_json({"error": {"code": code, "message": message, "exit_code": exit_code}})
    else:
        tell(f"spacetraders: {message}")
    return exit_code
