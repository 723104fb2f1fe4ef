"""Where the daemon listens."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

SOCKET_NAME = "spacetraders-daemon.sock"


def default_socket(environ: Mapping[str, str]) -> Path:
    """The unix socket of the user's daemon: in ``$XDG_RUNTIME_DIR``, else in a directory of their own.

    The fall-back lies below the directory for temporary files and carries the user's number, so that users
    of one machine do not meet; the daemon creates it with mode 0700.
    """
    runtime = environ.get("XDG_RUNTIME_DIR")
    if runtime:
        return Path(runtime) / SOCKET_NAME
    return Path(tempfile.gettempdir()) / f"spacetraders-{os.getuid()}" / SOCKET_NAME
