"""What happens when in a replay: ships' work that goes on, and passes that are due once at a time."""

import heapq
import itertools
import math

from goodsfactory.planning.quote.flotilla import Steps


class Agenda:
    """What is due next comes out first, in the order it was put down. ``now`` is seconds of the replay."""

    def __init__(self, *passes: str) -> None:
        self.now = 0.0
        self._due_at = dict.fromkeys(passes, math.inf)
        self._queue: list[tuple[float, int, Steps | str]] = []
        self._order = itertools.count()

    def plan(self, name: str, at: float) -> None:
        """The pass is due at this second, unless it is sooner anyway."""
        if at < self._due_at[name]:
            self._due_at[name] = at
            self._put(at, name)

    def go_on(self, work: Steps) -> None:
        """Let work go on until it waits, and put down when it goes on again; nothing where it is over."""
        wait = next(work, None)
        if wait is not None:
            self._put(self.now + wait, work)

    def take(self) -> tuple[float, Steps | str] | None:
        """What is due next, and when; None where nothing is. ``now`` is left to whoever does it."""
        while self._queue:
            at, _, due = heapq.heappop(self._queue)
            if not isinstance(due, str):
                return at, due
            if at == self._due_at[due]:
                self._due_at[due] = math.inf
                return at, due
        return None

    def _put(self, at: float, due: Steps | str) -> None:
        heapq.heappush(self._queue, (at, next(self._order), due))
