"""Pages of lists: how long one is, and the words that ask for the next."""

from datetime import UTC, datetime

from goodsfactory.domain.errors import UserError

PAGE = 500
"""Rows of one page at most."""

NO_PAGE = "This is no page of the list: give the next_page_token of an answer, or none for the newest."


def page_size(limit: int, most: int = PAGE) -> int:
    """``limit``, where a page can be so long. Raises UserError."""
    if not 1 <= limit <= most:
        raise UserError(f"A page has at least 1 row and at most {most}, not {limit}.")
    return limit


def factory_token(created_at: datetime, factory_id: str) -> str:
    """What asks for the factories before this one."""
    return f"{created_at.isoformat()} {factory_id}"


def read_factory_token(token: str) -> tuple[datetime, str]:
    """Creation and id of the factory a page ended with. Raises UserError for anything else."""
    moment, _, factory_id = token.partition(" ")
    try:
        created_at = datetime.fromisoformat(moment)
    except ValueError:
        raise UserError(NO_PAGE) from None
    if created_at.tzinfo is None or not factory_id:
        raise UserError(NO_PAGE)
    return created_at, factory_id


def read_instant(text: str) -> datetime:
    """A day (its beginning) or an instant, of UTC where it says no zone. Raises UserError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"{text!r} is no day and no instant: write one like 2026-10-01 or 2026-10-01T12:00:00Z."
        ) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
