"""Where the ships of one agent are bound, so that presence can be told without asking every ship."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goodsfactory.sandbox.ships import Ship


class Berths:
    """The ships of one agent by the waypoint at which they are or to which they fly."""

    def __init__(self) -> None:
        self._bound_for: dict[str, dict[str, Ship]] = {}

    def at(self, waypoint: str) -> Iterable[Ship]:
        """Ships at the waypoint and ships on their way there."""
        return self._bound_for.get(waypoint, {}).values()

    def come(self, ship: Ship) -> None:
        """A ship is bound for its :attr:`Ship.waypoint`."""
        self._bound_for.setdefault(ship.waypoint, {})[ship.symbol] = ship

    def leave(self, ship: Ship) -> None:
        """A ship is no longer bound for its :attr:`Ship.waypoint`."""
        bound = self._bound_for[ship.waypoint]
        del bound[ship.symbol]
        if not bound:
            del self._bound_for[ship.waypoint]
