"""Column types that mean the same on every database."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, DateTime, Integer, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, kept in UTC and aware when it is read. Refuses an instant without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else self._aware(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)
        return lambda value: None if value is None else self._aware(value).isoformat(" ", "microseconds")[:-6]

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        # SQLite has no zone to give back.
        return lambda text: None if text is None else datetime.fromisoformat(f"{text}+00:00")

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC)

    @staticmethod
    def _aware(value: datetime) -> datetime:
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; every stored instant is aware.")
        return value.astimezone(UTC)


class SmallInstant(UtcDateTime):
    """One that takes 8 bytes on SQLite too, which would keep it as a text of 26.

    A column that is declared as DATETIME keeps whole numbers as they are there.
    """

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)
        return lambda value: None if value is None else (self._aware(value) - _EPOCH) // _MICROSECOND

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        return lambda value: None if value is None else _EPOCH + value * _MICROSECOND


class SmallId(TypeDecorator[str]):
    """An id that takes 16 bytes on SQLite where it is a UUID, instead of a text of 36."""

    impl = String(36)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite" or not _UUID.fullmatch(value):
            return value
        return UUID(value).bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return str(UUID(bytes=value)) if isinstance(value, bytes) else value


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
