"""A requirement: the loads that one edge of an order's chain wants now."""

from dataclasses import dataclass

from goodsfactory.domain.goods import Good
from goodsfactory.planning.requirements.value import NOTHING, Worth


@dataclass(frozen=True)
class Requirement:
    """Loads of ``sizes`` units each, beside those that fly; ``feeds`` is None where the target is lifted."""

    good: Good
    feeds: Good | None
    reason: str
    sizes: tuple[int, ...] = ()
    due: int = 0
    """units of ``sizes`` without which production would soon slow down; the rest is brought ahead of need"""
    soon: int = 0
    """units, those of ``sizes`` included, that will be due before the source can be lifted from again"""
    deep: bool = False
    """whether what is brought ahead of need is bought as long as its market is not SCARCE"""
    pressing: bool = False
    """whether the market waits for it: without it the next step makes less"""
    urgency: float = 0.0
    """about how many steps of production wait for it, times the priority of the order"""
    short: int = 0
    """units beyond ``sizes`` that are wanted now and not to be had"""
    lacking: int = 0
    """those of them that are due"""
    lasts: float = 0.0
    """steps of production until what is there is used up"""
    worth: Worth = NOTHING
    """what each load is worth"""

    @property
    def loads(self) -> int:
        """How many are wanted."""
        return len(self.sizes)
