"""Who this daemon is among others: a name that lasts in its state directory, and where it sends from."""

import fcntl
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from goodsfactory.adapters.clocks import SystemClock
from goodsfactory.domain.errors import UserError

FILE_NAME = "node-id"


@dataclass(frozen=True)
class NodeIdentity:
    """A daemon's lasting name, and since when it is this process's own (``Clock.elapsed``, real seconds).

    Whoever bore the name before had ended by then.
    """

    name: str
    held_since: float


@contextmanager
def node_identity(state_dir: Path) -> Iterator[NodeIdentity]:
    """The lasting name of the daemon that keeps its state in ``state_dir``, held for as long as the context.

    Two processes with one name would take each other's work for their own. Raises UserError where another
    process holds the name or the directory cannot be written.
    """
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(state_dir / FILE_NAME, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UserError(
            f"The daemon cannot write to {state_dir}: {error.strerror}; give another --state-dir.",
            kind="precondition",
        ) from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"Another daemon keeps its state in {state_dir}; stop it first, or give another --state-dir.",
                kind="exists",
            ) from None
        yield NodeIdentity(_name_in(file), SystemClock().elapsed())
    finally:
        os.close(file)


def _name_in(file: int) -> str:
    known = os.read(file, 64).decode("ascii", "replace").strip()
    if known:
        return known
    name = f"{socket.gethostname()[:40]}-{uuid.uuid4().hex[:8]}"
    os.write(file, f"{name}\n".encode())
    os.fsync(file)
    return name


def sending_address(source_address: str | None) -> str:
    """What the game's limit per address goes by: this machine, and the address it sends from if set."""
    host = socket.gethostname()
    return f"{host}|{source_address}" if source_address else host
