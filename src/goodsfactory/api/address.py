"""Where the daemon listens, and whether that place is the user's alone.

Both sides look before they trust it: the daemon before it listens, a client before it sends a byte, which may
be a token. A directory of mode 0700 keeps others from the socket and from putting another in its place.
"""

import os
import socket as sockets
import stat
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path

SOCKET_NAME = "spacetraders-daemon.sock"

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_CREDENTIALS = struct.Struct("3i")
"""Process, user and group of a peer (``man 7 unix``)."""


def default_socket(environ: Mapping[str, str]) -> Path:
    """The unix socket of the user's daemon: in ``$XDG_RUNTIME_DIR``, else in a directory of their own.

    That one lies below the directory for temporary files and carries the user's number, so that users of one
    machine do not meet. Where somebody else made such a directory before, the state directory is taken.
    """
    temporary = Path(tempfile.gettempdir()) / f"spacetraders-{os.geteuid()}"
    runtime = environ.get("XDG_RUNTIME_DIR")
    for directory in (Path(runtime), temporary) if runtime else (temporary,):
        if not os.path.lexists(directory) or distrusted(directory) is None:
            return directory / SOCKET_NAME
    import platformdirs  # rarely needed, and every command would wait for it

    return platformdirs.user_state_path("goodsfactory") / SOCKET_NAME


def distrusted(directory: Path) -> str | None:
    """Why no socket in ``directory`` should be trusted, in words that follow its name; None where one may be.

    Links are not followed. Raises OSError where there is no such directory.
    """
    found = directory.lstat()
    if stat.S_ISLNK(found.st_mode):
        return "is a link"
    if not stat.S_ISDIR(found.st_mode):
        return "is no directory"
    if found.st_uid != os.geteuid():
        return "belongs to another user"
    if found.st_mode & _OTHERS:
        return f"is open to other users (mode {stat.S_IMODE(found.st_mode):04o})"
    return None


def serves_somebody_else(connected: sockets.socket) -> bool:
    """Whether the process that listens at the other end of a unix socket is another user's.

    False where the system does not tell; the directory's mode holds there too.
    """
    option = getattr(sockets, "SO_PEERCRED", None)
    if option is None:
        return False
    told = connected.getsockopt(sockets.SOL_SOCKET, option, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(told)
    return bool(user != os.geteuid())
