"""When a failed request may be made again, and after how long. Pure: chance is given."""

import random
from dataclasses import dataclass
from enum import StrEnum


class Repeat(StrEnum):
    """What repeating a call does to the world."""

    SAFE = "safe"
    """it can be made twice: reading, orbit, dock, setting a flight mode"""
    NEVER = "never"
    """it spends, moves or creates: only when the first one provably did not happen"""


@dataclass(frozen=True)
class RetryPolicy:
    """``attempts`` in all, with pauses that double from ``first`` to ``longest`` game seconds."""

    attempts: int = 6
    first: float = 1.0
    longest: float = 60.0

    def may_repeat(self, repeat: Repeat, *, failures: int, reached: bool) -> bool:
        """Whether to go on after so many failures; ``reached``: the last request can have had its effect."""
        return failures < self.attempts and (repeat is Repeat.SAFE or not reached)

    def pause(self, failures: int, chance: random.Random, told: float | None = None) -> float:
        """Game seconds to wait after the nth failure, spread by chance; at least what the server told."""
        full = min(self.longest, self.first * 2.0 ** (failures - 1))
        spread = full * (0.5 + chance.random() / 2)
        return max(spread, min(told or 0.0, self.longest))
