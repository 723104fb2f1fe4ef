"""Values built from rows, kept while their row stays the same."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import Row

Value = TypeVar("Value")


class RowMemo(Generic[Value]):
    """Builds a frozen value once per version of its row.

    Planning reads the same markets and waypoints thousands of times between two changes. What is compared is
    the row itself, so a rollback or another process cannot make a kept value wrong.
    """

    def __init__(self, build: Callable[[Row[Any]], Value]) -> None:
        self._build = build
        self._kept: dict[str, tuple[Row[Any], Value]] = {}

    def value(self, key: str, row: Row[Any]) -> Value:
        kept = self._kept.get(key)
        if kept is not None and kept[0] == row:
            return kept[1]
        value = self._build(row)
        self._kept[key] = (row, value)
        return value
