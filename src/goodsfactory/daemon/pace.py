"""Tells when the game clock is too fast for this machine."""

from collections.abc import Callable

import structlog

from goodsfactory.domain.errors import SpendRule

_LEAST = 1.0
"""Real seconds that a look, a decision and a purchase may take: a price must count as fresh for longer."""

_REMEMBERED = 60.0
"""Real seconds for which a refusal is told after the last one."""


class Pace:
    """Hears of refused purchases.

    ``speed`` is game seconds a real second, ``real`` a reading in real seconds, and ``window`` is how
    many game seconds a price counts as fresh (``policy.price_window``).
    """

    def __init__(self, speed: Callable[[], float], real: Callable[[], float], window: float) -> None:
        self._speed = speed
        self._real = real
        self._window = window
        self._refused_at: float | None = None
        self._told = False

    def refused(self, rule: SpendRule) -> None:
        """Take note that a purchase was refused; the log says so when that makes the clock too fast."""
        if rule is SpendRule.PRICE_AGE:
            self._refused_at = self._real()
            self.trouble()

    def trouble(self) -> str | None:
        """That the clock is too fast for this machine, and what to do; None where it is not."""
        found = self._found()
        if (found is not None) is not self._told:
            self._told = found is not None
            log = structlog.stdlib.get_logger(__name__)
            if found is not None:
                log.warning("clock_too_fast", advice=found)
            else:
                log.info("clock_no_longer_too_fast")
        return found

    def _found(self) -> str | None:
        speed = self._speed()
        fresh = self._window / speed
        if self._refused_at is None or self._real() - self._refused_at > _REMEMBERED or fresh > _LEAST:
            return None
        if speed <= 1.0:
            return (
                f"Purchases are refused because prices are too old: a price counts as fresh for {fresh:.2g} s"
                f" only. Raise policy.price_window from {self._window:g}."
            )
        return (
            f"The game clock is too fast for this machine: at {speed:g} game seconds a second a price counts"
            f" as fresh for {fresh:.2g} s only, and purchases are refused because prices are too old. Lower"
            f" --speed of the sandbox, or raise policy.price_window from {self._window:g}."
        )
