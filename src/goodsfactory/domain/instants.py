"""Instants as text."""

from datetime import datetime


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: ``2026-11-23T14:03:22.500Z``."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
