"""Instants as the server writes them (api-facts §1): RFC 3339, UTC, milliseconds, ``Z``."""

from datetime import datetime


def whole_milliseconds(instant: datetime) -> datetime:
    """Drop what the wire cannot carry, so that an announced arrival is never later than it reads."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def timestamp(instant: datetime) -> str:
    """``2026-01-01T00:00:00.000Z`` for an aware UTC instant."""
    return instant.isoformat(timespec="milliseconds")[:23] + "Z"
