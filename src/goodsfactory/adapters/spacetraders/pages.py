"""Lists that come in pages, and what to do about a page the server cannot serialise."""

import logging
from dataclasses import replace

import msgspec

from goodsfactory.adapters.spacetraders.exchange import Call, Exchange
from goodsfactory.domain.errors import Unreadable

LIMIT = 20
"""The most elements the game gives at once (api-facts §1.1)."""

_log = logging.getLogger(__name__)


async def read_all(
    exchange: Exchange, call: Call, token: str | None, *, skip_unreadable: bool = False
) -> list[msgspec.Raw]:
    """The elements of every page, as yet undecoded.

    With ``skip_unreadable`` a page that fails because of one element (code 3000) is read one by one, and
    only that element is left out. Raises as ``Exchange.ask`` does.
    """
    elements: list[msgspec.Raw] = []
    page = 1
    while True:
        try:
            found, total = await _page(exchange, call, token, page, LIMIT)
            ended = not found  # whatever the total says: past the end a page is empty
        except Unreadable as failure:
            if not skip_unreadable:
                raise
            found, total, ended = await _one_by_one(exchange, call, token, page, failure)
        elements += found
        if ended or page * LIMIT >= total:
            return elements
        page += 1


async def _page(
    exchange: Exchange, call: Call, token: str | None, page: int, limit: int
) -> tuple[list[msgspec.Raw], int]:
    asked = replace(call, query={"page": page, "limit": limit})
    envelope = await exchange.ask(asked, list[msgspec.Raw], token)
    return envelope.data, envelope.meta.total if envelope.meta else len(envelope.data)


async def _one_by_one(
    exchange: Exchange, call: Call, token: str | None, page: int, failure: Unreadable
) -> tuple[list[msgspec.Raw], int, bool]:
    """(elements, total, past the end) of a page whose elements are asked for singly."""
    elements: list[msgspec.Raw] = []
    total: int | None = None
    for position in range((page - 1) * LIMIT + 1, page * LIMIT + 1):
        try:
            found, total = await _page(exchange, call, token, position, 1)
        except Unreadable:
            _log.warning("Element %d of %s cannot be read and is left out.", position, call.asked)
            continue
        elements += found
        if not found or position >= total:
            return elements, total, True
    if total is None:
        raise failure  # not one element could be read: this is not about one bad ship
    return elements, total, False
