"""What was read, kept until somebody writes there: planning reads the same rows on every pass."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

Value = TypeVar("Value")

_MOST = 20_000
"""Scopes kept at most; the oldest goes first. Ten times what a thousand factories read."""


class KeptReads:
    """Values by scope, such as ``("legs", factory id)``. A repository says when a scope was written to.

    A value belongs to the repository that read it, which may bring it up to date instead of dropping it. It
    is never wrong: ``undo`` drops what a transaction that was undone had to do with, and ``forget`` all of it
    where another connection may have written.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._values: dict[Hashable, object] = {}
        self._version: object = None
        self._touched: set[Hashable] = set()

    def begin(self, version: object) -> None:
        """A transaction begins. ``version`` tells commits of others apart, None where nothing does."""
        if version is None or version != self._version:
            self.forget()
        self._version = version
        self._touched.clear()

    def read(self, scope: Hashable, read: Callable[[], Value]) -> Value:
        """The value kept for ``scope``, or what ``read`` finds."""
        self._touched.add(scope)
        if scope in self._values:
            return cast("Value", self._values[scope])
        value = read()
        if len(self._values) >= self._most:
            del self._values[next(iter(self._values))]
        self._values[scope] = value
        return value

    def kept(self, scope: Hashable) -> object | None:
        """The value kept for ``scope``, None where there is none. Whoever asks may change it."""
        self._touched.add(scope)
        return self._values.get(scope)

    def renew(self, scope: Hashable, value: object) -> None:
        """What ``scope`` holds from now on, where it is kept at all."""
        self._touched.add(scope)
        if scope in self._values:
            self._values[scope] = value

    def drop(self, *scopes: Hashable) -> None:
        """Rows of these scopes were written."""
        self._touched.update(scopes)
        for scope in scopes:
            self._values.pop(scope, None)

    def undo(self) -> None:
        """The transaction that began last was undone: nothing that it read or wrote is kept.

        What others keep stays: one agent's refusals must not cost all others their reads.
        """
        for scope in self._touched:
            self._values.pop(scope, None)

    def forget(self) -> None:
        self._values.clear()
