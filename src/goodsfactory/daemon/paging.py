"""Pages of lists: how long one is, and the words that ask for the next."""

from datetime import UTC, datetime

from goodsfactory.domain.errors import UserError

PAGE = 500
"""Rows of one page at most."""

_MOST_DIGITS = 18
"""Of a row's number: any of them can be stored."""

NO_PAGE = "This is no page of the list: give the next_page_token of an answer, or none for the newest."


def page_size(limit: int, most: int = PAGE) -> int:
    """``limit``, where a page can be so long. Raises UserError."""
    if not 1 <= limit <= most:
        raise UserError(f"A page has at least 1 row and at most {most}, not {limit}.")
    return limit


def read_number_token(token: str) -> int | None:
    """The row before which a page begins, None for the newest one. Raises UserError for anything else."""
    if not token:
        return None
    if not (token.isascii() and token.isdigit() and len(token) <= _MOST_DIGITS):
        raise UserError(NO_PAGE)
    return int(token)


def factory_token(created_at: datetime, factory_id: str) -> str:
    """What asks for the factories before this one."""
    return f"{created_at.isoformat()} {factory_id}"


def read_factory_token(token: str) -> tuple[datetime, str]:
    """Creation and id of the factory a page ended with. Raises UserError for anything else."""
    moment, _, factory_id = token.partition(" ")
    try:
        created_at = datetime.fromisoformat(moment)
        if created_at.tzinfo is None or not factory_id:
            raise UserError(NO_PAGE)
        return created_at.astimezone(UTC), factory_id
    except (ValueError, OverflowError):
        raise UserError(NO_PAGE) from None


def read_instant(text: str) -> datetime:
    """A day (its beginning) or an instant, of UTC where it says no zone. Raises UserError."""
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UserError(
            f"{text!r} is no day and no instant: write one like 2026-10-01 or 2026-10-01T12:00:00Z."
        ) from None
