"""A daemon from its locks to its end.

The locks come before the parts are even loaded, which takes most of a second: from the first lock on it is
known that the daemon that ran here before has ended, so what it used up of the game's request limit comes
back in the meantime.
"""

import asyncio
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from goodsfactory.adapters.node_identity import node_identity
from goodsfactory.adapters.store.exclusive import exclusive, file_named
from goodsfactory.api.address import default_socket
from goodsfactory.daemon.recipe_file import read_recipes
from goodsfactory.daemon.settings import Settings, usual_state_dir
from goodsfactory.daemon.socket_place import check_place
from goodsfactory.domain.errors import UserError

if TYPE_CHECKING:
    from goodsfactory.daemon.bootstrap import OpenApplication


def check(settings: Settings) -> None:
    """Raises UserError for what would keep a daemon from running: found before anything is made."""
    read_recipes(settings.supply_chain_path)
    check_place(settings.socket)
    _check_folders(settings)
    if "://" in settings.database:  # what is loaded here takes time, and a path can be of one kind only
        from goodsfactory.adapters.store.database import database_url

        database_url(settings.database)


def _check_folders(settings: Settings) -> None:
    """Whatever the daemon would make has a folder to be made in: a path may be mistyped.

    The usual state directory is made with all that leads to it; one that is named, in a folder that exists.
    """
    state, file = settings.state_dir, file_named(settings.database)
    made = {state, default_socket(os.environ).parent}
    named = {"--state-dir": state, "--database": file, "--socket": settings.socket}
    for flag, path in named.items():
        if path is None or path.parent in made or path == usual_state_dir() or path.parent.is_dir():
            continue
        raise UserError(
            f"There is no folder {path.parent} for {path}: make it with `mkdir -p {path.parent}`, or give"
            f" another {flag}.",
            kind="precondition",
        )


async def run_daemon(
    settings: Settings,
    *,
    stop: asyncio.Event,
    ready: Callable[[str], None],
    open_application: "OpenApplication | None" = None,
) -> int:
    """Run until ``stop`` is set. ``ready`` hears the address, then what was resumed and what is amiss.

    ``open_application`` is ``bootstrap.build`` where none is given. Raises UserError with what prevents it.
    """
    check(settings)
    with node_identity(settings.state_dir) as node:
        from goodsfactory.daemon.bootstrap import build, run

        with exclusive(settings.database):
            return await run(settings, node, stop, ready, open_application or build)
