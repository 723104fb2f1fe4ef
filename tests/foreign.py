"""Things of another user."""

import os
import socket as sockets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

STRANGER = 12_345
"""A number that is nobody's here."""


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``path`` be another user's: root gives it away, anybody else becomes somebody else."""
    if os.geteuid() == 0:
        os.chown(path, STRANGER, STRANGER, follow_symlinks=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: STRANGER)


@contextmanager
def as_stranger_listening(socket: Path) -> Iterator[sockets.socket]:
    """A socket of ours on which, as the kernel sees it, another user listens. For root alone."""
    with sockets.socket(sockets.AF_UNIX) as listener:
        listener.bind(str(socket))
        os.seteuid(STRANGER)
        try:
            listener.listen()
        finally:
            os.seteuid(0)
        yield listener
