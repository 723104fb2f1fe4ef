"""Lists that come in pages, and what to do about a page the server cannot serialise."""

from dataclasses import dataclass, field, replace

import msgspec

from goodsfactory.adapters.spacetraders.exchange import Call, Exchange
from goodsfactory.adapters.spacetraders.set_aside import SENSELESS
from goodsfactory.adapters.spacetraders.wire import Envelope, Meta
from goodsfactory.domain.errors import Unavailable, Unreadable

LIMIT = 20
"""The most elements the game gives at once (api-facts §1.1)."""

_MOST_PAGES = 250
"""Pages of one list, five thousand elements: the largest fleets have hundreds, a system about a hundred
places (api-facts §6)."""

_PAGE = msgspec.json.Decoder(Envelope[list[msgspec.Raw]])


@dataclass
class _Reading:
    """A list as far as it was read; ``missing`` are positions that the server cannot serialise."""

    elements: list[msgspec.Raw] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    total: int | None = None

    def is_short(self) -> bool:
        """True while the server names more elements than were met."""
        return self.total is not None and self.met < self.total

    def is_whole(self) -> bool:
        """True once as many elements were met as the server names."""
        return self.total is not None and self.met >= self.total

    @property
    def met(self) -> int:
        """Elements that were read, and those that cannot be."""
        return len(self.elements) + len(self.missing)


async def read_all(exchange: Exchange, call: Call, token: str | None) -> tuple[list[msgspec.Raw], list[str]]:
    """The elements of every page, as yet undecoded, and a sentence for each that the server cannot tell.

    A page that fails because of one element (code 3000) is read one by one, and only that element is left
    out. The list ends with a page that is not full, whatever ``meta`` says; after a page that fails it ends
    with as many elements as the server names. Raises as ``Exchange.ask`` does, and Unavailable where there
    are fewer elements than the server itself names, where none can be read, or none of two pages in a row,
    and where the list has no end.
    """
    so_far = _Reading()
    before: list[msgspec.Raw] = []
    failure: Unreadable | None = None
    nothing = 0
    for page in range(1, _MOST_PAGES + 1):
        try:
            found, full = await _page(exchange, call, token, page, so_far)
        except Unreadable as unreadable:
            failure = unreadable
            read = len(so_far.elements)
            if await _one_by_one(exchange, call, token, page, so_far):
                break
            nothing = nothing + 1 if len(so_far.elements) == read else 0
            if nothing == 2:
                raise  # two pages without one element: this is not about one bad ship
            continue
        nothing = 0
        if found and found == before:
            break  # whatever page is asked for, it is this one
        so_far.elements += found
        before = found
        if not found or not (full or so_far.is_short()):
            break
    else:
        raise Unavailable(f"The game server's list of {call.asked} has no end within {_MOST_PAGES} pages.")
    if failure is not None and not so_far.elements:
        raise failure
    if so_far.is_short():
        raise Unavailable(
            f"The game server names {so_far.total} elements of {call.asked} and tells {so_far.met} of them."
        )
    return so_far.elements, [f"number {one} cannot be told by the server" for one in so_far.missing]


async def _page(
    exchange: Exchange, call: Call, token: str | None, page: int, so_far: _Reading, limit: int = LIMIT
) -> tuple[list[msgspec.Raw], bool]:
    """The elements of a page, and whether it is full: some servers give fewer at once than asked for."""
    asked = replace(call, query={"page": page, "limit": limit})
    content = await exchange.fetch(asked, token)
    try:
        envelope = _PAGE.decode(content)
    except SENSELESS as error:
        # Not one element of a page but all of it: asking for each alone would get the same.
        raise Unavailable(str(exchange.unreadable(call, token, error))) from None
    meta = _meta(envelope.meta)
    if meta is not None:
        so_far.total = meta.total
        limit = min(limit, meta.limit or limit)
    return envelope.data, len(envelope.data) >= limit


async def _one_by_one(exchange: Exchange, call: Call, token: str | None, page: int, so_far: _Reading) -> bool:
    """Ask singly for the elements of a page; True where the list ends in it."""
    for position in range((page - 1) * LIMIT + 1, page * LIMIT + 1):
        try:
            found, _ = await _page(exchange, call, token, position, so_far, limit=1)
        except Unreadable:
            so_far.missing.append(position)
        else:
            so_far.elements += found
            if not found:
                return True
        if so_far.is_whole():
            return True
    return False


def _meta(raw: msgspec.Raw) -> Meta | None:
    """Where the server says what it has; None where it says nothing that makes sense."""
    try:
        return msgspec.json.decode(raw, type=Meta)
    except SENSELESS:
        return None
