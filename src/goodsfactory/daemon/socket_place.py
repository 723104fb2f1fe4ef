"""Where the daemon may listen."""

import os
from pathlib import Path

from goodsfactory.api.address import distrusted
from goodsfactory.domain.errors import UserError

LONGEST_PATH = 107
"""Bytes a unix socket's path may have on Linux."""


def check_place(socket: Path) -> None:
    """Raises UserError where the path is too long, or its directory another user's or open to others.

    A directory that is missing is made later, and is fine.
    """
    if len(os.fsencode(socket)) > LONGEST_PATH:
        raise UserError(
            f"The socket path {socket} is longer than {LONGEST_PATH} bytes; give a shorter --socket."
        )
    trouble = distrusted(socket.parent) if os.path.lexists(socket.parent) else None
    if trouble is not None:
        raise UserError(
            f"{socket.parent} {trouble}, so the daemon does not listen there; make a directory with"
            " `mkdir -m 700 DIRECTORY` and give --socket DIRECTORY/NAME.",
            kind="precondition",
        )
