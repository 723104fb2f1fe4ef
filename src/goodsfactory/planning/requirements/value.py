"""What a load is worth, in credits: what it brings by itself, and what is lost while it is not there."""

from dataclasses import dataclass

HORIZON = 2.0
"""Hours that planning looks ahead: what pays later is decided later."""

AHEAD = 0.1
"""Share of a loss that counts before it begins: what estimates miss is worth something to a ship with nothing
else to do."""


@dataclass(frozen=True)
class Worth:
    """``gain`` credits by itself, and ``loss`` credits for each hour that it is late, in ``due`` hours."""

    gain: int = 0
    loss: int = 0
    due: float = 0.0

    def at(self, hours: float) -> float:
        """Credits that it is worth to have it in so many hours, beside never."""
        late, early = HORIZON - max(hours, self.due), HORIZON - hours
        return self.gain + self.loss * ((1 - AHEAD) * max(0.0, late) + AHEAD * max(0.0, early))


NOTHING = Worth()
"""What brings nothing, and is lost by nobody."""
