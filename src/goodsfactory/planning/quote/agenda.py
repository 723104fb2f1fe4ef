"""What happens when in a replay: ships' work that goes on, and the next pass of the planner."""

import heapq
import itertools
import math

from goodsfactory.planning.quote.flotilla import Steps


class Agenda:
    """What is due next comes out first, in the order it was put down. ``now`` is seconds of the replay."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pass_at = 0.0
        self._queue: list[tuple[float, int, Steps]] = []
        self._order = itertools.count()

    def plan_within(self, seconds: float) -> None:
        """A pass is due in so many seconds, unless one is sooner anyway."""
        self.pass_at = min(self.pass_at, self.now + seconds)

    def go_on(self, work: Steps) -> None:
        """Let work go on until it waits, and put down when it goes on again; nothing where it is over."""
        wait = next(work, None)
        if wait is not None:
            heapq.heappush(self._queue, (self.now + wait, next(self._order), work))

    def take(self) -> Steps | None:
        """What is due next, when it is; None for a pass, which is not due again then."""
        if self._queue and self._queue[0][0] <= self.pass_at:
            self.now, _, work = heapq.heappop(self._queue)
            return work
        self.now, self.pass_at = self.pass_at, math.inf
        return None
