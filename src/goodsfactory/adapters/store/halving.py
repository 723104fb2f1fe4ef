"""The place of an instant in a table whose rows are numbered in the order of time, without an index on it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Select, bindparam, select


def first_from(number: Column[Any], at: Column[Any]) -> Select[Any]:
    """What ``last_before`` asks: the first row from a number on, and its instant."""
    return (
        select(number.label("number"), at.label("at"))
        .where(number >= bindparam("first"))
        .order_by(number)
        .limit(1)
    )


def last_before(
    connection: Connection,
    ask: Select[Any],
    moment: datetime,
    low: int,
    high: int,
    *,
    values: Mapping[str, Any],
) -> int:
    """The number of the last row before ``moment``, above ``low`` and up to ``high``; else ``low``.

    ``values`` are those of ``ask``, which must keep to rows of one clock.
    """
    while low < high:
        middle = (low + high + 1) // 2
        row = connection.execute(ask, {"first": middle, **values}).first()
        if row is not None and row.at < moment:
            low = row.number
        else:
            high = middle - 1
    return low
