"""Contracts: goods an agent owes to a place, and what is paid for them (api-facts §15)."""

from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.goods import Good


@dataclass(frozen=True)
class Owed:
    """Units of one good to bring to one waypoint."""

    good: Good
    destination: str
    required: int
    fulfilled: int

    @property
    def missing(self) -> int:
        return max(0, self.required - self.fulfilled)


@dataclass(frozen=True)
class Contract:
    """``on_accepted`` and ``on_fulfilled`` are credits.

    ``accept_by`` ends the offer; after ``deadline`` it fails and the game takes the advance back.
    """

    id: str
    faction: str
    type: str
    owed: tuple[Owed, ...]
    on_accepted: int
    on_fulfilled: int
    accepted: bool
    fulfilled: bool
    accept_by: datetime | None
    deadline: datetime

    @property
    def good(self) -> Good:
        """The good it is about: of the first line where there are several."""
        return self.owed[0].good if self.owed else ""

    @property
    def destination(self) -> str:
        """Where that good goes."""
        return self.owed[0].destination if self.owed else ""

    def is_open(self, now: datetime) -> bool:
        """True while it can still be accepted or worked on."""
        ends = self.deadline if self.accepted else (self.accept_by or self.deadline)
        return not self.fulfilled and now <= ends
