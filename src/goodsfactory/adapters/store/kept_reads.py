"""What was read, kept until somebody writes there: planning reads the same rows on every pass."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

Value = TypeVar("Value")

_MOST = 20_000
"""Scopes kept at most; the oldest goes first. Ten times what a thousand factories read."""


class KeptReads:
    """Values by scope, such as ``("legs", factory id)``. A repository says when a scope was written to.

    A value belongs to the repository that read it, which may bring it up to date instead of dropping it. It
    is never wrong: ``forget`` drops all of it where a transaction was undone, or where another connection may
    have written.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._values: dict[Hashable, object] = {}
        self._version: object = None

    def begin(self, version: object) -> None:
        """A transaction begins. ``version`` tells commits of others apart, None where nothing does."""
        if version is None or version != self._version:
            self.forget()
        self._version = version

    def read(self, scope: Hashable, read: Callable[[], Value]) -> Value:
        """The value kept for ``scope``, or what ``read`` finds."""
        if scope in self._values:
            return cast("Value", self._values[scope])
        value = read()
        if len(self._values) >= self._most:
            del self._values[next(iter(self._values))]
        self._values[scope] = value
        return value

    def kept(self, scope: Hashable) -> object | None:
        """The value kept for ``scope``, None where there is none."""
        return self._values.get(scope)

    def drop(self, *scopes: Hashable) -> None:
        """Rows of these scopes were written."""
        for scope in scopes:
            self._values.pop(scope, None)

    def forget(self) -> None:
        self._values.clear()
