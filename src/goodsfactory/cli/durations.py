"""Durations and instants as people read them."""

from datetime import datetime


def duration(seconds: float) -> str:
    """``22s``, ``4m``, ``1m10s``, ``2h05m``, ``3d04h``: the two largest units, none below zero."""
    whole = max(0, round(seconds))
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    if days:
        return f"{days}d{hours:02}h"
    if hours:
        return f"{hours}h{minutes:02}m"
    if minutes:
        return f"{minutes}m{left:02}s" if left else f"{minutes}m"
    return f"{left}s"


def instant(text: str) -> datetime:
    """An RFC 3339 instant as the daemon writes it."""
    return datetime.fromisoformat(text)


def clock_time(text: str) -> str:
    """The time of day of an instant, in UTC: ``14:03:22``."""
    return instant(text).strftime("%H:%M:%S")


def game_time(text: str) -> datetime | None:
    """The ``now`` of an answer; None where the daemon does not know the time in the game."""
    return instant(text) if text else None


def when(text: str, now: str) -> str:
    """The time of day of an instant, with its date where that is not today or nobody knows: ``14:03:22``."""
    today = game_time(now)
    return clock_time(text) if today and instant(text).date() == today.date() else moment(text)


def moment(text: str) -> str:
    """An instant with its day, in UTC: ``2026-11-23 14:03:22``."""
    return instant(text).strftime("%Y-%m-%d %H:%M:%S")


UNKNOWN = "?"
"""How long something took or will take where the time in the game is not known."""

_ROUNDING = 1.0
"""Seconds by which an instant may seem to lie before an earlier one: not all are told to the same digit."""


def span(begin: datetime | None, end: datetime | None) -> str:
    """The time from an instant to a later one, ``4m10s``.

    ``?`` where one of them is not known, or the game's clock went back between them.
    """
    if begin is None or end is None:
        return UNKNOWN
    seconds = (end - begin).total_seconds()
    return UNKNOWN if seconds < -_ROUNDING else duration(seconds)


def remaining(now: datetime | None, then: datetime | None) -> str:
    """How long it is until an instant, ``4m10s``; none where it has passed, ``?`` where nobody knows."""
    return UNKNOWN if now is None or then is None else duration((then - now).total_seconds())


def age(text: str, now: str) -> str:
    """How long ago an instant was, by the game's clock: ``4m10s``, or ``?``."""
    return span(instant(text), game_time(now))


def left(text: str, now: str) -> str:
    """How long it is until an instant, by the game's clock: ``4m10s``, or ``?``."""
    return remaining(game_time(now), instant(text))


def credits_text(amount: int) -> str:
    """``12,430 cr``."""
    return f"{amount:,} cr"


def counted(number: int, noun: str) -> str:
    """``1 node``, ``15 nodes``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def units_text(units: int) -> str:
    """``1 unit``, ``15 units``."""
    return counted(units, "unit")
