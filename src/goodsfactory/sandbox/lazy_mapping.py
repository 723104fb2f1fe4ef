"""A mapping whose values come into being when somebody asks for them, and then stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import TypeVar

_V = TypeVar("_V")


class LazyMapping(Mapping[str, _V]):
    """Values made on demand, once each.

    ``make`` returns the value of a key, or None where there is none. ``keys`` lists every key; walking over
    them may cost as much as making all values, so code on a request's path looks keys up instead.
    """

    __slots__ = ("_keys", "_made", "_make")

    def __init__(self, make: Callable[[str], _V | None], keys: Callable[[], Iterable[str]]) -> None:
        self._make = make
        self._keys = keys
        self._made: dict[str, _V] = {}

    def __getitem__(self, key: str) -> _V:
        made = self._made.get(key)
        if made is None:
            made = self._make(key)
            if made is None:
                raise KeyError(key)
            self._made[key] = made
        return made

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys())

    def __len__(self) -> int:
        keys = self._keys()
        return len(keys) if isinstance(keys, Sized) else sum(1 for _ in keys)

    def __repr__(self) -> str:
        return f"LazyMapping({len(self._made)} made)"

    @property
    def made(self) -> Mapping[str, _V]:
        """What has come into being so far."""
        return self._made
