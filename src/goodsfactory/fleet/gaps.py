"""What of a system could not be read yet, and when it is asked for again. Pure: ``now`` is given."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_FIRST = timedelta(minutes=1)
_LONGEST = timedelta(hours=1)
_MOST_DOUBLINGS = 6

_ABSENT = timedelta(days=1)
"""How long the game's word that there is no market is believed: a place may be charted later."""


@dataclass(frozen=True)
class _Gap:
    """``sentence`` is None where nothing is missing: the game says that there is no market."""

    sentence: str | None
    again_at: datetime
    failures: int = 0


class Gaps:
    """By waypoint, or by system where places of it are missing. It holds no more than there are of both."""

    def __init__(self) -> None:
        self._gaps: dict[str, _Gap] = {}

    def note(self, symbol: str, sentence: str, now: datetime) -> bool:
        """It could not be read, and why; the pause before the next try doubles. True where that is new."""
        before = self._gaps.get(symbol)
        failures = before.failures if before else 0
        pause = min(_LONGEST, _FIRST * 2 ** min(failures, _MOST_DOUBLINGS))
        self._gaps[symbol] = _Gap(sentence.rstrip("."), now + pause, failures + 1)
        return before is None or before.sentence is None

    def note_absent(self, waypoint: str, now: datetime) -> None:
        """The game says that there is no market."""
        self._gaps[waypoint] = _Gap(None, now + _ABSENT)

    def close(self, symbol: str) -> None:
        """It was read."""
        self._gaps.pop(symbol, None)

    def is_due(self, symbol: str, now: datetime, *, unread: bool) -> bool:
        """Whether to ask now; ``unread`` says whether it would be asked for without any gap."""
        gap = self._gaps.get(symbol)
        return unread if gap is None else gap.again_at <= now

    def of(self, system: str | None) -> tuple[str, ...]:
        """Why each missing part of a system (of all) could not be read."""
        found = [
            f"{symbol}: {gap.sentence}"
            for symbol, gap in sorted(self._gaps.items())
            if gap.sentence is not None and (system is None or _within(symbol, system))
        ]
        return tuple(found)

    def systems(self, now: datetime) -> list[str]:
        """Those of which something is due that could not be read."""
        due = (
            symbol for symbol, gap in self._gaps.items() if gap.sentence is not None and gap.again_at <= now
        )
        return sorted({symbol if symbol.count("-") == 1 else symbol.rpartition("-")[0] for symbol in due})


def _within(symbol: str, system: str) -> bool:
    return symbol == system or symbol.rpartition("-")[0] == system
