"""One request on its way to the rules, and what an endpoint is."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

import msgspec

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import unprocessable
from goodsfactory.sandbox.world import World

_DEFAULT_LIMIT = 10
_HIGHEST_LIMIT = 20

_LONGEST_SHOWN = 40

LARGEST = 2**53 - 1
"""The largest whole number that every JSON reader understands."""

_Item = TypeVar("_Item")


def whole_number(text: str) -> int | None:
    """The number of ASCII digits, :data:`LARGEST` plus one for any above it; None where it is none."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return min(int(digits), LARGEST + 1) if len(digits) <= len(str(LARGEST)) else LARGEST + 1


class Access(Enum):
    """Who may call an endpoint."""

    OPEN = "a token is not looked at"
    PUBLIC = "a token is optional"
    AGENT = "an agent token is needed"
    ACCOUNT = "an account token registers agents"
    EITHER = "an agent token or an account token is needed"


@dataclass(slots=True)
class Call:
    """A request whose token and body have been read. ``parts`` are the open parts of the path."""

    world: World
    parts: Sequence[str]
    query: Mapping[str, Sequence[str]]
    caller: Agent | None
    account_token: str | None
    content: msgspec.Struct | None

    @property
    def agent(self) -> Agent:
        """The agent acting, on endpoints that need one."""
        if self.caller is None:
            raise LookupError("this endpoint is not declared with Access.AGENT")
        return self.caller

    def page(self, items: Sequence[_Item]) -> tuple[Sequence[_Item], "Page"]:
        """The part of a list that ``page`` and ``limit`` ask for (api-facts §1.1). Refuses 3001."""
        number = self._number("page", 1, LARGEST)
        limit = self._number("limit", _DEFAULT_LIMIT, _HIGHEST_LIMIT)
        begin = (number - 1) * limit
        return items[begin : begin + limit], Page(total=len(items), page=number, limit=limit)

    def words(self, name: str, known: Collection[str]) -> Sequence[str]:
        """What the query says under a name, each a word of ``known``. Refuses 3001."""
        values = self.query.get(name, ())
        for value in values:
            if value not in known:
                shown = repr(value[:_LONGEST_SHOWN])
                raise unprocessable("invalid_enum_value", [name], f"no such value: {shown}")
        return values

    def _number(self, name: str, default: int, highest: int) -> int:
        values = self.query.get(name)
        if not values:
            return default
        number = whole_number(values[-1])
        if number is None:
            shown = repr(values[-1][:_LONGEST_SHOWN])
            raise unprocessable("invalid_type", [name], f"expected a whole number, got {shown}")
        if number < 1:
            raise unprocessable("too_small", [name], "must be at least 1")
        if number > highest:
            raise unprocessable("too_big", [name], f"must be at most {highest}")
        return number


@dataclass(frozen=True, slots=True)
class Page:
    """``meta`` of a paged list."""

    total: int
    page: int
    limit: int


@dataclass(slots=True)
class Answer:
    """What a handler replies: ``data`` inside the envelope, or ``whole`` instead of it; neither is a 204."""

    data: object = None
    meta: Page | None = None
    whole: object = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of the API: who may call it, the shape of its body, the status of its success."""

    method: str
    template: str
    handler: Callable[[Call], Answer]
    access: Access = Access.AGENT
    body: type[msgspec.Struct] | None = None
    status: int = 200

    repeatable: bool = True
    """False for a POST that is not told again when a world is restored, such as one about the clock."""

    name: str = field(init=False)
    """How the traffic counts call it."""

    changes: bool = field(init=False)
    """Whether its success may have changed the world."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{self.method} {self.template}")
        object.__setattr__(self, "changes", self.repeatable and self.method != "GET")
