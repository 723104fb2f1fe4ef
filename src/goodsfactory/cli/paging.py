"""Long lists: how much of one is shown, and the words for the rest."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from goodsfactory.cli.screen import say

LISTED = 50
"""Rows of a list when nobody says how many."""

PAGE = 500
"""Rows that the daemon gives at once."""

LimitOption = Annotated[int, typer.Option("--limit", min=1, max=PAGE, help="The newest so many.")]
AllOption = Annotated[bool, typer.Option("--all", help="However many there are.")]


def read_pages(
    ask: Callable[[int, str | None], Any], field: str, limit: int, *, all_: bool
) -> tuple[list[Any], Any]:
    """The rows of the newest page, or of all of them, oldest first; and the page that was asked for last.

    ``ask`` takes the length of a page and its token, and answers with a message whose ``field`` has the rows.
    """
    page = ask(PAGE if all_ else limit, None)
    rows = list(getattr(page, field))
    while all_ and page.next_page_token:
        page = ask(PAGE, page.next_page_token)
        rows[:0] = getattr(page, field)
    return rows, page


def say_older(page: Any) -> None:
    """Say that a list goes on after its last page, where it does."""
    if page.next_page_token:
        say("Older ones are not shown: --limit shows more, --all shows them all.")
