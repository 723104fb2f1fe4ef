"""How long a test waits before it calls something hung: longer on a machine that is slow or busy."""

import os
import time
from functools import cache

_TURNS = 200_000
_USUAL = 0.007
"""Seconds that so many turns take on the machine the waits were chosen on, with nothing beside them."""

_MOST = 10.0
"""What hangs shall still be found within the hour."""


def patience(seconds: float) -> float:
    """Real seconds to wait for what takes up to ``seconds`` on a quiet machine."""
    return seconds * min(max(1.0, _slowness(), _crowd()), _MOST)


@cache
def _slowness() -> float:
    """Measured once a process: how many times longer than usual a little work takes now."""
    began = time.perf_counter()
    for _ in range(_TURNS):
        pass
    return (time.perf_counter() - began) / _USUAL


def _crowd() -> float:
    """Asked anew each time: how many programs want each processor, by the average of the last minute."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)
