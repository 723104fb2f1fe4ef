"""One process at a time on one database file (law L5): two daemons would order the same ships about."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goodsfactory.domain.errors import UserError


def file_named(database: str) -> Path | None:
    """The file of a SQLite database; None of one in memory or on a server. Loads nothing that takes time."""
    path = database.removeprefix("sqlite:///")
    return None if path == ":memory:" or "://" in path else Path(path)


@contextmanager
def exclusive(database: str) -> Iterator[None]:
    """Hold the right to a SQLite file; the system drops it with the process, however that ends.

    A database in memory is nobody else's. Raises UserError where another process has it.
    """
    path = file_named(database)
    if path is None:
        yield
        return
    lock = _open(Path(f"{path}.lock"))
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"Another daemon works on {path}; stop it first, or give another --state-dir.", kind="exists"
            ) from None
        yield
    finally:
        os.close(lock)


def _open(file: Path) -> int:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UserError(
            f"The daemon cannot write to {file.parent}: {error.strerror}; give another --state-dir.",
            kind="precondition",
        ) from None
