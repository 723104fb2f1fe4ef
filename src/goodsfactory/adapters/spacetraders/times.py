"""Instants the game tells, as far as they can be true. Pure: ``now`` is given.

An arrival beyond the longest flight is replaced by its end: whoever waits for the ship reads it then. What
happened, happened by now; what is to come, comes within a year, the life of a universe being weeks
(api-facts §4).
"""

import math
from datetime import UTC, datetime, timedelta

from goodsfactory.adapters.spacetraders.wire import WirePlace, WireRoute
from goodsfactory.domain.geography import FlightMode, travel_seconds

_AHEAD = timedelta(days=1)
"""Clocks of two machines differ by less."""
_FIRST_DAY = datetime(2022, 1, 1, tzinfo=UTC)
"""No universe of this version of the game is older."""
_YEAR = timedelta(days=366)
"""Also how far ahead of its time a universe may be dated: a sandbox that is reset again and again names the
day after its last one, however soon that is."""
_LONGEST_COOLDOWN = timedelta(days=1)
"""The longest one known took two hours (api-facts §10)."""

_SLOWEST = 2
"""The slowest engine known (api-facts §13)."""
_UNKNOWN_WAY = timedelta(days=1)
"""The longest flight where the answer does not tell between which coordinates."""
_SLACK = timedelta(minutes=1)
_WORN = 2
"""A ship in poor condition is slower than the formula says (api-facts §16)."""


def past(instant: datetime, now: datetime) -> datetime:
    """An instant of the past. Raises ValueError for one that is yet to come, or older than a year."""
    at = _utc(instant)
    if not now - _YEAR <= at <= now + _AHEAD:
        raise ValueError(f"{at.isoformat()} is no time at which it can have happened")
    return at


def began(day: datetime, now: datetime) -> datetime:
    """The day on which a universe began. Raises ValueError for one before the game was, or yet to come."""
    if not _FIRST_DAY <= day <= now + _YEAR:
        raise ValueError(f"no universe began on {day:%Y-%m-%d}")
    return day


def near(instant: datetime, now: datetime) -> datetime:
    """An instant within a year. Raises ValueError for another."""
    at = _utc(instant)
    if not now - _YEAR <= at <= now + _YEAR:
        raise ValueError(f"{at.isoformat()} is more than a year away")
    return at


def cooled_down(expiration: datetime, now: datetime) -> datetime:
    """The end of a cooldown, a day ahead at most."""
    return min(_utc(expiration), now + _LONGEST_COOLDOWN)


def departed(route: WireRoute, now: datetime) -> datetime | None:
    """When the flight began, which was before now."""
    return None if route.departure_time is None else min(_utc(route.departure_time), now)


def arrives(route: WireRoute, now: datetime, mode: FlightMode, speed: int | None) -> datetime | None:
    """When the flight ends: as announced, but not later than the longest flight of that way takes."""
    if route.arrival is None:
        return None
    return min(_utc(route.arrival), (departed(route, now) or now) + _longest(route, mode, speed))


def _longest(route: WireRoute, mode: FlightMode, speed: int | None) -> timedelta:
    units = _units(route.origin or route.departure, route.destination)
    if units is None:
        return _UNKNOWN_WAY
    return timedelta(seconds=_WORN * travel_seconds(units, speed or _SLOWEST, mode)) + _SLACK


def _units(one: WirePlace | None, other: WirePlace | None) -> int | None:
    """Distance units of a way inside a system; a warp is measured on another map."""
    if one is None or other is None or one.system_symbol != other.system_symbol:
        return None
    if one.x is None or one.y is None or other.x is None or other.y is None:
        return None
    return math.ceil(math.hypot(one.x - other.x, one.y - other.y))


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
