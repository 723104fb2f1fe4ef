"""Whether somebody waits for what a task asks of the game, and when too long is too long."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

WAITED_FOR = 2
"""Attempts at a call that somebody waits for; it does not wait long for the end of a rate limit either."""

_somebody_waits: ContextVar[bool] = ContextVar("somebody_waits", default=False)


@contextmanager
def waited_for(somebody: bool = True) -> Iterator[None]:
    """Within it every call of this task has WAITED_FOR attempts, or the usual ones where nobody waits.

    So has a task that is begun there, but for the containers' own.
    """
    before = _somebody_waits.set(somebody)
    try:
        yield
    finally:
        _somebody_waits.reset(before)


def is_waited_for() -> bool:
    """Whether this task is within ``waited_for``."""
    return _somebody_waits.get()
