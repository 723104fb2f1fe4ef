"""Instants, and the time between them."""

from datetime import datetime, timedelta


def has_passed(since: datetime, seconds: float, now: datetime) -> bool:
    """Whether so many seconds have passed. So they have where the clock was set back behind ``since``."""
    return not since <= now < since + timedelta(seconds=seconds)


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: ``2026-11-23T14:03:22.500Z``."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_if_known(at: datetime | None) -> str | None:
    """As ``instant``; None where it is not known."""
    return None if at is None else instant(at)
