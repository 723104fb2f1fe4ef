"""What goes wrong on demand: faults an operator arms, matched against requests one by one.

Deterministic: whether a fault strikes depends on the requests and the sandbox's time alone.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class FaultKind(StrEnum):
    """The ways in which a server and its world go wrong (api-facts §2, §3, §3.1, §4)."""

    LIMITED = "limited"
    """429 with all its headers, whatever the pools hold."""
    ERROR = "error"
    """A server error (``status``, 500 when not told) in the envelope; nothing has happened."""
    HTML = "html"
    """A page in HTML (``status``, 500 when not told) of what stands before the game; nothing has happened."""
    HTML_AFTER = "html-after"
    """The same page, after the request has had its effect."""
    MAINTENANCE = "maintenance"
    """503 with body code 503."""
    SLOW = "slow"
    """The answer comes ``seconds`` late; what the request does happens after the wait."""
    DROP_BEFORE = "drop-before"
    """The connection closes without an answer, and nothing has happened."""
    DROP_AFTER = "drop-after"
    """The connection closes without an answer, after the request has had its effect."""
    UNREADABLE = "unreadable"
    """Code 3000 for the ship, and for every page of ships it is on; or for page ``page`` alone."""
    SKEW = "skew"
    """The clock told to clients is ``seconds`` off."""
    DRAINED = "drained"
    """The good at the waypoint is far below SCARCE, and none is made there."""
    HALTED = "halted"
    """The good at the waypoint is not made there any more."""


PAGES = frozenset({FaultKind.HTML, FaultKind.HTML_AFTER})
"""Faults whose answer is none of the game's, but of a proxy before it."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""What a fault may be meant for: HEAD is a GET, and OPTIONS asks for nothing of the game."""

WORLDLY = frozenset({FaultKind.DRAINED, FaultKind.HALTED})
"""Faults of a market, not of an answer."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a fault may look at of a request. ``path`` without the ``/v2``; ``ships`` by symbol."""

    method: str
    path: str
    agent: str | None
    ships: Collection[str] = ()
    page: int | None = None


@dataclass(slots=True, kw_only=True)
class Fault:
    """One armed fault; what is None or absent matches everything.

    ``path`` may hold ``*``. ``skip`` requests that match pass first, then ``count`` of them are struck (all,
    when None) until ``until``. ``seconds`` is a wait or a skew.
    """

    id: int
    kind: FaultKind
    method: str | None = None
    path: str | None = None
    agent: str | None = None
    ship: str | None = None
    page: int | None = None
    waypoint: str | None = None
    good: str | None = None
    status: int = 500
    seconds: float = 0.0
    skip: int = 0
    count: int | None = None
    until: datetime | None = None
    struck: int = 0

    def over(self, now: datetime) -> bool:
        """True when it will never strike again."""
        return (self.count is not None and self.struck >= self.count) or (
            self.until is not None and now >= self.until
        )

    def matches(self, seen: Sighting) -> bool:
        """Whether it is meant for a request."""
        if self.kind is FaultKind.UNREADABLE and (seen.method != "GET" or not _shows_ships(seen, self.page)):
            return False
        return (
            (self.method is None or self.method == seen.method)
            and (self.path is None or fnmatchcase(seen.path, self.path))
            and (self.agent is None or self.agent == seen.agent)
            and (self.ship is None or self.ship in seen.ships)
            and (self.page is None or self.page == seen.page)
        )


def _shows_ships(seen: Sighting, page: int | None) -> bool:
    parts = seen.path.strip("/").split("/")
    if parts[:2] != ["my", "ships"]:
        return False
    return len(parts) == 2 or (len(parts) == 3 and page is None)


@dataclass(slots=True)
class Faults:
    """The armed faults of a sandbox, in the order in which they were armed."""

    _armed: dict[int, Fault] = field(default_factory=dict)
    _numbered: int = 0

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._armed.values()))

    def __len__(self) -> int:
        return len(self._armed)

    def become(self, other: "Faults") -> None:
        """Take over the faults of another set."""
        self._armed, self._numbered = dict(other._armed), other._numbered

    def add(self, kind: FaultKind, **matters: Any) -> Fault:
        """Arm a fault with the fields of :class:`Fault`. Raises ValueError where they make no sense."""
        fault = Fault(id=self._numbered + 1, kind=kind, **matters)
        _check(fault)
        self._numbered += 1
        self._armed[fault.id] = fault
        return fault

    def remove(self, number: int) -> Fault | None:
        """Disarm one; None when there is none of that number."""
        return self._armed.pop(number, None)

    def clear(self) -> list[Fault]:
        """Disarm all of them; returns what was armed."""
        gone = list(self._armed.values())
        self._armed.clear()
        return gone

    def recount(self, number: int, *, skip: int, struck: int) -> None:
        """Let a fault that is armed have struck so often, and let so many requests pass first."""
        fault = self._armed.get(number)
        if fault is not None:
            fault.skip, fault.struck = skip, struck

    def strike(self, seen: Sighting, now: datetime) -> list[Fault]:
        """The faults that strike a request, each counted; those that are over are disarmed."""
        struck = []
        for fault in self:
            if fault.over(now):
                del self._armed[fault.id]
            elif fault.kind not in WORLDLY and fault.matches(seen):
                if fault.skip:
                    fault.skip -= 1
                else:
                    fault.struck += 1
                    struck.append(fault)
        return struck


def _check(fault: Fault) -> None:
    if fault.method is not None and fault.method not in METHODS:
        raise ValueError(f"a method is one of {', '.join(METHODS)}, not {fault.method}")
    if fault.kind in WORLDLY and not (fault.waypoint and fault.good):
        raise ValueError(f"a fault of kind {fault.kind} needs a waypoint and a good")
    if fault.kind is FaultKind.UNREADABLE and fault.ship is None and fault.page is None:
        raise ValueError("a fault of kind unreadable needs a ship or a page")
    if fault.kind is FaultKind.SLOW and fault.seconds <= 0:
        raise ValueError("a fault of kind slow needs seconds above 0")
    if fault.kind is FaultKind.SKEW and not fault.seconds:
        raise ValueError("a fault of kind skew needs seconds, ahead or (below 0) behind")
    least = 400 if fault.kind in PAGES else 500
    if not least <= fault.status <= 599:
        kind = fault.kind if fault.kind in PAGES else FaultKind.ERROR
        raise ValueError(f"a fault of kind {kind} has a status from {least} to 599, not {fault.status}")
    if fault.skip < 0 or (fault.count is not None and fault.count < 1):
        raise ValueError("skip is at least 0 and count at least 1")
