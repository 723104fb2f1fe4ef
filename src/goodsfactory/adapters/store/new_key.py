"""The number the database gave to a row it counted."""

from typing import Any

from sqlalchemy import CursorResult

from goodsfactory.domain.errors import Bug


def new_key(result: CursorResult[Any]) -> int:
    """The autoincrement key of the one row an INSERT made."""
    key = result.inserted_primary_key
    if key is None:
        raise Bug("The database gave no number to a row it should have counted.")
    return int(key[0])
