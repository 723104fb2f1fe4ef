"""Stock: goods in a hold that belong to no leg any more, with what they cost."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from goodsfactory.domain.goods import Good


class StockKind(StrEnum):
    """OUTPUT was made to be kept for later factories; LEFTOVER is what a factory left aboard when it ended.

    Both are used before anything is bought. A leftover that nobody needs for a while is sold.
    """

    OUTPUT = "OUTPUT"
    LEFTOVER = "LEFTOVER"


@dataclass(frozen=True)
class StockRow:
    """``units`` of one good aboard one ship, for which ``cost`` credits were paid, made by ``factory_id``."""

    player_id: int
    ship: str
    good: Good
    units: int
    cost: int
    kind: StockKind
    factory_id: str
    since: datetime

    @property
    def basis(self) -> float:
        """What one unit cost, in credits."""
        return self.cost / self.units if self.units else 0.0

    def cost_of(self, units: int) -> int:
        """What so many of the units cost, in whole credits; all of them at most."""
        return round(self.basis * min(units, self.units))
