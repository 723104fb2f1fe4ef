"""Rivals: agents of the sandbox's own who trade in a home and fill its gate, by the rules all others keep.

They act through :class:`World` as an HTTP client does through its endpoints and know no price that no ship of
theirs has seen. Each has an account of its own, and half a second for each request of all its ships. Acts
fall due at instants that follow from the rules and from what players changed, and are caught up with before
anything else happens: the same seed and the same requests give the same rivals, whoever looks and whenever.
"""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from itertools import count, islice
from typing import TYPE_CHECKING

from goodsfactory.sandbox import draws
from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.rival import Rival

if TYPE_CHECKING:
    from goodsfactory.sandbox.world import World

MOST_RIVALS = 20
"""As many as a home may have; more would leave nothing to anybody."""

_AWAKE = timedelta(hours=48)
"""Time for which one rival plays on after the last act of a player; several share it.

To catch up with it takes about two seconds of a processor: the most a request has to wait. A start may take
as long again, for what they did since the last snapshot.
"""

_FASTEST = 12_000.0
"""Speed at which one rival keeps a seventh of a processor busy; several share it."""


class Rivals:
    """All rivals of a universe: ``count`` agents in the home of the first player, from its registration on.

    They rest when no player has changed anything for some hours (:attr:`awake_for`), and go on with the next
    change.
    """

    def __init__(self, count: int) -> None:
        if not 0 <= count <= MOST_RIVALS:
            raise ValueError(f"a home has 0 to {MOST_RIVALS} rivals, not {count}")
        self._count = count
        self._rivals: dict[str, Rival] = {}
        self._due: list[tuple[datetime, int, str, str]] = []
        self._number = 0
        self.acts = 0
        """How often a ship of theirs has acted; what they cost to play again."""
        self._acting = False
        self._awake_until: datetime | None = None

    @property
    def awake_for(self) -> timedelta:
        """How long they play on after the last act of a player."""
        return _AWAKE / max(1, self._count)

    def require_sustainable(self, speed: float) -> None:
        """Raise ValueError for a clock so fast that catching up with the rivals would take all the time."""
        fastest = int(_FASTEST // max(1, self._count))
        if self._count and speed > fastest:
            raise ValueError(
                f"{self._count} rivals cannot keep up with time {speed:g} times as fast:"
                f" let it run {fastest} times as fast at most, or have fewer rivals."
            )

    def stir(self, now: datetime) -> None:
        """Note that a player has changed something: whoever rested goes on from now."""
        if not self._count:
            return
        if self._awake_until is not None and now > self._awake_until:
            self._due = [(max(at, now), number, agent, ship) for at, number, agent, ship in self._due]
            heapq.heapify(self._due)
        self._awake_until = now + self.awake_for

    def catch_up(self, world: World, until: datetime) -> None:
        """Let the rivals do all that fell due, in its order, up to an instant."""
        player = next(iter(world.agents), None)
        if self._acting or not self._count or player is None:
            return
        self._acting = True
        try:
            if not self._rivals:
                self._begin(world, player)
            until = min(until, self._awake_until or until)
            while self._due and self._due[0][0] <= until:
                at, _, agent, ship = heapq.heappop(self._due)
                self.acts += 1
                with world.one_instant(at):
                    for when, symbol in self._rivals[agent].act(world, ship, at):
                        self._expect(when, agent, symbol)
        finally:
            self._acting = False

    def _begin(self, world: World, player: Agent) -> None:
        begun = player.registered_at
        self._awake_until = self._awake_until or begun + self.awake_for
        numbers = (number for number in count(1) if f"RIVAL{number}" != player.symbol)
        for number in islice(numbers, self._count):
            # Nobody is the first everywhere.
            late = draws.source(world.universe.seed, "rival", number).uniform(1, 60)
            with world.one_instant(begun):
                token = world.accounts.open(f"rival {number}", begun)
                new = world.register(f"RIVAL{number}", player.faction, account_token=token)
            self._rivals[new.agent.symbol] = Rival(new.agent)
            for ship in new.ships:
                self._expect(begun + timedelta(seconds=round(late, 3)), new.agent.symbol, ship.symbol)

    def _expect(self, at: datetime, agent: str, ship: str) -> None:
        self._number += 1
        heapq.heappush(self._due, (at, self._number, agent, ship))
