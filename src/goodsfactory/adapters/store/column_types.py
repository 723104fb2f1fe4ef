"""Column types that mean the same on every database."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, kept in UTC and aware when it is read. Refuses an instant without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; every stored instant is aware.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite has no zone to give back.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Document(TypeDecorator[Any]):
    """JSON, kept as it was written. What is no JSON is refused before anything is sent."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        # A driver of its own accord would do it too late for the error to be told as one of the statement.
        return json.dumps(value)


def as_it_is(text: str) -> str:
    """The ``json_serializer`` of every engine: a ``Document`` is text already."""
    return text


Whole = BigInteger()
"""Credits and units: an agent's balance outgrows 32 bits."""

Number = BigInteger().with_variant(Integer(), "sqlite")
"""A key the database counts up; SQLite counts only an INTEGER primary key."""
