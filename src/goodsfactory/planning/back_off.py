"""How long somebody waits before trying again what the world refused."""

from goodsfactory.planning.policy import Policy

UNREADABLE_ATTEMPTS = 3
"""How often a ship or market that the game cannot put into words is tried before others take over."""

_DOUBLINGS = 30
"""More of them reach every limit long before; without an end the power outgrows a float."""


def pause_after(failures: int, policy: Policy) -> float:
    """Game seconds to wait after so many failures in a row."""
    wait = policy.retry_initial * 2.0 ** min(failures - 1, _DOUBLINGS)
    return min(policy.retry_limit, wait)


class BackOff:
    """Pauses that double from ``retry_initial`` to ``retry_limit`` game seconds while nothing goes well."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.failures = 0

    def next(self) -> float:
        """Count one more failure; how long to wait after it."""
        self.failures += 1
        return pause_after(self.failures, self._policy)

    def well(self) -> None:
        """Something went well: the next failure is the first one again."""
        self.failures = 0
